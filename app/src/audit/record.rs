//! `/audit/{noun}/{id}`: one record's history, from its first act to its last, with what the ledger holds about it.

use super::list::{HELD_BACK, change, zone_of};
use crate::call::Call;
use crate::error::AppError;
use crate::form::id;
use crate::fund::parts::entries_table;
use crate::review::panel::work::history_is_hidden;
use crate::ui::layout::{Head, page};
use axum::extract::Path;
use axum::response::Response;
use domain::{Money, Timestamp, Zone};
use leptos::prelude::*;
use store::audit;
use store::events::Event;
use store::ledger::{self, EntryRow};
use store::panels;
use uuid::Uuid;

/// The page.
///
/// # Errors
/// [`AppError::NotFound`] for a record without acts, or of another agency; [`AppError::Forbidden`] for an application that one has a conflict
/// with; the store's failure.
pub async fn get(call: Call, Path((noun, record)): Path<(String, String)>) -> Result<Response, AppError> {
    let record: Uuid = id(&record)?;
    if !noun.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
        return Err(AppError::NotFound);
    }
    let person = call.person()?;
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let zone = zone_of(&audit::appropriations_for(&mut tx, person).await?)?;
    let events = audit::list_of(&mut tx, person, &noun, record).await?;
    if events.is_empty() {
        return Err(AppError::NotFound);
    }
    if panels::tied_records(&mut tx, person).await?.contains(&record) {
        return Err(AppError::Forbidden(HELD_BACK.to_owned()));
    }
    let hidden = noun == "application" && history_is_hidden(&mut tx, &call, record.into()).await?;
    let entries = ledger::entries_of_noun(&mut tx, record).await?;
    drop(reader);
    let acts = events.into_iter().map(|event| act(event, zone, hidden)).collect_view();
    Ok(show(&call, noun, record, acts, entries, zone))
}

/// The record's own page, where it has one.
fn address(noun: &str, record: Uuid) -> Option<String> {
    match noun {
        "application" => Some(format!("/review/applications/{record}")),
        "award" => Some(format!("/fund/awards/{record}")),
        "draw" => Some(format!("/fund/draws/{record}")),
        "report" => Some(format!("/report/{record}")),
        "round" => Some(format!("/review/{record}")),
        _ => None,
    }
}

fn show(call: &Call, noun: String, record: Uuid, acts: impl IntoView + 'static, entries: Vec<EntryRow>, zone: Zone) -> Response {
    let title = format!("History of the {noun}");
    page(call, Head::new(title.clone()), move || {
        let link = address(&noun, record).map(|to| view! { <p><a href=to>{format!("Open the {noun}")}</a></p> });
        let entries = (!entries.is_empty()).then(|| {
            view! {
                <h2>"In the ledger"</h2>
                {entries_table("Ledger entries about this record", entries, zone)}
            }
        });
        view! {
            <p><a href="/audit">"Audit"</a></p>
            <h1>{title}</h1>
            <p class="al-hash">{record.to_string()}</p>
            {link}
            <ol class="al-history">{acts}</ol>
            {entries}
        }
    })
}

/// A fact in words: cents are shown as money.
fn fact(key: &str, value: &serde_json::Value) -> (String, String) {
    let words = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match (key.strip_suffix("_cents"), value.as_i64()) {
        (Some(key), Some(cents)) => (key.replace('_', " "), Money::cents(cents).to_string()),
        _ => (key.replace('_', " "), words),
    }
}

/// One act. What a reviewer wrote is left out where it is hidden.
fn act(event: Event, zone: Zone, hidden: bool) -> impl IntoView + use<> {
    let states = change(&event);
    let who = event.person_name.unwrap_or_else(|| "The system".to_owned());
    let place = event.organization_name.map(|name| format!(" ({name})"));
    let states = (!states.is_empty()).then(|| view! { <p>{states}</p> });
    let why = event.why.map(|why| view! { <p>"Why: "{why}</p> });
    let facts = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&event.facts).unwrap_or_default();
    let facts = facts
        .into_iter()
        .map(|(key, value)| {
            let left_out = hidden && key == "written";
            let (key, value) = if left_out {
                (key, "Hidden: sealed until the reviews are due, or until your own review is in.".to_owned())
            } else {
                fact(&key, &value)
            };
            view! { <div><dt>{key}</dt><dd>{value}</dd></div> }
        })
        .collect_view();
    view! {
        <li>
            <p><strong>{event.verb}</strong>" by "{who}{place}", "{Timestamp::new(event.at).say_in(zone)}</p>
            {states}
            {why}
            <dl class="al-facts">{facts}</dl>
        </li>
    }
}
