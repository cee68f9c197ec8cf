//! Reports: the quarters that are owed, what was spent and what came of it, signed by the recipient and decided by the agency.

mod list;
mod one;
pub mod work;

use crate::doors::Doors;
use domain::access::Action;

/// The doors of this room.
#[must_use]
pub fn doors(doors: Doors) -> Doors {
    doors
        .get("/report", Action::ReadAwards, list::get)
        .get("/report/{report}", Action::ReadAwards, one::get)
        .post("/report/{report}", Action::EditReport, one::post)
        .post("/report/{report}/accept", Action::DecideReport, one::post_accept)
        .post("/report/{report}/return", Action::DecideReport, one::post_return)
}
