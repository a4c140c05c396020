-- The rows of one POST /api/points/earn in one transaction: the member's row locked and updated, an entry, a lot and
-- a natural key. What the product reads to decide, this reads with the lock. Ids grow as the product's do and are made
-- by pgbench, so that they cost no round trip: first_id, sequence and members are set on the command line.
\set n random(1, :members)
\set sequence :sequence + 1
\set entry_id :first_id + :sequence * 16 + :client_id
BEGIN;

SELECT id AS member_id, points, lifetime, version
FROM members
WHERE tenant_id = 1
    AND id = (SELECT member_id FROM bench_members WHERE n = :n)
FOR UPDATE \gset

SELECT root_id FROM natural_keys WHERE key_hash = decode(md5(:entry_id::text), 'hex');

INSERT INTO entries (tenant_id, member_id, id, posting_id, unit, kind, account, amount, balance_after, debt_delta,
    lifetime_delta, occurred_at, recorded_at, expires_at, rule, rule_version, base, multiplier, cut, reason,
    reference_type, reference_id, order_id, related_id, detail)
VALUES (1, :member_id, :entry_id, :entry_id, 'points', 'earn', 'issuance', 10, :points + 10, 0,
    10, 1795000000000000, 1795000000000000, 1826000000000000, 'earn', 1, 10, 10000, NULL, 'bench',
    'bench', 'b0001-0001-e-' || :entry_id, NULL, NULL, NULL);

INSERT INTO lots (tenant_id, member_id, id, granted, opening, remaining, held, expired, active_at, expires_at)
VALUES (1, :member_id, :entry_id, 10, 10, 10, 0, 0, 1795000000000000, 1826000000000000);

INSERT INTO natural_keys (key_hash, content_hash, root_id, first_id, last_id)
VALUES (decode(md5(:entry_id::text), 'hex'), decode(md5(:member_id::text), 'hex'), :member_id, :entry_id, :entry_id);

UPDATE members
SET points = :points + 10, lifetime = :lifetime + 10, last_id = :entry_id, activation_at = 1795000000000000,
    next_change_at = LEAST(next_change_at, 1826000000000000), version = :version + 1
WHERE tenant_id = 1 AND id = :member_id AND version = :version;

COMMIT;
