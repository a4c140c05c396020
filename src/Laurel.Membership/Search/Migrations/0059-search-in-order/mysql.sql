-- Indexes of this dialect end with the primary key, so the order of ids is there. Levels of tracks are terms from now on: where members stand in tracks,
-- all are brought into the index once more.
DELETE FROM search_fills WHERE part = 'names' AND tenant_id IN (SELECT m.tenant_id FROM members m WHERE m.level_state LIKE '%"tracks":%');
