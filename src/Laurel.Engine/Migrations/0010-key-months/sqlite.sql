-- The month is part of the key as on the servers, where whole months go when they are past their age (docs/adr/0039).
ALTER TABLE replies RENAME TO replies_before;

CREATE TABLE replies (
    key_hash     BLOB    NOT NULL,
    month        INTEGER NOT NULL,
    request_hash BLOB    NOT NULL,
    applied      INTEGER NOT NULL CHECK (applied IN (0, 1)),
    root_id      INTEGER NOT NULL,
    body         BLOB    NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (key_hash, month)
) WITHOUT ROWID;

INSERT INTO replies (key_hash, month, request_hash, applied, root_id, body, created_at)
SELECT key_hash, CAST(strftime('%Y%m', created_at / 1000000, 'unixepoch') AS INTEGER), request_hash, applied, root_id, body, created_at
FROM replies_before;

DROP TABLE replies_before;
