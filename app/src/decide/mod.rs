//! Awards: allocate down the frozen ranking, approve, tell the applicants, publish.

mod page;
mod steps;
pub mod work;

use crate::doors::Doors;
use domain::access::Action;

/// The doors of this room.
#[must_use]
pub fn doors(doors: Doors) -> Doors {
    doors
        .get("/decide", Action::ReadReviews, page::get_rounds)
        .get("/decide/{round}", Action::ReadReviews, page::get)
        .get("/decide/{round}/allocation.json", Action::ReadReviews, page::get_document)
        .post("/decide/{round}/propose", Action::ProposeAllocation, page::post_propose)
        .post("/decide/{round}/approve", Action::DecideAllocation, page::post_approve)
        .post("/decide/{round}/return", Action::DecideAllocation, page::post_return)
        .post("/decide/{round}/tell", Action::PublishResults, page::post_tell)
        .post("/decide/{round}/publish", Action::PublishResults, page::post_publish)
}
