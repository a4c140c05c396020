-- A member's profile: one sealed document, and how often it was changed.
ALTER TABLE personal_data ADD COLUMN profile bytea;
ALTER TABLE personal_data ADD COLUMN profile_version bigint NOT NULL DEFAULT 0;

-- What a member agreed to and what it withdrew, each a row for good. The origin is sealed by the member's data key.
CREATE TABLE member_consents (
    tenant_id    integer NOT NULL,
    member_id    bigint  NOT NULL,
    id           bigint  NOT NULL,
    purpose      text    NOT NULL,
    text_version text    NOT NULL,
    given        integer NOT NULL,
    actor        text    NOT NULL,
    origin       bytea,
    given_at     bigint  NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);
