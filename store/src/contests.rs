//! Contested figures: what stood, what is claimed, and the ruling. A ruling for the applicant puts a fact of the round beside it, in the
//! same transaction; the row itself keeps what stood before.

use crate::db::{Tx, all, execute, optional};
use crate::error::{Error, Result, changed_one};
use chrono::{DateTime, Utc};
use domain::access::Subject;
use domain::contest::{Claim, Ruling, State};
use domain::{ApplicationId, ContestId, FileId, OrganizationId, PersonId, RoundId, Timestamp};
use rust_decimal::Decimal;
use uuid::Uuid;

/// The figure on record when it was contested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stood {
    /// The number.
    pub value: Decimal,
    /// The year it spoke of.
    pub year: Option<i32>,
    /// The place it spoke of.
    pub place: String,
    /// Who said so.
    pub source: String,
}

/// The file handed in with a contest; its bytes lie in the files folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Its id, which is also the name of its bytes.
    pub id: FileId,
    /// The name, cleaned.
    pub name: String,
    /// What its content is.
    pub media_type: String,
    /// Its size.
    pub bytes: i64,
    /// SHA-256 of its content.
    pub sha256: String,
}

/// What was ruled, by whom and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruled {
    /// By whom, by name.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// A contest with whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contest {
    /// Its id.
    pub id: ContestId,
    /// The application.
    pub application: ApplicationId,
    /// Its number, once it was submitted.
    pub number: Option<String>,
    /// The round.
    pub round: RoundId,
    /// The agency that runs the program.
    pub agency: OrganizationId,
    /// The applicant.
    pub applicant: OrganizationId,
    /// The applicant's name.
    pub applicant_name: String,
    /// The fact's key.
    pub key: String,
    /// The figure on record then; none when there was none.
    pub stood: Option<Stood>,
    /// What is claimed.
    pub claim: Claim,
    /// The file handed in with it.
    pub evidence: Option<Evidence>,
    /// Where it stands.
    pub state: State,
    /// Who contested, by name.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The ruling.
    pub ruled: Option<Ruled>,
    /// Counts its changes.
    pub version: i64,
}

impl Contest {
    /// Whose record it is, for the access table.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        Subject { agency: Some(self.agency), owner: Some(self.applicant) }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    application: Uuid,
    number: Option<String>,
    round: Uuid,
    agency: Uuid,
    applicant: Uuid,
    applicant_name: String,
    key: String,
    stood: Option<String>,
    stood_year: Option<i64>,
    stood_place: Option<String>,
    stood_source: Option<String>,
    claimed: String,
    reason: String,
    source: String,
    evidence: Option<Uuid>,
    evidence_name: Option<String>,
    evidence_media_type: Option<String>,
    evidence_bytes: Option<i64>,
    evidence_sha256: Option<String>,
    state: String,
    contested_by_name: String,
    contested_at: DateTime<Utc>,
    ruled_by_name: Option<String>,
    ruled_at: Option<DateTime<Utc>>,
    ruling: Option<String>,
    version: i64,
}

impl TryFrom<Row> for Contest {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let wrong = |problem: String| Error::inconsistent("fact_contests", row.id, problem);
        let number = |text: &str| text.parse::<Decimal>().map_err(|_| wrong(format!("figure {text}")));
        let stood = match &row.stood {
            None => None,
            Some(text) => Some(Stood {
                value: number(text)?,
                year: row.stood_year.map(i32::try_from).transpose().map_err(|_| wrong("year out of range".to_owned()))?,
                place: row.stood_place.unwrap_or_default(),
                source: row.stood_source.unwrap_or_default(),
            }),
        };
        let evidence = match (row.evidence, row.evidence_name, row.evidence_media_type, row.evidence_bytes, row.evidence_sha256) {
            (Some(id), Some(name), Some(media_type), Some(bytes), Some(sha256)) => {
                Some(Evidence { id: id.into(), name, media_type, bytes, sha256 })
            }
            _ => None,
        };
        let ruled = match (row.ruled_by_name, row.ruled_at, row.ruling) {
            (Some(by), Some(at), Some(reason)) => Some(Ruled { by, at: Timestamp::new(at), reason }),
            _ => None,
        };
        let state = State::from_stored(&row.state).ok_or_else(|| wrong(format!("state {}", row.state)))?;
        let claim = Claim { value: number(&row.claimed)?, reason: row.reason, source: row.source };
        Ok(Self {
            id: row.id.into(),
            application: row.application.into(),
            number: row.number,
            round: row.round.into(),
            agency: row.agency.into(),
            applicant: row.applicant.into(),
            applicant_name: row.applicant_name,
            key: row.key,
            stood,
            claim,
            evidence,
            state,
            by: row.contested_by_name,
            at: Timestamp::new(row.contested_at),
            ruled,
            version: row.version,
        })
    }
}

/// The one SELECT of contests, with the rest of the statement.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.application, a.number, c.round, p.agency, a.applicant, o.name AS applicant_name, c.key, c.stood, c.stood_year,
                    c.stood_place, c.stood_source, c.claimed, c.reason, c.source, c.evidence, c.evidence_name, c.evidence_media_type, c.evidence_bytes,
                    c.evidence_sha256, c.state, b.name AS contested_by_name, c.contested_at, r.name AS ruled_by_name, c.ruled_at, c.ruling,
                    c.version
             FROM fact_contests c JOIN applications a ON a.id = c.application JOIN organizations o ON o.id = a.applicant
             JOIN rounds n ON n.id = c.round JOIN programs p ON p.id = n.program
             JOIN people b ON b.id = c.contested_by LEFT JOIN people r ON r.id = c.ruled_by ",
            $rest
        )
    };
}

/// A contest.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn find(tx: &mut Tx<'_>, id: ContestId) -> Result<Option<Contest>> {
    optional!(tx, Row, select!("WHERE c.id = $1"), id.0)?.map(Contest::try_from).transpose()
}

/// An application's contests, the latest first.
///
/// # Errors
/// As [`find`].
pub async fn list_of(tx: &mut Tx<'_>, application: ApplicationId) -> Result<Vec<Contest>> {
    let rows = all!(tx, Row, select!("WHERE c.application = $1 ORDER BY c.contested_at DESC, c.id"), application.0)?;
    rows.into_iter().map(Contest::try_from).collect()
}

/// A round's contests that staff may see – those of applications handed in and of drafts alike, since a figure can be put right while
/// the applicant still writes –, the open ones first, each group by time.
///
/// # Errors
/// As [`find`].
pub async fn list_of_round(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Contest>> {
    let rows =
        all!(tx, Row, select!("WHERE c.round = $1 ORDER BY CASE WHEN c.state = 'open' THEN 0 ELSE 1 END, c.contested_at, c.id"), round.0)?;
    rows.into_iter().map(Contest::try_from).collect()
}

/// A contest about to be recorded.
#[derive(Clone, Debug)]
pub struct NewContest {
    /// Minted with the form.
    pub id: ContestId,
    /// The application.
    pub application: ApplicationId,
    /// Its round.
    pub round: RoundId,
    /// The fact's key.
    pub key: String,
    /// The figure on record.
    pub stood: Option<Stood>,
    /// What is claimed.
    pub claim: Claim,
    /// The file handed in with it, whose bytes are stored.
    pub evidence: Option<Evidence>,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// Records a contest.
///
/// # Errors
/// The store's failure; a unique violation when the figure has an open one, or the id is there.
pub async fn add(tx: &mut Tx<'_>, new: &NewContest) -> Result<()> {
    let (stood, evidence) = (new.stood.as_ref(), new.evidence.as_ref());
    execute!(
        tx,
        "INSERT INTO fact_contests (id, application, round, key, stood, stood_year, stood_place, stood_source, claimed, reason, source,
                                    evidence, evidence_name, evidence_media_type, evidence_bytes, evidence_sha256, state, contested_by, contested_at,
                                    version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'open', $17, $18, 1)",
        new.id.0,
        new.application.0,
        new.round.0,
        new.key.as_str(),
        stood.map(|stood| stood.value.normalize().to_string()),
        stood.and_then(|stood| stood.year).map(i64::from),
        stood.map(|stood| stood.place.as_str()),
        stood.map(|stood| stood.source.as_str()),
        new.claim.value.normalize().to_string(),
        new.claim.reason.as_str(),
        new.claim.source.as_str(),
        evidence.map(|evidence| evidence.id.0),
        evidence.map(|evidence| evidence.name.as_str()),
        evidence.map(|evidence| evidence.media_type.as_str()),
        evidence.map(|evidence| evidence.bytes),
        evidence.map(|evidence| evidence.sha256.as_str()),
        new.by.0,
        new.at.utc()
    )?;
    Ok(())
}

/// Records a ruling over the version that was seen.
///
/// # Errors
/// [`Error::Conflict`] when it is not open any more or was changed meanwhile; the store's failure, also when the ruler is the one who
/// contested.
pub async fn record_ruling(tx: &mut Tx<'_>, id: ContestId, ruling: &Ruling, by: PersonId, at: Timestamp, seen: i64) -> Result<()> {
    let state = if ruling.upheld { State::Upheld } else { State::Dismissed };
    let changed = execute!(
        tx,
        "UPDATE fact_contests SET state = $2, ruled_by = $3, ruled_at = $4, ruling = $5, version = version + 1
         WHERE id = $1 AND state = 'open' AND version = $6",
        id.0,
        state.as_str(),
        by.0,
        at.utc(),
        ruling.reason.as_str(),
        seen
    )?;
    changed_one(changed, "contest")
}

/// Records that the applicant took it back.
///
/// # Errors
/// [`Error::Conflict`] when it is not open any more.
pub async fn record_withdrawal(tx: &mut Tx<'_>, id: ContestId) -> Result<()> {
    let changed =
        execute!(tx, "UPDATE fact_contests SET state = 'withdrawn', version = version + 1 WHERE id = $1 AND state = 'open'", id.0)?;
    changed_one(changed, "contest")
}
