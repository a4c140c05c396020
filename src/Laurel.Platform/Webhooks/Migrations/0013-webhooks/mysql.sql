CREATE TABLE webhook_endpoints (
    tenant_id             INT            NOT NULL,
    id                    BIGINT         NOT NULL,
    url                   VARCHAR(2048)  NOT NULL,
    description           VARCHAR(200),
    event_types           TEXT           NOT NULL,
    secret                VARBINARY(512) NOT NULL,
    previous_secret       VARBINARY(512),
    previous_secret_until BIGINT,
    enabled               INT            NOT NULL CHECK (enabled IN (0, 1)),
    disabled_reason       VARCHAR(32),
    disabled_at           BIGINT,
    failing_since         BIGINT,
    created_at            BIGINT         NOT NULL,
    deleted_at            BIGINT,
    PRIMARY KEY (tenant_id, id),
    KEY webhook_endpoints_enabled (enabled)
);

-- A queue and its memory: a row that waits has its time, one that is done has none.
CREATE TABLE webhook_deliveries (
    endpoint_id     BIGINT         NOT NULL,
    batch_id        BIGINT         NOT NULL,
    event_index     INT            NOT NULL,
    tenant_id       INT            NOT NULL,
    event_type      VARCHAR(128)   NOT NULL,
    state           INT            NOT NULL CHECK (state IN (0, 1, 2)),
    attempts        INT            NOT NULL,
    next_attempt_at BIGINT,
    PRIMARY KEY (endpoint_id, batch_id, event_index),
    KEY webhook_deliveries_due (endpoint_id, next_attempt_at, batch_id, event_index),
    KEY webhook_deliveries_failed (endpoint_id, state, batch_id, event_index)
);

CREATE TABLE webhook_attempts (
    endpoint_id  BIGINT         NOT NULL,
    id           BIGINT         NOT NULL,
    tenant_id    INT            NOT NULL,
    batch_id     BIGINT         NOT NULL,
    event_index  INT            NOT NULL,
    attempt      INT            NOT NULL,
    attempted_at BIGINT         NOT NULL,
    duration_ms  INT            NOT NULL,
    delivered    INT            NOT NULL CHECK (delivered IN (0, 1)),
    status       INT,
    error        VARCHAR(255),
    response     TEXT,
    PRIMARY KEY (endpoint_id, id)
);
