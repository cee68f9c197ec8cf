//! SQLite's connections for reading. Not sqlx's own pool: that asks each connection whether it still lives when it is lent and again when
//! it comes back, and each question is a message to the connection's thread and an answer, as dear as a short query. A file does not hang
//! up, so nobody need ask.

use crate::error::Error;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

/// At most so many read at once; more would only take turns on the cores.
const AT_ONCE: usize = 4;
/// Whoever waits longer for a connection is told so.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection's place; empty until it is first needed.
type Place = Arc<Mutex<Option<SqliteConnection>>>;

/// The connections.
#[derive(Clone, Debug)]
pub struct Readers {
    options: Arc<SqliteConnectOptions>,
    places: Arc<[Place]>,
    free: Arc<Semaphore>,
}

/// A lent connection. A query that was given up half-way ends by itself: the connection's thread resets it when nobody takes its rows.
#[derive(Debug)]
pub struct Lent {
    // Dropped in this order: the connection is back before the next in the queue is told.
    conn: OwnedMappedMutexGuard<Option<SqliteConnection>, SqliteConnection>,
    _turn: OwnedSemaphorePermit,
}

impl Lent {
    /// The connection itself.
    pub(crate) fn conn(&mut self) -> &mut SqliteConnection {
        &mut self.conn
    }
}

impl Readers {
    /// No connection is opened yet.
    pub(crate) fn new(options: SqliteConnectOptions) -> Self {
        let places = (0..AT_ONCE).map(|_| Place::default()).collect();
        Self { options: Arc::new(options), places, free: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// How the connections are set up.
    pub(crate) fn options(&self) -> &SqliteConnectOptions {
        &self.options
    }

    /// Lends a connection.
    pub(crate) async fn lend(&self) -> Result<Lent, Error> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.free).acquire_owned());
        let turn = turn.await.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| Error::Closed)?;
        loop {
            for place in self.places.iter() {
                let Ok(mut found) = Arc::clone(place).try_lock_owned() else { continue };
                if found.is_none() {
                    *found = Some(self.options.connect().await?);
                }
                if let Ok(conn) = OwnedMutexGuard::try_map(found, Option::as_mut) {
                    return Ok(Lent { conn, _turn: turn });
                }
            }
            // Whoever has a turn finds a place, but perhaps not in the first round: places change hands meanwhile.
            tokio::task::yield_now().await;
        }
    }

    /// Lends no more, and closes each connection as it comes back.
    pub(crate) async fn close(&self) {
        self.free.close();
        for place in self.places.iter() {
            if let Some(conn) = place.lock().await.take() {
                // What is committed is safe either way: the next start reads what is left in the write-ahead log.
                drop(conn.close().await);
            }
        }
    }
}
