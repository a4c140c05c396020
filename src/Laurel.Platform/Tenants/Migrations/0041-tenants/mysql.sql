-- A tenant's host names, with blanks between; since when it is suspended, and why; null while it is not.
ALTER TABLE tenants ADD COLUMN hosts VARCHAR(5200) NOT NULL DEFAULT '';
ALTER TABLE tenants ADD COLUMN suspended_at BIGINT;
ALTER TABLE tenants ADD COLUMN suspended_for VARCHAR(500);
