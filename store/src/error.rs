//! What can go wrong below a use case.

use crate::db::AsRetry;

/// A store's failure. Pages never show it; it is logged where it becomes an internal error.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine refused or could not be reached.
    #[error("database: {0}")]
    Sqlx(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("migration: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A row that makes no sense: an error, never a default.
    #[error("inconsistent row in {table} ({id}): {problem}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The row's id, as text.
        id: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Somebody else changed the row meanwhile, or the state does not allow the change.
    #[error("{noun} was changed by somebody else meanwhile")]
    Conflict {
        /// What was to be changed.
        noun: &'static str,
    },
    /// A row that must be there is not.
    #[error("no such {noun}")]
    Missing {
        /// What was looked for.
        noun: &'static str,
    },
    /// The address of the database is neither SQLite's nor PostgreSQL's.
    #[error("“{0}” is not a database address. Use sqlite:PATH or postgres://USER@HOST/NAME.")]
    Address(String),
    /// The database is closing.
    #[error("the database is closing")]
    Closed,
}

impl Error {
    /// Whether PostgreSQL asks to have the whole transaction run again.
    #[must_use]
    pub fn is_serialization_failure(&self) -> bool {
        match self {
            Self::Sqlx(failed) => is_serialization_failure(failed),
            _ => false,
        }
    }

    /// Whether a CHECK refused the write: for the ledger, that there was not enough money.
    #[must_use]
    pub fn is_check_violation(&self) -> bool {
        match self {
            Self::Sqlx(sqlx::Error::Database(refused)) => refused.kind() == sqlx::error::ErrorKind::CheckViolation,
            _ => false,
        }
    }

    /// Whether a unique constraint refused the write.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        match self {
            Self::Sqlx(sqlx::Error::Database(refused)) => refused.kind() == sqlx::error::ErrorKind::UniqueViolation,
            _ => false,
        }
    }

    /// A shorthand for rows that make no sense.
    pub fn inconsistent(table: &'static str, id: impl ToString, problem: impl ToString) -> Self {
        Self::Inconsistent { table, id: id.to_string(), problem: problem.to_string() }
    }
}

/// Whether PostgreSQL asks to have the whole transaction run again: it could not be serialized, or was in a deadlock.
pub(crate) fn is_serialization_failure(failed: &sqlx::Error) -> bool {
    matches!(failed, sqlx::Error::Database(refused) if matches!(refused.code().as_deref(), Some("40001" | "40P01")))
}

impl AsRetry for Error {
    fn store_error(&self) -> Option<&Error> {
        Some(self)
    }
}

/// A store function's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Exactly one row was changed, or it is a conflict.
///
/// # Errors
/// [`Error::Conflict`] unless `changed` is 1.
pub fn changed_one(changed: u64, noun: &'static str) -> Result<()> {
    changed_each(changed, 1, noun)
}

/// Of writes that go together, each of which changes one row.
///
/// # Errors
/// [`Error::Conflict`] unless as many `changed` as there are.
pub fn changed_each(changed: u64, writes: usize, noun: &'static str) -> Result<()> {
    if usize::try_from(changed) == Ok(writes) { Ok(()) } else { Err(Error::Conflict { noun }) }
}
