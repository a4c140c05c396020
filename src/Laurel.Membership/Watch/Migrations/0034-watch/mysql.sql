-- What watch rules found unusual of a member, and what somebody decided about it.
CREATE TABLE watch_cases (
    tenant_id    INT NOT NULL,
    member_id    BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    rule_code    VARCHAR(64) NOT NULL,
    rule_version INT NOT NULL,
    action       VARCHAR(64) NOT NULL,
    status       VARCHAR(64) NOT NULL,
    hits         BIGINT NOT NULL CHECK (hits > 0),
    opened_at    BIGINT NOT NULL,
    last_hit_at  BIGINT NOT NULL,
    value        BIGINT NOT NULL,
    threshold    BIGINT NOT NULL,
    froze        INT NOT NULL,
    assigned_to  VARCHAR(128),
    decided_at   BIGINT,
    decided_by   VARCHAR(128),
    PRIMARY KEY (tenant_id, member_id, id)
);

CREATE INDEX watch_cases_tenant ON watch_cases (tenant_id, id);

-- What happened to cases: each hit with its figures, and who assigned and decided them and why.
CREATE TABLE watch_case_changes (
    tenant_id   INT NOT NULL,
    member_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    case_id     BIGINT NOT NULL,
    kind        VARCHAR(64) NOT NULL,
    action      VARCHAR(64),
    occurred_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    operator    VARCHAR(128),
    assigned_to VARCHAR(128),
    note        MEDIUMTEXT,
    evidence    MEDIUMTEXT,
    PRIMARY KEY (tenant_id, member_id, id)
);

CREATE INDEX watch_case_changes_case ON watch_case_changes (tenant_id, member_id, case_id, id);

-- Who was seen with a device or an address, and whom a member invited: who:microseconds, by a keyed hash of what it is.
CREATE TABLE watch_marks (
    tenant_id INT NOT NULL,
    id        BIGINT NOT NULL,
    seen      MEDIUMTEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
