//! What an amendment touches: who has applied, which scores are void, whom to tell.

use crate::db::{Tx, all, execute, one, optional};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::access::Role;
use domain::amendment::Applied;
use domain::program::ApplicantKind;
use domain::{ApplicationId, RoundId, Timestamp};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct AppliedRow {
    name: String,
    kind: String,
    nces_id: Option<String>,
    county_fips: Option<String>,
    units: Option<i64>,
    answers: Option<String>,
}

impl AppliedRow {
    fn read(self) -> Result<Applied> {
        let kind = [ApplicantKind::District, ApplicantKind::Community].into_iter().find(|kind| kind.as_str() == self.kind);
        let kind = kind.ok_or_else(|| Error::inconsistent("organizations", &self.name, "it applies, and is no applicant"))?;
        let answers = self.answers.as_deref().and_then(|text| serde_json::from_str::<domain::answers::SectionAnswers>(text).ok());
        let drafted = answers.and_then(|answers| answers.get("seats")?.parse().ok());
        Ok(Applied { name: self.name, kind, district: self.nces_id, county: self.county_fips, units: self.units.max(drafted) })
    }
}

/// Who has a draft that can still be submitted, or an application, with the most units that either asks for.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn applied(tx: &mut Tx<'_>, round: RoundId, now: Timestamp) -> Result<Vec<Applied>> {
    let rows = all!(
        tx,
        AppliedRow,
        "SELECT o.name, o.kind, o.nces_id, o.county_fips, a.units_requested AS units, s.answers
         FROM applications a JOIN organizations o ON o.id = a.applicant JOIN rounds r ON r.id = a.round
         LEFT JOIN application_sections s ON s.application = a.id AND s.section = 'coaches'
         WHERE a.round = $1 AND (a.status = 'submitted' OR r.closes_at >= $2) ORDER BY o.name, o.id",
        round.0,
        now.utc()
    )?;
    rows.into_iter().map(AppliedRow::read).collect()
}

/// Whether any application of the round has a score that counts: a staff member's, or a review handed in once.
///
/// # Errors
/// The store's failure.
pub async fn scored(tx: &mut Tx<'_>, round: RoundId) -> Result<bool> {
    let (scored,) = one!(
        tx,
        (bool,),
        "SELECT EXISTS (SELECT 1 FROM rubric_scores s JOIN applications a ON a.id = s.application WHERE a.round = $1)
             OR EXISTS (SELECT 1 FROM panel_reviews v WHERE v.round = $1 AND v.practice = FALSE AND v.handed_in_at IS NOT NULL)",
        round.0
    )?;
    Ok(scored)
}

/// A staff score that an amendment made void.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Void {
    /// The application.
    pub application: Uuid,
    /// Its number.
    pub number: Option<String>,
    /// The points that were given, an exact decimal.
    pub points: String,
    /// The reason that was given.
    pub reason: String,
    /// Who scored.
    pub scored_by: Uuid,
}

/// Takes a criterion's staff scores away from a round and gives them back, for the events that keep them.
///
/// # Errors
/// The store's failure.
pub async fn void_scores(tx: &mut Tx<'_>, round: RoundId, criterion: &str) -> Result<Vec<Void>> {
    let void = all!(
        tx,
        Void,
        "SELECT s.application, a.number, s.points, s.reason, s.scored_by
         FROM rubric_scores s JOIN applications a ON a.id = s.application
         WHERE a.round = $1 AND s.criterion = $2 ORDER BY a.number, s.application",
        round.0,
        criterion
    )?;
    execute!(
        tx,
        "DELETE FROM rubric_scores WHERE criterion = $2 AND application IN (SELECT a.id FROM applications a WHERE a.round = $1)",
        round.0,
        criterion
    )?;
    Ok(void)
}

/// A person of an applicant, to be told.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ToTell {
    /// The application.
    pub application: Uuid,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
}

/// The preparers and certifiers of every applicant with a draft or a submitted application, each once for each application.
///
/// # Errors
/// The store's failure.
pub async fn people_to_tell(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<ToTell>> {
    Ok(all!(
        tx,
        ToTell,
        "SELECT DISTINCT a.id AS application, p.name, p.email
         FROM applications a JOIN memberships m ON m.organization = a.applicant AND m.ended_at IS NULL AND m.role IN ($2, $3)
         JOIN people p ON p.id = m.person AND p.disabled_at IS NULL
         WHERE a.round = $1 AND a.status IN ('draft', 'submitted') ORDER BY a.id, p.email, p.name",
        round.0,
        Role::Preparer.as_str(),
        Role::Certifier.as_str()
    )?)
}

/// What an applicant reads of the latest amendment of the round it applied in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    /// The round.
    pub round: RoundId,
    /// The version of the rules since.
    pub number: i64,
    /// Since when.
    pub at: Timestamp,
    /// What applicants are told.
    pub notice: String,
}

#[derive(sqlx::FromRow)]
struct LatestRow {
    round: Uuid,
    number: i64,
    at: DateTime<Utc>,
    notice: String,
}

impl From<LatestRow> for Latest {
    fn from(row: LatestRow) -> Self {
        Self { round: row.round.into(), number: row.number, at: Timestamp::new(row.at), notice: row.notice }
    }
}

/// The latest amendment of an application's round, if there was one.
///
/// # Errors
/// The store's failure.
pub async fn latest_for(tx: &mut Tx<'_>, application: ApplicationId) -> Result<Option<Latest>> {
    let row = optional!(
        tx,
        LatestRow,
        "SELECT n.round, n.number, n.decided_at AS at, n.notice FROM applications a JOIN amendments n ON n.round = a.round
         WHERE a.id = $1 AND n.status = 'approved' ORDER BY n.number DESC, n.id LIMIT 1",
        application.0
    )?;
    Ok(row.map(Latest::from))
}
