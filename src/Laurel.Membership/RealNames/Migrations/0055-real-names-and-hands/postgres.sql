-- How far the check of a member's real name is. Number and name are sealed by the member's data key; the index finds equal numbers.
CREATE TABLE real_names (
    tenant_id   integer NOT NULL,
    id          bigint NOT NULL,
    state       text NOT NULL,
    card        bytea,
    card_index  bytea,
    real_name   bytea,
    card_use    bigint,
    attempt     bigint NOT NULL,
    attempts_on integer NOT NULL,
    attempts    integer NOT NULL,
    provider    text NOT NULL,
    changed_at  bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- The members that one identity card has verified: a row for each place there is, by a hash of number and place.
CREATE TABLE identity_card_uses (
    tenant_id  integer NOT NULL,
    id         bigint NOT NULL,
    card_index bytea NOT NULL,
    member_id  bigint,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX identity_card_uses_member ON identity_card_uses (tenant_id, member_id) WHERE member_id IS NOT NULL;

-- Whose hand a key is: who made it, or gave it its last secret. Null for the key's own, as for those of the command line.
ALTER TABLE api_keys ADD COLUMN made_by bytea;
