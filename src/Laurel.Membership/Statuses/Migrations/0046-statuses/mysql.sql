-- When the cooling-off of a member who wants to leave ends; null for all others. And when nothing was known of the person any more.
ALTER TABLE members ADD COLUMN cancel_due_at BIGINT;
ALTER TABLE members ADD COLUMN erased_at BIGINT;

CREATE INDEX members_cancel_due ON members (tenant_id, cancel_due_at, id);
CREATE INDEX members_erased ON members (tenant_id, erased_at);

-- How a member's status came about, and what was asked about leaving.
CREATE TABLE member_status_changes (
    tenant_id   INT          NOT NULL,
    member_id   BIGINT       NOT NULL,
    id          BIGINT       NOT NULL,
    kind        VARCHAR(32)  NOT NULL,
    from_status VARCHAR(32)  NOT NULL,
    to_status   VARCHAR(32)  NOT NULL,
    reason      VARCHAR(1024) NOT NULL,
    actor       VARCHAR(255) NOT NULL,
    due_at      BIGINT,
    changed_at  BIGINT       NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);
