-- Coupons that their owners give away by links. id is reckoned from the token, which is stored nowhere.
CREATE TABLE coupon_shares (
    tenant_id  integer NOT NULL,
    member_id  bigint NOT NULL,
    id         bigint NOT NULL,
    reference  text NOT NULL,
    coupon_ids text NOT NULL,
    end_time   bigint NOT NULL,
    shared_at  bigint NOT NULL,
    revoked_at bigint,
    PRIMARY KEY (tenant_id, member_id, id),
    CHECK (end_time > shared_at)
);
