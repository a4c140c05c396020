-- What a member is found by: a number for each piece of its nickname, for each of its tags, and a keyed one for each piece of what is sealed.
CREATE TABLE member_terms (
    tenant_id integer NOT NULL,
    term      bigint  NOT NULL,
    member_id bigint  NOT NULL,
    PRIMARY KEY (tenant_id, term, member_id)
);

-- The terms of what is sealed, eight bytes each: so they can be taken back without opening anything.
ALTER TABLE personal_data ADD COLUMN search_terms bytea;

-- The tags and groups of a member, by their codes, with spaces between; null for none.
ALTER TABLE members ADD COLUMN tags text;

-- Figures to sort by, of tenants whose programme keeps them.
CREATE TABLE member_figures (
    tenant_id integer NOT NULL,
    member_id bigint  NOT NULL,
    spend     bigint  NOT NULL,
    points    bigint  NOT NULL,
    growth    bigint  NOT NULL,
    PRIMARY KEY (tenant_id, member_id)
);

CREATE INDEX member_figures_spend ON member_figures (tenant_id, spend, member_id);
CREATE INDEX member_figures_points ON member_figures (tenant_id, points, member_id);
CREATE INDEX member_figures_growth ON member_figures (tenant_id, growth, member_id);

-- How far members that were there before are brought into an index.
CREATE TABLE search_fills (
    tenant_id    integer NOT NULL,
    part         text    NOT NULL,
    through      bigint  NOT NULL,
    begun_at     bigint  NOT NULL,
    completed_at bigint,
    PRIMARY KEY (tenant_id, part)
);

CREATE INDEX members_code ON members (tenant_id, member_code);
CREATE INDEX members_registered ON members (tenant_id, registered_at, id);
CREATE INDEX members_status ON members (tenant_id, status, id) WHERE status <> 'active';

-- Members of a level are walked in the order of their ids.
DROP INDEX members_level;
CREATE INDEX members_level ON members (tenant_id, level_code, id);
