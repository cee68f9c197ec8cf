//! Awards: allocate down the frozen ranking, approve step by step, write, tell the applicants, publish. Then what follows: parts declined or
//! lapsed, the waiting list, appeals.

mod acts;
mod appeals;
mod appellant;
mod letter;
mod letter_file;
mod letters;
mod named;
mod page;
mod pots;
mod steps;
mod ties;
mod waitlist;
pub mod work;

pub(crate) use named::{gates, unclaimed};
pub(crate) use page::{Whole, load, said};
pub(crate) use pots::pots;
pub(crate) use steps::{Names, regions, steps};

use crate::doors::Doors;
use domain::access::Action;

/// The doors of this room.
#[must_use]
pub fn doors(doors: Doors) -> Doors {
    doors
        .get("/decide", Action::ReadReviews, page::get_rounds)
        .get("/decide/{round}", Action::ReadReviews, page::get)
        .get("/decide/{round}/allocation.json", Action::ReadReviews, page::get_document)
        .get("/decide/{round}/letters", Action::ReadReviews, letters::get_all)
        .get("/decide/{round}/letters/{application}", Action::ReadReviews, letters::get_one)
        .get("/decide/{round}/letters/{application}/letter.pdf", Action::ReadReviews, letters::get_one_file)
        .get("/apply/{application}/letter", Action::ReadApplication, letters::get_own)
        .get("/apply/{application}/letter.pdf", Action::ReadApplication, letters::get_own_file)
        .post("/decide/{round}/propose", Action::ProposeAllocation, acts::post_propose)
        .post("/decide/{round}/approve", Action::DecideAllocation, acts::post_approve)
        .post("/decide/{round}/return", Action::DecideAllocation, acts::post_return)
        .post("/decide/{round}/tell", Action::PublishResults, acts::post_tell)
        .post("/decide/{round}/publish", Action::PublishResults, acts::post_publish)
        .post("/decide/{round}/hold", Action::PublishResults, acts::post_hold)
        .post("/decide/{round}/ties", Action::DeclareTie, ties::post_tie)
        .get("/decide/{round}/waitlist", Action::ReadReviews, waitlist::get)
        .post("/decide/{round}/refill", Action::ProposeAllocation, waitlist::post_propose)
        .post("/decide/{round}/later", Action::ProposeAllocation, waitlist::post_later)
        .post("/decide/{round}/lapse", Action::ProposeAllocation, waitlist::post_lapse)
        .get("/refills/{refill}/allocation.json", Action::ReadReviews, waitlist::get_document)
        .post("/refills/{refill}/approve", Action::DecideAllocation, waitlist::post_approve)
        .post("/refills/{refill}/return", Action::DecideAllocation, waitlist::post_return)
        .get("/apply/{application}/decline", Action::DeclineAward, appellant::get_decline)
        .post("/apply/{application}/decline", Action::DeclineAward, appellant::post_decline)
        .get("/apply/{application}/appeal", Action::ReadApplication, appellant::get_appeal)
        .get("/apply/{application}/appeal/record.json", Action::ReadApplication, appellant::get_record)
        .post("/apply/{application}/appeal", Action::SubmitAppeal, appellant::post_appeal)
        .post("/apply/{application}/appeal/withdraw", Action::SubmitAppeal, appellant::post_withdraw)
        .get("/decide/{round}/appeals", Action::ReadReviews, appeals::get_all)
        .get("/appeals/{appeal}", Action::ReadReviews, appeals::get)
        .get("/appeals/{appeal}/record.json", Action::ReadReviews, appeals::get_record)
        .get("/appeals/{appeal}/ranking.json", Action::ReadReviews, appeals::get_ranking)
        .get("/appeals/{appeal}/allocation.json", Action::ReadReviews, appeals::get_allocation)
        .post("/appeals/{appeal}/rule", Action::RuleAppeal, appeals::post_rule)
}
