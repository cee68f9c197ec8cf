//! Approvals of an allocation, step by step, and what each person has done towards a round's decision. Only added.

use crate::db::{Tx, all, execute, one};
use crate::error::{Result, changed_one};
use chrono::{DateTime, Utc};
use domain::approval::{ApprovalStep, Hands};
use domain::{AllocationId, PersonId, RoundId, Timestamp};
use uuid::Uuid;

/// A step that was signed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Approval {
    /// The allocation.
    pub allocation: Uuid,
    /// Which step, from 1.
    pub step: i64,
    /// As the program file calls it.
    pub name: String,
    /// The role that signed.
    pub role: String,
    /// Who.
    pub approved_by: Uuid,
    /// By name.
    pub approved_by_name: String,
    /// When.
    pub approved_at: DateTime<Utc>,
}

/// The steps signed of all of a round's allocations, in their order.
///
/// # Errors
/// The store's failure.
pub async fn list_of_round(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Approval>> {
    Ok(all!(
        tx,
        Approval,
        "SELECT v.allocation, v.step, v.name, v.role, v.approved_by, p.name AS approved_by_name, v.approved_at
         FROM approvals v JOIN allocations l ON l.id = v.allocation JOIN people p ON p.id = v.approved_by
         WHERE l.round = $1 ORDER BY v.allocation, v.step",
        round.0
    )?)
}

/// A step to sign.
#[derive(Clone, Debug)]
pub struct NewApproval<'a> {
    /// The allocation.
    pub allocation: AllocationId,
    /// Which step, from 1.
    pub number: i64,
    /// The step.
    pub step: &'a ApprovalStep,
    /// Who signs.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// Signs a step of a proposal as it was seen. The guard says again what the domain decided: still proposed, the step before it signed, by
/// somebody who neither proposed it nor froze the ranking.
///
/// # Errors
/// [`crate::Error::Conflict`] when the guard does not hold; a unique violation when the person or the step has signed.
pub async fn record(tx: &mut Tx<'_>, approval: &NewApproval<'_>, seen: i64) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE allocations SET version = version + 1
         WHERE id = $1 AND status = 'proposed' AND version = $3 AND proposed_by <> $2
         AND NOT EXISTS (SELECT 1 FROM rankings k WHERE k.id = allocations.ranking AND k.frozen_by = $2)
         AND (SELECT count(*) FROM approvals v WHERE v.allocation = $1) = $4",
        approval.allocation.0,
        approval.by.0,
        seen,
        approval.number - 1
    )?;
    changed_one(changed, "allocation")?;
    execute!(
        tx,
        "INSERT INTO approvals (allocation, step, name, role, approved_by, approved_at) VALUES ($1, $2, $3, $4, $5, $6)",
        approval.allocation.0,
        approval.number,
        approval.step.name.as_str(),
        approval.step.role.as_str(),
        approval.by.0,
        approval.at.utc()
    )?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct HandsRow {
    proposed: bool,
    ranked: bool,
    scored: bool,
    screened: bool,
    approved: bool,
}

/// What a person has done towards a round's live decision. Who proposed or approved a returned allocation may approve the next one. Ties are
/// no deeds: whoever asks for them looks at [`crate::panels::parts_of`].
///
/// # Errors
/// The store's failure.
pub async fn hands(tx: &mut Tx<'_>, round: RoundId, person: PersonId) -> Result<Hands> {
    let row = one!(
        tx,
        HandsRow,
        "SELECT EXISTS (SELECT 1 FROM allocations l WHERE l.round = $1 AND l.status <> 'returned' AND l.proposed_by = $2) AS proposed,
                EXISTS (SELECT 1 FROM rankings k WHERE k.round = $1 AND k.frozen_by = $2) AS ranked,
                EXISTS (SELECT 1 FROM rubric_scores s JOIN applications a ON a.id = s.application
                        WHERE a.round = $1 AND s.scored_by = $2)
                    OR EXISTS (SELECT 1 FROM panel_reviews w WHERE w.round = $1 AND w.person = $2 AND w.practice = FALSE
                               AND w.handed_in_at IS NOT NULL) AS scored,
                EXISTS (SELECT 1 FROM eligibility_decisions e WHERE e.round = $1 AND e.decided_by = $2)
                    OR EXISTS (SELECT 1 FROM fact_contests c WHERE c.round = $1 AND c.ruled_by = $2) AS screened,
                EXISTS (SELECT 1 FROM approvals v JOIN allocations l ON l.id = v.allocation
                        WHERE l.round = $1 AND l.status <> 'returned' AND v.approved_by = $2) AS approved",
        round.0,
        person.0
    )?;
    let HandsRow { proposed, ranked, scored, screened, approved } = row;
    Ok(Hands { proposed, ranked, scored, screened, approved, tied: false })
}
