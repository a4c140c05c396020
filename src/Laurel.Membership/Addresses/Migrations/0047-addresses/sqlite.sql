-- Where a member wants things sent. What it says is sealed by the member's data key; one of them is the default.
CREATE TABLE member_addresses (
    tenant_id  INTEGER NOT NULL,
    member_id  INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    sealed     BLOB NOT NULL,
    is_default INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (member_id, id)
) WITHOUT ROWID;
