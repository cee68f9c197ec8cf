//! What the public sees, without signing in and without script: programs, the rules and weights, results, the money line, open data. No
//! person's name stands on any of these pages, and nothing is written from them.

mod amendments;
mod decisions;
mod files;
mod home;
mod in_law;
mod money;
pub(crate) mod parts;
pub(crate) mod results;
pub(crate) mod round;
mod rules;
mod words;
mod working;

use crate::doors::Doors;
use domain::access::Action::ReadPublic;

/// The doors of this room.
#[must_use]
pub fn doors(doors: Doors) -> Doors {
    doors
        .get("/", ReadPublic, home::home)
        .get("/programs/{slug}", ReadPublic, home::program)
        .get("/programs/{slug}/{round}", ReadPublic, round::show)
        .get("/programs/{slug}/{round}/rules", ReadPublic, amendments::show)
        .get("/programs/{slug}/{round}/rules/{version}/file", ReadPublic, amendments::source)
        .get("/programs/{slug}/{round}/rules/{version}/file.json", ReadPublic, amendments::canonical)
        .get("/programs/{slug}/{round}/results", ReadPublic, results::show)
        .get("/programs/{slug}/{round}/results/{number}", ReadPublic, working::show)
        .get("/programs/{slug}/{round}/money/{what}", ReadPublic, money::show)
        .get("/programs/{slug}/{round}/file", ReadPublic, files::source)
        .get("/programs/{slug}/{round}/file.json", ReadPublic, files::canonical)
        .get("/programs/{slug}/{round}/ranking.json", ReadPublic, files::ranking)
        .get("/programs/{slug}/{round}/allocation.json", ReadPublic, files::allocation)
        .get("/programs/{slug}/{round}/awards.csv", ReadPublic, files::awards)
        .get("/open", ReadPublic, words::open)
        .get("/help", ReadPublic, words::help)
        .get("/accessibility", ReadPublic, words::accessibility)
}
