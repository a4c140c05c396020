-- Adjustments that wait for a second person, or were decided by one.
CREATE TABLE adjustment_requests (
    tenant_id       INT          NOT NULL,
    member_id       BIGINT       NOT NULL,
    id              BIGINT       NOT NULL,
    points          BIGINT       NOT NULL CHECK (points <> 0),
    reason          VARCHAR(255) NOT NULL,
    reference_type  VARCHAR(64)  NOT NULL,
    reference_id    VARCHAR(128) NOT NULL,
    status          VARCHAR(32)  NOT NULL,
    asked_at        BIGINT       NOT NULL,
    asked_key       BINARY(16)   NOT NULL,
    asked_by        VARCHAR(255) NOT NULL,
    decided_at      BIGINT,
    decided_key     BINARY(16),
    decided_by      VARCHAR(255),
    decision_reason VARCHAR(255),
    entry_id        BIGINT       NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);

CREATE INDEX adjustment_requests_tenant ON adjustment_requests (tenant_id, id);
