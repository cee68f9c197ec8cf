//! What becomes of a line of an award after it was made: declined by its applicant, lapsed by the agency. The line's money goes back to be
//! awarded again, in the same transaction; what was drawn already can't.

use crate::call::{Call, mint};
use crate::error::AppError;
use crate::review::work::Board;
use domain::access::{Action, Role, Subject};
use domain::award::Outcome;
use domain::ledger::Entry;
use domain::{ApplicationId, AwardId, AwardLineId, Money, OrganizationId, PersonId, RoundId};
use store::award_changes::{self, ChangeKind, NewChange};
use store::awards;
use store::ledger::{self, Stamp};
use store::{Tx, events, memberships, messages};
use uuid::Uuid;

/// An applicant's certifier declines what they were awarded.
///
/// # Errors
/// [`AppError::Invalid`] without a reason; [`AppError::Conflict`] when nothing is awarded to them, or it is drawn already.
pub async fn decline(call: &Call, application: ApplicationId, reason: &str) -> Result<(), AppError> {
    end(call, application, ChangeKind::Declined, reason).await
}

/// A manager lets a line lapse: its applicant does not take it up, or can't.
///
/// # Errors
/// As [`decline`].
pub async fn lapse(call: &Call, application: ApplicationId, reason: &str) -> Result<(), AppError> {
    end(call, application, ChangeKind::Lapsed, reason).await
}

async fn end(call: &Call, application: ApplicationId, kind: ChangeKind, reason: &str) -> Result<(), AppError> {
    let (call, reason) = (call.clone(), reason.trim().to_owned());
    let writer = call.clone();
    writer
        .write(move |tx| {
            let (call, reason) = (call.clone(), reason.clone());
            Box::pin(async move { end_in(tx, &call, application, kind, &reason).await })
        })
        .await
}

async fn end_in(tx: &mut Tx<'_>, call: &Call, application: ApplicationId, kind: ChangeKind, reason: &str) -> Result<(), AppError> {
    let outcome = awards::outcome_of(tx, application).await?.ok_or(AppError::NotFound)?;
    let round: RoundId = store::applications::find(tx, application).await?.ok_or(AppError::NotFound)?.of.round.id;
    let board = Board::load(tx, round).await?;
    let subject = Subject { agency: Some(board.of.round.agency), owner: Some(outcome.applicant) };
    let action = if kind == ChangeKind::Declined { Action::DeclineAward } else { Action::ProposeAllocation };
    call.must(action, subject)?;
    let person = call.person()?;
    if outcome.told_at.is_none_or(|told| told > call.now) {
        // To the applicant there is no award yet.
        return Err(match kind {
            ChangeKind::Declined => AppError::NotFound,
            _ => AppError::Conflict("The applicants have not been told yet. Return or release the awards first.".to_owned()),
        });
    }
    super::reasoned("reason", reason, "Give the reason in a sentence.")?;
    let lines = awards::lines_for(tx, application).await?;
    if lines.is_empty() {
        return Err(AppError::Conflict("No award pays for this application, or it has ended already.".to_owned()));
    }
    for line in &lines {
        end_line(tx, call, kind, line, reason, person).await?;
    }
    let told = match kind {
        ChangeKind::Declined => format!("The award was declined: {reason}"),
        _ => format!("The award lapsed: {reason}"),
    };
    award_changes::record_outcome(tx, application, Outcome::NotFunded, 0, &told, call.now).await?;
    for line in &lines {
        let mut event = call.event(subject, "application", application.0, kind.as_str());
        event.from = Some(outcome.outcome.as_str().to_owned());
        event.to = Some(kind.as_str().to_owned());
        event.why = Some(reason.to_owned());
        event.facts = serde_json::json!({
            "number": outcome.number, "award": line.award_number, "units": line.units, "amount_cents": line.amount_cents
        });
        events::add(tx, &event).await?;
        let ended = Ended { number: &outcome.number, applicant: outcome.applicant, name: &outcome.applicant_name, line, told: &told };
        tell_all(tx, call, &board, &ended).await?;
    }
    Ok(())
}

/// Ends a line: its money goes back to the appropriation that pays it.
async fn end_line(
    tx: &mut Tx<'_>,
    call: &Call,
    kind: ChangeKind,
    line: &awards::LineOf,
    reason: &str,
    person: PersonId,
) -> Result<(), AppError> {
    let (award, amount) = (AwardId(line.award), Money::cents(line.amount_cents));
    let version = award_changes::next_version(tx, award).await?;
    let less = Money::ZERO.minus(amount).map_err(AppError::internal)?;
    let change = NewChange {
        id: mint(call.now),
        award,
        line: AwardLineId(line.id),
        kind,
        units: -line.units,
        amount: less,
        by: person,
        at: call.now,
        reason,
    };
    award_changes::add(tx, &change).await.map_err(|failed| super::already(failed, "This part of the award has ended already."))?;
    let entry = Entry::give_back(line.appropriation.into(), award, version, amount).map_err(AppError::internal)?;
    let fresh = {
        let now = call.now;
        move || mint::<Uuid>(now)
    };
    let memo = format!(
        "{} of {}: back to be awarded again",
        if kind == ChangeKind::Declined { "Declined part" } else { "Lapsed part" },
        line.award_number
    );
    ledger::post(tx, &entry, &memo, &Stamp { mint: &fresh, by: Some(person), at: call.now }).await.map_err(|failed| {
        if failed.is_check_violation() {
            AppError::Conflict(format!(
                "Some of the {amount} was asked for or drawn already, so it can’t go back whole. Settle the draws first."
            ))
        } else {
            failed.into()
        }
    })?;
    Ok(())
}

/// What ended, for the messages.
struct Ended<'a> {
    number: &'a str,
    applicant: OrganizationId,
    name: &'a str,
    line: &'a awards::LineOf,
    told: &'a str,
}

/// Writes to the applicant, the recipient and the agency's managers.
async fn tell_all(tx: &mut Tx<'_>, call: &Call, board: &Board, ended: &Ended<'_>) -> Result<(), AppError> {
    let subject = format!("{}: {} is no longer part of award {}", board.of.program.name, ended.number, ended.line.award_number);
    let body = format!(
        "Application {} of {} is no longer part of award {} to {}.\n\n{}\n\n{} go back to be awarded again, by the same rules, in the order of the frozen ranking.\n\n{}\n",
        ended.number,
        ended.name,
        ended.line.award_number,
        ended.line.recipient_name,
        ended.told,
        Money::cents(ended.line.amount_cents),
        board.of.program.agency_name
    );
    let sides = [
        (ended.applicant, Role::Certifier),
        (OrganizationId(ended.line.recipient), Role::RegionalCertifier),
        (board.of.round.agency, Role::ProgramManager),
    ];
    let waitlist = format!("{}/decide/{}/waitlist", call.desk.house.base_url, board.of.round.id);
    for (organization, role) in sides {
        // A manager sees there what the rule offers now, and proposes it.
        let body = if role == Role::ProgramManager { format!("{body}\n{waitlist}\n") } else { body.clone() };
        for email in memberships::emails_of(tx, organization, role).await? {
            messages::add(tx, &call.message(&email, subject.clone(), body.clone(), "application", ended.line.application)).await?;
        }
    }
    Ok(())
}
