CREATE TABLE users (
    tenant_id       integer NOT NULL,
    id              bigint  NOT NULL,
    is_member       integer NOT NULL CHECK (is_member IN (0, 1)),
    username        text    NOT NULL,
    role            text    NOT NULL,
    status          text    NOT NULL,
    password_hash   text,
    password_at     bigint,
    signed_in_since bigint  NOT NULL,
    totp_secret     bytea,
    totp_step       bigint  NOT NULL,
    created_at      bigint  NOT NULL,
    last_login_at   bigint,
    PRIMARY KEY (tenant_id, id)
);

-- What a person signs in with: the first 128 bits of a keyed hash, so that no telephone number stands here. The id is 63 bits of them.
CREATE TABLE sign_in_names (
    tenant_id integer NOT NULL,
    id        bigint  NOT NULL,
    name_hash bytea   NOT NULL,
    kind      text    NOT NULL,
    user_id   bigint,
    label     text    NOT NULL,
    bound_at  bigint  NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX sign_in_names_user ON sign_in_names (tenant_id, user_id) WHERE user_id IS NOT NULL;

CREATE TABLE sessions (
    tenant_id  integer NOT NULL,
    id         bigint  NOT NULL,
    user_id    bigint  NOT NULL,
    secret     bytea   NOT NULL,
    generation integer NOT NULL,
    device     text,
    created_at bigint  NOT NULL,
    used_at    bigint  NOT NULL,
    expires_at bigint  NOT NULL,
    ended_at   bigint,
    ended_for  text,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX sessions_user ON sessions (tenant_id, user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Wrong passwords, by the name that was typed, whether anybody has it or not.
CREATE TABLE sign_in_failures (
    tenant_id integer NOT NULL,
    id        bigint  NOT NULL,
    failures  integer NOT NULL,
    since     bigint  NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX sign_in_failures_since ON sign_in_failures (since);

CREATE TABLE sign_in_codes (
    tenant_id  integer NOT NULL,
    id         bigint  NOT NULL,
    code_hash  bytea,
    sent_at    bigint  NOT NULL,
    expires_at bigint  NOT NULL,
    tries_left integer NOT NULL CHECK (tries_left >= 0),
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX sign_in_codes_sent ON sign_in_codes (sent_at);

CREATE TABLE sign_in_budgets (
    tenant_id integer NOT NULL,
    id        bigint  NOT NULL,
    hour      bigint  NOT NULL,
    in_hour   integer NOT NULL,
    day       bigint  NOT NULL,
    in_day    integer NOT NULL,
    last_at   bigint  NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX sign_in_budgets_last ON sign_in_budgets (last_at);

CREATE TABLE roles (
    tenant_id  integer NOT NULL,
    id         bigint  NOT NULL,
    code       text    NOT NULL,
    name       text    NOT NULL,
    grants     text    NOT NULL,
    removed    integer NOT NULL CHECK (removed IN (0, 1)),
    changed_at bigint  NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE token_keys (
    id         bigint NOT NULL PRIMARY KEY,
    secret     bytea  NOT NULL,
    created_at bigint NOT NULL
);
