-- Triggers are written in each engine's own language, so this file has a twin in ../postgres with the same names and meaning.
CREATE TRIGGER transfers_move_balances AFTER INSERT ON transfers BEGIN
    UPDATE accounts SET balance_cents = balance_cents - NEW.amount_cents WHERE id = NEW.from_account;
    UPDATE accounts SET balance_cents = balance_cents + NEW.amount_cents WHERE id = NEW.to_account;
END;
CREATE TRIGGER transfers_never_change BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'transfers are only added'); END;
CREATE TRIGGER transfers_never_go BEFORE DELETE ON transfers BEGIN SELECT RAISE(ABORT, 'transfers are only added'); END;
CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries are only added'); END;
CREATE TRIGGER entries_never_go BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are only added'); END;
CREATE TRIGGER events_never_change BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TRIGGER events_never_go BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TRIGGER rankings_never_change BEFORE UPDATE ON rankings BEGIN SELECT RAISE(ABORT, 'a frozen ranking does not change'); END;
CREATE TRIGGER accounts_begin_empty BEFORE INSERT ON accounts WHEN NEW.balance_cents <> 0
    BEGIN SELECT RAISE(ABORT, 'an account begins at zero'); END;
