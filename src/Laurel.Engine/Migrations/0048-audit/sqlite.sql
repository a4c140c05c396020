-- What was done and by whom, the records of one batch in a row: JSON a line, compressed as one. Each row is sealed together with the one
-- before it in its chain; a chain is what one lane wrote, and is named after its first batch.
CREATE TABLE audit_batches (
    batch_id          INTEGER NOT NULL PRIMARY KEY,
    chain_id          INTEGER NOT NULL,
    sequence          INTEGER NOT NULL,
    previous_batch_id INTEGER NOT NULL,
    recorded_at       INTEGER NOT NULL,
    body              BLOB NOT NULL,
    previous_hash     BLOB NOT NULL,
    hash              BLOB NOT NULL
);

-- The end of each chain, written with each of its rows.
CREATE TABLE audit_chains (
    chain_id INTEGER NOT NULL PRIMARY KEY,
    sequence INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    hash     BLOB NOT NULL,
    seal     BLOB NOT NULL
);

-- Below which batch everything was removed because of its age, sealed. One row, and none before the first time.
CREATE TABLE audit_clearings (
    id              INTEGER NOT NULL PRIMARY KEY,
    before_batch_id INTEGER NOT NULL,
    cleared_at      INTEGER NOT NULL,
    seal            BLOB NOT NULL
);

-- By what the acts of people and of administration are found. An act that concerns several members has a row for each.
CREATE TABLE audit_acts (
    tenant_id  INTEGER NOT NULL,
    batch_id   INTEGER NOT NULL,
    place      INTEGER NOT NULL,
    member_id  INTEGER NOT NULL,
    operator   TEXT NOT NULL,
    operation  TEXT NOT NULL,
    address    TEXT,
    request_id TEXT,
    PRIMARY KEY (tenant_id, batch_id, place, member_id)
) WITHOUT ROWID;
CREATE INDEX audit_acts_by_batch ON audit_acts (batch_id);
CREATE INDEX audit_acts_by_member ON audit_acts (tenant_id, member_id, batch_id);
CREATE INDEX audit_acts_by_operator ON audit_acts (tenant_id, operator, batch_id);
CREATE INDEX audit_acts_by_address ON audit_acts (tenant_id, address, batch_id);
CREATE INDEX audit_acts_by_request ON audit_acts (tenant_id, request_id);
