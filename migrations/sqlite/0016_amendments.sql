CREATE TRIGGER program_versions_never_change BEFORE UPDATE ON program_versions
    BEGIN SELECT RAISE(ABORT, 'program versions are only added'); END;
CREATE TRIGGER program_versions_never_go BEFORE DELETE ON program_versions
    BEGIN SELECT RAISE(ABORT, 'program versions are only added'); END;
CREATE TRIGGER amendments_decided_stay BEFORE UPDATE ON amendments WHEN OLD.status <> 'proposed'
    BEGIN SELECT RAISE(ABORT, 'a decided amendment does not change'); END;
CREATE TRIGGER amendments_never_go BEFORE DELETE ON amendments
    BEGIN SELECT RAISE(ABORT, 'amendments are only added'); END;
