-- A member's profile: one sealed document, and how often it was changed.
ALTER TABLE personal_data ADD COLUMN profile BLOB;
ALTER TABLE personal_data ADD COLUMN profile_version INTEGER NOT NULL DEFAULT 0;

-- What a member agreed to and what it withdrew, each a row for good. The origin is sealed by the member's data key.
CREATE TABLE member_consents (
    tenant_id    INTEGER NOT NULL,
    member_id    INTEGER NOT NULL,
    id           INTEGER NOT NULL,
    purpose      TEXT    NOT NULL,
    text_version TEXT    NOT NULL,
    given        INTEGER NOT NULL,
    actor        TEXT    NOT NULL,
    origin       BLOB,
    given_at     INTEGER NOT NULL,
    PRIMARY KEY (member_id, id)
) WITHOUT ROWID;
