CREATE TABLE tenants (
    id         integer NOT NULL PRIMARY KEY,
    code       text    NOT NULL UNIQUE,
    name       text    NOT NULL,
    created_at bigint  NOT NULL
);

CREATE TABLE programmes (
    tenant_id  integer NOT NULL,
    version    integer NOT NULL,
    document   text    NOT NULL,
    created_at bigint  NOT NULL,
    PRIMARY KEY (tenant_id, version)
);

CREATE TABLE api_keys (
    key_hash    bytea   NOT NULL PRIMARY KEY,
    tenant_id   integer NOT NULL,
    name        text    NOT NULL,
    permissions text    NOT NULL,
    created_at  bigint  NOT NULL,
    revoked_at  bigint 
);
