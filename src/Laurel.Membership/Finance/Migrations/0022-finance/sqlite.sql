-- Closed recorded days of a tenant: the ids that are theirs, and what a point was worth. Whoever closes a day draws closing_id, and the day's
-- rows in the tables below are written only where it is theirs.
CREATE TABLE finance_days (
    tenant_id               INTEGER NOT NULL,
    day                     INTEGER NOT NULL,
    begin_id                INTEGER NOT NULL,
    end_id                  INTEGER NOT NULL,
    closed_at               INTEGER NOT NULL,
    closing_id              INTEGER NOT NULL,
    programme_version       INTEGER NOT NULL,
    value_points            INTEGER NOT NULL,
    value_minor_units       INTEGER NOT NULL,
    redemption_basis_points INTEGER NOT NULL,
    redemption_source       TEXT NOT NULL,
    PRIMARY KEY (tenant_id, day)
) WITHOUT ROWID;

-- How each unit stood at both ends of a closed day.
CREATE TABLE finance_closings (
    tenant_id  INTEGER NOT NULL,
    day        INTEGER NOT NULL,
    unit       TEXT NOT NULL,
    opening    INTEGER NOT NULL,
    closing    INTEGER NOT NULL,
    debt       INTEGER NOT NULL,
    receivable INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, day, unit)
) WITHOUT ROWID;

-- What moved on a closed day. of_day is the recorded day that the entries' ids are of: the day itself, or the one before for what was
-- committed after that was closed. business_day is when it happened; 0 for what opening balances bring forward.
CREATE TABLE finance_movements (
    tenant_id    INTEGER NOT NULL,
    day          INTEGER NOT NULL,
    of_day       INTEGER NOT NULL,
    unit         TEXT NOT NULL,
    kind         TEXT NOT NULL,
    account      TEXT NOT NULL,
    business_day INTEGER NOT NULL,
    entries      INTEGER NOT NULL,
    amount       INTEGER NOT NULL,
    debt         INTEGER NOT NULL,
    receivable   INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, day, of_day, unit, kind, account, business_day)
) WITHOUT ROWID;

-- What a closed day added to the points issued in a month, by their age in months.
CREATE TABLE finance_cohorts (
    tenant_id   INTEGER NOT NULL,
    day         INTEGER NOT NULL,
    of_day      INTEGER NOT NULL,
    issue_month INTEGER NOT NULL,
    age         INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    granted     INTEGER NOT NULL,
    taken       INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, day, of_day, issue_month, age, kind)
) WITHOUT ROWID;
