-- Members whose profile is complete and of whom that is still to be told. Whatever completes a profile writes the row with it, and the job profiles takes it away.
CREATE TABLE profile_completions (
    tenant_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, member_id)
) WITHOUT ROWID;
