-- Whose hands a user is: who made it, and who gave it its role; 16 bytes for each. Null for nobody's but its own.
ALTER TABLE users ADD COLUMN made_by bytea;
ALTER TABLE users ADD COLUMN role_given_by bytea;

-- Whose the secret before the last rotation is.
ALTER TABLE api_keys ADD COLUMN previous_made_by bytea;

-- When the session was shown a one-time password last.
ALTER TABLE sessions ADD COLUMN proved_at bigint;
