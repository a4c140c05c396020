CREATE TABLE webhook_endpoints (
    tenant_id             INTEGER NOT NULL,
    id                    INTEGER NOT NULL,
    url                   TEXT    NOT NULL,
    description           TEXT,
    event_types           TEXT    NOT NULL,
    secret                BLOB    NOT NULL,
    previous_secret       BLOB,
    previous_secret_until INTEGER,
    enabled               INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    disabled_reason       TEXT,
    disabled_at           INTEGER,
    failing_since         INTEGER,
    created_at            INTEGER NOT NULL,
    deleted_at            INTEGER,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX webhook_endpoints_enabled ON webhook_endpoints (enabled);

-- A queue and its memory: a row that waits has its time, one that is done has none.
CREATE TABLE webhook_deliveries (
    endpoint_id     INTEGER NOT NULL,
    batch_id        INTEGER NOT NULL,
    event_index     INTEGER NOT NULL,
    tenant_id       INTEGER NOT NULL,
    event_type      TEXT    NOT NULL,
    state           INTEGER NOT NULL CHECK (state IN (0, 1, 2)),
    attempts        INTEGER NOT NULL,
    next_attempt_at INTEGER,
    PRIMARY KEY (endpoint_id, batch_id, event_index)
) WITHOUT ROWID;

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_attempt_at, batch_id, event_index)
    WHERE next_attempt_at IS NOT NULL;

CREATE INDEX webhook_deliveries_failed ON webhook_deliveries (endpoint_id, batch_id, event_index) WHERE state = 2;

CREATE TABLE webhook_attempts (
    endpoint_id  INTEGER NOT NULL,
    id           INTEGER NOT NULL,
    tenant_id    INTEGER NOT NULL,
    batch_id     INTEGER NOT NULL,
    event_index  INTEGER NOT NULL,
    attempt      INTEGER NOT NULL,
    attempted_at INTEGER NOT NULL,
    duration_ms  INTEGER NOT NULL,
    delivered    INTEGER NOT NULL CHECK (delivered IN (0, 1)),
    status       INTEGER,
    error        TEXT,
    response     TEXT,
    PRIMARY KEY (endpoint_id, id)
) WITHOUT ROWID;
