-- Codes that are made or imported together. They count as issued from then on.
CREATE TABLE coupon_batches (
    tenant_id  INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    template   TEXT NOT NULL,
    origin     TEXT NOT NULL,
    total      INTEGER NOT NULL CHECK (total > 0),
    made       INTEGER NOT NULL CHECK (made BETWEEN 0 AND total),
    -- What the codes are made from, sealed by the master keys; nothing once they were fetched.
    seed       BLOB,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX coupon_batches_template ON coupon_batches (tenant_id, template, id);

-- A code, known only by its hash: 63 bits of it are the id, 64 others the check.
CREATE TABLE coupon_codes (
    tenant_id  INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    check_hash INTEGER NOT NULL,
    batch_id   INTEGER NOT NULL,
    template   TEXT NOT NULL,
    last_four  TEXT NOT NULL,
    member_id  INTEGER,
    coupon_id  INTEGER,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX coupon_codes_batch ON coupon_codes (tenant_id, batch_id);
