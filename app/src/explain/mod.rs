//! Saying why: each applicant's page of reasons, the frozen decision as a file that anybody can replay, the bench where weights and money
//! are tried without deciding anything, who is reached by a decision before it is made, and the
//! packet that puts all of it before its approvers. Nothing here ranks, awards or tells.

mod bench;
mod decision;
mod equity;
mod packet;
mod reasons;
mod replay;
mod scenarios;
mod why;
mod why_view;

use crate::doors::Doors;
use domain::access::Action;

/// The doors of this room.
#[must_use]
pub fn doors(doors: Doors) -> Doors {
    doors
        .get("/apply/{application}/why", Action::ReadApplication, why::get_own)
        .get("/review/{round}/why/{number}", Action::ReadReviews, why::get_of_staff)
        .get("/programs/{program}/{round}/results/{number}/why", Action::ReadPublic, why::get_public)
        .get("/programs/{program}/{round}/decision.json", Action::ReadPublic, decision::get_public)
        .get("/decide/{round}/decision.json", Action::ReadReviews, decision::get_of_staff)
        .get("/programs/{program}/{round}/replay", Action::ReadPublic, replay::get_of_round)
        .get("/replay", Action::ReadPublic, replay::get)
        .get("/bench/{round}", Action::ReadBench, bench::get)
        .get("/bench/{round}/slow", Action::ReadBench, bench::get_slow)
        .get("/bench/{round}/compare", Action::ReadBench, scenarios::get_compare)
        .post("/bench/{round}/scenarios/{scenario}", Action::SaveScenario, bench::post_scenario)
        .get("/decide/{round}/packet", Action::ReadReviews, packet::get)
        .get("/decide/{round}/equity", Action::ReadReviews, equity::get)
}
