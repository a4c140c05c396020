-- Stored money: what of it open withdrawals hold, and whether the member's real name was verified.
ALTER TABLE members ADD COLUMN balance_held bigint NOT NULL DEFAULT 0 CHECK (balance_held >= 0);
ALTER TABLE members ADD COLUMN real_name_verified integer NOT NULL DEFAULT 0;

-- The accounts that stored money comes from and goes to.
ALTER TABLE opening_balances ADD COLUMN cash bigint NOT NULL DEFAULT 0;
ALTER TABLE opening_balances ADD COLUMN payout bigint NOT NULL DEFAULT 0;

-- due_at is when a recharge that was not paid is closed; null once it does not wait.
CREATE TABLE balance_recharges (
    tenant_id          integer NOT NULL,
    member_id          bigint NOT NULL,
    recharge_id        text NOT NULL,
    id                 bigint NOT NULL,
    amount             bigint NOT NULL CHECK (amount > 0),
    status             text NOT NULL,
    refunded           bigint NOT NULL CHECK (refunded BETWEEN 0 AND amount),
    entry_id           bigint NOT NULL,
    created_at         bigint NOT NULL,
    expires_at         bigint NOT NULL,
    due_at             bigint,
    paid_at            bigint,
    provider_reference text,
    PRIMARY KEY (tenant_id, member_id, recharge_id)
);

CREATE INDEX balance_recharges_tenant ON balance_recharges (tenant_id, id);
CREATE INDEX balance_recharges_paid ON balance_recharges (tenant_id, paid_at) WHERE paid_at IS NOT NULL;
CREATE INDEX balance_recharges_due ON balance_recharges (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE balance_recharge_refunds (
    tenant_id          integer NOT NULL,
    member_id          bigint NOT NULL,
    refund_id          text NOT NULL,
    recharge_id        text NOT NULL,
    amount             bigint NOT NULL CHECK (amount > 0),
    entry_id           bigint NOT NULL,
    occurred_at        bigint NOT NULL,
    provider_reference text,
    PRIMARY KEY (tenant_id, member_id, refund_id)
);

CREATE INDEX balance_recharge_refunds_day ON balance_recharge_refunds (tenant_id, occurred_at);

-- due_at is when the payout job is to look at it; null while it waits for a person or a provider, and once it has ended.
CREATE TABLE balance_withdrawals (
    tenant_id          integer NOT NULL,
    member_id          bigint NOT NULL,
    withdrawal_id      text NOT NULL,
    id                 bigint NOT NULL,
    amount             bigint NOT NULL CHECK (amount > 0),
    status             text NOT NULL,
    destination        text NOT NULL,
    applied_at         bigint NOT NULL,
    applied_key        bytea NOT NULL,
    applied_by         text NOT NULL,
    first_key          bytea,
    first_by           text,
    second_key         bytea,
    second_by          text,
    ended_at           bigint,
    due_at             bigint,
    attempts           integer NOT NULL,
    provider           text,
    provider_reference text,
    reason             text,
    entry_id           bigint NOT NULL,
    PRIMARY KEY (tenant_id, member_id, withdrawal_id)
);

CREATE INDEX balance_withdrawals_tenant ON balance_withdrawals (tenant_id, id);
CREATE INDEX balance_withdrawals_ended ON balance_withdrawals (tenant_id, ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX balance_withdrawals_due ON balance_withdrawals (due_at) WHERE due_at IS NOT NULL;

-- What was spent, and how much of it was given back. It has the id of the entry that spent it.
CREATE TABLE balance_spends (
    tenant_id      integer NOT NULL,
    member_id      bigint NOT NULL,
    entry_id       bigint NOT NULL,
    reference_type text NOT NULL,
    reference_id   text NOT NULL,
    amount         bigint NOT NULL CHECK (amount > 0),
    refunded       bigint NOT NULL CHECK (refunded BETWEEN 0 AND amount),
    PRIMARY KEY (tenant_id, member_id, entry_id)
);

CREATE UNIQUE INDEX balance_spends_reference ON balance_spends (tenant_id, member_id, reference_type, reference_id);
