-- When the host last said that it has verified the member's telephone number; null where it has not, or the number is another by now.
ALTER TABLE personal_data ADD COLUMN phone_verified_at BIGINT;
