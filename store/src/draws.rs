//! Draws as rows, and the awards they are made under. The money moves in [`crate::ledger`], in the same transaction.

use crate::db::{Tx, all, execute, one, optional};
use crate::error::{Error, Result, changed_one};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Subject;
use domain::draw::{Draw, DrawState, Term};
use domain::{AwardId, DrawId, Money, OrganizationId, PersonId, Timestamp, Zone};
use uuid::Uuid;

/// An award as the rooms of money see it: whose it is, and in which zone its days are counted.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AwardOf {
    /// Its id.
    pub id: Uuid,
    /// `AW-2024-01`.
    pub number: String,
    /// The agency that runs the program.
    pub agency: Uuid,
    /// Who receives it.
    pub recipient: Uuid,
    /// By name.
    pub recipient_name: String,
    /// The program's name.
    pub program_name: String,
    /// Its round.
    pub round: Uuid,
    /// The round's name.
    pub round_name: String,
    /// The version of the program file that the round runs on.
    pub program_version: Uuid,
    /// Its SHA-256.
    pub file_sha256: String,
    /// The round's zone, by its tz database name.
    pub zone: String,
    /// The appropriation that pays.
    pub appropriation: Uuid,
    /// The appropriation's bill.
    pub bill: String,
    /// Its first day.
    pub begins_on: NaiveDate,
    /// Its last day.
    pub lapses_on: NaiveDate,
    /// Units.
    pub units: i64,
    /// The amount, in cents.
    pub amount_cents: i64,
    /// When it was made.
    pub awarded_at: DateTime<Utc>,
}

impl AwardOf {
    /// Whose record it is.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        Subject { agency: Some(OrganizationId(self.agency)), owner: Some(OrganizationId(self.recipient)) }
    }

    /// The days of the appropriation that pays.
    #[must_use]
    pub fn term(&self) -> Term {
        Term { bill: self.bill.clone(), begins_on: self.begins_on, lapses_on: self.lapses_on }
    }

    /// The zone of the round.
    ///
    /// # Errors
    /// [`Error::Inconsistent`] for a zone that is none.
    pub fn zone(&self) -> Result<Zone> {
        Zone::named(&self.zone).map_err(|cause| Error::inconsistent("rounds", self.round, cause))
    }
}

macro_rules! award_of {
    ($columns:literal, $rest:literal) => {
        concat!(
            "SELECT w.id, w.number, g.agency, w.recipient, o.name AS recipient_name, g.name AS program_name, r.id AS round,
                    r.name AS round_name, v.id AS program_version, v.sha256 AS file_sha256, r.zone, w.appropriation, ap.bill,
                    ap.begins_on, ap.lapses_on, w.units, w.amount_cents, w.awarded_at",
            $columns,
            " FROM awards_now w JOIN organizations o ON o.id = w.recipient JOIN rounds r ON r.id = w.round
              JOIN program_versions v ON v.id = r.program_version JOIN programs g ON g.id = r.program
              JOIN appropriations ap ON ap.id = w.appropriation ",
            $rest
        )
    };
}

/// An award by its id.
///
/// # Errors
/// The store's failure.
pub async fn award(tx: &mut Tx<'_>, award: AwardId) -> Result<Option<AwardOf>> {
    Ok(optional!(tx, AwardOf, award_of!("", "WHERE w.id = $1"), award.0)?)
}

/// An award in a list, with what became of its money.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AwardSums {
    /// The award.
    #[sqlx(flatten)]
    pub award: AwardOf,
    /// Paid to the recipient, in cents.
    pub drawn_cents: i64,
    /// Reported as spent, in cents.
    pub reported_cents: i64,
    /// Not yet asked for, in cents.
    pub left_cents: i64,
    /// Asked for or approved, not yet paid, in cents.
    pub in_progress_cents: i64,
}

/// The awards that a person may see: of agencies where they are on the staff, and of regional organizations where they act. By number.
///
/// # Errors
/// The store's failure.
pub async fn awards_for(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<AwardSums>> {
    Ok(all!(
        tx,
        AwardSums,
        award_of!(
            ", (SELECT CAST(COALESCE(SUM(c.balance_cents), 0) AS BIGINT) FROM accounts c
                WHERE c.award = w.id AND c.kind IN ('advanced', 'spent', 'returned')) AS drawn_cents,
               (SELECT CAST(COALESCE(SUM(c.balance_cents), 0) AS BIGINT) FROM accounts c
                WHERE c.award = w.id AND c.kind = 'spent') AS reported_cents,
               (SELECT CAST(COALESCE(SUM(c.balance_cents), 0) AS BIGINT) FROM accounts c
                WHERE c.award = w.id AND c.kind = 'undrawn') AS left_cents,
               (SELECT CAST(COALESCE(SUM(c.balance_cents), 0) AS BIGINT) FROM accounts c
                WHERE c.award = w.id AND c.kind IN ('requested', 'approved')) AS in_progress_cents",
            "WHERE EXISTS (SELECT 1 FROM memberships m WHERE m.person = $1 AND m.ended_at IS NULL
               AND ((m.organization = g.agency AND m.role IN ('program_manager', 'reviewer', 'approver', 'fiscal_agent', 'auditor'))
                 OR (m.organization = w.recipient AND m.role IN ('regional_preparer', 'regional_certifier'))))
             ORDER BY length(w.number), w.number, w.id"
        ),
        person.0
    )?)
}

/// A draw with its number and the names of those who acted on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// The draw.
    pub draw: Draw,
    /// Its number within the award, from 1.
    pub number: i64,
    /// Who asked last, by name.
    pub requested_by: String,
    /// Who decided last, by name.
    pub decided_by: Option<String>,
    /// When they did.
    pub decided_at: Option<Timestamp>,
    /// Who recorded the payment, by name.
    pub paid_by: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    award: Uuid,
    number: i64,
    amount_cents: i64,
    purpose: String,
    status: String,
    requested_by: Uuid,
    requested_at: DateTime<Utc>,
    question: Option<String>,
    decided_by: Option<Uuid>,
    decided_at: Option<DateTime<Utc>>,
    paid_by: Option<Uuid>,
    paid_on: Option<NaiveDate>,
    payment_reference: Option<String>,
    version: i64,
    requested_by_name: String,
    decided_by_name: Option<String>,
    paid_by_name: Option<String>,
}

impl TryFrom<Row> for Numbered {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let wrong = |problem: &str| Error::inconsistent("draws", row.id, problem);
        let decided = || row.decided_by.zip(row.decided_at).map(|(by, at)| (PersonId(by), Timestamp::new(at)));
        let state = match row.status.as_str() {
            "requested" => DrawState::Requested,
            "withdrawn" => DrawState::Withdrawn,
            "returned" => {
                let (by, at) = decided().ok_or_else(|| wrong("returned by nobody"))?;
                DrawState::Returned { question: row.question.clone().ok_or_else(|| wrong("returned without a question"))?, by, at }
            }
            "approved" => {
                let (by, at) = decided().ok_or_else(|| wrong("approved by nobody"))?;
                DrawState::Approved { by, at }
            }
            "paid" => DrawState::Paid {
                by: PersonId(row.paid_by.ok_or_else(|| wrong("paid by nobody"))?),
                on: row.paid_on.ok_or_else(|| wrong("paid on no day"))?,
                reference: row.payment_reference.clone().ok_or_else(|| wrong("paid without a reference"))?,
            },
            other => return Err(wrong(&format!("status {other}"))),
        };
        let draw = Draw {
            id: DrawId(row.id),
            award: AwardId(row.award),
            amount: Money::cents(row.amount_cents),
            purpose: row.purpose,
            requested_by: PersonId(row.requested_by),
            requested_at: Timestamp::new(row.requested_at),
            state,
            version: row.version,
        };
        Ok(Self {
            draw,
            number: row.number,
            requested_by: row.requested_by_name,
            decided_by: row.decided_by_name,
            decided_at: row.decided_at.map(Timestamp::new),
            paid_by: row.paid_by_name,
        })
    }
}

macro_rules! draw_sql {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.award, d.number, d.amount_cents, d.purpose, d.status, d.requested_by, d.requested_at, d.question, d.decided_by,
                    d.decided_at, d.paid_by, d.paid_on, d.payment_reference, d.version, pr.name AS requested_by_name,
                    pd.name AS decided_by_name, pp.name AS paid_by_name
             FROM draws d JOIN people pr ON pr.id = d.requested_by LEFT JOIN people pd ON pd.id = d.decided_by
             LEFT JOIN people pp ON pp.id = d.paid_by ",
            $rest
        )
    };
}

/// A draw by its id.
///
/// # Errors
/// The store's failure; [`Error::Inconsistent`] for a row that makes no sense.
pub async fn find(tx: &mut Tx<'_>, draw: DrawId) -> Result<Option<Numbered>> {
    optional!(tx, Row, draw_sql!("WHERE d.id = $1"), draw.0)?.map(Numbered::try_from).transpose()
}

/// An award's draws, by number.
///
/// # Errors
/// As [`find`].
pub async fn list(tx: &mut Tx<'_>, award: AwardId) -> Result<Vec<Numbered>> {
    let rows = all!(tx, Row, draw_sql!("WHERE d.award = $1 ORDER BY d.number, d.id"), award.0)?;
    rows.into_iter().map(Numbered::try_from).collect()
}

/// The draws that somebody must still act on (requested, returned, approved), of awards that a person may see, oldest first; 500 at most.
///
/// # Errors
/// As [`find`].
pub async fn list_open(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Numbered>> {
    let rows = all!(
        tx,
        Row,
        draw_sql!(
            "JOIN awards w ON w.id = d.award JOIN rounds r ON r.id = w.round JOIN programs g ON g.id = r.program
             WHERE EXISTS (SELECT 1 FROM memberships m WHERE m.person = $1 AND m.ended_at IS NULL
               AND ((m.organization = g.agency AND m.role IN ('program_manager', 'reviewer', 'approver', 'fiscal_agent', 'auditor'))
                 OR (m.organization = w.recipient AND m.role IN ('regional_preparer', 'regional_certifier'))))
               AND d.status IN ('requested', 'returned', 'approved')
             ORDER BY d.requested_at, d.id LIMIT 500"
        ),
        person.0
    )?;
    rows.into_iter().map(Numbered::try_from).collect()
}

/// Adds a requested draw under the award's next number, which it gives back.
///
/// # Errors
/// The store's failure.
pub async fn add(tx: &mut Tx<'_>, draw: &Draw) -> Result<i64> {
    #[derive(sqlx::FromRow)]
    struct Given {
        last_draw: i64,
    }
    let given = one!(tx, Given, "UPDATE awards SET last_draw = last_draw + 1 WHERE id = $1 RETURNING last_draw", draw.award.0)?;
    execute!(
        tx,
        "INSERT INTO draws (id, award, number, amount_cents, purpose, status, requested_by, requested_at, version)
         VALUES ($1, $2, $3, $4, $5, 'requested', $6, $7, $8)",
        draw.id.0,
        draw.award.0,
        given.last_draw,
        draw.amount.in_cents(),
        draw.purpose.as_str(),
        draw.requested_by.0,
        draw.requested_at.utc(),
        draw.version
    )?;
    Ok(given.last_draw)
}

/// Records the step that brought a draw to its present version.
///
/// # Errors
/// [`Error::Conflict`] unless the stored version is the one before.
pub async fn record_step(tx: &mut Tx<'_>, draw: &Draw) -> Result<()> {
    let (question, decided) = match &draw.state {
        DrawState::Returned { question, by, at } => (Some(question.as_str()), Some((*by, *at))),
        DrawState::Approved { by, at } => (None, Some((*by, *at))),
        _ => (None, None),
    };
    let paid = match &draw.state {
        DrawState::Paid { by, on, reference } => Some((*by, *on, reference.as_str())),
        _ => None,
    };
    // Sent again, a draw is decided afresh; its question stays for the reader. Paid or withdrawn, it keeps who decided.
    let afresh = draw.state == DrawState::Requested;
    let changed = execute!(
        tx,
        "UPDATE draws SET amount_cents = $3, purpose = $4, status = $5, requested_by = $6, requested_at = $7,
           question = COALESCE($8, question),
           decided_by = CASE WHEN $9 THEN NULL ELSE COALESCE($10, decided_by) END,
           decided_at = CASE WHEN $9 THEN NULL ELSE COALESCE($11, decided_at) END,
           paid_by = $12, paid_on = $13, payment_reference = $14, version = $2
         WHERE id = $1 AND version = $2 - 1",
        draw.id.0,
        draw.version,
        draw.amount.in_cents(),
        draw.purpose.as_str(),
        draw.state.as_str(),
        draw.requested_by.0,
        draw.requested_at.utc(),
        question,
        afresh,
        decided.map(|(by, _)| by.0),
        decided.map(|(_, at)| at.utc()),
        paid.map(|(by, _, _)| by.0),
        paid.map(|(_, on, _)| on),
        paid.map(|(_, _, reference)| reference)
    )?;
    changed_one(changed, "draw")
}
