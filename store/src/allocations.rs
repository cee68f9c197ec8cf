//! Allocations: money laid down a frozen ranking, proposed by one person and approved or returned by another. The document is the canonical
//! JSON of [`domain::allocation::AllocationDocument`]. One round has one live allocation; a returned one stays on record.

use crate::db::{Tx, all, execute, optional};
use crate::error::{Error, Result, changed_one};
use chrono::{DateTime, Utc};
use domain::allocation::AllocationDocument;
use domain::canonical::{canonical, sha256_hex};
use domain::{AllocationId, AppropriationId, PersonId, RankingId, RoundId, Timestamp};
use uuid::Uuid;

/// An allocation to propose.
#[derive(Clone, Debug)]
pub struct NewAllocation<'a> {
    /// Its id, minted with the form.
    pub id: AllocationId,
    /// Its round.
    pub round: RoundId,
    /// The frozen ranking it goes down.
    pub ranking: RankingId,
    /// The money.
    pub appropriation: AppropriationId,
    /// The steps.
    pub document: &'a AllocationDocument,
    /// Who proposes it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// Proposes an allocation.
///
/// # Errors
/// A unique violation when the round has a live one already; a check violation when more is granted than the pot holds.
pub async fn add(tx: &mut Tx<'_>, allocation: &NewAllocation<'_>) -> Result<()> {
    let text = canonical(allocation.document).map_err(|cause| Error::inconsistent("allocations", allocation.id, cause))?;
    let sha256 = sha256_hex(text.as_bytes());
    execute!(
        tx,
        "INSERT INTO allocations (id, round, ranking, appropriation, pot_cents, granted_cents, line, document, sha256, status, proposed_by,
                                  proposed_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'proposed', $10, $11, 1)",
        allocation.id.0,
        allocation.round.0,
        allocation.ranking.0,
        allocation.appropriation.0,
        allocation.document.pot.in_cents(),
        allocation.document.result.granted.in_cents(),
        allocation.document.result.line.map(i64::from),
        text,
        sha256,
        allocation.by.0,
        allocation.at.utc()
    )?;
    Ok(())
}

/// An allocation as recorded.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Allocation {
    /// Its id.
    pub id: Uuid,
    /// Its round.
    pub round: Uuid,
    /// The ranking it goes down.
    pub ranking: Uuid,
    /// The money.
    pub appropriation: Uuid,
    /// The document, byte for byte.
    pub document: String,
    /// Its SHA-256.
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
    /// Who froze the ranking.
    pub frozen_by: Uuid,
    /// The row's version.
    pub version: i64,
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT l.id, l.round, l.ranking, l.appropriation, l.document, l.sha256, l.status, l.proposed_by, p.name AS proposed_by_name,
                    l.proposed_at, l.decided_by, d.name AS decided_by_name, l.decided_at, l.decision_reason, k.frozen_by, l.version
             FROM allocations l JOIN rankings k ON k.id = l.ranking JOIN people p ON p.id = l.proposed_by
             LEFT JOIN people d ON d.id = l.decided_by ",
            $condition
        )
    };
}

/// A round's allocation that was not returned, without its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Live {
    /// Its id.
    pub id: AllocationId,
    /// The lowest place that gets anything.
    pub line: Option<i64>,
    /// Whether it is approved, not only proposed.
    pub approved: bool,
}

/// A round's allocation that was not returned.
///
/// # Errors
/// The store's failure.
pub async fn live(tx: &mut Tx<'_>, round: RoundId) -> Result<Option<Live>> {
    let row = optional!(
        tx,
        (Uuid, Option<i64>, bool),
        "SELECT id, line, status = 'approved' FROM allocations WHERE round = $1 AND status <> 'returned'",
        round.0
    )?;
    Ok(row.map(|(id, line, approved)| Live { id: id.into(), line, approved }))
}

/// An allocation by its id.
///
/// # Errors
/// The store's failure.
pub async fn find(tx: &mut Tx<'_>, allocation: AllocationId) -> Result<Option<Allocation>> {
    Ok(optional!(tx, Allocation, select!("WHERE l.id = $1"), allocation.0)?)
}

/// A round's allocations, the live one (if any) first, then the returned ones, the latest first.
///
/// # Errors
/// The store's failure.
pub async fn list_of(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Allocation>> {
    Ok(all!(
        tx,
        Allocation,
        select!("WHERE l.round = $1 ORDER BY CASE WHEN l.status = 'returned' THEN 1 ELSE 0 END, l.proposed_at DESC, l.id"),
        round.0
    )?)
}

/// Records an approval. The guard says again what the domain decided: still proposed, as seen, and by somebody who neither proposed it
/// nor froze the ranking.
///
/// # Errors
/// [`Error::Conflict`] when the guard does not hold; the store's failure.
pub async fn record_approval(tx: &mut Tx<'_>, allocation: AllocationId, by: PersonId, at: Timestamp, seen: i64) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE allocations SET status = 'approved', decided_by = $2, decided_at = $3, version = version + 1
         WHERE id = $1 AND status = 'proposed' AND version = $4 AND proposed_by <> $2
         AND NOT EXISTS (SELECT 1 FROM rankings k WHERE k.id = allocations.ranking AND k.frozen_by = $2)",
        allocation.0,
        by.0,
        at.utc(),
        seen
    )?;
    changed_one(changed, "allocation")
}

/// Records that an allocation was returned, with the reason.
///
/// # Errors
/// [`Error::Conflict`] when it is no longer proposed, or changed meanwhile; the store's failure.
pub async fn record_return(tx: &mut Tx<'_>, allocation: AllocationId, by: PersonId, at: Timestamp, reason: &str, seen: i64) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE allocations SET status = 'returned', decided_by = $2, decided_at = $3, decision_reason = $4, version = version + 1
         WHERE id = $1 AND status = 'proposed' AND version = $5",
        allocation.0,
        by.0,
        at.utc(),
        reason,
        seen
    )?;
    changed_one(changed, "allocation")
}
