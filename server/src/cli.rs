//! The commands. Each says in plain sentences what it did or what is wrong; a setting's fault ends with exit code 2, any other failure
//! with 1.

use crate::by_file;
use crate::config::{BadSetting, Config, Given};
use crate::import;
use crate::serve::{self, Serving};
use app::account::work::first::{self, Wanted};
use app::call::{Call, Desk, Opened};
use app::clock::Clock;
use clap::{Parser, Subcommand};
use domain::access::Actor;
use domain::program::ProgramFile;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use store::Db;

/// Allotment: from the law to the number, and every dollar accounted for.
///
/// The portal through which a legislature's money for an education program reaches schools.
#[derive(Debug, Parser)]
#[command(name = "allotment", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    given: Given,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the portal; the database's schema is brought up to date first
    Serve,
    /// Bring the database's schema up to date, and end
    Migrate,
    /// Serve a demonstration with synthetic applications and one-click people, on a SQLite file of its own (in data/demo, unless --data says otherwise)
    Demo {
        /// Start over: forget everything done in the demo so far
        #[arg(long)]
        fresh: bool,
    },
    /// Check settings, database, files folder, ledger and mail; exit code 0 when all is well
    Doctor,
    /// Give an agency its first program manager, who then invites everybody else
    ///
    /// Makes the agency when there is none of that name, makes the account, gives the role and queues a letter. Refused when the agency has
    /// a program manager, unless --reason says why it must be so all the same.
    FirstManager {
        /// The agency's name, as its program files write it (their name or short_name)
        #[arg(long, value_name = "NAME")]
        agency: String,
        /// The person's email address, with which they sign in
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        /// The person's name [default: what stands before the @]
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Although the agency has a program manager, since none can sign in any more: why. It is kept in the history, and they are told
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Districts, community organizations, regional organizations and colleges
    Organizations {
        #[command(subcommand)]
        command: OrganizationsCommand,
    },
    /// Public figures about organizations
    Facts {
        #[command(subcommand)]
        command: FactsCommand,
    },
    /// Program files
    Program {
        #[command(subcommand)]
        command: ProgramCommand,
    },
    /// Rank the applicants of a table by the rules of a file, without a database
    ///
    /// Writes CSV: id, place, points, the points on each criterion, the tie-break used. Exit code 0, or 2 with what is wrong.
    Rank(by_file::Rank),
    /// Allocate a pot over the candidates of a table by the rules of a file, without a database
    ///
    /// Writes CSV: id, place, requested, granted, outcome, reason; then the totals. Exit code 0, or 2 with what is wrong.
    Allocate(by_file::Allocate),
    /// Compute a frozen ranking or allocation again from its document, and compare the bytes
    Replay(by_file::Replay),
    /// Say why an applicant stands where it does, and what would have crossed the line
    Explain(by_file::Explain),
}

#[derive(Debug, Subcommand)]
enum OrganizationsCommand {
    /// Load a table: all of it, or nothing when a line is wrong
    ///
    /// Comma- or tab-separated; the first line names the columns: kind, name, nces_id, ipeds_id, county_fips, county_name,
    /// planning_district, latitude, longitude, source. Only kind, name and source must be there. A kind is district, community, region or
    /// college. An organization on record (by NCES id, IPEDS id, or else kind and name) is brought up to date.
    Import {
        /// The table
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum FactsCommand {
    /// Load a table: all of it, or nothing when a line is wrong
    ///
    /// Comma- or tab-separated; the first line names the columns: organization (NCES id, IPEDS id or whole name), key, value, year, place,
    /// source. year and place may be left out; the place is then the organization itself. A figure on record with the same organization,
    /// key and year is replaced. Says whose points change in the rounds that are open, or closed and not ranked yet.
    Import {
        /// The table
        file: PathBuf,
        /// Only say what would change, and take nothing
        #[arg(long)]
        look: bool,
    },
}

#[derive(Debug, Subcommand)]
enum ProgramCommand {
    /// Read a program file and name every problem with its line and field
    Check {
        /// The program file (TOML)
        file: PathBuf,
    },
}

/// Why a command did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// A setting: exit code 2.
    #[error(transparent)]
    Setting(#[from] BadSetting),
    /// Anything else, in a sentence: exit code 1.
    #[error("{0}")]
    Told(String),
}

impl Failed {
    /// Makes a sentence of what was tried and the cause.
    pub fn to(tried: &str, cause: impl std::fmt::Display) -> Self {
        Self::Told(format!("Could not {tried}: {cause}"))
    }
}

/// Runs the command of the command line.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    // A second subscriber cannot be there already: this is the first thing that the program does.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
    let outcome = match cli.command {
        Command::Program { command: ProgramCommand::Check { file } } => return check_program(&file),
        Command::Rank(given) => return by_file::rank(&given),
        Command::Allocate(given) => return by_file::allocate(&given),
        Command::Replay(given) => return by_file::replay(&given),
        Command::Explain(given) => return by_file::explain(&given),
        other => in_runtime(other, &cli.given),
    };
    match outcome {
        Ok(code) => code,
        Err(Failed::Setting(bad)) => {
            eprintln!("{bad}");
            ExitCode::from(2)
        }
        Err(Failed::Told(sentence)) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn in_runtime(command: Command, given: &Given) -> Result<ExitCode, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|cause| Failed::to("start", cause))?;
    runtime.block_on(async {
        match command {
            Command::Serve => serve::run(Serving { config: Config::read(given)?, demo: false }).await,
            Command::Migrate => migrate(&Config::read(given)?).await,
            Command::Demo { fresh } => {
                let data = given.data.clone().unwrap_or_else(|| PathBuf::from("data/demo"));
                refuse_real_records(&data)?;
                if fresh {
                    start_over(&data)?;
                }
                let config = Config::for_demo(data, given.address.clone(), given.base_url.clone())?;
                serve::run(Serving { config, demo: true }).await
            }
            Command::Doctor => crate::doctor::run(&Config::read(given)?).await,
            Command::FirstManager { agency, email, name, reason } => {
                first_manager(&Config::read(given)?, Wanted { agency, email, name, reason }).await
            }
            Command::Organizations { command: OrganizationsCommand::Import { file } } => {
                import_table(&Config::read(given)?, Table::Organizations, &file).await
            }
            Command::Facts { command: FactsCommand::Import { file, look } } => {
                import_table(&Config::read(given)?, Table::Facts { look }, &file).await
            }
            Command::Program { .. } | Command::Rank(_) | Command::Allocate(_) | Command::Replay(_) | Command::Explain(_) => {
                Ok(ExitCode::SUCCESS)
            }
        }
    })
}

/// Opens the database, making the folder of a SQLite file first.
///
/// # Errors
/// A sentence.
pub async fn open(config: &Config) -> Result<Db, Failed> {
    make_private(&config.data).map_err(|cause| Failed::to(&format!("make the folder {}", config.data.display()), cause))?;
    make_private(&config.files()).map_err(|cause| Failed::to(&format!("make the folder {}", config.files().display()), cause))?;
    Db::open(&config.database_url).await.map_err(|cause| Failed::to("open the database", cause))
}

/// A folder that only this user reads: it holds applicants' letters.
pub fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

async fn migrate(config: &Config) -> Result<ExitCode, Failed> {
    let db = open(config).await?;
    db.migrate().await.map_err(|cause| Failed::to("bring the schema up to date", cause))?;
    db.close().await;
    println!("The schema is up to date.");
    Ok(ExitCode::SUCCESS)
}

/// The system's own request: what the machine's owner does from the command line. The schema is brought up to date first.
async fn system_call(config: &Config) -> Result<Call, Failed> {
    let db = open(config).await?;
    db.migrate().await.map_err(|cause| Failed::to("bring the schema up to date", cause))?;
    let desk = Desk { db, clock: Clock::machine(), house: Arc::new(config.house(false)) };
    Ok(Call { actor: Actor::default(), now: desk.clock.now(), desk, path: "/".to_owned(), session: None, opened: Opened::default() })
}

async fn first_manager(config: &Config, wanted: Wanted) -> Result<ExitCode, Failed> {
    let call = system_call(config).await?;
    let given = first::give(&call, &wanted).await;
    call.desk.db.close().await;
    let given = given.map_err(|refused| Failed::Told(refused.say().1))?;
    if given.new_agency {
        println!("The agency “{}” is on record now.", given.agency);
    }
    println!("{} is its program manager and can sign in at {}/sign-in with that address.", given.email, config.base_url);
    println!(
        "{}",
        if config.mail.is_some() { "A letter is on its way once the portal serves." } else { "No mail server is set: tell them." }
    );
    Ok(ExitCode::SUCCESS)
}

#[derive(Clone, Copy)]
enum Table {
    Organizations,
    Facts { look: bool },
}

async fn import_table(config: &Config, table: Table, file: &Path) -> Result<ExitCode, Failed> {
    let text = std::fs::read_to_string(file).map_err(|cause| Failed::to(&format!("read {}", file.display()), cause))?;
    let call = system_call(config).await?;
    let imported = match table {
        Table::Organizations => import::organizations::import(&call, &text).await,
        Table::Facts { look } => import::facts::import(&call, &text, look).await,
    };
    if !matches!(table, Table::Facts { look: true }) {
        call.desk.db.analyze().await.map_err(|cause| Failed::to("look through what was imported", cause))?;
    }
    call.desk.db.close().await;
    match (imported, table) {
        (Ok(done), Table::Organizations) => {
            println!("{} organizations added, {} changed, {} as they were.", done.added, done.changed, done.same);
            Ok(ExitCode::SUCCESS)
        }
        (Ok(done), Table::Facts { look }) => {
            println!("{} figures {} on record.", done.added, if look { "would be" } else { "are" });
            done.refreshed.iter().for_each(tell_refreshed);
            Ok(ExitCode::SUCCESS)
        }
        (Err(refused), _) => {
            let lines = import::say(file, &refused);
            lines.iter().for_each(|line| eprintln!("{line}"));
            eprintln!("{} problem(s); nothing was taken.", lines.len());
            Ok(ExitCode::FAILURE)
        }
    }
}

fn tell_refreshed(round: &import::Refreshed) {
    println!("\n{}: points of {} applicant(s) change.", round.round, round.shifts.len());
    round.shifts.iter().for_each(|shift| println!("  {shift}"));
}

/// Refuses a folder that holds a portal's records and is no demo's: a demo's clock stands beside its own from the first start on.
fn refuse_real_records(data: &Path) -> Result<(), Failed> {
    let there = |name: &str| data.join(name).exists();
    if (there("allotment.db") || there("files")) && !there("clock") {
        let folder = data.display();
        return Err(Failed::Told(format!(
            "{folder} holds records that are not a demonstration’s, so the demonstration leaves it alone. Give it a folder of its own with --data."
        )));
    }
    Ok(())
}

/// Removes the demo's own files and nothing else.
fn start_over(data: &Path) -> Result<(), Failed> {
    let remove = |name: &str| {
        let path = data.join(name);
        let removed = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        match removed {
            Err(failed) if failed.kind() != std::io::ErrorKind::NotFound => Err(Failed::to(&format!("remove {}", path.display()), failed)),
            _ => Ok(()),
        }
    };
    ["allotment.db", "allotment.db-wal", "allotment.db-shm", "clock", "files"].into_iter().try_for_each(remove)
}

fn check_program(file: &Path) -> ExitCode {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(failed) => {
            eprintln!("{} cannot be read: {failed}", file.display());
            return ExitCode::from(2);
        }
    };
    match ProgramFile::parse(&text).map(|program| program.summary()) {
        Ok(Ok(lines)) => {
            lines.iter().for_each(|line| println!("{line}"));
            ExitCode::SUCCESS
        }
        Ok(Err(wrong)) => {
            eprintln!("{}: {wrong}", file.display());
            ExitCode::FAILURE
        }
        Err(problems) => {
            problems.iter().for_each(|problem| eprintln!("{}: {problem}", file.display()));
            eprintln!("{} problem(s).", problems.len());
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn starting_over_leaves_other_files_alone() {
        let folder = std::env::temp_dir().join(format!("allotment-fresh-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("files")).unwrap();
        std::fs::write(folder.join("allotment.db"), "x").unwrap();
        std::fs::write(folder.join("mine.txt"), "x").unwrap();
        start_over(&folder).unwrap();
        assert!(folder.join("mine.txt").exists() && !folder.join("allotment.db").exists() && !folder.join("files").exists());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
