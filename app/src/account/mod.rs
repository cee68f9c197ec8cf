//! One's own account, what there is to do, and the people of an organization.

use crate::doors::Doors;

/// The doors of this room.
#[must_use]
pub fn doors(doors: Doors) -> Doors {
    doors
}
