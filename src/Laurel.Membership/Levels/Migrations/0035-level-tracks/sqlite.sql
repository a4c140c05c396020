-- The track whose level changed; null for the main ladder.
ALTER TABLE level_changes ADD COLUMN track TEXT;

-- The levels of tracks that a merge changed, as JSON; null where it changed none.
ALTER TABLE member_merges ADD COLUMN tracks TEXT;
