-- Stored money: what of it open withdrawals hold, and whether the member's real name was verified.
ALTER TABLE members ADD COLUMN balance_held INTEGER NOT NULL DEFAULT 0 CHECK (balance_held >= 0);
ALTER TABLE members ADD COLUMN real_name_verified INTEGER NOT NULL DEFAULT 0;

-- The accounts that stored money comes from and goes to.
ALTER TABLE opening_balances ADD COLUMN cash INTEGER NOT NULL DEFAULT 0;
ALTER TABLE opening_balances ADD COLUMN payout INTEGER NOT NULL DEFAULT 0;

-- due_at is when a recharge that was not paid is closed; null once it does not wait.
CREATE TABLE balance_recharges (
    tenant_id          INTEGER NOT NULL,
    member_id          INTEGER NOT NULL,
    recharge_id        TEXT    NOT NULL,
    id                 INTEGER NOT NULL,
    amount             INTEGER NOT NULL CHECK (amount > 0),
    status             TEXT    NOT NULL,
    refunded           INTEGER NOT NULL CHECK (refunded BETWEEN 0 AND amount),
    entry_id           INTEGER NOT NULL,
    created_at         INTEGER NOT NULL,
    expires_at         INTEGER NOT NULL,
    due_at             INTEGER,
    paid_at            INTEGER,
    provider_reference TEXT,
    PRIMARY KEY (member_id, recharge_id)
) WITHOUT ROWID;

CREATE INDEX balance_recharges_tenant ON balance_recharges (tenant_id, id);
CREATE INDEX balance_recharges_paid ON balance_recharges (tenant_id, paid_at) WHERE paid_at IS NOT NULL;
CREATE INDEX balance_recharges_due ON balance_recharges (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE balance_recharge_refunds (
    tenant_id          INTEGER NOT NULL,
    member_id          INTEGER NOT NULL,
    refund_id          TEXT    NOT NULL,
    recharge_id        TEXT    NOT NULL,
    amount             INTEGER NOT NULL CHECK (amount > 0),
    entry_id           INTEGER NOT NULL,
    occurred_at        INTEGER NOT NULL,
    provider_reference TEXT,
    PRIMARY KEY (member_id, refund_id)
) WITHOUT ROWID;

CREATE INDEX balance_recharge_refunds_day ON balance_recharge_refunds (tenant_id, occurred_at);

-- due_at is when the payout job is to look at it; null while it waits for a person or a provider, and once it has ended.
CREATE TABLE balance_withdrawals (
    tenant_id          INTEGER NOT NULL,
    member_id          INTEGER NOT NULL,
    withdrawal_id      TEXT    NOT NULL,
    id                 INTEGER NOT NULL,
    amount             INTEGER NOT NULL CHECK (amount > 0),
    status             TEXT    NOT NULL,
    destination        TEXT    NOT NULL,
    applied_at         INTEGER NOT NULL,
    applied_key        BLOB    NOT NULL,
    applied_by         TEXT    NOT NULL,
    first_key          BLOB,
    first_by           TEXT,
    second_key         BLOB,
    second_by          TEXT,
    ended_at           INTEGER,
    due_at             INTEGER,
    attempts           INTEGER NOT NULL,
    provider           TEXT,
    provider_reference TEXT,
    reason             TEXT,
    entry_id           INTEGER NOT NULL,
    PRIMARY KEY (member_id, withdrawal_id)
) WITHOUT ROWID;

CREATE INDEX balance_withdrawals_tenant ON balance_withdrawals (tenant_id, id);
CREATE INDEX balance_withdrawals_ended ON balance_withdrawals (tenant_id, ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX balance_withdrawals_due ON balance_withdrawals (due_at) WHERE due_at IS NOT NULL;

-- What was spent, and how much of it was given back. It has the id of the entry that spent it.
CREATE TABLE balance_spends (
    tenant_id      INTEGER NOT NULL,
    member_id      INTEGER NOT NULL,
    entry_id       INTEGER NOT NULL,
    reference_type TEXT    NOT NULL,
    reference_id   TEXT    NOT NULL,
    amount         INTEGER NOT NULL CHECK (amount > 0),
    refunded       INTEGER NOT NULL CHECK (refunded BETWEEN 0 AND amount),
    PRIMARY KEY (member_id, entry_id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX balance_spends_reference ON balance_spends (member_id, reference_type, reference_id);
