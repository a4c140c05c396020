CREATE TABLE users (
    tenant_id       INTEGER NOT NULL,
    id              INTEGER NOT NULL,
    is_member       INTEGER NOT NULL CHECK (is_member IN (0, 1)),
    username        TEXT    NOT NULL,
    role            TEXT    NOT NULL,
    status          TEXT    NOT NULL,
    password_hash   TEXT,
    password_at     INTEGER,
    signed_in_since INTEGER NOT NULL,
    totp_secret     BLOB,
    totp_step       INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    last_login_at   INTEGER,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

-- What a person signs in with: the first 128 bits of a keyed hash, so that no telephone number stands here. The id is 63 bits of them.
CREATE TABLE sign_in_names (
    tenant_id INTEGER NOT NULL,
    id        INTEGER NOT NULL,
    name_hash BLOB    NOT NULL,
    kind      TEXT    NOT NULL,
    user_id   INTEGER,
    label     TEXT    NOT NULL,
    bound_at  INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX sign_in_names_user ON sign_in_names (tenant_id, user_id) WHERE user_id IS NOT NULL;

CREATE TABLE sessions (
    tenant_id  INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    user_id    INTEGER NOT NULL,
    secret     BLOB    NOT NULL,
    generation INTEGER NOT NULL,
    device     TEXT,
    created_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at   INTEGER,
    ended_for  TEXT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX sessions_user ON sessions (tenant_id, user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Wrong passwords, by the name that was typed, whether anybody has it or not.
CREATE TABLE sign_in_failures (
    tenant_id INTEGER NOT NULL,
    id        INTEGER NOT NULL,
    failures  INTEGER NOT NULL,
    since     INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX sign_in_failures_since ON sign_in_failures (since);

CREATE TABLE sign_in_codes (
    tenant_id  INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    code_hash  BLOB,
    sent_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX sign_in_codes_sent ON sign_in_codes (sent_at);

CREATE TABLE sign_in_budgets (
    tenant_id INTEGER NOT NULL,
    id        INTEGER NOT NULL,
    hour      INTEGER NOT NULL,
    in_hour   INTEGER NOT NULL,
    day       INTEGER NOT NULL,
    in_day    INTEGER NOT NULL,
    last_at   INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX sign_in_budgets_last ON sign_in_budgets (last_at);

CREATE TABLE roles (
    tenant_id  INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    code       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    grants     TEXT    NOT NULL,
    removed    INTEGER NOT NULL CHECK (removed IN (0, 1)),
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

CREATE TABLE token_keys (
    id         INTEGER NOT NULL PRIMARY KEY,
    secret     BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
