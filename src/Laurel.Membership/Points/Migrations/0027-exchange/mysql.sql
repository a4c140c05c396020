-- The account between points and stored money.
ALTER TABLE opening_balances ADD COLUMN exchange BIGINT NOT NULL DEFAULT 0;
