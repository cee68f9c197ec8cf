//! One's own account, what there is to do, and the people of an organization.

use crate::doors::Doors;

/// From which network a request comes, as the server's layer found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network(pub String);

/// The doors of this room.
#[must_use]
pub fn doors(doors: Doors) -> Doors {
    doors
}
