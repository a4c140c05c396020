-- Calls that were signed, as long as their signature is young enough to be admitted: none is admitted twice.
CREATE TABLE signature_nonces (
    id      BIGINT NOT NULL PRIMARY KEY,
    key_id  BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);

CREATE INDEX signature_nonces_seen_at ON signature_nonces (seen_at);
