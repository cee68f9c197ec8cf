//! The one who writes. Whatever waits to be written is gathered into one transaction and answered after one commit (group commit), on
//! either engine. On SQLite there can be only one writer. On PostgreSQL transactions of one server that touch the same
//! rows (a round's last number, in its last minute) would mostly have to be run again; in one transaction they do not meet at all. What
//! another server writes meanwhile is held off by SERIALIZABLE: then the engine asks to have it run again, and each is, by itself.

use crate::db::{AsRetry, On, TRUSTED, Tx};
use crate::error::{Error, is_serialization_failure};
use crate::readers::connect;
use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Postgres, Sqlite, Transaction};
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// At most so many writes share one commit.
const BATCH: usize = 64;
/// So often a write is tried by itself before it is given up.
const TRIES: u64 = 40;

/// A write waiting for the writer: run it in a savepoint, say whether to keep it, answer after the commit.
pub type Job = Box<dyn WriteJob>;

/// What became of a write that ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// It is to be kept.
    Keep,
    /// It was refused; nothing of it is to be kept.
    Undo,
    /// The engine asks to have it run again, with all that shares its transaction.
    Again,
}

/// The object-safe half of a queued write.
pub trait WriteJob: Send + std::fmt::Debug {
    /// Runs the write.
    fn run<'a>(&'a mut self, on: On<'a>) -> BoxFuture<'a, Ran>;
    /// Answers the caller, once the write is durably committed or has failed.
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
    E: From<Error> + AsRetry + Send + 'static,
    F: for<'a> Fn(&'a mut Tx<'_>) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
{
    fn run<'a>(&'a mut self, on: On<'a>) -> BoxFuture<'a, Ran> {
        Box::pin(async move {
            let mut tx = Tx { on, statements: 0 };
            // A panic in one write must not take the writer, and with it every later write, down.
            let outcome = AssertUnwindSafe((self.work)(&mut tx)).catch_unwind().await.unwrap_or_else(|_| Err(Error::Closed.into()));
            let ran = match &outcome {
                Ok(_) => Ran::Keep,
                Err(failed) if failed.store_error().is_some_and(Error::is_serialization_failure) => Ran::Again,
                Err(_) => Ran::Undo,
            };
            self.outcome = Some(outcome);
            ran
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

/// The queue before the writer.
#[derive(Clone, Debug)]
pub struct Writer(mpsc::Sender<Job>);

impl Writer {
    /// Starts the writer, which ends when the last queue to it is dropped.
    pub(crate) fn start(place: Place) -> Self {
        let (queue, jobs) = mpsc::channel(1024);
        tokio::spawn(write_in_batches(place, jobs));
        Self(queue)
    }

    /// Queues one write and waits until it is durable or refused.
    pub(crate) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + AsRetry + Send + 'static,
        F: for<'a> Fn(&'a mut Tx<'_>) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(Queued { work, outcome: None, reply });
        self.0.send(job).await.map_err(|_| Error::Closed)?;
        answer.await.map_err(|_| E::from(Error::Closed))?
    }
}

/// Where the writer writes.
#[derive(Debug)]
pub(crate) enum Place {
    /// The connection of the one writer.
    Sqlite(SqliteConnection),
    /// A connection of its own, so that no crowd of readers keeps it waiting.
    Postgres(Box<Line>),
}

/// The writer's connection to PostgreSQL, which may break.
#[derive(Debug)]
pub(crate) struct Line {
    options: PgConnectOptions,
    conn: Option<PgConnection>,
    /// When its last commit was answered; nothing while it isn't known to live.
    lived: Option<Instant>,
}

impl Line {
    /// No connection is opened yet.
    pub(crate) const fn to(options: PgConnectOptions) -> Self {
        Self { options, conn: None, lived: None }
    }

    /// The connection, asked whether it lives where that is not known, and opened where there is none.
    async fn conn(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        let trusted = self.lived.take().is_some_and(|lived| lived.elapsed() < TRUSTED);
        let mut kept = self.conn.take();
        if let Some(conn) = kept.as_mut().filter(|_| !trusted)
            && conn.ping().await.is_err()
        {
            kept = None;
        }
        let conn = match kept {
            Some(conn) => conn,
            None => connect(&self.options).await?,
        };
        Ok(self.conn.insert(conn))
    }
}

impl Place {
    async fn begin(&mut self) -> Result<Open<'_>, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(conn) => Open::Sqlite(conn.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(line) => Open::Postgres(line.conn().await?.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE").await?),
        })
    }

    /// Notes that a commit was answered.
    fn lived(&mut self) {
        if let Self::Postgres(line) = self {
            line.lived = Some(Instant::now());
        }
    }
}

/// A transaction on either engine.
enum Open<'c> {
    Sqlite(Transaction<'c, Sqlite>),
    Postgres(Transaction<'c, Postgres>),
}

impl Open<'_> {
    fn on(&mut self) -> On<'_> {
        match self {
            Self::Sqlite(tx) => On::Sqlite(tx),
            Self::Postgres(tx) => On::Postgres(tx),
        }
    }

    async fn say(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => sqlx::query(sql).execute(&mut **tx).await.map(drop),
            Self::Postgres(tx) => sqlx::query(sql).execute(&mut **tx).await.map(drop),
        }
    }

    async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }

    async fn rollback(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await,
            Self::Postgres(tx) => tx.rollback().await,
        }
    }
}

async fn write_in_batches(mut place: Place, mut queue: mpsc::Receiver<Job>) {
    let mut batch = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        match in_one_transaction(&mut place, &mut batch).await {
            Some(committed) => {
                if let Err(failed) = &committed {
                    tracing::error!(%failed, writes = batch.len(), "a batch of writes failed");
                }
                for job in batch.drain(..) {
                    job.answer(committed.as_ref().map_err(|failed| sqlx::Error::Protocol(failed.to_string())).copied());
                }
            }
            None => {
                for job in batch.drain(..) {
                    alone(&mut place, job).await;
                }
            }
        }
    }
}

/// Only another server can stand against a write that is alone in its transaction, which the growing pause is for.
async fn alone(place: &mut Place, mut job: Job) {
    for tries in 0..TRIES {
        if let Some(committed) = in_one_transaction(place, std::slice::from_mut(&mut job)).await {
            return job.answer(committed);
        }
        tokio::time::sleep(Duration::from_millis((tries * 7) % 23 + tries)).await;
    }
    job.answer(Err(sqlx::Error::Protocol(format!("other servers wrote the same rows {TRIES} times over"))));
}

/// Nothing when the engine asks to have all of it run again.
async fn in_one_transaction(place: &mut Place, batch: &mut [Job]) -> Option<Result<(), sqlx::Error>> {
    match run(place, batch).await {
        Ok(Ran::Again) => None,
        Err(failed) if is_serialization_failure(&failed) => None,
        done => Some(done.map(drop)),
    }
}

/// First without savepoints, since nearly every write is kept; when one is refused, all again with a savepoint each, so that the others stay.
async fn run(place: &mut Place, batch: &mut [Job]) -> Result<Ran, sqlx::Error> {
    let together = match run_together(place, batch).await {
        Ok(begun) => begun?,
        // The server may have hung up since; the second time is on a new connection.
        Err(_) => run_together(place, batch).await??,
    };
    if together == Ran::Undo && batch.len() > 1 { run_apart(place, batch).await } else { Ok(together) }
}

/// One transaction, of which all is kept or nothing; an outer error when it could not begin.
async fn run_together(place: &mut Place, batch: &mut [Job]) -> Result<Result<Ran, sqlx::Error>, sqlx::Error> {
    let open = place.begin().await?;
    let ran = keep_all(open, batch).await;
    if matches!(ran, Ok(Ran::Keep)) {
        place.lived();
    }
    Ok(ran)
}

async fn keep_all(mut open: Open<'_>, batch: &mut [Job]) -> Result<Ran, sqlx::Error> {
    for job in batch.iter_mut() {
        let ran = job.run(open.on()).await;
        if ran != Ran::Keep {
            open.rollback().await?;
            return Ok(ran);
        }
    }
    open.commit().await?;
    Ok(Ran::Keep)
}

/// One transaction, of which what is not refused is kept.
async fn run_apart(place: &mut Place, batch: &mut [Job]) -> Result<Ran, sqlx::Error> {
    let mut open = place.begin().await?;
    for job in batch.iter_mut() {
        open.say("SAVEPOINT job").await?;
        match job.run(open.on()).await {
            Ran::Keep => {}
            Ran::Undo => open.say("ROLLBACK TO SAVEPOINT job").await?,
            Ran::Again => {
                open.rollback().await?;
                return Ok(Ran::Again);
            }
        }
        open.say("RELEASE SAVEPOINT job").await?;
    }
    open.commit().await?;
    place.lived();
    Ok(Ran::Keep)
}
