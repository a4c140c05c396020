-- Where a member wants things sent. What it says is sealed by the member's data key; one of them is the default.
CREATE TABLE member_addresses (
    tenant_id  integer NOT NULL,
    member_id  bigint NOT NULL,
    id         bigint NOT NULL,
    sealed     bytea NOT NULL,
    is_default integer NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);
