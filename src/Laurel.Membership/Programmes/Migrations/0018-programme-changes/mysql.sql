-- Who made a version of a programme and why; null for those that the settings made.
ALTER TABLE programmes ADD COLUMN changed_by VARCHAR(255);
ALTER TABLE programmes ADD COLUMN reason VARCHAR(255);
