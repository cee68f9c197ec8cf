CREATE TRIGGER panel_notes_never_change BEFORE UPDATE ON panel_notes BEGIN SELECT RAISE(ABORT, 'notes of a discussion are only added'); END;
CREATE TRIGGER panel_notes_never_go BEFORE DELETE ON panel_notes BEGIN SELECT RAISE(ABORT, 'notes of a discussion are only added'); END;
