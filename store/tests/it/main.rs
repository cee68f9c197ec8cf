//! Every store function on both engines: a fresh SQLite file, and a fresh database on the PostgreSQL server that TEST_POSTGRES_URL names
//! (`cargo xtask test` starts one).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::allow_attributes,
    reason = "in a test, what can't go on fails; clippy spares only functions marked #[test]"
)]

#[macro_use]
mod engines;

mod amendments;
mod applications;

mod awarded;
mod contests;
mod decided;
mod decisions;
#[path = "../../../domain/src/diagrams.rs"]
mod diagrams;
mod explain;
mod ledger;
mod money;
mod named;
mod outbox;
mod panels;
mod people;
mod programs;
mod reviews;
mod told;
mod writes;
