//! Accepted terms on both engines: once for a submission, only added, and nothing for what is not handed in.

use crate::awarded::{IDS, run, set_up};
use crate::reviews::apply;
use domain::named::Acceptance;
use domain::{ApplicationId, RoundId, Timestamp};
use store::{Db, Error, acceptances};
use uuid::Uuid;

const ROUND: RoundId = RoundId(Uuid::from_u128(13));

fn acceptance(id: u128, submission: u128) -> Acceptance {
    Acceptance {
        id: Uuid::from_u128(id),
        submission: Uuid::from_u128(submission),
        recipient: "one".to_owned(),
        by: IDS.asks,
        signature: "A. Name".to_owned(),
        at: Timestamp::from_unix(10),
        digest: format!("digest {id}"),
        document: "{}".to_owned(),
    }
}

async fn accept(db: &Db, application: ApplicationId, acceptance: Acceptance) -> Result<(), Error> {
    db.write(move |tx| {
        let acceptance = acceptance.clone();
        Box::pin(async move { acceptances::add(tx, application, &acceptance).await })
    })
    .await
}

async fn statement(db: &Db, sql: &'static str) -> Result<(), Error> {
    db.write(move |tx| Box::pin(async move { run!(tx, sql) })).await
}

async fn resubmit(db: &Db, application: ApplicationId, submission: u128) {
    let done: Result<(), Error> = db
        .write(move |tx| {
            Box::pin(async move {
                run!(tx, "UPDATE applications SET submission = $2 WHERE id = $1", application.0, Uuid::from_u128(submission))
            })
        })
        .await;
    done.unwrap();
}

both_engines!(terms_are_accepted_once_for_each_submission_and_stay, db, {
    set_up(&db, 1_000, 400).await;
    let application = apply(&db, ROUND, 1).await;
    resubmit(&db, application, 70).await;
    let find = async || acceptances::find_of(&mut db.reader().await.unwrap().tx(), application).await.unwrap();
    assert!(matches!(accept(&db, application, acceptance(90, 71)).await, Err(Error::Conflict { .. })), "another submission");
    assert_eq!(find().await, None);

    accept(&db, application, acceptance(90, 70)).await.unwrap();
    assert!(accept(&db, application, acceptance(91, 70)).await.unwrap_err().is_unique_violation(), "once");
    let found = find().await.unwrap();
    assert_eq!((found.recipient.as_str(), found.signature.as_str(), found.accepted_by_name.as_str()), ("one", "A. Name", "Asks"));
    assert_eq!((found.at(), found.digest.as_str()), (Timestamp::from_unix(10), "digest 90"));
    let list = acceptances::list_of_round(&mut db.reader().await.unwrap().tx(), ROUND).await.unwrap();
    assert_eq!(list, [found]);
    let document = async |digest| acceptances::document(&mut db.reader().await.unwrap().tx(), application, digest).await.unwrap();
    assert_eq!((document("digest 90").await.as_deref(), document("other").await), (Some("{}"), None));

    for sql in ["UPDATE acceptances SET digest = 'other'", "DELETE FROM acceptances"] {
        assert!(statement(&db, sql).await.is_err(), "{sql}");
    }
    // Handed in anew, the terms are to be accepted anew; withdrawn, they count for nothing.
    resubmit(&db, application, 72).await;
    assert_eq!(find().await, None);
    accept(&db, application, acceptance(92, 72)).await.unwrap();
    statement(&db, "UPDATE applications SET status = 'withdrawn', withdrawn_at = submitted_at").await.unwrap();
    assert_eq!(find().await, None);
    assert!(matches!(accept(&db, application, acceptance(93, 72)).await, Err(Error::Conflict { .. })), "it is withdrawn");
});
