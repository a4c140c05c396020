-- What judges a level besides the sums of the member: null for members who have nothing of the kind.
ALTER TABLE members ADD COLUMN level_state TEXT;

-- When something about the level falls due by itself; null for never.
ALTER TABLE members ADD COLUMN level_due_at INTEGER;

CREATE INDEX members_level_due ON members (level_due_at) WHERE level_due_at IS NOT NULL;
CREATE INDEX members_level ON members (tenant_id, level_code);

-- Who changed it by hand, and until when nothing else changes it; null for changes by the rules.
ALTER TABLE level_changes ADD COLUMN operator TEXT;
ALTER TABLE level_changes ADD COLUMN pinned_until INTEGER;
