-- A batch inserts its id first. After a lost connection the engine inserts the same id, voided: whichever row is there
-- tells whether the batch was committed or never can be.
CREATE TABLE commits (
    batch_id        BIGINT         NOT NULL PRIMARY KEY,
    created_at      BIGINT         NOT NULL,
    voided          INT            NOT NULL
);

CREATE TABLE natural_keys (
    key_hash        BINARY(16)     NOT NULL PRIMARY KEY,
    content_hash    BINARY(16)     NOT NULL,
    root_id         BIGINT         NOT NULL,
    first_id        BIGINT         NOT NULL,
    last_id         BIGINT         NOT NULL
);

CREATE TABLE replies (
    key_hash        BINARY(16)     NOT NULL PRIMARY KEY,
    request_hash    BINARY(16)     NOT NULL,
    applied         INT            NOT NULL CHECK (applied IN (0, 1)),
    root_id         BIGINT         NOT NULL,
    body            MEDIUMBLOB     NOT NULL,
    created_at      BIGINT         NOT NULL
);

CREATE TABLE nodes (
    node            INT            NOT NULL PRIMARY KEY,
    holder          VARCHAR(255)   NOT NULL,
    lease_until     BIGINT         NOT NULL
);
