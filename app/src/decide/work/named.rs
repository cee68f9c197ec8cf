//! What a law names, on its way to awards: claims out of the law's list and the gates that each has passed, and who may not take part. Which
//! amount follows is [`domain::allocation`]'s; here nothing is weighed.

use super::not_laid;
use crate::call::Call;
use crate::error::{AppError, Problem};
use crate::review::ties::conflict_with_any;
use crate::review::work::Board;
use domain::access::Action;
use domain::allocation::{AllocationDocument, Claim, Outcome};
use domain::approval::{Hands, OwnWork};
use domain::canonical::sha256_hex;
use domain::named::{NamedTerms, Recipient};
use domain::ranking::RankingDocument;
use domain::review::REASON_MAX;
use domain::{ApplicationId, OrganizationId, PersonId, RoundId};
use std::collections::BTreeMap;
use store::rankings::{Entrant, Frozen};
use store::{Tx, acceptances, approvals, events, panels, programs, rankings};
use uuid::Uuid;

/// What a person has done towards a round's decision, and whether they have a tie to a recipient that the law names.
///
/// # Errors
/// The store's failure.
pub async fn hands(tx: &mut Tx<'_>, board: &Board, person: PersonId) -> Result<Hands, AppError> {
    let round = board.of.round.id;
    let hands = approvals::hands(tx, round, person).await?;
    if board.file.named.is_none() {
        return Ok(hands);
    }
    let applications = panels::applications(tx, round).await?;
    let tied = conflict_with_any(tx, board, person, &applications).await?.is_some();
    Ok(Hands { tied, ..hands })
}

/// Refuses whoever has a tie to a recipient.
///
/// # Errors
/// [`AppError::Forbidden`]; the store's failure.
pub(super) async fn free_of_ties(tx: &mut Tx<'_>, board: &Board, person: PersonId) -> Result<(), AppError> {
    if hands(tx, board, person).await?.tied { Err(AppError::Forbidden(OwnWork::Tied.to_string())) } else { Ok(()) }
}

/// SHA-256 of the terms that each application's recipient accepted.
async fn accepted(tx: &mut Tx<'_>, round: RoundId) -> Result<BTreeMap<Uuid, String>, AppError> {
    Ok(acceptances::list_of_round(tx, round).await?.into_iter().map(|one| (one.application, one.digest)).collect())
}

fn claim(recipient: &Recipient, entrant: &Entrant, place: u32, accepted: Option<String>) -> Claim {
    Claim {
        id: entrant.id.to_string(),
        number: entrant.number.clone(),
        place,
        region: recipient.region.clone(),
        units_requested: recipient.units,
        unit_cost: Some(recipient.unit_cost),
        least: None,
        last: None,
        named: Some(recipient.claim(accepted)),
    }
}

/// The claim of an application that the law names.
///
/// # Errors
/// The store's failure.
pub(super) async fn claim_of(
    tx: &mut Tx<'_>,
    board: &Board,
    named: &NamedTerms,
    entrant: &Entrant,
    place: u32,
) -> Result<Option<Claim>, AppError> {
    let Some((_, recipient)) = named.recipient_of(&entrant.name) else { return Ok(None) };
    let digest = accepted(tx, board.of.round.id).await?.remove(&entrant.id);
    Ok(Some(claim(recipient, entrant, place, digest)))
}

/// The claims with the terms as they are accepted now.
///
/// # Errors
/// The store's failure.
pub(super) async fn refreshed(tx: &mut Tx<'_>, round: RoundId, mut claims: Vec<Claim>) -> Result<Vec<Claim>, AppError> {
    let accepted = accepted(tx, round).await?;
    for claim in &mut claims {
        let application: ApplicationId = claim.id.parse().map_err(AppError::internal)?;
        if let Some(named) = &mut claim.named {
            named.accepted = accepted.get(&application.0).cloned();
        }
    }
    Ok(claims)
}

/// Lays the appropriation out as the law names it: a claim for each recipient that is on the frozen list, and for every other why it has none.
///
/// # Errors
/// [`AppError::Invalid`] when the ledger no longer holds what the law names; [`AppError::Conflict`] while nobody has accepted the terms.
pub(super) async fn compute(
    tx: &mut Tx<'_>,
    board: &Board,
    named: &NamedTerms,
    frozen: &Frozen,
    list: &RankingDocument,
) -> Result<AllocationDocument, AppError> {
    let round = board.of.round.id;
    let entrants = rankings::entrants(tx, round).await?;
    let mut accepted = accepted(tx, round).await?;
    let places: BTreeMap<&str, u32> = list.result.places.iter().map(|place| (place.candidate.as_str(), place.place)).collect();
    let (mut claims, mut unclaimed) = (Vec::new(), Vec::new());
    for recipient in &named.recipients {
        let own = || entrants.iter().filter(|one| named.means(recipient, &one.name));
        let placed = own().find_map(|one| Some((one, *places.get(one.id.to_string().as_str())?)));
        if let Some((entrant, place)) = placed {
            claims.push(claim(recipient, entrant, place, accepted.remove(&entrant.id)));
            continue;
        }
        // The document is published; the reason that staff gave stands in the applicant's letter and the packet.
        let (number, reason) = match own().next() {
            Some(entrant) => (Some(entrant.number.clone()), "Its application was found not eligible.".to_owned()),
            None => (None, format!("It did not hand in an application by {}.", board.of.round.deadline())),
        };
        let none = recipient.unclaimed(number, format!("{reason} The money stays in the pot."));
        unclaimed.push(none.map_err(AppError::internal)?);
    }
    let hash = sha256_hex(frozen.document.as_bytes());
    let document = AllocationDocument::named(&board.file, &hash, board.progress.available, &claims, unclaimed).map_err(not_laid)?;
    let short = document.result.steps.iter().filter(|step| step.outcome == Outcome::NotFunded);
    let problems: Vec<Problem> = short.map(|step| Problem::whole(format!("{}: {}", step.number, step.reason))).collect();
    if !problems.is_empty() {
        return Err(AppError::Invalid(problems));
    }
    if document.result.granted.is_positive() {
        Ok(document)
    } else {
        Err(AppError::Conflict("No recipient on the list has accepted the terms yet, so no award can be proposed.".to_owned()))
    }
}

/// Declares a tie to an organization of a round of what the law names: whoever declares takes no further part in it.
///
/// # Errors
/// [`AppError::Invalid`] without an organization or words; [`AppError::Conflict`] in a competition, whose panel declares at its own desk.
pub async fn declare_tie(call: &Call, round: RoundId, organization: Option<OrganizationId>, why: &str) -> Result<(), AppError> {
    let (call, why) = (call.clone(), why.trim().to_owned());
    let writer = call.clone();
    writer
        .write(move |tx| {
            let (call, why) = (call.clone(), why.clone());
            Box::pin(async move { declare_in(tx, &call, round, organization, &why).await })
        })
        .await
}

async fn declare_in(tx: &mut Tx<'_>, call: &Call, round: RoundId, organization: Option<OrganizationId>, why: &str) -> Result<(), AppError> {
    let board = Board::load(tx, round).await?;
    call.must(Action::DeclareTie, board.subject())?;
    if board.file.named.is_none() {
        return Err(AppError::Conflict("This is a competition: its reviewers declare their ties at their own desk.".to_owned()));
    }
    let known = organizations(tx, round).await?;
    let chosen = organization.and_then(|id| known.iter().find(|(known, _)| *known == id));
    let mut problems = Vec::new();
    if chosen.is_none() {
        problems.push(Problem::new("organization", "Choose the organization that you have a tie to."));
    }
    if why.is_empty() || why.chars().count() > REASON_MAX {
        problems.push(Problem::new("why", format!("Say in a few words what the tie is, in at most {REASON_MAX} characters.")));
    }
    let Some((organization, _)) = chosen.filter(|_| problems.is_empty()) else { return Err(AppError::Invalid(problems)) };
    let person = call.person()?;
    if panels::declared(tx, round, person).await?.iter().any(|tie| tie.organization == organization.0 && tie.why == why) {
        return Ok(());
    }
    panels::add_conflict(tx, round, person, *organization, why, call.now).await?;
    let mut event = call.event(board.subject(), "round", round.0, "declared a tie");
    event.why = Some(why.to_owned());
    event.facts = serde_json::json!({ "organization": organization });
    events::add(tx, &event).await?;
    Ok(())
}

/// The organizations that a tie can be to: who applied, and who receives the awards; by name.
///
/// # Errors
/// The store's failure.
pub async fn organizations(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<(OrganizationId, String)>, AppError> {
    let mut all: Vec<(OrganizationId, String)> = rankings::entrants(tx, round)
        .await?
        .into_iter()
        .map(|one| (one.applicant.into(), format!("{}, which applies", one.name)))
        .collect();
    let regions = programs::regions(tx, round).await?;
    all.extend(regions.into_iter().map(|region| (region.organization, format!("{}, which receives the award", region.name))));
    all.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(all)
}
