CREATE TRIGGER acceptances_never_change BEFORE UPDATE ON acceptances BEGIN SELECT RAISE(ABORT, 'acceptances are only added'); END;
CREATE TRIGGER acceptances_never_go BEFORE DELETE ON acceptances BEGIN SELECT RAISE(ABORT, 'acceptances are only added'); END;
