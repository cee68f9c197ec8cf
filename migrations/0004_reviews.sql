CREATE TABLE eligibility_decisions (
    application UUID PRIMARY KEY REFERENCES applications (id),
    round UUID NOT NULL REFERENCES rounds (id),  -- the application's, so that a round's decisions are counted from the index
    eligible BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    decided_by UUID NOT NULL REFERENCES people (id),
    decided_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT eligibility_decisions_reasoned CHECK (reason <> '')
);
CREATE INDEX eligibility_decisions_by_round ON eligibility_decisions (round, eligible);

CREATE TABLE rubric_scores (
    application UUID NOT NULL REFERENCES applications (id),
    criterion TEXT NOT NULL,
    points TEXT NOT NULL,               -- exact decimal
    reason TEXT NOT NULL,
    scored_by UUID NOT NULL REFERENCES people (id),
    scored_at TIMESTAMPTZ NOT NULL,
    synthetic BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT rubric_scores_once PRIMARY KEY (application, criterion),
    CONSTRAINT rubric_scores_reasoned CHECK (reason <> '')
);

-- A frozen ranking: document is the canonical JSON that anybody can replay to the same bytes.
CREATE TABLE rankings (
    id UUID PRIMARY KEY,
    round UUID NOT NULL REFERENCES rounds (id),
    rules_sha256 TEXT NOT NULL,
    inputs_sha256 TEXT NOT NULL,
    result_sha256 TEXT NOT NULL,
    frozen_by UUID NOT NULL REFERENCES people (id),
    frozen_at TIMESTAMPTZ NOT NULL,
    document TEXT NOT NULL,
    CONSTRAINT rankings_one_a_round UNIQUE (round)
);
CREATE TABLE ranking_places (
    ranking UUID NOT NULL REFERENCES rankings (id),
    application UUID NOT NULL REFERENCES applications (id),
    place BIGINT NOT NULL,
    points TEXT NOT NULL,
    working TEXT NOT NULL,              -- JSON: the parts, the tie-break, as in the document
    CONSTRAINT ranking_places_once PRIMARY KEY (ranking, application),
    CONSTRAINT ranking_places_one_each UNIQUE (ranking, place)
);
