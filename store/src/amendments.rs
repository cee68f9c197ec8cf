//! Amendments of a round's rules, and what they touch: who has applied, which scores are void, whom to tell. Decided ones never change.

mod touched;

pub use touched::{Latest, ToTell, Void, applied, latest_for, people_to_tell, scored, void_scores};

use crate::db::{Tx, all, execute, optional};
use crate::error::{Error, Result, changed_one};
use chrono::{DateTime, Utc};
use domain::amendment::{Late, Stage};
use domain::{AmendmentId, PersonId, ProgramVersionId, RoundId, Timestamp};
use uuid::Uuid;

/// An amendment to propose.
#[derive(Clone, Debug)]
pub struct NewAmendment {
    /// Its id, minted with the form.
    pub id: AmendmentId,
    /// Its round.
    pub round: RoundId,
    /// The file that it amends.
    pub base: ProgramVersionId,
    /// The file that it makes of it.
    pub file: ProgramVersionId,
    /// The authority it rests on.
    pub citation: String,
    /// Why.
    pub reason: String,
    /// What the applicants are told.
    pub notice: String,
    /// Whether it was invented for a demonstration.
    pub synthetic: bool,
    /// Who proposes.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// Proposes an amendment.
///
/// # Errors
/// A unique violation when one of the round waits already; the store's failure.
pub async fn add(tx: &mut Tx<'_>, new: &NewAmendment) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO amendments (id, round, base, program_version, status, proposed_by, proposed_at, synthetic, version, citation, reason, notice)
         VALUES ($1, $2, $3, $4, 'proposed', $5, $6, $7, 1, $8, $9, $10)",
        new.id.0,
        new.round.0,
        new.base.0,
        new.file.0,
        new.by.0,
        new.at.utc(),
        new.synthetic,
        new.citation.as_str(),
        new.reason.as_str(),
        new.notice.as_str()
    )?;
    Ok(())
}

/// An amendment with the files and people it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// Its id.
    pub id: AmendmentId,
    /// Its round.
    pub round: RoundId,
    /// The file that it amends.
    pub base: ProgramVersionId,
    /// SHA-256 of that file's canonical form.
    pub base_sha256: String,
    /// The file that it makes of it.
    pub file: ProgramVersionId,
    /// SHA-256 of that file's canonical form.
    pub sha256: String,
    /// Where it stands.
    pub stage: Stage,
    /// The version of the rules that it is; none before it is approved.
    pub number: Option<i64>,
    /// Whether it came late; known when it is approved.
    pub late: Option<Late>,
    /// Who proposed it.
    pub proposed_by: PersonId,
    /// By name.
    pub proposed_by_name: String,
    /// When.
    pub proposed_at: Timestamp,
    /// Who approved or returned it.
    pub decided_by: Option<PersonId>,
    /// By name.
    pub decided_by_name: Option<String>,
    /// When; approved, it is in force from then on.
    pub decided_at: Option<Timestamp>,
    /// Why it was returned.
    pub decision_reason: Option<String>,
    /// Whether it was invented for a demonstration.
    pub synthetic: bool,
    /// The row's version.
    pub version: i64,
    /// The authority it rests on.
    pub citation: String,
    /// Why.
    pub reason: String,
    /// What the applicants are told.
    pub notice: String,
}

#[derive(sqlx::FromRow)]
struct AmendmentRow {
    id: Uuid,
    round: Uuid,
    base: Uuid,
    base_sha256: String,
    program_version: Uuid,
    sha256: String,
    status: String,
    number: Option<i64>,
    late: Option<String>,
    proposed_by: Uuid,
    proposed_by_name: String,
    proposed_at: DateTime<Utc>,
    decided_by: Option<Uuid>,
    decided_by_name: Option<String>,
    decided_at: Option<DateTime<Utc>>,
    decision_reason: Option<String>,
    synthetic: bool,
    version: i64,
    citation: String,
    reason: String,
    notice: String,
}

impl TryFrom<AmendmentRow> for Amendment {
    type Error = Error;

    fn try_from(row: AmendmentRow) -> Result<Self> {
        let unknown = |word: &str| Error::inconsistent("amendments", row.id, format!("“{word}” is no known word"));
        let stage = Stage::from_stored(&row.status).ok_or_else(|| unknown(&row.status))?;
        let late = row.late.as_deref().map(|word| Late::from_stored(word).ok_or_else(|| unknown(word))).transpose()?;
        Ok(Self {
            id: row.id.into(),
            round: row.round.into(),
            base: row.base.into(),
            base_sha256: row.base_sha256,
            file: row.program_version.into(),
            sha256: row.sha256,
            stage,
            number: row.number,
            late,
            proposed_by: row.proposed_by.into(),
            proposed_by_name: row.proposed_by_name,
            proposed_at: Timestamp::new(row.proposed_at),
            decided_by: row.decided_by.map(PersonId),
            decided_by_name: row.decided_by_name,
            decided_at: row.decided_at.map(Timestamp::new),
            decision_reason: row.decision_reason,
            synthetic: row.synthetic,
            version: row.version,
            citation: row.citation,
            reason: row.reason,
            notice: row.notice,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT n.id, n.round, n.base, b.sha256 AS base_sha256, n.program_version, v.sha256, n.status, n.number, n.late, n.proposed_by,
                    p.name AS proposed_by_name, n.proposed_at, n.decided_by, d.name AS decided_by_name, n.decided_at, n.decision_reason,
                    n.synthetic, n.version, n.citation, n.reason, n.notice
             FROM amendments n JOIN program_versions b ON b.id = n.base JOIN program_versions v ON v.id = n.program_version
             JOIN people p ON p.id = n.proposed_by LEFT JOIN people d ON d.id = n.decided_by ",
            $rest
        )
    };
}

/// An amendment by its id.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn find(tx: &mut Tx<'_>, id: AmendmentId) -> Result<Option<Amendment>> {
    optional!(tx, AmendmentRow, select!("WHERE n.id = $1"), id.0)?.map(Amendment::try_from).transpose()
}

/// A round's amendments, the latest first.
///
/// # Errors
/// As [`find`].
pub async fn list_of(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Amendment>> {
    let rows = all!(tx, AmendmentRow, select!("WHERE n.round = $1 ORDER BY n.proposed_at DESC, n.id DESC"), round.0)?;
    rows.into_iter().map(Amendment::try_from).collect()
}

/// The amendments that made the versions of a round's rules, from version 2.
///
/// # Errors
/// As [`find`].
pub async fn approved_of(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Amendment>> {
    let rows = all!(tx, AmendmentRow, select!("WHERE n.round = $1 AND n.status = 'approved' ORDER BY n.number, n.id"), round.0)?;
    rows.into_iter().map(Amendment::try_from).collect()
}

/// Every amendment that waits for approval, the oldest first.
///
/// # Errors
/// As [`find`].
pub async fn waiting(tx: &mut Tx<'_>) -> Result<Vec<Amendment>> {
    let rows = all!(tx, AmendmentRow, select!("WHERE n.status = 'proposed' ORDER BY n.proposed_at, n.id"))?;
    rows.into_iter().map(Amendment::try_from).collect()
}

/// The program file of a version of a round's rules, from 1; none when there is no such version.
///
/// # Errors
/// The store's failure.
pub async fn file_of_version(tx: &mut Tx<'_>, round: RoundId, version: i64) -> Result<Option<ProgramVersionId>> {
    let row = optional!(
        tx,
        (Uuid,),
        "SELECT n.program_version FROM amendments n WHERE n.round = $1 AND n.number = $2
         UNION ALL SELECT n.base FROM amendments n WHERE n.round = $1 AND n.number = 2 AND $2 = 1
         UNION ALL SELECT r.program_version FROM rounds r WHERE r.id = $1 AND r.rules_version = 1 AND $2 = 1",
        round.0,
        version
    )?;
    Ok(row.map(|(file,)| file.into()))
}

/// Records an approval. The guard says again what the domain decided: still proposed, as seen, by somebody else.
///
/// # Errors
/// [`Error::Conflict`] when the guard does not hold; the store's failure.
pub async fn record_approval(
    tx: &mut Tx<'_>,
    amendment: &Amendment,
    number: u32,
    late: Option<Late>,
    by: PersonId,
    at: Timestamp,
    seen: i64,
) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE amendments SET status = 'approved', number = $2, late = $3, decided_by = $4, decided_at = $5, version = version + 1
         WHERE id = $1 AND status = 'proposed' AND version = $6 AND proposed_by <> $4
         AND base = (SELECT r.program_version FROM rounds r WHERE r.id = amendments.round)",
        amendment.id.0,
        i64::from(number),
        late.map(Late::as_str),
        by.0,
        at.utc(),
        seen
    )?;
    changed_one(changed, "amendment")
}

/// Records that an amendment was returned, with the reason.
///
/// # Errors
/// [`Error::Conflict`] when it is no longer proposed, or changed meanwhile; the store's failure.
pub async fn record_return(tx: &mut Tx<'_>, id: AmendmentId, by: PersonId, at: Timestamp, reason: &str, seen: i64) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE amendments SET status = 'returned', decided_by = $2, decided_at = $3, decision_reason = $4, version = version + 1
         WHERE id = $1 AND status = 'proposed' AND version = $5",
        id.0,
        by.0,
        at.utc(),
        reason,
        seen
    )?;
    changed_one(changed, "amendment")
}
