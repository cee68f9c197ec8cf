//! Every store function on both engines: a fresh SQLite file, and a fresh database on the PostgreSQL server that TEST_POSTGRES_URL names
//! (`cargo xtask test` starts one).

#[macro_use]
mod engines;

mod applications;

mod awarded;
mod decided;
mod ledger;
mod money;
mod outbox;
mod people;
mod programs;
mod reviews;
mod writes;
