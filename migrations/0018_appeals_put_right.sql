-- What a ruling brought: the sentence that the appellant reads, and where numbers were put right, these and what the rules make of them (JSON).
ALTER TABLE appeals ADD COLUMN effect TEXT;
ALTER TABLE appeals ADD COLUMN put_right TEXT;
