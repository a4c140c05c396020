-- How far everything that is sealed was put under a new master key. Progress alone: without it a run begins anew, and does no harm.
CREATE TABLE vault_passes (
    sealed_column TEXT    NOT NULL PRIMARY KEY,
    key_id        TEXT    NOT NULL,
    tenant_id     INTEGER NOT NULL,
    last_id       INTEGER NOT NULL,
    found         INTEGER NOT NULL,
    rewrapped     INTEGER NOT NULL,
    unreadable    INTEGER NOT NULL,
    finished_at   INTEGER
) WITHOUT ROWID;
