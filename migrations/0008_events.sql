-- Who did what, when, from, to, why: one row for each transition, written in its transaction, never changed.
CREATE TABLE events (
    id UUID PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    person UUID REFERENCES people (id), -- NULL: the system itself
    organization UUID REFERENCES organizations (id),
    noun TEXT NOT NULL,
    noun_id UUID NOT NULL,
    verb TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT,
    why TEXT,
    facts TEXT NOT NULL                 -- JSON object: what else an auditor needs
);
CREATE INDEX events_by_noun ON events (noun_id, at);
CREATE INDEX events_by_time ON events (at);

-- Mail to send, enqueued in the transaction that it tells of.
CREATE TABLE messages (
    id UUID PRIMARY KEY,
    to_email TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    noun TEXT NOT NULL,
    noun_id UUID NOT NULL,
    queued_at TIMESTAMPTZ NOT NULL,
    next_try_at TIMESTAMPTZ NOT NULL,
    attempts BIGINT NOT NULL,
    sent_at TIMESTAMPTZ,
    failed_at TIMESTAMPTZ,
    error TEXT
);
CREATE INDEX messages_waiting ON messages (next_try_at) WHERE sent_at IS NULL AND failed_at IS NULL;
