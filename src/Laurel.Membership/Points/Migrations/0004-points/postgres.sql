-- Immutable, double-entry: each row moves an amount between the account named here and the member's wallet of the unit.
-- Members own their entries: ids grow within a member.
CREATE TABLE entries (
    id             bigint NOT NULL,
    tenant_id      integer NOT NULL,
    member_id      bigint NOT NULL,
    posting_id     bigint NOT NULL,
    unit           text    NOT NULL,
    kind           text    NOT NULL,
    account        text    NOT NULL,
    amount         bigint NOT NULL,
    balance_after  bigint NOT NULL,
    debt_delta     bigint NOT NULL,
    lifetime_delta bigint NOT NULL,
    occurred_at    bigint NOT NULL,
    recorded_at    bigint NOT NULL,
    expires_at     bigint ,
    rule           text    NOT NULL,
    rule_version   integer NOT NULL,
    base           bigint ,
    multiplier     integer,
    cut            bigint ,
    reason         text    NOT NULL,
    reference_type text    NOT NULL,
    reference_id   text    NOT NULL,
    order_id       text,
    related_id     bigint ,
    detail         text,
    PRIMARY KEY (tenant_id, member_id, id)
);

-- The list of all records of a tenant. Ids are time-ordered, so it only grows at its right edge.
CREATE INDEX entries_tenant ON entries (tenant_id, id);

-- A lot has the id of the entry that granted it.
CREATE TABLE lots (
    id         bigint NOT NULL,
    tenant_id  integer NOT NULL,
    member_id  bigint NOT NULL,
    granted    bigint NOT NULL,
    opening    bigint NOT NULL CHECK (opening BETWEEN 0 AND granted),
    remaining  bigint NOT NULL CHECK (remaining BETWEEN 0 AND opening),
    held       bigint NOT NULL CHECK (held BETWEEN 0 AND remaining),
    expired    bigint NOT NULL CHECK (expired BETWEEN 0 AND opening - remaining),
    active_at  bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);

CREATE INDEX lots_open ON lots (tenant_id, member_id, expires_at, active_at, id) WHERE remaining > 0;

CREATE TABLE lot_takes (
    tenant_id   integer NOT NULL,
    member_id   bigint NOT NULL,
    entry_id    bigint NOT NULL,
    lot_id      bigint NOT NULL,
    points      bigint NOT NULL CHECK (points > 0),
    occurred_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, member_id, entry_id, lot_id)
);

CREATE TABLE holds (
    id             bigint NOT NULL,
    tenant_id      integer NOT NULL,
    member_id      bigint NOT NULL,
    points         bigint NOT NULL CHECK (points > 0),
    captured       bigint NOT NULL CHECK (captured >= 0),
    released       bigint NOT NULL CHECK (released >= 0 AND captured + released <= points),
    status         text    NOT NULL,
    opened_at      bigint NOT NULL,
    expires_at     bigint NOT NULL,
    reason         text    NOT NULL,
    reference_type text    NOT NULL,
    reference_id   text    NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);

CREATE INDEX holds_open ON holds (tenant_id, member_id, id) WHERE status = 'open';

CREATE TABLE hold_pins (
    tenant_id integer NOT NULL,
    member_id bigint NOT NULL,
    hold_id   bigint NOT NULL,
    lot_id    bigint NOT NULL,
    points    bigint NOT NULL CHECK (points >= 0),
    PRIMARY KEY (tenant_id, member_id, hold_id, lot_id)
);

-- How a hold came to stand as it stands, lot by lot: for the balances as of an instant, and for I11.
CREATE TABLE hold_changes (
    id          bigint NOT NULL,
    tenant_id   integer NOT NULL,
    member_id   bigint NOT NULL,
    hold_id     bigint NOT NULL,
    lot_id      bigint NOT NULL,
    kind        text    NOT NULL,
    points      bigint NOT NULL CHECK (points > 0),
    occurred_at bigint NOT NULL,
    recorded_at bigint NOT NULL,
    reference   text    NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);

CREATE TABLE limit_counters (
    tenant_id  integer NOT NULL,
    member_id  bigint NOT NULL,
    limit_code text    NOT NULL,
    period     bigint NOT NULL,
    used       bigint NOT NULL CHECK (used >= 0),
    PRIMARY KEY (tenant_id, member_id, limit_code, period)
);
