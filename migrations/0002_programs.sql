-- Programs, the money appropriated to them, their rounds, and the facts that ranking draws on.
CREATE TABLE programs (
    id UUID PRIMARY KEY,
    slug TEXT NOT NULL,
    agency UUID NOT NULL REFERENCES organizations (id),
    name TEXT NOT NULL,
    summary TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT programs_slug_once UNIQUE (slug)
);

-- A program file as imported; one round is made from one version, and locked to it by hash when it opens. Long texts stand last in every
-- table: SQLite reads all that stands before a column to come to it.
CREATE TABLE program_versions (
    id UUID PRIMARY KEY,
    program UUID NOT NULL REFERENCES programs (id),
    version BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    imported_at TIMESTAMPTZ NOT NULL,
    imported_by UUID REFERENCES people (id),
    source_toml TEXT NOT NULL,
    canonical TEXT NOT NULL,
    CONSTRAINT program_versions_once UNIQUE (program, version)
);

CREATE TABLE appropriations (
    id UUID PRIMARY KEY,
    program UUID NOT NULL REFERENCES programs (id),
    bill TEXT NOT NULL,
    section TEXT NOT NULL,
    fund_source TEXT NOT NULL,
    fiscal_year BIGINT NOT NULL,
    amount_cents BIGINT NOT NULL,
    begins_on DATE NOT NULL,
    lapses_on DATE NOT NULL,
    citation TEXT NOT NULL,
    CONSTRAINT appropriations_positive CHECK (amount_cents > 0),
    CONSTRAINT appropriations_once UNIQUE (program, bill, section, fund_source, fiscal_year)
);

CREATE TABLE rounds (
    id UUID PRIMARY KEY,
    program UUID NOT NULL REFERENCES programs (id),
    program_version UUID NOT NULL REFERENCES program_versions (id),
    appropriation UUID NOT NULL REFERENCES appropriations (id),
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    opens_at TIMESTAMPTZ NOT NULL,
    closes_at TIMESTAMPTZ NOT NULL,
    questions_until TIMESTAMPTZ,
    award_on DATE,
    seed TEXT NOT NULL,
    opened_at TIMESTAMPTZ,              -- the act of opening, which locks the file
    locked_sha256 TEXT,
    published_at TIMESTAMPTZ,           -- results released to the public
    last_number BIGINT NOT NULL,        -- the last application number given out
    version BIGINT NOT NULL,
    CONSTRAINT rounds_slug_once UNIQUE (program, slug),
    CONSTRAINT rounds_order CHECK (opens_at < closes_at),
    CONSTRAINT rounds_locked_when_open CHECK ((opened_at IS NULL) = (locked_sha256 IS NULL))
);

-- Which regional organization serves which district in a round.
CREATE TABLE regions (
    round UUID NOT NULL REFERENCES rounds (id),
    organization UUID NOT NULL REFERENCES organizations (id),
    key TEXT NOT NULL,
    synthetic BOOLEAN NOT NULL,
    CONSTRAINT regions_once PRIMARY KEY (round, organization),
    CONSTRAINT regions_key_once UNIQUE (round, key)
);
CREATE TABLE region_members (
    round UUID NOT NULL,
    region UUID NOT NULL,
    member UUID NOT NULL REFERENCES organizations (id),
    CONSTRAINT region_members_once PRIMARY KEY (round, member),
    CONSTRAINT region_members_region FOREIGN KEY (round, region) REFERENCES regions (round, organization)
);

-- A number about an organization, with where it comes from. value is an exact decimal as text.
CREATE TABLE facts (
    id UUID PRIMARY KEY,
    organization UUID NOT NULL REFERENCES organizations (id),
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    year BIGINT,
    place TEXT NOT NULL,
    source TEXT NOT NULL,
    synthetic BOOLEAN NOT NULL,
    loaded_at TIMESTAMPTZ NOT NULL,
    round UUID REFERENCES rounds (id),  -- NULL: holds for every round
    CONSTRAINT facts_once UNIQUE (organization, key, year, round)
);
CREATE INDEX facts_by_organization ON facts (organization);
