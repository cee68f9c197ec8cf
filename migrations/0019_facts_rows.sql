-- Where in its source a figure stands, and when it was taken from there.
ALTER TABLE facts ADD COLUMN source_row TEXT;
ALTER TABLE facts ADD COLUMN retrieved_on DATE;
