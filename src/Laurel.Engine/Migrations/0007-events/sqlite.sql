-- The events of one batch, compressed as one: a CloudEvent in JSON a line.
CREATE TABLE event_batches (
    batch_id    INTEGER NOT NULL PRIMARY KEY,
    recorded_at INTEGER NOT NULL,
    events      INTEGER NOT NULL,
    body        BLOB    NOT NULL
);

-- Batches that wait to be published, a queue for each transport, in the order in which they were committed.
CREATE TABLE outbox (
    position  INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    transport TEXT    NOT NULL,
    batch_id  INTEGER NOT NULL
);
CREATE INDEX outbox_by_transport ON outbox (transport);
CREATE INDEX outbox_by_batch ON outbox (batch_id);

-- Work that one node at a time may do. The token rises with every new holder, and what a holder writes asks for its own.
CREATE TABLE leases (
    name        TEXT    NOT NULL PRIMARY KEY,
    holder      TEXT    NOT NULL,
    token       INTEGER NOT NULL,
    lease_until INTEGER NOT NULL
) WITHOUT ROWID;
