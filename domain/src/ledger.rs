//! The ledger's entries: whole cents moving between two accounts, one constructor for each business event. An entry that would not balance
//! can't be made, and entries are only added: a correction is a reversal. This file holds no balances; the database keeps them, and
//! refuses whatever is not there.

use crate::id::{AppropriationId, AwardId, DrawId, EntryId, ReportId};
use crate::money::Money;
use std::fmt;
use uuid::Uuid;

/// What an account holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountKind {
    /// What the legislature set aside, as a negative balance: the source of all the rest.
    Appropriated,
    /// Set aside and not yet awarded.
    Available,
    /// Awarded and not yet asked for.
    Undrawn,
    /// Asked for, waiting for a decision.
    Requested,
    /// Approved, waiting to be paid.
    Approved,
    /// Paid to the recipient and not yet reported as spent.
    Advanced,
    /// Reported as spent.
    Spent,
    /// Given back unspent.
    Returned,
}

impl AccountKind {
    /// The two accounts of an appropriation.
    pub const OF_APPROPRIATION: [Self; 2] = [Self::Appropriated, Self::Available];
    /// The six accounts of an award, in the order in which money passes through them.
    pub const OF_AWARD: [Self; 6] = [Self::Undrawn, Self::Requested, Self::Approved, Self::Advanced, Self::Spent, Self::Returned];

    /// As the store writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Appropriated => "appropriated",
            Self::Available => "available",
            Self::Undrawn => "undrawn",
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Advanced => "advanced",
            Self::Spent => "spent",
            Self::Returned => "returned",
        }
    }

    /// As people say it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Appropriated => "Appropriated",
            Self::Available => "Available to award",
            Self::Undrawn => "Awarded, not drawn",
            Self::Requested => "Requested",
            Self::Approved => "Approved, not paid",
            Self::Advanced => "Paid, not reported",
            Self::Spent => "Reported as spent",
            Self::Returned => "Given back",
        }
    }

    /// The kind of a stored name.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::OF_APPROPRIATION.into_iter().chain(Self::OF_AWARD).find(|kind| kind.as_str() == text)
    }
}

/// One account: of an appropriation, or of an award.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    holder: Uuid,
    kind: AccountKind,
}

impl Account {
    const fn of_appropriation(appropriation: AppropriationId, kind: AccountKind) -> Self {
        Self { holder: appropriation.0, kind }
    }

    const fn of_award(award: AwardId, kind: AccountKind) -> Self {
        Self { holder: award.0, kind }
    }

    /// The award's id, or the appropriation's.
    #[must_use]
    pub const fn holder(self) -> Uuid {
        self.holder
    }

    /// What it holds.
    #[must_use]
    pub const fn kind(self) -> AccountKind {
        self.kind
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// A legislature set money aside.
    Appropriate,
    /// An award committed some of it.
    Award,
    /// A draw request holds some of an award.
    Reserve,
    /// A draw that was returned or withdrawn lets go of it.
    Release,
    /// A second person approved the draw.
    Approve,
    /// The draw was paid.
    Pay,
    /// A report accounts for money paid.
    Expense,
    /// Money came back unspent.
    Return,
    /// An earlier entry is undone.
    Reversal,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Appropriate,
        Self::Award,
        Self::Reserve,
        Self::Release,
        Self::Approve,
        Self::Pay,
        Self::Expense,
        Self::Return,
        Self::Reversal,
    ];

    /// As the store writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Appropriate => "appropriate",
            Self::Award => "award",
            Self::Reserve => "reserve",
            Self::Release => "release",
            Self::Approve => "approve",
            Self::Pay => "pay",
            Self::Expense => "expense",
            Self::Return => "return",
            Self::Reversal => "reversal",
        }
    }

    /// As people say it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Appropriate => "Appropriation",
            Self::Award => "Award",
            Self::Reserve => "Draw requested",
            Self::Release => "Hold released",
            Self::Approve => "Draw approved",
            Self::Pay => "Payment",
            Self::Expense => "Spending reported",
            Self::Return => "Given back",
            Self::Reversal => "Reversal",
        }
    }

    /// The kind of a stored name.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// An amount moving from one account to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    from: Account,
    to: Account,
    amount: Money,
}

impl Line {
    fn new(from: Account, to: Account, amount: Money) -> Result<Self, EntryError> {
        if !amount.is_positive() {
            return Err(EntryError::NotPositive(amount));
        }
        if from == to {
            return Err(EntryError::SameAccount);
        }
        Ok(Self { from, to, amount })
    }

    /// Where it goes out.
    #[must_use]
    pub const fn from(&self) -> Account {
        self.from
    }

    /// Where it comes in.
    #[must_use]
    pub const fn to(&self) -> Account {
        self.to
    }

    /// How much; above zero.
    #[must_use]
    pub const fn amount(&self) -> Money {
        self.amount
    }
}

/// Why there can be no such entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Nothing, or less, would move.
    #[error("The amount must be more than zero, not {0}.")]
    NotPositive(Money),
    /// It would move from an account to itself.
    #[error("Money can’t move from an account to itself.")]
    SameAccount,
}

/// The record an entry is about, at one of its versions: the same act on the same version can be entered once only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// The kind of record: `draw`.
    pub noun: &'static str,
    /// The record.
    pub id: Uuid,
    /// Its version when the entry was made.
    pub version: i64,
}

/// An entry ready to be added. It holds at least one line, each moves a positive amount between two accounts, so it sums to zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    kind: EntryKind,
    about: About,
    lines: Vec<Line>,
    reverses: Option<EntryId>,
}

impl Entry {
    fn one(kind: EntryKind, about: About, from: Account, to: Account, amount: Money) -> Result<Self, EntryError> {
        Ok(Self { kind, about, lines: vec![Line::new(from, to, amount)?], reverses: None })
    }

    fn within(
        kind: EntryKind,
        about: About,
        award: AwardId,
        (from, to): (AccountKind, AccountKind),
        amount: Money,
    ) -> Result<Self, EntryError> {
        Self::one(kind, about, Account::of_award(award, from), Account::of_award(award, to), amount)
    }

    const fn about_draw(draw: DrawId, version: i64) -> About {
        About { noun: "draw", id: draw.0, version }
    }

    const fn about_report(report: ReportId, version: i64) -> About {
        About { noun: "report", id: report.0, version }
    }

    /// A legislature sets money aside.
    ///
    /// # Errors
    /// [`EntryError::NotPositive`], as for every constructor here.
    pub fn appropriate(appropriation: AppropriationId, amount: Money) -> Result<Self, EntryError> {
        let about = About { noun: "appropriation", id: appropriation.0, version: 1 };
        let [from, to] = AccountKind::OF_APPROPRIATION.map(|kind| Account::of_appropriation(appropriation, kind));
        Self::one(EntryKind::Appropriate, about, from, to, amount)
    }

    /// An award commits some of an appropriation.
    ///
    /// # Errors
    /// [`EntryError::NotPositive`].
    pub fn award(appropriation: AppropriationId, award: AwardId, amount: Money) -> Result<Self, EntryError> {
        let about = About { noun: "award", id: award.0, version: 1 };
        let from = Account::of_appropriation(appropriation, AccountKind::Available);
        Self::one(EntryKind::Award, about, from, Account::of_award(award, AccountKind::Undrawn), amount)
    }

    /// An award grows: a line more, or a line that gets more. `version` counts the award's changes.
    ///
    /// # Errors
    /// [`EntryError::NotPositive`].
    pub fn award_more(appropriation: AppropriationId, award: AwardId, version: i64, amount: Money) -> Result<Self, EntryError> {
        let about = About { noun: "award", id: award.0, version };
        let from = Account::of_appropriation(appropriation, AccountKind::Available);
        Self::one(EntryKind::Award, about, from, Account::of_award(award, AccountKind::Undrawn), amount)
    }

    /// What was awarded and not drawn goes back to be awarded again: a line was declined, or lapsed. `version` counts the award's changes.
    ///
    /// # Errors
    /// [`EntryError::NotPositive`].
    pub fn give_back(appropriation: AppropriationId, award: AwardId, version: i64, amount: Money) -> Result<Self, EntryError> {
        let about = About { noun: "award", id: award.0, version };
        let to = Account::of_appropriation(appropriation, AccountKind::Available);
        Self::one(EntryKind::Return, about, Account::of_award(award, AccountKind::Undrawn), to, amount)
    }

    /// A draw request holds some of an award.
    ///
    /// # Errors
    /// [`EntryError::NotPositive`].
    pub fn reserve(award: AwardId, draw: DrawId, version: i64, amount: Money) -> Result<Self, EntryError> {
        let way = (AccountKind::Undrawn, AccountKind::Requested);
        Self::within(EntryKind::Reserve, Self::about_draw(draw, version), award, way, amount)
    }

    /// A returned or withdrawn draw lets go of what it held.
    ///
    /// # Errors
    /// [`EntryError::NotPositive`].
    pub fn release(award: AwardId, draw: DrawId, version: i64, amount: Money) -> Result<Self, EntryError> {
        let way = (AccountKind::Requested, AccountKind::Undrawn);
        Self::within(EntryKind::Release, Self::about_draw(draw, version), award, way, amount)
    }

    /// A second person approves a draw.
    ///
    /// # Errors
    /// [`EntryError::NotPositive`].
    pub fn approve(award: AwardId, draw: DrawId, version: i64, amount: Money) -> Result<Self, EntryError> {
        let way = (AccountKind::Requested, AccountKind::Approved);
        Self::within(EntryKind::Approve, Self::about_draw(draw, version), award, way, amount)
    }

    /// A draw is paid.
    ///
    /// # Errors
    /// [`EntryError::NotPositive`].
    pub fn pay(award: AwardId, draw: DrawId, version: i64, amount: Money) -> Result<Self, EntryError> {
        let way = (AccountKind::Approved, AccountKind::Advanced);
        Self::within(EntryKind::Pay, Self::about_draw(draw, version), award, way, amount)
    }

    /// A report accounts for money paid.
    ///
    /// # Errors
    /// [`EntryError::NotPositive`].
    pub fn expense(award: AwardId, report: ReportId, version: i64, amount: Money) -> Result<Self, EntryError> {
        let way = (AccountKind::Advanced, AccountKind::Spent);
        Self::within(EntryKind::Expense, Self::about_report(report, version), award, way, amount)
    }

    /// Money paid to a recipient comes back unspent, with the award's version standing for the turn.
    ///
    /// # Errors
    /// [`EntryError::NotPositive`].
    pub fn return_unspent(award: AwardId, version: i64, amount: Money) -> Result<Self, EntryError> {
        let about = About { noun: "award", id: award.0, version };
        Self::within(EntryKind::Return, about, award, (AccountKind::Advanced, AccountKind::Returned), amount)
    }

    /// The entry that undoes this one, which stands in the ledger as `id`.
    #[must_use]
    pub fn reversal(&self, id: EntryId) -> Self {
        let lines = self.lines.iter().map(|line| Line { from: line.to, to: line.from, amount: line.amount }).collect();
        Self { kind: EntryKind::Reversal, about: self.about, lines, reverses: Some(id) }
    }

    /// What happened.
    #[must_use]
    pub const fn kind(&self) -> EntryKind {
        self.kind
    }

    /// The record it is about.
    #[must_use]
    pub const fn about(&self) -> About {
        self.about
    }

    /// The movements.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The entry that it undoes.
    #[must_use]
    pub const fn reverses(&self) -> Option<EntryId> {
        self.reverses
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn award() -> AwardId {
        AwardId(Uuid::from_u128(1))
    }

    fn draw() -> DrawId {
        DrawId(Uuid::from_u128(2))
    }

    #[test]
    fn nothing_or_less_than_nothing_makes_no_entry() {
        for cents in [0, -1, i64::MIN] {
            let amount = Money::cents(cents);
            assert_eq!(Entry::reserve(award(), draw(), 1, amount), Err(EntryError::NotPositive(amount)));
        }
    }

    #[test]
    fn stored_names_read_back() {
        for kind in AccountKind::OF_APPROPRIATION.into_iter().chain(AccountKind::OF_AWARD) {
            assert_eq!(AccountKind::from_stored(kind.as_str()), Some(kind));
        }
        for kind in EntryKind::ALL {
            assert_eq!(EntryKind::from_stored(kind.as_str()), Some(kind));
        }
    }

    /// One of every entry, with an amount.
    fn every(amount: Money) -> Vec<Entry> {
        let (report, pot) = (ReportId(Uuid::from_u128(3)), AppropriationId(Uuid::from_u128(4)));
        let entries = [
            Entry::appropriate(pot, amount),
            Entry::award(pot, award(), amount),
            Entry::award_more(pot, award(), 2, amount),
            Entry::give_back(pot, award(), 3, amount),
            Entry::reserve(award(), draw(), 1, amount),
            Entry::release(award(), draw(), 1, amount),
            Entry::approve(award(), draw(), 1, amount),
            Entry::pay(award(), draw(), 1, amount),
            Entry::expense(award(), report, 1, amount),
            Entry::return_unspent(award(), 1, amount),
        ];
        entries.into_iter().map(Result::unwrap).collect()
    }

    #[test]
    fn the_diagram_shows_what_every_entry_moves() {
        let entries = every(Money::cents(1));
        let spent = entries.iter().find(|entry| entry.kind() == EntryKind::Expense).unwrap();
        let undone = spent.reversal(EntryId(Uuid::from_u128(5)));
        let moved = |entry: &Entry| {
            let line = entry.lines()[0];
            let from = match line.from().kind() {
                AccountKind::Appropriated => "[*]",
                kind => kind.as_str(),
            };
            (from, entry.kind().as_str(), line.to().kind().as_str())
        };
        let all = entries.iter().chain([&undone]).map(moved);
        assert_eq!(crate::diagrams::found(all), crate::diagrams::arrows("a dollar"));
    }

    proptest! {
        #[test]
        fn every_entry_and_its_reversal_sum_to_zero_on_every_account(cents in 1_i64..i64::MAX) {
            for entry in every(Money::cents(cents)) {
                let mut sums: BTreeMap<Account, i64> = BTreeMap::new();
                for line in entry.lines() {
                    prop_assert!(line.amount().is_positive() && line.from() != line.to());
                    *sums.entry(line.from()).or_default() -= line.amount().in_cents();
                    *sums.entry(line.to()).or_default() += line.amount().in_cents();
                }
                prop_assert_eq!(sums.values().map(|cents| i128::from(*cents)).sum::<i128>(), 0);
                for line in entry.reversal(EntryId(Uuid::from_u128(5))).lines() {
                    *sums.entry(line.from()).or_default() -= line.amount().in_cents();
                    *sums.entry(line.to()).or_default() += line.amount().in_cents();
                }
                prop_assert!(sums.values().all(|cents| *cents == 0));
            }
        }
    }
}
