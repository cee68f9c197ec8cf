//! Approval: in one transaction the awards by region, their lines, the money committed, the reports that will be due, and what becomes of
//! every application handed in. The approver is neither who proposed nor who froze the ranking; the database says so again.

use super::already;
use crate::call::{Call, mint};
use crate::error::AppError;
use crate::review::work::Board;
use domain::access::{Action, Subject};
use domain::allocation::{AllocationDocument, replay_allocation};
use domain::award::{Outcome, PlannedAward, Quarter, may_approve, plan, quarters};
use domain::{AllocationId, ApplicationId, AwardId, OrganizationId, PersonId};
use std::collections::BTreeMap;
use store::allocations::{self, Allocation};
use store::awards::{self, NewAward};
use store::{Tx, events, ledger, programs, rankings};
use uuid::Uuid;

/// Approves a proposed allocation. The same approval posted twice is taken once.
///
/// # Errors
/// [`AppError::Forbidden`] for the proposer and for who froze the ranking; [`AppError::Conflict`] when it is no longer proposed, was changed
/// meanwhile, or the money is no longer there.
pub async fn approve(call: &Call, id: AllocationId, seen: i64) -> Result<(), AppError> {
    let call = call.clone();
    let writer = call.clone();
    writer
        .write(move |tx| {
            let call = call.clone();
            Box::pin(async move { approve_in(tx, &call, id, seen).await })
        })
        .await
}

async fn approve_in(tx: &mut Tx<'_>, call: &Call, id: AllocationId, seen: i64) -> Result<(), AppError> {
    let allocation = allocations::find(tx, id).await?.ok_or(AppError::NotFound)?;
    let board = Board::load(tx, allocation.round.into()).await?;
    call.must(Action::DecideAllocation, board.subject())?;
    let person = call.person()?;
    if allocation.status == "approved" && allocation.decided_by == Some(person.0) {
        return Ok(());
    }
    if allocation.status != "proposed" {
        return Err(AppError::Conflict(format!("This allocation is {} already.", allocation.status)));
    }
    may_approve(person, allocation.proposed_by.into(), allocation.frozen_by.into())
        .map_err(|refusal| AppError::Forbidden(refusal.to_string()))?;
    let document = proven(&allocation)?;
    allocations::record_approval(tx, id, person, call.now, seen).await?;
    let awarded = award(tx, call, &board, id, &document, person).await?;
    decide_outcomes(tx, call, &board, &document).await?;
    let mut event = call.event(board.subject(), "allocation", id.0, "approved");
    event.from = Some("proposed".to_owned());
    event.to = Some("approved".to_owned());
    event.facts = serde_json::json!({
        "round": allocation.round,
        "awards": awarded,
        "granted_cents": document.result.granted,
        "sha256": allocation.sha256,
    });
    events::add(tx, &event).await?;
    Ok(())
}

/// The stored document, once it has computed to the same bytes again: what is approved is what was shown.
fn proven(allocation: &Allocation) -> Result<AllocationDocument, AppError> {
    let replayed = replay_allocation(allocation.document.as_bytes()).map_err(AppError::internal)?;
    if replayed.same { Ok(replayed.again) } else { Err(AppError::internal(format!("allocation {} does not replay", allocation.id))) }
}

/// Makes the awards; gives how many.
async fn award(
    tx: &mut Tx<'_>,
    call: &Call,
    board: &Board,
    allocation: AllocationId,
    document: &AllocationDocument,
    person: PersonId,
) -> Result<usize, AppError> {
    let planned = plan(&document.result, board.of.fiscal_year).map_err(AppError::internal)?;
    let regions: BTreeMap<String, OrganizationId> =
        programs::regions(tx, board.of.round.id).await?.into_iter().map(|region| (region.key, region.organization)).collect();
    let quarters = board
        .file
        .appropriation()
        .map(|money| quarters(money.begins_on, money.lapses_on, board.file.reporting.due_days))
        .unwrap_or_default();
    for plan in &planned {
        let recipient = *regions.get(&plan.region).ok_or_else(|| {
            AppError::Conflict(format!(
                "The region “{}” of the program file has no organization on record, so it can't receive an award.",
                plan.region
            ))
        })?;
        let one = One { allocation, recipient, plan, quarters: &quarters, person };
        award_one(tx, call, board, &one).await?;
    }
    Ok(planned.len())
}

/// One award to be made.
struct One<'a> {
    allocation: AllocationId,
    recipient: OrganizationId,
    plan: &'a PlannedAward,
    quarters: &'a [Quarter],
    person: PersonId,
}

async fn award_one(tx: &mut Tx<'_>, call: &Call, board: &Board, one: &One<'_>) -> Result<(), AppError> {
    let round = &board.of.round;
    let id: AwardId = mint(call.now);
    let new = NewAward {
        id,
        round: round.id,
        allocation: one.allocation,
        appropriation: round.appropriation,
        recipient: one.recipient,
        plan: one.plan,
        at: call.now,
    };
    awards::add(tx, &new).await.map_err(|failed| already(failed, "This round's awards were made already."))?;
    for line in &one.plan.lines {
        awards::add_line(tx, mint(call.now), id, line).await?;
    }
    for quarter in one.quarters {
        awards::add_report_due(tx, mint(call.now), id, *quarter).await?;
    }
    let now = call.now;
    let fresh = move || mint::<Uuid>(now);
    ledger::commit_award(tx, id, round.appropriation, one.plan.amount, &fresh, Some(one.person), now).await.map_err(|failed| {
        if failed.is_check_violation() {
            AppError::Conflict(format!(
                "The appropriation no longer holds {} for {}. Return the proposal and lay the money out again.",
                one.plan.amount, one.plan.number
            ))
        } else {
            failed.into()
        }
    })?;
    let subject = Subject { agency: Some(round.agency), owner: Some(one.recipient) };
    let mut event = call.event(subject, "award", id.0, "awarded");
    event.to = Some("awarded".to_owned());
    event.facts = serde_json::json!({
        "number": one.plan.number,
        "recipient": one.recipient,
        "units": one.plan.units,
        "amount_cents": one.plan.amount,
        "lines": one.plan.lines.len(),
    });
    events::add(tx, &event).await?;
    Ok(())
}

/// Records what becomes of every application handed in: by its step, or as ineligible with the reason of that decision.
async fn decide_outcomes(tx: &mut Tx<'_>, call: &Call, board: &Board, document: &AllocationDocument) -> Result<(), AppError> {
    let steps: BTreeMap<&str, _> = document.result.steps.iter().map(|step| (step.id.as_str(), step)).collect();
    for entrant in rankings::entrants(tx, board.of.round.id).await? {
        let application = ApplicationId(entrant.id);
        let (outcome, units, reason) = match (steps.get(entrant.id.to_string().as_str()), entrant.eligible) {
            (Some(step), _) => (Outcome::from(step.outcome), step.units_granted, step.reason.clone()),
            (None, Some(false)) => (Outcome::Ineligible, 0, entrant.reason.unwrap_or_default()),
            (None, _) => return Err(AppError::internal(format!("{} is neither ranked nor ineligible", entrant.number))),
        };
        awards::add_outcome(tx, application, outcome, units, &reason, call.now).await?;
        let subject = Subject { agency: Some(board.of.round.agency), owner: Some(OrganizationId(entrant.applicant)) };
        let mut event = call.event(subject, "application", entrant.id, "decided");
        event.to = Some(outcome.as_str().to_owned());
        event.why = Some(reason);
        event.facts = serde_json::json!({ "number": entrant.number, "units": units });
        events::add(tx, &event).await?;
    }
    Ok(())
}
