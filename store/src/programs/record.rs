//! What an import, an opening and a publication write. Guarded: a round changes only from the version its editor saw, and its file not
//! at all once it was opened.

use crate::db::{Tx, all, execute, one};
use crate::error::{Error, Result, changed_one};
use chrono::NaiveDate;
use domain::program::Appropriation;
use domain::round::Round;
use domain::{AppropriationId, Money, OrganizationId, PersonId, ProgramId, ProgramVersionId, RoundId, Timestamp};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A program to add.
#[derive(Clone, Debug)]
pub struct NewProgram {
    /// Its id.
    pub id: ProgramId,
    /// The name in addresses.
    pub slug: String,
    /// The agency that runs it.
    pub agency: OrganizationId,
    /// The name people read.
    pub name: String,
    /// What it does.
    pub summary: String,
    /// When.
    pub at: Timestamp,
}

/// A program file as imported.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// Its id.
    pub id: ProgramVersionId,
    /// The program.
    pub program: ProgramId,
    /// Counts the program's imports from 1.
    pub version: i64,
    /// As it was sent.
    pub source_toml: String,
    /// The canonical form.
    pub canonical: String,
    /// SHA-256 of the canonical form.
    pub sha256: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Option<PersonId>,
}

/// An appropriation on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appropriated {
    /// Its id.
    pub id: AppropriationId,
    /// The bill.
    pub bill: String,
    /// The section.
    pub section: String,
    /// The fund.
    pub fund_source: String,
    /// The fiscal year.
    pub fiscal_year: i64,
    /// The amount.
    pub amount: Money,
    /// The first day.
    pub begins_on: NaiveDate,
    /// The last day.
    pub lapses_on: NaiveDate,
    /// Where it stands.
    pub citation: String,
}

#[derive(sqlx::FromRow)]
struct AppropriationRow {
    id: Uuid,
    bill: String,
    section: String,
    fund_source: String,
    fiscal_year: i64,
    amount_cents: i64,
    begins_on: NaiveDate,
    lapses_on: NaiveDate,
    citation: String,
}

/// Adds a program.
///
/// # Errors
/// The store's failure.
pub async fn add_program(tx: &mut Tx<'_>, program: &NewProgram) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO programs (id, slug, agency, name, summary, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        program.id.0,
        program.slug.as_str(),
        program.agency.0,
        program.name.as_str(),
        program.summary.as_str(),
        program.at.utc()
    )?;
    Ok(())
}

/// Gives a program the name and summary of its newest file.
///
/// # Errors
/// The store's failure.
pub async fn set_program(tx: &mut Tx<'_>, program: ProgramId, name: &str, summary: &str) -> Result<()> {
    let changed = execute!(tx, "UPDATE programs SET name = $2, summary = $3 WHERE id = $1", program.0, name, summary)?;
    changed_one(changed, "program")
}

/// The number of a program's last import; 0 before the first.
///
/// # Errors
/// The store's failure.
pub async fn last_version(tx: &mut Tx<'_>, program: ProgramId) -> Result<i64> {
    let (last,) = one!(tx, (i64,), "SELECT COALESCE(MAX(version), 0) FROM program_versions WHERE program = $1", program.0)?;
    Ok(last)
}

/// Adds a program file.
///
/// # Errors
/// The store's failure.
pub async fn add_version(tx: &mut Tx<'_>, version: &NewVersion) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO program_versions (id, program, version, source_toml, canonical, sha256, imported_at, imported_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        version.id.0,
        version.program.0,
        version.version,
        version.source_toml.as_str(),
        version.canonical.as_str(),
        version.sha256.as_str(),
        version.at.utc(),
        version.by.map(|person| person.0)
    )?;
    Ok(())
}

/// A program's appropriations, newest fiscal year first.
///
/// # Errors
/// The store's failure.
pub async fn appropriations_of(tx: &mut Tx<'_>, program: ProgramId) -> Result<Vec<Appropriated>> {
    let rows = all!(
        tx,
        AppropriationRow,
        "SELECT id, bill, section, fund_source, fiscal_year, amount_cents, begins_on, lapses_on, citation
         FROM appropriations WHERE program = $1 ORDER BY fiscal_year DESC, id",
        program.0
    )?;
    let on_record = |row: AppropriationRow| Appropriated {
        id: row.id.into(),
        bill: row.bill,
        section: row.section,
        fund_source: row.fund_source,
        fiscal_year: row.fiscal_year,
        amount: Money::cents(row.amount_cents),
        begins_on: row.begins_on,
        lapses_on: row.lapses_on,
        citation: row.citation,
    };
    Ok(rows.into_iter().map(on_record).collect())
}

/// A pot of a round: an appropriation that pays before the round's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PotOf {
    /// The appropriation's key in the round's program file.
    pub key: String,
    /// The appropriation.
    pub appropriation: AppropriationId,
    /// Its amount.
    pub amount: Money,
    /// What of it is not awarded yet, as the ledger has it; the whole while the ledger has no account.
    pub available: Money,
}

#[derive(sqlx::FromRow)]
struct PotRow {
    key: String,
    appropriation: Uuid,
    amount_cents: i64,
    available_cents: i64,
}

/// A round's pots, in the order in which they are filled; none where its own appropriation pays alone.
///
/// # Errors
/// The store's failure.
pub async fn pots_of(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<PotOf>> {
    let rows = all!(
        tx,
        PotRow,
        "SELECT k.key, k.appropriation, m.amount_cents, COALESCE(c.balance_cents, m.amount_cents) AS available_cents
         FROM round_pots k JOIN appropriations m ON m.id = k.appropriation
         LEFT JOIN accounts c ON c.appropriation = m.id AND c.award IS NULL AND c.kind = 'available'
         WHERE k.round = $1 ORDER BY k.position",
        round.0
    )?;
    let pot = |row: PotRow| PotOf {
        key: row.key,
        appropriation: row.appropriation.into(),
        amount: Money::cents(row.amount_cents),
        available: Money::cents(row.available_cents),
    };
    Ok(rows.into_iter().map(pot).collect())
}

/// What is appropriated to the pots of each round that has any.
///
/// # Errors
/// The store's failure.
pub async fn held_in_pots(tx: &mut Tx<'_>) -> Result<BTreeMap<RoundId, Money>> {
    let rows = all!(
        tx,
        (Uuid, i64),
        "SELECT k.round, CAST(SUM(m.amount_cents) AS BIGINT) FROM round_pots k JOIN appropriations m ON m.id = k.appropriation GROUP BY k.round"
    )?;
    Ok(rows.into_iter().map(|(round, cents)| (round.into(), Money::cents(cents))).collect())
}

/// Gives a round its pots, in place of those that it had.
///
/// # Errors
/// The store's failure.
pub async fn set_pots(tx: &mut Tx<'_>, round: RoundId, pots: &[(&str, AppropriationId)]) -> Result<()> {
    execute!(tx, "DELETE FROM round_pots WHERE round = $1", round.0)?;
    for (position, (key, appropriation)) in (1_i64..).zip(pots) {
        execute!(
            tx,
            "INSERT INTO round_pots (round, position, key, appropriation) VALUES ($1, $2, $3, $4)",
            round.0,
            position,
            *key,
            appropriation.0
        )?;
    }
    Ok(())
}

/// Those of a program's appropriations that pay for an opened round: their terms are locked.
///
/// # Errors
/// The store's failure.
pub async fn appropriations_used(tx: &mut Tx<'_>, program: ProgramId) -> Result<Vec<AppropriationId>> {
    let rows = all!(
        tx,
        (Uuid,),
        "SELECT appropriation FROM rounds WHERE program = $1 AND opened_at IS NOT NULL
         UNION SELECT k.appropriation FROM round_pots k JOIN rounds r ON r.id = k.round WHERE r.program = $1 AND r.opened_at IS NOT NULL
         UNION SELECT w.appropriation FROM awards w JOIN appropriations m ON m.id = w.appropriation WHERE m.program = $1",
        program.0
    )?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}

/// Adds an appropriation.
///
/// # Errors
/// The store's failure.
pub async fn add_appropriation(tx: &mut Tx<'_>, id: AppropriationId, program: ProgramId, terms: &Appropriation) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO appropriations (id, program, bill, section, fund_source, fiscal_year, amount_cents, begins_on, lapses_on, citation)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        id.0,
        program.0,
        terms.bill.as_str(),
        terms.section.as_str(),
        terms.fund_source.as_str(),
        i64::from(terms.fiscal_year),
        terms.amount.in_cents(),
        terms.begins_on,
        terms.lapses_on,
        terms.citation.as_str()
    )?;
    Ok(())
}

/// Gives an appropriation that no opened round uses the terms of a newer file.
///
/// # Errors
/// [`Error::Conflict`] when an opened round uses it; the store's failure.
pub async fn set_appropriation(tx: &mut Tx<'_>, id: AppropriationId, terms: &Appropriation) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE appropriations SET amount_cents = $2, begins_on = $3, lapses_on = $4, citation = $5
         WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM accounts c WHERE c.appropriation = $1) AND NOT EXISTS (SELECT 1 FROM rounds r WHERE r.opened_at IS NOT NULL AND
           (r.appropriation = $1 OR EXISTS (SELECT 1 FROM round_pots k WHERE k.round = r.id AND k.appropriation = $1)))",
        id.0,
        terms.amount.in_cents(),
        terms.begins_on,
        terms.lapses_on,
        terms.citation.as_str()
    )?;
    changed_one(changed, "appropriation")
}

/// Adds a round, not opened.
///
/// # Errors
/// The store's failure.
pub async fn add_round(tx: &mut Tx<'_>, round: &Round) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO rounds (id, program, program_version, appropriation, slug, name, zone, opens_at, closes_at, questions_until, award_on,
                             seed, last_number, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0)",
        round.id.0,
        round.program.0,
        round.program_version.0,
        round.appropriation.0,
        round.slug.as_str(),
        round.name.as_str(),
        round.zone.name(),
        round.opens_at.utc(),
        round.closes_at.utc(),
        round.questions_until.map(Timestamp::utc),
        round.award_on,
        round.seed.as_str()
    )?;
    Ok(())
}

/// Makes a round that was not opened from a newer version of its file.
///
/// # Errors
/// [`Error::Conflict`] when it was opened or changed meanwhile; the store's failure.
pub async fn replace_round(tx: &mut Tx<'_>, round: &Round) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE rounds SET program_version = $3, appropriation = $4, name = $5, zone = $6, opens_at = $7, closes_at = $8,
                           questions_until = $9, award_on = $10, seed = $11, version = version + 1
         WHERE id = $1 AND version = $2 AND opened_at IS NULL",
        round.id.0,
        round.version,
        round.program_version.0,
        round.appropriation.0,
        round.name.as_str(),
        round.zone.name(),
        round.opens_at.utc(),
        round.closes_at.utc(),
        round.questions_until.map(Timestamp::utc),
        round.award_on,
        round.seed.as_str()
    )?;
    changed_one(changed, "round")
}

/// Records the opening that the domain decided.
///
/// # Errors
/// [`Error::Conflict`] when the round was opened or changed meanwhile; the store's failure.
pub async fn record_opened(tx: &mut Tx<'_>, round: &Round) -> Result<()> {
    let Some(opened) = &round.opened else { return Err(Error::inconsistent("rounds", round.id, "it was not opened")) };
    let changed = execute!(
        tx,
        "UPDATE rounds SET opened_at = $3, locked_sha256 = $4, seed = $5, version = version + 1
         WHERE id = $1 AND version = $2 AND opened_at IS NULL",
        round.id.0,
        round.version,
        opened.at.utc(),
        opened.sha256.as_str(),
        round.seed.as_str()
    )?;
    changed_one(changed, "round")
}

/// Records the next version of an opened round's rules. The guard says again what the domain decided: opened, as seen, and not ranked.
///
/// # Errors
/// [`Error::Conflict`] when the ranking was frozen or the round changed meanwhile; the store's failure.
pub async fn record_amended(tx: &mut Tx<'_>, round: &Round) -> Result<()> {
    let Some(opened) = &round.opened else { return Err(Error::inconsistent("rounds", round.id, "it was not opened")) };
    let changed = execute!(
        tx,
        "UPDATE rounds SET program_version = $3, name = $4, zone = $5, opens_at = $6, closes_at = $7, questions_until = $8, award_on = $9,
                           locked_sha256 = $10, rules_version = $11, version = version + 1
         WHERE id = $1 AND version = $2 AND opened_at IS NOT NULL AND rules_version = $11 - 1
         AND NOT EXISTS (SELECT 1 FROM rankings k WHERE k.round = $1)",
        round.id.0,
        round.version,
        round.program_version.0,
        round.name.as_str(),
        round.zone.name(),
        round.opens_at.utc(),
        round.closes_at.utc(),
        round.questions_until.map(Timestamp::utc),
        round.award_on,
        opened.sha256.as_str(),
        i64::from(opened.version)
    )?;
    changed_one(changed, "round")
}

/// Records the publication that the domain decided.
///
/// # Errors
/// [`Error::Conflict`] when the round was published or changed meanwhile; the store's failure.
pub async fn record_published(tx: &mut Tx<'_>, round: &Round) -> Result<()> {
    let Some(at) = round.published_at else { return Err(Error::inconsistent("rounds", round.id, "it was not published")) };
    let changed = execute!(
        tx,
        "UPDATE rounds SET published_at = $3, version = version + 1 WHERE id = $1 AND version = $2 AND published_at IS NULL",
        round.id.0,
        round.version,
        at.utc()
    )?;
    changed_one(changed, "round")
}

/// Records that a publication was held back before its second had come.
///
/// # Errors
/// [`Error::Conflict`] when its second came or the round was changed meanwhile; the store's failure.
pub async fn record_held_back(tx: &mut Tx<'_>, round: &Round, now: Timestamp) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE rounds SET published_at = NULL, version = version + 1 WHERE id = $1 AND version = $2 AND published_at > $3",
        round.id.0,
        round.version,
        now.utc()
    )?;
    changed_one(changed, "round")
}

/// Gives out the round's next application number, from 1. The round's version stays: numbers are no edit.
///
/// # Errors
/// The store's failure, also when there is no such round.
pub async fn next_number(tx: &mut Tx<'_>, round: RoundId) -> Result<i64> {
    let (number,) = one!(tx, (i64,), "UPDATE rounds SET last_number = last_number + 1 WHERE id = $1 RETURNING last_number", round.0)?;
    Ok(number)
}
