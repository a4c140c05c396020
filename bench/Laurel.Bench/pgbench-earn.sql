-- The rows of one POST /api/points/earn in one transaction: the member's row locked and updated, an entry, a lot and
-- a key. What the product reads to decide, this reads with the lock. Ids grow as the product's do and are made by
-- pgbench, so that they cost no round trip: first_id, sequence and members are set on the command line.
\set n random(1, :members)
\set sequence :sequence + 1
\set entry_id :first_id + :sequence * 16 + :client_id
BEGIN;

SELECT member_id, points_available, points_lifetime
FROM members
WHERE tenant_id = 1
    AND member_id = (SELECT member_id FROM bench_members WHERE n = :n)
FOR UPDATE \gset

INSERT INTO keys (key, tenant_id, entry_id, created_at)
VALUES (decode(md5(:entry_id::text), 'hex'), 1, :entry_id, 0)
ON CONFLICT DO NOTHING;

INSERT INTO entries (tenant_id, member_id, id, unit, kind, amount, balance_after, rule, reference_type, reference_id,
    business_time, recorded_time)
VALUES (1, :member_id, :entry_id, 1, 1, 10, :points_available + 10, 1, 'bench', 'b0001-0001-e-' || :entry_id, 0, 0);

INSERT INTO lots (tenant_id, member_id, id, granted, remaining, active_at, expires_at)
VALUES (1, :member_id, :entry_id, 10, 10, 0, 9000000000000);

UPDATE members
SET points_available = points_available + 10, points_lifetime = points_lifetime + 10
WHERE tenant_id = 1 AND member_id = :member_id;

COMMIT;
