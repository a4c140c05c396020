CREATE TABLE webhook_endpoints (
    tenant_id             integer NOT NULL,
    id                    bigint  NOT NULL,
    url                   text    NOT NULL,
    description           text,
    event_types           text    NOT NULL,
    secret                bytea   NOT NULL,
    previous_secret       bytea,
    previous_secret_until bigint,
    enabled               integer NOT NULL CHECK (enabled IN (0, 1)),
    disabled_reason       text,
    disabled_at           bigint,
    failing_since         bigint,
    created_at            bigint  NOT NULL,
    deleted_at            bigint,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX webhook_endpoints_enabled ON webhook_endpoints (enabled);

-- A queue and its memory: a row that waits has its time, one that is done has none.
CREATE TABLE webhook_deliveries (
    endpoint_id     bigint  NOT NULL,
    batch_id        bigint  NOT NULL,
    event_index     integer NOT NULL,
    tenant_id       integer NOT NULL,
    event_type      text    NOT NULL,
    state           integer NOT NULL CHECK (state IN (0, 1, 2)),
    attempts        integer NOT NULL,
    next_attempt_at bigint,
    PRIMARY KEY (endpoint_id, batch_id, event_index)
);

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_attempt_at, batch_id, event_index)
    WHERE next_attempt_at IS NOT NULL;

CREATE INDEX webhook_deliveries_failed ON webhook_deliveries (endpoint_id, batch_id, event_index) WHERE state = 2;

CREATE TABLE webhook_attempts (
    endpoint_id  bigint  NOT NULL,
    id           bigint  NOT NULL,
    tenant_id    integer NOT NULL,
    batch_id     bigint  NOT NULL,
    event_index  integer NOT NULL,
    attempt      integer NOT NULL,
    attempted_at bigint  NOT NULL,
    duration_ms  integer NOT NULL,
    delivered    integer NOT NULL CHECK (delivered IN (0, 1)),
    status       integer,
    error        text,
    response     text,
    PRIMARY KEY (endpoint_id, id)
);
