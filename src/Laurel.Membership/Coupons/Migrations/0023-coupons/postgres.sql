-- How many coupons were made of a template. The id is a hash of the template's code.
CREATE TABLE coupon_stocks (
    tenant_id integer NOT NULL,
    id        bigint NOT NULL,
    issued    bigint NOT NULL CHECK (issued >= 0),
    PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 50);

-- A coupon has the id of the change that made it, and keeps the terms it was made with.
CREATE TABLE coupons (
    id           bigint NOT NULL,
    tenant_id    integer NOT NULL,
    member_id    bigint NOT NULL,
    template     text NOT NULL,
    terms        text NOT NULL,
    threshold    bigint NOT NULL,
    state        text NOT NULL,
    origin       text NOT NULL,
    valid_from   bigint NOT NULL,
    expires_at   bigint NOT NULL CHECK (expires_at >= valid_from),
    locked_until bigint NOT NULL,
    order_id     text,
    discount     bigint CHECK (discount >= 0),
    other_member bigint,
    other_coupon bigint,
    claimed_at   bigint NOT NULL,
    due_at       bigint NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);

CREATE INDEX coupons_template ON coupons (tenant_id, template, state, origin);

-- What the sweep looks for: the ends of locks and coupons.
CREATE INDEX coupons_due ON coupons (due_at) WHERE due_at < 9223372036854775807;

-- How a coupon came to stand as it stands.
CREATE TABLE coupon_changes (
    id          bigint NOT NULL,
    tenant_id   integer NOT NULL,
    member_id   bigint NOT NULL,
    coupon_id   bigint NOT NULL,
    kind        text NOT NULL,
    order_id    text,
    discount    bigint,
    reference   text NOT NULL,
    reason      text,
    occurred_at bigint NOT NULL,
    recorded_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);

CREATE INDEX coupon_changes_coupon ON coupon_changes (tenant_id, member_id, coupon_id, id);
