//! Awarding, one act at a time: propose an allocation of the frozen ranking, approve or return it, tell the applicants, publish; then what
//! comes after: lines that end, money laid out again, appeals. Each is a person's act with its event; approval makes everything it means in one transaction, or nothing.

mod appeal;
mod approve;
mod award;
mod grant;
mod line;
mod named;
mod refill;
mod tell;
mod ties;
mod years;

pub use appeal::{AppealInput, RulingInput, appellant, documents, open_until, right_field, rule, submit_appeal, withdraw_appeal};
pub use approve::{Steps, approve, roles_in};
pub use line::{decline, lapse};
pub use refill::{Waitlist, approve_refill, may_decide, propose_refill, return_refill, waitlist};
pub use tell::{Release, hold_back, publish, tell};
pub use ties::{declare_tie, hands, organizations};
pub use years::{LaterYear, later_years, propose_later};

use crate::call::Call;
use crate::error::{AppError, Problem};
use crate::review::work::{Board, claim_of, last_awards, region_of};
use domain::access::Action;
use domain::allocation::{AllocationDocument, AllocationDocumentError};
use domain::approval::OwnWork;
use domain::canonical::sha256_hex;
use domain::ranking::RankingDocument;
use domain::review::REASON_MAX;
use domain::{AllocationId, Money, RoundId};
use std::collections::BTreeMap;
use store::allocations::{self, Allocation, NewAllocation};
use store::approvals;
use store::rankings::{self, Entrant};
use store::{Tx, events};

/// Lays what the ledger has available down the frozen ranking. Nothing is written.
///
/// # Errors
/// [`AppError::Conflict`] while no ranking is frozen; [`AppError::Invalid`] with every application that belongs to no region.
pub async fn compute(tx: &mut Tx<'_>, board: &Board) -> Result<AllocationDocument, AppError> {
    let round = board.of.round.id;
    let frozen = rankings::of_round(tx, round).await?.ok_or_else(|| {
        AppError::Conflict("The ranking is not frozen yet. Freeze it first; money goes down a frozen list only.".to_owned())
    })?;
    let ranking: RankingDocument = serde_json::from_str(&frozen.document).map_err(AppError::internal)?;
    if let Some(terms) = &board.file.named {
        return named::compute(tx, board, terms, &frozen, &ranking).await;
    }
    let entrants: BTreeMap<String, Entrant> =
        rankings::entrants(tx, round).await?.into_iter().map(|entrant| (entrant.id.to_string(), entrant)).collect();
    let last = last_awards(tx, board).await?;
    let mut claims = Vec::with_capacity(ranking.result.places.len());
    let mut problems = Vec::new();
    for place in &ranking.result.places {
        let Some(entrant) = entrants.get(&place.candidate) else {
            return Err(AppError::internal(format!("{} is ranked but not submitted", place.number)));
        };
        match region_of(&board.file, entrant) {
            None => problems.push(Problem::whole(format!(
                "{} ({}) belongs to no region of the program file, so nobody would receive its award.",
                place.number, entrant.name
            ))),
            Some(region) => claims.push(claim_of(place, entrant, region, &last)),
        }
    }
    if !problems.is_empty() {
        return Err(AppError::Invalid(problems));
    }
    let hash = sha256_hex(frozen.document.as_bytes());
    // Down the list the places suffice; other methods weigh the points.
    let weighs = board.file.allocation.weighs();
    let points = ranking.result.places.into_iter().filter(|_| weighs).map(|place| (place.candidate, place.points)).collect();
    AllocationDocument::weighed(&board.file, &hash, board.available(), &claims, points).map_err(not_laid)
}

/// Proposes the allocation under the id minted with the form: the same id again is the same proposal.
///
/// # Errors
/// As [`compute`]; [`AppError::Conflict`] when one is proposed or approved already.
pub async fn propose(call: &Call, round: RoundId, id: AllocationId) -> Result<(), AppError> {
    let call = call.clone();
    let writer = call.clone();
    writer
        .write(move |tx| {
            let call = call.clone();
            Box::pin(async move { propose_in(tx, &call, round, id).await })
        })
        .await
}

async fn propose_in(tx: &mut Tx<'_>, call: &Call, round: RoundId, id: AllocationId) -> Result<(), AppError> {
    let board = Board::load(tx, round).await?;
    call.must(Action::ProposeAllocation, board.subject())?;
    let person = call.person()?;
    match &board.progress.allocation {
        Some(live) if live.id == id => return Ok(()),
        Some(live) => {
            let word = if live.approved { "approved" } else { "proposed" };
            return Err(AppError::Conflict(format!("An allocation is {word} already. Look at it first.")));
        }
        None => {}
    }
    ties::free_of_ties(tx, &board, person).await?;
    let document = compute(tx, &board).await?;
    let Some(ranking) = &board.progress.ranking else {
        return Err(AppError::Conflict("The ranking is not frozen yet.".to_owned()));
    };
    let new = NewAllocation {
        id,
        round,
        ranking: ranking.id,
        appropriation: board.of.round.appropriation,
        document: &document,
        by: person,
        at: call.now,
    };
    allocations::add(tx, &new)
        .await
        .map_err(|failed| already(failed, "An allocation was proposed by somebody else just now. Look at it."))?;
    let mut event = call.event(board.subject(), "allocation", id.0, "proposed");
    event.to = Some("proposed".to_owned());
    event.facts = serde_json::json!({
        "round": round,
        "pot_cents": document.pot,
        "granted_cents": document.result.granted,
        "units": document.result.units,
        "line": document.result.line,
        "result_sha256": document.result_sha256,
    });
    events::add(tx, &event).await?;
    Ok(())
}

/// Returns a proposed allocation with a reason.
///
/// # Errors
/// [`AppError::Invalid`] without a reason; [`AppError::Conflict`] when it is no longer proposed, or changed meanwhile.
pub async fn return_it(call: &Call, id: AllocationId, reason: &str, seen: i64) -> Result<(), AppError> {
    let (call, reason) = (call.clone(), reason.trim().to_owned());
    let writer = call.clone();
    writer
        .write(move |tx| {
            let (call, reason) = (call.clone(), reason.clone());
            Box::pin(async move { return_in(tx, &call, id, &reason, seen).await })
        })
        .await
}

async fn return_in(tx: &mut Tx<'_>, call: &Call, id: AllocationId, reason: &str, seen: i64) -> Result<(), AppError> {
    let allocation = allocations::find(tx, id).await?.ok_or(AppError::NotFound)?;
    let board = Board::load(tx, allocation.round.into()).await?;
    call.must(Action::DecideAllocation, board.subject())?;
    let person = call.person()?;
    reasoned("reason", reason, "Say what should be different, so that it can be proposed again.")?;
    if allocation.status == "returned" && allocation.decided_by == Some(person.0) && allocation.decision_reason.as_deref() == Some(reason) {
        return Ok(());
    }
    if allocation.status != "proposed" {
        return Err(AppError::Conflict(format!("This allocation is {} already.", allocation.status)));
    }
    // At every step whoever may sign it may return it instead; steps signed before stay on record with it.
    let granted = granted_by(&allocation)?;
    let steps = Steps::of(&board, id, granted, &approvals::list_of_round(tx, board.of.round.id).await?);
    if let Some(step) = steps.next()
        && !roles_in(call, &board).contains(&step.role)
    {
        return Err(AppError::Forbidden(OwnWork::Role(step.role.name()).to_string()));
    }
    allocations::record_return(tx, id, person, call.now, reason, seen).await?;
    let mut event = call.event(board.subject(), "allocation", id.0, "returned");
    event.from = Some("proposed".to_owned());
    event.to = Some("returned".to_owned());
    event.why = Some(reason.to_owned());
    events::add(tx, &event).await?;
    Ok(())
}

/// What a stored allocation grants.
fn granted_by(allocation: &Allocation) -> Result<Money, AppError> {
    let document: AllocationDocument = serde_json::from_str(&allocation.document).map_err(AppError::internal)?;
    Ok(document.result.granted)
}

/// Why money could not be laid out, for whoever wants to propose it.
pub(crate) fn not_laid(cause: AllocationDocumentError) -> AppError {
    match cause {
        AllocationDocumentError::Problems(problems) => {
            AppError::Invalid(problems.into_iter().map(|problem| Problem::whole(problem.to_string())).collect())
        }
        other => AppError::internal(other),
    }
}

/// A reason as typed: given, and not too long.
fn reasoned(field: &str, reason: &str, missing: &str) -> Result<(), AppError> {
    if reason.is_empty() {
        Err(AppError::field(field, missing))
    } else if reason.chars().count() > REASON_MAX {
        Err(AppError::field(field, format!("The reason is longer than {REASON_MAX} characters. Shorten it.")))
    } else {
        Ok(())
    }
}

/// A unique violation as the conflict it is.
fn already(failed: store::Error, text: &str) -> AppError {
    if failed.is_unique_violation() { AppError::Conflict(text.to_owned()) } else { failed.into() }
}
