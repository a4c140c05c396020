-- What a member is found by: a number for each piece of its nickname, for each of its tags, and a keyed one for each piece of what is sealed.
CREATE TABLE member_terms (
    tenant_id INT    NOT NULL,
    term      BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, term, member_id)
);

-- The terms of what is sealed, eight bytes each: so they can be taken back without opening anything.
ALTER TABLE personal_data ADD COLUMN search_terms VARBINARY(2048);

-- The tags and groups of a member, by their codes, with spaces between; null for none.
ALTER TABLE members ADD COLUMN tags VARCHAR(4096);

-- Figures to sort by, of tenants whose programme keeps them.
CREATE TABLE member_figures (
    tenant_id INT    NOT NULL,
    member_id BIGINT NOT NULL,
    spend     BIGINT NOT NULL,
    points    BIGINT NOT NULL,
    growth    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, member_id)
);

CREATE INDEX member_figures_spend ON member_figures (tenant_id, spend, member_id);
CREATE INDEX member_figures_points ON member_figures (tenant_id, points, member_id);
CREATE INDEX member_figures_growth ON member_figures (tenant_id, growth, member_id);

-- How far members that were there before are brought into an index.
CREATE TABLE search_fills (
    tenant_id    INT         NOT NULL,
    part         VARCHAR(32) NOT NULL,
    through      BIGINT      NOT NULL,
    begun_at     BIGINT      NOT NULL,
    completed_at BIGINT,
    PRIMARY KEY (tenant_id, part)
);

CREATE INDEX members_code ON members (tenant_id, member_code);
CREATE INDEX members_registered ON members (tenant_id, registered_at, id);
CREATE INDEX members_status ON members (tenant_id, status, id);
