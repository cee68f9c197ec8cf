//! What the last approval makes: awards by region with their lines, the money committed, the reports due, and what becomes of every
//! application.

use super::already;
use crate::call::{Call, mint};
use crate::error::AppError;
use crate::review::work::Board;
use domain::access::Subject;
use domain::allocation::AllocationDocument;
use domain::award::{Outcome, PlannedAward, Quarter, plan};
use domain::{AllocationId, ApplicationId, AppropriationId, AwardId, OrganizationId, PersonId};
use std::collections::BTreeMap;
use store::awards::{self, NewAward, NewOutcome};
use store::{Tx, events, ledger, programs, rankings};
use uuid::Uuid;

/// Makes the awards; gives how many.
pub(super) async fn award(
    tx: &mut Tx<'_>,
    call: &Call,
    board: &Board,
    allocation: AllocationId,
    document: &AllocationDocument,
    person: PersonId,
) -> Result<usize, AppError> {
    let planned = plan(&document.result, board.of.fiscal_year).map_err(AppError::internal)?;
    let recipients = Recipients::load(tx, board).await?;
    for plan in &planned {
        let one = One {
            allocation,
            appropriation: board.paid_by(plan.pot.as_ref())?,
            quarters: &board.quarters(plan.pot.as_ref()),
            continues: None,
            recipient: recipients.of(&plan.region)?,
            plan,
            person,
        };
        award_one(tx, call, board, &one).await?;
    }
    Ok(planned.len())
}

/// Who receives a round's awards, by region.
pub(super) struct Recipients(BTreeMap<String, OrganizationId>);

impl Recipients {
    pub async fn load(tx: &mut Tx<'_>, board: &Board) -> Result<Self, AppError> {
        let regions = programs::regions(tx, board.of.round.id).await?;
        Ok(Self(regions.into_iter().map(|region| (region.key, region.organization)).collect()))
    }

    pub fn of(&self, region: &str) -> Result<OrganizationId, AppError> {
        self.0.get(region).copied().ok_or_else(|| {
            AppError::Conflict(format!(
                "The region “{region}” of the program file has no organization on record, so it can't receive an award."
            ))
        })
    }
}

/// One award to be made.
pub(super) struct One<'a> {
    pub allocation: AllocationId,
    /// Who pays, and when is reported on it.
    pub appropriation: AppropriationId,
    pub quarters: &'a [Quarter],
    /// The award of an earlier fiscal year that it continues.
    pub continues: Option<AwardId>,
    pub recipient: OrganizationId,
    pub plan: &'a PlannedAward,
    pub person: PersonId,
}

pub(super) async fn award_one(tx: &mut Tx<'_>, call: &Call, board: &Board, one: &One<'_>) -> Result<(), AppError> {
    let round = &board.of.round;
    let id: AwardId = mint(call.now);
    let new = NewAward {
        id,
        round: round.id,
        allocation: one.allocation,
        appropriation: one.appropriation,
        continues: one.continues,
        recipient: one.recipient,
        plan: one.plan,
        at: call.now,
    };
    awards::add(tx, &new).await.map_err(|failed| already(failed, "This round's awards were made already."))?;
    let lines: Vec<_> = one.plan.lines.iter().map(|line| (mint(call.now), line)).collect();
    awards::add_lines(tx, id, &lines).await?;
    let due: Vec<_> = one.quarters.iter().map(|quarter| (mint(call.now), *quarter)).collect();
    awards::add_reports_due(tx, id, &due).await?;
    let now = call.now;
    let fresh = move || mint::<Uuid>(now);
    ledger::commit_award(tx, id, one.appropriation, one.plan.amount, &fresh, Some(one.person), now).await.map_err(|failed| {
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
pub(super) async fn decide_outcomes(tx: &mut Tx<'_>, call: &Call, board: &Board, document: &AllocationDocument) -> Result<(), AppError> {
    let steps: BTreeMap<&str, _> = document.result.steps.iter().map(|step| (step.id.as_str(), step)).collect();
    let entrants = rankings::entrants(tx, board.of.round.id).await?;
    let (mut outcomes, mut decided) = (Vec::with_capacity(entrants.len()), Vec::with_capacity(entrants.len()));
    for entrant in entrants {
        let application = ApplicationId(entrant.id);
        let (outcome, units, reason) = match (steps.get(entrant.id.to_string().as_str()), entrant.eligible) {
            (Some(step), _) => (Outcome::from(step.outcome), step.units_granted, step.reason.clone()),
            (None, Some(false)) => (Outcome::Ineligible, 0, entrant.reason.unwrap_or_default()),
            (None, _) => return Err(AppError::internal(format!("{} is neither ranked nor ineligible", entrant.number))),
        };
        let subject = Subject { agency: Some(board.of.round.agency), owner: Some(OrganizationId(entrant.applicant)) };
        let mut event = call.event(subject, "application", entrant.id, "decided");
        event.to = Some(outcome.as_str().to_owned());
        event.why = Some(reason.clone());
        event.facts = serde_json::json!({ "number": entrant.number, "units": units });
        decided.push(event);
        outcomes.push(NewOutcome { application, outcome, units, reason });
    }
    awards::add_outcomes(tx, &outcomes, call.now).await?;
    Ok(events::add_all(tx, &decided).await?)
}
