//! Setting up a program: import its file, look at what it makes, open its round. Rules are never typed into a page: they come from the file.

mod import;
mod list;
pub mod plan;
mod round;
pub mod work;

use crate::doors::Doors;
use domain::access::Action::{ReadPrograms, RunPrograms};

/// The doors of this room.
#[must_use]
pub fn doors(doors: Doors) -> Doors {
    doors
        .get("/manage", ReadPrograms, list::show)
        .get("/manage/import", RunPrograms, import::get)
        .post("/manage/import", RunPrograms, import::post)
        .post("/manage/import/file", RunPrograms, import::upload)
        .get("/manage/{program}", ReadPrograms, list::program)
        .get("/manage/rounds/{round}", ReadPrograms, round::get)
        .post("/manage/rounds/{round}", RunPrograms, round::post)
}
