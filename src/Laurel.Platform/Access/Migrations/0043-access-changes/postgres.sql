-- What changed of who may call, for a few minutes: nodes that remember it look here every second. The id tells the time.
CREATE TABLE access_changes (
    id         bigint NOT NULL PRIMARY KEY,
    tenant_id  integer NOT NULL,
    what       integer NOT NULL,
    subject_id bigint NOT NULL
);
