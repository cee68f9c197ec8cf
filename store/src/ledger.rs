//! The ledger: entries are added, balances follow by a trigger, and a CHECK refuses whatever would take an account below its floor. So
//! nothing that is not there can be spent, whatever runs at once. Nothing here changes or removes an entry.

use crate::db::{Tx, all, execute, optional};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::ledger::{Account, AccountKind, Entry, EntryError, EntryKind};
use domain::{AccountId, AppropriationId, AwardId, EntryId, Money, MoneyError, PersonId, Timestamp};
use uuid::Uuid;

/// Makes ids, lent by the edge.
pub type Mint<'a> = &'a (dyn Fn() -> Uuid + Send + Sync);

/// Who enters, when, and with which ids.
#[derive(Clone, Copy)]
pub struct Stamp<'a> {
    /// Makes ids.
    pub mint: Mint<'a>,
    /// Who; none is the system itself.
    pub by: Option<PersonId>,
    /// When.
    pub at: Timestamp,
}

impl std::fmt::Debug for Stamp<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stamp").field("by", &self.by).field("at", &self.at).finish_non_exhaustive()
    }
}

/// Balances by kind of account: one award's, or the sums of an appropriation's with all its awards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balances(Vec<(AccountKind, Money)>);

impl Balances {
    /// What the accounts of a kind hold.
    #[must_use]
    pub fn of(&self, kind: AccountKind) -> Money {
        self.0.iter().find(|(found, _)| *found == kind).map_or(Money::ZERO, |(_, amount)| *amount)
    }

    fn sum(&self, kinds: &[AccountKind]) -> Result<Money, MoneyError> {
        Money::sum(kinds.iter().map(|kind| self.of(*kind)))
    }

    /// What was appropriated, as a positive amount.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`], as for every sum here.
    pub fn appropriated(&self) -> Result<Money, MoneyError> {
        Money::ZERO.minus(self.of(AccountKind::Appropriated))
    }

    /// All that was awarded.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`].
    pub fn awarded(&self) -> Result<Money, MoneyError> {
        self.sum(&AccountKind::OF_AWARD)
    }

    /// Asked for or approved, and not yet paid.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`].
    pub fn in_progress(&self) -> Result<Money, MoneyError> {
        self.sum(&[AccountKind::Requested, AccountKind::Approved])
    }

    /// All that was paid to recipients, reported or not, given back or not.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`].
    pub fn drawn(&self) -> Result<Money, MoneyError> {
        self.sum(&[AccountKind::Advanced, AccountKind::Spent, AccountKind::Returned])
    }

    /// What was awarded and is not yet asked for.
    #[must_use]
    pub fn left(&self) -> Money {
        self.of(AccountKind::Undrawn)
    }
}

/// One movement of an entry, with names.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct EntryRow {
    /// The entry.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// What happened, by [`EntryKind`]'s stored name.
    pub kind: String,
    /// In words.
    pub memo: String,
    /// Who; none for the system itself.
    pub person_name: Option<String>,
    /// The kind of record it is about.
    pub noun: String,
    /// The record.
    pub noun_id: Uuid,
    /// The entry that it undoes.
    pub reverses: Option<Uuid>,
    /// The account it goes out of: its id,
    pub from_account: Uuid,
    /// its kind,
    pub from_kind: String,
    /// and its award's number, when it is an award's.
    pub from_award: Option<String>,
    /// The account it comes into: its id,
    pub to_account: Uuid,
    /// its kind,
    pub to_kind: String,
    /// and its award's number, when it is an award's.
    pub to_award: Option<String>,
    /// How much, in cents; above zero.
    pub amount_cents: i64,
}

/// One account with its holder's name.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AccountRow {
    /// Its id.
    pub id: Uuid,
    /// By [`AccountKind`]'s stored name.
    pub kind: String,
    /// The award's number, when it is an award's.
    pub award_number: Option<String>,
    /// The award, when it is an award's.
    pub award: Option<Uuid>,
    /// The award's recipient, when it is an award's.
    pub recipient_name: Option<String>,
    /// In cents.
    pub balance_cents: i64,
}

fn refused(cause: &EntryError, id: impl ToString) -> Error {
    Error::inconsistent("entries", id, cause)
}

/// Opens an appropriation's two accounts and enters its amount. Doing it again changes nothing.
///
/// # Errors
/// The store's failure.
pub async fn open_appropriation(
    tx: &mut Tx<'_>,
    appropriation: AppropriationId,
    amount: Money,
    mint: Mint<'_>,
    by: Option<PersonId>,
    at: Timestamp,
) -> Result<()> {
    let floor = Money::ZERO.minus(amount).map_err(|cause| Error::inconsistent("appropriations", appropriation, cause))?;
    let added = execute!(
        tx,
        "INSERT INTO accounts (id, appropriation, award, kind, balance_cents, floor_cents)
         VALUES ($1, $3, NULL, 'appropriated', 0, $4), ($2, $3, NULL, 'available', 0, 0) ON CONFLICT DO NOTHING",
        mint(),
        mint(),
        appropriation.0,
        floor.in_cents()
    )?;
    if added == 0 {
        return Ok(());
    }
    let entry = Entry::appropriate(appropriation, amount).map_err(|cause| refused(&cause, appropriation))?;
    post(tx, &entry, "Appropriated by the legislature", &Stamp { mint, by, at }).await?;
    Ok(())
}

/// What of an appropriation is not awarded yet; nothing before its accounts are open.
///
/// # Errors
/// The store's failure.
pub async fn available_of(tx: &mut Tx<'_>, appropriation: AppropriationId) -> Result<Money> {
    let found = optional!(
        tx,
        (i64,),
        "SELECT balance_cents FROM accounts WHERE appropriation = $1 AND award IS NULL AND kind = 'available'",
        appropriation.0
    )?;
    Ok(found.map_or(Money::ZERO, |(cents,)| Money::cents(cents)))
}

/// Opens an award's accounts and commits its amount out of what is available.
///
/// # Errors
/// An error with [`Error::is_check_violation`] when not so much is available; a unique violation when it is committed already.
pub async fn commit_award(
    tx: &mut Tx<'_>,
    award: AwardId,
    appropriation: AppropriationId,
    amount: Money,
    mint: Mint<'_>,
    by: Option<PersonId>,
    at: Timestamp,
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO accounts (id, appropriation, award, kind, balance_cents, floor_cents)
         VALUES ($1, $7, $8, 'undrawn', 0, 0), ($2, $7, $8, 'requested', 0, 0), ($3, $7, $8, 'approved', 0, 0),
                ($4, $7, $8, 'advanced', 0, 0), ($5, $7, $8, 'spent', 0, 0), ($6, $7, $8, 'returned', 0, 0)",
        mint(),
        mint(),
        mint(),
        mint(),
        mint(),
        mint(),
        appropriation.0,
        award.0
    )?;
    let entry = Entry::award(appropriation, award, amount).map_err(|cause| refused(&cause, award))?;
    post(tx, &entry, "Awarded", &Stamp { mint, by, at }).await?;
    Ok(())
}

/// Adds an entry; balances follow.
///
/// # Errors
/// An error with [`Error::is_check_violation`] when an account would go below its floor, with [`Error::is_unique_violation`] when the
/// same act on the same version of the record is entered already; [`Error::Missing`] when an account is not open.
pub async fn post(tx: &mut Tx<'_>, entry: &Entry, memo: &str, stamp: &Stamp<'_>) -> Result<EntryId> {
    let id = EntryId((stamp.mint)());
    let about = entry.about();
    execute!(
        tx,
        "INSERT INTO entries (id, at, kind, memo, person, noun, noun_id, noun_version, reverses) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id.0,
        stamp.at.utc(),
        entry.kind().as_str(),
        memo,
        stamp.by.map(|person| person.0),
        about.noun,
        about.id,
        about.version,
        entry.reverses().map(|reversed| reversed.0)
    )?;
    for line in entry.lines() {
        let (from, to): (Account, Account) = (line.from(), line.to());
        let moved = execute!(
            tx,
            "INSERT INTO transfers (id, entry, from_account, to_account, amount_cents)
             SELECT $1, $2, f.id, t.id, $3 FROM accounts f, accounts t
             WHERE (f.award = $4 OR (f.appropriation = $4 AND f.award IS NULL)) AND f.kind = $5
               AND (t.award = $6 OR (t.appropriation = $6 AND t.award IS NULL)) AND t.kind = $7",
            (stamp.mint)(),
            id.0,
            line.amount().in_cents(),
            from.holder(),
            from.kind().as_str(),
            to.holder(),
            to.kind().as_str()
        )?;
        if moved != 1 {
            return Err(Error::Missing { noun: "ledger account" });
        }
    }
    Ok(id)
}

/// The latest entry of a kind about a record that no reversal has undone.
///
/// # Errors
/// The store's failure.
pub async fn find_standing(tx: &mut Tx<'_>, noun_id: Uuid, kind: EntryKind) -> Result<Option<EntryId>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        id: Uuid,
    }
    let row = optional!(
        tx,
        Row,
        "SELECT e.id FROM entries e LEFT JOIN entries r ON r.reverses = e.id
         WHERE e.noun_id = $1 AND e.kind = $2 AND r.id IS NULL ORDER BY e.noun_version DESC, e.id DESC LIMIT 1",
        noun_id,
        kind.as_str()
    )?;
    Ok(row.map(|row| EntryId(row.id)))
}

#[derive(sqlx::FromRow)]
struct SumRow {
    kind: String,
    cents: i64,
}

fn balances_from(rows: Vec<SumRow>, id: Uuid) -> Result<Balances> {
    let read = |row: SumRow| {
        let kind = AccountKind::from_stored(&row.kind).ok_or_else(|| Error::inconsistent("accounts", id, format!("kind {}", row.kind)))?;
        Ok((kind, Money::cents(row.cents)))
    };
    rows.into_iter().map(read).collect::<Result<Vec<_>>>().map(Balances)
}

/// An award's balances; all zero when it has no accounts.
///
/// # Errors
/// The store's failure.
pub async fn balances(tx: &mut Tx<'_>, award: AwardId) -> Result<Balances> {
    let rows = all!(tx, SumRow, "SELECT kind, balance_cents AS cents FROM accounts WHERE award = $1 ORDER BY kind, id", award.0)?;
    balances_from(rows, award.0)
}

/// The sums of an appropriation's balances with those of all its awards.
///
/// # Errors
/// The store's failure.
pub async fn balances_of_appropriation(tx: &mut Tx<'_>, appropriation: AppropriationId) -> Result<Balances> {
    let rows = all!(
        tx,
        SumRow,
        "SELECT kind, CAST(SUM(balance_cents) AS BIGINT) AS cents FROM accounts WHERE appropriation = $1 GROUP BY kind ORDER BY kind",
        appropriation.0
    )?;
    balances_from(rows, appropriation.0)
}

/// An appropriation's accounts: its own first, then its awards' by number.
///
/// # Errors
/// The store's failure.
pub async fn accounts_of_appropriation(tx: &mut Tx<'_>, appropriation: AppropriationId) -> Result<Vec<AccountRow>> {
    Ok(all!(
        tx,
        AccountRow,
        "SELECT c.id, c.kind, w.number AS award_number, c.award, o.name AS recipient_name, c.balance_cents
         FROM accounts c LEFT JOIN awards w ON w.id = c.award LEFT JOIN organizations o ON o.id = w.recipient
         WHERE c.appropriation = $1
         ORDER BY CASE WHEN c.award IS NULL THEN 0 ELSE 1 END, length(w.number), w.number,
           CASE c.kind WHEN 'appropriated' THEN 0 WHEN 'available' THEN 1 WHEN 'undrawn' THEN 2 WHEN 'requested' THEN 3
             WHEN 'approved' THEN 4 WHEN 'advanced' THEN 5 WHEN 'spent' THEN 6 ELSE 7 END, c.id",
        appropriation.0
    )?)
}

macro_rules! select_entries {
    ($rest:literal) => {
        concat!(
            "SELECT e.id, e.at, e.kind, e.memo, p.name AS person_name, e.noun, e.noun_id, e.reverses,
                    f.id AS from_account, f.kind AS from_kind, wf.number AS from_award,
                    t.id AS to_account, t.kind AS to_kind, wt.number AS to_award, x.amount_cents
             FROM transfers x JOIN entries e ON e.id = x.entry
             JOIN accounts f ON f.id = x.from_account JOIN accounts t ON t.id = x.to_account
             LEFT JOIN awards wf ON wf.id = f.award LEFT JOIN awards wt ON wt.id = t.award
             LEFT JOIN people p ON p.id = e.person ",
            $rest
        )
    };
}

/// The movements on an account, newest first.
///
/// # Errors
/// The store's failure.
pub async fn entries_of_account(tx: &mut Tx<'_>, account: AccountId, limit: i64, offset: i64) -> Result<Vec<EntryRow>> {
    Ok(all!(
        tx,
        EntryRow,
        select_entries!(
            "WHERE x.from_account = $1 OR x.to_account = $1 ORDER BY e.at DESC, e.noun_version DESC, e.id DESC, x.id DESC LIMIT $2 OFFSET $3"
        ),
        account.0,
        limit,
        offset
    )?)
}

/// The movements about a record, oldest first.
///
/// # Errors
/// The store's failure.
pub async fn entries_of_noun(tx: &mut Tx<'_>, noun_id: Uuid) -> Result<Vec<EntryRow>> {
    Ok(all!(tx, EntryRow, select_entries!("WHERE e.noun_id = $1 ORDER BY e.at, e.noun_version, e.id, x.id"), noun_id)?)
}

/// The movements on an award's accounts, newest first.
///
/// # Errors
/// The store's failure.
pub async fn entries_of_award(tx: &mut Tx<'_>, award: AwardId, limit: i64, offset: i64) -> Result<Vec<EntryRow>> {
    Ok(all!(
        tx,
        EntryRow,
        select_entries!(
            "WHERE f.award = $1 OR t.award = $1 ORDER BY e.at DESC, e.noun_version DESC, e.id DESC, x.id DESC LIMIT $2 OFFSET $3"
        ),
        award.0,
        limit,
        offset
    )?)
}

/// The movements on an appropriation's accounts and its awards', oldest first.
///
/// # Errors
/// The store's failure.
pub async fn entries_of_appropriation(tx: &mut Tx<'_>, appropriation: AppropriationId, limit: i64, offset: i64) -> Result<Vec<EntryRow>> {
    Ok(all!(
        tx,
        EntryRow,
        select_entries!("WHERE f.appropriation = $1 ORDER BY e.at, e.noun_version, e.id, x.id LIMIT $2 OFFSET $3"),
        appropriation.0,
        limit,
        offset
    )?)
}
