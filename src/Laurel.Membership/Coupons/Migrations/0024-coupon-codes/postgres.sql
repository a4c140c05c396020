-- Codes that are made or imported together. They count as issued from then on.
CREATE TABLE coupon_batches (
    tenant_id  integer NOT NULL,
    id         bigint NOT NULL,
    template   text NOT NULL,
    origin     text NOT NULL,
    total      bigint NOT NULL CHECK (total > 0),
    made       bigint NOT NULL CHECK (made BETWEEN 0 AND total),
    -- What the codes are made from, sealed by the master keys; nothing once they were fetched.
    seed       bytea,
    created_at bigint NOT NULL,
    created_by text NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX coupon_batches_template ON coupon_batches (tenant_id, template, id);

-- A code, known only by its hash: 63 bits of it are the id, 64 others the check.
CREATE TABLE coupon_codes (
    tenant_id  integer NOT NULL,
    id         bigint NOT NULL,
    check_hash bigint NOT NULL,
    batch_id   bigint NOT NULL,
    template   text NOT NULL,
    last_four  text NOT NULL,
    member_id  bigint,
    coupon_id  bigint,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX coupon_codes_batch ON coupon_codes (tenant_id, batch_id);
