//! A fresh, migrated database on each engine.

use sqlx::{Connection, Executor, PgConnection};
use std::sync::atomic::{AtomicU32, Ordering};
use store::Db;

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A fresh SQLite file, gone when the folder is dropped.
pub async fn sqlite() -> (Db, temp_dir::TempDir) {
    let (db, _, folder) = sqlite_at().await;
    (db, folder)
}

/// The same, with its address.
pub async fn sqlite_at() -> (Db, String, temp_dir::TempDir) {
    let folder = temp_dir::TempDir::new().unwrap();
    let address = format!("sqlite:{}", folder.path().join("test.db").display());
    let db = Db::open(&address).await.unwrap();
    db.migrate().await.unwrap();
    (db, address, folder)
}

/// A fresh database on the server of TEST_POSTGRES_URL; none when there is no server, but then `cargo xtask test` would have failed.
pub async fn postgres() -> Option<Db> {
    postgres_at().await.map(|(db, _)| db)
}

/// The same, with its address.
pub async fn postgres_at() -> Option<(Db, String)> {
    let url = std::env::var("TEST_POSTGRES_URL").ok()?;
    let name = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect(&url).await.unwrap();
    admin.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    let address = format!("{}/{name}", url.rsplit_once('/').unwrap().0);
    let db = Db::open(&address).await.unwrap();
    db.migrate().await.unwrap();
    Some((db, address))
}

/// `both_engines!(a_sentence_as_a_name, db, { … })` makes two tests of one body; `db` is a fresh `store::Db`.
macro_rules! both_engines {
    ($name:ident, $db:ident, $body:block) => {
        mod $name {
            #[allow(unused_imports, clippy::allow_attributes)]
            use super::*;

            async fn check($db: store::Db) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                let (db, _folder) = $crate::engines::sqlite().await;
                check(db).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                if let Some(db) = $crate::engines::postgres().await {
                    check(db).await;
                }
            }
        }
    };
}
