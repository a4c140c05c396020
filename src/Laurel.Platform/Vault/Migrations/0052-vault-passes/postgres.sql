-- How far everything that is sealed was put under a new master key. Progress alone: without it a run begins anew, and does no harm.
CREATE TABLE vault_passes (
    sealed_column text    NOT NULL PRIMARY KEY,
    key_id        text    NOT NULL,
    tenant_id     integer NOT NULL,
    last_id       bigint  NOT NULL,
    found         bigint  NOT NULL,
    rewrapped     bigint  NOT NULL,
    unreadable    bigint  NOT NULL,
    finished_at   bigint
);
