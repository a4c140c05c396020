-- The events of one batch, compressed as one: a CloudEvent in JSON a line.
CREATE TABLE event_batches (
    batch_id        BIGINT         NOT NULL PRIMARY KEY,
    recorded_at     BIGINT         NOT NULL,
    events          INT            NOT NULL,
    body            LONGBLOB       NOT NULL
);

-- Batches that wait to be published, a queue for each transport. The position is drawn under the locks of the batch, so
-- that of two batches that share a member the later one has the greater.
CREATE TABLE outbox (
    position        BIGINT         NOT NULL AUTO_INCREMENT,
    transport       VARCHAR(32)    NOT NULL,
    batch_id        BIGINT         NOT NULL,
    PRIMARY KEY (transport, position),
    KEY outbox_by_position (position),
    KEY outbox_by_batch (batch_id)
);

-- Work that one node at a time may do. The token rises with every new holder, and what a holder writes asks for its own.
CREATE TABLE leases (
    name            VARCHAR(64)    NOT NULL PRIMARY KEY,
    holder          VARCHAR(255)   NOT NULL,
    token           BIGINT         NOT NULL,
    lease_until     BIGINT         NOT NULL
);
