-- A batch inserts its id first. After a lost connection the engine inserts the same id, voided: whichever row is there
-- tells whether the batch was committed or never can be.
CREATE TABLE commits (
    batch_id   INTEGER NOT NULL PRIMARY KEY,
    created_at INTEGER NOT NULL,
    voided     INTEGER NOT NULL
);

CREATE TABLE natural_keys (
    key_hash     BLOB    NOT NULL PRIMARY KEY,
    content_hash BLOB    NOT NULL,
    root_id      INTEGER NOT NULL,
    first_id     INTEGER NOT NULL,
    last_id      INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE replies (
    key_hash     BLOB    NOT NULL PRIMARY KEY,
    request_hash BLOB    NOT NULL,
    applied      INTEGER NOT NULL CHECK (applied IN (0, 1)),
    root_id      INTEGER NOT NULL,
    body         BLOB    NOT NULL,
    created_at   INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE nodes (
    node        INTEGER NOT NULL PRIMARY KEY,
    holder      TEXT    NOT NULL,
    lease_until INTEGER NOT NULL
);
