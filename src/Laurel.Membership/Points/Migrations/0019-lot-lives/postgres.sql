-- What became of points that lapsed (0: nothing, 1: they came back, 2: a refund counted them), and at how many days before its expiry the
-- member was told of a lot last (0: not yet).
ALTER TABLE lots ADD COLUMN lapse_use integer NOT NULL DEFAULT 0;

ALTER TABLE lots ADD COLUMN reminded_days integer NOT NULL DEFAULT 0;

-- Lots that wait for their activation, and nothing else: a row goes when its lot waits no longer.
CREATE TABLE pending_lots (
    tenant_id         integer NOT NULL,
    member_id         bigint NOT NULL,
    lot_id            bigint NOT NULL,
    activates_at      bigint NOT NULL,
    cancels_at        bigint NOT NULL,
    event             text,
    reference         text,
    validity_days     integer,
    lifetime          bigint NOT NULL CHECK (lifetime >= 0),
    repays_percent    integer NOT NULL CHECK (repays_percent BETWEEN 0 AND 100),
    PRIMARY KEY (tenant_id, member_id, lot_id)
);

-- How the life of a lot was moved: it was made pending, activated, or given a longer life. For balances as of an instant, for I3, and
-- for auditors, who compare what lapses with what was prolonged.
CREATE TABLE lot_changes (
    tenant_id      integer NOT NULL,
    member_id      bigint NOT NULL,
    id             bigint NOT NULL,
    lot_id         bigint NOT NULL,
    kind           text NOT NULL,
    points         bigint NOT NULL CHECK (points >= 0),
    active_before  bigint NOT NULL,
    active_after   bigint NOT NULL,
    expires_before bigint NOT NULL,
    expires_after  bigint NOT NULL,
    occurred_at    bigint NOT NULL,
    recorded_at    bigint NOT NULL,
    reason         text NOT NULL,
    operator       text,
    reference      text NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);

CREATE INDEX lot_changes_lot ON lot_changes (tenant_id, member_id, lot_id, id);

ALTER TABLE opening_balances ADD COLUMN cancellation bigint NOT NULL DEFAULT 0;
