-- What became of points that lapsed (0: nothing, 1: they came back, 2: a refund counted them), and at how many days before its expiry the
-- member was told of a lot last (0: not yet).
ALTER TABLE lots ADD COLUMN lapse_use INTEGER NOT NULL DEFAULT 0;

ALTER TABLE lots ADD COLUMN reminded_days INTEGER NOT NULL DEFAULT 0;

-- Lots that wait for their activation, and nothing else: a row goes when its lot waits no longer.
CREATE TABLE pending_lots (
    tenant_id         INTEGER NOT NULL,
    member_id         INTEGER NOT NULL,
    lot_id            INTEGER NOT NULL,
    activates_at      INTEGER NOT NULL,
    cancels_at        INTEGER NOT NULL,
    event             TEXT,
    reference         TEXT,
    validity_days     INTEGER,
    lifetime          INTEGER NOT NULL CHECK (lifetime >= 0),
    repays_percent    integer NOT NULL CHECK (repays_percent BETWEEN 0 AND 100),
    PRIMARY KEY (member_id, lot_id)
) WITHOUT ROWID;

-- How the life of a lot was moved: it was made pending, activated, or given a longer life. For balances as of an instant, for I3, and
-- for auditors, who compare what lapses with what was prolonged.
CREATE TABLE lot_changes (
    tenant_id      INTEGER NOT NULL,
    member_id      INTEGER NOT NULL,
    id             INTEGER NOT NULL,
    lot_id         INTEGER NOT NULL,
    kind           TEXT NOT NULL,
    points         INTEGER NOT NULL CHECK (points >= 0),
    active_before  INTEGER NOT NULL,
    active_after   INTEGER NOT NULL,
    expires_before INTEGER NOT NULL,
    expires_after  INTEGER NOT NULL,
    occurred_at    INTEGER NOT NULL,
    recorded_at    INTEGER NOT NULL,
    reason         TEXT NOT NULL,
    operator       TEXT,
    reference      TEXT NOT NULL,
    PRIMARY KEY (member_id, id)
) WITHOUT ROWID;

CREATE INDEX lot_changes_lot ON lot_changes (member_id, lot_id, id);

ALTER TABLE opening_balances ADD COLUMN cancellation INTEGER NOT NULL DEFAULT 0;
