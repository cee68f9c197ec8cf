//! Reading the event log: a person with the right to it sees the acts on their own agency's programs, on the organizations that apply to them
//! or are paid, and whom these let in; and nobody else's.

use crate::db::{Tx, all};
use crate::error::{Error, Result};
use crate::events::Event;
use chrono::{DateTime, NaiveDate, Utc};
use domain::{PersonId, Zone};
use uuid::Uuid;

/// What to look for in the log. Empty fields leave nothing out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// A kind of record.
    pub noun: Option<String>,
    /// A part of a person's name, in lower case.
    pub person: Option<String>,
    /// From this instant.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub before: Option<DateTime<Utc>>,
}

macro_rules! seen_by {
    ($rest:literal) => {
        concat!(
            "WITH agencies AS (
               SELECT m.organization AS id FROM memberships m
               WHERE m.person = $1 AND m.ended_at IS NULL AND m.role IN ('auditor', 'program_manager')),
             its_programs AS (SELECT g.id FROM programs g WHERE g.agency IN (SELECT id FROM agencies)),
             its_rounds AS (SELECT r.id FROM rounds r WHERE r.program IN (SELECT id FROM its_programs)),
             its_applications AS (SELECT a.id FROM applications a WHERE a.round IN (SELECT id FROM its_rounds)),
             its_awards AS (SELECT w.id FROM awards w WHERE w.round IN (SELECT id FROM its_rounds)),
             its_organizations AS (
               SELECT a.applicant AS id FROM applications a WHERE a.round IN (SELECT id FROM its_rounds)
               UNION SELECT w.recipient FROM awards w WHERE w.round IN (SELECT id FROM its_rounds)),
             records AS (
               SELECT id FROM its_programs UNION ALL SELECT id FROM its_rounds UNION ALL SELECT id FROM its_applications
               UNION ALL SELECT id FROM its_awards
               UNION ALL SELECT v.id FROM program_versions v WHERE v.program IN (SELECT id FROM its_programs)
               UNION ALL SELECT ap.id FROM appropriations ap WHERE ap.program IN (SELECT id FROM its_programs)
               UNION ALL SELECT f.id FROM files f WHERE f.application IN (SELECT id FROM its_applications)
               UNION ALL SELECT k.id FROM rankings k WHERE k.round IN (SELECT id FROM its_rounds)
               UNION ALL SELECT n.id FROM amendments n WHERE n.round IN (SELECT id FROM its_rounds)
               UNION ALL SELECT l.id FROM allocations l WHERE l.round IN (SELECT id FROM its_rounds)
               UNION ALL SELECT d.id FROM draws d WHERE d.award IN (SELECT id FROM its_awards)
               UNION ALL SELECT t.id FROM reports t WHERE t.award IN (SELECT id FROM its_awards)
               UNION ALL SELECT y.id FROM appeals y WHERE y.application IN (SELECT id FROM its_applications)
               UNION ALL SELECT u.id FROM refills u WHERE u.round IN (SELECT id FROM its_rounds)
               UNION ALL SELECT id FROM its_organizations)
             SELECT e.id, e.at, p.name AS person_name, o.name AS organization_name, e.noun, e.noun_id, e.verb, e.from_state, e.to_state,
                    e.why, e.facts
             FROM events e LEFT JOIN people p ON p.id = e.person LEFT JOIN organizations o ON o.id = e.organization
             WHERE (e.organization IN (SELECT id FROM agencies) OR e.noun_id IN (SELECT id FROM records)
                    OR e.noun = 'person' AND e.organization IN (SELECT id FROM its_organizations)) ",
            $rest
        )
    };
}

/// The acts that match, newest first, among those that the person may read.
///
/// # Errors
/// The store's failure.
pub async fn list(tx: &mut Tx<'_>, person: PersonId, filter: &Filter, limit: i64, offset: i64) -> Result<Vec<Event>> {
    Ok(all!(
        tx,
        Event,
        seen_by!(
            "AND (CAST($2 AS TEXT) IS NULL OR e.noun = $2)
             AND (CAST($3 AS TEXT) IS NULL OR lower(p.name) LIKE '%' || CAST($3 AS TEXT) || '%')
             AND ($4 OR e.at >= $5) AND ($6 OR e.at < $7)
             ORDER BY e.at DESC, e.id DESC LIMIT $8 OFFSET $9"
        ),
        person.0,
        filter.noun.as_deref(),
        filter.person.as_deref(),
        filter.from.is_none(),
        filter.from.unwrap_or_default(),
        filter.before.is_none(),
        filter.before.unwrap_or_default(),
        limit,
        offset
    )?)
}

/// A record's acts, oldest first, if the person may read them; none otherwise.
///
/// # Errors
/// The store's failure.
pub async fn list_of(tx: &mut Tx<'_>, person: PersonId, noun: &str, noun_id: Uuid) -> Result<Vec<Event>> {
    Ok(all!(tx, Event, seen_by!("AND e.noun = $2 AND e.noun_id = $3 ORDER BY e.at, e.id"), person.0, noun, noun_id)?)
}

/// The kinds of record that the log speaks of.
///
/// # Errors
/// The store's failure.
pub async fn nouns(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        noun: String,
    }
    let rows = all!(tx, Row, "SELECT DISTINCT noun FROM events ORDER BY noun")?;
    Ok(rows.into_iter().map(|row| row.noun).collect())
}

/// An appropriation whose ledger a person may read.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Appropriation {
    /// Its id.
    pub id: Uuid,
    /// The agency that runs the program.
    pub agency: Uuid,
    /// The program's name.
    pub program_name: String,
    /// The bill.
    pub bill: String,
    /// The fund.
    pub fund_source: String,
    /// The fiscal year, by the year it ends in.
    pub fiscal_year: i64,
    /// The amount, in cents.
    pub amount_cents: i64,
    /// The first day the money may be spent.
    pub begins_on: NaiveDate,
    /// The last.
    pub lapses_on: NaiveDate,
    /// The zone of its rounds, by its tz database name; UTC before there is one.
    pub zone: String,
}

impl Appropriation {
    /// The zone in which its days are counted.
    ///
    /// # Errors
    /// [`Error::Inconsistent`] for a zone that is none.
    pub fn zone(&self) -> Result<Zone> {
        Zone::named(&self.zone).map_err(|cause| Error::inconsistent("rounds", self.id, cause))
    }
}

/// The appropriations of the agencies where a person audits or manages programs, newest first.
///
/// # Errors
/// The store's failure.
pub async fn appropriations_for(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Appropriation>> {
    Ok(all!(
        tx,
        Appropriation,
        "SELECT ap.id, g.agency, g.name AS program_name, ap.bill, ap.fund_source, ap.fiscal_year, ap.amount_cents, ap.begins_on, ap.lapses_on,
           COALESCE((SELECT MIN(r.zone) FROM rounds r LEFT JOIN round_pots k ON k.round = r.id WHERE r.appropriation = ap.id OR k.appropriation = ap.id), 'UTC') AS zone
         FROM appropriations ap JOIN programs g ON g.id = ap.program
         WHERE EXISTS (SELECT 1 FROM memberships m WHERE m.person = $1 AND m.ended_at IS NULL AND m.organization = g.agency
           AND m.role IN ('auditor', 'program_manager'))
         ORDER BY ap.fiscal_year DESC, g.name, ap.id",
        person.0
    )?)
}
