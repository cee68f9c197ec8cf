//! What is told and published at a second to come and taken back before it, and who reads of an award, on both engines.

use crate::awarded::{IDS, mint, set_up};
use crate::decided::decide;
use crate::people::{ask, put};
use crate::reviews::apply;
use domain::access::Role;
use domain::award::{Outcome, PlannedLine};
use domain::{AwardLineId, MessageId, Money, OrganizationId, ProgramVersionId, RoundId, Timestamp};
use store::award_changes::{self, ChangeKind, NewChange};
use store::messages::{self, NewMessage};
use store::{Error, awards, memberships, programs, reviews};
use uuid::Uuid;

const ROUND: RoundId = RoundId(Uuid::from_u128(13));
const RECIPIENT: OrganizationId = OrganizationId(IDS.recipient);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

fn message(n: u128, noun: &'static str, noun_id: Uuid) -> NewMessage {
    let (to_email, subject, body) = ("a@example.org".to_owned(), "Your application".to_owned(), "Dear A.".to_owned());
    NewMessage { id: MessageId(Uuid::from_u128(n)), to_email, subject, body, noun, noun_id, queued_at: at(50) }
}

both_engines!(a_telling_whose_second_has_not_come_is_taken_back_with_its_mail_and_nothing_else, db, {
    set_up(&db, 5_000, 1_000).await;
    let (one, two) = (apply(&db, ROUND, 1).await, apply(&db, ROUND, 2).await);
    put!(db, tx => decide(tx, one, Outcome::Funded, 1, at(5))).unwrap();
    put!(db, tx => decide(tx, two, Outcome::NotFunded, 0, at(5))).unwrap();
    assert_eq!(put!(db, tx => awards::record_told(tx, ROUND, at(100))).unwrap(), 2);
    let held = vec![message(1, "application", one.0), message(2, "application", two.0), message(3, "draw", one.0)];
    put!(db, held, tx => messages::add_all_held(tx, &held, at(100))).unwrap();
    let another = vec![message(4, "application", one.0)];
    put!(db, another, tx => messages::add_all_held(tx, &another, at(200))).unwrap();
    let due =
        async |now: i64| -> Vec<u128> { ask!(db, tx => messages::list_due(tx, at(now), 10)).iter().map(|row| row.id.as_u128()).collect() };
    assert_eq!((due(99).await, due(100).await), (vec![], vec![1, 2, 3]), "held until its second");

    assert_eq!(put!(db, tx => awards::record_not_told(tx, ROUND, at(99))).unwrap(), 2);
    assert_eq!(due(1_000).await, [3, 4], "what tells of something else, or at another second, stays");
    let all = ask!(db, tx => messages::list_latest(tx, 10));
    let back: Vec<_> = all.iter().filter(|row| row.failed_at.is_some()).map(|row| (row.id.as_u128(), row.error.as_deref())).collect();
    assert_eq!(back, [(2, Some("held back before its time")), (1, Some("held back before its time"))]);
    assert_eq!(ask!(db, tx => awards::outcome_of(tx, one)).unwrap().told_at, None);

    assert_eq!(put!(db, tx => awards::record_told(tx, ROUND, at(150))).unwrap(), 2, "it can be told anew");
    assert_eq!(put!(db, tx => awards::record_not_told(tx, ROUND, at(150))).unwrap(), 0, "its second has come");
    assert_eq!(ask!(db, tx => awards::outcome_of(tx, one)).unwrap().told_at, Some(at(150)));
});

both_engines!(a_publication_is_held_back_before_its_second_only_and_by_who_saw_the_last, db, {
    set_up(&db, 5_000, 1_000).await;
    let publish = async || {
        let round = ask!(db, tx => programs::find_round(tx, ROUND)).unwrap();
        let published = domain::round::Round { published_at: Some(at(100)), ..round };
        put!(db, published, tx => programs::record_published(tx, &published)).unwrap();
        ask!(db, tx => programs::find_round(tx, ROUND)).unwrap()
    };
    let round = publish().await;
    assert_eq!(round.published_at, Some(at(100)));
    let stale = domain::round::Round { version: round.version - 1, ..round.clone() };
    let refused: Result<(), Error> = put!(db, stale, tx => programs::record_held_back(tx, &stale, at(99)));
    assert!(matches!(refused, Err(Error::Conflict { .. })), "a stale page");
    let late = round.clone();
    let refused: Result<(), Error> = put!(db, late, tx => programs::record_held_back(tx, &late, at(100)));
    assert!(matches!(refused, Err(Error::Conflict { .. })), "what is out is out");
    put!(db, round, tx => programs::record_held_back(tx, &round, at(99))).unwrap();
    assert_eq!(ask!(db, tx => programs::find_round(tx, ROUND)).unwrap().published_at, None);
    assert_eq!(publish().await.published_at, Some(at(100)), "it can be published anew");
});

both_engines!(an_awards_lines_changes_and_people_are_read_by_whose_they_are, db, {
    set_up(&db, 5_000, 1_000).await;
    let (one, two) = (apply(&db, ROUND, 1).await, apply(&db, ROUND, 2).await);
    let lines = [(one, 600, mint()), (two, 400, mint())];
    put!(db, tx => async move {
        let planned = lines.map(|(id, cents, line)| (AwardLineId(line), PlannedLine { application: id.to_string(), units: 1, amount: Money::cents(cents) }));
        let rows: Vec<_> = planned.iter().map(|(id, line)| (*id, line)).collect();
        awards::add_lines(tx, IDS.award, &rows).await?;
        let change = NewChange {
            id: mint().into(), award: IDS.award, line: AwardLineId(lines[1].2), kind: ChangeKind::Declined, units: -1,
            amount: Money::cents(-400), by: IDS.decides, at: at(9), reason: "Not needed.",
        };
        award_changes::add(tx, &change).await?;
        for (person, role) in [(IDS.asks, Role::RegionalPreparer), (IDS.asks, Role::RegionalCertifier), (IDS.decides, Role::RegionalCertifier)] {
            memberships::add(tx, mint().into(), person, RECIPIENT, role, at(1)).await?;
        }
        Ok(())
    })
    .unwrap();
    let stands = ask!(db, tx => awards::lines_with_recipients(tx, ROUND));
    let short: Vec<_> =
        stands.iter().map(|line| (line.application, line.award_number.as_str(), line.recipient, line.amount_cents)).collect();
    assert_eq!(short, [(one.0, "AW-1", IDS.recipient, 600)], "what was declined is no line any more");
    assert!(ask!(db, tx => awards::lines_with_recipients(tx, RoundId(Uuid::nil()))).is_empty());

    let changes = ask!(db, tx => award_changes::list_of(tx, IDS.award));
    let short: Vec<_> =
        changes.iter().map(|of| (of.kind.as_str(), of.beneficiary_name.as_str(), of.amount_cents, of.changed_by_name.as_str())).collect();
    assert_eq!(short, [("declined", "District 2", -400, "Decides")]);
    assert!(ask!(db, tx => award_changes::list_of(tx, Uuid::nil().into())).is_empty());
    assert_eq!(ask!(db, tx => award_changes::award_of(tx, ROUND, RECIPIENT, IDS.pot)), Some(IDS.award));
    assert_eq!(ask!(db, tx => award_changes::award_of(tx, ROUND, RECIPIENT, Uuid::nil().into())), None, "of another appropriation");
    assert_eq!(ask!(db, tx => award_changes::award_of(tx, ROUND, OrganizationId(IDS.agency), IDS.pot)), None);
    assert_eq!(ask!(db, tx => award_changes::count_of(tx, ROUND)), 1);
    assert_eq!(ask!(db, tx => award_changes::count_of(tx, RoundId(Uuid::nil()))), 0);

    let people = ask!(db, tx => awards::people_of(tx, RECIPIENT));
    assert_eq!(people.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Asks", "Decides"], "each once, whatever they are");
    assert!(ask!(db, tx => awards::people_of(tx, OrganizationId(IDS.agency))).is_empty(), "staff are nobody's recipients");
});

both_engines!(a_board_is_the_round_with_its_file_and_how_far_it_has_come, db, {
    set_up(&db, 5_000, 1_000).await;
    let (of, file, progress) = ask!(db, tx => reviews::board(tx, ROUND)).unwrap();
    assert_eq!((of.round.id, of.program.name.as_str(), progress.available), (ROUND, "Program", Money::cents(4_000)));
    let live = progress.allocation.unwrap();
    assert_eq!(
        (progress.ranking.unwrap().person, live.approved, live.pot, progress.amending),
        (IDS.decides, false, Money::cents(5_000), false)
    );
    assert_eq!(*file, *ask!(db, tx => programs::file_of_round(tx, ROUND)));
    assert_eq!(*file, *ask!(db, tx => programs::file_of(tx, &of)));
    assert!(ask!(db, tx => reviews::board(tx, RoundId(Uuid::nil()))).is_none());
    let mut reader = db.reader().await.unwrap();
    let unread = programs::file_by_hash(&mut reader.tx(), of.round.program_version, "a hash that nobody read").await.unwrap();
    assert_eq!(*unread, *file);
    let none = programs::file_by_hash(&mut reader.tx(), ProgramVersionId(Uuid::nil()), "nor this").await;
    assert!(matches!(none, Err(Error::Missing { .. })));
});

both_engines!(gathering_figures_for_the_planner_changes_no_row, db, {
    set_up(&db, 5_000, 1_000).await;
    let before = ask!(db, tx => awards::list(tx, ROUND));
    db.analyze().await.unwrap();
    assert_eq!(ask!(db, tx => awards::list(tx, ROUND)), before);
});
