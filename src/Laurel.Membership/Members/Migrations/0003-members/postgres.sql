-- Room on each page for the new version of an updated row: the row is rewritten in place of its page (HOT), without
-- touching any index, as long as next_change_at stays.
CREATE TABLE members (
    tenant_id        integer NOT NULL,
    id               bigint  NOT NULL,
    member_code      text    NOT NULL,
    external_id      text    NOT NULL,
    nickname         text,
    status           text    NOT NULL,
    registered_at    bigint  NOT NULL,
    level_code       text    NOT NULL,
    level_since      bigint  NOT NULL,
    last_id          bigint  NOT NULL,
    points           bigint  NOT NULL,
    held             bigint  NOT NULL CHECK (held >= 0),
    debt             bigint  NOT NULL CHECK (debt >= 0),
    receivable       bigint  NOT NULL CHECK (receivable >= 0),
    next_change_at   bigint  NOT NULL,
    activation_at    bigint  NOT NULL,
    growth           bigint  NOT NULL CHECK (growth >= 0),
    balance          bigint  NOT NULL,
    lifetime         bigint  NOT NULL,
    total_orders     bigint  NOT NULL,
    total_amount     bigint  NOT NULL CHECK (total_amount >= 0),
    first_order_used integer NOT NULL,
    version          bigint  NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

-- What lapses next is found here; 9223372036854775807 means never and is left out.
CREATE INDEX members_next_change ON members (next_change_at) WHERE next_change_at < 9223372036854775807;

CREATE TABLE member_code_counters (
    tenant_id integer NOT NULL,
    day       bigint  NOT NULL,
    last      bigint  NOT NULL,
    PRIMARY KEY (tenant_id, day)
) WITH (fillfactor = 50);

CREATE TABLE personal_data (
    tenant_id   integer NOT NULL,
    member_id   bigint  NOT NULL,
    wrapped_key bytea   NOT NULL,
    phone       bytea,
    phone_index bytea,
    email       bytea,
    email_index bytea,
    PRIMARY KEY (tenant_id, member_id)
);

CREATE INDEX personal_data_phone ON personal_data (tenant_id, phone_index) WHERE phone_index IS NOT NULL;
CREATE INDEX personal_data_email ON personal_data (tenant_id, email_index) WHERE email_index IS NOT NULL;
