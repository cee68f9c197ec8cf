//! `allotment facts import FILE`: public figures about organizations, each with its source, the row there, the day it was retrieved, year and place. They hold for every round; a
//! figure that holds for one round only is entered in that round.

use super::Done;
use super::table::{self, Row};
use app::call::{Call, mint};
use app::error::{AppError, Problem};
use app::review::work::UnderWay;
use chrono::NaiveDate;
use domain::OrganizationId;
use domain::access::Subject;
use domain::facts::{FACTS, fact};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::facts::Fact;
use store::organizations::{self, Organization};
use store::{AsRetry, Tx, events};

/// The columns.
pub const COLUMNS: &[&str] = &["organization", "key", "value", "year", "place", "source", "row", "retrieved"];

/// A row that makes sense by itself.
#[derive(Clone, Debug)]
struct Figure {
    row: Row,
    key: &'static str,
    value: Decimal,
    year: Option<i32>,
    retrieved: Option<NaiveDate>,
}

/// Why nothing was written.
#[derive(Debug)]
enum Halt {
    /// Only a look was asked for.
    Looked(Box<Done>),
    /// It was refused.
    Refused(AppError),
}

impl<E: Into<AppError>> From<E> for Halt {
    fn from(refused: E) -> Self {
        Self::Refused(refused.into())
    }
}

impl AsRetry for Halt {
    fn store_error(&self) -> Option<&store::Error> {
        if let Self::Refused(refused) = self { refused.store_error() } else { None }
    }
}

/// Takes all rows, or none. A figure with the organization, key and year of one on record takes its place. `changed` stays zero: what was on
/// record before stands in the history of its own import. Says whose points change in the rounds that are under way; with `look` it says so
/// and takes nothing.
///
/// # Errors
/// [`AppError::Invalid`] with every problem, by line and column.
pub async fn import(call: &Call, text: &str, look: bool) -> Result<Done, AppError> {
    let rows = table::read(text, COLUMNS, &["organization", "key", "value", "source"])?;
    let mut problems = Vec::new();
    let figures: Vec<Figure> = rows.into_iter().filter_map(|row| read_row(row, &mut problems)).collect();
    let (figures, problems, whose) = (Arc::new(figures), Arc::new(problems), call.clone());
    let taken: Result<Done, Halt> = call
        .desk
        .db
        .write(move |tx| {
            let (figures, problems, call) = (Arc::clone(&figures), problems.to_vec(), whose.clone());
            Box::pin(async move {
                let under_way = UnderWay::look(tx, &call).await?;
                let mut done = record(tx, &call, &figures, problems).await?;
                done.refreshed = under_way.record_shifts(tx, &call).await?;
                if look { Err(Halt::Looked(Box::new(done))) } else { Ok(done) }
            })
        })
        .await;
    match taken {
        Ok(done) => Ok(done),
        Err(Halt::Looked(done)) => Ok(*done),
        Err(Halt::Refused(refused)) => Err(refused),
    }
}

fn read_row(row: Row, problems: &mut Vec<Problem>) -> Option<Figure> {
    let before = problems.len();
    let known = fact(row.get("key"));
    if known.is_none() {
        let keys = FACTS.map(|fact| fact.key).join(", ");
        problems.push(row.problem("key", format!("“{}” is no fact that Allotment knows. The facts are: {keys}.", row.get("key"))));
    }
    let value = row.get("value").parse::<Decimal>().ok().filter(|value| *value >= Decimal::ZERO);
    if value.is_none() {
        let text = format!("“{}” is not a number from zero up. Write it without commas and units, such as 12.5.", row.get("value"));
        problems.push(row.problem("value", text));
    }
    let year = row.optional("year").map(|year| year.parse::<i32>().ok().filter(|year| (1900..=2200).contains(year)));
    if year == Some(None) {
        problems.push(row.problem("year", format!("“{}” is not a year, such as 2023.", row.get("year"))));
    }
    let retrieved = row.optional("retrieved").map(|day| day.parse::<NaiveDate>().ok());
    if retrieved == Some(None) {
        problems.push(row.problem("retrieved", format!("“{}” is not a day, such as 2024-05-31.", row.get("retrieved"))));
    }
    if row.get("source").is_empty() {
        problems.push(row.problem("source", "Say who says so, such as a data set and its year."));
    }
    let (known, value) = (known?, value?);
    (problems.len() == before).then(|| Figure { key: known.key, value, year: year.flatten(), retrieved: retrieved.flatten(), row })
}

/// The organization that a cell means: by NCES id, by IPEDS id, or by its whole name.
fn find<'a>(all: &'a [Organization], meant: &str) -> Result<&'a Organization, String> {
    let folded = meant.to_lowercase();
    let by_id = |id: &Option<String>| id.as_deref() == Some(meant);
    let found: Vec<&Organization> = all
        .iter()
        .filter(|organization| by_id(&organization.nces_id) || by_id(&organization.ipeds_id) || organization.name.to_lowercase() == folded)
        .collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(format!("No organization has the id or the name “{meant}”. Import the organizations first.")),
        several => Err(format!("{} organizations are called “{meant}”. Give the NCES id.", several.len())),
    }
}

async fn record(tx: &mut Tx<'_>, call: &Call, figures: &[Figure], mut problems: Vec<Problem>) -> Result<Done, AppError> {
    let all = organizations::list(tx).await?;
    let mut facts: BTreeMap<OrganizationId, Vec<Fact>> = BTreeMap::new();
    let mut first: BTreeMap<(OrganizationId, &str, Option<i32>), usize> = BTreeMap::new();
    for Figure { row, key, value, year, retrieved } in figures {
        let organization = match find(&all, row.get("organization")) {
            Ok(found) => found,
            Err(text) => {
                problems.push(row.problem("organization", text));
                continue;
            }
        };
        if let Some(line) = first.insert((organization.id, key, *year), row.line) {
            problems.push(row.problem("key", format!("The same figure stands in line {line}.")));
        }
        facts.entry(organization.id).or_default().push(Fact {
            id: mint(call.now),
            organization: organization.id,
            key: (*key).to_owned(),
            value: *value,
            year: *year,
            place: row.optional("place").unwrap_or_else(|| organization.name.clone()),
            source: row.get("source").to_owned(),
            row: row.optional("row"),
            retrieved: *retrieved,
            synthetic: false,
            round: None,
        });
    }
    if !problems.is_empty() {
        return Err(AppError::Invalid(problems));
    }
    let mut done = Done::default();
    for (organization, of_it) in &facts {
        for fact in of_it {
            store::facts::replace(tx, fact, call.now).await?;
            done.added += 1;
        }
        let mut event = call.event(Subject::default(), "organization", organization.0, "figures imported");
        event.organization = Some(*organization);
        let line = |fact: &Fact| serde_json::json!({ "key": fact.key, "value": fact.value.normalize().to_string(), "year": fact.year, "source": fact.source, "row": fact.row, "retrieved": fact.retrieved });
        event.facts = serde_json::json!({ "figures": of_it.iter().map(line).collect::<Vec<_>>() });
        events::add(tx, &event).await?;
    }
    Ok(done)
}
