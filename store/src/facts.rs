//! Facts: numbers about an organization, each with its source, year and place. A fact may hold for one round only (coaches in place) or for
//! every round; where both are on record the round's own counts, and of several years the latest.

use crate::db::{Tx, all, execute};
use crate::error::{Error, Result};
use chrono::NaiveDate;
use domain::facts::Input;
use domain::{OrganizationId, RoundId, Timestamp};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A number about an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its id.
    pub id: Uuid,
    /// About whom.
    pub organization: OrganizationId,
    /// The key, as program files name it.
    pub key: String,
    /// The number.
    pub value: Decimal,
    /// The year it speaks of, where it has one.
    pub year: Option<i32>,
    /// The place it speaks of.
    pub place: String,
    /// Who says so.
    pub source: String,
    /// Where in that source it stands: the row, by its key there.
    pub row: Option<String>,
    /// The day on which it was taken from there.
    pub retrieved: Option<NaiveDate>,
    /// Whether it was invented for a demonstration.
    pub synthetic: bool,
    /// The one round it holds for; none: for every round.
    pub round: Option<RoundId>,
}

impl Fact {
    /// The fact as ranking takes it: its source says in which row it stands and when it was taken from there.
    #[must_use]
    pub fn input(&self) -> Input {
        let mut source = self.source.clone();
        if let Some(row) = &self.row {
            source = format!("{source}, {row}");
        }
        if let Some(day) = self.retrieved {
            source = format!("{source}, retrieved {day}");
        }
        Input { value: self.value, source, year: self.year, place: self.place.clone(), synthetic: self.synthetic }
    }
}

#[derive(sqlx::FromRow)]
struct FactRow {
    id: Uuid,
    organization: Uuid,
    key: String,
    value: String,
    year: Option<i64>,
    place: String,
    source: String,
    source_row: Option<String>,
    retrieved_on: Option<NaiveDate>,
    synthetic: bool,
    round: Option<Uuid>,
}

impl TryFrom<FactRow> for Fact {
    type Error = Error;

    fn try_from(row: FactRow) -> Result<Self> {
        let wrong = |problem: &str| Error::inconsistent("facts", row.id, problem);
        Ok(Self {
            id: row.id,
            organization: row.organization.into(),
            value: row.value.parse().map_err(|_| wrong("its value is no number"))?,
            year: row.year.map(i32::try_from).transpose().map_err(|_| wrong("its year is no year"))?,
            key: row.key,
            place: row.place,
            source: row.source,
            row: row.source_row,
            retrieved: row.retrieved_on,
            synthetic: row.synthetic,
            round: row.round.map(RoundId::from),
        })
    }
}

/// Keeps one fact a key: rows come with the one that counts first.
fn first_of_each(rows: Vec<FactRow>) -> Result<BTreeMap<OrganizationId, Vec<Fact>>> {
    let mut facts: BTreeMap<OrganizationId, Vec<Fact>> = BTreeMap::new();
    for row in rows {
        let fact = Fact::try_from(row)?;
        let of = facts.entry(fact.organization).or_default();
        if of.last().is_none_or(|last| last.key != fact.key) {
            of.push(fact);
        }
    }
    Ok(facts)
}

/// An organization's facts for a round: one a key, by key.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn of_organization(tx: &mut Tx<'_>, organization: OrganizationId, round: RoundId) -> Result<Vec<Fact>> {
    let rows = all!(
        tx,
        FactRow,
        "SELECT id, organization, key, value, year, place, source, source_row, retrieved_on, synthetic, round FROM facts
         WHERE organization = $1 AND (round IS NULL OR round = $2)
         ORDER BY key, CASE WHEN round IS NULL THEN 1 ELSE 0 END, year DESC NULLS LAST, loaded_at DESC, id",
        organization.0,
        round.0
    )?;
    Ok(first_of_each(rows)?.remove(&organization).unwrap_or_default())
}

/// The facts of all organizations with an application in a round, in one statement: for each, one a key, by key.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn of_round(tx: &mut Tx<'_>, round: RoundId) -> Result<BTreeMap<OrganizationId, Vec<Fact>>> {
    let rows = all!(
        tx,
        FactRow,
        "SELECT f.id, f.organization, f.key, f.value, f.year, f.place, f.source, f.source_row, f.retrieved_on, f.synthetic, f.round
         FROM facts f JOIN applications a ON a.applicant = f.organization AND a.round = $1
         WHERE f.round IS NULL OR f.round = $1
         ORDER BY f.organization, f.key, CASE WHEN f.round IS NULL THEN 1 ELSE 0 END, f.year DESC NULLS LAST, f.loaded_at DESC, f.id",
        round.0
    )?;
    first_of_each(rows)
}

/// Adds a fact.
///
/// # Errors
/// The store's failure; a unique violation when the same key, year and round are on record.
pub async fn add(tx: &mut Tx<'_>, fact: &Fact, at: Timestamp) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO facts (id, organization, key, value, year, place, source, synthetic, loaded_at, round, source_row, retrieved_on)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        fact.id,
        fact.organization.0,
        fact.key.as_str(),
        fact.value.normalize().to_string(),
        fact.year.map(i64::from),
        fact.place.as_str(),
        fact.source.as_str(),
        fact.synthetic,
        at.utc(),
        fact.round.map(|round| round.0),
        fact.row.as_deref(),
        fact.retrieved
    )?;
    Ok(())
}

/// Puts a fact in the place of the one with the same organization, key, year and round.
///
/// # Errors
/// The store's failure.
pub async fn replace(tx: &mut Tx<'_>, fact: &Fact, at: Timestamp) -> Result<()> {
    execute!(
        tx,
        "DELETE FROM facts WHERE organization = $1 AND key = $2 AND year IS NOT DISTINCT FROM CAST($3 AS BIGINT)
         AND round IS NOT DISTINCT FROM $4",
        fact.organization.0,
        fact.key.as_str(),
        fact.year.map(i64::from),
        fact.round.map(|round| round.0)
    )?;
    add(tx, fact, at).await
}
