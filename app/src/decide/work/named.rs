//! What a law names, on its way to awards: claims out of the law's list and the gates that each has passed, and who may not take part. Which
//! amount follows is [`domain::allocation`]'s; here nothing is weighed.

use super::not_laid;
use crate::error::{AppError, Problem};
use crate::review::work::Board;
use domain::allocation::{AllocationDocument, Claim, Outcome};
use domain::canonical::sha256_hex;
use domain::named::{NamedTerms, Recipient};
use domain::ranking::RankingDocument;
use domain::{ApplicationId, RoundId};
use std::collections::BTreeMap;
use store::rankings::{Entrant, Frozen};
use store::{Tx, acceptances, rankings};
use uuid::Uuid;

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
