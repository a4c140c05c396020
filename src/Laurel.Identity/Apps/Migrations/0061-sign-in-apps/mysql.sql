-- What a tenant has of its own to sign people in with: its apps with providers, its account with a carrier of short messages, its own sign-in. One row for each kind.
-- settings is a document of JSON; secret is sealed under the master key, null where the kind has none.
CREATE TABLE sign_in_apps (
    tenant_id     INT NOT NULL,
    id            BIGINT NOT NULL,
    code          VARCHAR(32) NOT NULL,
    settings      TEXT NOT NULL,
    secret        BLOB,
    secret_set_at BIGINT,
    changed_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
