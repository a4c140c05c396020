-- What a member has of each unit that the programme defines. A member who never had any has no row.
CREATE TABLE member_units (
    tenant_id INT         NOT NULL,
    member_id BIGINT      NOT NULL,
    unit      VARCHAR(32) NOT NULL,
    amount    BIGINT      NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (tenant_id, member_id, unit)
);
