//! `cargo xtask build`: one binary with the site inside it.

use crate::site;
use crate::tools::{self, Result, cannot};
use clap::Args;
use std::path::PathBuf;

/// How to build.
#[derive(Args)]
pub struct Options {
    /// Optimised, as a state would deploy it
    #[arg(long)]
    release: bool,
}

/// Builds the site, then the server around it.
pub fn run(options: &Options) -> Result<()> {
    site::run(&site::Options::default())?;
    let mut command = tools::cargo(&["build", "--package", "server"]);
    if options.release {
        command.arg("--release");
    }
    println!("Building the server ...");
    tools::must_run(&mut command)?;
    let binary = binary(if options.release { "release" } else { "debug" });
    let bytes = std::fs::metadata(&binary).map_err(cannot("find", &binary))?.len();
    println!("\n{}\n{}.{} MB", binary.display(), bytes / 1_000_000, bytes % 1_000_000 / 100_000);
    Ok(())
}

/// Where cargo leaves the server.
pub fn binary(profile: &str) -> PathBuf {
    tools::target().join(profile).join("allotment")
}
