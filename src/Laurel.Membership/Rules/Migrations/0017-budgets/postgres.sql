-- How much of a cap over all members is used in one period. The id is a hash of the cap's name and the period.
CREATE TABLE budget_counters (
    tenant_id integer NOT NULL,
    id        bigint NOT NULL,
    used      bigint NOT NULL CHECK (used >= 0),
    PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 50);
