//! One small amendment of the panel's round, proposed by the manager and approved by the approver while the round was open. Synthetic.

use super::cast::Cast;
use super::ground::PANELED;
use super::{at, id};
use app::call::Desk;
use app::error::AppError;
use app::manage::amend::work::{Proposal, approve, propose};
use domain::{AmendmentId, RoundId};

/// Plays it.
///
/// # Errors
/// What a use case refused.
pub async fn play(desk: &Desk, cast: &Cast, round: RoundId) -> Result<(), AppError> {
    let amendment: AmendmentId = id("amendment of the bridge round");
    let proposal = Proposal {
        text: PANELED.replace("award_on = 2024-06-03", "award_on = 2024-06-10"),
        citation: "Synthetic: minutes of the agency’s board, March 25, 2024, item 4.".to_owned(),
        reason: "Synthetic: the board that receives the awards meets a week later than planned.".to_owned(),
        notice: "Synthetic: awards are announced on June 10, 2024, a week later. Nothing else changes; what you sent in stays as it is."
            .to_owned(),
    };
    propose(&cast.manager.call(desk, at("2024-03-26T10:00:00")?), round, amendment, &proposal).await?;
    approve(&cast.approver.call(desk, at("2024-03-27T09:00:00")?), amendment, 1).await
}
