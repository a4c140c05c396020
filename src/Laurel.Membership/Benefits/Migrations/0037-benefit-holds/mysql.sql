-- What checkouts use: which one, and until when it keeps the use unpaid; held_until is null once it does not wait for that.
ALTER TABLE benefit_uses ADD COLUMN checkout_id VARCHAR(128);
ALTER TABLE benefit_uses ADD COLUMN held_until BIGINT;

-- checkout:ID:CODE
ALTER TABLE benefit_uses MODIFY COLUMN biz_no VARCHAR(192) NOT NULL;

CREATE INDEX benefit_uses_held ON benefit_uses (tenant_id, member_id, held_until);
CREATE INDEX benefit_uses_over ON benefit_uses (held_until);
