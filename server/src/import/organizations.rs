//! `allotment organizations import FILE`: the districts, community organizations, regional organizations and colleges of a state.

use super::Done;
use super::table::{self, Row};
use app::call::{Call, mint};
use app::error::{AppError, Problem};
use domain::access::{OrganizationKind, Subject};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::organizations::{self, Organization};
use store::{Tx, events};

/// The columns.
pub const COLUMNS: &[&str] =
    &["kind", "name", "nces_id", "ipeds_id", "county_fips", "county_name", "planning_district", "latitude", "longitude", "source"];

/// Takes all rows, or none. A row whose NCES id, IPEDS id, or else kind and name is on record writes over that record.
///
/// # Errors
/// [`AppError::Invalid`] with every problem, by line and column.
pub async fn import(call: &Call, text: &str) -> Result<Done, AppError> {
    let rows = table::read(text, COLUMNS, &["kind", "name", "source"])?;
    let mut problems = Vec::new();
    let read: Vec<(Row, Organization)> =
        rows.into_iter().filter_map(|row| Some((row.clone(), read_row(call, &row, &mut problems)?))).collect();
    problems.extend(doubled(&read));
    if !problems.is_empty() {
        return Err(AppError::Invalid(problems));
    }
    let (read, whose) = (Arc::new(read), call.clone());
    call.write(move |tx| {
        let (read, call) = (Arc::clone(&read), whose.clone());
        Box::pin(async move { record(tx, &call, &read).await })
    })
    .await
}

fn read_row(call: &Call, row: &Row, problems: &mut Vec<Problem>) -> Option<Organization> {
    let before = problems.len();
    let kind = OrganizationKind::from_stored(row.get("kind"));
    match kind {
        None => problems.push(row.problem("kind", format!("“{}” is none of district, community, region, college.", row.get("kind")))),
        Some(OrganizationKind::Agency) => {
            problems.push(row.problem("kind", "An agency comes with its first manager: allotment first-manager."));
        }
        Some(_) => {}
    }
    if row.get("name").is_empty() || row.get("name").chars().count() > 200 {
        problems.push(row.problem("name", "A name of at most 200 characters is needed."));
    }
    for (column, digits, whose) in [("nces_id", 7, "district"), ("ipeds_id", 6, "college"), ("county_fips", 5, "")] {
        let typed = row.get(column);
        if !typed.is_empty() && (typed.len() != digits || !typed.bytes().all(|byte| byte.is_ascii_digit())) {
            problems.push(row.problem(column, format!("“{typed}” is not {digits} digits. Has a spreadsheet dropped a leading zero?")));
        } else if !typed.is_empty() && !whose.is_empty() && kind.is_some_and(|kind| kind.as_str() != whose) {
            problems.push(row.problem(column, format!("Only a {whose} has one.")));
        }
    }
    for (column, most) in [("latitude", 90), ("longitude", 180)] {
        let typed = row.get(column);
        if !typed.is_empty() && typed.parse::<Decimal>().map_or(true, |degrees| degrees.abs() > Decimal::from(most)) {
            problems.push(row.problem(column, format!("“{typed}” is not a number of degrees between −{most} and {most}.")));
        }
    }
    if row.get("latitude").is_empty() != row.get("longitude").is_empty() {
        problems.push(row.problem("latitude", "Give latitude and longitude both, or neither."));
    }
    if row.get("source").is_empty() {
        problems.push(row.problem("source", "Say where the row comes from, such as a data set and its year."));
    }
    let kind = kind.filter(|_| problems.len() == before)?;
    Some(Organization {
        id: mint(call.now),
        kind,
        name: row.get("name").to_owned(),
        nces_id: row.optional("nces_id"),
        ipeds_id: row.optional("ipeds_id"),
        county_fips: row.optional("county_fips"),
        county_name: row.optional("county_name"),
        planning_district: row.optional("planning_district"),
        latitude: row.optional("latitude"),
        longitude: row.optional("longitude"),
        source: row.get("source").to_owned(),
    })
}

/// What makes an organization the same one: its public id, else its kind and name.
fn key(organization: &Organization) -> String {
    match (&organization.nces_id, &organization.ipeds_id) {
        (Some(nces_id), _) => format!("nces_id {nces_id}"),
        (None, Some(ipeds_id)) => format!("ipeds_id {ipeds_id}"),
        (None, None) => named(organization),
    }
}

fn named(organization: &Organization) -> String {
    format!("{} {}", organization.kind.as_str(), organization.name.to_lowercase())
}

fn doubled(read: &[(Row, Organization)]) -> Vec<Problem> {
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    let mut problems = Vec::new();
    for (row, organization) in read {
        if let Some(line) = first.insert(key(organization), row.line) {
            problems.push(row.problem("name", format!("The same organization stands in line {line}.")));
        }
    }
    problems
}

async fn record(tx: &mut Tx<'_>, call: &Call, read: &[(Row, Organization)]) -> Result<Done, AppError> {
    let on_record = organizations::list(tx).await?;
    let by_key: BTreeMap<String, &Organization> = on_record.iter().map(|known| (key(known), known)).collect();
    let mut done = Done::default();
    let mut problems = Vec::new();
    for (row, new) in read {
        // An organization that has no public id on record gains one by its name.
        let Some(known) = by_key.get(&key(new)).or_else(|| by_key.get(&named(new))).copied() else {
            organizations::add(tx, new).await?;
            add_event(tx, call, new, "added", None).await?;
            done.added += 1;
            continue;
        };
        let after = Organization { id: known.id, ..new.clone() };
        if known.kind != new.kind {
            problems.push(row.problem("kind", format!("It is on record as a {}, and that does not change.", known.kind.as_str())));
        } else if *known == after {
            done.same += 1;
        } else {
            organizations::record_particulars(tx, &after).await?;
            add_event(tx, call, &after, "changed", Some(&known.name)).await?;
            done.changed += 1;
        }
    }
    if problems.is_empty() { Ok(done) } else { Err(AppError::Invalid(problems)) }
}

async fn add_event(
    tx: &mut Tx<'_>,
    call: &Call,
    organization: &Organization,
    verb: &'static str,
    from: Option<&str>,
) -> Result<(), AppError> {
    let mut event = call.event(Subject::default(), "organization", organization.id.0, verb);
    event.organization = Some(organization.id);
    event.from = from.map(str::to_owned);
    event.to = Some(organization.name.clone());
    event.facts = serde_json::json!({ "source": organization.source });
    Ok(events::add(tx, &event).await?)
}
