-- Benefits that a member is granted beside what the level gives.
CREATE TABLE member_benefits (
    tenant_id    INTEGER NOT NULL,
    member_id    INTEGER NOT NULL,
    reference    TEXT    NOT NULL,
    id           INTEGER NOT NULL,
    benefit_code TEXT    NOT NULL,
    source       TEXT    NOT NULL,
    start_time   INTEGER NOT NULL,
    end_time     INTEGER NOT NULL CHECK (end_time > start_time),
    reason       TEXT    NOT NULL,
    operator     TEXT,
    granted_at   INTEGER NOT NULL,
    revoked_at   INTEGER,
    PRIMARY KEY (member_id, reference)
) WITHOUT ROWID;

CREATE INDEX member_benefits_code ON member_benefits (member_id, benefit_code);

-- Benefits that were used. day is the business day that a use counts for, 20260131.
CREATE TABLE benefit_uses (
    tenant_id       INTEGER NOT NULL,
    member_id       INTEGER NOT NULL,
    biz_no          TEXT    NOT NULL,
    id              INTEGER NOT NULL,
    benefit_code    TEXT    NOT NULL,
    quantity        INTEGER NOT NULL CHECK (quantity > 0),
    source          TEXT    NOT NULL,
    day             INTEGER NOT NULL,
    consumed_at     INTEGER NOT NULL,
    discount_amount INTEGER NOT NULL CHECK (discount_amount >= 0),
    free_shipping   INTEGER NOT NULL,
    gift            TEXT,
    order_id        TEXT,
    returned_at     INTEGER,
    PRIMARY KEY (member_id, biz_no)
) WITHOUT ROWID;

CREATE INDEX benefit_uses_day ON benefit_uses (tenant_id, benefit_code, day);
CREATE INDEX benefit_uses_id ON benefit_uses (member_id, id);
