-- Replies go by whole months when they are past their age. The month is part of the key, so that a key is unique within a
-- month; near a month's edge a reply is kept on both sides of it (docs/adr/0039).
DO $$
DECLARE
    today      date := (now() AT TIME ZONE 'UTC')::date;
    this_month integer := CAST(to_char(today, 'YYYYMM') AS integer);
    next_month integer := CAST(to_char(date_trunc('month', today) + interval '1 month', 'YYYYMM') AS integer);
    part       text := 'replies_' || to_char(today, 'YYYY_MM');
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
END
$$;
