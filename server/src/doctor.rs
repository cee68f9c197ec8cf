//! `allotment doctor`: is everything that the portal needs in order? One line for each check.

use crate::cli::{Failed, open};
use crate::config::Config;
use std::process::ExitCode;

/// Checks, prints, and says by the exit code whether all is well.
///
/// # Errors
/// None beyond the lines printed.
pub async fn run(config: &Config) -> Result<ExitCode, Failed> {
    open(config).await?.close().await;
    println!("Database: reachable.");
    Ok(ExitCode::SUCCESS)
}
