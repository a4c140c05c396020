-- Adjustments that wait for a second person, or were decided by one.
CREATE TABLE adjustment_requests (
    tenant_id       INTEGER NOT NULL,
    member_id       INTEGER NOT NULL,
    id              INTEGER NOT NULL,
    points          INTEGER NOT NULL CHECK (points <> 0),
    reason          TEXT    NOT NULL,
    reference_type  TEXT    NOT NULL,
    reference_id    TEXT    NOT NULL,
    status          TEXT    NOT NULL,
    asked_at        INTEGER NOT NULL,
    asked_key       BLOB    NOT NULL,
    asked_by        TEXT    NOT NULL,
    decided_at      INTEGER,
    decided_key     BLOB,
    decided_by      TEXT,
    decision_reason TEXT,
    entry_id        INTEGER NOT NULL,
    PRIMARY KEY (member_id, id)
) WITHOUT ROWID;

CREATE INDEX adjustment_requests_tenant ON adjustment_requests (tenant_id, id);
