//! `cargo xtask bench --frame`: how long a move at the bench takes in Chromium with 1,000 applicants. The server's own bench lays the round
//! and serves it; Playwright moves a slider and times what the browser does.

use crate::tools::{self, Result, cannot, must_run, program};
use crate::{bench, browser, build, figures, node, site};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

/// The bar: a frame, in milliseconds.
const BAR: f64 = 16.0;

/// Measures; `quick` is a few moves, and the document stays as it is.
pub fn run(quick: bool) -> Result<()> {
    site::run(&site::Options::default())?;
    println!("Building for release ...");
    let measure = bench::build_for_release()?;
    node::install("end2end")?;
    let chromium = browser::chromium()?;
    let folder = tools::target().join("bench-frame");
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).map_err(cannot("make", &folder))?;
    let mut command = program(&measure, &["stand", "--binary"]);
    command.arg(build::binary("release")).arg("--folder").arg(folder.join("rows"));
    let (stand, said) = stand(&mut command)?;
    let output = folder.join("frame.json");
    let mut moves = program("npx", &["--no-install", "playwright", "test", "--config", "measure.config.ts"]);
    moves.current_dir(tools::root().join("end2end")).env("CHROMIUM", chromium).env("FRAME_OUTPUT", &output);
    let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
    moves.env("BASE_URL", text("url")).env("FRAME_COOKIE", text("cookie")).env("FRAME_BENCH", text("bench"));
    moves.env("FRAME_MOVES", if quick { "20" } else { "300" });
    let moved = must_run(&mut moves);
    drop(stand);
    moved?;
    let told = std::fs::read_to_string(&output).map_err(cannot("read", &output))?;
    let told: Value = serde_json::from_str(&told).map_err(|error| format!("{} is no JSON: {error}.", output.display()))?;
    let line = line(&told)?;
    println!("{line}");
    drop(std::fs::remove_dir_all(&folder));
    if quick { Ok(()) } else { figures::write("frame", &line) }
}

/// A process that ends when its standard input does, which is when this value goes.
struct Stand(Child);

impl Drop for Stand {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        drop(self.0.wait());
    }
}

/// Starts it and takes the line it says once it stands.
fn stand(command: &mut std::process::Command) -> Result<(Stand, Value)> {
    println!("Laying a round of 1,000 applications ...");
    let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut stand = Stand(started.map_err(|error| tools::cannot_start(command, &error))?);
    let mut line = String::new();
    if let Some(output) = stand.0.stdout.take() {
        BufReader::new(output).read_line(&mut line).map_err(|error| format!("The server with the round says nothing: {error}."))?;
    }
    let said = serde_json::from_str(&line).map_err(|_| "The server with the round did not start.".to_owned())?;
    Ok((stand, said))
}

fn line(told: &Value) -> Result<String> {
    let number = |of: &str, which: &str| told[of][which].as_f64().ok_or("The browser told no figures.");
    let (told_in, told_most) = (number("told", "median")?, number("told", "most")?);
    let (drawn_in, drawn_most) = (number("drawn", "median")?, number("drawn", "most")?);
    let mark = if told_in <= BAR && drawn_in <= BAR { "" } else { " (short of the bar)" };
    Ok(format!(
        "In Chromium, the bench with {} applicants and the demo's criteria, {} moves of a slider: ranked, laid out and told in {told_in:.1} ms (95 of \
         100 within {told_most:.1} ms), drawn in {drawn_in:.1} ms (within {drawn_most:.1} ms), medians. The bar is a frame, {BAR} ms{mark}.",
        told["applicants"], told["moves"]
    ))
}
