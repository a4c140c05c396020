-- Many may have one number or address: they are walked in the order of their ids, as whatever else finds members.
DROP INDEX personal_data_phone;
DROP INDEX personal_data_email;
CREATE INDEX personal_data_phone ON personal_data (tenant_id, phone_index, member_id) WHERE phone_index IS NOT NULL;
CREATE INDEX personal_data_email ON personal_data (tenant_id, email_index, member_id) WHERE email_index IS NOT NULL;

-- Levels of tracks are terms from now on: where members stand in tracks, all are brought into the index once more.
DELETE FROM search_fills WHERE part = 'names' AND tenant_id IN (SELECT m.tenant_id FROM members m WHERE m.level_state LIKE '%"tracks":%');
