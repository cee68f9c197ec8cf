//! `cargo xtask bench`: build for release, lend a PostgreSQL server and a folder on the disk, and let the server's own bench measure. What is
//! measured in a browser is [`frame`]'s, and what beside outside tools [`arithmetic`]'s.

use crate::tools::{self, Result, cannot, must_run};
use crate::{arithmetic, build, frame, postgres, site};
use clap::Args;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Stdio;

const PAGES: [&str; 6] = ["hello", "program", "section", "list", "detail", "submit"];

/// What to measure.
#[derive(Args)]
pub struct Options {
    /// One short run at 8 connections; the document stays as it is
    #[arg(long)]
    quick: bool,
    /// This page only (may be repeated); the document stays as it is
    #[arg(long, value_parser = PAGES)]
    only: Vec<String>,
    /// One engine only; the document stays as it is
    #[arg(long, value_parser = ["sqlite", "postgres"])]
    engine: Option<String>,
    /// Instead: a move at the bench with 1,000 applicants in Chromium
    #[arg(long, conflicts_with_all = ["only", "engine", "arithmetic"])]
    frame: bool,
    /// Instead: ranking, best sets and shares beside outside tools on the same inputs
    #[arg(long, conflicts_with_all = ["only", "engine"])]
    arithmetic: bool,
}

/// Builds, measures, and writes the tables of docs/PERFORMANCE.md when everything was measured.
pub fn run(options: &Options) -> Result<()> {
    if options.frame {
        return frame::run(options.quick);
    }
    if options.arithmetic {
        return arithmetic::run(options.quick);
    }
    site::run(&site::Options::default())?;
    println!("Building for release ...");
    let bench = build_for_release()?;
    // Under target and not in the temporary folder, which may be in memory: the disk is part of what is measured.
    let folder = tools::target().join("bench-rows");
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).map_err(cannot("make", &folder))?;
    let wanted = |engine: &str| options.engine.as_deref().is_none_or(|only| only == engine);
    let server = if wanted("postgres") { Some(postgres::start()?) } else { None };
    let mut command = tools::program(&bench, &["measure", "--binary"]);
    command.arg(build::binary("release")).arg("--folder").arg(&folder);
    if let Some(server) = &server {
        command.args(["--postgres", &server.url_by_socket]);
    }
    if !wanted("sqlite") {
        command.arg("--no-sqlite");
    }
    if options.quick {
        command.arg("--quick");
    }
    for page in &options.only {
        command.args(["--only", page]);
    }
    if !options.quick && options.only.is_empty() && options.engine.is_none() {
        command.arg("--report").arg(tools::root().join("docs/PERFORMANCE.md"));
    }
    let measured = must_run(&mut command);
    drop(std::fs::remove_dir_all(&folder));
    measured
}

/// Builds the server and its bench, and finds the bench by what cargo says of it.
pub fn build_for_release() -> Result<PathBuf> {
    let mut command = tools::cargo(&["build", "--release", "--package", "server", "--bin", "allotment", "--bench", "load"]);
    command.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit());
    let output = command.output().map_err(|error| tools::cannot_start(&command, &error))?;
    if !output.status.success() {
        return Err(format!("The release build ended with {}.", output.status));
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let parts = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut benches = parts.filter(|part| part["target"]["kind"][0] == "bench" && part["target"]["name"] == "load");
    let found = benches.find_map(|part| part["executable"].as_str().map(PathBuf::from));
    found.ok_or_else(|| "Cargo did not say where the bench is.".to_owned())
}
