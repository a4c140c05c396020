-- What a tenant has of its own to sign people in with: its apps with providers, its account with a carrier of short messages, its own sign-in. One row for each kind.
-- settings is a document of JSON; secret is sealed under the master key, null where the kind has none.
CREATE TABLE sign_in_apps (
    tenant_id     integer NOT NULL,
    id            bigint NOT NULL,
    code          text NOT NULL,
    settings      text NOT NULL,
    secret        bytea,
    secret_set_at bigint,
    changed_at    bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
