//! Screening and ranking: eligibility, rubric scores, the ranked list and each applicant's working. What the money does down the list is
//! the award room's.

mod application;
mod contests;
mod forms;
mod list;
pub mod panel;
pub mod parts;
mod ranking;
mod rounds;
pub mod sheet;
pub(crate) mod ties;
pub mod work;

use crate::doors::Doors;
use domain::access::Action;

/// The doors of this room.
#[must_use]
pub fn doors(doors: Doors) -> Doors {
    sheet::doors(panel::doors(doors))
        .get("/review", Action::ReadReviews, rounds::get)
        .get("/review/{round}", Action::ReadReviews, list::get)
        .get("/review/{round}/ranking", Action::ReadReviews, ranking::get)
        .get("/review/{round}/ranking.json", Action::ReadReviews, ranking::get_document)
        .get("/review/{round}/ranking/replay", Action::ReadReviews, ranking::get_replay)
        .get("/review/{round}/ranking/{number}", Action::ReadReviews, ranking::get_working)
        .post("/review/{round}/ranking/freeze", Action::RankRound, ranking::post_freeze)
        .get("/review/{round}/contests", Action::ReadReviews, contests::get)
        .get("/review/contests/{contest}", Action::ReadReviews, contests::get_one)
        .post("/review/contests/{contest}", Action::DecideEligibility, contests::post)
        .get("/review/applications/{application}", Action::ReadReviews, application::get)
        .post("/review/applications/{application}/eligibility", Action::DecideEligibility, application::post_eligibility)
        .post("/review/applications/{application}/score", Action::ScoreApplications, application::post_score)
}
