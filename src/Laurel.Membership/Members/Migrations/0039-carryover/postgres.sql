-- The date of the last carryover that was carried out for the member: what it had then goes by the programme of then. Null for none.
ALTER TABLE members ADD COLUMN carried_at bigint;
