-- Who made a version of a programme and why; null for those that the settings made.
ALTER TABLE programmes ADD COLUMN changed_by TEXT;
ALTER TABLE programmes ADD COLUMN reason TEXT;
