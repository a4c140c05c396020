-- Entries, and what they took, are kept by months. Ids are time-ordered: milliseconds since 2020 above 22 bits (docs/adr/0010), so
-- a range of ids is a month. The tables as they are become the first month, open below: no row is copied.
DO $$
DECLARE
    newest  bigint := GREATEST((SELECT COALESCE(MAX(id), 0) FROM entries), (SELECT COALESCE(MAX(entry_id), 0) FROM lot_takes));
    month   timestamp := date_trunc('month', GREATEST(
        now() AT TIME ZONE 'UTC', timestamp '2020-01-01' + (newest >> 22) * interval '1 millisecond'));
    next_id bigint := CAST(extract(epoch FROM month + interval '1 month' - timestamp '2020-01-01') * 1000 AS bigint) << 22;
    suffix  text := to_char(month, 'YYYY_MM');
BEGIN
    EXECUTE format('ALTER TABLE entries RENAME TO %I', 'entries_' || suffix);
    EXECUTE format('ALTER INDEX entries_pkey RENAME TO %I', 'entries_' || suffix || '_pkey');
    EXECUTE format('ALTER INDEX entries_tenant RENAME TO %I', 'entries_' || suffix || '_tenant');
    EXECUTE format(
        'CREATE TABLE entries (LIKE %I, PRIMARY KEY (tenant_id, member_id, id)) PARTITION BY RANGE (id)', 'entries_' || suffix);
    CREATE INDEX entries_tenant ON entries (tenant_id, id);
    EXECUTE format('ALTER TABLE entries ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%s)', 'entries_' || suffix, next_id);
    EXECUTE format('CREATE TABLE %I PARTITION OF entries DEFAULT', 'entries_default');

    EXECUTE format('ALTER TABLE lot_takes RENAME TO %I', 'lot_takes_' || suffix);
    EXECUTE format('ALTER INDEX lot_takes_pkey RENAME TO %I', 'lot_takes_' || suffix || '_pkey');
    EXECUTE format(
        'CREATE TABLE lot_takes (LIKE %I INCLUDING CONSTRAINTS, PRIMARY KEY (tenant_id, member_id, entry_id, lot_id)) PARTITION BY RANGE (entry_id)',
        'lot_takes_' || suffix);
    EXECUTE format('ALTER TABLE lot_takes ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%s)', 'lot_takes_' || suffix, next_id);
    EXECUTE format('CREATE TABLE %I PARTITION OF lot_takes DEFAULT', 'lot_takes_default');
END
$$;
