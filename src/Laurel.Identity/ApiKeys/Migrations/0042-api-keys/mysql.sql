-- What a key is given beside its permissions. The row goes on under the hash of the key's first secret; secrets that rotations made lead to it.
ALTER TABLE api_keys ADD COLUMN id BIGINT;
ALTER TABLE api_keys ADD COLUMN expires_at BIGINT;
ALTER TABLE api_keys ADD COLUMN quota INT;
ALTER TABLE api_keys ADD COLUMN rotations INT NOT NULL DEFAULT 0;
ALTER TABLE api_keys ADD COLUMN previous_until BIGINT;
ALTER TABLE api_keys ADD COLUMN secret VARBINARY(1024);
ALTER TABLE api_keys ADD COLUMN previous_secret VARBINARY(1024);

UPDATE api_keys k JOIN (SELECT key_hash, ROW_NUMBER() OVER (ORDER BY key_hash) AS number FROM api_keys) o ON o.key_hash = k.key_hash SET k.id = o.number;

CREATE UNIQUE INDEX api_keys_id ON api_keys (tenant_id, id);

CREATE TABLE api_key_secrets (
    key_hash   BINARY(32) NOT NULL PRIMARY KEY,
    tenant_id  INT        NOT NULL,
    key_id     BIGINT     NOT NULL,
    rotation   INT        NOT NULL,
    created_at BIGINT     NOT NULL,
    UNIQUE INDEX api_key_secrets_rotation (tenant_id, key_id, rotation)
);
