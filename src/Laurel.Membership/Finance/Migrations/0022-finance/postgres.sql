-- Closed recorded days of a tenant: the ids that are theirs, and what a point was worth. Whoever closes a day draws closing_id, and the day's
-- rows in the tables below are written only where it is theirs.
CREATE TABLE finance_days (
    tenant_id               integer NOT NULL,
    day                     integer NOT NULL,
    begin_id                bigint NOT NULL,
    end_id                  bigint NOT NULL,
    closed_at               bigint NOT NULL,
    closing_id              bigint NOT NULL,
    programme_version       integer NOT NULL,
    value_points            bigint NOT NULL,
    value_minor_units       bigint NOT NULL,
    redemption_basis_points integer NOT NULL,
    redemption_source       text NOT NULL,
    PRIMARY KEY (tenant_id, day)
);

-- How each unit stood at both ends of a closed day.
CREATE TABLE finance_closings (
    tenant_id  integer NOT NULL,
    day        integer NOT NULL,
    unit       text NOT NULL,
    opening    bigint NOT NULL,
    closing    bigint NOT NULL,
    debt       bigint NOT NULL,
    receivable bigint NOT NULL,
    PRIMARY KEY (tenant_id, day, unit)
);

-- What moved on a closed day. of_day is the recorded day that the entries' ids are of: the day itself, or the one before for what was
-- committed after that was closed. business_day is when it happened; 0 for what opening balances bring forward.
CREATE TABLE finance_movements (
    tenant_id    integer NOT NULL,
    day          integer NOT NULL,
    of_day       integer NOT NULL,
    unit         text NOT NULL,
    kind         text NOT NULL,
    account      text NOT NULL,
    business_day integer NOT NULL,
    entries      bigint NOT NULL,
    amount       bigint NOT NULL,
    debt         bigint NOT NULL,
    receivable   bigint NOT NULL,
    PRIMARY KEY (tenant_id, day, of_day, unit, kind, account, business_day)
);

-- What a closed day added to the points issued in a month, by their age in months.
CREATE TABLE finance_cohorts (
    tenant_id   integer NOT NULL,
    day         integer NOT NULL,
    of_day      integer NOT NULL,
    issue_month integer NOT NULL,
    age         integer NOT NULL,
    kind        text NOT NULL,
    granted     bigint NOT NULL,
    taken       bigint NOT NULL,
    PRIMARY KEY (tenant_id, day, of_day, issue_month, age, kind)
);

-- The changes of holds of a day are a range of ids. Entries have this index already.
CREATE INDEX hold_changes_tenant ON hold_changes (tenant_id, id);
