-- Where a merged member has gone; 0 for one that took part in a merge and stands on its own, null for all others.
ALTER TABLE members ADD COLUMN merged_into bigint;

CREATE TABLE member_merges (
    tenant_id     integer NOT NULL,
    source_id     bigint NOT NULL,
    id            bigint NOT NULL,
    survivor_id   bigint NOT NULL,
    reference     text NOT NULL,
    reason        text NOT NULL,
    operator      text NOT NULL,
    merged_at     bigint NOT NULL,
    source_level  text NOT NULL,
    level_before  text NOT NULL,
    level_after   text NOT NULL,
    undone_at     bigint,
    undo_reason   text,
    undo_operator text,
    PRIMARY KEY (tenant_id, source_id, id)
);

CREATE INDEX member_merges_tenant ON member_merges (tenant_id, id);

-- What went from one member to another for a merge: the lineage by which it comes back.
CREATE TABLE member_merge_moves (
    tenant_id   integer NOT NULL,
    source_id   bigint NOT NULL,
    id          bigint NOT NULL,
    merge_id    bigint NOT NULL,
    kind        text NOT NULL,
    from_member bigint NOT NULL,
    from_ref    bigint NOT NULL,
    to_member   bigint NOT NULL,
    to_ref      bigint NOT NULL,
    quantity    bigint NOT NULL,
    code        text NOT NULL,
    period      bigint NOT NULL,
    PRIMARY KEY (tenant_id, source_id, id)
);
