//! `/audit`: the latest acts, found by kind of record, person and day, and the ledgers to look into.

use crate::call::Call;
use crate::error::{AppError, Problem};
use crate::form::{Attempt, Fields};
use crate::ui::field::{ErrorSummary, Select, TextField};
use crate::ui::layout::{Head, page, percent};
use crate::ui::table::Table;
use axum::extract::Query;
use axum::response::Response;
use chrono::{DateTime, Days, NaiveTime, Utc};
use domain::{Date, Timestamp, Zone};
use leptos::prelude::*;
use std::collections::BTreeMap;
use store::audit::{self, Appropriation, Filter};
use store::events::Event;
use store::panels;

/// In place of what an act on an application changed and why, for whoever has a tie to the applicant.
pub(super) const HELD_BACK: &str =
    "There is a conflict of interest between you and this applicant, so what was decided of it is held back.";

/// Acts on one page.
const PER_PAGE: i64 = 50;

struct Shown {
    ledgers: Vec<Appropriation>,
    nouns: Vec<String>,
    events: Vec<Event>,
    zone: Zone,
    number: i64,
}

/// The page.
///
/// # Errors
/// The store's failure.
pub async fn get(call: Call, Query(asked): Query<BTreeMap<String, String>>) -> Result<Response, AppError> {
    let person = call.person()?;
    // PostgreSQL stores no NUL, so none is looked for.
    let asked: Vec<(String, String)> = asked.into_iter().map(|(key, value)| (key, value.replace('\0', ""))).collect();
    let mut attempt = Attempt { fields: Fields(asked), problems: Vec::new() };
    let number = attempt.fields.text("page").parse::<i64>().unwrap_or(1).clamp(1, 100_000);
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let ledgers = audit::appropriations_for(&mut tx, person).await?;
    let zone = zone_of(&ledgers)?;
    let filter = read(&mut attempt, zone);
    let nouns = audit::nouns(&mut tx).await?;
    let mut events = audit::list(&mut tx, person, &filter, PER_PAGE + 1, (number - 1) * PER_PAGE).await?;
    let tied = panels::tied_records(&mut tx, person).await?;
    for event in events.iter_mut().filter(|event| tied.contains(&event.noun_id)) {
        (event.from_state, event.to_state, event.why) = (None, None, Some(HELD_BACK.to_owned()));
    }
    drop(reader);
    Ok(show(&call, Shown { ledgers, nouns, events, zone, number }, attempt))
}

/// The zone in which a reader's days are counted: that of their programs.
pub(super) fn zone_of(ledgers: &[Appropriation]) -> Result<Zone, AppError> {
    ledgers.first().map_or(Ok(Zone::CENTRAL), |ledger| Ok(ledger.zone()?))
}

fn read(attempt: &mut Attempt, zone: Zone) -> Filter {
    let text = |name: &str| Some(attempt.fields.text(name).to_owned()).filter(|text| !text.is_empty());
    let mut problems = Vec::new();
    let mut day = |name: &'static str, later: u64| -> Option<DateTime<Utc>> {
        let typed = text(name)?;
        let day = typed.parse::<Date>().ok().and_then(|day| day.checked_add_days(Days::new(later)));
        let begins = day.and_then(|day| zone.at(day.and_time(NaiveTime::MIN)).ok());
        if begins.is_none() {
            problems.push(Problem::new(name, "Enter a day as year, month and day, like 2024-01-31."));
        }
        begins.map(Timestamp::utc)
    };
    let (from, before) = (day("from", 0), day("to", 1));
    let filter = Filter { noun: text("noun"), person: text("person").map(|name| name.to_lowercase()), from, before };
    attempt.problems = problems;
    filter
}

fn show(call: &Call, shown: Shown, attempt: Attempt) -> Response {
    page(call, Head::new("Audit").after(&attempt), move || {
        let Shown { ledgers, nouns, mut events, zone, number } = shown;
        let more = i64::try_from(events.len()).unwrap_or(i64::MAX) > PER_PAGE;
        events.truncate(usize::try_from(PER_PAGE).unwrap_or(usize::MAX));
        let ledgers = ledgers
            .into_iter()
            .map(|ledger| {
                let words = format!("{}, {}, fiscal year {}", ledger.program_name, ledger.bill.trim_end_matches('.'), ledger.fiscal_year);
                view! { <li><a href=format!("/audit/ledger/{}", ledger.id)>{words}</a></li> }
            })
            .collect_view();
        let mut options = vec![(String::new(), "All records".to_owned())];
        options.extend(nouns.into_iter().map(|noun| (noun.clone(), noun)));
        let to_page = |number: i64| {
            let kept = ["noun", "person", "from", "to"].map(|name| format!("{name}={}", percent(attempt.fields.text(name))));
            format!("/audit?{}&page={number}", kept.join("&"))
        };
        let (newer, older) = (to_page(number - 1), to_page(number + 1));
        view! {
            <h1>"Audit"</h1>
            <p class="al-lede">"Every act is written down in the transaction that it belongs to, and can be neither changed nor removed."</p>
            <h2>"Ledgers"</h2>
            <ul>{ledgers}</ul>
            <h2>"Acts"</h2>
            <ErrorSummary attempt=attempt.clone()/>
            <form class="al-filter" method="get" action="/audit" novalidate="">
                <Select name="noun" label="Record" attempt=attempt.clone() options=options/>
                <TextField name="person" label="Person" attempt=attempt.clone() short=true/>
                <TextField name="from" label="From" kind="date" attempt=attempt.clone() short=true/>
                <TextField name="to" label="To" kind="date" attempt=attempt.clone() short=true/>
                <button class="usa-button" type="submit">"Filter"</button>
            </form>
            {table(events, zone)}
            <nav class="al-actions" aria-label="Pages of acts">
                {(number > 1).then(|| view! { <a href=newer>"Newer"</a> })}
                {more.then(|| view! { <a href=older>"Older"</a> })}
            </nav>
        }
    })
}

/// From and to, in words.
pub(super) fn change(event: &Event) -> String {
    match (&event.from_state, &event.to_state) {
        (Some(from), Some(to)) if from == to => to.clone(),
        (Some(from), Some(to)) => format!("{from} → {to}"),
        (None, Some(to)) => format!("→ {to}"),
        (Some(from), None) => format!("{from} →"),
        (None, None) => String::new(),
    }
}

fn table(events: Vec<Event>, zone: Zone) -> impl IntoView {
    if events.is_empty() {
        return view! { <p class="al-empty">"No act matches."</p> }.into_any();
    }
    let rows = events
        .into_iter()
        .map(|event| {
            let states = change(&event);
            let who = event.person_name.unwrap_or_else(|| "The system".to_owned());
            let place = event.organization_name.map(|name| view! { <br/><span class="al-source">{name}</span> });
            view! {
                <tr>
                    <td data-label="When">{Timestamp::new(event.at).say_in(zone)}</td>
                    <td data-label="Who">{who}{place}</td>
                    <th scope="row" data-label="What">{event.verb}</th>
                    <td data-label="Record"><a href=format!("/audit/{}/{}", event.noun, event.noun_id)>{format!("The {}’s history", event.noun)}</a></td>
                    <td data-label="From and to">{states}</td>
                    <td data-label="Why">{event.why.unwrap_or_default()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Acts, newest first">
            <thead>
                <tr>
                    <th scope="col">"When"</th>
                    <th scope="col">"Who"</th>
                    <th scope="col">"What"</th>
                    <th scope="col">"Record"</th>
                    <th scope="col">"From and to"</th>
                    <th scope="col">"Why"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
    .into_any()
}
