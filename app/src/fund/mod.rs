//! Money: awards and their balances, draws from the request to the payment. The ledger as a whole is the audit room's.

mod award;
mod draw;
mod list;
pub(crate) mod parts;
mod request;
pub mod work;

pub(crate) use draw::history_list;

use crate::doors::Doors;
use domain::access::Action;

/// The doors of this room.
#[must_use]
pub fn doors(doors: Doors) -> Doors {
    doors
        .get("/fund", Action::ReadAwards, list::get)
        .get("/fund/awards/{award}", Action::ReadAwards, award::get)
        .get("/fund/awards/{award}/draw", Action::RequestDraw, request::get)
        .post("/fund/awards/{award}/draw", Action::RequestDraw, request::post)
        .get("/fund/draws/{draw}", Action::ReadAwards, draw::get)
        .post("/fund/draws/{draw}/approve", Action::DecideDraw, draw::post_approve)
        .post("/fund/draws/{draw}/return", Action::DecideDraw, draw::post_return)
        .post("/fund/draws/{draw}/pay", Action::RecordPayment, draw::post_pay)
        .post("/fund/draws/{draw}/resend", Action::RequestDraw, draw::post_resend)
        .post("/fund/draws/{draw}/withdraw", Action::RequestDraw, draw::post_withdraw)
}
