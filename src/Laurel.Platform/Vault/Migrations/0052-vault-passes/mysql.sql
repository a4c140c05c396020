-- How far everything that is sealed was put under a new master key. Progress alone: without it a run begins anew, and does no harm.
CREATE TABLE vault_passes (
    sealed_column VARCHAR(64) NOT NULL PRIMARY KEY,
    key_id        VARCHAR(32) NOT NULL,
    tenant_id     INT         NOT NULL,
    last_id       BIGINT      NOT NULL,
    found         BIGINT      NOT NULL,
    rewrapped     BIGINT      NOT NULL,
    unreadable    BIGINT      NOT NULL,
    finished_at   BIGINT
);
