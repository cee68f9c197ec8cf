//! `cargo xtask test`: every check and every test, each run even where an earlier one failed.

use crate::guard::{self, Guarded};
use crate::steps::{Count, Steps, counted};
use crate::tools::{self, Result, must_run, program, read, run_and_read};
use crate::{browser, build, licences, node, postgres, site};
use clap::Args;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

const NAMES: [&str; 7] = ["format", "lint", "licences", "tests", "docs", "wasm", "journeys"];

/// What to test.
#[derive(Args)]
pub struct Options {
    /// Run one step: format, lint, licences, tests, docs, wasm or journeys
    #[arg(long, value_parser = NAMES)]
    only: Option<String>,
    /// Passed on to `cargo test` or to Playwright, with `--only tests` or `--only journeys`
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Runs the steps and prints the totals.
pub fn run(options: &Options) -> Result<()> {
    let mut steps = Steps::default();
    let chosen = |name: &str| options.only.as_deref().is_none_or(|only| only == name);
    if chosen("format") {
        steps.check("Formatting", || must_run(&mut tools::cargo(&["fmt", "--all", "--check"])));
    }
    if chosen("licences") {
        steps.check("Licences of what we build on", licences::check);
    }
    if chosen("lint") {
        steps.check("Clippy, the whole workspace", || {
            must_run(&mut tools::cargo(&["clippy", "--all-targets", "--", "--deny", "warnings"]))?;
            must_run(&mut tools::cargo(&["clippy", "--package", "xtask", "--all-targets", "--", "--deny", "warnings"]))
        });
        steps.check("Clippy, the browser half", || {
            let half = ["--package", "app", "--lib", "--no-default-features", "--features", "reckon"];
            must_run(tools::cargo(&["clippy"]).args(half).args(["--", "--deny", "warnings"]))
        });
    }
    if chosen("tests") {
        steps.count("Unit, property, store and HTTP tests", || native_tests(&options.rest));
    }
    if chosen("docs") {
        steps.check("Documentation", || must_run(tools::cargo(&["doc", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings")));
    }
    if chosen("wasm") {
        steps.check("The browser's tree holds no database", no_database_in_the_browser);
    }
    if chosen("wasm") || chosen("journeys") {
        let built = steps.check("The browser half", || site::run(&site::Options::default()));
        if chosen("journeys") && built {
            steps.count("Journeys in a browser", || journeys(&options.rest));
        }
    }
    steps.close()
}

/// Cargo's tests, with a private PostgreSQL beside SQLite, and Python for the second opinion on rankings.
fn native_tests(rest: &[String]) -> Result<Count> {
    if !Path::new("/usr/bin/python3").exists() {
        tools::apt_install(&["python3"])?;
    }
    let server = postgres::start()?;
    let mut total = Count::default();
    // By itself, as `cargo xtask` builds it: together with the others, what it needs would be compiled once more with other features.
    let runs: [&[&str]; 2] = [&[], &["--package", "xtask"]];
    for package in runs {
        let mut command = tools::cargo(&["test", "--no-fail-fast"]);
        let (succeeded, output) = run_and_read(command.args(package).args(rest).env("TEST_POSTGRES_URL", &server.url))?;
        let count = counted(&output, |line| line.starts_with("test result:"));
        total.passed += count.passed;
        // A crate that does not compile prints no result.
        total.failed += if succeeded { 0 } else { count.failed.max(1) };
    }
    Ok(total)
}

fn no_database_in_the_browser() -> Result<()> {
    let half = ["--package", "app", "--no-default-features", "--features", "reckon", "--target", "wasm32-unknown-unknown"];
    let tree = read(tools::cargo(&["tree", "--prefix", "none", "--edges", "normal"]).args(half))?;
    let kept_out = ["sqlx", "store", "axum", "tokio"];
    let found: Vec<&str> = tree.lines().filter(|line| kept_out.iter().any(|name| line.starts_with(&format!("{name} ")))).collect();
    if found.is_empty() { Ok(()) } else { Err(format!("The browser half must not contain: {}.", found.join(", "))) }
}

/// Playwright, against a demo server of its own.
fn journeys(rest: &[String]) -> Result<Count> {
    node::install("end2end")?;
    let chromium = browser::chromium()?;
    must_run(&mut tools::cargo(&["build"]))?;
    let (_server, url) = demo_server()?;
    let mut command = program("npx", &["--no-install", "playwright", "test"]);
    command.args(rest).current_dir(tools::root().join("end2end"));
    command.env("BASE_URL", &url).env("CHROMIUM", chromium).env("ALLOTMENT_BINARY", build::binary("debug"));
    let (succeeded, output) = run_and_read(&mut command)?;
    let count = counted(&output, is_playwright_total);
    if succeeded || count.failed > 0 { Ok(count) } else { Ok(Count { failed: 1, ..count }) }
}

/// Playwright ends with lines that are a number and a word, and perhaps a time.
pub fn is_playwright_total(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let number = words.next().is_some_and(|word| word.parse::<u64>().is_ok());
    let word = words.next().is_some_and(|word| ["passed", "failed", "flaky", "interrupted"].contains(&word));
    number && word && words.next().is_none_or(|word| word.starts_with('('))
}

/// Starts `allotment demo` on a free port with new data, and waits for its first answer.
fn demo_server() -> Result<(Guarded, String)> {
    let port = tools::free_port()?;
    let address = format!("127.0.0.1:{port}");
    let data = std::env::temp_dir().join(format!("allotment-journeys-{}-{port}", std::process::id()));
    let binary = build::binary("debug");
    let mut command = program(&binary, &["demo", "--address", &address, "--data"]);
    command.arg(&data);
    // A developer's own settings have no place in a test.
    for name in ["DATABASE_URL", "ALLOTMENT_CONFIG", "ALLOTMENT_BASE_URL", "ALLOTMENT_SMTP_URL"] {
        command.env_remove(name);
    }
    let server = guard::guarded(&command, "TERM", Some(&data))?;
    let began = Instant::now();
    while !answers(&address) {
        if began.elapsed() > Duration::from_secs(60) {
            return Err("The demo server did not answer within a minute.".to_owned());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok((server, format!("http://{address}")))
}

fn answers(address: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else {
        return false;
    };
    let asked = write!(stream, "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut beginning = [0; 8];
    asked.is_ok() && stream.read_exact(&mut beginning).is_ok() && beginning.starts_with(b"HTTP/1")
}
