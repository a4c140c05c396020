-- Replies and batches of events go by whole months when they are past their age. The month is part of the key, so that a key is unique within a
-- month; near a month's edge a reply is kept on both sides of it (docs/adr/0039).
DO $$
DECLARE
    today      date := (now() AT TIME ZONE 'UTC')::date;
    this_month integer := CAST(to_char(today, 'YYYYMM') AS integer);
    next_month integer := CAST(to_char(date_trunc('month', today) + interval '1 month', 'YYYYMM') AS integer);
    part       text := 'replies_' || to_char(today, 'YYYY_MM');
    newest     bigint := (SELECT COALESCE(MAX(batch_id), 0) FROM event_batches);
    month      timestamp := date_trunc('month', GREATEST(
        now() AT TIME ZONE 'UTC', timestamp '2020-01-01' + (newest >> 22) * interval '1 millisecond'));
    -- Ids are milliseconds since 2020 above 22 bits (docs/adr/0010), so a range of ids is a month.
    next_id    bigint := CAST(extract(epoch FROM month + interval '1 month' - timestamp '2020-01-01') * 1000 AS bigint) << 22;
BEGIN
    -- What is there counts as of this month: a constant default rewrites no row.
    EXECUTE format('ALTER TABLE replies ADD COLUMN month integer NOT NULL DEFAULT %s', this_month);
    ALTER TABLE replies ALTER COLUMN month DROP DEFAULT;
    ALTER TABLE replies DROP CONSTRAINT replies_pkey;
    EXECUTE format('ALTER TABLE replies RENAME TO %I', part);
    EXECUTE format(
        'CREATE TABLE replies (LIKE %I INCLUDING CONSTRAINTS, PRIMARY KEY (key_hash, month)) PARTITION BY RANGE (month)', part);
    EXECUTE format('ALTER TABLE replies ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%s)', part, next_month);
    EXECUTE format('CREATE TABLE %I PARTITION OF replies DEFAULT', 'replies_default');

    -- The table as it is becomes the first month, open below: no row is copied.
    part := 'event_batches_' || to_char(month, 'YYYY_MM');
    EXECUTE format('ALTER TABLE event_batches RENAME TO %I', part);
    EXECUTE format('ALTER INDEX event_batches_pkey RENAME TO %I', part || '_pkey');
    EXECUTE format('CREATE TABLE event_batches (LIKE %I INCLUDING STORAGE, PRIMARY KEY (batch_id)) PARTITION BY RANGE (batch_id)', part);
    EXECUTE format('ALTER TABLE event_batches ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%s)', part, next_id);
    EXECUTE format('CREATE TABLE %I PARTITION OF event_batches DEFAULT', 'event_batches_default');
END
$$;
