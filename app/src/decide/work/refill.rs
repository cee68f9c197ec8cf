//! Money laid out again: what came back goes down the waiting list, what was set aside pays for an appeal that was upheld. Both by the rule
//! of the round, from the frozen order, proposed by one person and approved by another; approval makes everything it means in one transaction.

use super::approve::{proven_text, roles_in};
use super::grant::{grant, tell};
use super::named::refreshed;
use super::ties::free_of_ties;
use super::years::continue_awards;
use super::{already, not_laid, reasoned};
use crate::call::{Call, mint};
use crate::error::AppError;
use crate::review::work::Board;
use domain::access::Action;
use domain::allocation::{AllocationDocument, AllocationRule, Already, Claim};
use domain::approval::{self, Hands};
use domain::award::Outcome;
use domain::{AppealId, AppropriationId, Money, RefillId, RoundId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use store::allocations::{self, Allocation};
use store::awards::{self, OutcomeOf};
use store::refills::{self, NewRefill, Refill};
use store::{Tx, events};
use uuid::Uuid;

/// The round's approved allocation with its document.
///
/// # Errors
/// [`AppError::Conflict`] before the awards are approved.
pub(super) async fn approved(tx: &mut Tx<'_>, round: RoundId) -> Result<(Allocation, AllocationDocument), AppError> {
    let found = allocations::list_of(tx, round).await?.into_iter().find(|allocation| allocation.status == "approved");
    let allocation = found.ok_or_else(|| AppError::Conflict("The awards are not approved yet.".to_owned()))?;
    let document = serde_json::from_str(&allocation.document).map_err(AppError::internal)?;
    Ok((allocation, document))
}

/// What of the reserve for appeals is still there: set aside, less what appeals were granted or are proposed.
fn reserve_left(document: &AllocationDocument, refills: &[Refill]) -> Money {
    let used = refills
        .iter()
        .filter(|refill| refill.appeal.is_some() && refill.status != "returned")
        .map(|refill| refill.granted_cents)
        .sum::<i64>();
    let reserve = document.set_aside.unwrap_or(Money::ZERO).in_cents();
    Money::cents((reserve - used).max(0))
}

/// What the round's awards stand at, where the rule counts it.
async fn standing(tx: &mut Tx<'_>, round: RoundId, rule: &AllocationRule) -> Result<Already, AppError> {
    let counts = |rule: &AllocationRule| !rule.bounds.is_empty() || !rule.limits.is_empty();
    if !counts(rule) && !rule.before.iter().any(|pot| counts(&pot.rule)) {
        return Ok(Already::default());
    }
    let (mut regions, mut claims) = (BTreeMap::<String, i64>::new(), BTreeMap::<String, i64>::new());
    for line in awards::standing(tx, round).await? {
        *claims.entry(line.application.to_string()).or_default() += line.amount_cents;
        if let Some(region) = line.region {
            *regions.entry(region).or_default() += line.amount_cents;
        }
    }
    let money = |sums: BTreeMap<String, i64>| sums.into_iter().map(|(key, cents)| (key, Money::cents(cents))).collect();
    Ok(Already { regions: money(regions), claims: money(claims), ..Already::default() })
}

/// Nothing follows the awards before every applicant is told of them.
pub(super) fn all_told(outcomes: &[OutcomeOf], now: Timestamp) -> Result<(), AppError> {
    if outcomes.iter().any(|outcome| outcome.told_at.is_none_or(|told| told > now)) {
        return Err(AppError::Conflict("Tell the applicants of the awards first.".to_owned()));
    }
    Ok(())
}

/// The waiting list and what came back for it.
#[derive(Clone, Debug)]
pub struct Waitlist {
    /// The claims that wait, in the frozen order.
    pub waiting: Vec<Claim>,
    /// What can be laid out: available, less what is left of the reserve.
    pub pot: Money,
    /// What would be proposed now, or why nothing can be.
    pub next: Result<AllocationDocument, AppError>,
    /// The approved allocation.
    pub allocation: Uuid,
}

/// Works out what the waiting list would get now. Nothing is written.
///
/// # Errors
/// [`AppError::Conflict`] before the awards are approved; the store's failure.
pub async fn waitlist(tx: &mut Tx<'_>, call: &Call, board: &Board, refills: &[Refill]) -> Result<Waitlist, AppError> {
    let (allocation, document) = approved(tx, board.of.round.id).await?;
    let outcomes = awards::outcomes(tx, board.of.round.id).await?;
    let waits: BTreeSet<String> =
        outcomes.iter().filter(|outcome| outcome.outcome == Outcome::Waitlisted).map(|outcome| outcome.application.to_string()).collect();
    let waiting: Vec<Claim> = document.claims.iter().filter(|claim| waits.contains(&claim.id)).cloned().collect();
    let waiting = refreshed(tx, board.of.round.id, waiting).await?;
    let left = board.progress.available.in_cents() - reserve_left(&document, refills).in_cents();
    let pot = Money::cents(left.max(0));
    let stands = Already { pots: board.available().before, ..standing(tx, board.of.round.id, &document.rule).await? };
    let before = document.rule.holding(&stands.pots).held_before().map_err(AppError::internal)?;
    let next = match (all_told(&outcomes, call.now), waiting.first()) {
        (Err(refusal), _) => Err(refusal),
        (Ok(()), None) => Err(AppError::Conflict("Nobody is on the waiting list.".to_owned())),
        (Ok(()), Some(first)) => document.again(pot, waiting.clone(), &stands).map_err(not_laid).and_then(|laid| {
            if laid.result.granted.is_positive() {
                Ok(laid)
            } else if board.file.named.is_some() {
                Err(AppError::Conflict("No recipient that waits has accepted the terms, or the money is not there.".to_owned()))
            } else if document.rule.walks_once() {
                let text = format!("{} asks for more than the {pot} that is there, and the rule goes in order.", first.number);
                Err(AppError::Conflict(text))
            } else {
                let text = format!("Nothing that is asked for fits the {pot} that is there and the room that caps and limits leave.");
                Err(AppError::Conflict(text))
            }
        }),
    };
    let pot = before.plus(pot).map_err(AppError::internal)?;
    Ok(Waitlist { waiting, pot, next, allocation: allocation.id })
}

/// Proposes what the waiting list gets now, under the id minted with the form.
///
/// # Errors
/// [`AppError::Conflict`] when nobody waits, nothing fits, or a proposal waits for approval already.
pub async fn propose_refill(call: &Call, round: RoundId, id: RefillId) -> Result<(), AppError> {
    let call = call.clone();
    let writer = call.clone();
    writer
        .write(move |tx| {
            let call = call.clone();
            Box::pin(async move { propose_in(tx, &call, round, id).await })
        })
        .await
}

async fn propose_in(tx: &mut Tx<'_>, call: &Call, round: RoundId, id: RefillId) -> Result<(), AppError> {
    let board = Board::load(tx, round).await?;
    call.must(Action::ProposeAllocation, board.subject())?;
    let before = refills::list_of(tx, round).await?;
    if before.iter().any(|refill| refill.id == id.0) {
        return Ok(());
    }
    free_of_ties(tx, &board, call.person()?).await?;
    let list = waitlist(tx, call, &board, &before).await?;
    let document = list.next?;
    let new = New { id, round: &board, allocation: list.allocation, appeal: None, appropriation: None, document: &document };
    record_new(tx, call, &new).await
}

/// A refill to propose.
pub(super) struct New<'a> {
    pub id: RefillId,
    pub round: &'a Board,
    pub allocation: Uuid,
    pub appeal: Option<AppealId>,
    pub appropriation: Option<AppropriationId>,
    pub document: &'a AllocationDocument,
}

pub(super) async fn record_new(tx: &mut Tx<'_>, call: &Call, new: &New<'_>) -> Result<(), AppError> {
    let round = new.round.of.round.id;
    let row = NewRefill {
        id: new.id,
        round,
        allocation: new.allocation.into(),
        appeal: new.appeal,
        appropriation: new.appropriation,
        document: new.document,
        by: call.person()?,
        at: call.now,
    };
    refills::add(tx, &row).await.map_err(|failed| already(failed, "A proposal waits for approval already. Look at it first."))?;
    let mut event = call.event(new.round.subject(), "refill", new.id.0, "proposed");
    event.to = Some("proposed".to_owned());
    event.facts = serde_json::json!({
        "round": round,
        "appeal": new.appeal,
        "appropriation": new.appropriation,
        "pot_cents": new.document.pot,
        "granted_cents": new.document.result.granted,
        "result_sha256": new.document.result_sha256,
    });
    events::add(tx, &event).await?;
    Ok(())
}

/// What an upheld appeal brings, proposed from the reserve by the round's rule: `claim` is the request, or the part of it that was not granted.
/// Gives whether anything could be.
pub(super) async fn propose_for_appeal(
    tx: &mut Tx<'_>,
    call: &Call,
    board: &Board,
    appeal: AppealId,
    (allocation, document): (Uuid, &AllocationDocument),
    claim: Claim,
) -> Result<bool, AppError> {
    let before = refills::list_of(tx, board.of.round.id).await?;
    // What a law names was never laid out to others: it is still in the pot.
    let pot = if claim.named.is_some() { board.progress.available } else { reserve_left(document, &before) };
    let stands = standing(tx, board.of.round.id, &document.rule).await?;
    let laid = document.again(pot, vec![claim], &stands).map_err(not_laid)?;
    if !laid.result.granted.is_positive() {
        return Ok(false);
    }
    let new = New { id: mint(call.now), round: board, allocation, appeal: Some(appeal), appropriation: None, document: &laid };
    record_new(tx, call, &new).await?;
    Ok(true)
}

/// Whether the actor may decide on a refill: the role of the last step of approval for so much, and no hand in it. Who approved the awards may
/// approve what follows them.
///
/// # Errors
/// Why not.
pub fn may_decide(call: &Call, board: &Board, refill: &Refill, hands: Hands) -> Result<(), approval::OwnWork> {
    let steps = approval::steps(&board.file.approvals, Money::cents(refill.granted_cents));
    let step = steps.last().cloned().unwrap_or_else(approval::ApprovalStep::only);
    let proposed = call.actor.person.is_some_and(|person| person.0 == refill.proposed_by);
    approval::may_approve(&step, &roles_in(call, board), Hands { proposed, approved: false, ..hands })
}

/// Approves a refill: awards grow, money is committed, and whoever gets something is told. Posted twice it is taken once.
///
/// # Errors
/// [`AppError::Forbidden`] for whoever had a hand in it; [`AppError::Conflict`] when it is no longer proposed or the money is gone.
pub async fn approve_refill(call: &Call, id: RefillId, seen: i64) -> Result<(), AppError> {
    let call = call.clone();
    let writer = call.clone();
    writer
        .write(move |tx| {
            let call = call.clone();
            Box::pin(async move { approve_in(tx, &call, id, seen).await })
        })
        .await
}

async fn approve_in(tx: &mut Tx<'_>, call: &Call, id: RefillId, seen: i64) -> Result<(), AppError> {
    let refill = refills::find(tx, id).await?.ok_or(AppError::NotFound)?;
    let board = Board::load(tx, refill.round.into()).await?;
    call.must(Action::DecideAllocation, board.subject())?;
    let person = call.person()?;
    if refill.status == "approved" && refill.decided_by == Some(person.0) {
        return Ok(());
    }
    if refill.status != "proposed" {
        return Err(AppError::Conflict(format!("This proposal is {} already.", refill.status)));
    }
    let hands = super::ties::hands(tx, &board, person).await?;
    may_decide(call, &board, &refill, hands).map_err(|refusal| AppError::Forbidden(refusal.to_string()))?;
    let document = proven_text(&refill.document).ok_or_else(|| AppError::internal(format!("refill {id} does not replay")))?;
    refills::record_approval(tx, id, person, call.now, seen).await?;
    match refill.appropriation {
        Some(later) => continue_awards(tx, call, &board, (&refill, later.into()), &document, person).await?,
        None => {
            for step in document.result.steps.iter().filter(|step| step.units_granted > 0) {
                grant(tx, call, &board, &refill, step, person).await?;
            }
            tell(tx, call, &board, &document).await?;
        }
    }
    let mut event = call.event(board.subject(), "refill", id.0, "approved");
    event.from = Some("proposed".to_owned());
    event.to = Some("approved".to_owned());
    event.facts = serde_json::json!({ "round": refill.round, "granted_cents": refill.granted_cents, "sha256": refill.sha256 });
    Ok(events::add(tx, &event).await?)
}

/// Returns a refill with a reason.
///
/// # Errors
/// [`AppError::Invalid`] without a reason; [`AppError::Conflict`] when it is no longer proposed.
pub async fn return_refill(call: &Call, id: RefillId, reason: &str, seen: i64) -> Result<(), AppError> {
    let (call, reason) = (call.clone(), reason.trim().to_owned());
    let writer = call.clone();
    writer
        .write(move |tx| {
            let (call, reason) = (call.clone(), reason.clone());
            Box::pin(async move { return_in(tx, &call, id, &reason, seen).await })
        })
        .await
}

async fn return_in(tx: &mut Tx<'_>, call: &Call, id: RefillId, reason: &str, seen: i64) -> Result<(), AppError> {
    let refill = refills::find(tx, id).await?.ok_or(AppError::NotFound)?;
    let board = Board::load(tx, refill.round.into()).await?;
    call.must(Action::DecideAllocation, board.subject())?;
    let person = call.person()?;
    reasoned("reason", reason, "Say what should be different, so that it can be proposed again.")?;
    if refill.status == "returned" && refill.decided_by == Some(person.0) && refill.decision_reason.as_deref() == Some(reason) {
        return Ok(());
    }
    if refill.status != "proposed" {
        return Err(AppError::Conflict(format!("This proposal is {} already.", refill.status)));
    }
    let hands = Hands::default();
    if let Err(refusal @ approval::OwnWork::Role(_)) = may_decide(call, &board, &refill, hands) {
        return Err(AppError::Forbidden(refusal.to_string()));
    }
    refills::record_return(tx, id, person, call.now, reason, seen).await?;
    let mut event = call.event(board.subject(), "refill", id.0, "returned");
    event.from = Some("proposed".to_owned());
    event.to = Some("returned".to_owned());
    event.why = Some(reason.to_owned());
    events::add(tx, &event).await?;
    Ok(())
}
