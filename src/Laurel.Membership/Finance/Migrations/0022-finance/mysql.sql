-- Closed recorded days of a tenant: the ids that are theirs, and what a point was worth. Whoever closes a day draws closing_id, and the day's
-- rows in the tables below are written only where it is theirs.
CREATE TABLE finance_days (
    tenant_id               INT NOT NULL,
    day                     INT NOT NULL,
    begin_id                BIGINT NOT NULL,
    end_id                  BIGINT NOT NULL,
    closed_at               BIGINT NOT NULL,
    closing_id              BIGINT NOT NULL,
    programme_version       INT NOT NULL,
    value_points            BIGINT NOT NULL,
    value_minor_units       BIGINT NOT NULL,
    redemption_basis_points INT NOT NULL,
    redemption_source       VARCHAR(32) NOT NULL,
    PRIMARY KEY (tenant_id, day)
);

-- How each unit stood at both ends of a closed day.
CREATE TABLE finance_closings (
    tenant_id  INT NOT NULL,
    day        INT NOT NULL,
    unit       VARCHAR(32) NOT NULL,
    opening    BIGINT NOT NULL,
    closing    BIGINT NOT NULL,
    debt       BIGINT NOT NULL,
    receivable BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, day, unit)
);

-- What moved on a closed day. of_day is the recorded day that the entries' ids are of: the day itself, or the one before for what was
-- committed after that was closed. business_day is when it happened; 0 for what opening balances bring forward.
CREATE TABLE finance_movements (
    tenant_id    INT NOT NULL,
    day          INT NOT NULL,
    of_day       INT NOT NULL,
    unit         VARCHAR(32) NOT NULL,
    kind         VARCHAR(32) NOT NULL,
    account      VARCHAR(32) NOT NULL,
    business_day INT NOT NULL,
    entries      BIGINT NOT NULL,
    amount       BIGINT NOT NULL,
    debt         BIGINT NOT NULL,
    receivable   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, day, of_day, unit, kind, account, business_day)
);

-- What a closed day added to the points issued in a month, by their age in months.
CREATE TABLE finance_cohorts (
    tenant_id   INT NOT NULL,
    day         INT NOT NULL,
    of_day      INT NOT NULL,
    issue_month INT NOT NULL,
    age         INT NOT NULL,
    kind        VARCHAR(32) NOT NULL,
    granted     BIGINT NOT NULL,
    taken       BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, day, of_day, issue_month, age, kind)
);

-- The changes of holds of a day are a range of ids. Entries have this index already.
CREATE INDEX hold_changes_tenant ON hold_changes (tenant_id, id);
