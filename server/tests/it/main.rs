//! The whole server over HTTP, in one process: the real router, a fresh SQLite file for each test, a clock that stands still.

mod app;

mod access;
mod apply;
mod bad_input;
mod commands;
mod imports;
mod kill9;
mod mail;
mod matrix;
mod oidc;
mod programs;
mod review;
mod sign_in;
mod money;
