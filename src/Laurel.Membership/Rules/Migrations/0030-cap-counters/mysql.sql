-- How much of the caps of rules a member has used in one period: all counters of the period in one row, because an event reads and writes
-- most of them together.
CREATE TABLE cap_counters (
    tenant_id INT        NOT NULL,
    member_id BIGINT     NOT NULL,
    period    INT        NOT NULL,
    used      MEDIUMTEXT NOT NULL CHECK (used <> ''),
    PRIMARY KEY (tenant_id, member_id, period)
);

-- By way of an object of JSON: texts that are joined are cut after 1,024 characters on MySQL.
INSERT INTO cap_counters (tenant_id, member_id, period, used)
SELECT tenant_id, member_id, period,
    REPLACE(REPLACE(REPLACE(REPLACE(TRIM(TRAILING '}' FROM TRIM(LEADING '{' FROM JSON_OBJECTAGG(limit_code, used))), '"', ''), ' ', ''), ':', '='), ',', ';')
FROM limit_counters
WHERE limit_code NOT LIKE 'benefit:%' AND limit_code NOT IN ('withdrawal_amount_day', 'withdrawal_count_day')
GROUP BY tenant_id, member_id, period;

DELETE FROM limit_counters WHERE limit_code NOT LIKE 'benefit:%' AND limit_code NOT IN ('withdrawal_amount_day', 'withdrawal_count_day');
