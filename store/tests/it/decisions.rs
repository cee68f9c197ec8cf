//! What follows a proposal, on both engines: steps signed, awards changed, money laid out again, appeals. The guards hold whatever the caller
//! has decided.

use crate::awarded::{IDS, enter, mint, run, set_up};
use crate::decided::decide;
use crate::diagrams;
use crate::reviews::apply;
use domain::allocation::{AllocationDocument, Claim};
use domain::appeal::{Correction, PutRight, Status};
use domain::approval::ApprovalStep;
use domain::award::{Outcome, PlannedLine};
use domain::ledger::{AccountKind, Entry};
use domain::program::ProgramFile;
use domain::{AllocationId, AppealId, ApplicationId, AwardLineId, Money, PersonId, RefillId, RoundId, Timestamp};
use store::appeals::{self, NewAppeal, Ruling};
use store::approvals::{self, NewApproval};
use store::award_changes::{self, ChangeKind, NewChange};
use store::refills::{self, NewRefill};
use store::{Db, Error, awards, ledger};
use uuid::Uuid;

const ROUND: RoundId = RoundId(Uuid::from_u128(13));
const ALLOCATION: AllocationId = AllocationId(Uuid::from_u128(15));
const FIRST: PersonId = PersonId(Uuid::from_u128(71));
const SECOND: PersonId = PersonId(Uuid::from_u128(72));

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

/// Runs one write of a test in a transaction of its own.
macro_rules! write {
    ($db:expr, |$tx:ident| $work:expr) => {
        $db.write(move |$tx| Box::pin(async move { $work.await })).await
    };
}

async fn ground(db: &Db) {
    set_up(db, 5_000, 1_000).await;
    for (person, name) in [(FIRST, "First"), (SECOND, "Second")] {
        let added: Result<(), Error> = write!(db, |tx| async move {
            run!(
                tx,
                "INSERT INTO people (id, name, email, email_folded, created_at) VALUES ($1, $2, $2, $2, $3)",
                person.0,
                name,
                at(0).utc()
            )
        });
        added.unwrap();
    }
}

async fn sign(db: &Db, number: i64, by: PersonId, seen: i64) -> Result<(), Error> {
    write!(db, |tx| async move {
        let step = ApprovalStep::only();
        approvals::record(tx, &NewApproval { allocation: ALLOCATION, number, step: &step, by, at: at(9) }, seen).await
    })
}

both_engines!(a_step_is_signed_in_its_turn_by_somebody_without_a_hand_in_it, db, {
    ground(&db).await;
    for person in [IDS.asks, IDS.decides] {
        assert!(matches!(sign(&db, 1, person, 1).await, Err(Error::Conflict { .. })), "who proposed, and who ranked");
    }
    assert!(matches!(sign(&db, 1, FIRST, 9).await, Err(Error::Conflict { .. })), "a stale page");
    assert!(matches!(sign(&db, 2, FIRST, 1).await, Err(Error::Conflict { .. })), "the second step before the first");
    sign(&db, 1, FIRST, 1).await.unwrap();
    assert!(sign(&db, 2, FIRST, 2).await.unwrap_err().is_unique_violation(), "nobody signs twice");
    sign(&db, 2, SECOND, 2).await.unwrap();
    let mut reader = db.reader().await.unwrap();
    let mut tx = reader.tx();
    let signed = approvals::list_of_round(&mut tx, ROUND).await.unwrap();
    let short: Vec<_> = signed.iter().map(|step| (step.step, step.approved_by_name.as_str(), step.role.as_str())).collect();
    assert_eq!(short, [(1, "First", "approver"), (2, "Second", "approver")]);
    let mut hands = async |person| approvals::hands(&mut tx, ROUND, person).await.unwrap();
    let (asks, decides, first) = (hands(IDS.asks).await, hands(IDS.decides).await, hands(FIRST).await);
    assert!(asks.proposed && !asks.ranked && decides.ranked && !decides.proposed && first.approved && !first.scored && !first.screened);
});

async fn line(db: &Db, n: u128, application: ApplicationId, units: i64, cents: i64) -> AwardLineId {
    let id = AwardLineId(Uuid::from_u128(n));
    let added: Result<(), Error> = write!(db, |tx| async move {
        let planned = PlannedLine { application: application.to_string(), units, amount: Money::cents(cents) };
        awards::add_lines(tx, IDS.award, &[(id, &planned)]).await
    });
    added.unwrap();
    id
}

async fn change(db: &Db, line: AwardLineId, kind: ChangeKind, units: i64, cents: i64) -> Result<(), Error> {
    write!(db, |tx| async move {
        let change = NewChange {
            id: mint().into(),
            award: IDS.award,
            line,
            kind,
            units,
            amount: Money::cents(cents),
            by: FIRST,
            at: at(9),
            reason: "As it came.",
        };
        award_changes::add(tx, &change).await
    })
}

async fn stands(db: &Db) -> (i64, i64, Vec<(i64, i64)>) {
    let mut reader = db.reader().await.unwrap();
    let mut tx = reader.tx();
    let award = awards::find(&mut tx, IDS.award).await.unwrap().unwrap();
    let lines = awards::lines_of(&mut tx, IDS.award).await.unwrap();
    (award.units, award.amount_cents, lines.iter().map(|line| (line.units, line.amount_cents)).collect())
}

both_engines!(an_award_shrinks_and_grows_and_what_stands_follows, db, {
    ground(&db).await;
    let (one, two) = (apply(&db, ROUND, 1).await, apply(&db, ROUND, 2).await);
    let first = line(&db, 81, one, 1, 1_000).await;
    assert_eq!(stands(&db).await, (1, 1_000, vec![(1, 1_000)]));
    change(&db, first, ChangeKind::Declined, -1, -1_000).await.unwrap();
    assert!(change(&db, first, ChangeKind::Lapsed, -1, -1_000).await.unwrap_err().is_unique_violation(), "a line ends once");
    assert!(change(&db, first, ChangeKind::Increased, -1, -1).await.unwrap_err().is_check_violation(), "nothing grows by less");
    assert_eq!(stands(&db).await, (0, 0, vec![]));

    let back = |version| Entry::give_back(IDS.pot, IDS.award, version, Money::cents(1_000)).unwrap();
    enter(&db, back(2)).await.unwrap();
    assert!(enter(&db, back(3)).await.unwrap_err().is_check_violation(), "what is not there can't be given back");
    let second = line(&db, 82, two, 2, 500).await;
    change(&db, second, ChangeKind::Added, 2, 500).await.unwrap();
    enter(&db, Entry::award_more(IDS.pot, IDS.award, 3, Money::cents(500)).unwrap()).await.unwrap();
    change(&db, second, ChangeKind::Increased, 1, 250).await.unwrap();
    assert_eq!(stands(&db).await, (3, 750, vec![(3, 750)]));
    let mut reader = db.reader().await.unwrap();
    let mut tx = reader.tx();
    assert_eq!(award_changes::next_version(&mut tx, IDS.award).await.unwrap(), 5);
    assert_eq!(ledger::balances(&mut tx, IDS.award).await.unwrap().of(AccountKind::Undrawn), Money::cents(500));
    assert!(awards::lines_for(&mut tx, one).await.unwrap().is_empty());
    assert_eq!(awards::lines_for(&mut tx, two).await.unwrap().iter().map(|line| line.amount_cents).collect::<Vec<_>>(), [750]);
    let kinds: Vec<String> = award_changes::list_of_round(&mut tx, ROUND).await.unwrap().into_iter().map(|change| change.kind).collect();
    assert_eq!(kinds.len(), 3);
});

fn document() -> AllocationDocument {
    let file = ProgramFile::parse(include_str!("../../../programs/acceleratems-2023-24.toml")).unwrap();
    let claim = Claim {
        id: "a".to_owned(),
        number: "A-1".to_owned(),
        place: 1,
        region: "cmpdd".to_owned(),
        units_requested: 1,
        unit_cost: None,
        least: None,
        last: None,
        named: None,
    };
    AllocationDocument::make(&file, "ranking", file.award.unit_cost, &[claim]).unwrap()
}

async fn refill(db: &Db, n: u128, appeal: Option<AppealId>) -> Result<(), Error> {
    write!(db, |tx| async move {
        let document = document();
        let id = RefillId(Uuid::from_u128(n));
        refills::add(
            tx,
            &NewRefill {
                id,
                round: ROUND,
                allocation: ALLOCATION,
                appeal,
                appropriation: None,
                document: &document,
                by: IDS.asks,
                at: at(9),
            },
        )
        .await
    })
}

both_engines!(what_was_signed_or_changed_stays, db, {
    ground(&db).await;
    sign(&db, 1, FIRST, 1).await.unwrap();
    let one = apply(&db, ROUND, 1).await;
    let first = line(&db, 81, one, 1, 1_000).await;
    change(&db, first, ChangeKind::Declined, -1, -1_000).await.unwrap();
    for sql in
        ["UPDATE approvals SET step = 2", "DELETE FROM approvals", "UPDATE award_changes SET units = -2", "DELETE FROM award_changes"]
    {
        let done: Result<(), Error> = write!(db, |tx| async move { run!(tx, sql) });
        assert!(done.is_err(), "{sql}");
    }
});

both_engines!(one_offer_waits_at_a_time_and_somebody_else_approves_it_once, db, {
    ground(&db).await;
    refill(&db, 91, None).await.unwrap();
    assert!(refill(&db, 92, None).await.unwrap_err().is_unique_violation());
    let id = RefillId(Uuid::from_u128(91));
    let approve =
        async |by: PersonId, seen: i64| -> Result<(), Error> { write!(db, |tx| refills::record_approval(tx, id, by, at(10), seen)) };
    for person in [IDS.asks, IDS.decides] {
        assert!(matches!(approve(person, 1).await, Err(Error::Conflict { .. })));
    }
    assert!(matches!(approve(FIRST, 2).await, Err(Error::Conflict { .. })), "a stale page");
    approve(FIRST, 1).await.unwrap();
    assert!(matches!(approve(SECOND, 2).await, Err(Error::Conflict { .. })), "once");
    refill(&db, 92, None).await.unwrap();
    let returned: Result<(), Error> =
        write!(db, |tx| refills::record_return(tx, RefillId(Uuid::from_u128(92)), SECOND, at(11), "Not yet.", 1));
    returned.unwrap();
    let mut reader = db.reader().await.unwrap();
    let all = refills::list_of(&mut reader.tx(), ROUND).await.unwrap();
    let mut states: Vec<_> = all.iter().map(|refill| (refill.status.as_str(), refill.decided_by_name.as_deref())).collect();
    states.sort_unstable();
    assert_eq!(states, [("approved", Some("First")), ("returned", Some("Second"))]);
});

both_engines!(the_diagram_of_money_laid_out_again_is_what_the_guards_let_through, db, {
    ground(&db).await;
    let mut found = Vec::new();
    for (n, first) in [(91, "approve"), (92, "return")] {
        refill(&db, n, None).await.unwrap();
        let id = RefillId(Uuid::from_u128(n));
        // Each act, then both of them once more on what it left.
        for verb in [first, "approve", "return"] {
            let before = refills::find(&mut db.reader().await.unwrap().tx(), id).await.unwrap().unwrap();
            let seen = before.version;
            let done: Result<(), Error> = match verb {
                "approve" => write!(db, |tx| refills::record_approval(tx, id, FIRST, at(10), seen)),
                _ => write!(db, |tx| refills::record_return(tx, id, FIRST, at(10), "Not yet.", seen)),
            };
            let after = refills::find(&mut db.reader().await.unwrap().tx(), id).await.unwrap().unwrap();
            assert_eq!(done.is_ok(), after.version != seen);
            found.push((before.status, verb, if done.is_ok() { after.status } else { "-".to_owned() }));
        }
    }
    let found = diagrams::found(found.iter().map(|(from, verb, to)| (from.as_str(), *verb, to.as_str())));
    assert_eq!(found, diagrams::arrows("money laid out again"));
});

async fn appeal(db: &Db, n: u128, application: ApplicationId) -> Result<(), Error> {
    write!(db, |tx| async move {
        let appeal = NewAppeal {
            id: AppealId(Uuid::from_u128(n)),
            application,
            number: "A-1-A1",
            ground: "figure",
            statement: "It is wrong.",
            by: FIRST,
            at: at(9),
            frozen: "{}",
            sha256: "00",
        };
        appeals::add(tx, &appeal).await
    })
}

both_engines!(an_appeal_is_made_once_and_ruled_once_by_somebody_else, db, {
    ground(&db).await;
    let application = apply(&db, ROUND, 1).await;
    let decided: Result<(), Error> = write!(db, |tx| decide(tx, application, Outcome::NotFunded, 0, at(5)));
    decided.unwrap();
    appeal(&db, 95, application).await.unwrap();
    assert!(appeal(&db, 96, application).await.unwrap_err().is_unique_violation());
    let found = { appeals::of_application(&mut db.reader().await.unwrap().tx(), application).await.unwrap().unwrap() };
    assert_eq!(
        (found.status, found.number.as_str(), found.application_number.as_str(), found.version),
        (Status::Submitted, "A-1-A1", "A-1", 1)
    );
    let rule = async |by: PersonId, seen: i64| -> Result<(), Error> {
        let appeal = found.clone();
        db.write(move |tx| {
            let appeal = appeal.clone();
            Box::pin(async move {
                let correction = Correction { input: "enrollment".to_owned(), from: None, to: 400.into() };
                let put_right = PutRight { corrections: vec![correction], place_before: Some(3), candidate: None, place: 1, units: 2 };
                let (reason, effect) = ("Right.", "It stands at place 1.");
                let ruling = Ruling { status: Status::Upheld, by, at: at(10), reason, effect, put_right: Some(&put_right) };
                appeals::record_ruling(tx, &appeal, &ruling, seen).await
            })
        })
        .await
    };
    assert!(matches!(rule(FIRST, 1).await, Err(Error::Conflict { .. })), "nobody rules on their own");
    assert!(matches!(rule(SECOND, 2).await, Err(Error::Conflict { .. })), "a stale page");
    rule(SECOND, 1).await.unwrap();
    assert!(matches!(rule(SECOND, 2).await, Err(Error::Conflict { .. })), "once");
    let withdrawn: Result<(), Error> = write!(db, |tx| appeals::record_withdrawal(tx, AppealId(Uuid::from_u128(95))));
    assert!(matches!(withdrawn, Err(Error::Conflict { .. })));
    let told: Result<(), Error> =
        write!(db, |tx| award_changes::record_outcome(tx, application, Outcome::Funded, 2, "An appeal was upheld.", at(20)));
    told.unwrap();
    let mut reader = db.reader().await.unwrap();
    let mut tx = reader.tx();
    let outcome = awards::outcome_of(&mut tx, application).await.unwrap().unwrap();
    assert_eq!((outcome.outcome, outcome.units, outcome.told_at), (Outcome::Funded, 2, None), "who was not told is not told by that");
    assert_eq!(appeals::list_of(&mut tx, ROUND).await.unwrap()[0].ruled_by_name.as_deref(), Some("Second"));
});
