-- Ties come of roles that have ended, too, and the index that keeps each role once holds none of these.
CREATE INDEX memberships_by_person ON memberships (person);
