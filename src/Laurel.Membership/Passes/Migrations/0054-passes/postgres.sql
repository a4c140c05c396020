-- The last code of a member's pass that a till took: that one and those before it are taken no more.
CREATE TABLE pass_scans (
    tenant_id  integer NOT NULL,
    id         bigint  NOT NULL,
    last_step  bigint  NOT NULL,
    scanned_at bigint  NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
