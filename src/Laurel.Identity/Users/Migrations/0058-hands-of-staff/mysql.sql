-- Whose hands a user is: who made it, and who gave it its role; 16 bytes for each. Null for nobody's but its own.
ALTER TABLE users ADD COLUMN made_by VARBINARY(128), ADD COLUMN role_given_by VARBINARY(128);

-- Whose the secret before the last rotation is; and of each secret several.
ALTER TABLE api_keys ADD COLUMN previous_made_by VARBINARY(128), MODIFY COLUMN made_by VARBINARY(128);

-- When the session was shown a one-time password last.
ALTER TABLE sessions ADD COLUMN proved_at BIGINT;

-- Who asked and who approved are several hands each.
ALTER TABLE adjustment_requests MODIFY COLUMN asked_key VARBINARY(128) NOT NULL, MODIFY COLUMN decided_key VARBINARY(128);
ALTER TABLE balance_withdrawals MODIFY COLUMN applied_key VARBINARY(128) NOT NULL, MODIFY COLUMN first_key VARBINARY(128), MODIFY COLUMN second_key VARBINARY(128);
