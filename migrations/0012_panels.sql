-- A round's panel: who is on it, what ties they have, what each reads, and what they write.
CREATE TABLE panel_members (
    round UUID NOT NULL REFERENCES rounds (id),
    person UUID NOT NULL REFERENCES people (id),
    chair BOOLEAN NOT NULL,
    added_by UUID NOT NULL REFERENCES people (id),
    added_at TIMESTAMPTZ NOT NULL,
    declared_at TIMESTAMPTZ,            -- when they last said which organizations they have a tie to, none perhaps
    ended_at TIMESTAMPTZ,
    CONSTRAINT panel_members_once PRIMARY KEY (round, person)
);
CREATE UNIQUE INDEX panel_members_one_chair ON panel_members (round) WHERE chair;

CREATE TABLE panel_conflicts (
    round UUID NOT NULL REFERENCES rounds (id),
    person UUID NOT NULL REFERENCES people (id),
    organization UUID NOT NULL REFERENCES organizations (id),
    why TEXT NOT NULL,
    declared_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT panel_conflicts_once PRIMARY KEY (round, person, organization),
    CONSTRAINT panel_conflicts_reasoned CHECK (why <> '')
);

-- One reviewer's review of one application. written is JSON: criterion key to points (or null) and reason, a draft until it is handed in.
CREATE TABLE panel_reviews (
    id UUID PRIMARY KEY,
    round UUID NOT NULL REFERENCES rounds (id),
    application UUID NOT NULL REFERENCES applications (id),
    person UUID NOT NULL REFERENCES people (id),
    practice BOOLEAN NOT NULL,          -- its scores never count
    stage TEXT NOT NULL,
    assigned_by UUID NOT NULL REFERENCES people (id),
    assigned_at TIMESTAMPTZ NOT NULL,
    saved_at TIMESTAMPTZ,
    handed_in_at TIMESTAMPTZ,
    synthetic BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    said TEXT NOT NULL,                 -- why another look, a conflict, or taken away; empty else
    written TEXT NOT NULL,
    CONSTRAINT panel_reviews_once UNIQUE (application, person, practice),
    CONSTRAINT panel_reviews_stage_known CHECK (stage IN ('assigned', 'handed_in', 'asked_again', 'recused', 'removed')),
    CONSTRAINT panel_reviews_in_once_at CHECK (stage NOT IN ('handed_in', 'asked_again') OR handed_in_at IS NOT NULL)
);
CREATE INDEX panel_reviews_by_round ON panel_reviews (round, person);

-- What was handed in, each time; only added.
CREATE TABLE panel_history (
    review UUID NOT NULL REFERENCES panel_reviews (id),
    handed_in_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL,
    written TEXT NOT NULL,
    CONSTRAINT panel_history_once PRIMARY KEY (review, version)
);

CREATE TABLE panel_notes (
    id UUID PRIMARY KEY,
    application UUID NOT NULL REFERENCES applications (id),
    person UUID NOT NULL REFERENCES people (id),
    at TIMESTAMPTZ NOT NULL,
    note TEXT NOT NULL,
    CONSTRAINT panel_notes_not_empty CHECK (note <> '')
);
CREATE INDEX panel_notes_by_application ON panel_notes (application, at);
