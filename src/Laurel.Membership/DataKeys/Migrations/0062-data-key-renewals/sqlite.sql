-- The last renewal of the data keys of a tenant's members: where it stands, and how many have a new one. One row for each tenant that has asked.
CREATE TABLE data_key_renewals (
    tenant_id   INTEGER NOT NULL,
    id          INTEGER NOT NULL,
    asked_at    INTEGER NOT NULL,
    through     INTEGER NOT NULL,
    renewed     INTEGER NOT NULL,
    finished_at INTEGER,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
