-- Immutable, double-entry: each row moves an amount between the account named here and the member's wallet of the unit.
-- Members own their entries: ids grow within a member, and here, with one writer, over the whole table.
CREATE TABLE entries (
    id             INTEGER NOT NULL PRIMARY KEY,
    tenant_id      INTEGER NOT NULL,
    member_id      INTEGER NOT NULL,
    posting_id     INTEGER NOT NULL,
    unit           TEXT    NOT NULL,
    kind           TEXT    NOT NULL,
    account        TEXT    NOT NULL,
    amount         INTEGER NOT NULL,
    balance_after  INTEGER NOT NULL,
    debt_delta     INTEGER NOT NULL,
    lifetime_delta INTEGER NOT NULL,
    occurred_at    INTEGER NOT NULL,
    recorded_at    INTEGER NOT NULL,
    expires_at     INTEGER,
    rule           TEXT    NOT NULL,
    rule_version   INTEGER NOT NULL,
    base           INTEGER,
    multiplier     INTEGER,
    cut            INTEGER,
    reason         TEXT    NOT NULL,
    reference_type TEXT    NOT NULL,
    reference_id   TEXT    NOT NULL,
    order_id       TEXT,
    related_id     INTEGER,
    detail         TEXT
);

CREATE INDEX entries_member ON entries (member_id, id);

-- A lot has the id of the entry that granted it.
CREATE TABLE lots (
    id         INTEGER NOT NULL PRIMARY KEY,
    tenant_id  INTEGER NOT NULL,
    member_id  INTEGER NOT NULL,
    granted    INTEGER NOT NULL,
    opening    INTEGER NOT NULL CHECK (opening BETWEEN 0 AND granted),
    remaining  INTEGER NOT NULL CHECK (remaining BETWEEN 0 AND opening),
    held       INTEGER NOT NULL CHECK (held BETWEEN 0 AND remaining),
    expired    INTEGER NOT NULL CHECK (expired BETWEEN 0 AND opening - remaining),
    active_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);

CREATE INDEX lots_open ON lots (member_id, expires_at, active_at, id) WHERE remaining > 0;

CREATE TABLE lot_takes (
    tenant_id   INTEGER NOT NULL,
    member_id   INTEGER NOT NULL,
    entry_id    INTEGER NOT NULL,
    lot_id      INTEGER NOT NULL,
    points      INTEGER NOT NULL CHECK (points > 0),
    occurred_at INTEGER NOT NULL,
    PRIMARY KEY (member_id, entry_id, lot_id)
) WITHOUT ROWID;

CREATE TABLE holds (
    id             INTEGER NOT NULL PRIMARY KEY,
    tenant_id      INTEGER NOT NULL,
    member_id      INTEGER NOT NULL,
    points         INTEGER NOT NULL CHECK (points > 0),
    captured       INTEGER NOT NULL CHECK (captured >= 0),
    released       INTEGER NOT NULL CHECK (released >= 0 AND captured + released <= points),
    status         TEXT    NOT NULL,
    opened_at      INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    reason         TEXT    NOT NULL,
    reference_type TEXT    NOT NULL,
    reference_id   TEXT    NOT NULL
);

CREATE INDEX holds_open ON holds (member_id, id) WHERE status = 'open';

CREATE TABLE hold_pins (
    tenant_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    hold_id   INTEGER NOT NULL,
    lot_id    INTEGER NOT NULL,
    points    INTEGER NOT NULL CHECK (points >= 0),
    PRIMARY KEY (member_id, hold_id, lot_id)
) WITHOUT ROWID;

-- How a hold came to stand as it stands, lot by lot: for the balances as of an instant, and for I11.
CREATE TABLE hold_changes (
    id          INTEGER NOT NULL PRIMARY KEY,
    tenant_id   INTEGER NOT NULL,
    member_id   INTEGER NOT NULL,
    hold_id     INTEGER NOT NULL,
    lot_id      INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    points      INTEGER NOT NULL CHECK (points > 0),
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    reference   TEXT    NOT NULL
);

CREATE INDEX hold_changes_member ON hold_changes (member_id, id);

CREATE TABLE limit_counters (
    tenant_id  INTEGER NOT NULL,
    member_id  INTEGER NOT NULL,
    limit_code TEXT    NOT NULL,
    period     INTEGER NOT NULL,
    used       INTEGER NOT NULL CHECK (used >= 0),
    PRIMARY KEY (member_id, limit_code, period)
) WITHOUT ROWID;
