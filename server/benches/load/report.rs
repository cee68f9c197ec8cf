//! The tables, as docs/PERFORMANCE.md shows them. Only what stands between the two marks is written anew; the words round it are people's.

use crate::Result;
use crate::machine;
use crate::pages::{Cell, Engine, PAGES};
use domain::answers::with_commas;
use std::fmt::Write;
use std::path::Path;

const BEGIN: &str = "<!-- measured: begin -->";
const END: &str = "<!-- measured: end -->";

/// The peer's rate at 8 connections, in tenths a second: Hypha 6.7.0 as it comes, two workers, 2,000 submissions, on such a machine.
const PEER: [(&str, u64); 5] = [("program", 166), ("section", 75), ("list", 27), ("detail", 54), ("submit", 29)];
/// How many times the peer's rate is the goal.
const GOAL: u64 = 200;
/// Kilobytes of memory that may be resident after the runs: a tenth of the peer's 475 MB.
const MEMORY_GOAL: u64 = 48 * 1_024;
/// Microseconds from the start to the first answer with the rows there.
const START_GOAL: u64 = 150_000;

/// All tables.
pub fn write(engines: &[Engine], quick: bool) -> String {
    let mut text = String::new();
    let clock = app::clock::Clock::machine();
    let commit = std::process::Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    let commit = commit.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    let runs = if quick { "one short run each" } else { "medians of three runs of four seconds each" };
    line(&mut text, &format!("Measured on {}, at commit {commit}: {runs}.", clock.now().iso()));
    line(&mut text, &format!("Machine: {}.\n", machine::description()));
    against_the_peer(&mut text, engines);
    for engine in engines {
        of_engine(&mut text, engine);
    }
    memory_and_start(&mut text, engines);
    if let Some(engine) = engines.first() {
        weights(&mut text, engine);
    }
    text
}

fn line(text: &mut String, words: &str) {
    text.push_str(words);
    text.push('\n');
}

fn against_the_peer(text: &mut String, engines: &[Engine]) {
    line(text, "### Beside Hypha, at 8 connections\n");
    let names: Vec<String> = engines.iter().map(|engine| format!("{0} | times Hypha", engine.name)).collect();
    line(text, &format!("| a second | Hypha | goal | {} |", names.join(" | ")));
    line(text, &format!("|---|---|---|{}", "---|---|".repeat(engines.len())));
    for (key, peer) in PEER {
        let Some(page) = PAGES.iter().position(|(name, ..)| *name == key) else { continue };
        let mut row = format!("| {} | {} | {} |", PAGES[page].1, tenths(peer), tenths(peer * GOAL));
        for engine in engines {
            match engine.cells.iter().find(|cell| cell.page == page && cell.connections == 8) {
                Some(cell) => {
                    let times = cell.rate() / peer;
                    let mark = if cell.rate() >= peer * GOAL { "" } else { " (short of the goal)" };
                    let _ = write!(row, " {} | {times}{mark} |", tenths(cell.rate()));
                }
                None => row.push_str(" – | – |"),
            }
        }
        line(text, &row);
    }
    line(text, "");
}

fn of_engine(text: &mut String, engine: &Engine) {
    line(text, &format!("### {}\n", engine.name));
    line(
        text,
        "| page | connections | a second (slowest–quickest run) | p50 ms | p99 ms | CPU ms each: server + database | others and steal, cores | fsyncs/s |",
    );
    line(text, "|---|---|---|---|---|---|---|---|");
    for cell in &engine.cells {
        let title = match engine.sizes.iter().find(|(page, _)| *page == cell.page) {
            Some((_, bytes)) => format!("{} ({} bytes)", PAGES[cell.page].1, comma(*bytes)),
            None => PAGES[cell.page].1.to_owned(),
        };
        let spread = match (cell.tenths_a_second.first(), cell.tenths_a_second.last()) {
            (Some(least), Some(most)) if cell.tenths_a_second.len() > 1 => format!(" ({}–{})", tenths(*least), tenths(*most)),
            _ => String::new(),
        };
        let Cell { connections, p50, p99, server_cpu, postgres_cpu, others, fsyncs, .. } = cell;
        line(
            text,
            &format!(
                "| {title} | {connections} | {}{spread} | {} | {} | {} + {} | {}.{:02} | {fsyncs} |",
                tenths(cell.rate()),
                milliseconds(*p50),
                milliseconds(*p99),
                milliseconds(*server_cpu),
                milliseconds(*postgres_cpu),
                others / 100,
                others % 100
            ),
        );
    }
    line(text, "");
}

fn memory_and_start(text: &mut String, engines: &[Engine]) {
    line(text, "### Memory and start\n");
    line(text, "| | resident after all runs | its own share (PSS) | start to first answer, rows there | the same, empty SQLite file |");
    line(text, "|---|---|---|---|---|");
    for engine in engines {
        let ((resident, own), (start, empty)) = (engine.memory, engine.first_answer);
        line(
            text,
            &format!(
                "| {} | {} MB{} | {} MB | {} ms{} | {} ms |",
                engine.name,
                megabytes(resident),
                if resident <= MEMORY_GOAL { "" } else { " (short of the goal)" },
                megabytes(own),
                start / 1_000,
                if start <= START_GOAL { "" } else { " (short of the goal)" },
                empty / 1_000
            ),
        );
    }
    line(text, "| goal | 48 MB (Hypha 475) | | 150 ms (Hypha 4,600) | |\n");
}

fn weights(text: &mut String, engine: &Engine) {
    line(text, "### Cold load over the wire, brotli, headers included\n");
    line(text, "| page | requests | bytes | of these the document (plain) | of these script, which the page works without |");
    line(text, "|---|---|---|---|---|");
    for weight in &engine.weights {
        line(
            text,
            &format!(
                "| {} | {} | {} | {} ({}) | {} |",
                weight.name,
                weight.requests,
                comma(weight.bytes),
                comma(weight.document),
                comma(weight.plain),
                comma(weight.script)
            ),
        );
    }
    line(text, "| goal: the apply page / a page with an island (Hypha 31 requests, 446,000 bytes) | 6 | 45,000 / 150,000 | | |");
}

fn comma(number: usize) -> String {
    with_commas(i64::try_from(number).unwrap_or(i64::MAX))
}

/// `12345` tenths as `1,234`, `54` as `5.4`.
fn tenths(number: u64) -> String {
    if number < 1_000 { format!("{}.{}", number / 10, number % 10) } else { comma(usize::try_from(number / 10).unwrap_or(usize::MAX)) }
}

/// Microseconds as milliseconds with two places.
fn milliseconds(micros: u64) -> String {
    format!("{}.{:02}", micros / 1_000, micros % 1_000 / 10)
}

/// Kilobytes as megabytes with one place.
fn megabytes(kilobytes: u64) -> String {
    format!("{}.{}", kilobytes / 1_024, kilobytes % 1_024 * 10 / 1_024)
}

/// Writes the tables between the document's marks.
///
/// # Errors
/// The document can't be read or written, or has no marks.
pub fn replace(path: &Path, tables: &str) -> Result<()> {
    let told = |error: std::io::Error| format!("{}: {error}.", path.display());
    let before = std::fs::read_to_string(path).map_err(told)?;
    let parts = before.split_once(BEGIN).and_then(|(head, rest)| Some((head, rest.split_once(END)?.1)));
    let Some((head, tail)) = parts else { return Err(format!("{} has no marks for the tables.", path.display())) };
    std::fs::write(path, format!("{head}{BEGIN}\n{tables}{END}{tail}")).map_err(told)
}
