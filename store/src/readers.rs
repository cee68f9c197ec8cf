//! Connections for reading. Not sqlx's own pool: that asks each connection whether it still lives when it is lent and again when it comes
//! back, and each question is a message and an answer, as dear as a short query. A file does not hang up, so SQLite is never asked; a
//! PostgreSQL server may, so a connection to it is asked when that was done too long ago.

use crate::error::Error;
use sqlx::{ConnectOptions, Connection};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

/// Whoever waits longer for a connection is told so.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection that is open.
#[derive(Debug)]
struct Held<C> {
    conn: C,
    /// When it was last known to live.
    asked: Instant,
}

/// A connection's place; empty until it is first needed.
type Place<C> = Arc<Mutex<Option<Held<C>>>>;

/// The connections.
#[derive(Debug)]
pub struct Readers<C: Connection> {
    options: Arc<C::Options>,
    places: Arc<[Place<C>]>,
    free: Arc<Semaphore>,
    /// For how long a connection that lived is taken to live; for ever where there is no such time.
    trusted: Option<Duration>,
}

impl<C: Connection> Clone for Readers<C> {
    fn clone(&self) -> Self {
        let Self { options, places, free, trusted } = self;
        Self { options: Arc::clone(options), places: Arc::clone(places), free: Arc::clone(free), trusted: *trusted }
    }
}

/// Opens a connection, or gives up.
pub(crate) async fn connect<C: Connection>(options: &C::Options) -> Result<C, sqlx::Error> {
    tokio::time::timeout(PATIENCE, options.connect()).await.map_err(|_| sqlx::Error::PoolTimedOut)?
}

/// A lent connection. A query that was given up half-way ends by itself: SQLite's thread resets it when nobody takes its rows, and what a
/// PostgreSQL server still sends is read before the next query.
#[derive(Debug)]
pub struct Lent<C: Connection> {
    // Dropped in this order: the connection is back before the next in the queue is told.
    conn: OwnedMappedMutexGuard<Option<Held<C>>, C>,
    _turn: OwnedSemaphorePermit,
}

impl<C: Connection> Lent<C> {
    /// The connection itself.
    pub(crate) fn conn(&mut self) -> &mut C {
        &mut self.conn
    }
}

impl<C: Connection> Readers<C> {
    /// So many may be lent at once. No connection is opened yet.
    pub(crate) fn new(options: C::Options, at_once: usize, trusted: Option<Duration>) -> Self {
        let places = (0..at_once).map(|_| Place::default()).collect();
        Self { options: Arc::new(options), places, free: Arc::new(Semaphore::new(at_once)), trusted }
    }

    /// How the connections are set up.
    pub(crate) fn options(&self) -> &C::Options {
        &self.options
    }

    /// Lends a connection.
    pub(crate) async fn lend(&self) -> Result<Lent<C>, Error> {
        // A timer is made for whoever has to wait only.
        let turn = match Arc::clone(&self.free).try_acquire_owned() {
            Ok(turn) => turn,
            Err(_) => {
                let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.free).acquire_owned());
                turn.await.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| Error::Closed)?
            }
        };
        loop {
            for place in self.places.iter() {
                let Ok(mut found) = Arc::clone(place).try_lock_owned() else { continue };
                self.make_sure(&mut found).await?;
                if let Ok(conn) = OwnedMutexGuard::try_map(found, |held| held.as_mut().map(|held| &mut held.conn)) {
                    return Ok(Lent { conn, _turn: turn });
                }
            }
            // Whoever has a turn finds a place, but perhaps not in the first round: places change hands meanwhile.
            tokio::task::yield_now().await;
        }
    }

    /// Opens a connection where there is none that lives.
    async fn make_sure(&self, place: &mut Option<Held<C>>) -> Result<(), Error> {
        if let (Some(held), Some(trusted)) = (&mut *place, self.trusted)
            && held.asked.elapsed() > trusted
        {
            if held.conn.ping().await.is_ok() {
                held.asked = Instant::now();
            } else {
                *place = None;
            }
        }
        if place.is_none() {
            *place = Some(Held { conn: connect::<C>(&*self.options).await?, asked: Instant::now() });
        }
        Ok(())
    }

    /// Lends no more, and closes each connection as it comes back.
    pub(crate) async fn close(&self) {
        self.free.close();
        for place in self.places.iter() {
            if let Some(held) = place.lock().await.take() {
                // What is committed is safe either way: the next start of SQLite reads what is left in the write-ahead log.
                drop(held.conn.close().await);
            }
        }
    }
}
