-- What became of points that lapsed (0: nothing, 1: they came back, 2: a refund counted them), and at how many days before its expiry the
-- member was told of a lot last (0: not yet).
ALTER TABLE lots ADD COLUMN lapse_use INT NOT NULL DEFAULT 0;

ALTER TABLE lots ADD COLUMN reminded_days INT NOT NULL DEFAULT 0;

-- Lots that wait for their activation, and nothing else: a row goes when its lot waits no longer.
CREATE TABLE pending_lots (
    tenant_id         INT          NOT NULL,
    member_id         BIGINT       NOT NULL,
    lot_id            BIGINT       NOT NULL,
    activates_at      BIGINT       NOT NULL,
    cancels_at        BIGINT       NOT NULL,
    event             VARCHAR(64),
    reference         VARCHAR(128),
    validity_days     INT,
    lifetime          BIGINT       NOT NULL CHECK (lifetime >= 0),
    repays_percent    INT          NOT NULL CHECK (repays_percent BETWEEN 0 AND 100),
    PRIMARY KEY (tenant_id, member_id, lot_id)
);

-- How the life of a lot was moved: it was made pending, activated, or given a longer life. For balances as of an instant, for I3, and
-- for auditors, who compare what lapses with what was prolonged.
CREATE TABLE lot_changes (
    tenant_id      INT          NOT NULL,
    member_id      BIGINT       NOT NULL,
    id             BIGINT       NOT NULL,
    lot_id         BIGINT       NOT NULL,
    kind           VARCHAR(32)  NOT NULL,
    points         BIGINT       NOT NULL CHECK (points >= 0),
    active_before  BIGINT       NOT NULL,
    active_after   BIGINT       NOT NULL,
    expires_before BIGINT       NOT NULL,
    expires_after  BIGINT       NOT NULL,
    occurred_at    BIGINT       NOT NULL,
    recorded_at    BIGINT       NOT NULL,
    reason         VARCHAR(255) NOT NULL,
    operator       VARCHAR(128),
    reference      VARCHAR(128) NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);

CREATE INDEX lot_changes_lot ON lot_changes (tenant_id, member_id, lot_id, id);

ALTER TABLE opening_balances ADD COLUMN cancellation BIGINT NOT NULL DEFAULT 0;
