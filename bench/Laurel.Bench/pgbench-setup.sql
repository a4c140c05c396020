-- Numbers the members 1..n, so that a pgbench script can draw one uniformly: their ids are not dense.
CREATE TABLE bench_members (n integer PRIMARY KEY, member_id bigint NOT NULL);

INSERT INTO bench_members (n, member_id)
SELECT row_number() OVER (ORDER BY id), id
FROM members
WHERE tenant_id = 1;

ANALYZE bench_members;
