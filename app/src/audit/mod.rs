//! Any record's history, and the ledger.

use crate::doors::Doors;

/// The doors of this room.
#[must_use]
pub fn doors(doors: Doors) -> Doors {
    doors
}
