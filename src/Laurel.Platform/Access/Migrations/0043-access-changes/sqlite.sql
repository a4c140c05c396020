-- What changed of who may call, for a few minutes: nodes that remember it look here every second. The id tells the time.
CREATE TABLE access_changes (
    id         INTEGER NOT NULL PRIMARY KEY,
    tenant_id  INTEGER NOT NULL,
    what       INTEGER NOT NULL,
    subject_id INTEGER NOT NULL
) WITHOUT ROWID;
