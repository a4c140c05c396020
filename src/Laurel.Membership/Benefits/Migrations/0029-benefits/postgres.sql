-- Benefits that a member is granted beside what the level gives.
CREATE TABLE member_benefits (
    tenant_id    integer NOT NULL,
    member_id    bigint NOT NULL,
    reference    text NOT NULL,
    id           bigint NOT NULL,
    benefit_code text NOT NULL,
    source       text NOT NULL,
    start_time   bigint NOT NULL,
    end_time     bigint NOT NULL CHECK (end_time > start_time),
    reason       text NOT NULL,
    operator     text,
    granted_at   bigint NOT NULL,
    revoked_at   bigint,
    PRIMARY KEY (tenant_id, member_id, reference)
);

CREATE INDEX member_benefits_code ON member_benefits (tenant_id, member_id, benefit_code);

-- Benefits that were used. day is the business day that a use counts for, 20260131.
CREATE TABLE benefit_uses (
    tenant_id       integer NOT NULL,
    member_id       bigint NOT NULL,
    biz_no          text NOT NULL,
    id              bigint NOT NULL,
    benefit_code    text NOT NULL,
    quantity        bigint NOT NULL CHECK (quantity > 0),
    source          text NOT NULL,
    day             integer NOT NULL,
    consumed_at     bigint NOT NULL,
    discount_amount bigint NOT NULL CHECK (discount_amount >= 0),
    free_shipping   integer NOT NULL,
    gift            text,
    order_id        text,
    returned_at     bigint,
    PRIMARY KEY (tenant_id, member_id, biz_no)
);

CREATE INDEX benefit_uses_day ON benefit_uses (tenant_id, benefit_code, day);
CREATE INDEX benefit_uses_id ON benefit_uses (tenant_id, member_id, id);
