//! Terms accepted by recipients that a law names, each for one submission. Only added: an acceptance of a submission that was taken back
//! stays on record and counts no more.

use crate::db::{Tx, all, execute, optional};
use crate::error::{Result, changed_one};
use chrono::{DateTime, Utc};
use domain::named::Acceptance;
use domain::{ApplicationId, RoundId, Timestamp};
use uuid::Uuid;

/// Records an acceptance. The guard says again what the domain decided: the application is handed in, by this submission.
///
/// # Errors
/// [`crate::Error::Conflict`] when the guard does not hold; a unique violation when the terms were accepted already.
pub async fn add(tx: &mut Tx<'_>, application: ApplicationId, acceptance: &Acceptance) -> Result<()> {
    let changed = execute!(
        tx,
        "INSERT INTO acceptances (id, application, submission, recipient, signature, accepted_by, accepted_at, digest, document)
         SELECT $1, a.id, a.submission, $4, $5, $6, $7, $8, $9 FROM applications a
         WHERE a.id = $2 AND a.submission = $3 AND a.status = 'submitted'",
        acceptance.id,
        application.0,
        acceptance.submission,
        acceptance.recipient.as_str(),
        acceptance.signature.as_str(),
        acceptance.by.0,
        acceptance.at.utc(),
        acceptance.digest.as_str(),
        acceptance.document.as_str()
    )?;
    changed_one(changed, "application")
}

/// Terms accepted for the submission that an application has now.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Accepted {
    /// The application.
    pub application: Uuid,
    /// The recipient's key in the program file.
    pub recipient: String,
    /// The name typed.
    pub signature: String,
    /// Who, by name.
    pub accepted_by_name: String,
    /// When.
    pub accepted_at: DateTime<Utc>,
    /// SHA-256 of the document.
    pub digest: String,
}

impl Accepted {
    /// When.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        Timestamp::new(self.accepted_at)
    }
}

macro_rules! accepted_sql {
    ($condition:literal) => {
        concat!(
            "SELECT c.application, c.recipient, c.signature, p.name AS accepted_by_name, c.accepted_at, c.digest
             FROM acceptances c JOIN applications a ON a.id = c.application AND a.submission = c.submission AND a.status = 'submitted'
             JOIN people p ON p.id = c.accepted_by WHERE ",
            $condition,
            " ORDER BY c.accepted_at, c.id"
        )
    };
}

/// What a round's recipients have accepted, the first first.
///
/// # Errors
/// The store's failure.
pub async fn list_of_round(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Accepted>> {
    Ok(all!(tx, Accepted, accepted_sql!("a.round = $1"), round.0)?)
}

/// What an application's recipient has accepted; none while it has not.
///
/// # Errors
/// The store's failure.
pub async fn find_of(tx: &mut Tx<'_>, application: ApplicationId) -> Result<Option<Accepted>> {
    Ok(optional!(tx, Accepted, accepted_sql!("a.id = $1"), application.0)?)
}

/// What was accepted, byte for byte: its SHA-256 is the digest.
///
/// # Errors
/// The store's failure.
pub async fn document(tx: &mut Tx<'_>, application: ApplicationId, digest: &str) -> Result<Option<String>> {
    let row = optional!(tx, (String,), "SELECT document FROM acceptances WHERE application = $1 AND digest = $2", application.0, digest)?;
    Ok(row.map(|(document,)| document))
}
