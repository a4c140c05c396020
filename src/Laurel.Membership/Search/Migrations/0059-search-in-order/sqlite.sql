-- A tenant's members in the order of their ids. A row of members is found by its id alone, so without it a page of the list sorts the whole tenant.
CREATE INDEX members_tenant ON members (tenant_id, id);

-- Levels of tracks are terms from now on: where members stand in tracks, all are brought into the index once more.
DELETE FROM search_fills WHERE part = 'names' AND tenant_id IN (SELECT m.tenant_id FROM members m WHERE m.level_state LIKE '%"tracks":%');
