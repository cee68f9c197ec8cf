//! Draws, reports, the audit's questions and the public's money rows on both engines: each written by the store's own functions and read
//! back, stale and doubled writes refused, nobody shown what is not theirs.

use crate::awarded::{IDS, enter, mint, run, set_up};
use crate::reviews::apply;
use chrono::NaiveDate;
use domain::access::Role;
use domain::award::Quarter;
use domain::draw::{Ask, Draw, DrawState, Step};
use domain::report::{Content, ReportState, Signature};
use domain::{Date, DrawId, Money, OrganizationId, PersonId, ReportId, RoundId, Timestamp, Zone};
use store::events::{self, NewEvent};
use store::{Db, Error, Tx, audit, awards, draws, memberships, open_data, reports};
use uuid::Uuid;

const ROUND: RoundId = RoundId(Uuid::from_u128(13));
const DRAW: DrawId = DrawId(Uuid::from_u128(70));
const REPORT: ReportId = ReportId(Uuid::from_u128(80));

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

fn zone() -> Zone {
    Zone::named("America/Chicago").unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Runs one write of a test in a transaction of its own.
macro_rules! write {
    ($db:expr, $($own:ident,)? |$tx:ident| $work:expr) => {
        $db.write(move |$tx| {
            $(let $own = $own.clone();)?
            Box::pin(async move { $work.await })
        })
        .await
    };
}

async fn give(db: &Db, person: PersonId, role: Role, organization: Uuid) {
    let given: Result<bool, Error> =
        write!(db, |tx| memberships::add(tx, mint().into(), person, OrganizationId(organization), role, at(0)));
    assert!(given.unwrap());
}

/// Adds a draw of so many cents and enters what it holds.
async fn ask(db: &Db, id: DrawId, cents: i64) -> (i64, Draw) {
    let ask = Ask { amount: Money::cents(cents), purpose: "Salaries".to_owned(), by: IDS.asks, at: at(10) };
    let Step { draw, entry } = Draw::request(id, IDS.award, ask, Money::cents(cents)).unwrap();
    let added = draw.clone();
    let number: Result<i64, Error> = write!(db, added, |tx| draws::add(tx, &added));
    enter(db, entry.unwrap()).await.unwrap();
    (number.unwrap(), draw)
}

/// Records a step and enters its money.
async fn step(db: &Db, step: Step) -> Result<Draw, Error> {
    let draw = step.draw.clone();
    let recorded: Result<(), Error> = write!(db, draw, |tx| draws::record_step(tx, &draw));
    recorded?;
    if let Some(entry) = step.entry {
        enter(db, entry).await?;
    }
    Ok(step.draw)
}

/// A draw that is asked for, approved and paid.
async fn paid(db: &Db, id: DrawId, cents: i64) -> Draw {
    let (_, draw) = ask(db, id, cents).await;
    let draw = step(db, draw.approve(IDS.decides, at(20), None).unwrap()).await.unwrap();
    step(db, draw.pay("W-1".to_owned(), day("1970-01-02"), IDS.decides, day("1970-01-03"), zone()).unwrap()).await.unwrap()
}

async fn stored(db: &Db, id: DrawId) -> draws::Numbered {
    draws::find(&mut db.reader().await.unwrap().tx(), id).await.unwrap().unwrap()
}

both_engines!(a_draw_is_numbered_and_every_step_reads_back_as_recorded, db, {
    set_up(&db, 5_000, 1_000).await;
    let (number, draw) = ask(&db, DRAW, 400).await;
    let (second, _) = ask(&db, DrawId(Uuid::from_u128(71)), 100).await;
    assert_eq!((number, second), (1, 2));
    let read = stored(&db, DRAW).await;
    assert_eq!((read.draw.clone(), read.requested_by.as_str(), read.decided_by, read.paid_by), (draw.clone(), "Asks", None, None));

    let returned = step(&db, draw.clone().return_with("Which months?".to_owned(), IDS.decides, at(20)).unwrap()).await.unwrap();
    let read = stored(&db, DRAW).await;
    assert_eq!((read.draw, read.decided_by.as_deref(), read.decided_at), (returned.clone(), Some("Decides"), Some(at(20))));

    let again = Ask { amount: Money::cents(300), purpose: "March".to_owned(), by: IDS.asks, at: at(30) };
    let sent = step(&db, returned.resend(again, Money::cents(900)).unwrap()).await.unwrap();
    let read = stored(&db, DRAW).await;
    assert_eq!((read.draw, read.decided_by, read.decided_at), (sent.clone(), None, None), "sent again, it is decided afresh");

    let approved = step(&db, sent.approve(IDS.decides, at(40), None).unwrap()).await.unwrap();
    assert_eq!(stored(&db, DRAW).await.draw, approved);
    let paid = step(&db, approved.pay("W-9".to_owned(), day("1970-01-02"), IDS.decides, day("1970-01-03"), zone()).unwrap()).await.unwrap();
    let read = stored(&db, DRAW).await;
    assert_eq!((read.draw, read.paid_by.as_deref(), read.decided_by.as_deref()), (paid.clone(), Some("Decides"), Some("Decides")));

    give(&db, IDS.decides, Role::FiscalAgent, IDS.agency).await;
    let mut reader = db.reader().await.unwrap();
    let listed = draws::list(&mut reader.tx(), IDS.award).await.unwrap();
    assert_eq!(listed.iter().map(|of| (of.number, of.draw.state.name())).collect::<Vec<_>>(), [(1, paid.state.name()), (2, "Requested")]);
    let open = draws::list_open(&mut reader.tx(), IDS.decides).await.unwrap();
    assert_eq!(open.iter().map(|of| of.number).collect::<Vec<_>>(), [2], "what is paid waits for nobody");
    assert!(draws::list_open(&mut reader.tx(), IDS.asks).await.unwrap().is_empty(), "who has no role sees none");
});

both_engines!(a_step_on_a_stale_version_is_a_conflict_and_changes_nothing, db, {
    set_up(&db, 5_000, 1_000).await;
    let (_, draw) = ask(&db, DRAW, 400).await;
    let approve = || draw.clone().approve(IDS.decides, at(20), None).unwrap().draw;
    let first = approve();
    let taken: Result<(), Error> = write!(db, first, |tx| draws::record_step(tx, &first));
    taken.unwrap();
    let second = draw.clone().withdraw().unwrap().draw;
    let refused: Result<(), Error> = write!(db, second, |tx| draws::record_step(tx, &second));
    assert!(matches!(refused, Err(Error::Conflict { .. })));
    assert!(matches!(stored(&db, DRAW).await.draw.state, DrawState::Approved { .. }));
});

both_engines!(the_database_refuses_a_draw_decided_by_who_asked, db, {
    set_up(&db, 5_000, 1_000).await;
    ask(&db, DRAW, 400).await;
    let forced: Result<(), Error> =
        write!(db, |tx| async move { run!(tx, "UPDATE draws SET status = 'approved', decided_by = requested_by WHERE id = $1", DRAW.0) });
    assert!(forced.unwrap_err().is_check_violation());
});

both_engines!(awards_and_reports_are_listed_for_their_people_alone, db, {
    set_up(&db, 5_000, 1_000).await;
    lay_down(&db).await;
    paid(&db, DRAW, 400).await;
    ask(&db, DrawId(Uuid::from_u128(71)), 100).await;
    let mut reader = db.reader().await.unwrap();
    assert_eq!(draws::awards_for(&mut reader.tx(), IDS.asks).await.unwrap(), []);
    assert_eq!(reports::list_for(&mut reader.tx(), IDS.asks).await.unwrap(), []);
    drop(reader);
    give(&db, IDS.asks, Role::RegionalPreparer, IDS.recipient).await;
    give(&db, IDS.decides, Role::FiscalAgent, IDS.agency).await;
    let mut reader = db.reader().await.unwrap();
    for person in [IDS.asks, IDS.decides] {
        let listed = draws::awards_for(&mut reader.tx(), person).await.unwrap();
        let [of] = listed.as_slice() else { panic!("one award: {listed:?}") };
        assert_eq!((of.drawn_cents, of.reported_cents, of.left_cents, of.in_progress_cents), (400, 0, 500, 100));
        assert_eq!(reports::list_for(&mut reader.tx(), person).await.unwrap().len(), 1);
    }
    let award = draws::award(&mut reader.tx(), IDS.award).await.unwrap().unwrap();
    assert_eq!((award.agency, award.recipient, award.recipient_name.as_str()), (IDS.agency, IDS.recipient, "Region"));
    assert_eq!(award.zone().unwrap().name(), "America/Chicago");
    assert_eq!(draws::award(&mut reader.tx(), Uuid::nil().into()).await.unwrap(), None);
});

async fn lay_down(db: &Db) {
    let quarter = Quarter { begins: day("1970-01-01"), ends: day("1970-03-31"), due: day("1970-04-30") };
    let added: Result<(), Error> = write!(db, |tx| async move { awards::add_reports_due(tx, IDS.award, &[(REPORT, quarter)]).await });
    added.unwrap();
}

fn says(lines: &[(&str, i64)], students: i64) -> Content {
    Content {
        lines: lines.iter().map(|(key, cents)| ((*key).to_owned(), Money::cents(*cents))).collect(),
        outcomes: [("students".to_owned(), students)].into(),
        narrative: "Students’ “plans” \\ 100%".to_owned(),
    }
}

async fn report(tx: &mut Tx<'_>) -> (reports::Report, Content) {
    let found = reports::find(tx, REPORT).await.unwrap().unwrap();
    let content = reports::content(tx, &found).await.unwrap();
    (found, content)
}

async fn save(db: &Db, seen: i64, content: Content) -> Result<(), Error> {
    write!(db, content, |tx| reports::record_draft(tx, REPORT, seen, ReportState::Draft, &content, IDS.asks, at(50)))
}

async fn sign(db: &Db, seen: i64, content: Content) -> Result<(), Error> {
    write!(db, content, |tx| async move {
        let signature = Signature { by: IDS.asks, name: "A. Sks".to_owned(), at: at(60) };
        reports::record_submission(tx, REPORT, seen, &content, &signature, "d1").await
    })
}

async fn decide(db: &Db, seen: i64, state: ReportState, reason: Option<&'static str>) -> Result<(), Error> {
    write!(db, |tx| reports::record_decision(tx, REPORT, seen, state, reason, IDS.decides, at(70)))
}

both_engines!(a_report_keeps_what_was_written_last_and_only_that, db, {
    set_up(&db, 5_000, 1_000).await;
    lay_down(&db).await;
    save(&db, 1, says(&[("salaries", 300), ("travel", 45)], 7)).await.unwrap();
    assert!(matches!(save(&db, 1, says(&[], 0)).await, Err(Error::Conflict { .. })), "a stale page");
    save(&db, 2, says(&[("salaries", i64::MAX / 4)], 9)).await.unwrap();
    let mut reader = db.reader().await.unwrap();
    let (found, content) = report(&mut reader.tx()).await;
    assert_eq!(content, says(&[("salaries", i64::MAX / 4)], 9));
    assert_eq!(
        (found.state, found.version, found.saved_by.as_deref(), found.saved_at),
        (ReportState::Draft, 3, Some("Asks"), Some(at(50)))
    );
    assert_eq!(found.total, Money::cents(i64::MAX / 4));
});

both_engines!(a_report_is_signed_once_decided_once_and_signed_again_when_returned, db, {
    set_up(&db, 5_000, 1_000).await;
    lay_down(&db).await;
    assert!(matches!(decide(&db, 1, ReportState::Accepted, None).await, Err(Error::Conflict { .. })), "nothing to decide yet");
    sign(&db, 1, says(&[("salaries", 300)], 7)).await.unwrap();
    for seen in [1, 2] {
        assert!(matches!(sign(&db, seen, says(&[], 7)).await, Err(Error::Conflict { .. })), "it is signed already");
    }
    decide(&db, 2, ReportState::Returned, Some("Travel?")).await.unwrap();
    sign(&db, 3, says(&[("salaries", 300), ("travel", 20)], 8)).await.unwrap();
    decide(&db, 4, ReportState::Accepted, None).await.unwrap();
    assert!(matches!(decide(&db, 5, ReportState::Returned, Some("No.")).await, Err(Error::Conflict { .. })));
    let mut reader = db.reader().await.unwrap();
    let (found, content) = report(&mut reader.tx()).await;
    assert_eq!(content, says(&[("salaries", 300), ("travel", 20)], 8));
    assert_eq!((found.state, found.signature.as_deref(), found.digest.as_deref()), (ReportState::Accepted, Some("A. Sks"), Some("d1")));
    assert_eq!((found.submitted_by.as_deref(), found.decided_by.as_deref()), (Some("Asks"), Some("Decides")));
    assert_eq!(reports::list(&mut reader.tx(), IDS.award).await.unwrap(), [found]);
    assert_eq!(reports::find(&mut reader.tx(), Uuid::nil().into()).await.unwrap(), None);
});

both_engines!(the_public_reads_the_same_sums_as_the_rows_behind_them, db, {
    set_up(&db, 5_000, 1_000).await;
    let application = apply(&db, ROUND, 1).await;
    let line = domain::award::PlannedLine { application: application.to_string(), units: 1, amount: Money::cents(1_000) };
    let added: Result<(), Error> = write!(db, line, |tx| async move { awards::add_lines(tx, IDS.award, &[(mint().into(), &line)]).await });
    added.unwrap();
    lay_down(&db).await;
    paid(&db, DRAW, 400).await;
    ask(&db, DrawId(Uuid::from_u128(71)), 100).await;
    let mut reader = db.reader().await.unwrap();
    let mut tx = reader.tx();
    let line = open_data::money_line(&mut tx, ROUND).await.unwrap();
    assert_eq!((line.appropriated, line.awarded, line.awarded_elsewhere), (Money::cents(5_000), Money::cents(1_000), Money::ZERO));
    assert_eq!((line.drawn, line.reported), (Money::cents(400), Money::ZERO));
    drop(reader);
    sign(&db, 1, says(&[("salaries", 250), ("travel", 0)], 7)).await.unwrap();
    let mut reader = db.reader().await.unwrap();
    let mut tx = reader.tx();
    assert_eq!(open_data::money_line(&mut tx, ROUND).await.unwrap().reported, Money::cents(250));
    let awards = open_data::awards(&mut tx, ROUND).await.unwrap();
    assert_eq!(awards.len(), 1);
    assert_eq!((awards[0].districts, awards[0].drawn, awards[0].reported), (1, Money::cents(400), Money::cents(250)));
    let lines = open_data::award_lines(&mut tx, ROUND).await.unwrap();
    assert_eq!((lines[0].beneficiary.as_str(), lines[0].application.as_str(), lines[0].amount), ("District 1", "A-1", Money::cents(1_000)));
    let draws = open_data::paid_draws(&mut tx, ROUND).await.unwrap();
    assert_eq!(
        draws.iter().map(|of| (of.number, of.paid_on, of.amount)).collect::<Vec<_>>(),
        [(1, NaiveDate::from_ymd_opt(1970, 1, 2), Money::cents(400))]
    );
    let spent = open_data::reported_lines(&mut tx, ROUND).await.unwrap();
    assert_eq!(
        spent.iter().map(|of| (of.category.as_str(), of.amount)).collect::<Vec<_>>(),
        [("salaries", Money::cents(250))],
        "nothing is no line"
    );
    assert_eq!(open_data::allocation_document(&mut tx, ROUND).await.unwrap(), None, "a proposal is not public");
});

async fn log(db: &Db, noun: &'static str, noun_id: Uuid, seconds: i64) {
    let event = NewEvent {
        id: mint().into(),
        at: at(seconds),
        person: Some(IDS.asks),
        organization: Some(OrganizationId(IDS.recipient)),
        noun,
        noun_id,
        verb: "touched",
        from: None,
        to: None,
        why: None,
        facts: serde_json::json!({}),
    };
    let added: Result<(), Error> = write!(db, event, |tx| events::add(tx, &event));
    added.unwrap();
}

both_engines!(an_auditor_finds_acts_by_record_person_and_day_and_nobody_elses, db, {
    set_up(&db, 5_000, 1_000).await;
    ask(&db, DRAW, 100).await;
    log(&db, "draw", DRAW.0, 100).await;
    log(&db, "award", IDS.award.0, 200).await;
    log(&db, "session", Uuid::from_u128(999), 300).await;
    give(&db, IDS.decides, Role::Auditor, IDS.agency).await;
    let mut reader = db.reader().await.unwrap();
    let mut tx = reader.tx();
    let all = audit::Filter::default();
    let found = |filter: audit::Filter| filter;
    let nouns = |events: Vec<store::events::Event>| events.into_iter().map(|event| event.noun).collect::<Vec<_>>();
    assert_eq!(nouns(audit::list(&mut tx, IDS.decides, &all, 50, 0).await.unwrap()), ["award", "draw"], "newest first, its own alone");
    assert_eq!(nouns(audit::list(&mut tx, IDS.decides, &all, 1, 1).await.unwrap()), ["draw"]);
    assert!(audit::list(&mut tx, IDS.asks, &all, 50, 0).await.unwrap().is_empty(), "who audits nothing reads nothing");
    let cases = [
        (found(audit::Filter { noun: Some("draw".to_owned()), ..all.clone() }), 1),
        (found(audit::Filter { person: Some("ask".to_owned()), ..all.clone() }), 2),
        (found(audit::Filter { person: Some("nobody".to_owned()), ..all.clone() }), 0),
        (found(audit::Filter { from: Some(at(200).utc()), ..all.clone() }), 1),
        (found(audit::Filter { before: Some(at(200).utc()), ..all.clone() }), 1),
        (found(audit::Filter { from: Some(at(100).utc()), before: Some(at(201).utc()), ..all.clone() }), 2),
    ];
    for (filter, count) in cases {
        assert_eq!(audit::list(&mut tx, IDS.decides, &filter, 50, 0).await.unwrap().len(), count, "{filter:?}");
    }
    assert_eq!(audit::list_of(&mut tx, IDS.decides, "draw", DRAW.0).await.unwrap().len(), 1);
    assert_eq!(audit::list_of(&mut tx, IDS.asks, "draw", DRAW.0).await.unwrap().len(), 0);
    assert_eq!(audit::nouns(&mut tx).await.unwrap(), ["award", "draw", "session"]);
    let pots = audit::appropriations_for(&mut tx, IDS.decides).await.unwrap();
    assert_eq!(
        pots.iter().map(|pot| (pot.id, pot.amount_cents, pot.zone.as_str())).collect::<Vec<_>>(),
        [(IDS.pot.0, 5_000, "America/Chicago")]
    );
    assert!(audit::appropriations_for(&mut tx, IDS.asks).await.unwrap().is_empty());
});
