CREATE TABLE draws (
    id UUID PRIMARY KEY,
    award UUID NOT NULL REFERENCES awards (id),
    number BIGINT NOT NULL,
    amount_cents BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    status TEXT NOT NULL,
    requested_by UUID NOT NULL REFERENCES people (id),
    requested_at TIMESTAMPTZ NOT NULL,
    question TEXT,                      -- asked when the draw was returned
    decided_by UUID REFERENCES people (id),
    decided_at TIMESTAMPTZ,
    paid_by UUID REFERENCES people (id),
    paid_on DATE,
    payment_reference TEXT,
    version BIGINT NOT NULL,
    CONSTRAINT draws_status_known CHECK (status IN ('requested', 'returned', 'approved', 'paid', 'withdrawn')),
    CONSTRAINT draws_positive CHECK (amount_cents > 0),
    CONSTRAINT draws_number_once UNIQUE (award, number),
    CONSTRAINT draws_two_people CHECK (decided_by IS NULL OR decided_by <> requested_by),
    CONSTRAINT draws_paid_whole CHECK (status <> 'paid' OR (paid_by IS NOT NULL AND paid_on IS NOT NULL AND payment_reference IS NOT NULL)),
    CONSTRAINT draws_question_asked CHECK (status <> 'returned' OR question IS NOT NULL)
);

CREATE TABLE reports (
    id UUID PRIMARY KEY,
    award UUID NOT NULL REFERENCES awards (id),
    quarter_begins DATE NOT NULL,
    quarter_ends DATE NOT NULL,
    due_on DATE NOT NULL,
    status TEXT NOT NULL,
    narrative TEXT NOT NULL,
    saved_by UUID REFERENCES people (id),
    saved_at TIMESTAMPTZ,
    submitted_by UUID REFERENCES people (id),
    submitted_at TIMESTAMPTZ,
    signature TEXT,                     -- the certifier's typed name
    digest TEXT,
    decided_by UUID REFERENCES people (id),
    decided_at TIMESTAMPTZ,
    decision_reason TEXT,
    version BIGINT NOT NULL,
    CONSTRAINT reports_status_known CHECK (status IN ('due', 'draft', 'submitted', 'returned', 'accepted')),
    CONSTRAINT reports_once UNIQUE (award, quarter_begins),
    CONSTRAINT reports_signed CHECK (status NOT IN ('submitted', 'accepted') OR (submitted_by IS NOT NULL AND signature IS NOT NULL AND digest IS NOT NULL))
);
CREATE TABLE report_lines (
    report UUID NOT NULL REFERENCES reports (id),
    category TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    CONSTRAINT report_lines_once PRIMARY KEY (report, category),
    CONSTRAINT report_lines_not_negative CHECK (amount_cents >= 0)
);
CREATE TABLE report_outcomes (
    report UUID NOT NULL REFERENCES reports (id),
    outcome TEXT NOT NULL,
    count BIGINT NOT NULL,
    CONSTRAINT report_outcomes_once PRIMARY KEY (report, outcome),
    CONSTRAINT report_outcomes_not_negative CHECK (count >= 0)
);
