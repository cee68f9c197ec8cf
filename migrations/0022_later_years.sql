-- An award that runs for several fiscal years is continued from each later year's appropriation. A proposal that does that names it, and the award
-- that it makes names the one that it continues.
ALTER TABLE refills ADD COLUMN appropriation UUID REFERENCES appropriations (id);
ALTER TABLE awards ADD COLUMN continues UUID REFERENCES awards (id);
