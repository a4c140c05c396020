-- An order as the ledger needs it for refunds: a snapshot of what it earned, and what went back since.
CREATE TABLE orders (
    tenant_id       integer NOT NULL,
    member_id       bigint NOT NULL,
    order_id        text    NOT NULL,
    amount          bigint NOT NULL CHECK (amount >= 0),
    refunded        bigint NOT NULL CHECK (refunded BETWEEN 0 AND amount),
    has_lines       integer NOT NULL,
    points          bigint NOT NULL,
    growth          bigint NOT NULL,
    bonus           bigint NOT NULL,
    points_taken    bigint NOT NULL CHECK (points_taken BETWEEN 0 AND points),
    growth_taken    bigint NOT NULL CHECK (growth_taken BETWEEN 0 AND growth),
    bonus_taken     integer NOT NULL,
    lapsed_counted  bigint NOT NULL,
    points_entry_id bigint NOT NULL,
    bonus_entry_id  bigint NOT NULL,
    occurred_at     bigint NOT NULL,
    recorded_at     bigint NOT NULL,
    PRIMARY KEY (tenant_id, member_id, order_id)
);

CREATE TABLE order_lines (
    tenant_id integer NOT NULL,
    member_id bigint NOT NULL,
    order_id  text    NOT NULL,
    line_no   integer NOT NULL,
    line_id   text    NOT NULL,
    sku       text,
    quantity  bigint NOT NULL,
    amount    bigint NOT NULL CHECK (amount >= 0),
    eligible  bigint NOT NULL CHECK (eligible BETWEEN 0 AND amount),
    points    bigint NOT NULL,
    growth    bigint NOT NULL,
    refunded  bigint NOT NULL CHECK (refunded BETWEEN 0 AND amount),
    PRIMARY KEY (tenant_id, member_id, order_id, line_no)
);

CREATE TABLE refunds (
    tenant_id   integer NOT NULL,
    member_id   bigint  NOT NULL,
    order_id    text    NOT NULL,
    refund_id   text    NOT NULL,
    amount      bigint  NOT NULL CHECK (amount > 0),
    whole       integer NOT NULL,
    occurred_at bigint  NOT NULL,
    recorded_at bigint  NOT NULL,
    PRIMARY KEY (tenant_id, member_id, order_id, refund_id)
);
