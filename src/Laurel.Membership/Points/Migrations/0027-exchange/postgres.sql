-- The account between points and stored money.
ALTER TABLE opening_balances ADD COLUMN exchange bigint NOT NULL DEFAULT 0;
