//! Allocations and the review list as rows: two people, one approval, and SQL that both engines take.

use crate::awarded::{IDS, run, set_up};
use domain::{AllocationId, ApplicationId, PersonId, RoundId, Timestamp};
use store::reviews::{self, ListFilter, Sort};
use store::{Db, Error, allocations, awards, rankings};
use uuid::Uuid;

const ROUND: RoundId = RoundId(Uuid::from_u128(12 + 1));
const ALLOCATION: AllocationId = AllocationId(Uuid::from_u128(15));
const THIRD: PersonId = PersonId(Uuid::from_u128(77));

/// Hands in the application `A-N` of a district made for it, for two units.
pub async fn apply(db: &Db, round: RoundId, n: u128) -> ApplicationId {
    let (district, application) = (Uuid::from_u128(500 + n), Uuid::from_u128(600 + n));
    let added: Result<(), Error> = db
        .write(move |tx| {
            Box::pin(async move {
                let (name, number, at) = (format!("District {n}"), format!("A-{n}"), Timestamp::from_unix(n.try_into().unwrap()).utc());
                run!(
                    tx,
                    "INSERT INTO organizations (id, kind, name, name_folded, source) VALUES ($1, 'district', $2, $2, 'test')",
                    district,
                    name
                )?;
                run!(
                    tx,
                    "INSERT INTO applications (id, round, applicant, number, status, units_requested, started_by, started_at, saved_at,
                       submitted_by, submitted_at, digest, version, document)
                     VALUES ($1, $2, $3, $4, 'submitted', 2, $5, $6, $6, $5, $6, 'd', 2, '{}')",
                    application,
                    round.0,
                    district,
                    number,
                    IDS.asks.0,
                    at
                )
            })
        })
        .await;
    added.unwrap();
    application.into()
}

async fn approve(db: &Db, by: PersonId, seen: i64) -> Result<(), Error> {
    db.write(move |tx| Box::pin(async move { allocations::record_approval(tx, ALLOCATION, by, Timestamp::from_unix(9), seen).await })).await
}

async fn third(db: &Db) {
    let added: Result<(), Error> = db
        .write(|tx| {
            Box::pin(async move {
                let at = Timestamp::from_unix(0).utc();
                run!(tx, "INSERT INTO people (id, name, email, email_folded, created_at) VALUES ($1, 'T', 'T', 'T', $2)", THIRD.0, at)
            })
        })
        .await;
    added.unwrap();
}

both_engines!(neither_proposer_nor_ranker_is_recorded_as_approver, db, {
    set_up(&db, 1_000, 400).await;
    third(&db).await;
    assert!(matches!(approve(&db, IDS.asks, 1).await, Err(Error::Conflict { .. })));
    assert!(matches!(approve(&db, IDS.decides, 1).await, Err(Error::Conflict { .. })));
    assert!(matches!(approve(&db, THIRD, 2).await, Err(Error::Conflict { .. })), "a stale version");
    approve(&db, THIRD, 1).await.unwrap();
    assert!(matches!(approve(&db, THIRD, 1).await, Err(Error::Conflict { .. })), "a second approval");
});

both_engines!(the_database_refuses_the_proposers_own_approval, db, {
    set_up(&db, 1_000, 400).await;
    let forced: Result<(), Error> = db
        .write(|tx| {
            Box::pin(
                async move { run!(tx, "UPDATE allocations SET status = 'approved', decided_by = proposed_by WHERE id = $1", ALLOCATION.0) },
            )
        })
        .await;
    assert!(forced.unwrap_err().is_check_violation());
});

both_engines!(a_returned_allocation_stays_on_record, db, {
    set_up(&db, 1_000, 400).await;
    let returned: Result<(), Error> = db
        .write(|tx| {
            Box::pin(async move { allocations::record_return(tx, ALLOCATION, IDS.decides, Timestamp::from_unix(9), "Again.", 1).await })
        })
        .await;
    returned.unwrap();
    let mut reader = db.reader().await.unwrap();
    let mut tx = reader.tx();
    assert_eq!(allocations::live(&mut tx, ROUND).await.unwrap(), None, "returned");
    let listed = allocations::list_of(&mut tx, ROUND).await.unwrap();
    assert_eq!((listed[0].status.as_str(), listed[0].decision_reason.as_deref()), ("returned", Some("Again.")));
    assert_eq!(reviews::progress(&mut tx, ROUND).await.unwrap().allocation, None);
});

both_engines!(every_question_of_the_review_room_is_taken_by_the_engine, db, {
    set_up(&db, 1_000, 400).await;
    let mut reader = db.reader().await.unwrap();
    let mut tx = reader.tx();
    let filter = ListFilter { status: "submitted".into(), eligibility: "undecided".into(), region: "r".into(), text: "50%_\\".into() };
    for sort in Sort::ALL {
        for descending in [false, true] {
            assert!(reviews::list(&mut tx, ROUND, &filter, sort, descending, 0).await.unwrap().is_empty());
        }
    }
    assert_eq!(reviews::totals(&mut tx, ROUND, &filter).await.unwrap(), reviews::Totals::default());
    assert_eq!(reviews::totals(&mut tx, ROUND, &ListFilter::default()).await.unwrap(), reviews::Totals::default());
    let nobody = domain::ApplicationId(Uuid::nil());
    assert!(reviews::find(&mut tx, nobody).await.unwrap().is_none());
    assert!(reviews::scores(&mut tx, nobody).await.unwrap().is_empty());
    assert!(reviews::letters(&mut tx, nobody).await.unwrap().is_empty());
    assert_eq!(reviews::neighbours(&mut tx, ROUND, "A-1", true).await.unwrap(), reviews::Neighbours::default());
    assert!(reviews::rounds_of_staff(&mut tx, IDS.asks).await.unwrap().is_empty());
    assert!(rankings::entrants(&mut tx, ROUND).await.unwrap().is_empty());
    assert!(rankings::evidence(&mut tx, ROUND).await.unwrap().is_empty());
    assert!(rankings::scores_of_round(&mut tx, ROUND).await.unwrap().is_empty());
    assert!(rankings::working_of(&mut tx, nobody).await.unwrap().is_none());
    assert!(rankings::of_round(&mut tx, ROUND).await.unwrap().is_some());
    assert_eq!(awards::list(&mut tx, ROUND).await.unwrap().len(), 1);
    assert!(awards::lines_of_round(&mut tx, ROUND).await.unwrap().is_empty());
    assert!(awards::outcomes(&mut tx, ROUND).await.unwrap().is_empty());
    assert!(awards::people_to_tell(&mut tx, ROUND).await.unwrap().is_empty());
});
