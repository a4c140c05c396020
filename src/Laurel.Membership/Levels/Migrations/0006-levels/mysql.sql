CREATE TABLE level_changes (
    id              BIGINT         NOT NULL,
    tenant_id       INT            NOT NULL,
    member_id       BIGINT         NOT NULL,
    posting_id      BIGINT         NOT NULL,
    from_code       VARCHAR(64),
    to_code         VARCHAR(64)    NOT NULL,
    reason          VARCHAR(255)   NOT NULL,
    lifetime        BIGINT         NOT NULL,
    occurred_at     BIGINT         NOT NULL,
    recorded_at     BIGINT         NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);
