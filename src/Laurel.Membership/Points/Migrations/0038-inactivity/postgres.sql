-- When a member's points lapse that lapse by inactivity, all together (their lots have expires_at 9223372036854775806 until then): null for
-- members who never had any; and at how many days before then the member was told last (0: not yet).
ALTER TABLE members ADD COLUMN inactive_at bigint;
ALTER TABLE members ADD COLUMN inactive_reminded_days integer NOT NULL DEFAULT 0;

-- The same of what stands for entries that were detached.
ALTER TABLE opening_members ADD COLUMN inactive_at bigint;
