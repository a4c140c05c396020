-- Cards that members hold or held: one row a card, of the present membership or the last.
CREATE TABLE memberships (
    tenant_id     integer NOT NULL,
    member_id     bigint NOT NULL,
    card_code     text NOT NULL,
    run           integer NOT NULL,
    start_time    bigint NOT NULL,
    end_time      bigint NOT NULL,
    months        integer NOT NULL,
    days          integer NOT NULL,
    ended_early   integer NOT NULL,
    cancelled_at  bigint,
    cancel_reason text,
    cancelled_by  text,
    PRIMARY KEY (tenant_id, member_id, card_code),
    CHECK (end_time >= start_time AND months >= 0 AND days >= 0 AND run > 0)
);

CREATE INDEX memberships_card ON memberships (tenant_id, card_code, end_time);

-- Purchases of cards, and their refunds. end_time is the membership's after the purchase, refund_end_time after the refund.
CREATE TABLE membership_purchases (
    tenant_id       integer NOT NULL,
    member_id       bigint NOT NULL,
    reference       text NOT NULL,
    id              bigint NOT NULL,
    card_code       text NOT NULL,
    run             integer NOT NULL,
    periods         integer NOT NULL,
    months          integer NOT NULL,
    days            integer NOT NULL,
    amount          bigint NOT NULL,
    order_id        text,
    end_time        bigint NOT NULL,
    purchased_at    bigint NOT NULL,
    recorded_at     bigint NOT NULL,
    version         integer NOT NULL,
    refund_id       bigint,
    refunded_at     bigint,
    refund_reason   text,
    took_back       integer NOT NULL,
    refund_end_time bigint,
    PRIMARY KEY (tenant_id, member_id, reference),
    CHECK (periods > 0 AND amount >= 0)
);

CREATE INDEX membership_purchases_id ON membership_purchases (tenant_id, member_id, id);
CREATE INDEX membership_purchases_card ON membership_purchases (tenant_id, card_code, purchased_at);
