//! Ties between staff and applications: what a membership or a declaration makes of each, in every round. In a round of what the law names,
//! the organization that receives the award is a tie, too, whoever it serves.

use super::work::Board;
use crate::error::AppError;
use domain::panel::{Conflict, Part, Ties, conflicts};
use domain::{ApplicationId, PersonId};
use std::collections::BTreeMap;
use store::panels::{self, Application};
use store::programs::{self, Region};
use store::{Tx, reviews};
use uuid::Uuid;

/// The closest conflict of somebody's parts with any of these applications of a round, or with who receives an award that the law names.
fn closest(board: &Board, regions: &[Region], parts: &[Part], applications: &[Application]) -> Option<Conflict> {
    let receives = |applicant: &str| {
        let (_, recipient) = board.file.named.as_ref()?.recipient_of(applicant)?;
        regions.iter().find(|region| region.key == recipient.region).map(|region| region.organization)
    };
    let found = applications.iter().flat_map(|application| {
        let ties = Ties { region: receives(&application.applicant_name).or(application.ties.region), ..application.ties.clone() };
        conflicts(&ties, parts)
    });
    found.min_by_key(|conflict| conflict.tie)
}

/// The regional organizations, where the law names who receives.
async fn regions_of(tx: &mut Tx<'_>, board: &Board) -> Result<Vec<Region>, AppError> {
    Ok(if board.file.named.is_some() { programs::regions(tx, board.of.round.id).await? } else { Vec::new() })
}

async fn parts_of(tx: &mut Tx<'_>, board: &Board, person: PersonId) -> Result<Vec<Part>, AppError> {
    Ok(panels::parts_of(tx, board.of.round.id, person).await?.into_iter().map(|part| part.part).collect())
}

/// A person's closest conflict with an application. One statement for whoever has a part in nothing but the agency, three or four else.
///
/// # Errors
/// The store's failure.
pub(crate) async fn conflict_with(
    tx: &mut Tx<'_>,
    board: &Board,
    person: PersonId,
    application: ApplicationId,
) -> Result<Option<Conflict>, AppError> {
    let parts = parts_of(tx, board, person).await?;
    if parts.is_empty() {
        return Ok(None);
    }
    let Some(application) = panels::application(tx, application).await? else { return Ok(None) };
    Ok(closest(board, &regions_of(tx, board).await?, &parts, &[application]))
}

/// Whether a person has a conflict with any application of a round. As [`conflict_with`].
///
/// # Errors
/// The store's failure.
pub(crate) async fn is_tied(tx: &mut Tx<'_>, board: &Board, person: PersonId) -> Result<bool, AppError> {
    let parts = parts_of(tx, board, person).await?;
    if parts.is_empty() {
        return Ok(false);
    }
    let applications = panels::applications(tx, board.of.round.id).await?;
    Ok(closest(board, &regions_of(tx, board).await?, &parts, &applications).is_some())
}

/// A decision on eligibility or a staff score that somebody with a conflict made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tainted {
    /// The application.
    pub application: ApplicationId,
    /// Its number.
    pub number: String,
    /// The applicant.
    pub applicant: String,
    /// Who judged.
    pub by: String,
}

impl Tainted {
    /// In a sentence.
    #[must_use]
    pub fn say(&self) -> String {
        let Self { number, applicant, by, .. } = self;
        format!("{number} ({applicant}): {by} judged it and has a tie to it. Somebody without one must decide and score it anew.")
    }
}

/// What people with a conflict decided or scored in a round, by number; a tie may come to be known later than the score. One statement while
/// nobody who judged has a part in anything but the agency.
///
/// # Errors
/// The store's failure.
pub(crate) async fn tainted(tx: &mut Tx<'_>, board: &Board) -> Result<Vec<Tainted>, AppError> {
    let round = board.of.round.id;
    let mut parts: BTreeMap<PersonId, Vec<Part>> = BTreeMap::new();
    for part in panels::parts_of_judges(tx, round).await? {
        parts.entry(part.person).or_default().push(part.part);
    }
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let applications: BTreeMap<Uuid, Application> =
        panels::applications(tx, round).await?.into_iter().map(|application| (application.id.0, application)).collect();
    let regions = regions_of(tx, board).await?;
    let mut found = Vec::new();
    for judged in reviews::judged(tx, round).await? {
        let (Some(application), Some(own)) = (applications.get(&judged.application), parts.get(&judged.person.into())) else { continue };
        if closest(board, &regions, own, std::slice::from_ref(application)).is_some() {
            found.push(Tainted {
                application: application.id,
                number: application.number.clone(),
                applicant: application.applicant_name.clone(),
                by: judged.name,
            });
        }
    }
    Ok(found)
}
