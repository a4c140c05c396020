-- What watch rules found unusual of a member, and what somebody decided about it.
CREATE TABLE watch_cases (
    tenant_id    INTEGER NOT NULL,
    member_id    INTEGER NOT NULL,
    id           INTEGER NOT NULL,
    rule_code    TEXT NOT NULL,
    rule_version INTEGER NOT NULL,
    action       TEXT NOT NULL,
    status       TEXT NOT NULL,
    hits         INTEGER NOT NULL CHECK (hits > 0),
    opened_at    INTEGER NOT NULL,
    last_hit_at  INTEGER NOT NULL,
    value        INTEGER NOT NULL,
    threshold    INTEGER NOT NULL,
    froze        INTEGER NOT NULL,
    assigned_to  TEXT,
    decided_at   INTEGER,
    decided_by   TEXT,
    PRIMARY KEY (member_id, id)
) WITHOUT ROWID;

CREATE INDEX watch_cases_tenant ON watch_cases (tenant_id, id);

-- What happened to cases: each hit with its figures, and who assigned and decided them and why.
CREATE TABLE watch_case_changes (
    tenant_id   INTEGER NOT NULL,
    member_id   INTEGER NOT NULL,
    id          INTEGER NOT NULL,
    case_id     INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    action      TEXT,
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    operator    TEXT,
    assigned_to TEXT,
    note        TEXT,
    evidence    TEXT,
    PRIMARY KEY (member_id, id)
) WITHOUT ROWID;

CREATE INDEX watch_case_changes_case ON watch_case_changes (member_id, case_id, id);

-- Who was seen with a device or an address, and whom a member invited: who:microseconds, by a keyed hash of what it is.
CREATE TABLE watch_marks (
    tenant_id INTEGER NOT NULL,
    id        INTEGER NOT NULL,
    seen      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
