-- Calls that were signed, as long as their signature is young enough to be admitted: none is admitted twice.
CREATE TABLE signature_nonces (
    id      bigint NOT NULL PRIMARY KEY,
    key_id  bigint NOT NULL,
    seen_at bigint NOT NULL
);

CREATE INDEX signature_nonces_seen_at ON signature_nonces (seen_at);
