-- An order as the ledger needs it for refunds: a snapshot of what it earned, and what went back since.
CREATE TABLE orders (
    tenant_id       INTEGER NOT NULL,
    member_id       INTEGER NOT NULL,
    order_id        TEXT    NOT NULL,
    amount          INTEGER NOT NULL CHECK (amount >= 0),
    refunded        INTEGER NOT NULL CHECK (refunded BETWEEN 0 AND amount),
    has_lines       INTEGER NOT NULL,
    points          INTEGER NOT NULL,
    growth          INTEGER NOT NULL,
    bonus           INTEGER NOT NULL,
    points_taken    INTEGER NOT NULL CHECK (points_taken BETWEEN 0 AND points),
    growth_taken    INTEGER NOT NULL CHECK (growth_taken BETWEEN 0 AND growth),
    bonus_taken     INTEGER NOT NULL,
    lapsed_counted  INTEGER NOT NULL,
    points_entry_id INTEGER NOT NULL,
    bonus_entry_id  INTEGER NOT NULL,
    occurred_at     INTEGER NOT NULL,
    recorded_at     INTEGER NOT NULL,
    PRIMARY KEY (member_id, order_id)
) WITHOUT ROWID;

CREATE TABLE order_lines (
    tenant_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    order_id  TEXT    NOT NULL,
    line_no   INTEGER NOT NULL,
    line_id   TEXT    NOT NULL,
    sku       TEXT,
    quantity  INTEGER NOT NULL,
    amount    INTEGER NOT NULL CHECK (amount >= 0),
    eligible  INTEGER NOT NULL CHECK (eligible BETWEEN 0 AND amount),
    points    INTEGER NOT NULL,
    growth    INTEGER NOT NULL,
    refunded  INTEGER NOT NULL CHECK (refunded BETWEEN 0 AND amount),
    PRIMARY KEY (member_id, order_id, line_no)
) WITHOUT ROWID;

CREATE TABLE refunds (
    tenant_id   INTEGER NOT NULL,
    member_id   INTEGER NOT NULL,
    order_id    TEXT    NOT NULL,
    refund_id   TEXT    NOT NULL,
    amount      INTEGER NOT NULL CHECK (amount > 0),
    whole       INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (member_id, order_id, refund_id)
) WITHOUT ROWID;
