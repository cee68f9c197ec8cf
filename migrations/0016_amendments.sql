-- Amendments of a round's rules: each a whole program file with a reason, its authority and a notice, proposed by one person and approved by
-- another. Approved it is the round's next version.
CREATE TABLE amendments (
    id UUID PRIMARY KEY,
    round UUID NOT NULL REFERENCES rounds (id),
    base UUID NOT NULL REFERENCES program_versions (id),             -- what it amends
    program_version UUID NOT NULL REFERENCES program_versions (id),  -- what it makes of it
    status TEXT NOT NULL,
    number BIGINT,                      -- the version of the round's rules, from 2, when it is approved
    late TEXT,                          -- after the close or after scores were given, when it is approved
    proposed_by UUID NOT NULL REFERENCES people (id),
    proposed_at TIMESTAMPTZ NOT NULL,
    decided_by UUID REFERENCES people (id),
    decided_at TIMESTAMPTZ,
    decision_reason TEXT,
    synthetic BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    citation TEXT NOT NULL,
    reason TEXT NOT NULL,
    notice TEXT NOT NULL,
    CONSTRAINT amendments_status_known CHECK (status IN ('proposed', 'approved', 'returned')),
    CONSTRAINT amendments_late_known CHECK (late IN ('after_close', 'after_scores')),
    CONSTRAINT amendments_reasoned CHECK (citation <> '' AND reason <> '' AND notice <> ''),
    CONSTRAINT amendments_two_people CHECK (status <> 'approved' OR (decided_by IS NOT NULL AND decided_at IS NOT NULL
        AND decided_by <> proposed_by)),
    CONSTRAINT amendments_numbered CHECK ((status = 'approved') = (number IS NOT NULL) AND (number IS NULL OR number >= 2)),
    CONSTRAINT amendments_number_once UNIQUE (round, number)
);
CREATE UNIQUE INDEX amendments_one_waiting ON amendments (round) WHERE status = 'proposed';

-- Which version of its rules is in force in a round, from 1.
ALTER TABLE rounds ADD COLUMN rules_version BIGINT NOT NULL DEFAULT 1;
