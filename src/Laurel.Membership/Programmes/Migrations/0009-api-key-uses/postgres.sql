-- Written behind, every few seconds: apart from the keys themselves, which hardly ever change.
CREATE TABLE api_key_uses (
    key_id       bytea   NOT NULL PRIMARY KEY,
    last_used_at bigint  NOT NULL,
    uses         bigint  NOT NULL
) WITH (fillfactor = 50);
