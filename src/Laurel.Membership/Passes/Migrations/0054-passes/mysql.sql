-- The last code of a member's pass that a till took: that one and those before it are taken no more.
CREATE TABLE pass_scans (
    tenant_id  INT    NOT NULL,
    id         BIGINT NOT NULL,
    last_step  BIGINT NOT NULL,
    scanned_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
