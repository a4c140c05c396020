-- Returns that were asked for, and the hold that keeps what they would take back.
CREATE TABLE order_returns (
    tenant_id   INT NOT NULL,
    member_id   BIGINT NOT NULL,
    order_id    VARCHAR(128) NOT NULL,
    return_id   VARCHAR(128) NOT NULL,
    status      VARCHAR(32) NOT NULL,
    amount      BIGINT NOT NULL,
    points      BIGINT NOT NULL,
    hold_id     BIGINT,
    occurred_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, member_id, order_id, return_id)
);
