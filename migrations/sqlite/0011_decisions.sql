CREATE TRIGGER approvals_never_change BEFORE UPDATE ON approvals BEGIN SELECT RAISE(ABORT, 'approvals are only added'); END;
CREATE TRIGGER approvals_never_go BEFORE DELETE ON approvals BEGIN SELECT RAISE(ABORT, 'approvals are only added'); END;
CREATE TRIGGER award_changes_never_change BEFORE UPDATE ON award_changes BEGIN SELECT RAISE(ABORT, 'award changes are only added'); END;
CREATE TRIGGER award_changes_never_go BEFORE DELETE ON award_changes BEGIN SELECT RAISE(ABORT, 'award changes are only added'); END;
