-- Calls that were signed, as long as their signature is young enough to be admitted: none is admitted twice.
CREATE TABLE signature_nonces (
    id      INTEGER NOT NULL PRIMARY KEY,
    key_id  INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX signature_nonces_seen_at ON signature_nonces (seen_at);
