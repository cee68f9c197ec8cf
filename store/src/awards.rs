//! Awards to regional organizations with a line for each application, and what each applicant is told. The money itself moves in
//! [`crate::ledger`]; the reports that an award owes are only laid down here, their filling in is the reports' own file's.

mod outcomes;

pub use outcomes::{
    NewOutcome, OutcomeOf, Told, add_outcomes, outcome_of, outcomes, people_of_applicants, people_to_tell, record_not_told, record_told,
};

use crate::db::{Tx, all, execute, optional};
use crate::error::{Error, Result};
use crate::many::{cell, each, execute_many, hex};
use chrono::{DateTime, Utc};
use domain::award::{PlannedAward, PlannedLine, Quarter};
use domain::{AllocationId, ApplicationId, AppropriationId, AwardId, AwardLineId, Money, OrganizationId, ReportId, RoundId, Timestamp};
use std::collections::BTreeMap;
use uuid::Uuid;

/// An award to make.
#[derive(Clone, Debug)]
pub struct NewAward<'a> {
    /// Its id.
    pub id: AwardId,
    /// Its round.
    pub round: RoundId,
    /// The approved allocation.
    pub allocation: AllocationId,
    /// The money.
    pub appropriation: AppropriationId,
    /// The award of an earlier fiscal year that it continues.
    pub continues: Option<AwardId>,
    /// Who receives it.
    pub recipient: OrganizationId,
    /// Number, units and amount.
    pub plan: &'a PlannedAward,
    /// When.
    pub at: Timestamp,
}

/// Makes an award; its lines follow with [`add_lines`].
///
/// # Errors
/// A unique violation when the recipient has an award of this round and appropriation; the store's failure.
pub async fn add(tx: &mut Tx<'_>, award: &NewAward<'_>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO awards (id, number, round, allocation, appropriation, recipient, units, amount_cents, awarded_at, last_draw, continues)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10)",
        award.id.0,
        award.plan.number.as_str(),
        award.round.0,
        award.allocation.0,
        award.appropriation.0,
        award.recipient.0,
        award.plan.units,
        award.plan.amount.in_cents(),
        award.at.utc(),
        award.continues.map(|award| award.0)
    )?;
    Ok(())
}

macro_rules! lines_sql {
    ($engine:ident) => {
        concat!(
            "INSERT INTO award_lines (id, award, application, beneficiary, units, amount_cents) SELECT ",
            cell!($engine uuid "id"), ", $2, a.id, a.applicant, ", cell!($engine bigint "units"), ", ", cell!($engine bigint "cents"), " FROM ",
            each!($engine "$1"), " JOIN applications a ON a.id = ", cell!($engine uuid "application"), " AND a.status = 'submitted'"
        )
    };
}

/// Adds applications' parts of an award, each with its id.
///
/// # Errors
/// The store's failure; [`Error::Inconsistent`] when the plan names no application, or one that is not submitted.
pub async fn add_lines(tx: &mut Tx<'_>, award: AwardId, lines: &[(AwardLineId, &PlannedLine)]) -> Result<()> {
    let row = |(id, line): &(AwardLineId, &PlannedLine)| {
        let named = line.application.parse::<Uuid>();
        let application = named.map_err(|_| Error::inconsistent("award_lines", id, "the line names no application"))?;
        let cents = line.amount.in_cents();
        Ok(serde_json::json!({ "id": hex(id.0), "application": hex(application), "units": line.units, "cents": cents }))
    };
    let rows = lines.iter().map(row).collect::<Result<Vec<_>>>()?;
    let added = execute_many!(tx, lines_sql, rows, award.0)?;
    if usize::try_from(added).is_ok_and(|added| added == lines.len()) {
        Ok(())
    } else {
        Err(Error::inconsistent("award_lines", award, "an application of the plan is not submitted"))
    }
}

macro_rules! reports_sql {
    ($engine:ident) => {
        concat!(
            "INSERT INTO reports (id, award, quarter_begins, quarter_ends, due_on, status, narrative, version) SELECT ",
            cell!($engine uuid "id"), ", $2, ", cell!($engine date "begins"), ", ", cell!($engine date "ends"), ", ", cell!($engine date "due"),
            ", 'due', '', 1 FROM ", each!($engine "$1")
        )
    };
}

/// Lays down quarters' reports as due, each with its id.
///
/// # Errors
/// The store's failure.
pub async fn add_reports_due(tx: &mut Tx<'_>, award: AwardId, quarters: &[(ReportId, Quarter)]) -> Result<()> {
    let row = |(id, quarter): &(ReportId, Quarter)| serde_json::json!({ "id": hex(id.0), "begins": quarter.begins, "ends": quarter.ends, "due": quarter.due });
    execute_many!(tx, reports_sql, quarters.iter().map(row).collect::<Vec<_>>(), award.0)?;
    Ok(())
}

/// An award as recorded, with its recipient's name.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Award {
    /// Its id.
    pub id: Uuid,
    /// `AW-2024-01`.
    pub number: String,
    /// Its round.
    pub round: Uuid,
    /// The agency that runs the program.
    pub agency: Uuid,
    /// The money.
    pub appropriation: Uuid,
    /// Who receives it.
    pub recipient: Uuid,
    /// By name.
    pub recipient_name: String,
    /// Units.
    pub units: i64,
    /// The amount, in cents.
    pub amount_cents: i64,
    /// When.
    pub awarded_at: DateTime<Utc>,
    /// Applications that it pays for.
    pub lines: i64,
}

impl Award {
    /// The amount.
    #[must_use]
    pub const fn amount(&self) -> Money {
        Money::cents(self.amount_cents)
    }
}

macro_rules! award_sql {
    ($condition:literal) => {
        concat!(
            "SELECT w.id, w.number, w.round, p.agency, w.appropriation, w.recipient, o.name AS recipient_name, w.units, w.amount_cents,
                    w.awarded_at, (SELECT count(*) FROM award_lines_now l WHERE l.award = w.id) AS lines
             FROM awards_now w JOIN organizations o ON o.id = w.recipient JOIN rounds r ON r.id = w.round JOIN programs p ON p.id = r.program ",
            $condition
        )
    };
}

/// An award by its id.
///
/// # Errors
/// The store's failure.
pub async fn find(tx: &mut Tx<'_>, award: AwardId) -> Result<Option<Award>> {
    Ok(optional!(tx, Award, award_sql!("WHERE w.id = $1"), award.0)?)
}

/// A round's awards, by number.
///
/// # Errors
/// The store's failure.
pub async fn list(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Award>> {
    Ok(all!(tx, Award, award_sql!("WHERE w.round = $1 ORDER BY length(w.number), w.number, w.id"), round.0)?)
}

/// One application's part of an award, with names.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Line {
    /// Its id.
    pub id: Uuid,
    /// The award.
    pub award: Uuid,
    /// The award's number.
    pub award_number: String,
    /// The application.
    pub application: Uuid,
    /// Its number.
    pub application_number: String,
    /// Who benefits.
    pub beneficiary: Uuid,
    /// By name.
    pub beneficiary_name: String,
    /// Their county.
    pub county: Option<String>,
    /// Units.
    pub units: i64,
    /// The amount, in cents.
    pub amount_cents: i64,
}

macro_rules! line_sql {
    ($condition:literal) => {
        concat!(
            "SELECT l.id, l.award, w.number AS award_number, l.application, a.number AS application_number, l.beneficiary,
                    o.name AS beneficiary_name, o.county_name AS county, l.units, l.amount_cents
             FROM award_lines_now l JOIN awards w ON w.id = l.award JOIN applications a ON a.id = l.application
             JOIN organizations o ON o.id = l.beneficiary ",
            $condition
        )
    };
}

/// An award's lines, by application number.
///
/// # Errors
/// The store's failure.
pub async fn lines_of(tx: &mut Tx<'_>, award: AwardId) -> Result<Vec<Line>> {
    Ok(all!(tx, Line, line_sql!("WHERE l.award = $1 ORDER BY a.number, l.id"), award.0)?)
}

/// The lines of all awards of a round, by award and application number.
///
/// # Errors
/// The store's failure.
pub async fn lines_of_round(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Line>> {
    Ok(all!(tx, Line, line_sql!("WHERE w.round = $1 ORDER BY length(w.number), w.number, a.number, l.id"), round.0)?)
}

/// What an application's part of a round's awards stands at.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Standing {
    /// The application.
    pub application: Uuid,
    /// The round's region whose organization has the award, by key.
    pub region: Option<String>,
    /// The amount, in cents.
    pub amount_cents: i64,
}

/// What a round's awards of its own fiscal year stand at now, a row for each line of an award.
///
/// # Errors
/// The store's failure.
pub async fn standing(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Standing>> {
    Ok(all!(
        tx,
        Standing,
        "SELECT l.application, g.key AS region, l.amount_cents
         FROM award_lines_now l JOIN awards w ON w.id = l.award
         LEFT JOIN regions g ON g.round = w.round AND g.organization = w.recipient
         WHERE w.round = $1 AND w.continues IS NULL ORDER BY l.id",
        round.0
    )?)
}

#[derive(sqlx::FromRow)]
struct LastOf {
    beneficiary: Uuid,
    amount_cents: i64,
}

/// What each applicant has of the program's last round with awards that closed before this one, by organization.
///
/// # Errors
/// The store's failure.
pub async fn last_of(tx: &mut Tx<'_>, round: RoundId) -> Result<BTreeMap<Uuid, Money>> {
    let rows = all!(
        tx,
        LastOf,
        "SELECT l.beneficiary, CAST(SUM(l.amount_cents) AS BIGINT) AS amount_cents
         FROM award_lines_now l JOIN awards w ON w.id = l.award
         WHERE w.round = (SELECT r.id FROM rounds r JOIN rounds this ON this.program = r.program
                          WHERE this.id = $1 AND r.closes_at < this.closes_at AND EXISTS (SELECT 1 FROM awards x WHERE x.round = r.id)
                          ORDER BY r.closes_at DESC, r.id LIMIT 1)
           AND w.continues IS NULL
         GROUP BY l.beneficiary",
        round.0
    )?;
    Ok(rows.into_iter().map(|row| (row.beneficiary, Money::cents(row.amount_cents))).collect())
}

/// The part of an award that pays for an application, where there is one.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LineOf {
    /// Its id.
    pub id: Uuid,
    /// The award.
    pub award: Uuid,
    /// The appropriation that pays it.
    pub appropriation: Uuid,
    /// Whether it continues an award into a later fiscal year.
    pub later: bool,
    /// The application.
    pub application: Uuid,
    /// The award's number.
    pub award_number: String,
    /// Who receives the money, by name,
    pub recipient_name: String,
    /// and by id.
    pub recipient: Uuid,
    /// Units, with all changes since.
    pub units: i64,
    /// The amount, in cents, with all changes since.
    pub amount_cents: i64,
}

macro_rules! line_of_sql {
    ($condition:literal) => {
        concat!(
            "SELECT l.id, l.award, w.appropriation, w.continues IS NOT NULL AS later, l.application, w.number AS award_number, o.name AS recipient_name, w.recipient, l.units, l.amount_cents
             FROM award_lines_now l JOIN awards w ON w.id = l.award JOIN organizations o ON o.id = w.recipient ",
            $condition
        )
    };
}

/// The lines of a round's awards with who receives them, by application.
///
/// # Errors
/// The store's failure.
pub async fn lines_with_recipients(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<LineOf>> {
    Ok(all!(tx, LineOf, line_of_sql!("WHERE w.round = $1 ORDER BY l.application, length(w.number), w.number, l.id"), round.0)?)
}

/// The lines that pay for an application, in the order of their awards' numbers: one; another where an upheld appeal brought it money of another
/// appropriation; and those of later fiscal years.
///
/// # Errors
/// The store's failure.
pub async fn lines_for(tx: &mut Tx<'_>, application: ApplicationId) -> Result<Vec<LineOf>> {
    Ok(all!(tx, LineOf, line_of_sql!("WHERE l.application = $1 ORDER BY length(w.number), w.number, l.id"), application.0)?)
}

/// A person to write to.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Addressee {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
}

/// An organization's preparers and certifiers, each once.
///
/// # Errors
/// The store's failure.
pub async fn people_of(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Vec<Addressee>> {
    Ok(all!(
        tx,
        Addressee,
        "SELECT DISTINCT p.name, p.email FROM memberships m JOIN people p ON p.id = m.person AND p.disabled_at IS NULL
         WHERE m.organization = $1 AND m.ended_at IS NULL
         AND m.role IN ('preparer', 'certifier', 'regional_preparer', 'regional_certifier') ORDER BY p.email, p.name",
        organization.0
    )?)
}
