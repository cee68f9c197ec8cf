-- The appropriations that pay for a round before its own does, in their order.
CREATE TABLE round_pots (
    round UUID NOT NULL REFERENCES rounds (id),
    position BIGINT NOT NULL,
    key TEXT NOT NULL,                  -- in the round's program file
    appropriation UUID NOT NULL REFERENCES appropriations (id),
    PRIMARY KEY (round, position),
    CONSTRAINT round_pots_once UNIQUE (round, appropriation)
);
CREATE INDEX round_pots_by_appropriation ON round_pots (appropriation);

-- A recipient has one award of each appropriation that pays for a round.
