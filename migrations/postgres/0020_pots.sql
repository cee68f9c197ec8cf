ALTER TABLE awards DROP CONSTRAINT awards_one_each;
ALTER TABLE awards ADD CONSTRAINT awards_one_each UNIQUE (round, recipient, appropriation);
