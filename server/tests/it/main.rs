//! The whole server over HTTP, in one process: the real router, a fresh SQLite file for each test, a clock that stands still.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::allow_attributes,
    reason = "in a test, what can't go on fails; clippy spares only functions marked #[test]"
)]

mod amendments;
mod app;

mod access;
mod acts;
mod appeals;
mod apply;
mod bad_input;
mod by_file;
mod commands;
mod contests;
mod decide;
#[path = "../../../domain/src/diagrams.rs"]
mod diagrams;
mod discussion;
mod explain;
mod imports;
mod kill9;
mod mail;
mod matrix;
mod money;
mod mutations;
mod named;
mod oidc;
mod panel;
mod pots;
mod programs;
mod results;
mod review;
mod road;
mod round;
mod score_book;
mod score_sheet;
mod seals;
mod sign_in;
