//! Contested figures on both engines: recorded, ruled on by who saw the last, one open at a time.

use crate::awarded::{IDS, set_up};
use crate::reviews::apply;
use domain::contest::{Claim, Ruling, State};
use domain::{ContestId, FileId, RoundId, Timestamp};
use store::contests::{self, Evidence, NewContest, Stood};
use store::{Db, Error, approvals, rankings};
use uuid::Uuid;

const ROUND: RoundId = RoundId(Uuid::from_u128(13));

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

fn contest(id: u128, application: domain::ApplicationId) -> NewContest {
    NewContest {
        id: ContestId(Uuid::from_u128(id)),
        application,
        round: ROUND,
        key: "enrollment".to_owned(),
        stood: Some(Stood { value: 900.into(), year: Some(2023), place: "Here".to_owned(), source: "CCD".to_owned() }),
        claim: Claim { value: "1250.50".parse().unwrap(), reason: "It grew.".to_owned(), source: "Count of May".to_owned() },
        evidence: Some(Evidence {
            id: FileId(Uuid::from_u128(id + 1)),
            name: "count.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            bytes: 10,
            sha256: "00".repeat(32),
        }),
        by: IDS.asks,
        at: at(10),
    }
}

async fn add(db: &Db, new: NewContest) -> Result<(), Error> {
    db.write(move |tx| {
        let new = new.clone();
        Box::pin(async move { contests::add(tx, &new).await })
    })
    .await
}

async fn rule(db: &Db, id: ContestId, by: domain::PersonId, seen: i64) -> Result<(), Error> {
    let ruling = Ruling { upheld: true, reason: "Shown.".to_owned() };
    db.write(move |tx| {
        let ruling = ruling.clone();
        Box::pin(async move { contests::record_ruling(tx, id, &ruling, by, at(20), seen).await })
    })
    .await
}

both_engines!(a_contest_is_ruled_on_once_by_somebody_else, db, {
    set_up(&db, 1_000_000_000, 400).await;
    let application = apply(&db, ROUND, 1).await;
    let new = contest(500, application);
    let id = new.id;
    add(&db, new.clone()).await.unwrap();
    let twice = add(&db, contest(600, application)).await.unwrap_err();
    assert!(twice.is_unique_violation(), "one open contest a figure: {twice}");
    let found = contests::find(&mut db.reader().await.unwrap().tx(), id).await.unwrap().unwrap();
    assert_eq!((&found.claim, &found.stood, &found.evidence), (&new.claim, &new.stood, &new.evidence));
    assert_eq!((found.state, found.version, found.application), (State::Open, 1, application));
    let contested = async || {
        let entrants = rankings::entrants(&mut db.reader().await.unwrap().tx(), ROUND).await.unwrap();
        entrants.iter().find(|entrant| entrant.id == application.0).and_then(|entrant| entrant.contested.clone())
    };
    assert_eq!(contested().await.as_deref(), Some("enrollment"));

    let own = rule(&db, id, IDS.asks, 1).await.unwrap_err();
    assert!(own.is_check_violation(), "nobody rules on their own: {own}");
    assert!(matches!(rule(&db, id, IDS.decides, 2).await, Err(Error::Conflict { .. })), "a stale page");
    let screened = async || approvals::hands(&mut db.reader().await.unwrap().tx(), ROUND, IDS.decides).await.unwrap().screened;
    assert!(!screened().await);
    rule(&db, id, IDS.decides, 1).await.unwrap();
    assert!(screened().await, "who ruled on a figure had a hand in the decision");
    assert!(matches!(rule(&db, id, IDS.decides, 2).await, Err(Error::Conflict { .. })), "it is over");
    let found = contests::list_of(&mut db.reader().await.unwrap().tx(), application).await.unwrap();
    assert_eq!((found[0].state, found[0].ruled.as_ref().unwrap().reason.as_str()), (State::Upheld, "Shown."));
    assert_eq!(contested().await, None);

    add(&db, contest(700, application)).await.unwrap();
    let back = ContestId(Uuid::from_u128(700));
    let withdraw = || db.write(move |tx| Box::pin(async move { contests::record_withdrawal(tx, back).await }));
    withdraw().await.unwrap();
    assert!(matches!(withdraw().await, Err(Error::Conflict { .. })));
    assert_eq!(contests::list_of_round(&mut db.reader().await.unwrap().tx(), ROUND).await.unwrap().len(), 2);
});
