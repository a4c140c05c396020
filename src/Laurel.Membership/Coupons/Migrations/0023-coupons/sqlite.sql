-- How many coupons were made of a template. The id is a hash of the template's code.
CREATE TABLE coupon_stocks (
    tenant_id INTEGER NOT NULL,
    id        INTEGER NOT NULL,
    issued    INTEGER NOT NULL CHECK (issued >= 0),
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

-- A coupon has the id of the change that made it, and keeps the terms it was made with.
CREATE TABLE coupons (
    id           INTEGER NOT NULL PRIMARY KEY,
    tenant_id    INTEGER NOT NULL,
    member_id    INTEGER NOT NULL,
    template     TEXT    NOT NULL,
    terms        TEXT    NOT NULL,
    threshold    INTEGER NOT NULL,
    state        TEXT    NOT NULL,
    origin       TEXT    NOT NULL,
    valid_from   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL CHECK (expires_at >= valid_from),
    locked_until INTEGER NOT NULL,
    order_id     TEXT,
    discount     INTEGER CHECK (discount >= 0),
    other_member INTEGER,
    other_coupon INTEGER,
    claimed_at   INTEGER NOT NULL,
    due_at       INTEGER NOT NULL
);

CREATE INDEX coupons_member ON coupons (member_id, id);

CREATE INDEX coupons_template ON coupons (tenant_id, template, state, origin);

-- What the sweep looks for: the ends of locks and coupons.
CREATE INDEX coupons_due ON coupons (due_at) WHERE due_at < 9223372036854775807;

-- How a coupon came to stand as it stands.
CREATE TABLE coupon_changes (
    id          INTEGER NOT NULL PRIMARY KEY,
    tenant_id   INTEGER NOT NULL,
    member_id   INTEGER NOT NULL,
    coupon_id   INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    order_id    TEXT,
    discount    INTEGER,
    reference   TEXT    NOT NULL,
    reason      TEXT,
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL
);

CREATE INDEX coupon_changes_coupon ON coupon_changes (member_id, coupon_id, id);
