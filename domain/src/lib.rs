//! The pure rules of Allotment. No I/O, no async, no clock, no chance, no database: time, identity and seeds are arguments.
#![warn(missing_docs)]

pub mod access;
pub mod allocation;
pub mod amendment;
pub mod answers;
pub mod appeal;
pub mod application;
pub mod approval;
pub mod award;
pub mod bench;
pub mod canonical;
pub mod contest;
pub mod decision;
#[cfg(test)]
mod diagrams;
pub mod draw;
pub mod equity;
pub mod exact;
pub mod facts;
pub mod formula;
pub mod id;
pub mod ledger;
pub mod letter;
pub mod money;
pub mod named;
pub mod optimal;
pub mod panel;
mod parallel;
pub mod program;
pub mod ranking;
pub mod replay;
pub mod report;
pub mod review;
pub mod round;
pub mod ruleset;
pub mod score_sheet;
pub mod shares;
pub mod signature;
pub mod sniff;
mod span;
pub mod stability;
pub mod time;
pub mod why;

pub use id::*;
pub use money::{Money, MoneyError};
pub use time::{Date, Timestamp, Zone};
