//! A server with one large ranked round, for whoever measures in a browser: it says where and with which cookie, and stands until its standard
//! input ends.

use crate::Result;
use crate::ground::{self, Size};
use crate::process::Server;
use clap::Args;
use std::io::{Read, Write};
use std::path::PathBuf;

/// What to serve.
#[derive(Args)]
pub struct Options {
    /// The release binary `allotment`
    #[arg(long)]
    binary: PathBuf,
    /// A new folder
    #[arg(long)]
    folder: PathBuf,
    /// Applications in the ranked round
    #[arg(long, default_value_t = 1_000)]
    applications: usize,
}

/// Lays the round on SQLite, serves it, and prints one line of JSON: `url`, `cookie` (a manager's, `name=value`), `bench` (an address).
///
/// # Errors
/// What could not be laid, or a server that did not start.
pub fn run(options: &Options) -> Result<()> {
    let Options { binary, folder, applications } = options;
    std::fs::create_dir_all(folder.join("files")).map_err(|error| format!("Cannot make {}: {error}.", folder.display()))?;
    let url = format!("sqlite:{}", folder.join("allotment.db").display());
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("No runtime: {error}."))?;
    let ground = runtime.block_on(ground::lay(&url, folder, Size { applications: *applications, rush: 0, rushes: 0 }))?;
    let server = Server::allotment(binary, &url, folder)?;
    let said = serde_json::json!({
        "url": format!("http://{}", server.address),
        "cookie": ground.manager,
        "bench": format!("/bench/{}", ground.closed),
    });
    println!("{said}");
    std::io::stdout().flush().map_err(|error| format!("Nobody listens: {error}."))?;
    // Whoever asked holds the other end; when it ends, so does this.
    drop(std::io::stdin().read_to_end(&mut Vec::new()));
    Ok(())
}
