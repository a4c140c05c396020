-- The picture of a member that lies in the store of files, by its name; null where there is none.
ALTER TABLE personal_data ADD COLUMN avatar_file text;

-- Files that are to be removed from the store, from a time on; 0 is at once. A file that is being stored has a row until something keeps it.
CREATE TABLE file_removals (
    tenant_id integer NOT NULL,
    name      text    NOT NULL,
    due_at    bigint  NOT NULL,
    PRIMARY KEY (tenant_id, name)
);

CREATE INDEX file_removals_due ON file_removals (due_at);
