-- Cards that members hold or held: one row a card, of the present membership or the last.
CREATE TABLE memberships (
    tenant_id     INT NOT NULL,
    member_id     BIGINT NOT NULL,
    card_code     VARCHAR(64) NOT NULL,
    run           INT NOT NULL,
    start_time    BIGINT NOT NULL,
    end_time      BIGINT NOT NULL,
    months        INT NOT NULL,
    days          INT NOT NULL,
    ended_early   INT NOT NULL,
    cancelled_at  BIGINT,
    cancel_reason VARCHAR(255),
    cancelled_by  VARCHAR(255),
    PRIMARY KEY (tenant_id, member_id, card_code),
    CHECK (end_time >= start_time AND months >= 0 AND days >= 0 AND run > 0)
);

CREATE INDEX memberships_card ON memberships (tenant_id, card_code, end_time);

-- Purchases of cards, and their refunds. end_time is the membership's after the purchase, refund_end_time after the refund.
CREATE TABLE membership_purchases (
    tenant_id       INT NOT NULL,
    member_id       BIGINT NOT NULL,
    reference       VARCHAR(128) NOT NULL,
    id              BIGINT NOT NULL,
    card_code       VARCHAR(64) NOT NULL,
    run             INT NOT NULL,
    periods         INT NOT NULL,
    months          INT NOT NULL,
    days            INT NOT NULL,
    amount          BIGINT NOT NULL,
    order_id        VARCHAR(128),
    end_time        BIGINT NOT NULL,
    purchased_at    BIGINT NOT NULL,
    recorded_at     BIGINT NOT NULL,
    version         INT NOT NULL,
    refund_id       BIGINT,
    refunded_at     BIGINT,
    refund_reason   VARCHAR(255),
    took_back       INT NOT NULL,
    refund_end_time BIGINT,
    PRIMARY KEY (tenant_id, member_id, reference),
    CHECK (periods > 0 AND amount >= 0)
);

CREATE INDEX membership_purchases_id ON membership_purchases (tenant_id, member_id, id);
CREATE INDEX membership_purchases_card ON membership_purchases (tenant_id, card_code, purchased_at);
