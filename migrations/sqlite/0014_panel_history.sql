CREATE TRIGGER panel_history_never_changes BEFORE UPDATE ON panel_history BEGIN SELECT RAISE(ABORT, 'what was handed in is only added'); END;
CREATE TRIGGER panel_history_never_goes BEFORE DELETE ON panel_history BEGIN SELECT RAISE(ABORT, 'what was handed in is only added'); END;
