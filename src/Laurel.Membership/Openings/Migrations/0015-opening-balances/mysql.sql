-- Up to which id opening balances stand for entries: a month's first id. One is in force at a time, the greatest; one that is not in force
-- is being taken, or was given up.
CREATE TABLE opening_cuts (
    cut_id      BIGINT NOT NULL,
    month       INT NOT NULL,
    begun_at    BIGINT NOT NULL,
    in_force_at BIGINT,
    latest_at   BIGINT,
    members     BIGINT NOT NULL,
    PRIMARY KEY (cut_id)
);

-- Months of rows below a cut: how many rows there were, and where they went. Null: they are still in their table, where nobody reads them.
CREATE TABLE detached_months (
    table_name VARCHAR(32) NOT NULL,
    month      INT NOT NULL,
    row_count  BIGINT NOT NULL,
    stored_as  VARCHAR(255),
    PRIMARY KEY (table_name, month)
);

-- What the entries of a member below the cut come to, beside its balances. The seal is a hash of all opening rows of the member.
CREATE TABLE opening_members (
    tenant_id    INT NOT NULL,
    member_id    BIGINT NOT NULL,
    cut_id       BIGINT NOT NULL,
    debt         BIGINT NOT NULL,
    receivable   BIGINT NOT NULL,
    lifetime     BIGINT NOT NULL,
    order_points BIGINT NOT NULL,
    order_bonus  BIGINT NOT NULL,
    order_growth BIGINT NOT NULL,
    judged_by    INT NOT NULL,
    earned       BIGINT NOT NULL,
    spent        BIGINT NOT NULL,
    movements    BIGINT NOT NULL,
    moved_at     BIGINT,
    latest_at    BIGINT NOT NULL,
    seal         BINARY(16) NOT NULL,
    PRIMARY KEY (tenant_id, member_id, cut_id)
);

-- The sums of a member's entries of one unit below the cut, by account. Together they are the wallet as it stood at the cut.
CREATE TABLE opening_balances (
    tenant_id  INT NOT NULL,
    member_id  BIGINT NOT NULL,
    cut_id     BIGINT NOT NULL,
    unit       VARCHAR(32) NOT NULL,
    issuance   BIGINT NOT NULL,
    redemption BIGINT NOT NULL,
    expiry     BIGINT NOT NULL,
    adjustment BIGINT NOT NULL,
    transfer   BIGINT NOT NULL,
    receivable BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, member_id, cut_id, unit)
);

-- Lots that had points left at the cut, as they stood then.
CREATE TABLE opening_lots (
    tenant_id  INT NOT NULL,
    member_id  BIGINT NOT NULL,
    cut_id     BIGINT NOT NULL,
    lot_id     BIGINT NOT NULL,
    granted    BIGINT NOT NULL,
    opening    BIGINT NOT NULL,
    remaining  BIGINT NOT NULL,
    held       BIGINT NOT NULL,
    expired    BIGINT NOT NULL,
    active_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    order_id   VARCHAR(128),
    PRIMARY KEY (tenant_id, member_id, cut_id, lot_id)
);

-- Orders of which something had been taken back at the cut, and how much.
CREATE TABLE opening_orders (
    tenant_id    INT NOT NULL,
    member_id    BIGINT NOT NULL,
    cut_id       BIGINT NOT NULL,
    order_id     VARCHAR(128) NOT NULL,
    points_taken BIGINT NOT NULL,
    growth_taken BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, member_id, cut_id, order_id)
);
