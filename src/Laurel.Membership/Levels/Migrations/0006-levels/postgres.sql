CREATE TABLE level_changes (
    id          bigint NOT NULL,
    tenant_id   integer NOT NULL,
    member_id   bigint NOT NULL,
    posting_id  bigint NOT NULL,
    from_code   text,
    to_code     text    NOT NULL,
    reason      text    NOT NULL,
    lifetime    bigint NOT NULL,
    occurred_at bigint NOT NULL,
    recorded_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);
