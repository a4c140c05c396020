-- How much of a cap over all members is used in one period. The id is a hash of the cap's name and the period.
CREATE TABLE budget_counters (
    tenant_id INT NOT NULL,
    id        BIGINT NOT NULL,
    used      BIGINT NOT NULL CHECK (used >= 0),
    PRIMARY KEY (tenant_id, id)
);
