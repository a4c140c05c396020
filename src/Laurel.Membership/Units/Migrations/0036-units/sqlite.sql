-- What a member has of each unit that the programme defines. A member who never had any has no row.
CREATE TABLE member_units (
    tenant_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    unit      TEXT    NOT NULL,
    amount    INTEGER NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (member_id, unit)
) WITHOUT ROWID;
