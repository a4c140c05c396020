-- What changed of who may call, for a few minutes: nodes that remember it look here every second. The id tells the time.
CREATE TABLE access_changes (
    id         BIGINT NOT NULL PRIMARY KEY,
    tenant_id  INT NOT NULL,
    what       INT NOT NULL,
    subject_id BIGINT NOT NULL
);
