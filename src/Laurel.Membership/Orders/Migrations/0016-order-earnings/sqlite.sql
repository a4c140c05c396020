-- What an order earned is one text of all its earnings, one for each rule that paid: read and written only together with the order.
-- Until now there were two rules, order and first_order, and growth.
CREATE TABLE orders_of_rules (
    tenant_id      INTEGER NOT NULL,
    member_id      INTEGER NOT NULL,
    order_id       TEXT NOT NULL,
    amount         INTEGER NOT NULL CHECK (amount >= 0),
    refunded       INTEGER NOT NULL CHECK (refunded BETWEEN 0 AND amount),
    has_lines      INTEGER NOT NULL,
    earnings       TEXT NOT NULL,
    lapsed_counted INTEGER NOT NULL,
    occurred_at    INTEGER NOT NULL,
    recorded_at    INTEGER NOT NULL,
    PRIMARY KEY (member_id, order_id)
) WITHOUT ROWID;

INSERT INTO orders_of_rules (tenant_id, member_id, order_id, amount, refunded, has_lines, earnings, lapsed_counted, occurred_at, recorded_at)
SELECT o.tenant_id, o.member_id, o.order_id, o.amount, o.refunded, o.has_lines,
    CASE WHEN o.points > 0 THEN 'order|points|p|1|' || o.points_entry_id || '|' || o.points || '|' || o.points_taken || '|' || COALESCE(s.points, '') ELSE '' END || 
        CASE WHEN o.bonus > 0 THEN CASE WHEN o.points > 0 THEN ';' ELSE '' END || 'first_order|points|w|1|' || o.bonus_entry_id || '|' || o.bonus || '|' || (CASE WHEN o.bonus_taken = 1 THEN o.bonus ELSE 0 END) || '|' ELSE '' END || 
        CASE WHEN o.growth > 0 THEN CASE WHEN o.points > 0 OR o.bonus > 0 THEN ';' ELSE '' END || 'order_growth|growth|p|1|0|' || o.growth || '|' || o.growth_taken || '|' || COALESCE(s.growth, '') ELSE '' END,
    o.lapsed_counted, o.occurred_at, o.recorded_at
FROM orders o
LEFT JOIN (
    SELECT n.tenant_id, n.member_id, n.order_id,
        group_concat(n.points, ',') AS points,
        group_concat(n.growth, ',') AS growth
    FROM (SELECT * FROM order_lines ORDER BY member_id, order_id, line_no) n GROUP BY n.tenant_id, n.member_id, n.order_id) s
    ON s.tenant_id = o.tenant_id AND s.member_id = o.member_id AND s.order_id = o.order_id;

CREATE TABLE order_lines_of_rules (
    tenant_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    order_id  TEXT NOT NULL,
    line_no   INTEGER NOT NULL,
    line_id   TEXT NOT NULL,
    sku       TEXT,
    quantity  INTEGER NOT NULL,
    amount    INTEGER NOT NULL CHECK (amount >= 0),
    eligible  INTEGER NOT NULL CHECK (eligible BETWEEN 0 AND amount),
    refunded  INTEGER NOT NULL CHECK (refunded BETWEEN 0 AND amount),
    PRIMARY KEY (member_id, order_id, line_no)
) WITHOUT ROWID;

INSERT INTO order_lines_of_rules (tenant_id, member_id, order_id, line_no, line_id, sku, quantity, amount, eligible, refunded)
SELECT tenant_id, member_id, order_id, line_no, line_id, sku, quantity, amount, eligible, refunded FROM order_lines;

DROP TABLE orders;
DROP TABLE order_lines;
ALTER TABLE orders_of_rules RENAME TO orders;
ALTER TABLE order_lines_of_rules RENAME TO order_lines;
