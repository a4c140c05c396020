-- Benefits that a member is granted beside what the level gives.
CREATE TABLE member_benefits (
    tenant_id    INT          NOT NULL,
    member_id    BIGINT       NOT NULL,
    reference    VARCHAR(128) NOT NULL,
    id           BIGINT       NOT NULL,
    benefit_code VARCHAR(64)  NOT NULL,
    source       VARCHAR(32)  NOT NULL,
    start_time   BIGINT       NOT NULL,
    end_time     BIGINT       NOT NULL, CHECK (end_time > start_time),
    reason       VARCHAR(255) NOT NULL,
    operator     VARCHAR(64),
    granted_at   BIGINT       NOT NULL,
    revoked_at   BIGINT,
    PRIMARY KEY (tenant_id, member_id, reference)
);

CREATE INDEX member_benefits_code ON member_benefits (tenant_id, member_id, benefit_code);

-- Benefits that were used. day is the business day that a use counts for, 20260131.
CREATE TABLE benefit_uses (
    tenant_id       INT          NOT NULL,
    member_id       BIGINT       NOT NULL,
    biz_no          VARCHAR(128) NOT NULL,
    id              BIGINT       NOT NULL,
    benefit_code    VARCHAR(64)  NOT NULL,
    quantity        BIGINT       NOT NULL CHECK (quantity > 0),
    source          VARCHAR(32)  NOT NULL,
    day             INT          NOT NULL,
    consumed_at     BIGINT       NOT NULL,
    discount_amount BIGINT       NOT NULL CHECK (discount_amount >= 0),
    free_shipping   INT          NOT NULL,
    gift            VARCHAR(255),
    order_id        VARCHAR(128),
    returned_at     BIGINT,
    PRIMARY KEY (tenant_id, member_id, biz_no)
);

CREATE INDEX benefit_uses_day ON benefit_uses (tenant_id, benefit_code, day);
CREATE INDEX benefit_uses_id ON benefit_uses (tenant_id, member_id, id);
