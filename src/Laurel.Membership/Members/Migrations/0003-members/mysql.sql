CREATE TABLE members (
    tenant_id       INT            NOT NULL,
    id              BIGINT         NOT NULL,
    member_code     VARCHAR(64)    NOT NULL,
    external_id     VARCHAR(128)   NOT NULL,
    nickname        VARCHAR(255),
    status          VARCHAR(32)    NOT NULL,
    registered_at   BIGINT         NOT NULL,
    level_code      VARCHAR(64)    NOT NULL,
    level_since     BIGINT         NOT NULL,
    last_id         BIGINT         NOT NULL,
    points          BIGINT         NOT NULL,
    held            BIGINT         NOT NULL CHECK (held >= 0),
    debt            BIGINT         NOT NULL CHECK (debt >= 0),
    receivable      BIGINT         NOT NULL CHECK (receivable >= 0),
    next_change_at  BIGINT         NOT NULL,
    activation_at   BIGINT         NOT NULL,
    growth          BIGINT         NOT NULL CHECK (growth >= 0),
    balance         BIGINT         NOT NULL,
    lifetime        BIGINT         NOT NULL,
    total_orders    BIGINT         NOT NULL,
    total_amount    BIGINT         NOT NULL CHECK (total_amount >= 0),
    first_order_used INT           NOT NULL,
    version         BIGINT         NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- What lapses next is found here; 9223372036854775807 means never.
CREATE INDEX members_next_change ON members (next_change_at);

CREATE TABLE member_code_counters (
    tenant_id       INT            NOT NULL,
    day             BIGINT         NOT NULL,
    last            BIGINT         NOT NULL,
    PRIMARY KEY (tenant_id, day)
);

CREATE TABLE personal_data (
    tenant_id       INT            NOT NULL,
    member_id       BIGINT         NOT NULL,
    wrapped_key     VARBINARY(255) NOT NULL,
    phone           VARBINARY(1024),
    phone_index     BINARY(16),
    email           VARBINARY(1024),
    email_index     BINARY(16),
    PRIMARY KEY (tenant_id, member_id)
);

CREATE INDEX personal_data_phone ON personal_data (tenant_id, phone_index);
CREATE INDEX personal_data_email ON personal_data (tenant_id, email_index);
