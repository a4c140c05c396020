-- A price that was promised to a member, and what became of it.
CREATE TABLE checkouts (
    tenant_id   integer NOT NULL,
    member_id   bigint NOT NULL,
    checkout_id text NOT NULL,
    order_id    text NOT NULL,
    state       text NOT NULL,
    price       text NOT NULL,
    payable     bigint NOT NULL CHECK (payable >= 0),
    points      bigint NOT NULL CHECK (points >= 0),
    hold_id     bigint,
    spend_id    bigint,
    -- What of which end the points were that were spent: points:end, …
    spent       text NOT NULL,
    -- Of each line, how much of its quantity and its value went back: quantity:value, …
    refunded    text NOT NULL,
    paid_back   bigint NOT NULL CHECK (paid_back BETWEEN 0 AND payable),
    points_back bigint NOT NULL CHECK (points_back BETWEEN 0 AND points),
    reserved_at bigint NOT NULL,
    expires_at  bigint NOT NULL,
    ended_at    bigint,
    PRIMARY KEY (tenant_id, member_id, checkout_id)
);

CREATE TABLE checkout_refunds (
    tenant_id   integer NOT NULL,
    member_id   bigint NOT NULL,
    checkout_id text NOT NULL,
    refund_id   text NOT NULL,
    money       bigint NOT NULL CHECK (money >= 0),
    points      bigint NOT NULL CHECK (points >= 0),
    occurred_at bigint NOT NULL,
    recorded_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, member_id, checkout_id, refund_id)
);
