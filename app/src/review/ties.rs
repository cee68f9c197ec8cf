//! Ties between staff and applications: what a membership or a declaration makes of each. In a round of what the law names, the organization
//! that receives the award is a tie, too, whoever it serves.

use super::work::Board;
use crate::error::AppError;
use domain::PersonId;
use domain::panel::{Conflict, Part, Ties, conflicts};
use store::panels::{self, Application};
use store::{Tx, programs};

/// A person's closest conflict with any of these applications of a round, or with who receives an award that the law names.
///
/// # Errors
/// The store's failure.
pub(crate) async fn conflict_with_any(
    tx: &mut Tx<'_>,
    board: &Board,
    person: PersonId,
    applications: &[Application],
) -> Result<Option<Conflict>, AppError> {
    let round = board.of.round.id;
    let parts: Vec<Part> = panels::parts_of(tx, round, person).await?.into_iter().map(|part| part.part).collect();
    if parts.is_empty() {
        return Ok(None);
    }
    let regions = if board.file.named.is_some() { programs::regions(tx, round).await? } else { Vec::new() };
    let receives = |applicant: &str| {
        let (_, recipient) = board.file.named.as_ref()?.recipient_of(applicant)?;
        regions.iter().find(|region| region.key == recipient.region).map(|region| region.organization)
    };
    let found = applications.iter().flat_map(|application| {
        let ties = Ties { region: receives(&application.applicant_name).or(application.ties.region), ..application.ties.clone() };
        conflicts(&ties, &parts)
    });
    Ok(found.min_by_key(|conflict| conflict.tie))
}
