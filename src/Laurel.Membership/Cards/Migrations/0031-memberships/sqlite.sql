-- Cards that members hold or held: one row a card, of the present membership or the last.
CREATE TABLE memberships (
    tenant_id     INTEGER NOT NULL,
    member_id     INTEGER NOT NULL,
    card_code     TEXT NOT NULL,
    run           INTEGER NOT NULL,
    start_time    INTEGER NOT NULL,
    end_time      INTEGER NOT NULL,
    months        INTEGER NOT NULL,
    days          INTEGER NOT NULL,
    ended_early   INTEGER NOT NULL,
    cancelled_at  INTEGER,
    cancel_reason TEXT,
    cancelled_by  TEXT,
    PRIMARY KEY (member_id, card_code),
    CHECK (end_time >= start_time AND months >= 0 AND days >= 0 AND run > 0)
) WITHOUT ROWID;

CREATE INDEX memberships_card ON memberships (tenant_id, card_code, end_time);

-- Purchases of cards, and their refunds. end_time is the membership's after the purchase, refund_end_time after the refund.
CREATE TABLE membership_purchases (
    tenant_id       INTEGER NOT NULL,
    member_id       INTEGER NOT NULL,
    reference       TEXT NOT NULL,
    id              INTEGER NOT NULL,
    card_code       TEXT NOT NULL,
    run             INTEGER NOT NULL,
    periods         INTEGER NOT NULL,
    months          INTEGER NOT NULL,
    days            INTEGER NOT NULL,
    amount          INTEGER NOT NULL,
    order_id        TEXT,
    end_time        INTEGER NOT NULL,
    purchased_at    INTEGER NOT NULL,
    recorded_at     INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    refund_id       INTEGER,
    refunded_at     INTEGER,
    refund_reason   TEXT,
    took_back       INTEGER NOT NULL,
    refund_end_time INTEGER,
    PRIMARY KEY (member_id, reference),
    CHECK (periods > 0 AND amount >= 0)
) WITHOUT ROWID;

CREATE INDEX membership_purchases_id ON membership_purchases (member_id, id);
CREATE INDEX membership_purchases_card ON membership_purchases (tenant_id, card_code, purchased_at);
