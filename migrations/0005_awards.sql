CREATE TABLE allocations (
    id UUID PRIMARY KEY,
    round UUID NOT NULL REFERENCES rounds (id),
    ranking UUID NOT NULL REFERENCES rankings (id),
    appropriation UUID NOT NULL REFERENCES appropriations (id),
    pot_cents BIGINT NOT NULL,
    granted_cents BIGINT NOT NULL,
    line BIGINT,                        -- the lowest place that gets money; NULL: nobody does
    sha256 TEXT NOT NULL,
    status TEXT NOT NULL,
    proposed_by UUID NOT NULL REFERENCES people (id),
    proposed_at TIMESTAMPTZ NOT NULL,
    decided_by UUID REFERENCES people (id),
    decided_at TIMESTAMPTZ,
    decision_reason TEXT,
    version BIGINT NOT NULL,
    document TEXT NOT NULL,             -- canonical JSON: every step with its reason
    CONSTRAINT allocations_status_known CHECK (status IN ('proposed', 'approved', 'returned')),
    CONSTRAINT allocations_within_pot CHECK (granted_cents >= 0 AND granted_cents <= pot_cents),
    CONSTRAINT allocations_two_people CHECK (status <> 'approved' OR (decided_by IS NOT NULL AND decided_by <> proposed_by))
);
CREATE UNIQUE INDEX allocations_one_live ON allocations (round) WHERE status <> 'returned';

CREATE TABLE awards (
    id UUID PRIMARY KEY,
    number TEXT NOT NULL,               -- AW-2024-01
    round UUID NOT NULL REFERENCES rounds (id),
    allocation UUID NOT NULL REFERENCES allocations (id),
    appropriation UUID NOT NULL REFERENCES appropriations (id),
    recipient UUID NOT NULL REFERENCES organizations (id),
    units BIGINT NOT NULL,
    amount_cents BIGINT NOT NULL,
    awarded_at TIMESTAMPTZ NOT NULL,
    last_draw BIGINT NOT NULL,          -- the last draw number given out
    CONSTRAINT awards_positive CHECK (amount_cents > 0 AND units > 0),
    CONSTRAINT awards_number_once UNIQUE (round, number),
    CONSTRAINT awards_one_each UNIQUE (round, recipient)
);
CREATE TABLE award_lines (
    id UUID PRIMARY KEY,
    award UUID NOT NULL REFERENCES awards (id),
    application UUID NOT NULL REFERENCES applications (id),
    beneficiary UUID NOT NULL REFERENCES organizations (id),
    units BIGINT NOT NULL,
    amount_cents BIGINT NOT NULL,
    CONSTRAINT award_lines_positive CHECK (amount_cents > 0 AND units > 0),
    CONSTRAINT award_lines_once UNIQUE (award, application)
);

-- What an applicant is told, as a state of its own.
CREATE TABLE outcomes (
    application UUID PRIMARY KEY REFERENCES applications (id),
    outcome TEXT NOT NULL,
    units BIGINT NOT NULL,
    reason TEXT NOT NULL,
    decided_at TIMESTAMPTZ NOT NULL,
    told_at TIMESTAMPTZ,
    CONSTRAINT outcomes_known CHECK (outcome IN ('funded', 'partly_funded', 'waitlisted', 'not_funded', 'ineligible'))
);
