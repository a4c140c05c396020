CREATE TABLE tenants (
    id              INT            NOT NULL PRIMARY KEY,
    code            VARCHAR(64)    NOT NULL UNIQUE,
    name            VARCHAR(255)   NOT NULL,
    created_at      BIGINT         NOT NULL
);

CREATE TABLE programmes (
    tenant_id       INT            NOT NULL,
    version         INT            NOT NULL,
    document        LONGTEXT       NOT NULL,
    created_at      BIGINT         NOT NULL,
    PRIMARY KEY (tenant_id, version)
);

CREATE TABLE api_keys (
    key_hash        BINARY(32)     NOT NULL PRIMARY KEY,
    tenant_id       INT            NOT NULL,
    name            VARCHAR(255)   NOT NULL,
    permissions     TEXT           NOT NULL,
    created_at      BIGINT         NOT NULL,
    revoked_at      BIGINT
);
