-- What an order earned is one text of all its earnings, one for each rule that paid: read and written only together with the order.
-- Until now there were two rules, order and first_order, and growth.
CREATE TABLE orders_of_rules (
    tenant_id      integer NOT NULL,
    member_id      bigint NOT NULL,
    order_id       text NOT NULL,
    amount         bigint NOT NULL CHECK (amount >= 0),
    refunded       bigint NOT NULL CHECK (refunded BETWEEN 0 AND amount),
    has_lines      integer NOT NULL,
    earnings       text NOT NULL,
    lapsed_counted bigint NOT NULL,
    occurred_at    bigint NOT NULL,
    recorded_at    bigint NOT NULL,
    PRIMARY KEY (tenant_id, member_id, order_id)
);

INSERT INTO orders_of_rules (tenant_id, member_id, order_id, amount, refunded, has_lines, earnings, lapsed_counted, occurred_at, recorded_at)
SELECT o.tenant_id, o.member_id, o.order_id, o.amount, o.refunded, o.has_lines,
    CASE WHEN o.points > 0 THEN 'order|points|p|1|' || o.points_entry_id || '|' || o.points || '|' || o.points_taken || '|' || COALESCE(s.points, '') ELSE '' END || 
        CASE WHEN o.bonus > 0 THEN CASE WHEN o.points > 0 THEN ';' ELSE '' END || 'first_order|points|w|1|' || o.bonus_entry_id || '|' || o.bonus || '|' || (CASE WHEN o.bonus_taken = 1 THEN o.bonus ELSE 0 END) || '|' ELSE '' END || 
        CASE WHEN o.growth > 0 THEN CASE WHEN o.points > 0 OR o.bonus > 0 THEN ';' ELSE '' END || 'order_growth|growth|p|1|0|' || o.growth || '|' || o.growth_taken || '|' || COALESCE(s.growth, '') ELSE '' END,
    o.lapsed_counted, o.occurred_at, o.recorded_at
FROM orders o
LEFT JOIN (
    SELECT n.tenant_id, n.member_id, n.order_id,
        string_agg(n.points::text, ',' ORDER BY n.line_no) AS points,
        string_agg(n.growth::text, ',' ORDER BY n.line_no) AS growth
    FROM order_lines n GROUP BY n.tenant_id, n.member_id, n.order_id) s
    ON s.tenant_id = o.tenant_id AND s.member_id = o.member_id AND s.order_id = o.order_id;

CREATE TABLE order_lines_of_rules (
    tenant_id integer NOT NULL,
    member_id bigint NOT NULL,
    order_id  text NOT NULL,
    line_no   integer NOT NULL,
    line_id   text NOT NULL,
    sku       text,
    quantity  bigint NOT NULL,
    amount    bigint NOT NULL CHECK (amount >= 0),
    eligible  bigint NOT NULL CHECK (eligible BETWEEN 0 AND amount),
    refunded  bigint NOT NULL CHECK (refunded BETWEEN 0 AND amount),
    PRIMARY KEY (tenant_id, member_id, order_id, line_no)
);

INSERT INTO order_lines_of_rules (tenant_id, member_id, order_id, line_no, line_id, sku, quantity, amount, eligible, refunded)
SELECT tenant_id, member_id, order_id, line_no, line_id, sku, quantity, amount, eligible, refunded FROM order_lines;

DROP TABLE orders;
DROP TABLE order_lines;
ALTER TABLE orders_of_rules RENAME TO orders;
ALTER TABLE order_lines_of_rules RENAME TO order_lines;
ALTER TABLE orders RENAME CONSTRAINT orders_of_rules_pkey TO orders_pkey;
ALTER TABLE order_lines RENAME CONSTRAINT order_lines_of_rules_pkey TO order_lines_pkey;
