//! `cargo xtask bench`: how fast the pages are, on both engines, beside a bare server of the same minute. It lays the rows, starts the
//! release binary on them, makes the load, and writes the tables of docs/PERFORMANCE.md. Whatever is answered in another way than
//! expected fails the whole.

mod client;
mod ground;
mod load;
mod machine;
mod pages;
mod process;
mod report;
mod stand;
mod weight;

use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// A sentence for the person at the keyboard.
type Result<T> = std::result::Result<T, String>;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure
    Measure(Options),
    /// Lay a ranked round and serve it until standard input ends, for a browser to measure
    Stand(stand::Options),
    /// Say hello to every request: the baseline
    Hello {
        /// Where
        address: SocketAddr,
    },
}

/// What to measure, and with what.
#[derive(Args)]
pub struct Options {
    /// The release binary `allotment`
    #[arg(long)]
    binary: PathBuf,
    /// A PostgreSQL server with an empty database; SQLite only, when left out
    #[arg(long)]
    postgres: Option<String>,
    /// Leave SQLite out
    #[arg(long)]
    no_sqlite: bool,
    /// A new folder on the disk that is to be measured
    #[arg(long)]
    folder: PathBuf,
    /// The document whose tables are written anew; they are only printed, when left out
    #[arg(long)]
    report: Option<PathBuf>,
    /// One short run at 8 connections
    #[arg(long)]
    quick: bool,
    /// These pages only
    #[arg(long)]
    only: Vec<String>,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Measure(options) => measure(&options),
        Command::Stand(options) => stand::run(&options),
        Command::Hello { address } => say_hello(address),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("\n{reason}");
            ExitCode::FAILURE
        }
    }
}

fn say_hello(address: SocketAddr) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("No runtime: {error}."))?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await.map_err(|error| format!("Cannot listen on {address}: {error}."))?;
        let router = axum::Router::new().route("/", axum::routing::get(async || "hello"));
        axum::serve(listener, router).await.map_err(|error| format!("Cannot go on: {error}."))
    })
}

fn measure(options: &Options) -> Result<()> {
    // The causes of internal errors are told to the log only.
    drop(tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_writer(std::io::stderr).try_init());
    let mut engines = Vec::new();
    if !options.no_sqlite {
        engines.push(pages::engine(options, "SQLite", None)?);
    }
    if let Some(url) = &options.postgres {
        engines.push(pages::engine(options, "PostgreSQL", Some(url))?);
    }
    let text = report::write(&engines, options.quick);
    println!("\n{text}");
    match &options.report {
        Some(path) => report::replace(path, &text),
        None => Ok(()),
    }
}
