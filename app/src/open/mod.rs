//! What the public sees, without signing in and without script: programs, the rules and weights, results, the money line, open data. No
//! person's name stands on any of these pages, and nothing is written from them.

mod home;
mod parts;
mod round;
mod rules;

use crate::doors::Doors;
use domain::access::Action::ReadPublic;

/// The doors of this room.
#[must_use]
pub fn doors(doors: Doors) -> Doors {
    doors.get("/", ReadPublic, home::home).get("/programs/{slug}", ReadPublic, home::program).get(
        "/programs/{slug}/{round}",
        ReadPublic,
        round::show,
    )
}
