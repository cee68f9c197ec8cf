//! Audit: who did what, when and why, and the ledger to the cent. Nothing here writes. A reader sees the records of agencies where they
//! audit or manage programs, and no others.

mod export;
mod ledger;
mod list;
mod record;

use crate::doors::Doors;
use domain::access::Action;

/// The doors of this room.
#[must_use]
pub fn doors(doors: Doors) -> Doors {
    doors
        .get("/audit", Action::ReadHistory, list::get)
        .get("/audit/{noun}/{id}", Action::ReadHistory, record::get)
        .get("/audit/ledger/{appropriation}", Action::ReadHistory, ledger::get)
        .get("/audit/ledger/{appropriation}/entries.csv", Action::ReadHistory, export::get_csv)
        .get("/audit/ledger/{appropriation}/journal", Action::ReadHistory, export::get_journal)
}
