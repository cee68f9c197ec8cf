//! Allotment's rows. One file per noun; every function takes a [`Tx`] and runs on SQLite and PostgreSQL from one SQL text. Nothing is
//! decided here: the domain decides, the store records, and the database refuses what must never be.
#![warn(missing_docs)]

mod db;
mod error;
mod many;
mod migrations;
mod readers;
mod writer;

pub mod acceptances;
pub mod allocations;
pub mod amendments;
pub mod appeals;
pub mod applications;
pub mod approvals;
pub mod audit;
pub mod award_changes;
pub mod awards;
pub mod check;
pub mod contests;
pub mod draws;
pub mod equity;
pub mod events;
pub mod facts;
pub mod files;
pub mod invitations;
pub mod ledger;
pub mod memberships;
pub mod messages;
pub mod open_data;
pub mod organizations;
pub mod panels;
pub mod people;
pub mod programs;
pub mod rankings;
pub mod refills;
pub mod reports;
pub mod reviews;
pub mod scenarios;
pub mod sessions;
pub mod sign_in;

pub use db::{AsRetry, Db, On, Reader, Tx, statements_on_this_thread};
pub use error::{Error, Result, changed_one};
pub use readers::{Lent, Readers};
pub use writer::{Job, Ran, WriteJob, Writer};
