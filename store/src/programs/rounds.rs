//! Rounds, read: each with its program, the money behind it and the hash of its file, in one statement.

use super::Program;
use super::files::file_of;
use crate::db::{Tx, all, optional};
use crate::error::{Error, Result};
use chrono::{DateTime, NaiveDate, Utc};
use domain::program::ProgramFile;
use domain::round::{Opened, Round};
use domain::{Money, ProgramId, RoundId, Timestamp, Zone};
use std::sync::Arc;
use uuid::Uuid;

/// A round with what every page about it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundOf {
    /// The round.
    pub round: Round,
    /// Its program.
    pub program: Program,
    /// The appropriation's amount.
    pub amount: Money,
    /// The appropriation's fiscal year.
    pub fiscal_year: i64,
    /// SHA-256 of the canonical form of the program file it is made from.
    pub file_sha256: String,
    /// Which import of the program file it is made from, from 1.
    pub file_version: i64,
}

#[derive(sqlx::FromRow)]
pub(crate) struct RoundRow {
    id: Uuid,
    program: Uuid,
    agency: Uuid,
    program_version: Uuid,
    appropriation: Uuid,
    slug: String,
    name: String,
    zone: String,
    opens_at: DateTime<Utc>,
    closes_at: DateTime<Utc>,
    questions_until: Option<DateTime<Utc>>,
    award_on: Option<NaiveDate>,
    seed: String,
    opened_at: Option<DateTime<Utc>>,
    locked_sha256: Option<String>,
    rules_version: i64,
    published_at: Option<DateTime<Utc>>,
    last_number: i64,
    version: i64,
    program_slug: String,
    program_name: String,
    program_summary: String,
    agency_name: String,
    amount_cents: i64,
    fiscal_year: i64,
    file_sha256: String,
    file_version: i64,
}

impl TryFrom<RoundRow> for RoundOf {
    type Error = Error;

    fn try_from(row: RoundRow) -> Result<Self> {
        let zone = Zone::named(&row.zone).map_err(|problem| Error::inconsistent("rounds", row.id, problem))?;
        let opened = match (row.opened_at, row.locked_sha256) {
            (Some(at), Some(sha256)) if sha256 == row.file_sha256 => {
                let version = u32::try_from(row.rules_version)
                    .map_err(|_| Error::inconsistent("rounds", row.id, "the version of its rules is no number from 1"))?;
                Some(Opened { at: Timestamp::new(at), sha256, version })
            }
            (None, None) => None,
            _ => return Err(Error::inconsistent("rounds", row.id, "what was locked is not its program file")),
        };
        let program = Program {
            id: row.program.into(),
            slug: row.program_slug,
            agency: row.agency.into(),
            agency_name: row.agency_name,
            name: row.program_name,
            summary: row.program_summary,
        };
        let round = Round {
            id: row.id.into(),
            program: row.program.into(),
            agency: row.agency.into(),
            program_version: row.program_version.into(),
            appropriation: row.appropriation.into(),
            slug: row.slug,
            name: row.name,
            zone,
            opens_at: Timestamp::new(row.opens_at),
            closes_at: Timestamp::new(row.closes_at),
            questions_until: row.questions_until.map(Timestamp::new),
            award_on: row.award_on,
            seed: row.seed,
            opened,
            published_at: row.published_at.map(Timestamp::new),
            last_number: row.last_number,
            version: row.version,
        };
        Ok(Self {
            round,
            program,
            amount: Money::cents(row.amount_cents),
            fiscal_year: row.fiscal_year,
            file_sha256: row.file_sha256,
            file_version: row.file_version,
        })
    }
}

/// The one SELECT of rounds, with the rest of the statement, or with more columns before it.
macro_rules! select {
    ($rest:expr) => {
        $crate::programs::rounds::select!("", $rest)
    };
    ($more:expr, $rest:expr) => {
        concat!(
            "SELECT r.id, r.program, p.agency, r.program_version, r.appropriation, r.slug, r.name, r.zone, r.opens_at, r.closes_at,
                    r.questions_until, r.award_on, r.seed, r.opened_at, r.locked_sha256, r.rules_version, r.published_at, r.last_number, r.version,
                    p.slug AS program_slug, p.name AS program_name, p.summary AS program_summary, o.name AS agency_name,
                    m.amount_cents, m.fiscal_year, v.sha256 AS file_sha256, v.version AS file_version",
            $more,
            " FROM rounds r JOIN programs p ON p.id = r.program JOIN organizations o ON o.id = p.agency
             JOIN appropriations m ON m.id = r.appropriation JOIN program_versions v ON v.id = r.program_version ",
            $rest
        )
    };
}
pub(crate) use select;

/// A round by id, with its program.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn find_round_of(tx: &mut Tx<'_>, round: RoundId) -> Result<Option<RoundOf>> {
    optional!(tx, RoundRow, select!("WHERE r.id = $1"), round.0)?.map(RoundOf::try_from).transpose()
}

/// A round by id.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn find_round(tx: &mut Tx<'_>, round: RoundId) -> Result<Option<Round>> {
    Ok(find_round_of(tx, round).await?.map(|of| of.round))
}

/// A round by its program's slug and its own.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn round_by_slug(tx: &mut Tx<'_>, program: &str, round: &str) -> Result<Option<RoundOf>> {
    optional!(tx, RoundRow, select!("WHERE p.slug = $1 AND r.slug = $2"), program, round)?.map(RoundOf::try_from).transpose()
}

/// All rounds, the latest deadline first.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn list_rounds(tx: &mut Tx<'_>) -> Result<Vec<RoundOf>> {
    all!(tx, RoundRow, select!("ORDER BY r.closes_at DESC, r.id"))?.into_iter().map(RoundOf::try_from).collect()
}

/// A program's rounds, the latest deadline first.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn rounds_of(tx: &mut Tx<'_>, program: ProgramId) -> Result<Vec<RoundOf>> {
    let rows = all!(tx, RoundRow, select!("WHERE r.program = $1 ORDER BY r.closes_at DESC, r.id"), program.0)?;
    rows.into_iter().map(RoundOf::try_from).collect()
}

/// A round with its program file: one statement when the file was read before, two the first time.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn round_with_file(tx: &mut Tx<'_>, round: RoundId) -> Result<Option<(RoundOf, Arc<ProgramFile>)>> {
    let Some(of) = find_round_of(tx, round).await? else { return Ok(None) };
    let file = file_of(tx, &of).await?;
    Ok(Some((of, file)))
}
