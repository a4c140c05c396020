-- Adjustments that wait for a second person, or were decided by one.
CREATE TABLE adjustment_requests (
    tenant_id       integer NOT NULL,
    member_id       bigint NOT NULL,
    id              bigint NOT NULL,
    points          bigint NOT NULL CHECK (points <> 0),
    reason          text NOT NULL,
    reference_type  text NOT NULL,
    reference_id    text NOT NULL,
    status          text NOT NULL,
    asked_at        bigint NOT NULL,
    asked_key       bytea NOT NULL,
    asked_by        text NOT NULL,
    decided_at      bigint,
    decided_key     bytea,
    decided_by      text,
    decision_reason text,
    entry_id        bigint NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);

CREATE INDEX adjustment_requests_tenant ON adjustment_requests (tenant_id, id);
