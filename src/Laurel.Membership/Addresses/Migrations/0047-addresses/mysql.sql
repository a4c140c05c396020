-- Where a member wants things sent. What it says is sealed by the member's data key; one of them is the default.
CREATE TABLE member_addresses (
    tenant_id  INT NOT NULL,
    member_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    sealed     VARBINARY(4096) NOT NULL,
    is_default INT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);
