-- Double entry by construction: every line moves a positive amount from one account to another. Balances are kept by a trigger
-- (see the engines' folders) and guarded by the CHECK below: nothing that is not there can be spent, whatever runs at once.
CREATE TABLE accounts (
    id UUID PRIMARY KEY,
    appropriation UUID NOT NULL REFERENCES appropriations (id),
    award UUID REFERENCES awards (id),
    kind TEXT NOT NULL,
    balance_cents BIGINT NOT NULL,
    floor_cents BIGINT NOT NULL,
    CONSTRAINT accounts_kind_known CHECK (kind IN ('appropriated', 'available', 'undrawn', 'requested', 'approved', 'advanced', 'spent', 'returned')),
    CONSTRAINT accounts_never_below CHECK (balance_cents >= floor_cents)
);
CREATE UNIQUE INDEX accounts_once_award ON accounts (award, kind) WHERE award IS NOT NULL;
CREATE UNIQUE INDEX accounts_once_appropriation ON accounts (appropriation, kind) WHERE award IS NULL;

CREATE TABLE entries (
    id UUID PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    kind TEXT NOT NULL,
    memo TEXT NOT NULL,
    person UUID REFERENCES people (id),
    noun TEXT NOT NULL,
    noun_id UUID NOT NULL,
    noun_version BIGINT NOT NULL,       -- the record's version when it was entered: one act on one version is entered once
    reverses UUID REFERENCES entries (id),
    CONSTRAINT entries_kind_known CHECK (kind IN ('appropriate', 'award', 'reserve', 'release', 'approve', 'pay', 'expense', 'return', 'reversal')),
    CONSTRAINT entries_reversed_once UNIQUE (reverses)
);
CREATE UNIQUE INDEX entries_once_each ON entries (noun_id, kind, noun_version) WHERE reverses IS NULL;

CREATE TABLE transfers (
    id UUID PRIMARY KEY,
    entry UUID NOT NULL REFERENCES entries (id),
    from_account UUID NOT NULL REFERENCES accounts (id),
    to_account UUID NOT NULL REFERENCES accounts (id),
    amount_cents BIGINT NOT NULL,
    CONSTRAINT transfers_positive CHECK (amount_cents > 0),
    CONSTRAINT transfers_two_accounts CHECK (from_account <> to_account)
);
CREATE INDEX transfers_by_entry ON transfers (entry);
CREATE INDEX transfers_by_from ON transfers (from_account);
CREATE INDEX transfers_by_to ON transfers (to_account);
