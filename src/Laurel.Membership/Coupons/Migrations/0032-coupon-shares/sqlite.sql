-- Coupons that their owners give away by links. id is reckoned from the token, which is stored nowhere.
CREATE TABLE coupon_shares (
    tenant_id  INTEGER NOT NULL,
    member_id  INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    reference  TEXT NOT NULL,
    coupon_ids TEXT NOT NULL,
    end_time   INTEGER NOT NULL,
    shared_at  INTEGER NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (member_id, id),
    CHECK (end_time > shared_at)
) WITHOUT ROWID;
