-- Triggers are written in each engine's own language, so this file has a twin in ../sqlite with the same names and meaning.
CREATE FUNCTION move_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Locked in the order of their ids, so that two entries over the same accounts never wait for each other in a ring;
    -- and not FOR UPDATE, which waits for the FOR KEY SHARE that every other entry's foreign keys hold: sixteen at once stood still.
    PERFORM 1 FROM accounts WHERE id IN (NEW.from_account, NEW.to_account) ORDER BY id FOR NO KEY UPDATE;
    UPDATE accounts SET balance_cents = balance_cents - NEW.amount_cents WHERE id = NEW.from_account;
    UPDATE accounts SET balance_cents = balance_cents + NEW.amount_cents WHERE id = NEW.to_account;
    RETURN NULL;
END $$;
CREATE FUNCTION only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are only added', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION begin_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.balance_cents <> 0 THEN
        RAISE EXCEPTION 'an account begins at zero' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER transfers_move_balances AFTER INSERT ON transfers FOR EACH ROW EXECUTE FUNCTION move_balances();
CREATE TRIGGER transfers_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON transfers FOR EACH STATEMENT EXECUTE FUNCTION only_added();
CREATE TRIGGER entries_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON entries FOR EACH STATEMENT EXECUTE FUNCTION only_added();
CREATE TRIGGER events_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION only_added();
CREATE TRIGGER rankings_never_change BEFORE UPDATE ON rankings FOR EACH STATEMENT EXECUTE FUNCTION only_added();
CREATE TRIGGER accounts_begin_empty BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION begin_empty();
