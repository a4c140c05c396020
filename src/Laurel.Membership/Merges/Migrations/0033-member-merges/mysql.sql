-- Where a merged member has gone; 0 for one that took part in a merge and stands on its own, null for all others.
ALTER TABLE members ADD COLUMN merged_into BIGINT;

CREATE TABLE member_merges (
    tenant_id     INT          NOT NULL,
    source_id     BIGINT       NOT NULL,
    id            BIGINT       NOT NULL,
    survivor_id   BIGINT       NOT NULL,
    reference     VARCHAR(128) NOT NULL,
    reason        VARCHAR(255) NOT NULL,
    operator      VARCHAR(255) NOT NULL,
    merged_at     BIGINT       NOT NULL,
    source_level  VARCHAR(64)  NOT NULL,
    level_before  VARCHAR(64)  NOT NULL,
    level_after   VARCHAR(64)  NOT NULL,
    undone_at     BIGINT,
    undo_reason   VARCHAR(255),
    undo_operator VARCHAR(255),
    PRIMARY KEY (tenant_id, source_id, id)
);

CREATE INDEX member_merges_tenant ON member_merges (tenant_id, id);

-- What went from one member to another for a merge: the lineage by which it comes back.
CREATE TABLE member_merge_moves (
    tenant_id   INT          NOT NULL,
    source_id   BIGINT       NOT NULL,
    id          BIGINT       NOT NULL,
    merge_id    BIGINT       NOT NULL,
    kind        VARCHAR(32)  NOT NULL,
    from_member BIGINT       NOT NULL,
    from_ref    BIGINT       NOT NULL,
    to_member   BIGINT       NOT NULL,
    to_ref      BIGINT       NOT NULL,
    quantity    BIGINT       NOT NULL,
    code        VARCHAR(255) NOT NULL,
    period      BIGINT       NOT NULL,
    PRIMARY KEY (tenant_id, source_id, id)
);
