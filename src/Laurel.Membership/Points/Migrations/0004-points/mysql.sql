-- Immutable, double-entry: each row moves an amount between the account named here and the member's wallet of the unit.
-- Members own their entries: ids grow within a member.
CREATE TABLE entries (
    id              BIGINT         NOT NULL,
    tenant_id       INT            NOT NULL,
    member_id       BIGINT         NOT NULL,
    posting_id      BIGINT         NOT NULL,
    unit            VARCHAR(32)    NOT NULL,
    kind            VARCHAR(32)    NOT NULL,
    account         VARCHAR(32)    NOT NULL,
    amount          BIGINT         NOT NULL,
    balance_after   BIGINT         NOT NULL,
    debt_delta      BIGINT         NOT NULL,
    lifetime_delta  BIGINT         NOT NULL,
    occurred_at     BIGINT         NOT NULL,
    recorded_at     BIGINT         NOT NULL,
    expires_at      BIGINT,
    rule            VARCHAR(64)    NOT NULL,
    rule_version    INT            NOT NULL,
    base            BIGINT,
    multiplier      INT,
    cut             BIGINT,
    reason          VARCHAR(255)   NOT NULL,
    reference_type  VARCHAR(64)    NOT NULL,
    reference_id    VARCHAR(512)   NOT NULL,
    order_id        VARCHAR(128),
    related_id      BIGINT,
    detail          TEXT,
    PRIMARY KEY (tenant_id, member_id, id)
);

-- The list of all records of a tenant. Ids are time-ordered, so it only grows at its right edge.
CREATE INDEX entries_tenant ON entries (tenant_id, id);

-- A lot has the id of the entry that granted it.
CREATE TABLE lots (
    id              BIGINT         NOT NULL,
    tenant_id       INT            NOT NULL,
    member_id       BIGINT         NOT NULL,
    granted         BIGINT         NOT NULL,
    opening         BIGINT         NOT NULL, CHECK (opening BETWEEN 0 AND granted),
    remaining       BIGINT         NOT NULL, CHECK (remaining BETWEEN 0 AND opening),
    held            BIGINT         NOT NULL, CHECK (held BETWEEN 0 AND remaining),
    expired         BIGINT         NOT NULL, CHECK (expired BETWEEN 0 AND opening - remaining),
    active_at       BIGINT         NOT NULL,
    expires_at      BIGINT         NOT NULL,
    -- Open lots are found by this: an index of part of a table does not exist here.
    open_expires_at BIGINT         AS (CASE WHEN remaining > 0 THEN expires_at END) STORED,
    PRIMARY KEY (tenant_id, member_id, id)
);

CREATE INDEX lots_open ON lots (tenant_id, member_id, open_expires_at, active_at, id);

CREATE TABLE lot_takes (
    tenant_id       INT            NOT NULL,
    member_id       BIGINT         NOT NULL,
    entry_id        BIGINT         NOT NULL,
    lot_id          BIGINT         NOT NULL,
    points          BIGINT         NOT NULL CHECK (points > 0),
    occurred_at     BIGINT         NOT NULL,
    PRIMARY KEY (tenant_id, member_id, entry_id, lot_id)
);

CREATE TABLE holds (
    id              BIGINT         NOT NULL,
    tenant_id       INT            NOT NULL,
    member_id       BIGINT         NOT NULL,
    points          BIGINT         NOT NULL CHECK (points > 0),
    captured        BIGINT         NOT NULL CHECK (captured >= 0),
    released        BIGINT         NOT NULL, CHECK (released >= 0 AND captured + released <= points),
    status          VARCHAR(32)    NOT NULL,
    opened_at       BIGINT         NOT NULL,
    expires_at      BIGINT         NOT NULL,
    reason          VARCHAR(255)   NOT NULL,
    reference_type  VARCHAR(64)    NOT NULL,
    reference_id    VARCHAR(512)   NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);

CREATE INDEX holds_open ON holds (tenant_id, member_id, status, id);

CREATE TABLE hold_pins (
    tenant_id       INT            NOT NULL,
    member_id       BIGINT         NOT NULL,
    hold_id         BIGINT         NOT NULL,
    lot_id          BIGINT         NOT NULL,
    points          BIGINT         NOT NULL CHECK (points >= 0),
    PRIMARY KEY (tenant_id, member_id, hold_id, lot_id)
);

-- How a hold came to stand as it stands, lot by lot: for the balances as of an instant, and for I11.
CREATE TABLE hold_changes (
    id              BIGINT         NOT NULL,
    tenant_id       INT            NOT NULL,
    member_id       BIGINT         NOT NULL,
    hold_id         BIGINT         NOT NULL,
    lot_id          BIGINT         NOT NULL,
    kind            VARCHAR(32)    NOT NULL,
    points          BIGINT         NOT NULL CHECK (points > 0),
    occurred_at     BIGINT         NOT NULL,
    recorded_at     BIGINT         NOT NULL,
    reference       VARCHAR(512)   NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);

CREATE TABLE limit_counters (
    tenant_id       INT            NOT NULL,
    member_id       BIGINT         NOT NULL,
    limit_code      VARCHAR(64)    NOT NULL,
    period          BIGINT         NOT NULL,
    used            BIGINT         NOT NULL CHECK (used >= 0),
    PRIMARY KEY (tenant_id, member_id, limit_code, period)
);
