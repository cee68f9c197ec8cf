//! A round's panel: the manager sets it up and gives reviews out, reviewers write at their desk, the chair looks over the whole.

mod declare;
mod desk;
mod discussion;
mod manage;
mod one;
pub mod scores;
mod sheet;
mod spread;
pub mod work;

use crate::doors::Doors;
use domain::access::Action;

/// The doors of this part of the room.
#[must_use]
pub fn doors(doors: Doors) -> Doors {
    doors
        .get("/review/desk", Action::ReviewForPanel, desk::get_rounds)
        .get("/review/{round}/desk", Action::ReviewForPanel, desk::get)
        .get("/review/{round}/conflicts", Action::ReviewForPanel, declare::get)
        .post("/review/{round}/conflicts", Action::ReviewForPanel, declare::post)
        .get("/review/desk/{review}", Action::ReviewForPanel, sheet::get)
        .post("/review/desk/{review}", Action::ReviewForPanel, sheet::post)
        .post("/review/desk/{review}/conflict", Action::ReviewForPanel, sheet::post_conflict)
        .get("/review/desk/{review}/discussion", Action::ReviewForPanel, discussion::get)
        .post("/review/desk/{review}/discussion", Action::ReviewForPanel, discussion::post)
        .get("/review/{round}/panel", Action::ReadPanel, manage::get)
        .post("/review/{round}/panel/members", Action::RunPanel, manage::post_members)
        .post("/review/{round}/panel/balance", Action::RunPanel, manage::post_balance)
        .post("/review/{round}/panel/remind", Action::RunPanel, manage::post_remind)
        .get("/review/{round}/panel/spread", Action::ReadPanel, spread::get)
        .get("/review/panel/{application}", Action::ReadPanel, one::get)
        .post("/review/panel/{application}/assign", Action::RunPanel, one::post_assign)
        .post("/review/panel/{application}/take", Action::RunPanel, one::post_take)
        .post("/review/panel/{application}/again", Action::ChairPanel, one::post_again)
        .post("/review/panel/{application}/note", Action::ChairPanel, one::post_note)
}
