-- What was done and by whom, the records of one batch in a row: JSON a line, compressed as one. Each row is sealed together with the one
-- before it in its chain; a chain is what one lane wrote, and is named after its first batch.
CREATE TABLE audit_batches (
    batch_id          BIGINT NOT NULL PRIMARY KEY,
    chain_id          BIGINT NOT NULL,
    sequence          BIGINT NOT NULL,
    previous_batch_id BIGINT NOT NULL,
    recorded_at       BIGINT NOT NULL,
    body              LONGBLOB NOT NULL,
    previous_hash     VARBINARY(32) NOT NULL,
    hash              VARBINARY(32) NOT NULL
);

-- The end of each chain, written with each of its rows.
CREATE TABLE audit_chains (
    chain_id BIGINT NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL,
    batch_id BIGINT NOT NULL,
    hash     VARBINARY(32) NOT NULL,
    seal     VARBINARY(32) NOT NULL
);

-- Below which batch everything was removed because of its age, sealed. One row, and none before the first time.
CREATE TABLE audit_clearings (
    id              INT NOT NULL PRIMARY KEY,
    before_batch_id BIGINT NOT NULL,
    cleared_at      BIGINT NOT NULL,
    seal            VARBINARY(32) NOT NULL
);

-- By what the acts of people and of administration are found. An act that concerns several members has a row for each.
CREATE TABLE audit_acts (
    tenant_id  INT NOT NULL,
    batch_id   BIGINT NOT NULL,
    place      INT NOT NULL,
    member_id  BIGINT NOT NULL,
    operator   VARCHAR(96) NOT NULL,
    operation  VARCHAR(64) NOT NULL,
    address    VARCHAR(64),
    request_id VARCHAR(64),
    PRIMARY KEY (tenant_id, batch_id, place, member_id),
    KEY audit_acts_by_batch (batch_id),
    KEY audit_acts_by_member (tenant_id, member_id, batch_id),
    KEY audit_acts_by_operator (tenant_id, operator, batch_id),
    KEY audit_acts_by_address (tenant_id, address, batch_id),
    KEY audit_acts_by_request (tenant_id, request_id)
);
