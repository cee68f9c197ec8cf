-- People, the organizations they act for, and how they come in.
CREATE TABLE people (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,                -- as typed; email_folded is the key
    email_folded TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    disabled_at TIMESTAMPTZ,
    CONSTRAINT people_email_once UNIQUE (email_folded),
    CONSTRAINT people_name_given CHECK (name <> '')
);

-- Sign-in through OpenID Connect is keyed on (issuer, subject), never on an address.
CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    person UUID NOT NULL REFERENCES people (id),
    linked_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT identities_once PRIMARY KEY (issuer, subject)
);

CREATE TABLE organizations (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    nces_id TEXT,                       -- 7 digits, districts only
    ipeds_id TEXT,                      -- 6 digits, colleges only
    county_fips TEXT,
    county_name TEXT,
    planning_district TEXT,
    latitude TEXT,
    longitude TEXT,
    source TEXT NOT NULL,
    CONSTRAINT organizations_kind_known CHECK (kind IN ('agency', 'district', 'community', 'region', 'college')),
    CONSTRAINT organizations_nces_once UNIQUE (nces_id),
    CONSTRAINT organizations_ipeds_once UNIQUE (ipeds_id),
    CONSTRAINT organizations_name_given CHECK (name <> '')
);

CREATE TABLE memberships (
    id UUID PRIMARY KEY,
    person UUID NOT NULL REFERENCES people (id),
    organization UUID NOT NULL REFERENCES organizations (id),
    role TEXT NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    CONSTRAINT memberships_role_known CHECK (role IN ('program_manager', 'reviewer', 'approver', 'fiscal_agent', 'auditor',
        'preparer', 'certifier', 'regional_preparer', 'regional_certifier'))
);
CREATE UNIQUE INDEX memberships_once ON memberships (person, organization, role) WHERE ended_at IS NULL;
CREATE INDEX memberships_by_organization ON memberships (organization, role) WHERE ended_at IS NULL;

-- An invitation is keyed on the address: it waits for an account made later, and is taken up at once by one made before.
CREATE TABLE invitations (
    id UUID PRIMARY KEY,
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    organization UUID NOT NULL REFERENCES organizations (id),
    role TEXT NOT NULL,
    invited_by UUID NOT NULL REFERENCES people (id),
    invited_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    accepted_at TIMESTAMPTZ,
    accepted_by UUID REFERENCES people (id),
    withdrawn_at TIMESTAMPTZ
);
CREATE INDEX invitations_by_email ON invitations (email_folded);

-- The cookie holds a random key; the row holds its SHA-256.
CREATE TABLE sessions (
    key_sha256 TEXT PRIMARY KEY,
    person UUID NOT NULL REFERENCES people (id),
    method TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    CONSTRAINT sessions_method_known CHECK (method IN ('oidc', 'email', 'demo'))
);
CREATE INDEX sessions_by_person ON sessions (person);

-- One email code and link: single use, bound to the browser that asked for it.
CREATE TABLE sign_in_codes (
    id UUID PRIMARY KEY,
    email_folded TEXT NOT NULL,
    code_sha256 TEXT NOT NULL,
    link_sha256 TEXT NOT NULL,
    browser_sha256 TEXT NOT NULL,
    network TEXT NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    attempts BIGINT NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX sign_in_codes_by_email ON sign_in_codes (email_folded, asked_at);
CREATE INDEX sign_in_codes_by_network ON sign_in_codes (network, asked_at);

-- One journey to an OpenID provider and back: state, nonce and PKCE verifier, single use.
CREATE TABLE oidc_attempts (
    state_sha256 TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    nonce TEXT NOT NULL,
    pkce_verifier TEXT NOT NULL,
    browser_sha256 TEXT NOT NULL,
    return_to TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
