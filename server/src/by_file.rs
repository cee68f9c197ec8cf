//! Ranking and allocating without a database: rules in one file, a table in another, the result on standard output. For anyone with the
//! files, years later too. Exit code 0, or 2 with what is wrong, naming file, row and column.

mod allocate;
mod documents;
mod rank;
mod sheet;
#[cfg(test)]
mod tests;

use clap::Args;
use domain::program::RulesFile;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// `allotment rank`.
#[derive(Debug, Args)]
pub struct Rank {
    /// The rules: a file with a [ranking] section and a seed; a whole program file will do
    #[arg(long, value_name = "RULES.toml")]
    rules: PathBuf,
    /// The applicants: columns id, then one for each fact or score that the rules name
    #[arg(long, value_name = "POOL.csv")]
    applicants: PathBuf,
    /// Also write the ranking as a document that `replay` and `explain` read
    #[arg(long, value_name = "OUT")]
    json: Option<PathBuf>,
}

/// `allotment allocate`.
#[derive(Debug, Args)]
pub struct Allocate {
    /// The rules: a file with an [allocation] section; a whole program file will do
    #[arg(long, value_name = "RULES.toml")]
    rules: PathBuf,
    /// The candidates: columns id, points, request, and if you like region, seats, min, district, organization, last
    #[arg(long, value_name = "RANKED.csv")]
    candidates: PathBuf,
    /// The money there is, such as 1234567.89
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    pot: String,
    /// Also say what each floor, cap and limit of an optimal allocation costs
    #[arg(long)]
    costs: bool,
    /// Also write the result as JSON
    #[arg(long, value_name = "OUT")]
    json: Option<PathBuf>,
}

/// `allotment replay`.
#[derive(Debug, Args)]
pub struct Replay {
    /// A ranking's, an allocation's or a decision's document (JSON)
    file: PathBuf,
}

/// `allotment explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A ranking's, an allocation's or a decision's document (JSON)
    file: PathBuf,
    /// The applicant's id or application number; everybody without it
    #[arg(long)]
    id: Option<String>,
    /// The lowest place that money reached, to be told what would have crossed it
    #[arg(long, value_name = "PLACE")]
    line: Option<u32>,
}

/// What is wrong, a sentence each.
type Wrong = Vec<String>;

/// Runs one of the commands.
pub fn rank(given: &Rank) -> ExitCode {
    end(rank::run(given))
}

/// As [`rank`].
pub fn allocate(given: &Allocate) -> ExitCode {
    end(allocate::run(given))
}

/// As [`rank`].
pub fn replay(given: &Replay) -> ExitCode {
    end(documents::replay(given))
}

/// As [`rank`].
pub fn explain(given: &Explain) -> ExitCode {
    end(documents::explain(given))
}

fn end(outcome: Result<String, Wrong>) -> ExitCode {
    match outcome {
        Ok(text) => {
            use std::io::Write;
            // Whoever reads may have had enough, as `head` does; that is no failure of ours.
            drop(std::io::stdout().write_all(text.as_bytes()));
            ExitCode::SUCCESS
        }
        Err(wrong) => {
            wrong.iter().for_each(|sentence| eprintln!("{sentence}"));
            ExitCode::from(2)
        }
    }
}

/// The most that is read of a file: a table of a hundred thousand applicants is a tenth of it.
const LARGEST: u64 = 256 * 1024 * 1024;

fn bytes_of(path: &Path) -> Result<Vec<u8>, Wrong> {
    let length = std::fs::metadata(path).map_err(|cause| vec![format!("{} can't be read: {cause}.", path.display())])?.len();
    if length > LARGEST {
        return Err(vec![format!("{} is larger than 256 MB.", path.display())]);
    }
    std::fs::read(path).map_err(|cause| vec![format!("{} can't be read: {cause}.", path.display())])
}

fn text_of(path: &Path) -> Result<String, Wrong> {
    String::from_utf8(bytes_of(path)?).map_err(|_| vec![format!("{} is not text in UTF-8. Save it as “CSV UTF-8”.", path.display())])
}

fn rules_of(path: &Path) -> Result<RulesFile, Wrong> {
    let text = text_of(path)?;
    RulesFile::parse(&text).map_err(|problems| problems.iter().map(|problem| format!("{}: {problem}", path.display())).collect())
}

fn write_json(path: Option<&Path>, text: &[u8]) -> Result<(), Wrong> {
    let Some(path) = path else { return Ok(()) };
    std::fs::write(path, text).map_err(|cause| vec![format!("{} can't be written: {cause}.", path.display())])
}

/// One line of CSV (RFC 4180), quoted only where it must be, so that numbers stay numbers.
fn csv_line(cells: &[String]) -> String {
    let cell = |text: &String| {
        let bare = !text.contains(['"', ',', '\n', '\r']) && text.trim() == text;
        if bare { text.clone() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
    };
    let mut line = cells.iter().map(cell).collect::<Vec<_>>().join(",");
    line.push('\n');
    line
}
