//! Later fiscal years of awards that run for several: each is proposed from that year's appropriation once there is one, in the frozen order as far
//! as its money goes, and approved by another person. What becomes of an application in the round stays what it was.

use super::award::{One, Recipients, award_one};
use super::not_laid;
use super::refill::{New, all_told, approved, record_new};
use super::ties::free_of_ties;
use crate::call::{Call, mint};
use crate::error::AppError;
use crate::review::work::Board;
use domain::access::{Action, Subject};
use domain::allocation::{AllocationDocument, Claim};
use domain::award::{plan, quarters};
use domain::{AppropriationId, AwardId, Money, PersonId, RefillId, RoundId};
use std::collections::{BTreeMap, BTreeSet};
use store::awards::LineOf;
use store::programs::Appropriated;
use store::refills::{self, Refill};
use store::{Tx, awards, events, ledger, messages, programs};
use uuid::Uuid;

/// A later fiscal year of a round's awards.
#[derive(Clone, Debug)]
pub struct LaterYear {
    /// The fiscal year.
    pub year: i64,
    /// The program's appropriations of that year.
    pub money: Vec<Appropriated>,
    /// Whether it is proposed already, or the awards are made.
    pub taken: bool,
}

/// The later fiscal years that a round's awards run for; none where they run for one.
///
/// # Errors
/// The store's failure.
pub async fn later_years(tx: &mut Tx<'_>, board: &Board, refills: &[Refill]) -> Result<Vec<LaterYear>, AppError> {
    let Some(years) = &board.file.award.years else { return Ok(Vec::new()) };
    let known = programs::appropriations_of(tx, board.of.program.id).await?;
    let taken: BTreeSet<Uuid> =
        refills.iter().filter(|refill| refill.status != "returned").filter_map(|refill| refill.appropriation).collect();
    let later = (1..i64::from(years.count)).map(|more| {
        let year = board.of.fiscal_year + more;
        let money: Vec<_> = known.iter().filter(|money| money.fiscal_year == year).cloned().collect();
        LaterYear { year, taken: money.iter().any(|one| taken.contains(&one.id.0)), money }
    });
    Ok(later.collect())
}

/// Proposes a later fiscal year of a round's awards, under the id minted with the form.
///
/// # Errors
/// [`AppError::Conflict`] before the applicants are told, when the year is proposed already, or nothing can be paid.
pub async fn propose_later(call: &Call, round: RoundId, id: RefillId, appropriation: AppropriationId) -> Result<(), AppError> {
    let call = call.clone();
    let writer = call.clone();
    writer
        .write(move |tx| {
            let call = call.clone();
            Box::pin(async move { propose_in(tx, &call, round, id, appropriation).await })
        })
        .await
}

async fn propose_in(tx: &mut Tx<'_>, call: &Call, round: RoundId, id: RefillId, appropriation: AppropriationId) -> Result<(), AppError> {
    let board = Board::load(tx, round).await?;
    call.must(Action::ProposeAllocation, board.subject())?;
    let person = call.person()?;
    let before = refills::list_of(tx, round).await?;
    if before.iter().any(|refill| refill.id == id.0) {
        return Ok(());
    }
    free_of_ties(tx, &board, person).await?;
    let (allocation, document) = approved(tx, round).await?;
    all_told(&awards::outcomes(tx, round).await?, call.now)?;
    let years = board.file.award.years.as_ref().ok_or(AppError::NotFound)?;
    let later = later_years(tx, &board, &before).await?;
    let found = later.iter().find_map(|year| Some((year, year.money.iter().find(|money| money.id == appropriation)?)));
    let (year, money) = found.ok_or(AppError::NotFound)?;
    if year.taken {
        return Err(AppError::Conflict(format!("Fiscal year {} is proposed or awarded already.", year.year)));
    }
    ledger::open_appropriation(tx, appropriation, money.amount, &move || mint::<Uuid>(call.now), Some(person), call.now).await?;
    let pot = ledger::available_of(tx, appropriation).await?;
    let claims = standing(tx, round, &document).await?;
    let laid = document.continued(pot, claims, years).map_err(not_laid)?;
    if !laid.result.granted.is_positive() {
        return Err(AppError::Conflict(format!("The {pot} that fiscal year {} has left pay for no award.", year.year)));
    }
    let appropriation = Some(appropriation);
    record_new(tx, call, &New { id, round: &board, allocation: allocation.id, appeal: None, appropriation, document: &laid }).await
}

/// What each application has of the awards of the round's own fiscal year, as claims on the next.
async fn standing(tx: &mut Tx<'_>, round: RoundId, document: &AllocationDocument) -> Result<Vec<Claim>, AppError> {
    let mut units: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for line in awards::lines_with_recipients(tx, round).await?.iter().filter(|line| !line.later) {
        let sums = units.entry(line.application.to_string()).or_default();
        *sums = (sums.0 + line.units, sums.1 + line.amount_cents);
    }
    // Where money itself is awarded, as by a law that names amounts, the same amount is asked for.
    let claim = |claim: &Claim| {
        let (has, cents) = units.get(&claim.id).copied().filter(|(has, _)| *has > 0)?;
        let unit_cost = claim.unit_cost.map(|_| Money::cents(cents / has));
        Some(Claim { units_requested: has, unit_cost, least: None, last: None, named: None, ..claim.clone() })
    };
    Ok(document.claims.iter().filter_map(claim).collect())
}

/// Makes the awards of a later fiscal year, and tells who has one.
pub(super) async fn continue_awards(
    tx: &mut Tx<'_>,
    call: &Call,
    board: &Board,
    (refill, appropriation): (&Refill, AppropriationId),
    document: &AllocationDocument,
    person: PersonId,
) -> Result<(), AppError> {
    let money = programs::appropriations_of(tx, board.of.program.id).await?.into_iter().find(|money| money.id == appropriation);
    let money = money.ok_or_else(|| AppError::internal("a proposal from an appropriation that the program does not have"))?;
    let year = money.fiscal_year;
    let lines = awards::lines_with_recipients(tx, board.of.round.id).await?;
    let recipients = Recipients::load(tx, board).await?;
    let quarters = quarters(money.begins_on, money.lapses_on, board.file.reporting.due_days);
    for mut plan in plan(&document.result, year).map_err(AppError::internal)? {
        let paid = |line: &&LineOf| !line.later && plan.lines.iter().any(|planned| planned.application == line.application.to_string());
        let first = lines.iter().find(paid).ok_or_else(|| AppError::internal("a continued award without the first"))?;
        let recipient = recipients.of(&plan.region)?;
        plan.number = format!("{}-FY{year}", first.award_number);
        let (allocation, continues) = (refill.allocation.into(), Some(AwardId(first.award)));
        let one = One { allocation, appropriation, quarters: &quarters, continues, recipient, plan: &plan, person };
        award_one(tx, call, board, &one).await?;
        let subject = format!("{}: award {} for fiscal year {year}", board.of.program.name, plan.number);
        for person in awards::people_of(tx, recipient).await? {
            let body = format!(
                "Dear {},\n\naward {} goes on in fiscal year {year}: {}, numbered {}.\n\n{}/fund\n\n{}\n",
                person.name, first.award_number, plan.amount, plan.number, call.desk.house.base_url, board.of.program.agency_name
            );
            messages::add(tx, &call.message(&person.email, subject.clone(), body, "round", board.of.round.id.0)).await?;
        }
    }
    tell(tx, call, board, document, year).await
}

/// Writes to the applicants what the later year brings each, and enters it in their record.
async fn tell(tx: &mut Tx<'_>, call: &Call, board: &Board, document: &AllocationDocument, year: i64) -> Result<(), AppError> {
    let outcomes = awards::outcomes(tx, board.of.round.id).await?;
    let people = awards::people_of_applicants(tx, board.of.round.id).await?;
    let (mut entered, mut mails) = (Vec::new(), Vec::new());
    for step in &document.result.steps {
        let Some(outcome) = outcomes.iter().find(|outcome| outcome.application.to_string() == step.id) else { continue };
        let brings = if step.units_granted > 0 {
            format!(
                "Fiscal year {year} pays {} for application {}, of {} that the first year’s award pays for.",
                step.granted, outcome.number, step.requested
            )
        } else {
            format!("The money of fiscal year {year} does not reach application {}. {}", outcome.number, step.reason)
        };
        let subject = Subject { agency: Some(board.of.round.agency), owner: Some(outcome.applicant) };
        let mut event = call.event(subject, "application", outcome.application.0, "continued");
        event.why = Some(step.reason.clone());
        event.facts = serde_json::json!({ "number": outcome.number, "fiscal_year": year, "units": step.units_granted });
        entered.push(event);
        let title = format!("{}: fiscal year {year} ({})", board.of.program.name, outcome.number);
        for person in people.iter().filter(|person| person.application == outcome.application.0) {
            let body = format!("Dear {},\n\n{brings}\n\n{}\n", person.name, board.of.program.agency_name);
            mails.push(call.message(&person.email, title.clone(), body, "application", outcome.application.0));
        }
    }
    events::add_all(tx, &entered).await?;
    Ok(messages::add_all(tx, &mails).await?)
}
