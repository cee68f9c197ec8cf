-- This engine changes no constraint, so the table is made anew. What refers to it is checked when the transaction ends.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE awards_kept AS SELECT * FROM awards;
DROP TABLE awards;
CREATE TABLE awards (
    id UUID PRIMARY KEY,
    number TEXT NOT NULL,
    round UUID NOT NULL REFERENCES rounds (id),
    allocation UUID NOT NULL REFERENCES allocations (id),
    appropriation UUID NOT NULL REFERENCES appropriations (id),
    recipient UUID NOT NULL REFERENCES organizations (id),
    units BIGINT NOT NULL,
    amount_cents BIGINT NOT NULL,
    awarded_at TIMESTAMPTZ NOT NULL,
    last_draw BIGINT NOT NULL,
    CONSTRAINT awards_positive CHECK (amount_cents > 0 AND units > 0),
    CONSTRAINT awards_number_once UNIQUE (round, number),
    CONSTRAINT awards_one_each UNIQUE (round, recipient, appropriation)
);
INSERT INTO awards SELECT id, number, round, allocation, appropriation, recipient, units, amount_cents, awarded_at, last_draw FROM awards_kept;
DROP TABLE awards_kept;
