-- A price that was promised to a member, and what became of it.
CREATE TABLE checkouts (
    tenant_id   INTEGER NOT NULL,
    member_id   INTEGER NOT NULL,
    checkout_id TEXT NOT NULL,
    order_id    TEXT NOT NULL,
    state       TEXT NOT NULL,
    price       TEXT NOT NULL,
    payable     INTEGER NOT NULL CHECK (payable >= 0),
    points      INTEGER NOT NULL CHECK (points >= 0),
    hold_id     INTEGER,
    spend_id    INTEGER,
    -- What of which end the points were that were spent: points:end, …
    spent       TEXT NOT NULL,
    -- Of each line, how much of its quantity and its value went back: quantity:value, …
    refunded    TEXT NOT NULL,
    paid_back   INTEGER NOT NULL CHECK (paid_back BETWEEN 0 AND payable),
    points_back INTEGER NOT NULL CHECK (points_back BETWEEN 0 AND points),
    reserved_at INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    PRIMARY KEY (tenant_id, member_id, checkout_id)
) WITHOUT ROWID;

CREATE TABLE checkout_refunds (
    tenant_id   INTEGER NOT NULL,
    member_id   INTEGER NOT NULL,
    checkout_id TEXT NOT NULL,
    refund_id   TEXT NOT NULL,
    money       INTEGER NOT NULL CHECK (money >= 0),
    points      INTEGER NOT NULL CHECK (points >= 0),
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, member_id, checkout_id, refund_id)
) WITHOUT ROWID;
