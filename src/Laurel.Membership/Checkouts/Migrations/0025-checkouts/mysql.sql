-- A price that was promised to a member, and what became of it.
CREATE TABLE checkouts (
    tenant_id   INT NOT NULL,
    member_id   BIGINT NOT NULL,
    checkout_id VARCHAR(128) NOT NULL,
    order_id    VARCHAR(128) NOT NULL,
    state       VARCHAR(16) NOT NULL,
    price       MEDIUMTEXT NOT NULL,
    payable     BIGINT NOT NULL CHECK (payable >= 0),
    points      BIGINT NOT NULL CHECK (points >= 0),
    hold_id     BIGINT,
    spend_id    BIGINT,
    -- What of which end the points were that were spent: points:end, …
    spent       MEDIUMTEXT NOT NULL,
    -- Of each line, how much of its quantity and its value went back: quantity:value, …
    refunded    MEDIUMTEXT NOT NULL,
    paid_back   BIGINT NOT NULL, CHECK (paid_back BETWEEN 0 AND payable),
    points_back BIGINT NOT NULL, CHECK (points_back BETWEEN 0 AND points),
    reserved_at BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    ended_at    BIGINT,
    PRIMARY KEY (tenant_id, member_id, checkout_id)
);

CREATE TABLE checkout_refunds (
    tenant_id   INT NOT NULL,
    member_id   BIGINT NOT NULL,
    checkout_id VARCHAR(128) NOT NULL,
    refund_id   VARCHAR(128) NOT NULL,
    money       BIGINT NOT NULL CHECK (money >= 0),
    points      BIGINT NOT NULL CHECK (points >= 0),
    occurred_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, member_id, checkout_id, refund_id)
);
