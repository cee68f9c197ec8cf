//! Which pages are asked for, how often, and what is noted down of each run.

use crate::client::{Connection, get};
use crate::ground::{self, Ground, Size};
use crate::load::{self, Work};
use crate::machine::{self, Spent};
use crate::process::Server;
use crate::weight::{self, Weight};
use crate::{Options, Result};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The pages: name on the command line, name in the tables, and a text that stands on the page when it is whole.
pub const PAGES: [(&str, &str, &str); 6] = [
    ("hello", "axum “hello”", "hello"),
    ("program", "public program page", "</html>"),
    ("section", "apply section, signed in", "name=\"version\""),
    ("list", "manager’s list, 60 of 2,000", "A-2025-"),
    ("detail", "one application with its working", "A-2025-"),
    ("submit", "save and submit, to the receipt", ""),
];

/// How many of a page's addresses are asked for in turn, so that not one row is measured.
const IN_TURN: usize = 200;

/// The medians of one page at one number of connections.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Index in [`PAGES`].
    pub page: usize,
    /// Connections.
    pub connections: usize,
    /// Answers in ten seconds, of each run, the fewest first.
    pub tenths_a_second: Vec<u64>,
    /// Median time of an answer, in microseconds.
    pub p50: u64,
    /// 99 of 100 answers took at most this, in microseconds.
    pub p99: u64,
    /// The server's processor time for one answer, in microseconds.
    pub server_cpu: u64,
    /// PostgreSQL's.
    pub postgres_cpu: u64,
    /// What everything else on the machine used meanwhile, in hundredths of a core.
    pub others: u64,
    /// Durable appends a second just before.
    pub fsyncs: u64,
}

impl Cell {
    /// The median rate, in tenths a second.
    pub fn rate(&self) -> u64 {
        median(self.tenths_a_second.clone())
    }
}

/// One engine's measurements.
#[derive(Clone, Debug)]
pub struct Engine {
    /// Its name.
    pub name: &'static str,
    /// The cells.
    pub cells: Vec<Cell>,
    /// Pages weighed.
    pub weights: Vec<Weight>,
    /// The server's memory after all runs, in kilobytes: resident, and its own share.
    pub memory: (u64, u64),
    /// From start to first answer, in microseconds: with rows there, and on an empty database.
    pub first_answer: (u64, u64),
    /// The size of the document of each page, in bytes.
    pub sizes: Vec<(usize, usize)>,
}

/// The middle of some numbers.
pub fn median(mut numbers: Vec<u64>) -> u64 {
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}

struct Plan {
    runs: usize,
    levels: &'static [usize],
    lasting: Duration,
    size: Size,
}

impl Plan {
    const fn of(quick: bool) -> Self {
        if quick {
            Self { runs: 1, levels: &[8], lasting: Duration::from_secs(2), size: Size { applications: 2_000, rush: 2_000, rushes: 1 } }
        } else {
            Self {
                runs: 3,
                levels: &[1, 8, 32],
                lasting: Duration::from_secs(4),
                size: Size { applications: 2_000, rush: 4_000, rushes: 9 },
            }
        }
    }
}

/// Measures one engine.
///
/// # Errors
/// An answer that was not expected, or a server that did not start.
pub fn engine(options: &Options, name: &'static str, postgres: Option<&str>) -> Result<Engine> {
    let plan = Plan::of(options.quick);
    let folder = options.folder.join(name);
    std::fs::create_dir_all(folder.join("files")).map_err(|error| format!("Cannot make {}: {error}.", folder.display()))?;
    let sqlite = format!("sqlite:{}", folder.join("allotment.db").display());
    let url = postgres.unwrap_or(&sqlite);
    let empty = median((0..3).map(|nth| first_answer_on_nothing(options, &folder, nth)).collect::<Result<_>>()?);
    println!("{name}: laying the rows ...");
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("No runtime: {error}."))?;
    let ground = runtime.block_on(ground::lay(url, &folder, plan.size))?;
    let starts: Vec<u64> =
        (0..5).map(|_| Server::allotment(&options.binary, url, &folder).map(|server| server.first_answer)).collect::<Result<_>>()?;
    let hello = Server::hello()?;
    let server = Server::allotment(&options.binary, url, &folder)?;
    let port = url.rsplit(':').next().and_then(|end| end.split('/').next()?.parse().ok());
    let database = port.and_then(machine::postgres_on);
    let mut works = works(&ground)?;
    let mut engine =
        Engine { name, cells: Vec::new(), weights: Vec::new(), memory: (0, 0), first_answer: (median(starts), empty), sizes: Vec::new() };
    for (page, (key, title, whole)) in PAGES.into_iter().enumerate() {
        if !options.only.is_empty() && !options.only.iter().any(|only| only == key) {
            continue;
        }
        let of = if key == "hello" { &hello } else { &server };
        let measured = Measured { process: of.process(), database: database.filter(|_| key != "hello"), address: of.address };
        let work = std::mem::take(&mut works[page]);
        if let Some(request) = work.first().and_then(|work| if let Work::Pages(requests) = work.as_ref() { requests.first() } else { None })
        {
            engine.sizes.push((page, runtime.block_on(look(of.address, title, request, whole))?));
        }
        let fsyncs = machine::fsyncs_a_second(&folder)?;
        let mut work = work.iter().cycle();
        for connections in plan.levels {
            let cell = cell(&plan, &measured, (page, *connections), fsyncs, &mut work)?;
            println!(
                "{name}, {title}, {connections} connections: {}/s, p50 {} µs, p99 {} µs, {} + {} µs CPU, others {}/100 core",
                cell.rate() / 10,
                cell.p50,
                cell.p99,
                cell.server_cpu,
                cell.postgres_cpu,
                cell.others
            );
            engine.cells.push(cell);
        }
    }
    engine.memory = machine::memory(server.process());
    if options.only.is_empty() {
        engine.weights = runtime.block_on(weigh(server.address, &ground))?;
    }
    Ok(engine)
}

fn first_answer_on_nothing(options: &Options, folder: &Path, nth: usize) -> Result<u64> {
    let folder = folder.join(format!("empty-{nth}"));
    std::fs::create_dir_all(&folder).map_err(|error| format!("Cannot make {}: {error}.", folder.display()))?;
    let url = format!("sqlite:{}", folder.join("allotment.db").display());
    Server::allotment(&options.binary, &url, &folder).map(|server| server.first_answer)
}

/// For each of [`PAGES`], what is asked; for submissions a list for each run.
fn works(ground: &Ground) -> Result<Vec<Vec<Arc<Work>>>> {
    let pages = |requests: Vec<Vec<u8>>| vec![Arc::new(Work::Pages(requests))];
    let details = ground.ranked.iter().step_by((ground.ranked.len() / IN_TURN).max(1));
    let sections = ground.drafts.iter().step_by((ground.drafts.len() / IN_TURN).max(1));
    let submissions = ground.rushes.iter().map(|rush| Arc::new(Work::Submissions(rush.clone()))).collect();
    Ok(vec![
        pages(vec![get("/", "", "")]),
        pages(vec![get(&ground.program_page, "", "")]),
        pages(sections.map(|draft| get(&section_page(draft), &draft.cookie, "")).collect()),
        pages(vec![get(&format!("/review/{}", ground.closed), &ground.manager, "")]),
        pages(details.map(|id| get(&format!("/review/applications/{id}"), &ground.manager, "")).collect()),
        submissions,
    ])
}

fn section_page(draft: &ground::Draft) -> String {
    format!("/apply/{}/sections/need", draft.application)
}

/// Looks whether the page is what it should be, and how large.
async fn look(address: SocketAddr, title: &str, request: &[u8], whole: &str) -> Result<usize> {
    let told = |error: std::io::Error| format!("{title}: {error}.");
    let mut connection = Connection::open(address).await.map_err(told)?;
    let answer = connection.ask(request).await.map_err(told)?;
    if answer.status == 200 && answer.text().contains(whole) {
        Ok(answer.body.len())
    } else {
        Err(format!("{title}: answered {}, or without “{whole}”: {}", answer.status, answer.text()))
    }
}

struct Measured {
    process: u32,
    database: Option<u32>,
    address: SocketAddr,
}

fn cell<'w>(
    plan: &Plan,
    measured: &Measured,
    (page, connections): (usize, usize),
    fsyncs: u64,
    works: &mut impl Iterator<Item = &'w Arc<Work>>,
) -> Result<Cell> {
    let mut cell =
        Cell { page, connections, tenths_a_second: Vec::new(), p50: 0, p99: 0, server_cpu: 0, postgres_cpu: 0, others: 0, fsyncs };
    let (mut p50, mut p99, mut server, mut postgres, mut others) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for nth in 0..plan.runs {
        let Some(work) = works.next() else { return Err("There is nothing left to ask for.".to_owned()) };
        machine::wait_for_quiet();
        if nth == 0 && matches!(work.as_ref(), Work::Pages(_)) {
            load::run(measured.address, connections, plan.lasting / 8, work)?;
        }
        let before = Spent::read(measured.process, measured.database);
        let run = load::run(measured.address, connections, plan.lasting, work)?;
        let spent = Spent::read(measured.process, measured.database).since(before);
        let answers = u64::try_from(run.times.len()).unwrap_or(u64::MAX).max(1);
        cell.tenths_a_second.push(run.tenths_a_second());
        p50.push(run.percentile(50));
        p99.push(run.percentile(99));
        server.push(spent.server / answers);
        postgres.push(spent.postgres / answers);
        others.push((spent.others() * 100).checked_div(run.wall).unwrap_or_default());
    }
    cell.tenths_a_second.sort_unstable();
    (cell.p50, cell.p99) = (median(p50), median(p99));
    (cell.server_cpu, cell.postgres_cpu, cell.others) = (median(server), median(postgres), median(others));
    Ok(cell)
}

async fn weigh(address: SocketAddr, ground: &Ground) -> Result<Vec<Weight>> {
    let Some(draft) = ground.drafts.first() else { return Ok(Vec::new()) };
    Ok(vec![
        weight::weigh(address, "public program page", &ground.program_page, "").await?,
        weight::weigh(address, "apply section, signed in", &section_page(draft), &draft.cookie).await?,
        weight::weigh(address, "task list of an application", &format!("/apply/{}", draft.application), &draft.cookie).await?,
        weight::weigh(address, "manager’s list", &format!("/review/{}", ground.closed), &ground.manager).await?,
    ])
}
