CREATE TABLE members (
    id               INTEGER NOT NULL PRIMARY KEY,
    tenant_id        INTEGER NOT NULL,
    member_code      TEXT    NOT NULL,
    external_id      TEXT    NOT NULL,
    nickname         TEXT,
    status           TEXT    NOT NULL,
    registered_at    INTEGER NOT NULL,
    level_code       TEXT    NOT NULL,
    level_since      INTEGER NOT NULL,
    last_id          INTEGER NOT NULL,
    points           INTEGER NOT NULL,
    held             INTEGER NOT NULL CHECK (held >= 0),
    debt             INTEGER NOT NULL CHECK (debt >= 0),
    receivable       INTEGER NOT NULL CHECK (receivable >= 0),
    next_change_at   INTEGER NOT NULL,
    activation_at    INTEGER NOT NULL,
    growth           INTEGER NOT NULL CHECK (growth >= 0),
    balance          INTEGER NOT NULL,
    lifetime         INTEGER NOT NULL,
    total_orders     INTEGER NOT NULL,
    total_amount     INTEGER NOT NULL CHECK (total_amount >= 0),
    first_order_used INTEGER NOT NULL,
    version          INTEGER NOT NULL
);

-- What lapses next is found here; 9223372036854775807 means never and is left out.
CREATE INDEX members_next_change ON members (next_change_at) WHERE next_change_at < 9223372036854775807;

CREATE TABLE member_code_counters (
    tenant_id INTEGER NOT NULL,
    day       INTEGER NOT NULL,
    last      INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, day)
) WITHOUT ROWID;

CREATE TABLE personal_data (
    tenant_id   INTEGER NOT NULL,
    member_id   INTEGER NOT NULL,
    wrapped_key BLOB    NOT NULL,
    phone       BLOB,
    phone_index BLOB,
    email       BLOB,
    email_index BLOB,
    PRIMARY KEY (tenant_id, member_id)
) WITHOUT ROWID;

CREATE INDEX personal_data_phone ON personal_data (tenant_id, phone_index) WHERE phone_index IS NOT NULL;
CREATE INDEX personal_data_email ON personal_data (tenant_id, email_index) WHERE email_index IS NOT NULL;
