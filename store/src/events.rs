//! The event log: a row joins every transition in its transaction, and is never changed (a trigger refuses).

use crate::db::{Tx, all, execute};
use crate::error::Result;
use crate::many::{cell, each, execute_many, hex, instant};
use chrono::{DateTime, Utc};
use domain::{EventId, OrganizationId, PersonId, Timestamp};
use uuid::Uuid;

/// What is written about one act.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Its id.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// Who; `None` is the system itself.
    pub person: Option<PersonId>,
    /// For which organization they acted.
    pub organization: Option<OrganizationId>,
    /// The kind of record: `application`, `draw`, ….
    pub noun: &'static str,
    /// The record.
    pub noun_id: Uuid,
    /// What was done, in the past tense: `submitted`.
    pub verb: &'static str,
    /// The state before, where it changed.
    pub from: Option<String>,
    /// The state after, where it changed.
    pub to: Option<String>,
    /// The reason given.
    pub why: Option<String>,
    /// What else an auditor needs.
    pub facts: serde_json::Value,
}

impl NewEvent {
    /// An act of the system's; set the rest with struct update.
    #[must_use]
    pub fn new(id: EventId, at: Timestamp, noun: &'static str, noun_id: Uuid, verb: &'static str) -> Self {
        Self {
            id,
            at,
            person: None,
            organization: None,
            noun,
            noun_id,
            verb,
            from: None,
            to: None,
            why: None,
            facts: serde_json::json!({}),
        }
    }
}

/// One row of a record's history.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Event {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, by name; none for the system itself.
    pub person_name: Option<String>,
    /// For which organization they acted.
    pub organization_name: Option<String>,
    /// The kind of record.
    pub noun: String,
    /// The record.
    pub noun_id: Uuid,
    /// What was done.
    pub verb: String,
    /// The state before.
    pub from_state: Option<String>,
    /// The state after.
    pub to_state: Option<String>,
    /// The reason given.
    pub why: Option<String>,
    /// JSON: what else there is to know.
    pub facts: String,
}

/// The INSERT of an event, whose values [`with_event`] binds first.
macro_rules! insert {
    () => {
        "INSERT INTO events (id, at, person, organization, noun, noun_id, verb, from_state, to_state, why, facts)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    };
}

/// Runs a query macro on a text with an event's values as its first eleven arguments; others are counted from 12.
/// `with_event!(together, tx, { logged: insert!(), saved: "UPDATE … $12" }, event, a)?`.
macro_rules! with_event {
    ($run:ident, $tx:expr, $text:tt, $event:expr $(, $arg:expr)* $(,)?) => {
        $run!(
            $tx,
            $text,
            $event.id.0,
            $event.at.utc(),
            $event.person.map(|p| p.0),
            $event.organization.map(|o| o.0),
            $event.noun,
            $event.noun_id,
            $event.verb,
            $event.from.as_deref(),
            $event.to.as_deref(),
            $event.why.as_deref(),
            $event.facts.to_string()
            $(, $arg)*
        )
    };
}
pub(crate) use {insert, with_event};

/// Adds an event.
///
/// # Errors
/// The store's failure.
pub async fn add(tx: &mut Tx<'_>, event: &NewEvent) -> Result<()> {
    const TEXT: &str = insert!();
    with_event!(execute, tx, TEXT, event)?;
    Ok(())
}

macro_rules! add_all_sql {
    ($engine:ident) => {
        concat!(
            "INSERT INTO events (id, at, person, organization, noun, noun_id, verb, from_state, to_state, why, facts) SELECT ",
            cell!($engine uuid "id"), ", ", cell!($engine timestamptz "at"), ", ", cell!($engine uuid "person"), ", ",
            cell!($engine uuid "organization"), ", ", cell!($engine text "noun"), ", ", cell!($engine uuid "noun_id"), ", ",
            cell!($engine text "verb"), ", ", cell!($engine text "from"), ", ", cell!($engine text "to"), ", ", cell!($engine text "why"), ", ",
            cell!($engine text "facts"), " FROM ", each!($engine "$1")
        )
    };
}

/// Adds several events in one statement.
///
/// # Errors
/// The store's failure.
pub async fn add_all(tx: &mut Tx<'_>, events: &[NewEvent]) -> Result<()> {
    let row = |event: &NewEvent| {
        serde_json::json!({
            "id": hex(event.id.0), "at": instant(event.at), "person": event.person.map(|person| hex(person.0)),
            "organization": event.organization.map(|organization| hex(organization.0)), "noun": event.noun, "noun_id": hex(event.noun_id),
            "verb": event.verb, "from": event.from, "to": event.to, "why": event.why, "facts": event.facts.to_string(),
        })
    };
    execute_many!(tx, add_all_sql, events.iter().map(row).collect::<Vec<_>>())?;
    Ok(())
}

/// A record's history, oldest first.
///
/// # Errors
/// The store's failure.
pub async fn list_of(tx: &mut Tx<'_>, noun_id: Uuid) -> Result<Vec<Event>> {
    Ok(all!(
        tx,
        Event,
        "SELECT e.id, e.at, p.name AS person_name, o.name AS organization_name, e.noun, e.noun_id, e.verb, e.from_state, e.to_state, e.why, e.facts
         FROM events e LEFT JOIN people p ON p.id = e.person LEFT JOIN organizations o ON o.id = e.organization
         WHERE e.noun_id = $1 ORDER BY e.at, e.id",
        noun_id
    )?)
}
