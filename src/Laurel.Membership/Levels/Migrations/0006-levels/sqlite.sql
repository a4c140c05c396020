CREATE TABLE level_changes (
    id          INTEGER NOT NULL PRIMARY KEY,
    tenant_id   INTEGER NOT NULL,
    member_id   INTEGER NOT NULL,
    posting_id  INTEGER NOT NULL,
    from_code   TEXT,
    to_code     TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    lifetime    INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL
);

CREATE INDEX level_changes_member ON level_changes (member_id, id);
