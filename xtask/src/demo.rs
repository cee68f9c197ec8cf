//! `cargo xtask demo`: build what has changed, then become the demo server.

use crate::tools::{self, Result, cannot};
use crate::{build, site};
use clap::Args;

/// How to serve the demo.
#[derive(Args)]
pub struct Options {
    /// Start over: forget everything done in the demo so far
    #[arg(long)]
    fresh: bool,
    /// The port on 127.0.0.1
    #[arg(long, default_value_t = 3000)]
    port: u16,
}

/// Replaces this program by the server, so that Ctrl-C and the exit status are the server's own.
pub fn run(options: &Options) -> Result<()> {
    use std::os::unix::process::CommandExt;
    site::run(&site::Options::default())?;
    println!("Building the server ...");
    tools::must_run(&mut tools::cargo(&["build", "--package", "server"]))?;
    let binary = build::binary("debug");
    let address = format!("127.0.0.1:{}", options.port);
    let mut server = tools::program(&binary, &["demo", "--data", "data/demo", "--address", &address]);
    if options.fresh {
        server.arg("--fresh");
    }
    Err(cannot("start", &binary)(server.exec()))
}
