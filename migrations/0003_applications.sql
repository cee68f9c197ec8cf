CREATE TABLE applications (
    id UUID PRIMARY KEY,
    round UUID NOT NULL REFERENCES rounds (id),
    applicant UUID NOT NULL REFERENCES organizations (id),
    number TEXT,                        -- given at the first submission: A-2025-0001
    status TEXT NOT NULL,
    units_requested BIGINT,             -- seats, copied from the answers at submission
    started_by UUID NOT NULL REFERENCES people (id),
    started_at TIMESTAMPTZ NOT NULL,
    saved_at TIMESTAMPTZ NOT NULL,
    submitted_by UUID REFERENCES people (id),
    submitted_at TIMESTAMPTZ,
    withdrawn_at TIMESTAMPTZ,
    digest TEXT,                        -- SHA-256 of document
    submission UUID,                    -- minted with the form: a repeated submit returns the first receipt
    version BIGINT NOT NULL,
    document TEXT,                      -- what was submitted, canonical JSON
    CONSTRAINT applications_status_known CHECK (status IN ('draft', 'submitted', 'withdrawn')),
    CONSTRAINT applications_submitted_whole CHECK (status <> 'submitted' OR (number IS NOT NULL AND submitted_at IS NOT NULL
        AND submitted_by IS NOT NULL AND document IS NOT NULL AND digest IS NOT NULL AND units_requested IS NOT NULL)),
    CONSTRAINT applications_units_positive CHECK (units_requested IS NULL OR units_requested > 0),
    CONSTRAINT applications_number_once UNIQUE (round, number),
    CONSTRAINT applications_one_each UNIQUE (round, applicant)
);
-- Holds all that counts and neighbours ask for, so that neither reads the applications themselves, which are long.
CREATE INDEX applications_by_round ON applications (round, status, number, id, units_requested);

-- One row a section: two people in two sections never collide, two in one see a conflict.
CREATE TABLE application_sections (
    application UUID NOT NULL REFERENCES applications (id),
    section TEXT NOT NULL,
    answers TEXT NOT NULL,              -- JSON object: question key to text
    complete BOOLEAN NOT NULL,
    saved_by UUID NOT NULL REFERENCES people (id),
    saved_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT application_sections_once PRIMARY KEY (application, section)
);

-- The bytes lie in the files folder, outside the web root, under the id.
CREATE TABLE files (
    id UUID PRIMARY KEY,
    application UUID NOT NULL REFERENCES applications (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    uploaded_by UUID NOT NULL REFERENCES people (id),
    uploaded_at TIMESTAMPTZ NOT NULL,
    removed_at TIMESTAMPTZ,
    synthetic BOOLEAN NOT NULL,
    CONSTRAINT files_kind_known CHECK (kind IN ('support_letter', 'college_agreement')),
    CONSTRAINT files_not_empty CHECK (bytes > 0)
);
CREATE INDEX files_by_application ON files (application);
