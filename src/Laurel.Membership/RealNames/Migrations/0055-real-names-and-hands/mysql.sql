-- How far the check of a member's real name is. Number and name are sealed by the member's data key; the index finds equal numbers.
CREATE TABLE real_names (
    tenant_id   INT NOT NULL,
    id          BIGINT NOT NULL,
    state       VARCHAR(32) NOT NULL,
    card        VARBINARY(1024),
    card_index  BINARY(16),
    real_name   VARBINARY(1024),
    card_use    BIGINT,
    attempt     BIGINT NOT NULL,
    attempts_on INT NOT NULL,
    attempts    INT NOT NULL,
    provider    VARCHAR(32) NOT NULL,
    changed_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- The members that one identity card has verified: a row for each place there is, by a hash of number and place.
CREATE TABLE identity_card_uses (
    tenant_id  INT NOT NULL,
    id         BIGINT NOT NULL,
    card_index BINARY(16) NOT NULL,
    member_id  BIGINT,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX identity_card_uses_member ON identity_card_uses (tenant_id, member_id);

-- Whose hand a key is: who made it, or gave it its last secret. Null for the key's own, as for those of the command line.
ALTER TABLE api_keys ADD COLUMN made_by BINARY(16);
