CREATE FUNCTION decided_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'proposed' THEN
        RAISE EXCEPTION 'a decided amendment does not change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER program_versions_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON program_versions
    FOR EACH STATEMENT EXECUTE FUNCTION only_added();
CREATE TRIGGER amendments_decided_stay BEFORE UPDATE ON amendments FOR EACH ROW EXECUTE FUNCTION decided_stays();
CREATE TRIGGER amendments_never_go BEFORE DELETE OR TRUNCATE ON amendments FOR EACH STATEMENT EXECUTE FUNCTION only_added();
