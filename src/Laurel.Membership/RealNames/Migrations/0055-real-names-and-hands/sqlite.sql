-- How far the check of a member's real name is. Number and name are sealed by the member's data key; the index finds equal numbers.
CREATE TABLE real_names (
    tenant_id   INTEGER NOT NULL,
    id          INTEGER NOT NULL,
    state       TEXT NOT NULL,
    card        BLOB,
    card_index  BLOB,
    real_name   BLOB,
    card_use    INTEGER,
    attempt     INTEGER NOT NULL,
    attempts_on INTEGER NOT NULL,
    attempts    INTEGER NOT NULL,
    provider    TEXT NOT NULL,
    changed_at  INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

-- The members that one identity card has verified: a row for each place there is, by a hash of number and place.
CREATE TABLE identity_card_uses (
    tenant_id  INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    card_index BLOB NOT NULL,
    member_id  INTEGER,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX identity_card_uses_member ON identity_card_uses (tenant_id, member_id) WHERE member_id IS NOT NULL;

-- Whose hand a key is: who made it, or gave it its last secret. Null for the key's own, as for those of the command line.
ALTER TABLE api_keys ADD COLUMN made_by BLOB;
