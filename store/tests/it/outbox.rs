//! Sign-in under way, the outbox, and doctor's questions, on both engines.

use crate::awarded::{IDS, run, set_up};
use crate::people::{ask, put};
use domain::{MessageId, Timestamp};
use store::messages::{self, NewMessage};
use store::sign_in::{self, Code, Journey};
use store::{Error, check};
use uuid::Uuid;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

fn code(n: u128, email: &str, browser: &str, asked: i64) -> Code {
    Code {
        id: Uuid::from_u128(n),
        email_folded: email.to_owned(),
        code_sha256: "c".to_owned(),
        link_sha256: "l".to_owned(),
        browser_sha256: browser.to_owned(),
        network: "192.0.2.0/24".to_owned(),
        asked_at: at(asked).utc(),
        expires_at: at(asked + 600).utc(),
        attempts: 0,
        used_at: None,
    }
}

both_engines!(a_code_is_used_once_in_time_and_not_after_too_many_tries, db, {
    for new in [code(1, "a@b.c", "one", 10), code(2, "a@b.c", "one", 20), code(3, "d@e.f", "two", 30)] {
        put!(db, new, tx => sign_in::add_code(tx, &new)).unwrap();
    }
    let [first, second, third] = [1, 2, 3].map(Uuid::from_u128);
    assert_eq!(ask!(db, tx => sign_in::find_latest_of_browser(tx, "one")).unwrap().id, second);
    assert!(ask!(db, tx => sign_in::find_latest_of_browser(tx, "three")).is_none());
    assert_eq!(ask!(db, tx => sign_in::count_since(tx, "a@b.c", at(0), "192.0.2.0/24", at(20))), (2, 1));
    assert_eq!(ask!(db, tx => sign_in::count_since(tx, "a@b.c", at(10), "198.51.100.0/24", at(0))), (1, 0));

    for _ in 0..5 {
        put!(db, tx => sign_in::record_wrong_code(tx, first)).unwrap();
    }
    assert_eq!(ask!(db, tx => sign_in::find_code(tx, first)).unwrap().attempts, 5);
    assert!(!put!(db, tx => sign_in::record_code_used(tx, first, 5, at(40))).unwrap(), "tried too often");
    assert!(!put!(db, tx => sign_in::record_code_used(tx, second, 5, at(620))).unwrap(), "expired that second");
    assert!(put!(db, tx => sign_in::record_code_used(tx, second, 5, at(619))).unwrap());
    assert!(!put!(db, tx => sign_in::record_code_used(tx, second, 5, at(619))).unwrap(), "used");
    assert_eq!(ask!(db, tx => sign_in::find_code(tx, second)).unwrap().used_at, Some(at(619).utc()));

    put!(db, tx => sign_in::sweep(tx, at(30))).unwrap();
    assert!(ask!(db, tx => sign_in::find_code(tx, second)).is_none());
    assert!(ask!(db, tx => sign_in::find_code(tx, third)).is_some(), "asked for later");
});

both_engines!(one_text_to_several_people_is_queued_in_one_statement, db, {
    let to = |n: u128, email: &str| NewMessage {
        id: MessageId(Uuid::from_u128(n << 100 | n)),
        to_email: email.to_owned(),
        subject: "It’s “paid” \\ 100%".to_owned(),
        body: "One\n\ntwo".to_owned(),
        noun: "draw",
        noun_id: Uuid::from_u128(u128::MAX - n),
        queued_at: at(5),
    };
    let both = vec![to(1, "a@example.org"), to(2, "b@example.org")];
    let queued = both.clone();
    put!(db, queued, tx => messages::add_all(tx, &queued)).unwrap();
    put!(db, tx => messages::add_all(tx, &[])).unwrap();
    let due = ask!(db, tx => messages::list_due(tx, at(5), 10));
    let read: Vec<_> = due.into_iter().map(|row| (row.id, row.to_email, row.subject, row.body, row.queued_at)).collect();
    let sent: Vec<_> = both.into_iter().map(|new| (new.id.0, new.to_email, new.subject, new.body, new.queued_at.utc())).collect();
    assert_eq!(read, sent);
});

both_engines!(a_journey_is_taken_once_by_the_browser_that_began_it, db, {
    let journey = Journey {
        state_sha256: "s".to_owned(),
        provider: "state".to_owned(),
        nonce: "n".to_owned(),
        pkce_verifier: "v".to_owned(),
        browser_sha256: "b".to_owned(),
        return_to: "/home".to_owned(),
        started_at: at(10).utc(),
        expires_at: at(100).utc(),
    };
    let again = journey.clone();
    put!(db, journey, tx => sign_in::add_journey(tx, &journey)).unwrap();
    let twice = put!(db, again, tx => sign_in::add_journey(tx, &again));
    assert!(twice.unwrap_err().is_unique_violation());
    assert!(put!(db, tx => sign_in::take_journey(tx, "s", "another", at(20))).unwrap().is_none());
    assert!(put!(db, tx => sign_in::take_journey(tx, "s", "b", at(100))).unwrap().is_none(), "expired");
    let taken = put!(db, tx => sign_in::take_journey(tx, "s", "b", at(20))).unwrap().unwrap();
    assert_eq!((taken.nonce.as_str(), taken.pkce_verifier.as_str(), taken.return_to.as_str()), ("n", "v", "/home"));
    assert!(put!(db, tx => sign_in::take_journey(tx, "s", "b", at(21))).unwrap().is_none(), "taken");
});

fn message(n: u128, noun: &'static str, queued: i64) -> NewMessage {
    NewMessage {
        id: MessageId(Uuid::from_u128(n)),
        to_email: "ada@example.org".to_owned(),
        subject: format!("Letter {n}"),
        body: "Good news.".to_owned(),
        noun,
        noun_id: Uuid::nil(),
        queued_at: at(queued),
    }
}

both_engines!(a_message_waits_its_turn_and_ends_sent_or_given_up, db, {
    for new in [message(1, "award", 10), message(2, "award", 20), message(3, "sign_in_code", 30), message(4, "award", 90)] {
        put!(db, new, tx => messages::add(tx, &new)).unwrap();
    }
    let [first, second, third] = [1, 2, 3].map(|n| MessageId(Uuid::from_u128(n)));
    let due = |now, most| {
        let db = db.clone();
        async move { ask!(db, tx => messages::list_due(tx, at(now), most)).into_iter().map(|due| due.id.as_u128()).collect::<Vec<_>>() }
    };
    assert_eq!(due(30, 10).await, [1, 2, 3], "the oldest first; the fourth's turn has not come");
    assert_eq!(due(30, 2).await, [1, 2]);
    assert_eq!(ask!(db, tx => messages::list_latest(tx, 1))[0].id.as_u128(), 4);

    put!(db, tx => messages::record_try(tx, first, "451 later", at(60))).unwrap();
    assert_eq!(due(59, 10).await, [2, 3]);
    assert_eq!(due(60, 10).await, [1, 2, 3]);
    put!(db, tx => messages::record_failed(tx, second, "550 no such user", at(61))).unwrap();
    put!(db, tx => messages::record_sent(tx, first, at(62))).unwrap();
    put!(db, tx => messages::record_sent(tx, third, at(62))).unwrap();
    assert_eq!(due(80, 10).await, Vec::<u128>::new());
    assert_eq!(ask!(db, tx => messages::count(tx)), (1, 1));

    let all = ask!(db, tx => messages::list_latest(tx, 10));
    let of = |id: MessageId| all.iter().find(|message| message.id == id.0).unwrap();
    assert_eq!((of(first).attempts, of(first).error.as_deref(), of(first).sent_at), (2, None, Some(at(62).utc())));
    assert_eq!(of(first).body, "Good news.", "an ordinary letter is kept");
    assert_eq!((of(second).failed_at, of(second).error.as_deref()), (Some(at(61).utc()), Some("550 no such user")));
    assert_eq!((of(third).subject.as_str(), of(third).body.as_str()), ("Your code for Allotment", ""));
    // A try that comes back after the message was sent changes nothing.
    put!(db, tx => messages::record_failed(tx, first, "late", at(63))).unwrap();
    put!(db, tx => messages::record_try(tx, first, "late", at(63))).unwrap();
    assert_eq!(ask!(db, tx => messages::count(tx)), (1, 1));
});

both_engines!(a_balance_that_somebody_changed_by_hand_is_found, db, {
    assert_eq!(ask!(db, tx => check::schema_version(tx)), check::expected_version());
    assert!(check::expected_version() >= Some(8));
    set_up(&db, 1_000, 400).await;
    assert_eq!(ask!(db, tx => check::balances_that_differ(tx)), []);
    let changed = put!(db, tx => async {
        run!(tx, "UPDATE accounts SET balance_cents = balance_cents + 5 WHERE kind = 'undrawn' AND award = $1", IDS.award.0)
    });
    changed.unwrap();
    let differing = ask!(db, tx => check::balances_that_differ(tx));
    assert_eq!(differing.iter().map(|differs| (differs.balance_cents, differs.sum_cents)).collect::<Vec<_>>(), [(405, 400)]);
});
