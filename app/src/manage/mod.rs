//! Setting up a program: import its file, look at what it makes, open its round; amend the rules of an open one. Rules are never typed into a
//! page: they come from the file.

pub mod amend;
mod import;
mod list;
pub mod plan;
mod round;
mod upload;
pub mod work;

use crate::doors::Doors;
use domain::access::Action::{DecideAmendment, ProposeAmendment, ReadPrograms, RunPrograms};

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
        .get("/manage/rounds/{round}/amend", ProposeAmendment, amend::form::get)
        .post("/manage/rounds/{round}/amend", ProposeAmendment, amend::form::post)
        .post("/manage/rounds/{round}/amend/file", ProposeAmendment, amend::form::upload)
        .get("/manage/amendments/{amendment}", ReadPrograms, amend::page::get)
        .post("/manage/amendments/{amendment}/approve", DecideAmendment, amend::page::post_approve)
        .post("/manage/amendments/{amendment}/return", DecideAmendment, amend::page::post_return)
}
