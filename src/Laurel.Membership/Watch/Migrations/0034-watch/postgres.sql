-- What watch rules found unusual of a member, and what somebody decided about it.
CREATE TABLE watch_cases (
    tenant_id    integer NOT NULL,
    member_id    bigint NOT NULL,
    id           bigint NOT NULL,
    rule_code    text NOT NULL,
    rule_version integer NOT NULL,
    action       text NOT NULL,
    status       text NOT NULL,
    hits         bigint NOT NULL CHECK (hits > 0),
    opened_at    bigint NOT NULL,
    last_hit_at  bigint NOT NULL,
    value        bigint NOT NULL,
    threshold    bigint NOT NULL,
    froze        integer NOT NULL,
    assigned_to  text,
    decided_at   bigint,
    decided_by   text,
    PRIMARY KEY (tenant_id, member_id, id)
);

CREATE INDEX watch_cases_tenant ON watch_cases (tenant_id, id);

-- What happened to cases: each hit with its figures, and who assigned and decided them and why.
CREATE TABLE watch_case_changes (
    tenant_id   integer NOT NULL,
    member_id   bigint NOT NULL,
    id          bigint NOT NULL,
    case_id     bigint NOT NULL,
    kind        text NOT NULL,
    action      text,
    occurred_at bigint NOT NULL,
    recorded_at bigint NOT NULL,
    operator    text,
    assigned_to text,
    note        text,
    evidence    text,
    PRIMARY KEY (tenant_id, member_id, id)
);

CREATE INDEX watch_case_changes_case ON watch_case_changes (tenant_id, member_id, case_id, id);

-- Who was seen with a device or an address, and whom a member invited: who:microseconds, by a keyed hash of what it is.
CREATE TABLE watch_marks (
    tenant_id integer NOT NULL,
    id        bigint NOT NULL,
    seen      text NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
