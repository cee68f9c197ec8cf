-- What follows a proposal: approval in steps, what becomes of an award's lines afterwards, money laid out again, and appeals.

-- One row for each step signed; the last one's transaction makes the awards. Nobody signs twice.
CREATE TABLE approvals (
    allocation UUID NOT NULL REFERENCES allocations (id),
    step BIGINT NOT NULL,               -- from 1
    name TEXT NOT NULL,                 -- as the program file calls it
    role TEXT NOT NULL,
    approved_by UUID NOT NULL REFERENCES people (id),
    approved_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT approvals_once PRIMARY KEY (allocation, step),
    CONSTRAINT approvals_one_each UNIQUE (allocation, approved_by),
    CONSTRAINT approvals_step_counted CHECK (step >= 1)
);
INSERT INTO approvals (allocation, step, name, role, approved_by, approved_at)
SELECT id, 1, 'Approval', 'approver', decided_by, decided_at FROM allocations
WHERE status = 'approved' AND decided_by IS NOT NULL AND decided_at IS NOT NULL;

-- What changed an award after it was made, only added. `added`: a line of its own; the others change a line's units and amount.
CREATE TABLE award_changes (
    id UUID PRIMARY KEY,
    award UUID NOT NULL REFERENCES awards (id),
    line UUID NOT NULL REFERENCES award_lines (id),
    kind TEXT NOT NULL,
    units BIGINT NOT NULL,              -- below zero when the award shrinks
    amount_cents BIGINT NOT NULL,
    changed_by UUID NOT NULL REFERENCES people (id),
    changed_at TIMESTAMPTZ NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT award_changes_known CHECK (kind IN ('declined', 'lapsed', 'added', 'increased')),
    CONSTRAINT award_changes_reasoned CHECK (reason <> ''),
    CONSTRAINT award_changes_way CHECK ((kind IN ('declined', 'lapsed') AND units < 0 AND amount_cents < 0)
        OR (kind IN ('added', 'increased') AND units > 0 AND amount_cents > 0))
);
CREATE INDEX award_changes_by_award ON award_changes (award);
CREATE INDEX award_changes_by_line ON award_changes (line);
CREATE UNIQUE INDEX award_changes_end_once ON award_changes (line) WHERE kind IN ('declined', 'lapsed');

-- An appeal against what became of an application. `frozen` is the record as it stood when it was made, canonical JSON, with its SHA-256.
CREATE TABLE appeals (
    id UUID PRIMARY KEY,
    application UUID NOT NULL REFERENCES applications (id),
    number TEXT NOT NULL,               -- the application's number with -A1
    ground TEXT NOT NULL,
    statement TEXT NOT NULL,
    submitted_by UUID NOT NULL REFERENCES people (id),
    submitted_at TIMESTAMPTZ NOT NULL,
    sha256 TEXT NOT NULL,
    status TEXT NOT NULL,
    ruled_by UUID REFERENCES people (id),
    ruled_at TIMESTAMPTZ,
    ruling TEXT,
    version BIGINT NOT NULL,
    frozen TEXT NOT NULL,
    CONSTRAINT appeals_once UNIQUE (application),
    CONSTRAINT appeals_status_known CHECK (status IN ('submitted', 'upheld', 'dismissed', 'withdrawn')),
    CONSTRAINT appeals_reasoned CHECK (statement <> ''),
    CONSTRAINT appeals_ruled_whole CHECK (status NOT IN ('upheld', 'dismissed')
        OR (ruled_by IS NOT NULL AND ruled_at IS NOT NULL AND ruling IS NOT NULL AND ruling <> '' AND ruled_by <> submitted_by))
);

-- Money laid out again by the same rules: to the waiting list, or for an appeal that was upheld. The document is an allocation's.
CREATE TABLE refills (
    id UUID PRIMARY KEY,
    round UUID NOT NULL REFERENCES rounds (id),
    allocation UUID NOT NULL REFERENCES allocations (id),
    appeal UUID REFERENCES appeals (id), -- NULL: to the waiting list
    pot_cents BIGINT NOT NULL,
    granted_cents BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    status TEXT NOT NULL,
    proposed_by UUID NOT NULL REFERENCES people (id),
    proposed_at TIMESTAMPTZ NOT NULL,
    decided_by UUID REFERENCES people (id),
    decided_at TIMESTAMPTZ,
    decision_reason TEXT,
    version BIGINT NOT NULL,
    document TEXT NOT NULL,
    CONSTRAINT refills_status_known CHECK (status IN ('proposed', 'approved', 'returned')),
    CONSTRAINT refills_within_pot CHECK (granted_cents > 0 AND granted_cents <= pot_cents),
    CONSTRAINT refills_two_people CHECK (status <> 'approved' OR (decided_by IS NOT NULL AND decided_by <> proposed_by))
);
CREATE INDEX refills_by_round ON refills (round);
CREATE UNIQUE INDEX refills_one_waiting ON refills (round) WHERE status = 'proposed' AND appeal IS NULL;
CREATE UNIQUE INDEX refills_one_an_appeal ON refills (appeal) WHERE status <> 'returned' AND appeal IS NOT NULL;

-- Awards and their lines as they stand now, with all changes since they were made. A line that was ended is not there.
CREATE VIEW awards_now AS
SELECT w.id, w.number, w.round, w.allocation, w.appropriation, w.recipient,
       CAST(w.units + COALESCE((SELECT SUM(c.units) FROM award_changes c WHERE c.award = w.id), 0) AS BIGINT) AS units,
       CAST(w.amount_cents + COALESCE((SELECT SUM(c.amount_cents) FROM award_changes c WHERE c.award = w.id), 0) AS BIGINT) AS amount_cents,
       w.awarded_at, w.last_draw
FROM awards w;
CREATE VIEW award_lines_now AS
SELECT l.id, l.award, l.application, l.beneficiary,
       CAST(l.units + COALESCE((SELECT SUM(c.units) FROM award_changes c WHERE c.line = l.id AND c.kind <> 'added'), 0) AS BIGINT) AS units,
       CAST(l.amount_cents + COALESCE((SELECT SUM(c.amount_cents) FROM award_changes c WHERE c.line = l.id AND c.kind <> 'added'), 0) AS BIGINT)
         AS amount_cents
FROM award_lines l
WHERE NOT EXISTS (SELECT 1 FROM award_changes e WHERE e.line = l.id AND e.kind IN ('declined', 'lapsed'));
