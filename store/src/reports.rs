//! Reports as rows: what was spent by category, what was counted, in words, and who signed. The money moves in [`crate::ledger`].

use crate::db::{Tx, all, execute, optional};
use crate::error::{Error, Result, changed_one};
use chrono::{DateTime, NaiveDate, Utc};
use domain::award::Quarter;
use domain::report::{Content, ReportState, Signature};
use domain::{AwardId, Date, Money, PersonId, ReportId, Timestamp};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A report without its lines, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// The award.
    pub award: AwardId,
    /// The quarter, with the day it is due.
    pub quarter: Quarter,
    /// Where it stands.
    pub state: ReportState,
    /// In words.
    pub narrative: String,
    /// What its lines add up to, so far.
    pub total: Money,
    /// Who saved it last, by name.
    pub saved_by: Option<String>,
    /// When.
    pub saved_at: Option<Timestamp>,
    /// Who signed, by name.
    pub submitted_by: Option<String>,
    /// When.
    pub submitted_at: Option<Timestamp>,
    /// The name the certifier typed.
    pub signature: Option<String>,
    /// SHA-256 of what was signed.
    pub digest: Option<String>,
    /// Who decided, by name.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why it was returned, or a word on its acceptance.
    pub decision_reason: Option<String>,
    /// Counts its changes, from 1.
    pub version: i64,
}

impl Report {
    /// Whether it is overdue on that day.
    #[must_use]
    pub fn is_overdue(&self, today: Date) -> bool {
        self.state.is_overdue(self.quarter.due, today)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    award: Uuid,
    quarter_begins: NaiveDate,
    quarter_ends: NaiveDate,
    due_on: NaiveDate,
    status: String,
    narrative: String,
    total_cents: i64,
    saved_by_name: Option<String>,
    saved_at: Option<DateTime<Utc>>,
    submitted_by_name: Option<String>,
    submitted_at: Option<DateTime<Utc>>,
    signature: Option<String>,
    digest: Option<String>,
    decided_by_name: Option<String>,
    decided_at: Option<DateTime<Utc>>,
    decision_reason: Option<String>,
    version: i64,
}

impl TryFrom<Row> for Report {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let state = ReportState::from_stored(&row.status)
            .ok_or_else(|| Error::inconsistent("reports", row.id, format!("status {}", row.status)))?;
        Ok(Self {
            id: ReportId(row.id),
            award: AwardId(row.award),
            quarter: Quarter { begins: row.quarter_begins, ends: row.quarter_ends, due: row.due_on },
            state,
            narrative: row.narrative,
            total: Money::cents(row.total_cents),
            saved_by: row.saved_by_name,
            saved_at: row.saved_at.map(Timestamp::new),
            submitted_by: row.submitted_by_name,
            submitted_at: row.submitted_at.map(Timestamp::new),
            signature: row.signature,
            digest: row.digest,
            decided_by: row.decided_by_name,
            decided_at: row.decided_at.map(Timestamp::new),
            decision_reason: row.decision_reason,
            version: row.version,
        })
    }
}

macro_rules! report_sql {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.award, t.quarter_begins, t.quarter_ends, t.due_on, t.status, t.narrative,
                    (SELECT CAST(COALESCE(SUM(l.amount_cents), 0) AS BIGINT) FROM report_lines l WHERE l.report = t.id) AS total_cents,
                    ps.name AS saved_by_name, t.saved_at, pu.name AS submitted_by_name, t.submitted_at, t.signature, t.digest,
                    pd.name AS decided_by_name, t.decided_at, t.decision_reason, t.version
             FROM reports t LEFT JOIN people ps ON ps.id = t.saved_by LEFT JOIN people pu ON pu.id = t.submitted_by
             LEFT JOIN people pd ON pd.id = t.decided_by ",
            $rest
        )
    };
}

/// A report by its id.
///
/// # Errors
/// The store's failure; [`Error::Inconsistent`] for a row that makes no sense.
pub async fn find(tx: &mut Tx<'_>, report: ReportId) -> Result<Option<Report>> {
    optional!(tx, Row, report_sql!("WHERE t.id = $1"), report.0)?.map(Report::try_from).transpose()
}

/// An award's reports, by quarter.
///
/// # Errors
/// As [`find`].
pub async fn list(tx: &mut Tx<'_>, award: AwardId) -> Result<Vec<Report>> {
    let rows = all!(tx, Row, report_sql!("WHERE t.award = $1 ORDER BY t.quarter_begins, t.id"), award.0)?;
    rows.into_iter().map(Report::try_from).collect()
}

/// The reports of all awards that a person may see, by the day they are due.
///
/// # Errors
/// As [`find`].
pub async fn list_for(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Report>> {
    let rows = all!(
        tx,
        Row,
        report_sql!(
            "JOIN awards w ON w.id = t.award JOIN rounds r ON r.id = w.round JOIN programs g ON g.id = r.program
             WHERE EXISTS (SELECT 1 FROM memberships m WHERE m.person = $1 AND m.ended_at IS NULL
               AND ((m.organization = g.agency AND m.role IN ('program_manager', 'reviewer', 'approver', 'fiscal_agent', 'auditor'))
                 OR (m.organization = w.recipient AND m.role IN ('regional_preparer', 'regional_certifier'))))
             ORDER BY t.due_on, length(w.number), w.number, t.id"
        ),
        person.0
    )?;
    rows.into_iter().map(Report::try_from).collect()
}

#[derive(sqlx::FromRow)]
struct Pair {
    key: String,
    number: i64,
}

/// What a report says.
///
/// # Errors
/// The store's failure.
pub async fn content(tx: &mut Tx<'_>, report: &Report) -> Result<Content> {
    let id = report.id.0;
    let lines = all!(tx, Pair, "SELECT category AS key, amount_cents AS number FROM report_lines WHERE report = $1 ORDER BY category", id)?;
    let outcomes = all!(tx, Pair, "SELECT outcome AS key, count AS number FROM report_outcomes WHERE report = $1 ORDER BY outcome", id)?;
    Ok(Content {
        lines: lines.into_iter().map(|pair| (pair.key, Money::cents(pair.number))).collect(),
        outcomes: outcomes.into_iter().map(|pair| (pair.key, pair.number)).collect(),
        narrative: report.narrative.clone(),
    })
}

/// A report's amounts and counts, each a JSON object by key.
fn numbers(content: &Content) -> (String, String) {
    let json = |numbers: BTreeMap<&str, i64>| serde_json::json!(numbers).to_string();
    let lines = content.lines.iter().map(|(key, amount)| (key.as_str(), amount.in_cents())).collect();
    (json(lines), json(content.outcomes.iter().map(|(key, count)| (key.as_str(), *count)).collect()))
}

async fn record_numbers(tx: &mut Tx<'_>, report: ReportId, content: &Content) -> Result<()> {
    let (lines, outcomes) = numbers(content);
    execute!(tx, "DELETE FROM report_lines WHERE report = $1", report.0)?;
    execute!(tx, "DELETE FROM report_outcomes WHERE report = $1", report.0)?;
    each(tx, report, &lines, "line").await?;
    each(tx, report, &outcomes, "outcome").await
}

/// Adds all numbers of a kind, or changes them, in one statement, whatever their count: both engines take JSON apart, each by its own function.
async fn each(tx: &mut Tx<'_>, report: ReportId, json: &str, what: &'static str) -> Result<()> {
    let sql = match (&tx.on, what) {
        (crate::On::Sqlite(_), "line") => {
            "INSERT INTO report_lines (report, category, amount_cents) SELECT $1, key, value FROM json_each($2) WHERE TRUE
             ON CONFLICT (report, category) DO UPDATE SET amount_cents = excluded.amount_cents"
        }
        (crate::On::Sqlite(_), _) => {
            "INSERT INTO report_outcomes (report, outcome, count) SELECT $1, key, value FROM json_each($2) WHERE TRUE
             ON CONFLICT (report, outcome) DO UPDATE SET count = excluded.count"
        }
        (crate::On::Postgres(_), "line") => {
            "INSERT INTO report_lines (report, category, amount_cents)
             SELECT $1, key, CAST(value AS BIGINT) FROM json_each_text(CAST($2 AS JSON))
             ON CONFLICT (report, category) DO UPDATE SET amount_cents = excluded.amount_cents"
        }
        (crate::On::Postgres(_), _) => {
            "INSERT INTO report_outcomes (report, outcome, count)
             SELECT $1, key, CAST(value AS BIGINT) FROM json_each_text(CAST($2 AS JSON))
             ON CONFLICT (report, outcome) DO UPDATE SET count = excluded.count"
        }
    };
    execute!(tx, sql, report.0, json)?;
    Ok(())
}

/// Records what was written so far, in its state.
///
/// # Errors
/// [`Error::Conflict`] unless `seen` is the stored version.
pub async fn record_draft(
    tx: &mut Tx<'_>,
    report: ReportId,
    seen: i64,
    state: ReportState,
    content: &Content,
    by: PersonId,
    at: Timestamp,
) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE reports SET status = $3, narrative = $4, saved_by = $5, saved_at = $6, version = version + 1 WHERE id = $1 AND version = $2",
        report.0,
        seen,
        state.as_str(),
        content.narrative.as_str(),
        by.0,
        at.utc()
    )?;
    changed_one(changed, "report")?;
    record_numbers(tx, report, content).await
}

/// Records a signed report with all that it says: its content names every category and outcome of the program file, as the domain demands, so
/// nothing of a draft is left beside it.
///
/// # Errors
/// [`Error::Conflict`] unless `seen` is the stored version.
pub async fn record_submission(
    tx: &mut Tx<'_>,
    report: ReportId,
    seen: i64,
    content: &Content,
    signature: &Signature,
    digest: &str,
) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE reports SET status = 'submitted', narrative = $3, saved_by = $4, saved_at = $5, submitted_by = $4, submitted_at = $5,
           signature = $6, digest = $7, version = version + 1
         WHERE id = $1 AND version = $2 AND status IN ('due', 'draft', 'returned')",
        report.0,
        seen,
        content.narrative.as_str(),
        signature.by.0,
        signature.at.utc(),
        signature.name.as_str(),
        digest
    )?;
    changed_one(changed, "report")?;
    let (lines, outcomes) = numbers(content);
    each(tx, report, &lines, "line").await?;
    each(tx, report, &outcomes, "outcome").await
}

/// Records the agency's decision on a submitted report.
///
/// # Errors
/// [`Error::Conflict`] unless `seen` is the stored version and the report is submitted.
pub async fn record_decision(
    tx: &mut Tx<'_>,
    report: ReportId,
    seen: i64,
    state: ReportState,
    reason: Option<&str>,
    by: PersonId,
    at: Timestamp,
) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE reports SET status = $3, decision_reason = $4, decided_by = $5, decided_at = $6, version = version + 1
         WHERE id = $1 AND version = $2 AND status = 'submitted'",
        report.0,
        seen,
        state.as_str(),
        reason,
        by.0,
        at.utc()
    )?;
    changed_one(changed, "report")
}
