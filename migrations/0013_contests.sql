-- A figure that an applicant says is wrong, with what it should be and where that can be checked; ruled on before the ranking is frozen.
-- An upheld one becomes a fact of its round; what stood before is kept here.
CREATE TABLE fact_contests (
    id UUID PRIMARY KEY,                -- minted with the form
    application UUID NOT NULL REFERENCES applications (id),
    round UUID NOT NULL REFERENCES rounds (id),
    key TEXT NOT NULL,                  -- the fact's
    stood TEXT,                         -- the figure on record then, an exact decimal; NULL: there was none
    stood_year BIGINT,
    stood_place TEXT,
    stood_source TEXT,
    claimed TEXT NOT NULL,              -- exact decimal
    reason TEXT NOT NULL,
    source TEXT NOT NULL,               -- where the claimed figure can be checked
    evidence UUID,                      -- the file handed in with it, which is also the name of its bytes; NULL: none
    evidence_name TEXT,
    evidence_media_type TEXT,
    evidence_bytes BIGINT,
    evidence_sha256 TEXT,
    state TEXT NOT NULL,
    contested_by UUID NOT NULL REFERENCES people (id),
    contested_at TIMESTAMPTZ NOT NULL,
    ruled_by UUID REFERENCES people (id),
    ruled_at TIMESTAMPTZ,
    ruling TEXT,                        -- the reason
    version BIGINT NOT NULL,
    CONSTRAINT fact_contests_state_known CHECK (state IN ('open', 'upheld', 'dismissed', 'withdrawn')),
    CONSTRAINT fact_contests_said CHECK (reason <> '' AND source <> ''),
    CONSTRAINT fact_contests_ruled_whole CHECK (
        state NOT IN ('upheld', 'dismissed') OR (ruled_by IS NOT NULL AND ruled_at IS NOT NULL AND ruling <> '')
    ),
    CONSTRAINT fact_contests_two_people CHECK (ruled_by IS NULL OR ruled_by <> contested_by),
    CONSTRAINT fact_contests_evidence_whole CHECK (
        evidence IS NULL OR (evidence_name IS NOT NULL AND evidence_media_type IS NOT NULL AND evidence_bytes > 0 AND evidence_sha256 IS NOT NULL)
    )
);
CREATE UNIQUE INDEX fact_contests_one_open ON fact_contests (application, key) WHERE state = 'open';
CREATE INDEX fact_contests_by_round ON fact_contests (round, state);
CREATE INDEX fact_contests_by_application ON fact_contests (application);
