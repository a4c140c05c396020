-- When the cooling-off of a member who wants to leave ends; null for all others. And when nothing was known of the person any more.
ALTER TABLE members ADD COLUMN cancel_due_at INTEGER;
ALTER TABLE members ADD COLUMN erased_at INTEGER;

CREATE INDEX members_cancel_due ON members (tenant_id, cancel_due_at, id) WHERE cancel_due_at IS NOT NULL;
CREATE INDEX members_erased ON members (tenant_id, erased_at) WHERE erased_at IS NOT NULL;

-- How a member's status came about, and what was asked about leaving.
CREATE TABLE member_status_changes (
    tenant_id   INTEGER NOT NULL,
    member_id   INTEGER NOT NULL,
    id          INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    from_status TEXT    NOT NULL,
    to_status   TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    actor       TEXT    NOT NULL,
    due_at      INTEGER,
    changed_at  INTEGER NOT NULL,
    PRIMARY KEY (member_id, id)
) WITHOUT ROWID;
