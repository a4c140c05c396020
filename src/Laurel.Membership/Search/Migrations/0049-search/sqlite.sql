-- What a member is found by: a number for each piece of its nickname, for each of its tags, and a keyed one for each piece of what is sealed.
CREATE TABLE member_terms (
    tenant_id INTEGER NOT NULL,
    term      INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, term, member_id)
) WITHOUT ROWID;

-- The terms of what is sealed, eight bytes each: so they can be taken back without opening anything.
ALTER TABLE personal_data ADD COLUMN search_terms BLOB;

-- The tags and groups of a member, by their codes, with spaces between; null for none.
ALTER TABLE members ADD COLUMN tags TEXT;

-- Figures to sort by, of tenants whose programme keeps them.
CREATE TABLE member_figures (
    tenant_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    spend     INTEGER NOT NULL,
    points    INTEGER NOT NULL,
    growth    INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, member_id)
) WITHOUT ROWID;

CREATE INDEX member_figures_spend ON member_figures (tenant_id, spend, member_id);
CREATE INDEX member_figures_points ON member_figures (tenant_id, points, member_id);
CREATE INDEX member_figures_growth ON member_figures (tenant_id, growth, member_id);

-- How far members that were there before are brought into an index.
CREATE TABLE search_fills (
    tenant_id    INTEGER NOT NULL,
    part         TEXT    NOT NULL,
    through      INTEGER NOT NULL,
    begun_at     INTEGER NOT NULL,
    completed_at INTEGER,
    PRIMARY KEY (tenant_id, part)
) WITHOUT ROWID;

CREATE INDEX members_code ON members (tenant_id, member_code);
CREATE INDEX members_registered ON members (tenant_id, registered_at, id);
CREATE INDEX members_status ON members (tenant_id, status, id) WHERE status <> 'active';
