//! What an approved offer grants: a line more on the recipient's award, more on the line that is there, or an award where there is none; the
//! money committed, the outcome changed, and everybody told who was told before.

use super::already;
use super::award::{One, Recipients, award_one};
use crate::call::{Call, mint};
use crate::decide::letter::{self, Paid, Standing};
use crate::error::AppError;
use crate::review::work::Board;
use domain::access::Subject;
use domain::allocation::{AllocationDocument, Step};
use domain::award::{Outcome, PlannedAward, PlannedLine};
use domain::ledger::Entry;
use domain::{ApplicationId, AppropriationId, AwardId, AwardLineId, OrganizationId, PersonId};
use store::award_changes::{self, ChangeKind, NewChange};
use store::awards;
use store::ledger::{self, Stamp};
use store::refills::Refill;
use store::{Tx, events, messages};
use uuid::Uuid;

/// Grants one step: a line more on the recipient's award, more on the line that is there, or an award where there is none.
pub(super) async fn grant(
    tx: &mut Tx<'_>,
    call: &Call,
    board: &Board,
    refill: &Refill,
    step: &Step,
    person: PersonId,
) -> Result<(), AppError> {
    let application: ApplicationId = step.id.parse().map_err(AppError::internal)?;
    let round = &board.of.round;
    let why = match (refill.appeal, &board.file.named) {
        (Some(_), _) => "An appeal was upheld.",
        (None, Some(_)) => "The terms were accepted.",
        (None, None) => "Offered from the waiting list, in ranked order.",
    };
    let recipient = Recipients::load(tx, board).await?.of(&step.region)?;
    let planned = PlannedLine { application: step.id.clone(), units: step.units_granted, amount: step.granted };
    let appropriation = board.paid_by(step.pot.as_ref())?;
    let before = awards::lines_for(tx, application).await?.into_iter().find(|line| line.appropriation == appropriation.0);
    match award_changes::award_of(tx, round.id, recipient, appropriation).await? {
        None => {
            let count = award_changes::count_of(tx, round.id).await?;
            let plan = PlannedAward {
                number: format!("AW-{}-{:02}", board.of.fiscal_year, count + 1),
                pot: step.pot.clone(),
                region: step.region.clone(),
                units: planned.units,
                amount: planned.amount,
                lines: vec![planned],
            };
            let (allocation, quarters) = (refill.allocation.into(), board.quarters(step.pot.as_ref()));
            let one = One { allocation, appropriation, quarters: &quarters, continues: None, recipient, plan: &plan, person };
            award_one(tx, call, board, &one).await?;
        }
        Some(award) => {
            more(tx, call, &More { award, appropriation, before: before.map(|line| AwardLineId(line.id)), planned, why, person }).await?
        }
    }
    let outcome = awards::outcome_of(tx, application).await?.ok_or(AppError::NotFound)?;
    let units = outcome.units + step.units_granted;
    let now = Outcome::from(step.outcome);
    let reason = format!("{why} {}", step.reason);
    award_changes::record_outcome(tx, application, now, units, &reason, call.now).await?;
    let subject = Subject { agency: Some(round.agency), owner: Some(outcome.applicant) };
    let mut event = call.event(subject, "application", application.0, "decided");
    event.from = Some(outcome.outcome.as_str().to_owned());
    event.to = Some(now.as_str().to_owned());
    event.why = Some(reason);
    event.facts = serde_json::json!({ "number": outcome.number, "units": units, "refill": refill.id });
    events::add(tx, &event).await?;
    Ok(())
}

/// An award that grows.
struct More<'a> {
    award: AwardId,
    appropriation: AppropriationId,
    before: Option<AwardLineId>,
    planned: PlannedLine,
    why: &'a str,
    person: PersonId,
}

async fn more(tx: &mut Tx<'_>, call: &Call, more: &More<'_>) -> Result<(), AppError> {
    let version = award_changes::next_version(tx, more.award).await?;
    let (line, kind) = match more.before {
        Some(line) => (line, ChangeKind::Increased),
        None => {
            let line: AwardLineId = mint(call.now);
            awards::add_lines(tx, more.award, &[(line, &more.planned)])
                .await
                .map_err(|failed| already(failed, "This application’s part of the award has ended; it can’t be added again."))?;
            (line, ChangeKind::Added)
        }
    };
    let change = NewChange {
        id: mint(call.now),
        award: more.award,
        line,
        kind,
        units: more.planned.units,
        amount: more.planned.amount,
        by: more.person,
        at: call.now,
        reason: more.why,
    };
    award_changes::add(tx, &change).await?;
    let entry = Entry::award_more(more.appropriation, more.award, version, more.planned.amount).map_err(AppError::internal)?;
    let now = call.now;
    let fresh = move || mint::<Uuid>(now);
    ledger::post(tx, &entry, more.why, &Stamp { mint: &fresh, by: Some(more.person), at: now }).await.map_err(|failed| {
        if failed.is_check_violation() {
            AppError::Conflict(format!("The appropriation no longer holds {}. Return the proposal.", more.planned.amount))
        } else {
            failed.into()
        }
    })?;
    Ok(())
}

/// Writes to everybody who gets something and was told of the awards before.
pub(super) async fn tell(tx: &mut Tx<'_>, call: &Call, board: &Board, document: &AllocationDocument) -> Result<(), AppError> {
    let round = board.of.round.id;
    let outcomes = awards::outcomes(tx, round).await?;
    let standing = Standing::of(&outcomes);
    let lines = awards::lines_with_recipients(tx, round).await?;
    for step in document.result.steps.iter().filter(|step| step.units_granted > 0) {
        let Some(outcome) = outcomes.iter().find(|outcome| outcome.application.to_string() == step.id && outcome.told_at.is_some()) else {
            continue;
        };
        let appropriation = board.paid_by(step.pot.as_ref())?;
        let own = || lines.iter().filter(|line| line.application == outcome.application.0);
        let text = letter::text(&board.of, &board.file, outcome, Paid::of(own()).as_ref(), standing, call.now);
        for person in awards::people_of(tx, outcome.applicant).await? {
            let (subject, body) = letter::mail(call, &board.of, outcome, &person.name, &text);
            messages::add(tx, &call.message(&person.email, subject, body, "application", outcome.application.0)).await?;
        }
        let Some(line) = own().find(|line| line.appropriation == appropriation.0) else { continue };
        let subject = format!("{}: award {} has grown", board.of.program.name, line.award_number);
        for person in awards::people_of(tx, OrganizationId(line.recipient)).await? {
            let body = format!(
                "Dear {},\n\naward {} now pays for application {} of {}, too: {}.\n\n{}/fund/awards/{}\n\n{}\n",
                person.name,
                line.award_number,
                outcome.number,
                outcome.applicant_name,
                step.granted,
                call.desk.house.base_url,
                line.award,
                board.of.program.agency_name
            );
            messages::add(tx, &call.message(&person.email, subject.clone(), body, "award", line.award)).await?;
        }
    }
    Ok(())
}
