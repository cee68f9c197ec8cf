//! One application as staff see it, what they decide on it, and the scores they give.

use crate::db::{Tx, all, execute, optional};
use crate::error::{Error, Result, changed_one};
use chrono::{DateTime, Utc};
use domain::access::Subject;
use domain::review::{EligibilityDecision, RubricScore};
use domain::{ApplicationId, OrganizationId, PersonId, RoundId, Timestamp};
use rust_decimal::Decimal;
use uuid::Uuid;

/// A submitted (or since withdrawn) application, with the decision on its eligibility.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its id.
    pub id: ApplicationId,
    /// Its round.
    pub round: RoundId,
    /// The agency that runs the program.
    pub agency: OrganizationId,
    /// Who applies.
    pub applicant: OrganizationId,
    /// Their name.
    pub applicant_name: String,
    /// `district` or `community`.
    pub applicant_kind: String,
    /// Their federal id.
    pub nces_id: Option<String>,
    /// Their county.
    pub county: Option<String>,
    /// The regional organization that serves them, by name.
    pub region: Option<String>,
    /// The number.
    pub number: String,
    /// Whether it is handed in; else it was withdrawn.
    pub submitted: bool,
    /// Units asked for.
    pub units: i64,
    /// When it was last handed in.
    pub submitted_at: Timestamp,
    /// By whom, by name.
    pub submitted_by: String,
    /// What was submitted, canonical JSON.
    pub document: String,
    /// Its SHA-256.
    pub digest: String,
    /// The decision on its eligibility.
    pub decision: Option<Decision>,
}

impl Application {
    /// Whose record it is, for staff: the agency's. The applicant reads its own in the apply room.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        Subject { agency: Some(self.agency), owner: None }
    }
}

/// A decision on eligibility, as recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is eligible.
    pub eligible: bool,
    /// Why.
    pub reason: String,
    /// Who decided, by name.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The row's version.
    pub version: i64,
}

#[derive(sqlx::FromRow)]
struct ApplicationRow {
    id: Uuid,
    round: Uuid,
    agency: Uuid,
    applicant: Uuid,
    applicant_name: String,
    applicant_kind: String,
    nces_id: Option<String>,
    county_name: Option<String>,
    region: Option<String>,
    number: String,
    status: String,
    units: i64,
    submitted_at: DateTime<Utc>,
    submitted_by: String,
    document: String,
    digest: String,
    eligible: Option<bool>,
    reason: Option<String>,
    decided_by: Option<String>,
    decided_at: Option<DateTime<Utc>>,
    decision_version: Option<i64>,
}

impl TryFrom<ApplicationRow> for Application {
    type Error = Error;
    fn try_from(row: ApplicationRow) -> Result<Self> {
        let decision = match (row.eligible, row.reason, row.decided_by, row.decided_at, row.decision_version) {
            (Some(eligible), Some(reason), Some(by), Some(at), Some(version)) => {
                Some(Decision { eligible, reason, by, at: Timestamp::new(at), version })
            }
            (None, None, None, None, None) => None,
            _ => return Err(Error::inconsistent("eligibility_decisions", row.id, "half a decision")),
        };
        let submitted = match row.status.as_str() {
            "submitted" => true,
            "withdrawn" => false,
            other => return Err(Error::inconsistent("applications", row.id, format!("status {other} with a document"))),
        };
        Ok(Self {
            id: row.id.into(),
            round: row.round.into(),
            agency: row.agency.into(),
            applicant: row.applicant.into(),
            applicant_name: row.applicant_name,
            applicant_kind: row.applicant_kind,
            nces_id: row.nces_id,
            county: row.county_name,
            region: row.region,
            number: row.number,
            submitted,
            units: row.units,
            submitted_at: Timestamp::new(row.submitted_at),
            submitted_by: row.submitted_by,
            document: row.document,
            digest: row.digest,
            decision,
        })
    }
}

/// An application that was handed in. A draft is not found: it is its applicant's alone.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn find(tx: &mut Tx<'_>, application: ApplicationId) -> Result<Option<Application>> {
    let row = optional!(
        tx,
        ApplicationRow,
        "SELECT a.id, a.round, p.agency, a.applicant, o.name AS applicant_name, o.kind AS applicant_kind, o.nces_id, o.county_name,
                h.name AS region, a.number, a.status, a.units_requested AS units, a.submitted_at, s.name AS submitted_by, a.document, a.digest,
                e.eligible, e.reason, d.name AS decided_by, e.decided_at, e.version AS decision_version
         FROM applications a JOIN organizations o ON o.id = a.applicant
         JOIN rounds r ON r.id = a.round JOIN programs p ON p.id = r.program
         JOIN people s ON s.id = a.submitted_by
         LEFT JOIN region_members m ON m.round = a.round AND m.member = a.applicant
         LEFT JOIN organizations h ON h.id = m.region
         LEFT JOIN eligibility_decisions e ON e.application = a.id LEFT JOIN people d ON d.id = e.decided_by
         WHERE a.id = $1 AND a.status <> 'draft' AND a.number IS NOT NULL AND a.document IS NOT NULL",
        application.0
    )?;
    row.map(Application::try_from).transpose()
}

/// Records a decision. `seen` is the version of the decision that the decider had before them; none when there was none.
///
/// # Errors
/// [`Error::Conflict`] when somebody else decided meanwhile; the store's failure.
pub async fn record_decision(
    tx: &mut Tx<'_>,
    application: ApplicationId,
    decision: &EligibilityDecision,
    by: PersonId,
    at: Timestamp,
    seen: Option<i64>,
) -> Result<()> {
    let changed = match seen {
        None => execute!(
            tx,
            "INSERT INTO eligibility_decisions (application, round, eligible, reason, decided_by, decided_at, version)
             VALUES ($1, (SELECT round FROM applications WHERE id = $1), $2, $3, $4, $5, 1) ON CONFLICT (application) DO NOTHING",
            application.0,
            decision.eligible,
            decision.reason.as_str(),
            by.0,
            at.utc()
        )?,
        Some(version) => execute!(
            tx,
            "UPDATE eligibility_decisions SET eligible = $2, reason = $3, decided_by = $4, decided_at = $5, version = version + 1
             WHERE application = $1 AND version = $6",
            application.0,
            decision.eligible,
            decision.reason.as_str(),
            by.0,
            at.utc(),
            version
        )?,
    };
    changed_one(changed, "decision")
}

/// A rubric score, as recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// The application.
    pub application: ApplicationId,
    /// The criterion's key.
    pub criterion: String,
    /// The points of the chosen level.
    pub points: Decimal,
    /// Why.
    pub reason: String,
    /// Who scored, by name.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Whether it was invented for a demonstration.
    pub synthetic: bool,
    /// The row's version.
    pub version: i64,
}

#[derive(sqlx::FromRow)]
pub(crate) struct ScoreRow {
    application: Uuid,
    criterion: String,
    points: String,
    reason: String,
    scored_by: String,
    scored_at: DateTime<Utc>,
    synthetic: bool,
    version: i64,
}

impl TryFrom<ScoreRow> for Score {
    type Error = Error;
    fn try_from(row: ScoreRow) -> Result<Self> {
        Ok(Self {
            application: row.application.into(),
            points: row.points.parse().map_err(|_| Error::inconsistent("rubric_scores", row.application, "its points are no number"))?,
            criterion: row.criterion,
            reason: row.reason,
            by: row.scored_by,
            at: Timestamp::new(row.scored_at),
            synthetic: row.synthetic,
            version: row.version,
        })
    }
}

/// An application's rubric scores, by criterion.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn scores(tx: &mut Tx<'_>, application: ApplicationId) -> Result<Vec<Score>> {
    let rows = all!(
        tx,
        ScoreRow,
        "SELECT s.application, s.criterion, s.points, s.reason, p.name AS scored_by, s.scored_at, s.synthetic, s.version
         FROM rubric_scores s JOIN people p ON p.id = s.scored_by WHERE s.application = $1 ORDER BY s.criterion, s.application",
        application.0
    )?;
    rows.into_iter().map(Score::try_from).collect()
}

/// Records a score. `seen` is the version of the score that the scorer had before them; none when there was none.
///
/// # Errors
/// [`Error::Conflict`] when somebody else scored meanwhile; the store's failure.
pub async fn record_score(
    tx: &mut Tx<'_>,
    application: ApplicationId,
    score: &RubricScore,
    synthetic: bool,
    by: PersonId,
    at: Timestamp,
    seen: Option<i64>,
) -> Result<()> {
    let points = score.points.normalize().to_string();
    let changed = match seen {
        None => execute!(
            tx,
            "INSERT INTO rubric_scores (application, criterion, points, reason, scored_by, scored_at, synthetic, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 1) ON CONFLICT (application, criterion) DO NOTHING",
            application.0,
            score.criterion.as_str(),
            points,
            score.reason.as_str(),
            by.0,
            at.utc(),
            synthetic
        )?,
        Some(version) => execute!(
            tx,
            "UPDATE rubric_scores SET points = $3, reason = $4, scored_by = $5, scored_at = $6, synthetic = $7, version = version + 1
             WHERE application = $1 AND criterion = $2 AND version = $8",
            application.0,
            score.criterion.as_str(),
            points,
            score.reason.as_str(),
            by.0,
            at.utc(),
            synthetic,
            version
        )?,
    };
    changed_one(changed, "score")
}

/// An uploaded letter or agreement.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Letter {
    /// The file.
    pub id: Uuid,
    /// `support_letter` or `college_agreement`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: i64,
    /// Whether it was invented for a demonstration.
    pub synthetic: bool,
}

/// An application's letters, in the order they were uploaded.
///
/// # Errors
/// The store's failure.
pub async fn letters(tx: &mut Tx<'_>, application: ApplicationId) -> Result<Vec<Letter>> {
    Ok(all!(
        tx,
        Letter,
        "SELECT id, kind, name, bytes, synthetic FROM files WHERE application = $1 AND removed_at IS NULL ORDER BY uploaded_at, id",
        application.0
    )?)
}

/// The applications before and after one, in the order of their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Neighbours {
    /// The one before.
    pub previous: Option<Uuid>,
    /// The one after.
    pub next: Option<Uuid>,
    /// The one after without a decision, round from the start when there is none further down.
    pub undecided: Option<Uuid>,
}

/// The neighbours of a number among the round's submitted applications. The one without a decision is looked for while there is still
/// something to be decided only: where all are decided, that reads all.
///
/// # Errors
/// The store's failure.
pub async fn neighbours(tx: &mut Tx<'_>, round: RoundId, number: &str, deciding: bool) -> Result<Neighbours> {
    let row = optional!(
        tx,
        Neighbours,
        "SELECT (SELECT a.id FROM applications a WHERE a.round = $1 AND a.status = 'submitted' AND a.number < $2
                 ORDER BY a.number DESC, a.id LIMIT 1) AS previous,
                (SELECT a.id FROM applications a WHERE a.round = $1 AND a.status = 'submitted' AND a.number > $2
                 ORDER BY a.number, a.id LIMIT 1) AS next,
                CASE WHEN $3 THEN
                COALESCE((SELECT a.id FROM applications a WHERE a.round = $1 AND a.status = 'submitted' AND a.number > $2
                          AND NOT EXISTS (SELECT 1 FROM eligibility_decisions e WHERE e.application = a.id)
                          ORDER BY a.number, a.id LIMIT 1),
                         (SELECT a.id FROM applications a WHERE a.round = $1 AND a.status = 'submitted' AND a.number < $2
                          AND NOT EXISTS (SELECT 1 FROM eligibility_decisions e WHERE e.application = a.id)
                          ORDER BY a.number, a.id LIMIT 1)) END AS undecided",
        round.0,
        number,
        deciding
    )?;
    Ok(row.unwrap_or_default())
}
