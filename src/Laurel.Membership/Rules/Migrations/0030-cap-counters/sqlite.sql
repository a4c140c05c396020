-- How much of the caps of rules a member has used in one period: all counters of the period in one row, because an event reads and writes
-- most of them together.
CREATE TABLE cap_counters (
    tenant_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    period    INTEGER NOT NULL,
    used      TEXT    NOT NULL CHECK (used <> ''),
    PRIMARY KEY (member_id, period)
) WITHOUT ROWID;

INSERT INTO cap_counters (tenant_id, member_id, period, used)
SELECT tenant_id, member_id, period, group_concat(limit_code || '=' || used, ';') FROM limit_counters
WHERE limit_code NOT LIKE 'benefit:%' AND limit_code NOT IN ('withdrawal_amount_day', 'withdrawal_count_day')
GROUP BY tenant_id, member_id, period;

DELETE FROM limit_counters WHERE limit_code NOT LIKE 'benefit:%' AND limit_code NOT IN ('withdrawal_amount_day', 'withdrawal_count_day');
