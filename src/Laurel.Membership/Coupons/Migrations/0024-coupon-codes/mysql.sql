-- Codes that are made or imported together. They count as issued from then on.
CREATE TABLE coupon_batches (
    tenant_id  INT NOT NULL,
    id         BIGINT NOT NULL,
    template   VARCHAR(40) NOT NULL,
    origin     VARCHAR(16) NOT NULL,
    total      BIGINT NOT NULL CHECK (total > 0),
    made       BIGINT NOT NULL, CHECK (made BETWEEN 0 AND total),
    -- What the codes are made from, sealed by the master keys; nothing once they were fetched.
    seed       LONGBLOB,
    created_at BIGINT NOT NULL,
    created_by VARCHAR(255) NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX coupon_batches_template ON coupon_batches (tenant_id, template, id);

-- A code, known only by its hash: 63 bits of it are the id, 64 others the check.
CREATE TABLE coupon_codes (
    tenant_id  INT NOT NULL,
    id         BIGINT NOT NULL,
    check_hash BIGINT NOT NULL,
    batch_id   BIGINT NOT NULL,
    template   VARCHAR(40) NOT NULL,
    last_four  VARCHAR(4) NOT NULL,
    member_id  BIGINT,
    coupon_id  BIGINT,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX coupon_codes_batch ON coupon_codes (tenant_id, batch_id);
