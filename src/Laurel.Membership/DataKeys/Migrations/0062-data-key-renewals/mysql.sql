-- The last renewal of the data keys of a tenant's members: where it stands, and how many have a new one. One row for each tenant that has asked.
CREATE TABLE data_key_renewals (
    tenant_id   INT NOT NULL,
    id          BIGINT NOT NULL,
    asked_at    BIGINT NOT NULL,
    through     BIGINT NOT NULL,
    renewed     BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (tenant_id, id)
);
