-- The last code of a member's pass that a till took: that one and those before it are taken no more.
CREATE TABLE pass_scans (
    tenant_id  INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    last_step  INTEGER NOT NULL,
    scanned_at INTEGER NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;
