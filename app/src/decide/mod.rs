//! Awards: allocate down the frozen ranking, approve, tell the applicants, publish.

use crate::doors::Doors;

/// The doors of this room.
#[must_use]
pub fn doors(doors: Doors) -> Doors {
    doors
}
