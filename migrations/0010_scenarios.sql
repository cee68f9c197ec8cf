-- What was tried on the bench and kept. A scenario decides nothing and is never changed; each has an event on its round.
CREATE TABLE scenarios (
    id UUID PRIMARY KEY,
    round UUID NOT NULL REFERENCES rounds (id),
    name TEXT NOT NULL,
    setting TEXT NOT NULL,              -- canonical JSON: weights, scales, pot, cost, policy
    saved_by UUID NOT NULL REFERENCES people (id),
    saved_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT scenarios_named CHECK (name <> '')
);
CREATE INDEX scenarios_by_round ON scenarios (round, saved_at);
