//! Screening, as rows: the rounds that staff work on, the list of applications with what is done on each, one application whole, and the
//! decisions and scores. Drafts stand in none of these: staff see an application from its first submission on. Ranking is [`crate::rankings`].

mod judged;
mod list;
mod single;

pub use judged::{Judged, judged};
pub use list::{ListFilter, ListRow, PAGE, Sort, Totals, list, totals};
pub(crate) use single::ScoreRow;
pub use single::{Application, Decision, Letter, Neighbours, Score, find, letters, neighbours, record_decision, record_score, scores};

use crate::db::{Tx, all, optional};
use crate::error::{Error, Result};
use crate::programs::{self, RoundOf, RoundRow, rounds};
use chrono::{DateTime, Utc};
use domain::program::ProgramFile;
use domain::{AllocationId, Money, PersonId, RankingId, RoundId, Timestamp};
use std::sync::Arc;
use uuid::Uuid;

/// How far a round's ranking and allocation have come.
#[derive(Clone, Debug)]
pub struct Progress {
    /// What of the appropriation is not awarded yet, as the ledger has it; the whole while the ledger has no account.
    pub available: Money,
    /// The frozen ranking.
    pub ranking: Option<FrozenBy>,
    /// The live allocation: proposed or approved.
    pub allocation: Option<LiveAllocation>,
    /// Whether an amendment of the rules waits for approval.
    pub amending: bool,
}

/// Who froze the ranking, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrozenBy {
    /// The ranking.
    pub id: RankingId,
    /// Who.
    pub person: PersonId,
    /// When.
    pub at: Timestamp,
}

/// The round's live allocation, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveAllocation {
    /// Its id.
    pub id: AllocationId,
    /// Whether it is approved; else it is proposed.
    pub approved: bool,
    /// The money that it laid down the list.
    pub pot: Money,
}

#[derive(sqlx::FromRow)]
struct ProgressRow {
    available_cents: i64,
    amending: bool,
    ranking: Option<Uuid>,
    frozen_by: Option<Uuid>,
    frozen_at: Option<DateTime<Utc>>,
    allocation: Option<Uuid>,
    allocation_status: Option<String>,
    pot_cents: Option<i64>,
}

impl From<ProgressRow> for Progress {
    fn from(row: ProgressRow) -> Self {
        let ranking = match (row.ranking, row.frozen_by, row.frozen_at) {
            (Some(id), Some(person), Some(at)) => Some(FrozenBy { id: id.into(), person: person.into(), at: Timestamp::new(at) }),
            _ => None,
        };
        let allocation = match (row.allocation, row.allocation_status.as_deref(), row.pot_cents) {
            (Some(id), Some(status), Some(pot)) => {
                Some(LiveAllocation { id: id.into(), approved: status == "approved", pot: Money::cents(pot) })
            }
            _ => None,
        };
        Self { available: Money::cents(row.available_cents), ranking, allocation, amending: row.amending }
    }
}

/// The columns of [`ProgressRow`].
macro_rules! progress {
    () => {
        "COALESCE(c.balance_cents, m.amount_cents) AS available_cents, k.id AS ranking, k.frozen_by, k.frozen_at,
         l.id AS allocation, l.status AS allocation_status, l.pot_cents,
         EXISTS (SELECT 1 FROM amendments n WHERE n.round = r.id AND n.status = 'proposed') AS amending"
    };
}

/// What they are read from, beside the round `r` and its appropriation `m`.
macro_rules! progress_of {
    () => {
        "LEFT JOIN accounts c ON c.appropriation = m.id AND c.award IS NULL AND c.kind = 'available'
         LEFT JOIN rankings k ON k.round = r.id
         LEFT JOIN allocations l ON l.round = r.id AND l.status <> 'returned'
         WHERE r.id = $1"
    };
}

/// How far a round has come.
///
/// # Errors
/// [`Error::Missing`] when there is no such round; the store's failure.
pub async fn progress(tx: &mut Tx<'_>, round: RoundId) -> Result<Progress> {
    let row = optional!(
        tx,
        ProgressRow,
        concat!("SELECT ", progress!(), " FROM rounds r JOIN appropriations m ON m.id = r.appropriation ", progress_of!()),
        round.0
    )?;
    row.map(Progress::from).ok_or(Error::Missing { noun: "round" })
}

#[derive(sqlx::FromRow)]
struct BoardRow {
    #[sqlx(flatten)]
    round: RoundRow,
    #[sqlx(flatten)]
    progress: ProgressRow,
}

/// A round with its program file and how far it has come: one statement when the file was read before, two the first time.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn board(tx: &mut Tx<'_>, round: RoundId) -> Result<Option<(RoundOf, Arc<ProgramFile>, Progress)>> {
    let row = optional!(tx, BoardRow, rounds::select!(concat!(", ", progress!()), progress_of!()), round.0)?;
    let Some(row) = row else { return Ok(None) };
    let of = RoundOf::try_from(row.round)?;
    let file = programs::file_of(tx, &of).await?;
    Ok(Some((of, file, row.progress.into())))
}

/// A round on the overview, with counts of its applications.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RoundCount {
    /// The round.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The program's name.
    pub program_name: String,
    /// The agency's name.
    pub agency_name: String,
    /// The zone of its deadline.
    pub zone: String,
    /// When it opens.
    pub opens_at: DateTime<Utc>,
    /// When it closes.
    pub closes_at: DateTime<Utc>,
    /// Whether it was opened at all.
    pub opened_at: Option<DateTime<Utc>>,
    /// When its ranking was frozen.
    pub frozen_at: Option<DateTime<Utc>>,
    /// The live allocation's status.
    pub allocation_status: Option<String>,
    /// When results were published.
    pub published_at: Option<DateTime<Utc>>,
    /// Applications in progress, not handed in.
    pub drafts: i64,
    /// Applications handed in.
    pub submitted: i64,
    /// Of these, found eligible.
    pub eligible: i64,
    /// Of these, found ineligible.
    pub ineligible: i64,
    /// Withdrawn after they were handed in.
    pub withdrawn: i64,
}

/// The rounds of the agencies where the person is on the staff, the latest deadline first.
///
/// # Errors
/// The store's failure.
pub async fn rounds_of_staff(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<RoundCount>> {
    Ok(all!(
        tx,
        RoundCount,
        "SELECT r.id, r.name, p.name AS program_name, o.name AS agency_name, r.zone, r.opens_at, r.closes_at, r.opened_at, k.frozen_at,
                l.status AS allocation_status, r.published_at,
                COALESCE(n.drafts, 0) AS drafts, COALESCE(n.submitted, 0) AS submitted, COALESCE(n.eligible, 0) AS eligible,
                COALESCE(n.ineligible, 0) AS ineligible, COALESCE(n.withdrawn, 0) AS withdrawn
         FROM rounds r JOIN programs p ON p.id = r.program JOIN organizations o ON o.id = p.agency
         LEFT JOIN rankings k ON k.round = r.id
         LEFT JOIN allocations l ON l.round = r.id AND l.status <> 'returned'
         LEFT JOIN (SELECT a.round, count(*) FILTER (WHERE a.status = 'draft') AS drafts,
                           count(*) FILTER (WHERE a.status = 'submitted') AS submitted,
                           count(*) FILTER (WHERE a.status = 'submitted' AND e.eligible) AS eligible,
                           count(*) FILTER (WHERE a.status = 'submitted' AND NOT e.eligible) AS ineligible,
                           count(*) FILTER (WHERE a.status = 'withdrawn' AND a.number IS NOT NULL) AS withdrawn
                    FROM applications a LEFT JOIN eligibility_decisions e ON e.application = a.id GROUP BY a.round) n ON n.round = r.id
         WHERE p.agency IN (SELECT s.organization FROM memberships s WHERE s.person = $1 AND s.ended_at IS NULL
                            AND s.role IN ('program_manager', 'reviewer', 'approver', 'fiscal_agent', 'auditor'))
         ORDER BY r.closes_at DESC, r.id",
        person.0
    )?)
}
