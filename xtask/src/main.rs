//! The project's own commands: `cargo xtask site | demo | test | build | bench | postgres`.
//!
//! Everything a fresh machine needs is found here or set up here, and what can't be set up is named in one sentence.
//! Deliberately absent: anything the server needs at run time.

mod arithmetic;
mod bench;
mod browser;
mod build;
mod demo;
mod figures;
mod frame;
mod guard;
mod licences;
mod manifest;
mod node;
mod postgres;
mod shrink;
mod site;
mod steps;
mod style;
mod test;
mod toolchain;
mod tools;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Build, try and test Allotment.
#[derive(Parser)]
#[command(name = "cargo xtask", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the browser half and the style sheet into site/ (skipped when nothing has changed)
    Site(site::Options),
    /// Build everything and serve the demo on 127.0.0.1:3000
    Demo(demo::Options),
    /// Run every check and test, and end with a line of totals
    Test(test::Options),
    /// Make the binary a state would deploy, with the site inside it
    Build(build::Options),
    /// Measure how fast the pages are, on both engines, and write docs/PERFORMANCE.md
    Bench(bench::Options),
    /// Run a private PostgreSQL server until Ctrl-C, and print its address
    Postgres,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Site(options) => site::run(&options),
        Command::Demo(options) => demo::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Build(options) => build::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Postgres => postgres::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("\n{reason}");
            ExitCode::FAILURE
        }
    }
}
