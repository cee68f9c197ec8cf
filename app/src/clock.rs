//! The server's clock, handed to every use case as an argument. A fixed clock serves the tests, a shifted one the demo, where a visitor
//! may move time past a deadline to see what happens.

use domain::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Where "now" comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock. In the demo it starts in another year (`base` seconds away) and a visitor may move it on (`shift`).
    Machine {
        /// Seconds from the machine's time to the demo's; zero elsewhere.
        base: i64,
        /// Seconds moved on top of it.
        shift: Arc<AtomicI64>,
    },
    /// Seconds since 1970, set by a test.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock, unmoved.
    #[must_use]
    pub fn machine() -> Self {
        Self::machine_from(0)
    }

    /// The machine's clock, `base` seconds away: for the demo, which plays in the spring of 2024.
    #[must_use]
    pub fn machine_from(base: i64) -> Self {
        Self::Machine { base, shift: Arc::new(AtomicI64::new(0)) }
    }

    /// A clock that stands still.
    #[must_use]
    pub fn fixed(at: Timestamp) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.unix())))
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Machine { base, shift } => read_machine().plus_seconds(base + shift.load(Ordering::Relaxed)),
            Self::Fixed(at) => Timestamp::from_unix(at.load(Ordering::Relaxed)),
        }
    }

    /// Moves the clock, forwards or back: for the demo and the tests.
    pub fn shift(&self, seconds: i64) {
        match self {
            Self::Machine { shift, .. } => shift.fetch_add(seconds, Ordering::Relaxed),
            Self::Fixed(at) => at.fetch_add(seconds, Ordering::Relaxed),
        };
    }

    /// By how many seconds a visitor has moved the clock.
    #[must_use]
    pub fn shifted_by(&self) -> i64 {
        match self {
            Self::Machine { shift, .. } => shift.load(Ordering::Relaxed),
            Self::Fixed(_) => 0,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
fn read_machine() -> Timestamp {
    Timestamp::new(std::time::SystemTime::now().into())
}
