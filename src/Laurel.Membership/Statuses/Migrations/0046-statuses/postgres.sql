-- When the cooling-off of a member who wants to leave ends; null for all others. And when nothing was known of the person any more.
ALTER TABLE members ADD COLUMN cancel_due_at bigint;
ALTER TABLE members ADD COLUMN erased_at bigint;

CREATE INDEX members_cancel_due ON members (tenant_id, cancel_due_at, id) WHERE cancel_due_at IS NOT NULL;
CREATE INDEX members_erased ON members (tenant_id, erased_at) WHERE erased_at IS NOT NULL;

-- How a member's status came about, and what was asked about leaving.
CREATE TABLE member_status_changes (
    tenant_id   integer NOT NULL,
    member_id   bigint  NOT NULL,
    id          bigint  NOT NULL,
    kind        text    NOT NULL,
    from_status text    NOT NULL,
    to_status   text    NOT NULL,
    reason      text    NOT NULL,
    actor       text    NOT NULL,
    due_at      bigint,
    changed_at  bigint  NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);
