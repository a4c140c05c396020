-- What a member has of each unit that the programme defines. A member who never had any has no row.
CREATE TABLE member_units (
    tenant_id integer NOT NULL,
    member_id bigint  NOT NULL,
    unit      text    NOT NULL,
    amount    bigint  NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (tenant_id, member_id, unit)
);
