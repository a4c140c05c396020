-- What a key is given beside its permissions. The row goes on under the hash of the key's first secret; secrets that rotations made lead to it.
ALTER TABLE api_keys ADD COLUMN id INTEGER;
ALTER TABLE api_keys ADD COLUMN expires_at INTEGER;
ALTER TABLE api_keys ADD COLUMN quota INTEGER;
ALTER TABLE api_keys ADD COLUMN rotations INTEGER NOT NULL DEFAULT 0;
ALTER TABLE api_keys ADD COLUMN previous_until INTEGER;
ALTER TABLE api_keys ADD COLUMN secret BLOB;
ALTER TABLE api_keys ADD COLUMN previous_secret BLOB;

UPDATE api_keys SET id = (SELECT COUNT(*) FROM api_keys o WHERE o.key_hash <= api_keys.key_hash);

CREATE UNIQUE INDEX api_keys_id ON api_keys (tenant_id, id);

CREATE TABLE api_key_secrets (
    key_hash   BLOB    NOT NULL PRIMARY KEY,
    tenant_id  INTEGER NOT NULL,
    key_id     INTEGER NOT NULL,
    rotation   INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE UNIQUE INDEX api_key_secrets_rotation ON api_key_secrets (tenant_id, key_id, rotation);
