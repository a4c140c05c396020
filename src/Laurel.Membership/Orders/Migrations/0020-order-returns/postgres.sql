-- Returns that were asked for, and the hold that keeps what they would take back.
CREATE TABLE order_returns (
    tenant_id   integer NOT NULL,
    member_id   bigint NOT NULL,
    order_id    text NOT NULL,
    return_id   text NOT NULL,
    status      text NOT NULL,
    amount      bigint NOT NULL,
    points      bigint NOT NULL,
    hold_id     bigint,
    occurred_at bigint NOT NULL,
    recorded_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, member_id, order_id, return_id)
);
