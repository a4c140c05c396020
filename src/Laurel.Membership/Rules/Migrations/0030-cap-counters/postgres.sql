-- How much of the caps of rules a member has used in one period: all counters of the period in one row, because an event reads and writes
-- most of them together.
CREATE TABLE cap_counters (
    tenant_id integer NOT NULL,
    member_id bigint  NOT NULL,
    period    integer NOT NULL,
    used      text    NOT NULL CHECK (used <> ''),
    PRIMARY KEY (tenant_id, member_id, period)
);

INSERT INTO cap_counters (tenant_id, member_id, period, used)
SELECT tenant_id, member_id, period, string_agg(limit_code || '=' || used, ';') FROM limit_counters
WHERE limit_code NOT LIKE 'benefit:%' AND limit_code NOT IN ('withdrawal_amount_day', 'withdrawal_count_day')
GROUP BY tenant_id, member_id, period;

DELETE FROM limit_counters WHERE limit_code NOT LIKE 'benefit:%' AND limit_code NOT IN ('withdrawal_amount_day', 'withdrawal_count_day');
