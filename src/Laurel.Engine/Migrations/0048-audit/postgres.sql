-- What was done and by whom, the records of one batch in a row: JSON a line, compressed as one. Each row is sealed together with the one
-- before it in its chain; a chain is what one lane wrote, and is named after its first batch.
CREATE TABLE audit_batches (
    batch_id          bigint NOT NULL PRIMARY KEY,
    chain_id          bigint NOT NULL,
    sequence          bigint NOT NULL,
    previous_batch_id bigint NOT NULL,
    recorded_at       bigint NOT NULL,
    body              bytea NOT NULL,
    previous_hash     bytea NOT NULL,
    hash              bytea NOT NULL
);
ALTER TABLE audit_batches ALTER COLUMN body SET STORAGE EXTERNAL;

-- The end of each chain, written with each of its rows.
CREATE TABLE audit_chains (
    chain_id bigint NOT NULL PRIMARY KEY,
    sequence bigint NOT NULL,
    batch_id bigint NOT NULL,
    hash     bytea NOT NULL,
    seal     bytea NOT NULL
) WITH (fillfactor = 50);

-- Below which batch everything was removed because of its age, sealed. One row, and none before the first time.
CREATE TABLE audit_clearings (
    id              integer NOT NULL PRIMARY KEY,
    before_batch_id bigint NOT NULL,
    cleared_at      bigint NOT NULL,
    seal            bytea NOT NULL
);

-- By what the acts of people and of administration are found. An act that concerns several members has a row for each.
CREATE TABLE audit_acts (
    tenant_id  integer NOT NULL,
    batch_id   bigint NOT NULL,
    place      integer NOT NULL,
    member_id  bigint NOT NULL,
    operator   text NOT NULL,
    operation  text NOT NULL,
    address    text,
    request_id text,
    PRIMARY KEY (tenant_id, batch_id, place, member_id)
);
CREATE INDEX audit_acts_by_batch ON audit_acts (batch_id);
CREATE INDEX audit_acts_by_member ON audit_acts (tenant_id, member_id, batch_id);
CREATE INDEX audit_acts_by_operator ON audit_acts (tenant_id, operator, batch_id);
CREATE INDEX audit_acts_by_address ON audit_acts (tenant_id, address, batch_id);
CREATE INDEX audit_acts_by_request ON audit_acts (tenant_id, request_id);
