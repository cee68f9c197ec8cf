//! The two engines behind one door. A store function takes `&mut Tx` and one SQL text; the macros below run it on whichever engine is
//! there. What differs between the engines stands in this file only: how a connection is set up, how a write begins, what is retried.
//!
//! Reads take a connection of their own. Writes go through [`Db::write`]: on SQLite one writer gathers whatever is waiting into one
//! transaction with a savepoint each and answers all after one fsync (group commit); on PostgreSQL each runs SERIALIZABLE and is run
//! again, whole, when the engine says that it must be.

use crate::error::Error;
use crate::readers::{Lent, Readers};
use futures::FutureExt;
use futures::future::{BoxFuture, Either};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Postgres, SqlSafeStr, SqlStr};
use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{RwLock, mpsc, oneshot};

/// A database: a SQLite file or a PostgreSQL server.
#[derive(Clone, Debug)]
pub enum Db {
    /// One file, one writer.
    Sqlite {
        /// Connections for reading.
        readers: Readers,
        /// The queue before the one writer.
        writer: mpsc::Sender<Job>,
    },
    /// A server.
    Postgres {
        /// Connections.
        pool: PgPool,
        /// Writes share it at their first try; one that must be run again has it alone.
        turns: Arc<RwLock<()>>,
    },
}

/// A connection in use, on either engine, which counts the statements it runs.
#[derive(Debug)]
pub struct Tx<'c> {
    /// The engine's connection.
    pub on: On<'c>,
    /// Statements run so far.
    pub statements: u32,
}

/// Which engine a [`Tx`] runs on.
#[derive(Debug)]
pub enum On<'c> {
    /// SQLite.
    Sqlite(&'c mut SqliteConnection),
    /// PostgreSQL.
    Postgres(&'c mut sqlx::PgConnection),
}

/// A connection taken for reading.
#[derive(Debug)]
pub enum Reader {
    /// SQLite.
    Sqlite(Lent),
    /// PostgreSQL.
    Postgres(sqlx::pool::PoolConnection<Postgres>),
}

impl Reader {
    /// The connection as store functions take it.
    pub fn tx(&mut self) -> Tx<'_> {
        let on = match self {
            Self::Sqlite(lent) => On::Sqlite(lent.conn()),
            Self::Postgres(conn) => On::Postgres(conn),
        };
        Tx { on, statements: 0 }
    }
}

/// A write waiting for SQLite's writer: run it in a savepoint, say whether to keep it, answer after the commit.
pub type Job = Box<dyn WriteJob>;

/// The object-safe half of a queued write.
pub trait WriteJob: Send + std::fmt::Debug {
    /// Runs the write; true when its savepoint is to be kept.
    fn run<'a>(&'a mut self, conn: &'a mut SqliteConnection) -> BoxFuture<'a, bool>;
    /// Answers the caller, once the batch is durably committed or has failed.
    fn answer(self: Box<Self>, committed: Result<(), sqlx::Error>);
}

struct Queued<T, E, F> {
    work: F,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> std::fmt::Debug for Queued<T, E, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Queued")
    }
}

impl<T, E, F> WriteJob for Queued<T, E, F>
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    F: for<'a> Fn(&'a mut Tx<'_>) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
{
    fn run<'a>(&'a mut self, conn: &'a mut SqliteConnection) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            let mut tx = Tx { on: On::Sqlite(conn), statements: 0 };
            // A panic in one write must not take the writer, and with it every later write, down.
            let outcome = AssertUnwindSafe((self.work)(&mut tx)).catch_unwind().await.unwrap_or_else(|_| Err(Error::Closed.into()));
            let keep = outcome.is_ok();
            self.outcome = Some(outcome);
            keep
        })
    }

    fn answer(self: Box<Self>, committed: Result<(), sqlx::Error>) {
        let outcome = match (self.outcome, committed) {
            (Some(Err(refused)), _) => Err(refused),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(failed)) => Err(Error::Sqlx(failed).into()),
            (None, Ok(())) => Err(Error::Closed.into()),
        };
        // The caller may have gone away (a closed browser); what is committed stays committed.
        drop(self.reply.send(outcome));
    }
}

/// At most so many writes share one commit.
const BATCH: usize = 64;

impl Db {
    /// Opens a database by its address: `sqlite:PATH`, or `postgres://…`. A SQLite file is created when missing.
    ///
    /// # Errors
    /// [`Error::Sqlx`] when it can't be opened; [`Error::Address`] when the address is neither.
    pub async fn open(address: &str) -> Result<Self, Error> {
        if address.starts_with("sqlite:") {
            Self::open_sqlite(address).await
        } else if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(address)?.log_statements(tracing::log::LevelFilter::Off);
            // A connection that was in use a moment ago is there still: only one that rested is asked whether it lives.
            let rested = Duration::from_secs(2);
            let pool = PgPoolOptions::new()
                .max_connections(16)
                .acquire_timeout(Duration::from_secs(10))
                .test_before_acquire(false)
                .before_acquire(move |conn, of| {
                    Box::pin(async move {
                        if of.idle_for > rested {
                            conn.ping().await?;
                        }
                        Ok(true)
                    })
                })
                .connect_with(options)
                .await?;
            Ok(Self::Postgres { pool, turns: Arc::default() })
        } else {
            Err(Error::Address(address.to_owned()))
        }
    }

    async fn open_sqlite(address: &str) -> Result<Self, Error> {
        // FULL, not NORMAL: with NORMAL an acknowledged commit can vanish on power loss.
        let options = SqliteConnectOptions::from_str(address)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("cache_size", "-8000")
            .pragma("temp_store", "memory")
            // A whole list page fits into the channel from the connection's thread, which then need not wait for its reader half-way.
            .row_buffer_size(512)
            .log_statements(tracing::log::LevelFilter::Off);
        let conn = options.connect().await?;
        let (writer, queue) = mpsc::channel(1024);
        tokio::spawn(write_in_batches(conn, queue));
        Ok(Self::Sqlite { readers: Readers::new(options.pragma("query_only", "on")), writer })
    }

    /// Brings the schema up to date. Common files first, then the engine's own.
    ///
    /// # Errors
    /// [`Error::Migrate`] when a step fails, or an applied file has changed since.
    pub async fn migrate(&self) -> Result<(), Error> {
        let migrator = Migrator::with_migrations(crate::migrations::list(matches!(self, Self::Postgres { .. })));
        match self {
            // Through the writer's queue, so that nothing else writes meanwhile.
            Self::Sqlite { readers, .. } => {
                let mut conn = readers.options().clone().pragma("query_only", "off").connect().await?;
                migrator.run(&mut conn).await?;
                conn.close().await?;
            }
            Self::Postgres { pool, .. } => migrator.run(pool).await?,
        }
        Ok(())
    }

    /// A connection for reading. On SQLite it refuses to write.
    ///
    /// # Errors
    /// [`Error::Sqlx`] when none is free in ten seconds.
    pub async fn reader(&self) -> Result<Reader, Error> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Reader::Sqlite(readers.lend().await?),
            Self::Postgres { pool, .. } => Reader::Postgres(pool.acquire().await?),
        })
    }

    /// Runs one write: all of it, or nothing; it answers when it is durable. `work` may be run more than once, so it must not reach
    /// outside the database. An `Err` from `work` rolls it back.
    ///
    /// # Errors
    /// What `work` refused, or the store's failure.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + AsRetry + Send + 'static,
        F: for<'a> Fn(&'a mut Tx<'_>) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
    {
        match self {
            Self::Sqlite { writer, .. } => {
                let (reply, answer) = oneshot::channel();
                let job: Job = Box::new(Queued { work, outcome: None, reply });
                writer.send(job).await.map_err(|_| Error::Closed)?;
                answer.await.map_err(|_| E::from(Error::Closed))?
            }
            Self::Postgres { pool, turns } => write_serializable(pool, turns, work).await,
        }
    }

    /// Closes every connection, after what is queued is written.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { readers, .. } => readers.close().await,
            Self::Postgres { pool, .. } => pool.close().await,
        }
    }
}

/// Tells a refusal from a failure that PostgreSQL asks to have run again.
pub trait AsRetry {
    /// The store's failure inside, if that is what it is.
    fn store_error(&self) -> Option<&Error>;
}

async fn write_in_batches(mut conn: SqliteConnection, mut queue: mpsc::Receiver<Job>) {
    let mut batch = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        let committed = run_batch(&mut conn, &mut batch).await;
        if let Err(failed) = &committed {
            tracing::error!(%failed, writes = batch.len(), "a batch of writes failed");
        }
        for job in batch.drain(..) {
            let told = match &committed {
                Ok(()) => Ok(()),
                Err(failed) => Err(sqlx::Error::Protocol(failed.to_string())),
            };
            job.answer(told);
        }
    }
}

async fn run_batch(conn: &mut SqliteConnection, batch: &mut [Job]) -> Result<(), sqlx::Error> {
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
    if let [only] = batch {
        return if only.run(&mut tx).await { tx.commit().await } else { tx.rollback().await };
    }
    for job in batch.iter_mut() {
        sqlx::query("SAVEPOINT job").execute(&mut *tx).await?;
        if !job.run(&mut tx).await {
            sqlx::query("ROLLBACK TO job").execute(&mut *tx).await?;
        }
        sqlx::query("RELEASE job").execute(&mut *tx).await?;
    }
    tx.commit().await
}

/// Runs a write under SERIALIZABLE, again and whole when the engine asks for it. Where many write one row (a round's last number, in its last
/// minute) all but one of those at work must run again, and would get in each other's way for ever: so the first try is made together with
/// others, and every later one alone. Then only another server can stand against it, which the growing pause is for.
async fn write_serializable<T, E, F>(pool: &PgPool, turns: &RwLock<()>, work: F) -> Result<T, E>
where
    E: From<Error> + AsRetry,
    F: for<'a> Fn(&'a mut Tx<'_>) -> BoxFuture<'a, Result<T, E>>,
{
    for attempt in 0_u64.. {
        let turn = if attempt == 0 { Either::Left(turns.read().await) } else { Either::Right(turns.write().await) };
        let mut tx = pool.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE").await.map_err(Error::from)?;
        let outcome = work(&mut Tx { on: On::Postgres(&mut tx), statements: 0 }).await;
        let failed = match outcome {
            Ok(value) => match tx.commit().await {
                Ok(()) => return Ok(value),
                Err(failed) => E::from(Error::Sqlx(failed)),
            },
            Err(refused) => {
                tx.rollback().await.map_err(Error::from)?;
                refused
            }
        };
        drop(turn);
        if attempt >= 40 || !failed.store_error().is_some_and(Error::is_serialization_failure) {
            return Err(failed);
        }
        if attempt > 0 {
            tokio::time::sleep(Duration::from_millis((attempt * 7) % 23 + attempt)).await;
        }
    }
    Err(Error::Closed.into())
}

/// Makes a migration of an embedded file.
pub(crate) fn migration(version: i64, name: &'static str, sql: &'static str) -> Migration {
    let sql: SqlStr = sql.into_sql_str();
    Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql, false)
}

thread_local! {
    static STATEMENTS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// How many statements this thread has begun: a test on one thread asserts by it how many a page takes.
#[must_use]
pub fn statements_on_this_thread() -> u64 {
    STATEMENTS.get()
}

/// Counts one statement.
pub(crate) fn count(tx: &mut Tx<'_>) {
    tx.statements += 1;
    STATEMENTS.set(STATEMENTS.get() + 1);
}

/// Runs one SQL text on the engine at hand and counts it.
macro_rules! on {
    ($tx:expr, $make:ident $(::<$row:ty>)?, $fetch:ident, $sql:expr $(, $arg:expr)* $(,)?) => {{
        $crate::db::count($tx);
        match &mut $tx.on {
            $crate::db::On::Sqlite(conn) => sqlx::$make::<sqlx::Sqlite $(, $row)?>($sql)$(.bind($arg))*.$fetch(&mut **conn).await,
            $crate::db::On::Postgres(conn) => sqlx::$make::<sqlx::Postgres $(, $row)?>($sql)$(.bind($arg))*.$fetch(&mut **conn).await,
        }
    }};
}

/// One row, an error when there is none: `one!(tx, Row, "SELECT …", a, b)?`.
macro_rules! one {
    ($tx:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => { $crate::db::on!($tx, query_as::<$row>, fetch_one, $sql $(, $arg)*) };
}
/// One row or none: `optional!(tx, Row, "SELECT …", a)?`.
macro_rules! optional {
    ($tx:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => { $crate::db::on!($tx, query_as::<$row>, fetch_optional, $sql $(, $arg)*) };
}
/// All rows: `all!(tx, Row, "SELECT …", a)?`.
macro_rules! all {
    ($tx:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => { $crate::db::on!($tx, query_as::<$row>, fetch_all, $sql $(, $arg)*) };
}
/// Rows changed: `execute!(tx, "UPDATE …", a)?` gives the count.
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {{
        $crate::db::count($tx);
        match &mut $tx.on {
            $crate::db::On::Sqlite(conn) => sqlx::query::<sqlx::Sqlite>($sql)$(.bind($arg))*.execute(&mut **conn).await.map(|done| done.rows_affected()),
            $crate::db::On::Postgres(conn) => sqlx::query::<sqlx::Postgres>($sql)$(.bind($arg))*.execute(&mut **conn).await.map(|done| done.rows_affected()),
        }
    }};
}
pub(crate) use {all, execute, on, one, optional};
