//! Approval, step by step. The last step makes, in one transaction, the awards by region, their lines, the money committed, the reports that
//! will be due, and what becomes of every application handed in. Nobody approves their own work or twice; the database says so again.

use super::already;
use super::award::{award, decide_outcomes};
use crate::call::Call;
use crate::error::AppError;
use crate::review::ties::is_tied;
use crate::review::work::Board;
use domain::access::{Action, Role};
use domain::allocation::{AllocationDocument, replay_allocation};
use domain::approval::{self, ApprovalStep};
use domain::{AllocationId, Money};
use store::allocations::{self, Allocation};
use store::approvals::{self, Approval, NewApproval};
use store::{Tx, events, memberships, messages};

/// Signs the next step of a proposed allocation; the last one makes the awards. The same approval posted twice is taken once.
///
/// # Errors
/// [`AppError::Forbidden`] for whoever had a hand in it and for another role than the step's; [`AppError::Conflict`] when it is no longer
/// proposed, was changed meanwhile, or the money is no longer there.
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

/// The roles that the actor holds in the agency of a round.
#[must_use]
pub fn roles_in(call: &Call, board: &Board) -> Vec<Role> {
    let held = call.actor.memberships.iter().filter(|held| held.organization == board.of.round.agency);
    held.map(|held| held.role).collect()
}

/// The steps that an allocation of this much goes through, and those of them that are signed.
#[derive(Clone, Debug)]
pub struct Steps {
    /// All, first to last.
    pub all: Vec<ApprovalStep>,
    /// The signed ones.
    pub signed: Vec<Approval>,
}

impl Steps {
    /// Of an allocation, out of all approvals of its round.
    #[must_use]
    pub fn of(board: &Board, allocation: AllocationId, granted: Money, approvals: &[Approval]) -> Self {
        let signed = approvals.iter().filter(|approval| approval.allocation == allocation.0).cloned().collect();
        Self { all: approval::steps(&board.file.approvals, granted), signed }
    }

    /// The step whose turn it is.
    #[must_use]
    pub fn next(&self) -> Option<&ApprovalStep> {
        self.all.get(self.signed.len())
    }
}

async fn approve_in(tx: &mut Tx<'_>, call: &Call, id: AllocationId, seen: i64) -> Result<(), AppError> {
    let allocation = allocations::find(tx, id).await?.ok_or(AppError::NotFound)?;
    let board = Board::load(tx, allocation.round.into()).await?;
    call.must(Action::DecideAllocation, board.subject())?;
    let person = call.person()?;
    let round = board.of.round.id;
    let document = proven(&allocation)?;
    let steps = Steps::of(&board, id, document.result.granted, &approvals::list_of_round(tx, round).await?);
    // A double click: they signed on the page that they saw.
    if steps.signed.iter().any(|signed| signed.approved_by == person.0) && seen < allocation.version {
        return Ok(());
    }
    if allocation.status != "proposed" {
        return Err(AppError::Conflict(format!("This allocation is {} already.", allocation.status)));
    }
    let step = steps.next().ok_or_else(|| AppError::internal(format!("allocation {id} is signed and not approved")))?;
    if board.file.named.is_some() && is_tied(tx, &board, allocation.proposed_by.into()).await? {
        return Err(AppError::Conflict(
            "Whoever proposed this has a tie to a recipient that the law names. Return it, so that somebody else proposes.".to_owned(),
        ));
    }
    let hands = super::ties::hands(tx, &board, person).await?;
    approval::may_approve(step, &roles_in(call, &board), hands).map_err(|refusal| AppError::Forbidden(refusal.to_string()))?;
    let number = i64::try_from(steps.signed.len() + 1).map_err(AppError::internal)?;
    let last = steps.signed.len() + 1 == steps.all.len();
    approvals::record(tx, &NewApproval { allocation: id, number, step, by: person, at: call.now }, seen)
        .await
        .map_err(|failed| already(failed, "This step was signed by somebody else just now. Look at it again."))?;
    let facts =
        serde_json::json!({ "round": round, "step": step.name, "number": number, "of": steps.all.len(), "sha256": allocation.sha256 });
    if !last {
        let mut event = call.event(board.subject(), "allocation", id.0, "approved a step");
        event.facts = facts;
        events::add(tx, &event).await?;
        return ask_next(tx, call, &board, steps.all.get(steps.signed.len() + 1)).await;
    }
    allocations::record_approval(tx, id, person, call.now, seen + 1).await?;
    let awarded = award(tx, call, &board, id, &document, person).await?;
    decide_outcomes(tx, call, &board, &document).await?;
    let mut event = call.event(board.subject(), "allocation", id.0, "approved");
    event.from = Some("proposed".to_owned());
    event.to = Some("approved".to_owned());
    event.facts = facts;
    if let Some(facts) = event.facts.as_object_mut() {
        facts.insert("awards".to_owned(), awarded.into());
        facts.insert("granted_cents".to_owned(), document.result.granted.in_cents().into());
    }
    events::add(tx, &event).await?;
    Ok(())
}

/// Writes to those who hold the next step's role.
async fn ask_next(tx: &mut Tx<'_>, call: &Call, board: &Board, next: Option<&ApprovalStep>) -> Result<(), AppError> {
    let Some(next) = next else { return Ok(()) };
    let (program, round) = (&board.of.program.name, &board.of.round);
    for email in memberships::emails_of(tx, round.agency, next.role).await? {
        let subject = format!("{program}: awards wait for your approval ({})", next.name);
        let body = format!(
            "The awards of {program}, {}, wait for the next step of approval: {}\n\nThe packet with every award and every exception:\n{}/decide/{}/packet\n",
            round.name,
            next.plain(),
            call.desk.house.base_url,
            round.id
        );
        messages::add(tx, &call.message(&email, subject, body, "round", round.id.0)).await?;
    }
    Ok(())
}

/// The stored document, once it has computed to the same bytes again: what is approved is what was shown.
fn proven(allocation: &Allocation) -> Result<AllocationDocument, AppError> {
    proven_text(&allocation.document).ok_or_else(|| AppError::internal(format!("allocation {} does not replay", allocation.id)))
}

/// An allocation's document out of its bytes, when it replays to them.
pub(super) fn proven_text(document: &str) -> Option<AllocationDocument> {
    replay_allocation(document.as_bytes()).ok().filter(|replayed| replayed.same).map(|replayed| replayed.again)
}
