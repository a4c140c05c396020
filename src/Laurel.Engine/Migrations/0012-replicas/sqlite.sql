-- When the primary was last seen to write, by its own clock: what a replica shows of it tells how far the replica is behind.
CREATE TABLE heartbeat (
    id        INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    beaten_at INTEGER NOT NULL
);

INSERT INTO heartbeat (id, beaten_at) VALUES (1, 0);

-- Whether an administrator has stopped all writes; every node reads it about once a second.
CREATE TABLE read_only_switch (
    id        INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    read_only INTEGER NOT NULL CHECK (read_only IN (0, 1)),
    reason    TEXT    NOT NULL,
    set_by    TEXT    NOT NULL,
    set_at    INTEGER NOT NULL
);

INSERT INTO read_only_switch (id, read_only, reason, set_by, set_at) VALUES (1, 0, '', '', 0);
