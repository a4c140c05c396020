-- Written behind, every few seconds: apart from the keys themselves, which hardly ever change.
CREATE TABLE api_key_uses (
    key_id       BINARY(16) NOT NULL PRIMARY KEY,
    last_used_at BIGINT NOT NULL,
    uses         BIGINT NOT NULL
);
