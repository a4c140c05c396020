-- A batch inserts its id first. After a lost connection the engine inserts the same id, voided: whichever row is there
-- tells whether the batch was committed or never can be.
CREATE TABLE commits (
    batch_id   bigint NOT NULL PRIMARY KEY,
    created_at bigint NOT NULL,
    voided     integer NOT NULL
);

CREATE TABLE natural_keys (
    key_hash     bytea  NOT NULL PRIMARY KEY,
    content_hash bytea  NOT NULL,
    root_id      bigint NOT NULL,
    first_id     bigint NOT NULL,
    last_id      bigint NOT NULL
);

CREATE TABLE replies (
    key_hash     bytea   NOT NULL PRIMARY KEY,
    request_hash bytea   NOT NULL,
    applied      integer NOT NULL CHECK (applied IN (0, 1)),
    root_id      bigint  NOT NULL,
    body         bytea   NOT NULL,
    created_at   bigint  NOT NULL
);

CREATE TABLE nodes (
    node        integer NOT NULL PRIMARY KEY,
    holder      text    NOT NULL,
    lease_until bigint  NOT NULL
);

-- A guarded update that misses a row must not be committed: this raises inside the statement that counts its rows.
CREATE FUNCTION laurel_require(actual bigint, expected bigint) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF actual <> expected THEN
        RAISE EXCEPTION 'a guarded update hit % of % rows', actual, expected USING ERRCODE = '40001';
    END IF;
    RETURN true;
END
$$;
