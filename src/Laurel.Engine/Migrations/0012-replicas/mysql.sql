-- When the primary was last seen to write, by its own clock: what a replica shows of it tells how far the replica is behind.
CREATE TABLE heartbeat (
    id              INT            NOT NULL PRIMARY KEY CHECK (id = 1),
    beaten_at       BIGINT         NOT NULL
);

INSERT INTO heartbeat (id, beaten_at) VALUES (1, 0);

-- Whether an administrator has stopped all writes; every node reads it about once a second.
CREATE TABLE read_only_switch (
    id              INT            NOT NULL PRIMARY KEY CHECK (id = 1),
    read_only       INT            NOT NULL CHECK (read_only IN (0, 1)),
    reason          VARCHAR(500)   NOT NULL,
    set_by          VARCHAR(255)   NOT NULL,
    set_at          BIGINT         NOT NULL
);

INSERT INTO read_only_switch (id, read_only, reason, set_by, set_at) VALUES (1, 0, '', '', 0);
