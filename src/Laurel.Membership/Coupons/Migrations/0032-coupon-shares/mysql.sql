-- Coupons that their owners give away by links. id is reckoned from the token, which is stored nowhere.
CREATE TABLE coupon_shares (
    tenant_id  INT NOT NULL,
    member_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    reference  VARCHAR(128) NOT NULL,
    coupon_ids VARCHAR(512) NOT NULL,
    end_time   BIGINT NOT NULL,
    shared_at  BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (tenant_id, member_id, id),
    CHECK (end_time > shared_at)
);
