-- What checkouts use: which one, and until when it keeps the use unpaid; held_until is null once it does not wait for that.
ALTER TABLE benefit_uses ADD COLUMN checkout_id TEXT;
ALTER TABLE benefit_uses ADD COLUMN held_until INTEGER;

CREATE INDEX benefit_uses_held ON benefit_uses (member_id, held_until) WHERE held_until IS NOT NULL;
CREATE INDEX benefit_uses_over ON benefit_uses (held_until) WHERE held_until IS NOT NULL;
