-- What a key is given beside its permissions. The row goes on under the hash of the key's first secret; secrets that rotations made lead to it.
ALTER TABLE api_keys ADD COLUMN id bigint;
ALTER TABLE api_keys ADD COLUMN expires_at bigint;
ALTER TABLE api_keys ADD COLUMN quota integer;
ALTER TABLE api_keys ADD COLUMN rotations integer NOT NULL DEFAULT 0;
ALTER TABLE api_keys ADD COLUMN previous_until bigint;
ALTER TABLE api_keys ADD COLUMN secret bytea;
ALTER TABLE api_keys ADD COLUMN previous_secret bytea;

UPDATE api_keys SET id = (SELECT COUNT(*) FROM api_keys o WHERE o.key_hash <= api_keys.key_hash);

CREATE UNIQUE INDEX api_keys_id ON api_keys (tenant_id, id);

CREATE TABLE api_key_secrets (
    key_hash   bytea   NOT NULL PRIMARY KEY,
    tenant_id  integer NOT NULL,
    key_id     bigint  NOT NULL,
    rotation   integer NOT NULL,
    created_at bigint  NOT NULL
);

CREATE UNIQUE INDEX api_key_secrets_rotation ON api_key_secrets (tenant_id, key_id, rotation);
