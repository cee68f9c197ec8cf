//! Ties and own work: what a person has done towards a decision, the ties that bar them from it, and declaring one.

use crate::call::Call;
use crate::error::{AppError, Problem};
use crate::review::ties::is_tied;
use crate::review::work::Board;
use domain::access::Action;
use domain::approval::{Hands, OwnWork};
use domain::review::REASON_MAX;
use domain::{OrganizationId, PersonId, RoundId};
use store::rankings::Entrant;
use store::{Tx, approvals, events, panels, programs, rankings};

/// What a person has done towards a round's decision, and whether they have a tie to one of its applicants, or to a recipient that the law
/// names.
///
/// # Errors
/// The store's failure.
pub async fn hands(tx: &mut Tx<'_>, board: &Board, person: PersonId) -> Result<Hands, AppError> {
    let round = board.of.round.id;
    let hands = approvals::hands(tx, round, person).await?;
    Ok(Hands { tied: is_tied(tx, board, person).await?, ..hands })
}

/// Refuses to propose what the law names to whoever has a tie to a recipient. In a competition the rules alone make the proposal, so anybody
/// may put it forward; approving and ruling are judgements, and a tie bars them in every round.
///
/// # Errors
/// [`AppError::Forbidden`]; the store's failure.
pub(super) async fn free_of_ties(tx: &mut Tx<'_>, board: &Board, person: PersonId) -> Result<(), AppError> {
    if board.file.named.is_some() && is_tied(tx, board, person).await? {
        Err(AppError::Forbidden(OwnWork::Tied.to_string()))
    } else {
        Ok(())
    }
}

/// Declares a tie to an organization of a round: its applications are closed to whoever declares, who neither approves nor rules.
///
/// # Errors
/// [`AppError::Invalid`] without an organization or words.
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
    let entrants = rankings::entrants(tx, round).await?;
    let known = organizations(tx, round, &entrants).await?;
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
pub async fn organizations(tx: &mut Tx<'_>, round: RoundId, entrants: &[Entrant]) -> Result<Vec<(OrganizationId, String)>, AppError> {
    let mut all: Vec<(OrganizationId, String)> =
        entrants.iter().map(|one| (one.applicant.into(), format!("{}, which applies", one.name))).collect();
    let regions = programs::regions(tx, round).await?;
    all.extend(regions.into_iter().map(|region| (region.organization, format!("{}, a regional organization", region.name))));
    all.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(all)
}
