//! What changes an award after it was made: lines that end, lines added, lines that get more. Only added; `awards_now` and `award_lines_now`
//! are the sums. The money itself moves in [`crate::ledger`].

use crate::db::{Tx, all, execute, one, optional};
use crate::error::{Result, changed_one};
use chrono::{DateTime, Utc};
use domain::award::Outcome;
use domain::{ApplicationId, AppropriationId, AwardChangeId, AwardId, AwardLineId, Money, OrganizationId, PersonId, RoundId, Timestamp};
use uuid::Uuid;

/// How an award changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// The applicant does not take the line.
    Declined,
    /// The agency takes the line back.
    Lapsed,
    /// A line more.
    Added,
    /// A line gets more.
    Increased,
}

impl ChangeKind {
    /// As the store writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Lapsed => "lapsed",
            Self::Added => "added",
            Self::Increased => "increased",
        }
    }
}

/// A change to add.
#[derive(Clone, Debug)]
pub struct NewChange<'a> {
    /// Its id.
    pub id: AwardChangeId,
    /// The award.
    pub award: AwardId,
    /// The line.
    pub line: AwardLineId,
    /// How it changes.
    pub kind: ChangeKind,
    /// Units, below zero when a line ends.
    pub units: i64,
    /// Money, below zero when a line ends.
    pub amount: Money,
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: &'a str,
}

/// Adds a change.
///
/// # Errors
/// A unique violation when the line has ended already; the store's failure.
pub async fn add(tx: &mut Tx<'_>, change: &NewChange<'_>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO award_changes (id, award, line, kind, units, amount_cents, changed_by, changed_at, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        change.id.0,
        change.award.0,
        change.line.0,
        change.kind.as_str(),
        change.units,
        change.amount.in_cents(),
        change.by.0,
        change.at.utc(),
        change.reason
    )?;
    Ok(())
}

/// The number of the next change of an award, from 2: the award as made is 1.
///
/// # Errors
/// The store's failure.
pub async fn next_version(tx: &mut Tx<'_>, award: AwardId) -> Result<i64> {
    let (version,) = one!(tx, (i64,), "SELECT count(*) + 2 FROM award_changes WHERE award = $1", award.0)?;
    Ok(version)
}

/// A change as recorded.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Change {
    /// `declined`, `lapsed`, `added` or `increased`.
    pub kind: String,
    /// For whom the line is.
    pub beneficiary_name: String,
    /// The application's number.
    pub application_number: String,
    /// Units.
    pub units: i64,
    /// Money, in cents.
    pub amount_cents: i64,
    /// Who.
    pub changed_by_name: String,
    /// When.
    pub changed_at: DateTime<Utc>,
    /// Why.
    pub reason: String,
}

macro_rules! change_sql {
    ($condition:literal) => {
        concat!(
            "SELECT c.kind, o.name AS beneficiary_name, a.number AS application_number, c.units, c.amount_cents, p.name AS changed_by_name,
                    c.changed_at, c.reason
             FROM award_changes c JOIN award_lines l ON l.id = c.line JOIN organizations o ON o.id = l.beneficiary
             JOIN applications a ON a.id = l.application JOIN people p ON p.id = c.changed_by ",
            $condition
        )
    };
}

/// An award's changes, oldest first.
///
/// # Errors
/// The store's failure.
pub async fn list_of(tx: &mut Tx<'_>, award: AwardId) -> Result<Vec<Change>> {
    Ok(all!(tx, Change, change_sql!("WHERE c.award = $1 ORDER BY c.changed_at, c.id"), award.0)?)
}

/// The changes of a round's awards, oldest first.
///
/// # Errors
/// The store's failure.
pub async fn list_of_round(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Change>> {
    Ok(all!(tx, Change, change_sql!("JOIN awards w ON w.id = c.award WHERE w.round = $1 ORDER BY c.changed_at, c.id"), round.0)?)
}

/// The award of a recipient in a round that an appropriation pays, where there is one.
///
/// # Errors
/// The store's failure.
pub async fn award_of(
    tx: &mut Tx<'_>,
    round: RoundId,
    recipient: OrganizationId,
    appropriation: AppropriationId,
) -> Result<Option<AwardId>> {
    let found = optional!(
        tx,
        (Uuid,),
        "SELECT id FROM awards WHERE round = $1 AND recipient = $2 AND appropriation = $3",
        round.0,
        recipient.0,
        appropriation.0
    )?;
    Ok(found.map(|(id,)| id.into()))
}

/// How many awards a round has: the next one's number counts on.
///
/// # Errors
/// The store's failure.
pub async fn count_of(tx: &mut Tx<'_>, round: RoundId) -> Result<i64> {
    let (count,) = one!(tx, (i64,), "SELECT count(*) FROM awards WHERE round = $1", round.0)?;
    Ok(count)
}

/// Records that something else becomes of an application than was decided before; whoever was told is told anew at that instant.
///
/// # Errors
/// [`crate::Error::Conflict`] when it was never decided; the store's failure.
pub async fn record_outcome(
    tx: &mut Tx<'_>,
    application: ApplicationId,
    outcome: Outcome,
    units: i64,
    reason: &str,
    at: Timestamp,
) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE outcomes SET outcome = $2, units = $3, reason = $4, decided_at = $5, told_at = CASE WHEN told_at <= $5 THEN $5 ELSE told_at END
         WHERE application = $1",
        application.0,
        outcome.as_str(),
        units,
        reason,
        at.utc()
    )?;
    changed_one(changed, "outcome")
}
