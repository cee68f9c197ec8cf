//! What became of each application, and who is told of it.

use crate::db::{Tx, all, execute, optional};
use crate::error::{Error, Result};
use crate::many::{cell, each, execute_many, hex};
use chrono::{DateTime, Utc};
use domain::award::Outcome;
use domain::{ApplicationId, OrganizationId, RoundId, Timestamp};
use uuid::Uuid;

/// What becomes of an application.
#[derive(Clone, Debug)]
pub struct NewOutcome {
    /// The application.
    pub application: ApplicationId,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Units granted.
    pub units: i64,
    /// Why.
    pub reason: String,
}

macro_rules! outcomes_sql {
    ($engine:ident) => {
        concat!(
            "INSERT INTO outcomes (application, outcome, units, reason, decided_at) SELECT ",
            cell!($engine uuid "application"), ", ", cell!($engine text "outcome"), ", ", cell!($engine bigint "units"), ", ",
            cell!($engine text "reason"), ", $2 FROM ", each!($engine "$1")
        )
    };
}

/// Records what becomes of applications; their applicants are told later, by an act of its own.
///
/// # Errors
/// A unique violation when one is decided already; the store's failure.
pub async fn add_outcomes(tx: &mut Tx<'_>, outcomes: &[NewOutcome], at: Timestamp) -> Result<()> {
    let row = |new: &NewOutcome| {
        serde_json::json!({
            "application": hex(new.application.0), "outcome": new.outcome.as_str(), "units": new.units, "reason": new.reason,
        })
    };
    execute_many!(tx, outcomes_sql, outcomes.iter().map(row).collect::<Vec<_>>(), at.utc())?;
    Ok(())
}

/// What became of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeOf {
    /// The application.
    pub application: ApplicationId,
    /// Its number.
    pub number: String,
    /// Who applied.
    pub applicant: OrganizationId,
    /// By name.
    pub applicant_name: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Units granted.
    pub units: i64,
    /// Units asked for.
    pub units_requested: i64,
    /// Why.
    pub reason: String,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// When the applicant was told; none before.
    pub told_at: Option<Timestamp>,
    /// Its place, when it was ranked.
    pub place: Option<i64>,
    /// Its points, an exact fraction, when it was ranked.
    pub points: Option<String>,
}

#[derive(sqlx::FromRow)]
struct OutcomeRow {
    application: Uuid,
    number: String,
    applicant: Uuid,
    applicant_name: String,
    outcome: String,
    units: i64,
    units_requested: i64,
    reason: String,
    decided_at: DateTime<Utc>,
    told_at: Option<DateTime<Utc>>,
    place: Option<i64>,
    points: Option<String>,
}

impl TryFrom<OutcomeRow> for OutcomeOf {
    type Error = Error;
    fn try_from(row: OutcomeRow) -> Result<Self> {
        let outcome = Outcome::from_stored(&row.outcome)
            .ok_or_else(|| Error::inconsistent("outcomes", row.application, format!("outcome {}", row.outcome)))?;
        Ok(Self {
            application: row.application.into(),
            number: row.number,
            applicant: row.applicant.into(),
            applicant_name: row.applicant_name,
            outcome,
            units: row.units,
            units_requested: row.units_requested,
            reason: row.reason,
            decided_at: Timestamp::new(row.decided_at),
            told_at: row.told_at.map(Timestamp::new),
            place: row.place,
            points: row.points,
        })
    }
}

macro_rules! outcome_sql {
    ($condition:literal) => {
        concat!(
            "SELECT t.application, a.number, a.applicant, o.name AS applicant_name, t.outcome, t.units,
                    COALESCE(a.units_requested, 0) AS units_requested, t.reason, t.decided_at, t.told_at, w.place, w.points
             FROM outcomes t JOIN applications a ON a.id = t.application JOIN organizations o ON o.id = a.applicant
             LEFT JOIN rankings k ON k.round = a.round LEFT JOIN ranking_places w ON w.ranking = k.id AND w.application = a.id ",
            $condition
        )
    };
}

/// What became of an application; none before awards are approved. Whether its applicant may read it is `told_at`'s to say.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn outcome_of(tx: &mut Tx<'_>, application: ApplicationId) -> Result<Option<OutcomeOf>> {
    optional!(tx, OutcomeRow, outcome_sql!("WHERE t.application = $1"), application.0)?.map(OutcomeOf::try_from).transpose()
}

/// What became of a round's applications: the ranked by place, then the ineligible by number.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn outcomes(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<OutcomeOf>> {
    let rows = all!(tx, OutcomeRow, outcome_sql!("WHERE a.round = $1 ORDER BY w.place NULLS LAST, a.number, a.id"), round.0)?;
    rows.into_iter().map(OutcomeOf::try_from).collect()
}

/// Records that the applicants who were not told yet are told now.
///
/// # Errors
/// The store's failure.
pub async fn record_told(tx: &mut Tx<'_>, round: RoundId, at: Timestamp) -> Result<u64> {
    Ok(execute!(
        tx,
        "UPDATE outcomes SET told_at = $2 WHERE told_at IS NULL
         AND application IN (SELECT a.id FROM applications a WHERE a.round = $1)",
        round.0,
        at.utc()
    )?)
}

/// Takes back a telling whose second has not come, with its messages; gives how many applications it was.
///
/// # Errors
/// The store's failure.
pub async fn record_not_told(tx: &mut Tx<'_>, round: RoundId, now: Timestamp) -> Result<u64> {
    // Messages are never removed: these are marked as given up, with the reason, before they were ever tried.
    execute!(
        tx,
        "UPDATE messages SET failed_at = $2, error = 'held back before its time'
         WHERE sent_at IS NULL AND failed_at IS NULL AND attempts = 0 AND noun = 'application' AND next_try_at > $2
         AND noun_id IN (SELECT t.application FROM outcomes t JOIN applications a ON a.id = t.application
                         WHERE a.round = $1 AND t.told_at = messages.next_try_at)",
        round.0,
        now.utc()
    )?;
    Ok(execute!(
        tx,
        "UPDATE outcomes SET told_at = NULL WHERE told_at > $2
         AND application IN (SELECT a.id FROM applications a WHERE a.round = $1)",
        round.0,
        now.utc()
    )?)
}

/// A person to tell about an application.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Told {
    /// The application.
    pub application: Uuid,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
}

macro_rules! people_sql {
    ($condition:literal) => {
        concat!(
            "SELECT DISTINCT t.application, p.name, p.email
             FROM outcomes t JOIN applications a ON a.id = t.application
             JOIN memberships m ON m.organization = a.applicant AND m.ended_at IS NULL AND m.role IN ('preparer', 'certifier')
             JOIN people p ON p.id = m.person AND p.disabled_at IS NULL
             WHERE a.round = $1 ",
            $condition,
            "ORDER BY t.application, p.email, p.name"
        )
    };
}

/// The people of the applicants who were not told yet: each preparer and certifier once.
///
/// # Errors
/// The store's failure.
pub async fn people_to_tell(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Told>> {
    Ok(all!(tx, Told, people_sql!("AND t.told_at IS NULL "), round.0)?)
}

/// The people of all applicants who were decided on: each preparer and certifier once.
///
/// # Errors
/// The store's failure.
pub async fn people_of_applicants(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Told>> {
    Ok(all!(tx, Told, people_sql!(""), round.0)?)
}
