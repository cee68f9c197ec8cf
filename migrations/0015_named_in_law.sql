-- Terms that a recipient named in law accepts before its award can be made: one acceptance for each submission, only added.
CREATE TABLE acceptances (
    id UUID PRIMARY KEY,                -- minted with the form
    application UUID NOT NULL REFERENCES applications (id),
    submission UUID NOT NULL,           -- an application handed in anew accepts anew
    recipient TEXT NOT NULL,            -- its key in the program file
    signature TEXT NOT NULL,            -- the name typed
    accepted_by UUID NOT NULL REFERENCES people (id),
    accepted_at TIMESTAMPTZ NOT NULL,
    digest TEXT NOT NULL,               -- SHA-256 of document
    document TEXT NOT NULL,             -- the terms as accepted, canonical JSON
    CONSTRAINT acceptances_once UNIQUE (application, submission),
    CONSTRAINT acceptances_signed CHECK (signature <> '' AND digest <> '')
);
