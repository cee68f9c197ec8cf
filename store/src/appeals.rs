//! Appeals against what became of an application. What was submitted does not change; the ruling is added to it.

use crate::db::{Tx, all, execute, optional};
use crate::error::{Error, Result, changed_one};
use chrono::{DateTime, Utc};
use domain::access::Subject;
use domain::appeal::{PutRight, Status};
use domain::{AppealId, ApplicationId, OrganizationId, PersonId, RoundId, Timestamp};
use uuid::Uuid;

/// An appeal to submit.
#[derive(Clone, Debug)]
pub struct NewAppeal<'a> {
    /// Its id, minted with the form.
    pub id: AppealId,
    /// The application.
    pub application: ApplicationId,
    /// Its own number.
    pub number: &'a str,
    /// The ground's key.
    pub ground: &'a str,
    /// Why, in the appellant's words.
    pub statement: &'a str,
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// The record as it stands, with ground and statement: canonical JSON.
    pub frozen: &'a str,
    /// SHA-256 of its bytes.
    pub sha256: &'a str,
}

/// Submits an appeal.
///
/// # Errors
/// A unique violation when the application has one; the store's failure.
pub async fn add(tx: &mut Tx<'_>, appeal: &NewAppeal<'_>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO appeals (id, application, number, ground, statement, submitted_by, submitted_at, sha256, status, version, frozen)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'submitted', 1, $9)",
        appeal.id.0,
        appeal.application.0,
        appeal.number,
        appeal.ground,
        appeal.statement,
        appeal.by.0,
        appeal.at.utc(),
        appeal.sha256,
        appeal.frozen
    )?;
    Ok(())
}

/// A ruling to record.
#[derive(Clone, Debug)]
pub struct Ruling<'a> {
    /// Upheld or dismissed.
    pub status: Status,
    /// Who ruled.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: &'a str,
    /// What it brought, in a sentence.
    pub effect: &'a str,
    /// The numbers that it put right.
    pub put_right: Option<&'a PutRight>,
}

/// An appeal as recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appeal {
    /// Its id.
    pub id: AppealId,
    /// The application.
    pub application: ApplicationId,
    /// The application's number.
    pub application_number: String,
    /// The application's round.
    pub round: RoundId,
    /// The agency.
    pub agency: OrganizationId,
    /// Who applied.
    pub applicant: OrganizationId,
    /// By name.
    pub applicant_name: String,
    /// Its own number.
    pub number: String,
    /// The ground's key.
    pub ground: String,
    /// Why, in the appellant's words.
    pub statement: String,
    /// Who submitted it.
    pub submitted_by: PersonId,
    /// By name.
    pub submitted_by_name: String,
    /// When.
    pub submitted_at: Timestamp,
    /// SHA-256 of the frozen record.
    pub sha256: String,
    /// Where it stands.
    pub status: Status,
    /// Who ruled.
    pub ruled_by_name: Option<String>,
    /// When.
    pub ruled_at: Option<Timestamp>,
    /// The ruling's reason.
    pub ruling: Option<String>,
    /// What the ruling brought, in a sentence.
    pub effect: Option<String>,
    /// The numbers that an upheld one put right, and what the rules make of them.
    pub put_right: Option<PutRight>,
    /// The row's version.
    pub version: i64,
    /// The record as it stood, canonical JSON.
    pub frozen: String,
}

impl Appeal {
    /// Whose record it is.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        Subject { agency: Some(self.agency), owner: Some(self.applicant) }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    application: Uuid,
    application_number: Option<String>,
    round: Uuid,
    agency: Uuid,
    applicant: Uuid,
    applicant_name: String,
    number: String,
    ground: String,
    statement: String,
    submitted_by: Uuid,
    submitted_by_name: String,
    submitted_at: DateTime<Utc>,
    sha256: String,
    status: String,
    ruled_by_name: Option<String>,
    ruled_at: Option<DateTime<Utc>>,
    ruling: Option<String>,
    effect: Option<String>,
    put_right: Option<String>,
    version: i64,
    frozen: String,
}

impl TryFrom<Row> for Appeal {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let status =
            Status::from_stored(&row.status).ok_or_else(|| Error::inconsistent("appeals", row.id, format!("status {}", row.status)))?;
        let put_right = row.put_right.as_deref().map(serde_json::from_str).transpose();
        let put_right = put_right.map_err(|cause| Error::inconsistent("appeals", row.id, cause))?;
        Ok(Self {
            id: row.id.into(),
            application: row.application.into(),
            application_number: row.application_number.unwrap_or_default(),
            round: row.round.into(),
            agency: row.agency.into(),
            applicant: row.applicant.into(),
            applicant_name: row.applicant_name,
            number: row.number,
            ground: row.ground,
            statement: row.statement,
            submitted_by: row.submitted_by.into(),
            submitted_by_name: row.submitted_by_name,
            submitted_at: Timestamp::new(row.submitted_at),
            sha256: row.sha256,
            status,
            ruled_by_name: row.ruled_by_name,
            ruled_at: row.ruled_at.map(Timestamp::new),
            ruling: row.ruling,
            effect: row.effect,
            put_right,
            version: row.version,
            frozen: row.frozen,
        })
    }
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT l.id, l.application, a.number AS application_number, a.round, g.agency, a.applicant, o.name AS applicant_name, l.number,
                    l.ground, l.statement, l.submitted_by, p.name AS submitted_by_name, l.submitted_at, l.sha256, l.status,
                    d.name AS ruled_by_name, l.ruled_at, l.ruling, l.effect, l.put_right, l.version, l.frozen
             FROM appeals l JOIN applications a ON a.id = l.application JOIN rounds r ON r.id = a.round JOIN programs g ON g.id = r.program
             JOIN organizations o ON o.id = a.applicant JOIN people p ON p.id = l.submitted_by LEFT JOIN people d ON d.id = l.ruled_by ",
            $condition
        )
    };
}

/// An appeal by its id.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn find(tx: &mut Tx<'_>, appeal: AppealId) -> Result<Option<Appeal>> {
    optional!(tx, Row, select!("WHERE l.id = $1"), appeal.0)?.map(Appeal::try_from).transpose()
}

/// An application's appeal.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn of_application(tx: &mut Tx<'_>, application: ApplicationId) -> Result<Option<Appeal>> {
    optional!(tx, Row, select!("WHERE l.application = $1"), application.0)?.map(Appeal::try_from).transpose()
}

/// A round's appeals, the oldest first.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn list_of(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Appeal>> {
    let rows = all!(tx, Row, select!("WHERE a.round = $1 ORDER BY l.submitted_at, l.id"), round.0)?;
    rows.into_iter().map(Appeal::try_from).collect()
}

/// Records a ruling.
///
/// # Errors
/// [`Error::Conflict`] when it no longer waits, or was changed meanwhile; the store's failure.
pub async fn record_ruling(tx: &mut Tx<'_>, appeal: &Appeal, ruling: &Ruling<'_>, seen: i64) -> Result<()> {
    let put_right = ruling.put_right.map(serde_json::to_string).transpose();
    let put_right = put_right.map_err(|cause| Error::inconsistent("appeals", appeal.id.0, cause))?;
    let changed = execute!(
        tx,
        "UPDATE appeals SET status = $2, ruled_by = $3, ruled_at = $4, ruling = $5, effect = $7, put_right = $8, version = version + 1
         WHERE id = $1 AND status = 'submitted' AND version = $6 AND submitted_by <> $3",
        appeal.id.0,
        ruling.status.as_str(),
        ruling.by.0,
        ruling.at.utc(),
        ruling.reason,
        seen,
        ruling.effect,
        put_right
    )?;
    changed_one(changed, "appeal")
}

/// Records that the appellant took it back.
///
/// # Errors
/// [`Error::Conflict`] when it no longer waits; the store's failure.
pub async fn record_withdrawal(tx: &mut Tx<'_>, appeal: AppealId) -> Result<()> {
    let changed =
        execute!(tx, "UPDATE appeals SET status = 'withdrawn', version = version + 1 WHERE id = $1 AND status = 'submitted'", appeal.0)?;
    changed_one(changed, "appeal")
}
