-- The events of one batch, compressed as one: a CloudEvent in JSON a line. The database must not try to compress them again.
CREATE TABLE event_batches (
    batch_id    bigint  NOT NULL PRIMARY KEY,
    recorded_at bigint  NOT NULL,
    events      integer NOT NULL,
    body        bytea   NOT NULL
);
ALTER TABLE event_batches ALTER COLUMN body SET STORAGE EXTERNAL;

-- Batches that wait to be published, a queue for each transport. The position is drawn under the locks of the batch, so
-- that of two batches that share a member the later one has the greater. Rows come and go: what is left of them is cleared early.
CREATE TABLE outbox (
    position  bigint GENERATED ALWAYS AS IDENTITY,
    transport text   NOT NULL,
    batch_id  bigint NOT NULL,
    PRIMARY KEY (transport, position)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX outbox_by_batch ON outbox (batch_id);

-- Work that one node at a time may do. The token rises with every new holder, and what a holder writes asks for its own.
CREATE TABLE leases (
    name        text   NOT NULL PRIMARY KEY,
    holder      text   NOT NULL,
    token       bigint NOT NULL,
    lease_until bigint NOT NULL
);
