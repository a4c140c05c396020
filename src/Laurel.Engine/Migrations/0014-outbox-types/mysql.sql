-- Which types of a batch's events are to be published, names with blanks between; null is all of them. A batch joins whole: only
-- a replay narrows it.
ALTER TABLE outbox ADD COLUMN event_types VARCHAR(2000) NULL;
