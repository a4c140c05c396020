-- A tenant's host names, with blanks between; since when it is suspended, and why; null while it is not.
ALTER TABLE tenants ADD COLUMN hosts text NOT NULL DEFAULT '';
ALTER TABLE tenants ADD COLUMN suspended_at bigint;
ALTER TABLE tenants ADD COLUMN suspended_for text;
