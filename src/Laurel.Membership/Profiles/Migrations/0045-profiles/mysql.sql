-- A member's profile: one sealed document, and how often it was changed.
ALTER TABLE personal_data ADD COLUMN profile MEDIUMBLOB;
ALTER TABLE personal_data ADD COLUMN profile_version BIGINT NOT NULL DEFAULT 0;

-- What a member agreed to and what it withdrew, each a row for good. The origin is sealed by the member's data key.
CREATE TABLE member_consents (
    tenant_id    INT            NOT NULL,
    member_id    BIGINT         NOT NULL,
    id           BIGINT         NOT NULL,
    purpose      VARCHAR(64)    NOT NULL,
    text_version VARCHAR(64)    NOT NULL,
    given        INT            NOT NULL,
    actor        VARCHAR(255)   NOT NULL,
    origin       VARBINARY(2048),
    given_at     BIGINT         NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);
