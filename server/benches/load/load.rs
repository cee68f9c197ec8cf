//! Making load: so many connections, each asking as soon as it has its answer, for a few seconds. Whatever is not the expected answer is
//! an error, and an error fails the whole measurement.

use crate::Result;
use crate::client::{Connection, field, get, post};
use crate::ground::{CLOSING_SECTION, Draft, closing_answers};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What is asked for.
#[derive(Debug)]
pub enum Work {
    /// These requests in turn, each to be answered by 200.
    Pages(Vec<Vec<u8>>),
    /// Each of these drafts once: its last section saved, checked, signed and submitted, the receipt read.
    Submissions(Vec<Draft>),
}

/// One run.
#[derive(Debug, Default)]
pub struct Run {
    /// How long each took, in microseconds, the quickest first.
    pub times: Vec<u64>,
    /// From the first question to the last answer, in microseconds.
    pub wall: u64,
}

impl Run {
    /// Answers (or submissions) in ten seconds: one place after the point is kept without a float.
    pub fn tenths_a_second(&self) -> u64 {
        (self.times.len() as u64 * 10_000_000).checked_div(self.wall).unwrap_or_default()
    }

    /// The time within which so many of a hundred were answered, in microseconds.
    pub fn percentile(&self, hundredths: usize) -> u64 {
        let last = self.times.len().saturating_sub(1);
        self.times.get((self.times.len() * hundredths / 100).min(last)).copied().unwrap_or_default()
    }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// Runs for `lasting`, or until every draft is submitted.
///
/// # Errors
/// The first unexpected answer.
pub fn run(address: SocketAddr, connections: usize, lasting: Duration, work: &Arc<Work>) -> Result<Run> {
    // One thread, as wrk has with -t1: the load must not crowd the server out.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| format!("No runtime: {error}."))?;
    runtime.block_on(async {
        let next = Arc::new(AtomicUsize::new(0));
        let mut open = Vec::with_capacity(connections);
        for _ in 0..connections {
            open.push(Connection::open(address).await.map_err(|error| format!("Cannot connect to {address}: {error}."))?);
        }
        let began = Instant::now();
        let tasks: Vec<_> = open
            .into_iter()
            .map(|connection| tokio::spawn(one_connection(connection, Arc::clone(work), Arc::clone(&next), began + lasting)))
            .collect();
        let mut run = Run::default();
        for task in tasks {
            let times = task.await.map_err(|error| format!("The load broke off: {error}."))??;
            run.times.extend(times);
        }
        run.wall = micros(began);
        run.times.sort_unstable();
        Ok(run)
    })
}

async fn one_connection(mut connection: Connection, work: Arc<Work>, next: Arc<AtomicUsize>, until: Instant) -> Result<Vec<u64>> {
    let mut times = Vec::with_capacity(100_000);
    while Instant::now() < until {
        let turn = next.fetch_add(1, Ordering::Relaxed);
        let asked = Instant::now();
        match work.as_ref() {
            Work::Pages(requests) => {
                let Some(request) = requests.get(turn % requests.len().max(1)) else { break };
                let answer = connection.ask(request).await.map_err(|error| format!("The connection broke: {error}."))?;
                if answer.status != 200 {
                    return Err(unexpected("200", request, &answer));
                }
            }
            Work::Submissions(drafts) => {
                let Some(draft) = drafts.get(turn) else { break };
                submit(&mut connection, draft).await?;
            }
        }
        times.push(micros(asked));
    }
    Ok(times)
}

fn unexpected(wanted: &str, request: &[u8], answer: &crate::client::Answer<'_>) -> String {
    let request = String::from_utf8_lossy(request);
    let begins: String = answer.text().chars().take(2_000).collect();
    format!("{} was answered {} instead of {wanted}: {begins}", request.lines().next().unwrap_or_default(), answer.status)
}

/// The end of an applicant's journey: save the last section, look at the whole, sign and submit, read the receipt.
async fn submit(connection: &mut Connection, draft: &Draft) -> Result<()> {
    let (id, cookie) = (draft.application, draft.cookie.as_str());
    let mut fields = closing_answers();
    fields.push(("version", "1"));
    let save = post(&format!("/apply/{id}/sections/{CLOSING_SECTION}"), cookie, &fields);
    expect(connection, &save, 303, |_| Some(())).await?;
    let check = get(&format!("/apply/{id}/check"), cookie, "");
    let submission = expect(connection, &check, 200, |answer| field(answer.text(), "submission").map(str::to_owned)).await?;
    let signed = [("submission", submission.as_str()), ("signature", "A. Superintendent"), ("stated", "yes")];
    let send = post(&format!("/apply/{id}/check"), cookie, &signed);
    let receipt = expect(connection, &send, 303, |answer| answer.header("location").map(str::to_owned)).await?;
    expect(connection, &get(&receipt, cookie, ""), 200, |answer| answer.text().contains("A-2025-").then_some(())).await
}

async fn expect<T>(
    connection: &mut Connection,
    request: &[u8],
    status: u16,
    read: impl Fn(&crate::client::Answer<'_>) -> Option<T>,
) -> Result<T> {
    let answer = connection.ask(request).await.map_err(|error| format!("The connection broke: {error}."))?;
    let wanted = (answer.status == status).then(|| read(&answer)).flatten();
    wanted.ok_or_else(|| unexpected(&format!("{status} with what was looked for"), request, &answer))
}
