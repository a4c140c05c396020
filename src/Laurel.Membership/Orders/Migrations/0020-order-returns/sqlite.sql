-- Returns that were asked for, and the hold that keeps what they would take back.
CREATE TABLE order_returns (
    tenant_id   INTEGER NOT NULL,
    member_id   INTEGER NOT NULL,
    order_id    TEXT NOT NULL,
    return_id   TEXT NOT NULL,
    status      TEXT NOT NULL,
    amount      INTEGER NOT NULL,
    points      INTEGER NOT NULL,
    hold_id     INTEGER,
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (member_id, order_id, return_id)
) WITHOUT ROWID;
