-- An order as the ledger needs it for refunds: a snapshot of what it earned, and what went back since.
CREATE TABLE orders (
    tenant_id       INT            NOT NULL,
    member_id       BIGINT         NOT NULL,
    order_id        VARCHAR(128)   NOT NULL,
    amount          BIGINT         NOT NULL CHECK (amount >= 0),
    refunded        BIGINT         NOT NULL, CHECK (refunded BETWEEN 0 AND amount),
    has_lines       INT            NOT NULL,
    points          BIGINT         NOT NULL,
    growth          BIGINT         NOT NULL,
    bonus           BIGINT         NOT NULL,
    points_taken    BIGINT         NOT NULL, CHECK (points_taken BETWEEN 0 AND points),
    growth_taken    BIGINT         NOT NULL, CHECK (growth_taken BETWEEN 0 AND growth),
    bonus_taken     INT            NOT NULL,
    lapsed_counted  BIGINT         NOT NULL,
    points_entry_id BIGINT         NOT NULL,
    bonus_entry_id  BIGINT         NOT NULL,
    occurred_at     BIGINT         NOT NULL,
    recorded_at     BIGINT         NOT NULL,
    PRIMARY KEY (tenant_id, member_id, order_id)
);

CREATE TABLE order_lines (
    tenant_id       INT            NOT NULL,
    member_id       BIGINT         NOT NULL,
    order_id        VARCHAR(128)   NOT NULL,
    line_no         INT            NOT NULL,
    line_id         VARCHAR(128)   NOT NULL,
    sku             VARCHAR(128),
    quantity        BIGINT         NOT NULL,
    amount          BIGINT         NOT NULL CHECK (amount >= 0),
    eligible        BIGINT         NOT NULL, CHECK (eligible BETWEEN 0 AND amount),
    points          BIGINT         NOT NULL,
    growth          BIGINT         NOT NULL,
    refunded        BIGINT         NOT NULL, CHECK (refunded BETWEEN 0 AND amount),
    PRIMARY KEY (tenant_id, member_id, order_id, line_no)
);

CREATE TABLE refunds (
    tenant_id       INT            NOT NULL,
    member_id       BIGINT         NOT NULL,
    order_id        VARCHAR(128)   NOT NULL,
    refund_id       VARCHAR(128)   NOT NULL,
    amount          BIGINT         NOT NULL CHECK (amount > 0),
    whole           INT            NOT NULL,
    occurred_at     BIGINT         NOT NULL,
    recorded_at     BIGINT         NOT NULL,
    PRIMARY KEY (tenant_id, member_id, order_id, refund_id)
);
