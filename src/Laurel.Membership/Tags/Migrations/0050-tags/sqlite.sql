-- Tags and groups that members may have. One that was removed keeps its row: its code may be used again.
CREATE TABLE tags (
    tenant_id    INTEGER NOT NULL,
    id           INTEGER NOT NULL,
    code         TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    name_english TEXT    NOT NULL,
    name_chinese TEXT    NOT NULL,
    description  TEXT,
    color        TEXT,
    is_system    INTEGER NOT NULL,
    removed      INTEGER NOT NULL,
    changed_at   INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

-- What the staff notes about a member, sealed by the member's data key.
CREATE TABLE member_notes (
    tenant_id  INTEGER NOT NULL,
    member_id  INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    sealed     BLOB    NOT NULL,
    author     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (member_id, id)
) WITHOUT ROWID;

-- Questions about members that somebody asks again.
CREATE TABLE saved_filters (
    tenant_id  INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    owner      TEXT    NOT NULL,
    shared     INTEGER NOT NULL,
    filter     TEXT    NOT NULL,
    removed    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
