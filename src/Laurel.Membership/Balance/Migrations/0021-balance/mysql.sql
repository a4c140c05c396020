-- Stored money: what of it open withdrawals hold, and whether the member's real name was verified.
ALTER TABLE members ADD COLUMN balance_held BIGINT NOT NULL DEFAULT 0 CHECK (balance_held >= 0);
ALTER TABLE members ADD COLUMN real_name_verified INT NOT NULL DEFAULT 0;

-- The accounts that stored money comes from and goes to.
ALTER TABLE opening_balances ADD COLUMN cash BIGINT NOT NULL DEFAULT 0;
ALTER TABLE opening_balances ADD COLUMN payout BIGINT NOT NULL DEFAULT 0;

-- due_at is when a recharge that was not paid is closed; null once it does not wait.
CREATE TABLE balance_recharges (
    tenant_id          INT          NOT NULL,
    member_id          BIGINT       NOT NULL,
    recharge_id        VARCHAR(128) NOT NULL,
    id                 BIGINT       NOT NULL,
    amount             BIGINT       NOT NULL CHECK (amount > 0),
    status             VARCHAR(32)  NOT NULL,
    refunded           BIGINT       NOT NULL, CHECK (refunded BETWEEN 0 AND amount),
    entry_id           BIGINT       NOT NULL,
    created_at         BIGINT       NOT NULL,
    expires_at         BIGINT       NOT NULL,
    due_at             BIGINT,
    paid_at            BIGINT,
    provider_reference VARCHAR(128),
    PRIMARY KEY (tenant_id, member_id, recharge_id)
);

CREATE INDEX balance_recharges_tenant ON balance_recharges (tenant_id, id);
CREATE INDEX balance_recharges_paid ON balance_recharges (tenant_id, paid_at);
CREATE INDEX balance_recharges_due ON balance_recharges (due_at);

CREATE TABLE balance_recharge_refunds (
    tenant_id          INT          NOT NULL,
    member_id          BIGINT       NOT NULL,
    refund_id          VARCHAR(128) NOT NULL,
    recharge_id        VARCHAR(128) NOT NULL,
    amount             BIGINT       NOT NULL CHECK (amount > 0),
    entry_id           BIGINT       NOT NULL,
    occurred_at        BIGINT       NOT NULL,
    provider_reference VARCHAR(128),
    PRIMARY KEY (tenant_id, member_id, refund_id)
);

CREATE INDEX balance_recharge_refunds_day ON balance_recharge_refunds (tenant_id, occurred_at);

-- due_at is when the payout job is to look at it; null while it waits for a person or a provider, and once it has ended.
CREATE TABLE balance_withdrawals (
    tenant_id          INT          NOT NULL,
    member_id          BIGINT       NOT NULL,
    withdrawal_id      VARCHAR(128) NOT NULL,
    id                 BIGINT       NOT NULL,
    amount             BIGINT       NOT NULL CHECK (amount > 0),
    status             VARCHAR(32)  NOT NULL,
    destination        VARCHAR(128) NOT NULL,
    applied_at         BIGINT       NOT NULL,
    applied_key        BINARY(16)   NOT NULL,
    applied_by         VARCHAR(255) NOT NULL,
    first_key          BINARY(16),
    first_by           VARCHAR(255),
    second_key         BINARY(16),
    second_by          VARCHAR(255),
    ended_at           BIGINT,
    due_at             BIGINT,
    attempts           INT          NOT NULL,
    provider           VARCHAR(64),
    provider_reference VARCHAR(128),
    reason             VARCHAR(255),
    entry_id           BIGINT       NOT NULL,
    PRIMARY KEY (tenant_id, member_id, withdrawal_id)
);

CREATE INDEX balance_withdrawals_tenant ON balance_withdrawals (tenant_id, id);
CREATE INDEX balance_withdrawals_ended ON balance_withdrawals (tenant_id, ended_at);
CREATE INDEX balance_withdrawals_due ON balance_withdrawals (due_at);

-- What was spent, and how much of it was given back. It has the id of the entry that spent it.
CREATE TABLE balance_spends (
    tenant_id          INT          NOT NULL,
    member_id          BIGINT       NOT NULL,
    entry_id           BIGINT       NOT NULL,
    reference_type     VARCHAR(64)  NOT NULL,
    reference_id       VARCHAR(128) NOT NULL,
    amount             BIGINT       NOT NULL CHECK (amount > 0),
    refunded           BIGINT       NOT NULL, CHECK (refunded BETWEEN 0 AND amount),
    PRIMARY KEY (tenant_id, member_id, entry_id)
);

CREATE UNIQUE INDEX balance_spends_reference ON balance_spends (tenant_id, member_id, reference_type, reference_id);
