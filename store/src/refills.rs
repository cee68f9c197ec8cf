//! Money laid out again by the same rules: to the waiting list, or for an appeal that was upheld. Proposed by one person, approved or returned
//! by another. The document is the canonical JSON of [`domain::allocation::AllocationDocument`].

use crate::db::{Tx, all, execute, optional};
use crate::error::{Error, Result, changed_one};
use chrono::{DateTime, Utc};
use domain::allocation::AllocationDocument;
use domain::canonical::{canonical, sha256_hex};
use domain::{AllocationId, AppealId, AppropriationId, PersonId, RefillId, RoundId, Timestamp};
use uuid::Uuid;

/// A refill to propose.
#[derive(Clone, Debug)]
pub struct NewRefill<'a> {
    /// Its id, minted with the form.
    pub id: RefillId,
    /// Its round.
    pub round: RoundId,
    /// The approved allocation that it follows.
    pub allocation: AllocationId,
    /// The appeal that it is for; none: the waiting list.
    pub appeal: Option<AppealId>,
    /// The later fiscal year's appropriation, where it continues awards; none: what pays for the round.
    pub appropriation: Option<AppropriationId>,
    /// The steps.
    pub document: &'a AllocationDocument,
    /// Who proposes it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// Proposes a refill.
///
/// # Errors
/// A unique violation when the round has one for its waiting list that waits, or the appeal has one; a check violation when nothing is granted.
pub async fn add(tx: &mut Tx<'_>, refill: &NewRefill<'_>) -> Result<()> {
    let text = canonical(refill.document).map_err(|cause| Error::inconsistent("refills", refill.id, cause))?;
    let sha256 = sha256_hex(text.as_bytes());
    execute!(
        tx,
        "INSERT INTO refills (id, round, allocation, appeal, pot_cents, granted_cents, sha256, status, proposed_by, proposed_at, version, document,
           appropriation)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'proposed', $8, $9, 1, $10, $11)",
        refill.id.0,
        refill.round.0,
        refill.allocation.0,
        refill.appeal.map(|appeal| appeal.0),
        refill.document.pot.in_cents(),
        refill.document.result.granted.in_cents(),
        sha256,
        refill.by.0,
        refill.at.utc(),
        text,
        refill.appropriation.map(|appropriation| appropriation.0)
    )?;
    Ok(())
}

/// A refill as recorded.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Refill {
    /// Its id.
    pub id: Uuid,
    /// Its round.
    pub round: Uuid,
    /// The allocation that it follows.
    pub allocation: Uuid,
    /// The appeal that it is for; none: the waiting list.
    pub appeal: Option<Uuid>,
    /// The later fiscal year's appropriation, where it continues awards.
    pub appropriation: Option<Uuid>,
    /// What it grants, in cents.
    pub granted_cents: i64,
    /// SHA-256 of the document.
    pub sha256: String,
    /// `proposed`, `approved` or `returned`.
    pub status: String,
    /// Who proposed it.
    pub proposed_by: Uuid,
    /// By name.
    pub proposed_by_name: String,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Who decided.
    pub decided_by: Option<Uuid>,
    /// By name.
    pub decided_by_name: Option<String>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// The reason given.
    pub decision_reason: Option<String>,
    /// The row's version.
    pub version: i64,
    /// The document, byte for byte.
    pub document: String,
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT f.id, f.round, f.allocation, f.appeal, f.appropriation, f.granted_cents, f.sha256, f.status, f.proposed_by, p.name AS proposed_by_name,
                    f.proposed_at, f.decided_by, d.name AS decided_by_name, f.decided_at, f.decision_reason, f.version, f.document
             FROM refills f JOIN people p ON p.id = f.proposed_by LEFT JOIN people d ON d.id = f.decided_by ",
            $condition
        )
    };
}

/// A refill by its id.
///
/// # Errors
/// The store's failure.
pub async fn find(tx: &mut Tx<'_>, refill: RefillId) -> Result<Option<Refill>> {
    Ok(optional!(tx, Refill, select!("WHERE f.id = $1"), refill.0)?)
}

/// A round's refills, the latest first.
///
/// # Errors
/// The store's failure.
pub async fn list_of(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Refill>> {
    Ok(all!(tx, Refill, select!("WHERE f.round = $1 ORDER BY f.proposed_at DESC, f.id"), round.0)?)
}

/// Records an approval. The guard says again what the domain decided: still proposed, as seen, by somebody who neither proposed it nor froze
/// the ranking.
///
/// # Errors
/// [`Error::Conflict`] when the guard does not hold; the store's failure.
pub async fn record_approval(tx: &mut Tx<'_>, refill: RefillId, by: PersonId, at: Timestamp, seen: i64) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE refills SET status = 'approved', decided_by = $2, decided_at = $3, version = version + 1
         WHERE id = $1 AND status = 'proposed' AND version = $4 AND proposed_by <> $2
         AND NOT EXISTS (SELECT 1 FROM rankings k WHERE k.round = refills.round AND k.frozen_by = $2)",
        refill.0,
        by.0,
        at.utc(),
        seen
    )?;
    changed_one(changed, "proposal")
}

/// Records that a refill was returned, with the reason.
///
/// # Errors
/// [`Error::Conflict`] when it is no longer proposed, or changed meanwhile; the store's failure.
pub async fn record_return(tx: &mut Tx<'_>, refill: RefillId, by: PersonId, at: Timestamp, reason: &str, seen: i64) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE refills SET status = 'returned', decided_by = $2, decided_at = $3, decision_reason = $4, version = version + 1
         WHERE id = $1 AND status = 'proposed' AND version = $5",
        refill.0,
        by.0,
        at.utc(),
        reason,
        seen
    )?;
    changed_one(changed, "proposal")
}
