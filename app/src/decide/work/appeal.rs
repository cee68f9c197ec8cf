//! Appeals: submitted by the applicant's certifier with the record as it stands, ruled on by somebody without a hand in the decision. What an
//! upheld one brings is proposed from the reserve by the same rule, and approved like any other award.

use super::refill::{approved, propose_for_appeal};
use super::{already, not_laid};
use crate::call::Call;
use crate::error::{AppError, Problem};
use crate::review::panel::work::free_to_read;
use crate::review::work::{Board, candidate_of, region_of};
use domain::access::{Action, Role};
use domain::allocation::{AllocationDocument, Claim};
use domain::appeal::{Again, AgainError, AppealError, AppealTerms, PutRight, STATEMENT_MAX, Status, Verb, again, may_rule};
use domain::award::Outcome;
use domain::canonical::{canonical, sha256_hex};
use domain::named::NamedTerms;
use domain::ranking::{Candidate, RankingDocument, RankingProblem};
use domain::ruleset::RuleSet;
use domain::{AppealId, ApplicationId, RoundId, Timestamp};
use rust_decimal::Decimal;
use store::appeals::{self, Appeal, NewAppeal, Ruling};
use store::awards::OutcomeOf;
use store::rankings::Entrant;
use store::{Tx, award_changes, awards, events, memberships, messages, rankings};
use uuid::Uuid;

/// An appeal as posted.
#[derive(Clone, Debug)]
pub struct AppealInput {
    /// Minted with the form.
    pub id: AppealId,
    /// The ground's key.
    pub ground: String,
    /// Why.
    pub statement: String,
}

/// Until when an applicant can appeal.
///
/// # Errors
/// [`AppealError`]: why not at all, or no more.
pub fn open_until(board: &Board, outcome: &OutcomeOf, now: Timestamp) -> Result<Timestamp, AppealError> {
    let terms: &AppealTerms = board.file.appeals.as_ref().ok_or(AppealError::NoAppeals)?;
    let told = outcome.told_at.filter(|told| *told <= now).ok_or(AppealError::NotTold)?;
    if outcome.outcome == Outcome::Funded {
        return Err(AppealError::FundedWhole);
    }
    let zone = board.of.round.zone;
    let until = terms.until(told, zone);
    if now > until { Err(AppealError::TooLate(until.say_in(zone))) } else { Ok(until) }
}

/// Submits an appeal under the id minted with the form: the same id again is the same appeal.
///
/// # Errors
/// [`AppError::Conflict`] when there is none to be made, or one was made; [`AppError::Invalid`] without ground or statement.
pub async fn submit_appeal(call: &Call, application: ApplicationId, input: &AppealInput) -> Result<(), AppError> {
    let (call, input) = (call.clone(), input.clone());
    let writer = call.clone();
    writer
        .write(move |tx| {
            let (call, input) = (call.clone(), input.clone());
            Box::pin(async move { submit_in(tx, &call, application, &input).await })
        })
        .await
}

async fn submit_in(tx: &mut Tx<'_>, call: &Call, application: ApplicationId, input: &AppealInput) -> Result<(), AppError> {
    let found = crate::apply::work::find(tx, call, application, Action::SubmitAppeal).await?;
    let subject = found.subject();
    let board = Board::load(tx, found.of.round.id).await?;
    let outcome = awards::outcome_of(tx, application).await?.ok_or_else(|| AppError::Conflict(AppealError::NotTold.to_string()))?;
    if let Some(before) = appeals::of_application(tx, application).await? {
        let text = "An appeal was submitted for this application already.".to_owned();
        return if before.id == input.id { Ok(()) } else { Err(AppError::Conflict(text)) };
    }
    open_until(&board, &outcome, call.now).map_err(|refusal| AppError::Conflict(refusal.to_string()))?;
    check(&board, input)?;
    let statement = input.statement.trim();
    let working = rankings::working_of(tx, application).await?;
    let record = serde_json::json!({
        "application": outcome.number,
        "applicant": outcome.applicant_name,
        "program": board.of.program.slug,
        "round": board.of.round.slug,
        "file_sha256": board.of.file_sha256,
        "outcome": outcome.outcome,
        "units": outcome.units,
        "units_requested": outcome.units_requested,
        "reason": outcome.reason,
        "told_at": outcome.told_at,
        "working": working.map(|working| working.place),
        "ground": input.ground,
        "statement": statement,
        "submitted_at": call.now,
    });
    let frozen = canonical(&record).map_err(AppError::internal)?;
    let sha256 = sha256_hex(frozen.as_bytes());
    let number = format!("{}-A1", outcome.number);
    let new = NewAppeal {
        id: input.id,
        application,
        number: &number,
        ground: &input.ground,
        statement,
        by: call.person()?,
        at: call.now,
        frozen: &frozen,
        sha256: &sha256,
    };
    appeals::add(tx, &new).await.map_err(|failed| already(failed, "An appeal was submitted for this application already."))?;
    let mut event = call.event(subject, "appeal", input.id.0, "submitted");
    event.to = Some(Status::Submitted.as_str().to_owned());
    event.facts = serde_json::json!({ "number": number, "application": application, "ground": input.ground, "sha256": sha256 });
    events::add(tx, &event).await?;
    let (program, base) = (&board.of.program.name, &call.desk.house.base_url);
    for person in awards::people_of(tx, outcome.applicant).await? {
        let body = format!(
            "Dear {},\n\nthe appeal {number} was received {}. It is saved; its fingerprint is\n{sha256}\n\nYou are told of the ruling by mail. The appeal:\n{base}/apply/{application}/appeal\n\n{}\n",
            person.name,
            call.now.say_in(board.of.round.zone),
            board.of.program.agency_name
        );
        messages::add(tx, &call.message(&person.email, format!("{program}: appeal {number} received"), body, "appeal", input.id.0)).await?;
    }
    for email in memberships::emails_of(tx, board.of.round.agency, Role::ProgramManager).await? {
        let body =
            format!("{} appeals against the decision on {}.\n\n{base}/appeals/{}\n", outcome.applicant_name, outcome.number, input.id);
        messages::add(tx, &call.message(&email, format!("{program}: appeal {number}"), body, "appeal", input.id.0)).await?;
    }
    Ok(())
}

fn check(board: &Board, input: &AppealInput) -> Result<(), AppError> {
    let mut problems = Vec::new();
    let grounds = board.file.appeals.as_ref().map(|terms| terms.grounds.as_slice()).unwrap_or_default();
    if !grounds.iter().any(|ground| ground.key == input.ground) {
        problems.push(Problem::new("ground", "Choose the ground of the appeal."));
    }
    let length = input.statement.trim().chars().count();
    if length == 0 {
        problems.push(Problem::new("statement", "Say what was wrong, and what shows it."));
    } else if length > STATEMENT_MAX {
        problems.push(Problem::new("statement", format!("The statement is longer than {STATEMENT_MAX} characters. Shorten it.")));
    }
    if problems.is_empty() { Ok(()) } else { Err(AppError::Invalid(problems)) }
}

/// The appellant takes an appeal back.
///
/// # Errors
/// [`AppError::Conflict`] when it was ruled on already.
pub async fn withdraw_appeal(call: &Call, application: ApplicationId) -> Result<(), AppError> {
    let call = call.clone();
    let writer = call.clone();
    writer
        .write(move |tx| {
            let call = call.clone();
            Box::pin(async move {
                let appeal = appeals::of_application(tx, application).await?.ok_or(AppError::NotFound)?;
                call.must(Action::SubmitAppeal, appeal.subject())?;
                if appeal.status == Status::Withdrawn {
                    return Ok(());
                }
                let to = appeal.status.after(Verb::Withdraw).map_err(|refusal| AppError::Conflict(refusal.to_string()))?;
                appeals::record_withdrawal(tx, appeal.id).await?;
                let mut event = call.event(appeal.subject(), "appeal", appeal.id.0, "withdrew");
                event.from = Some(appeal.status.as_str().to_owned());
                event.to = Some(to.as_str().to_owned());
                events::add(tx, &event).await?;
                Ok(())
            })
        })
        .await
}

/// A ruling as posted.
#[derive(Clone, Debug)]
pub struct RulingInput {
    /// Upheld or dismissed, if chosen.
    pub upheld: Option<bool>,
    /// The reason.
    pub reason: String,
    /// Numbers that an upheld one puts right, by input key, as typed; empty ones stand.
    pub right: Vec<(String, String)>,
    /// The version of the appeal that was seen.
    pub seen: i64,
}

/// Rules on an appeal. The same ruling posted twice is taken once.
///
/// # Errors
/// [`AppError::Forbidden`] for whoever had a hand in the decision; [`AppError::Conflict`] when it was ruled on or changed meanwhile;
/// [`AppError::Invalid`] without choice or reason.
pub async fn rule(call: &Call, id: AppealId, input: &RulingInput) -> Result<(), AppError> {
    let (call, input) = (call.clone(), input.clone());
    let writer = call.clone();
    writer
        .write(move |tx| {
            let (call, input) = (call.clone(), input.clone());
            Box::pin(async move { rule_in(tx, &call, id, &input).await })
        })
        .await
}

async fn rule_in(tx: &mut Tx<'_>, call: &Call, id: AppealId, input: &RulingInput) -> Result<(), AppError> {
    let appeal = appeals::find(tx, id).await?.ok_or(AppError::NotFound)?;
    call.must(Action::RuleAppeal, appeal.subject())?;
    let person = call.person()?;
    let board = Board::load(tx, appeal.round).await?;
    free_to_read(tx, call, &board, appeal.application).await?;
    let hands = super::hands(tx, &board, person).await?;
    may_rule(hands).map_err(|refusal| AppError::Forbidden(refusal.to_string()))?;
    let reason = input.reason.trim();
    let mut problems = Vec::new();
    if input.upheld.is_none() {
        problems.push(Problem::new("ruling", "Choose whether the appeal is upheld."));
    }
    if let Err(AppError::Invalid(found)) = super::reasoned("reason", reason, "Give the reason of the ruling.") {
        problems.extend(found);
    }
    let right = numbers(input, &mut problems);
    let Some(upheld) = input.upheld.filter(|_| problems.is_empty()) else { return Err(AppError::Invalid(problems)) };
    let verb = if upheld { Verb::Uphold } else { Verb::Dismiss };
    let repeated = appeal.ruling.as_deref() == Some(reason) && appeal.ruled_by_name.as_deref() == Some(call.actor.name.as_str());
    if repeated && Status::Submitted.after(verb) == Ok(appeal.status) {
        return Ok(());
    }
    let to = appeal.status.after(verb).map_err(|refusal| AppError::Conflict(refusal.to_string()))?;
    let (effect, put_right) =
        if upheld { uphold(tx, call, &board, &appeal, &right).await? } else { ("The decision stands.".to_owned(), None) };
    let put_right = put_right.as_ref();
    let ruling = Ruling { status: to, by: person, at: call.now, reason, effect: &effect, put_right };
    appeals::record_ruling(tx, &appeal, &ruling, input.seen).await?;
    let mut event = call.event(appeal.subject(), "appeal", id.0, "ruled");
    event.from = Some(appeal.status.as_str().to_owned());
    event.to = Some(to.as_str().to_owned());
    event.why = Some(reason.to_owned());
    event.facts = serde_json::json!({ "number": appeal.number, "effect": effect, "put_right": put_right });
    events::add(tx, &event).await?;
    let subject = format!("{}: appeal {} is {}", board.of.program.name, appeal.number, to.name().to_lowercase());
    for person in awards::people_of(tx, appeal.applicant).await? {
        let body = format!(
            "Dear {},\n\nthe appeal {} is {}.\n\nThe reason: {reason}\n\n{effect}\n\n{}/apply/{}/appeal\n\n{}\n",
            person.name,
            appeal.number,
            to.name().to_lowercase(),
            call.desk.house.base_url,
            appeal.application,
            board.of.program.agency_name
        );
        messages::add(tx, &call.message(&person.email, subject.clone(), body, "appeal", id.0)).await?;
    }
    Ok(())
}

/// The numbers to put right, as typed. Nothing is put right by a dismissal.
fn numbers(input: &RulingInput, problems: &mut Vec<Problem>) -> Vec<(String, Decimal)> {
    let mut right = Vec::new();
    for (key, typed) in input.right.iter().filter(|(_, typed)| !typed.trim().is_empty()) {
        match typed.trim().replace(',', "").parse() {
            Ok(value) if input.upheld == Some(true) => right.push((key.clone(), value)),
            Ok(_) => problems
                .push(Problem::new(right_field(key), "A number is put right when the appeal is upheld. Empty this field, or uphold.")),
            Err(_) => problems.push(Problem::new(right_field(key), "Enter a number, like 12 or 8.5.")),
        }
    }
    right
}

/// The name of the field for the right number of an input.
#[must_use]
pub fn right_field(key: &str) -> String {
    format!("right_{key}")
}

/// What an upheld appeal brings: in a sentence for the appellant, and what the rules make of the numbers that were put right.
async fn uphold(
    tx: &mut Tx<'_>,
    call: &Call,
    board: &Board,
    appeal: &Appeal,
    right: &[(String, Decimal)],
) -> Result<(String, Option<PutRight>), AppError> {
    let outcome = awards::outcome_of(tx, appeal.application).await?.ok_or(AppError::NotFound)?;
    let left = outcome.units_requested - outcome.units;
    if left < 1 {
        return Ok(("The application is funded whole by now.".to_owned(), None));
    }
    let round: RoundId = board.of.round.id;
    let entrant = rankings::entrants(tx, round).await?.into_iter().find(|entrant| entrant.id == appeal.application.0);
    let (allocation, document) = approved(tx, round).await?;
    if let Some(named) = &board.file.named {
        let claim = named_claim(tx, board, named, &document, entrant.as_ref()).await?;
        return Ok((from_reserve(tx, call, board, appeal, (allocation.id, &document), claim).await?, None));
    }
    let claim = claim_of(board, &document, &outcome, entrant.as_ref());
    if right.is_empty() && outcome.place.is_some() {
        // The numbers stand, so the place does: what was done wrong was the procedure.
        let claim = claim.map(|claim| Claim { units_requested: left, ..claim });
        return Ok((from_reserve(tx, call, board, appeal, (allocation.id, &document), claim).await?, None));
    }
    let claim = claim.ok_or(AppError::NotFound)?;
    let again = computed_again(tx, board, appeal, (&document, &claim), right, call.now).await?;
    let PutRight { place_before, place, units, .. } = again.put_right;
    let before = place_before.map(|before| format!(" instead of {before}")).unwrap_or_default();
    let stands = format!("With the right numbers it stands at place {place}{before}");
    let due = (units - outcome.units).min(left);
    if due < 1 {
        return Ok((format!("{stands}, where the same money brings no more than it has."), Some(again.put_right)));
    }
    let due = Some(Claim { units_requested: due, place, ..claim });
    // By points, the reserve weighs the right ones.
    let document = AllocationDocument { points: again.allocation.points, ..document };
    let brought = from_reserve(tx, call, board, appeal, (allocation.id, &document), due).await?;
    let unit = if units == 1 { &board.file.award.unit } else { &board.file.award.units };
    Ok((format!("{stands}, where the same money brings {units} {unit}. {brought}"), Some(again.put_right)))
}

/// The round's frozen ranking, and the appellant with its numbers in it; where it was found ineligible and not ranked, with those that the ruling
/// kept, or before one with those on record.
///
/// # Errors
/// Failures of the store.
pub async fn appellant(
    tx: &mut Tx<'_>,
    board: &Board,
    appeal: &Appeal,
    now: Timestamp,
) -> Result<Option<(RankingDocument, Candidate)>, AppError> {
    let Some(frozen) = rankings::of_round(tx, board.of.round.id).await? else { return Ok(None) };
    let ranking: RankingDocument = serde_json::from_str(&frozen.document).map_err(AppError::internal)?;
    let kept = appeal.put_right.as_ref().and_then(|put_right| put_right.candidate.as_ref());
    let ranked = || ranking.candidates.iter().find(|candidate| candidate.id == appeal.application.to_string());
    if let Some(candidate) = kept.or_else(ranked).cloned() {
        return Ok(Some((ranking, candidate)));
    }
    let entrants = rankings::entrants(tx, board.of.round.id).await?;
    let Some(entrant) = entrants.iter().find(|entrant| entrant.id == appeal.application.0) else { return Ok(None) };
    Ok(Some((ranking, candidate_of(tx, board, entrant, now).await?)))
}

/// The round's ranking and allocation with an application's numbers put right.
async fn computed_again(
    tx: &mut Tx<'_>,
    board: &Board,
    appeal: &Appeal,
    (document, claim): (&AllocationDocument, &Claim),
    right: &[(String, Decimal)],
    now: Timestamp,
) -> Result<Again, AppError> {
    let (ranking, candidate) = appellant(tx, board, appeal, now).await?.ok_or(AppError::NotFound)?;
    let asked = ranking.rules.inputs();
    if right.iter().any(|(key, _)| !asked.contains(&key.as_str())) {
        return Err(AppError::NotFound);
    }
    let source = format!("Ruling on appeal {}", appeal.number);
    again(&ranking, document, &candidate, claim, right, &source).map_err(|refusal| match refusal {
        AgainError::Ranking(problems) => AppError::Invalid(problems.iter().map(|problem| not_ranked(problem, &ranking.rules)).collect()),
        AgainError::ShutOut(_) => AppError::Invalid(vec![Problem::whole(refusal.to_string())]),
        AgainError::Allocation(cause) => not_laid(cause),
    })
}

/// A number that is missing or wrong, at the field that gives it.
fn not_ranked(problem: &RankingProblem, rules: &RuleSet) -> Problem {
    let named =
        |name: &str| rules.criteria.iter().find(|criterion| criterion.name == name).map(|criterion| criterion.input_key().to_owned());
    let key = match problem {
        RankingProblem::Missing { input, .. } | RankingProblem::Contested { input, .. } => Some(input.clone()),
        RankingProblem::OffAnchor { criterion, .. } | RankingProblem::NotACount { criterion, .. } => named(criterion),
        _ => None,
    };
    let text = match problem {
        RankingProblem::Missing { criterion, .. } => format!("Nothing is on record for “{criterion}”. Give the right number, or dismiss."),
        other => other.to_string(),
    };
    key.map_or_else(|| Problem::whole(problem.to_string()), |key| Problem::new(right_field(&key), text))
}

/// The documents of a ruling that put numbers right, computed again: the ranking, and the same money laid out over it.
///
/// # Errors
/// [`AppError::NotFound`] for an appeal that put no number right.
pub async fn documents(tx: &mut Tx<'_>, board: &Board, appeal: &Appeal, now: Timestamp) -> Result<Again, AppError> {
    let put_right = appeal.put_right.as_ref().ok_or(AppError::NotFound)?;
    let outcome = awards::outcome_of(tx, appeal.application).await?.ok_or(AppError::NotFound)?;
    let entrants = rankings::entrants(tx, board.of.round.id).await?;
    let entrant = entrants.iter().find(|entrant| entrant.id == appeal.application.0).ok_or(AppError::NotFound)?;
    let (_, document) = approved(tx, board.of.round.id).await?;
    let claim = claim_of(board, &document, &outcome, Some(entrant)).ok_or(AppError::NotFound)?;
    let right: Vec<_> = put_right.corrections.iter().map(|one| (one.input.clone(), one.to)).collect();
    computed_again(tx, board, appeal, (&document, &claim), &right, now).await
}

/// Proposes a claim from the money set aside, or puts it on the waiting list; in a sentence for the appellant.
async fn from_reserve(
    tx: &mut Tx<'_>,
    call: &Call,
    board: &Board,
    appeal: &Appeal,
    allocation: (Uuid, &AllocationDocument),
    claim: Option<Claim>,
) -> Result<String, AppError> {
    if let Some(claim) = claim
        && propose_for_appeal(tx, call, board, appeal.id, allocation, claim).await?
    {
        return Ok("What the rules bring it is proposed from the money set aside for appeals, and waits for approval.".to_owned());
    }
    let outcome = awards::outcome_of(tx, appeal.application).await?.ok_or(AppError::NotFound)?;
    if outcome.outcome == Outcome::NotFunded && outcome.place.is_some() {
        let told =
            "The appeal was upheld; the money set aside for appeals does not reach, so it waits in its place for money that comes back.";
        award_changes::record_outcome(tx, appeal.application, Outcome::Waitlisted, 0, told, call.now).await?;
        return Ok(told.to_owned());
    }
    Ok("The money set aside for appeals does not reach for more.".to_owned())
}

/// The claim of an application that the law names, whole: an appeal can't bring a part of the law's amount.
async fn named_claim(
    tx: &mut Tx<'_>,
    board: &Board,
    named: &NamedTerms,
    document: &AllocationDocument,
    entrant: Option<&Entrant>,
) -> Result<Option<Claim>, AppError> {
    let Some(entrant) = entrant else { return Ok(None) };
    let last = document.claims.iter().map(|claim| claim.place).max().unwrap_or(0);
    let place = document.claims.iter().find(|claim| claim.id == entrant.id.to_string()).map_or(last + 1, |claim| claim.place);
    let claim = super::named::claim_of(tx, board, named, entrant, place).await?;
    if claim.as_ref().and_then(|claim| claim.named.as_ref()).is_some_and(|named| named.accepted.is_none()) {
        return Err(AppError::Conflict(format!(
            "{} has not accepted the terms yet. Ask it to; the appeal can be upheld after that.",
            entrant.name
        )));
    }
    Ok(claim)
}

/// The claim of an application: its own in the allocation, or, for who was found ineligible and has no place, the number after the last; alone
/// on the reserve any does.
fn claim_of(board: &Board, document: &AllocationDocument, outcome: &OutcomeOf, entrant: Option<&Entrant>) -> Option<Claim> {
    let id = outcome.application.to_string();
    if let Some(claim) = document.claims.iter().find(|claim| claim.id == id) {
        return Some(claim.clone());
    }
    let last = document.claims.iter().map(|claim| claim.place).max().unwrap_or(0);
    Some(Claim {
        id,
        number: outcome.number.clone(),
        place: last + 1,
        region: region_of(&board.file, entrant?)?,
        units_requested: outcome.units_requested,
        unit_cost: None,
        least: None,
        last: None,
        named: None,
    })
}
