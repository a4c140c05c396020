-- Whether a node tells the others at once what it has committed. A node of an earlier version does not know the column.
ALTER TABLE nodes ADD COLUMN tells integer NOT NULL DEFAULT 0;
