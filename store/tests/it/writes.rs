//! Writes: all or nothing, answered when durable, and refusals leave nothing behind.

use domain::{MessageId, Timestamp};
use sqlx::Connection;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_server_that_hung_up_is_called_again() {
    let Some((db, address)) = crate::engines::postgres_at().await else { return };
    add(&db, 1, false).await.unwrap();
    let mut other = sqlx::PgConnection::connect(&address).await.unwrap();
    let hang_up = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let ended = sqlx::query(hang_up).fetch_all(&mut other).await.unwrap();
    assert_eq!(ended.len(), 2, "one that reads and one that writes");
    add(&db, 2, false).await.unwrap();
    // A reader's connection is asked again only when it answered more than a second ago.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let waiting = messages::list_due(&mut db.reader().await.unwrap().tx(), Timestamp::from_unix(1), 9).await.unwrap();
    assert_eq!(waiting.len(), 2);
}
