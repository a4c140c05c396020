-- Where a merged member has gone; 0 for one that took part in a merge and stands on its own, null for all others.
ALTER TABLE members ADD COLUMN merged_into INTEGER;

CREATE TABLE member_merges (
    tenant_id     INTEGER NOT NULL,
    source_id     INTEGER NOT NULL,
    id            INTEGER NOT NULL,
    survivor_id   INTEGER NOT NULL,
    reference     TEXT    NOT NULL,
    reason        TEXT    NOT NULL,
    operator      TEXT    NOT NULL,
    merged_at     INTEGER NOT NULL,
    source_level  TEXT    NOT NULL,
    level_before  TEXT    NOT NULL,
    level_after   TEXT    NOT NULL,
    undone_at     INTEGER,
    undo_reason   TEXT,
    undo_operator TEXT,
    PRIMARY KEY (source_id, id)
) WITHOUT ROWID;

CREATE INDEX member_merges_tenant ON member_merges (tenant_id, id);

-- What went from one member to another for a merge: the lineage by which it comes back.
CREATE TABLE member_merge_moves (
    tenant_id   INTEGER NOT NULL,
    source_id   INTEGER NOT NULL,
    id          INTEGER NOT NULL,
    merge_id    INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    from_member INTEGER NOT NULL,
    from_ref    INTEGER NOT NULL,
    to_member   INTEGER NOT NULL,
    to_ref      INTEGER NOT NULL,
    quantity    INTEGER NOT NULL,
    code        TEXT    NOT NULL,
    period      INTEGER NOT NULL,
    PRIMARY KEY (source_id, id)
) WITHOUT ROWID;

-- A coupon keeps its id when it goes with a merge, so its key is the member's too, as on the servers.
CREATE TABLE merged_coupons (
    id           INTEGER NOT NULL,
    tenant_id    INTEGER NOT NULL,
    member_id    INTEGER NOT NULL,
    template     TEXT    NOT NULL,
    terms        TEXT    NOT NULL,
    threshold    INTEGER NOT NULL,
    state        TEXT    NOT NULL,
    origin       TEXT    NOT NULL,
    valid_from   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL CHECK (expires_at >= valid_from),
    locked_until INTEGER NOT NULL,
    order_id     TEXT,
    discount     INTEGER CHECK (discount >= 0),
    other_member INTEGER,
    other_coupon INTEGER,
    claimed_at   INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    PRIMARY KEY (member_id, id)
) WITHOUT ROWID;

INSERT INTO merged_coupons (id, tenant_id, member_id, template, terms, threshold, state, origin, valid_from, expires_at, locked_until, order_id, discount,
    other_member, other_coupon, claimed_at, due_at)
SELECT id, tenant_id, member_id, template, terms, threshold, state, origin, valid_from, expires_at, locked_until, order_id, discount, other_member, other_coupon,
    claimed_at, due_at
FROM coupons;

DROP TABLE coupons;

ALTER TABLE merged_coupons RENAME TO coupons;

CREATE INDEX coupons_template ON coupons (tenant_id, template, state, origin);

-- What the sweep looks for: the ends of locks and coupons.
CREATE INDEX coupons_due ON coupons (due_at) WHERE due_at < 9223372036854775807;
