-- The last renewal of the data keys of a tenant's members: where it stands, and how many have a new one. One row for each tenant that has asked.
CREATE TABLE data_key_renewals (
    tenant_id   integer NOT NULL,
    id          bigint NOT NULL,
    asked_at    bigint NOT NULL,
    through     bigint NOT NULL,
    renewed     bigint NOT NULL,
    finished_at bigint,
    PRIMARY KEY (tenant_id, id)
);
