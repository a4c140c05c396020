-- Written behind, every few seconds: apart from the keys themselves, which hardly ever change.
CREATE TABLE api_key_uses (
    key_id       BLOB    NOT NULL PRIMARY KEY,
    last_used_at INTEGER NOT NULL,
    uses         INTEGER NOT NULL
) WITHOUT ROWID;
