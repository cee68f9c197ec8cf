//! Writes: all or nothing, answered when durable, and refusals leave nothing behind.

use domain::{MessageId, Timestamp};
use store::messages::{self, NewMessage};
use store::{Db, Error};
use uuid::Uuid;

fn message(n: u128) -> NewMessage {
    NewMessage {
        id: MessageId(Uuid::from_u128(n)),
        to_email: "a@example.org".to_owned(),
        subject: "S".to_owned(),
        body: "B".to_owned(),
        noun: "test",
        noun_id: Uuid::from_u128(1),
        queued_at: Timestamp::from_unix(0),
    }
}

async fn add(db: &Db, n: u128, then_fail: bool) -> Result<(), Error> {
    db.write(move |tx| {
        Box::pin(async move {
            messages::add(tx, &message(n)).await?;
            if then_fail { Err(Error::Missing { noun: "test" }) } else { Ok(()) }
        })
    })
    .await
}

both_engines!(a_refused_write_leaves_nothing_behind, db, {
    assert!(add(&db, 1, true).await.is_err());
    add(&db, 1, false).await.unwrap();
    assert!(add(&db, 1, false).await.unwrap_err().is_unique_violation());
});

both_engines!(writes_at_once_are_each_kept, db, {
    let tries = (0..200).map(|n| {
        let db = db.clone();
        tokio::spawn(async move { add(&db, n, n % 10 == 3).await.is_ok() })
    });
    let kept = futures::future::join_all(tries).await.into_iter().filter(|kept| *kept.as_ref().unwrap()).count();
    assert_eq!(kept, 180);
});

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_one_write_does_not_stop_sqlites_writer() {
    let (db, _folder) = crate::engines::sqlite().await;
    let lost: Result<(), Error> = db.write(|_| Box::pin(async { std::panic::resume_unwind(Box::new("as a bug would")) })).await;
    assert!(matches!(lost, Err(Error::Closed)));
    add(&db, 7, false).await.unwrap();
}
