-- Up to which id opening balances stand for entries: a month's first id. One is in force at a time, the greatest; one that is not in force
-- is being taken, or was given up.
CREATE TABLE opening_cuts (
    cut_id      INTEGER NOT NULL,
    month       INTEGER NOT NULL,
    begun_at    INTEGER NOT NULL,
    in_force_at INTEGER,
    latest_at   INTEGER,
    members     INTEGER NOT NULL,
    PRIMARY KEY (cut_id)
) WITHOUT ROWID;

-- Months of rows below a cut: how many rows there were, and where they went. Null: they are still in their table, where nobody reads them.
CREATE TABLE detached_months (
    table_name TEXT NOT NULL,
    month      INTEGER NOT NULL,
    row_count  INTEGER NOT NULL,
    stored_as  TEXT,
    PRIMARY KEY (table_name, month)
) WITHOUT ROWID;

-- What the entries of a member below the cut come to, beside its balances. The seal is a hash of all opening rows of the member.
CREATE TABLE opening_members (
    tenant_id    INTEGER NOT NULL,
    member_id    INTEGER NOT NULL,
    cut_id       INTEGER NOT NULL,
    debt         INTEGER NOT NULL,
    receivable   INTEGER NOT NULL,
    lifetime     INTEGER NOT NULL,
    order_points INTEGER NOT NULL,
    order_bonus  INTEGER NOT NULL,
    order_growth INTEGER NOT NULL,
    judged_by    INTEGER NOT NULL,
    earned       INTEGER NOT NULL,
    spent        INTEGER NOT NULL,
    movements    INTEGER NOT NULL,
    moved_at     INTEGER,
    latest_at    INTEGER NOT NULL,
    seal         BLOB NOT NULL,
    PRIMARY KEY (member_id, cut_id)
) WITHOUT ROWID;

-- The sums of a member's entries of one unit below the cut, by account. Together they are the wallet as it stood at the cut.
CREATE TABLE opening_balances (
    tenant_id  INTEGER NOT NULL,
    member_id  INTEGER NOT NULL,
    cut_id     INTEGER NOT NULL,
    unit       TEXT NOT NULL,
    issuance   INTEGER NOT NULL,
    redemption INTEGER NOT NULL,
    expiry     INTEGER NOT NULL,
    adjustment INTEGER NOT NULL,
    transfer   INTEGER NOT NULL,
    receivable INTEGER NOT NULL,
    PRIMARY KEY (member_id, cut_id, unit)
) WITHOUT ROWID;

-- Lots that had points left at the cut, as they stood then.
CREATE TABLE opening_lots (
    tenant_id  INTEGER NOT NULL,
    member_id  INTEGER NOT NULL,
    cut_id     INTEGER NOT NULL,
    lot_id     INTEGER NOT NULL,
    granted    INTEGER NOT NULL,
    opening    INTEGER NOT NULL,
    remaining  INTEGER NOT NULL,
    held       INTEGER NOT NULL,
    expired    INTEGER NOT NULL,
    active_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    order_id   TEXT,
    PRIMARY KEY (member_id, cut_id, lot_id)
) WITHOUT ROWID;

-- Orders of which something had been taken back at the cut, and how much.
CREATE TABLE opening_orders (
    tenant_id    INTEGER NOT NULL,
    member_id    INTEGER NOT NULL,
    cut_id       INTEGER NOT NULL,
    order_id     TEXT NOT NULL,
    points_taken INTEGER NOT NULL,
    growth_taken INTEGER NOT NULL,
    PRIMARY KEY (member_id, cut_id, order_id)
) WITHOUT ROWID;
