-- How many coupons were made of a template. The id is a hash of the template's code.
CREATE TABLE coupon_stocks (
    tenant_id INT    NOT NULL,
    id        BIGINT NOT NULL,
    issued    BIGINT NOT NULL CHECK (issued >= 0),
    PRIMARY KEY (tenant_id, id)
);

-- A coupon has the id of the change that made it, and keeps the terms it was made with.
CREATE TABLE coupons (
    id           BIGINT       NOT NULL,
    tenant_id    INT          NOT NULL,
    member_id    BIGINT       NOT NULL,
    template     VARCHAR(40)  NOT NULL,
    terms        MEDIUMTEXT   NOT NULL,
    threshold    BIGINT       NOT NULL,
    state        VARCHAR(16)  NOT NULL,
    origin       VARCHAR(16)  NOT NULL,
    valid_from   BIGINT       NOT NULL,
    expires_at   BIGINT       NOT NULL, CHECK (expires_at >= valid_from),
    locked_until BIGINT       NOT NULL,
    order_id     VARCHAR(128),
    discount     BIGINT       CHECK (discount >= 0),
    other_member BIGINT,
    other_coupon BIGINT,
    claimed_at   BIGINT       NOT NULL,
    due_at       BIGINT       NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);

CREATE INDEX coupons_template ON coupons (tenant_id, template, state, origin);

-- What the sweep looks for: the ends of locks and coupons.
CREATE INDEX coupons_due ON coupons (due_at);

-- How a coupon came to stand as it stands.
CREATE TABLE coupon_changes (
    id          BIGINT       NOT NULL,
    tenant_id   INT          NOT NULL,
    member_id   BIGINT       NOT NULL,
    coupon_id   BIGINT       NOT NULL,
    kind        VARCHAR(16)  NOT NULL,
    order_id    VARCHAR(128),
    discount    BIGINT,
    reference   VARCHAR(128) NOT NULL,
    reason      VARCHAR(255),
    occurred_at BIGINT       NOT NULL,
    recorded_at BIGINT       NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);

CREATE INDEX coupon_changes_coupon ON coupon_changes (tenant_id, member_id, coupon_id, id);
