CREATE TABLE users (
    tenant_id       INT            NOT NULL,
    id              BIGINT         NOT NULL,
    is_member       INT            NOT NULL CHECK (is_member IN (0, 1)),
    username        VARCHAR(64)    NOT NULL,
    role            VARCHAR(64)    NOT NULL,
    status          VARCHAR(32)    NOT NULL,
    password_hash   VARCHAR(255),
    password_at     BIGINT,
    signed_in_since BIGINT         NOT NULL,
    totp_secret     VARBINARY(512),
    totp_step       BIGINT         NOT NULL,
    created_at      BIGINT         NOT NULL,
    last_login_at   BIGINT,
    PRIMARY KEY (tenant_id, id)
);

-- What a person signs in with: the first 128 bits of a keyed hash, so that no telephone number stands here. The id is 63 bits of them.
CREATE TABLE sign_in_names (
    tenant_id INT            NOT NULL,
    id        BIGINT         NOT NULL,
    name_hash BINARY(16)     NOT NULL,
    kind      VARCHAR(64)    NOT NULL,
    user_id   BIGINT,
    label     VARCHAR(128)   NOT NULL,
    bound_at  BIGINT         NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX sign_in_names_user ON sign_in_names (tenant_id, user_id);

CREATE TABLE sessions (
    tenant_id  INT            NOT NULL,
    id         BIGINT         NOT NULL,
    user_id    BIGINT         NOT NULL,
    secret     VARBINARY(512) NOT NULL,
    generation INT            NOT NULL,
    device     VARCHAR(255),
    created_at BIGINT         NOT NULL,
    used_at    BIGINT         NOT NULL,
    expires_at BIGINT         NOT NULL,
    ended_at   BIGINT,
    ended_for  VARCHAR(32),
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX sessions_user ON sessions (tenant_id, user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Wrong passwords, by the name that was typed, whether anybody has it or not.
CREATE TABLE sign_in_failures (
    tenant_id INT            NOT NULL,
    id        BIGINT         NOT NULL,
    failures  INT            NOT NULL,
    since     BIGINT         NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX sign_in_failures_since ON sign_in_failures (since);

CREATE TABLE sign_in_codes (
    tenant_id  INT            NOT NULL,
    id         BIGINT         NOT NULL,
    code_hash  BINARY(16),
    sent_at    BIGINT         NOT NULL,
    expires_at BIGINT         NOT NULL,
    tries_left INT            NOT NULL CHECK (tries_left >= 0),
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX sign_in_codes_sent ON sign_in_codes (sent_at);

CREATE TABLE sign_in_budgets (
    tenant_id INT            NOT NULL,
    id        BIGINT         NOT NULL,
    hour      BIGINT         NOT NULL,
    in_hour   INT            NOT NULL,
    day       BIGINT         NOT NULL,
    in_day    INT            NOT NULL,
    last_at   BIGINT         NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX sign_in_budgets_last ON sign_in_budgets (last_at);

CREATE TABLE roles (
    tenant_id  INT            NOT NULL,
    id         BIGINT         NOT NULL,
    code       VARCHAR(64)    NOT NULL,
    name       VARCHAR(128)   NOT NULL,
    grants     VARCHAR(4000)  NOT NULL,
    removed    INT            NOT NULL CHECK (removed IN (0, 1)),
    changed_at BIGINT         NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE token_keys (
    id         BIGINT         NOT NULL PRIMARY KEY,
    secret     VARBINARY(512) NOT NULL,
    created_at BIGINT         NOT NULL
);
