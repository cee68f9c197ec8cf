//! The two engines behind one door. A store function takes `&mut Tx` and one SQL text; the macros below run it on whichever engine is
//! there. What differs between the engines stands here and in the writer only: how a connection is set up, how a write begins, what is
//! run again.
//!
//! Reads take a connection of their own. Writes go through [`Db::write`] and its one writer.

use crate::error::Error;
use crate::readers::{Lent, Readers};
use crate::writer::{Line, Place, Writer};
use futures::future::BoxFuture;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqlSafeStr, SqlStr};
use std::borrow::Cow;
use std::str::FromStr;
use std::time::Duration;

/// At most so many read a file at once; more would only take turns on the cores.
const SQLITE_READERS: usize = 4;
/// At most so many of one server read from PostgreSQL at once, for each of its cores and at least; more mostly displace each other there.
const POSTGRES_READERS: (usize, usize) = (2, 4);
/// A connection to PostgreSQL that answered so recently is there still.
pub(crate) const TRUSTED: Duration = Duration::from_secs(1);

/// A database: a SQLite file or a PostgreSQL server.
#[derive(Clone, Debug)]
pub enum Db {
    /// One file, one writer.
    Sqlite {
        /// Connections for reading.
        readers: Readers<SqliteConnection>,
        /// The queue before the one who writes.
        writer: Writer,
    },
    /// A server.
    Postgres {
        /// Connections for reading.
        readers: Readers<PgConnection>,
        /// The queue before the one who writes.
        writer: Writer,
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
    Postgres(&'c mut PgConnection),
}

/// A connection taken for reading.
#[derive(Debug)]
pub enum Reader {
    /// SQLite.
    Sqlite(Lent<SqliteConnection>),
    /// PostgreSQL.
    Postgres(Lent<PgConnection>),
}

impl Reader {
    /// The connection as store functions take it.
    pub fn tx(&mut self) -> Tx<'_> {
        let on = match self {
            Self::Sqlite(lent) => On::Sqlite(lent.conn()),
            Self::Postgres(lent) => On::Postgres(lent.conn()),
        };
        Tx { on, statements: 0 }
    }
}

impl Db {
    /// Opens a database by its address: `sqlite:PATH`, or `postgres://…`. A SQLite file is created when missing.
    ///
    /// # Errors
    /// [`Error::Sqlx`] when it can't be opened; [`Error::Address`] when the address is neither.
    pub async fn open(address: &str) -> Result<Self, Error> {
        if address.starts_with("sqlite:") {
            Self::open_sqlite(address).await
        } else if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            // A commit that must be run again leaves the driver rolling back what is over already; the engine's remark on it is for nobody.
            // Every text is planned once for a connection and not anew for its first five uses: planning a list takes ten times as long as
            // reading it, and texts whose best plan depends on a parameter are written apart.
            // No disk under it has a head that must travel: a page fetched by an index costs about as much as the next one, which the
            // engine's default of four does not say.
            let settings =
                [("client_min_messages", "error"), ("plan_cache_mode", "force_generic_plan"), ("jit", "off"), ("random_page_cost", "1.1")];
            let options = PgConnectOptions::from_str(address)?.options(settings).log_statements(tracing::log::LevelFilter::Off);
            let (each, least) = POSTGRES_READERS;
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            let readers = Readers::new(options.clone(), (each * cores).max(least), Some(TRUSTED));
            // An address where nobody answers is told at once.
            drop(readers.lend().await?);
            Ok(Self::Postgres { readers, writer: Writer::start(Place::Postgres(Box::new(Line::to(options)))) })
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
            .pragma("cache_size", "-1500")
            .pragma("temp_store", "memory")
            // A whole list page fits into the channel from the connection's thread, which then need not wait for its reader half-way.
            .row_buffer_size(512)
            .log_statements(tracing::log::LevelFilter::Off);
        let conn = options.connect().await?;
        let writer = Writer::start(Place::Sqlite(conn));
        Ok(Self::Sqlite { readers: Readers::new(options.pragma("query_only", "on"), SQLITE_READERS, None), writer })
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
            Self::Postgres { readers, .. } => migrator.run(readers.lend().await?.conn()).await?,
        }
        Ok(())
    }

    /// Has PostgreSQL gather the figures by which it plans, and mark the pages that indexes alone may answer for, after many rows came at
    /// once; it would do so by itself, but some time later.
    /// SQLite is spared: with such figures it plans every statement anew whenever a parameter changes, which costs more than it brings.
    ///
    /// # Errors
    /// [`Error::Sqlx`].
    pub async fn analyze(&self) -> Result<(), Error> {
        if let Self::Postgres { readers, .. } = self {
            sqlx::query("VACUUM (ANALYZE)").execute(readers.lend().await?.conn()).await?;
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
            Self::Postgres { readers, .. } => Reader::Postgres(readers.lend().await?),
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
            Self::Sqlite { writer, .. } | Self::Postgres { writer, .. } => writer.write(work).await,
        }
    }

    /// Closes every connection, after what is queued is written.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { readers, .. } => readers.close().await,
            Self::Postgres { readers, .. } => readers.close().await,
        }
    }
}

/// Tells a refusal from a failure that PostgreSQL asks to have run again.
pub trait AsRetry {
    /// The store's failure inside, if that is what it is.
    fn store_error(&self) -> Option<&Error>;
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
/// Writes that go together, in one journey to the engine, which costs more than most of them: gives how many rows all of them changed. Each
/// is named; none may rest on what another of them changed. A last one may have a text for each engine.
/// `together!(tx, { logged: "INSERT …", saved: "UPDATE …"; queued: sqlite "INSERT …", postgres "INSERT …" }, a, b)?`.
macro_rules! together {
    (
        $tx:expr,
        { $first:ident: $one:expr $(, $name:ident: $sql:expr)+ $(; $own:ident: sqlite $lite:expr, postgres $large:expr)? $(,)? }
        $(, $arg:expr)* $(,)?
    ) => {{
        $crate::db::count($tx);
        match &mut $tx.on {
            // One text may hold several statements, and a number means the same argument in each.
            $crate::db::On::Sqlite(conn) => {
                let text = concat!($one $(, "; ", $sql)+ $(, "; ", $lite)?);
                sqlx::query::<sqlx::Sqlite>(text)$(.bind($arg))*.execute(&mut **conn).await.map(|done| done.rows_affected())
            }
            // A prepared text is one statement, but that may hold others.
            $crate::db::On::Postgres(conn) => {
                let text = concat!(
                    "WITH ", stringify!($first), " AS (", $one, " RETURNING 1)" $(, ", ", stringify!($name), " AS (", $sql, " RETURNING 1)")+
                    $(, ", ", stringify!($own), " AS (", $large, " RETURNING 1)")?,
                    " SELECT (SELECT count(*) FROM ", stringify!($first), ")" $(, " + (SELECT count(*) FROM ", stringify!($name), ")")+
                    $(, " + (SELECT count(*) FROM ", stringify!($own), ")")?
                );
                let row = sqlx::query_as::<sqlx::Postgres, (i64,)>(text)$(.bind($arg))*.fetch_one(&mut **conn).await;
                row.map(|(changed,)| u64::try_from(changed).unwrap_or_default())
            }
        }
    }};
}
pub(crate) use {all, execute, on, one, optional, together};
