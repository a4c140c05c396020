-- Up to which id opening balances stand for entries: a month's first id. One is in force at a time, the greatest; one that is not in force
-- is being taken, or was given up.
CREATE TABLE opening_cuts (
    cut_id      bigint NOT NULL,
    month       integer NOT NULL,
    begun_at    bigint NOT NULL,
    in_force_at bigint,
    latest_at   bigint,
    members     bigint NOT NULL,
    PRIMARY KEY (cut_id)
);

-- Months of rows below a cut: how many rows there were, and where they went. Null: they are still in their table, where nobody reads them.
CREATE TABLE detached_months (
    table_name text NOT NULL,
    month      integer NOT NULL,
    row_count  bigint NOT NULL,
    stored_as  text,
    PRIMARY KEY (table_name, month)
);

-- What the entries of a member below the cut come to, beside its balances. The seal is a hash of all opening rows of the member.
CREATE TABLE opening_members (
    tenant_id    integer NOT NULL,
    member_id    bigint NOT NULL,
    cut_id       bigint NOT NULL,
    debt         bigint NOT NULL,
    receivable   bigint NOT NULL,
    lifetime     bigint NOT NULL,
    order_points bigint NOT NULL,
    order_bonus  bigint NOT NULL,
    order_growth bigint NOT NULL,
    judged_by    integer NOT NULL,
    earned       bigint NOT NULL,
    spent        bigint NOT NULL,
    movements    bigint NOT NULL,
    moved_at     bigint,
    latest_at    bigint NOT NULL,
    seal         bytea NOT NULL,
    PRIMARY KEY (tenant_id, member_id, cut_id)
);

-- The sums of a member's entries of one unit below the cut, by account. Together they are the wallet as it stood at the cut.
CREATE TABLE opening_balances (
    tenant_id  integer NOT NULL,
    member_id  bigint NOT NULL,
    cut_id     bigint NOT NULL,
    unit       text NOT NULL,
    issuance   bigint NOT NULL,
    redemption bigint NOT NULL,
    expiry     bigint NOT NULL,
    adjustment bigint NOT NULL,
    transfer   bigint NOT NULL,
    receivable bigint NOT NULL,
    PRIMARY KEY (tenant_id, member_id, cut_id, unit)
);

-- Lots that had points left at the cut, as they stood then.
CREATE TABLE opening_lots (
    tenant_id  integer NOT NULL,
    member_id  bigint NOT NULL,
    cut_id     bigint NOT NULL,
    lot_id     bigint NOT NULL,
    granted    bigint NOT NULL,
    opening    bigint NOT NULL,
    remaining  bigint NOT NULL,
    held       bigint NOT NULL,
    expired    bigint NOT NULL,
    active_at  bigint NOT NULL,
    expires_at bigint NOT NULL,
    order_id   text,
    PRIMARY KEY (tenant_id, member_id, cut_id, lot_id)
);

-- Orders of which something had been taken back at the cut, and how much.
CREATE TABLE opening_orders (
    tenant_id    integer NOT NULL,
    member_id    bigint NOT NULL,
    cut_id       bigint NOT NULL,
    order_id     text NOT NULL,
    points_taken bigint NOT NULL,
    growth_taken bigint NOT NULL,
    PRIMARY KEY (tenant_id, member_id, cut_id, order_id)
);
