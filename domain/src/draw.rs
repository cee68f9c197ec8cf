//! A draw: one request for money under an award. Asked for by the recipient, decided by another person, paid once. Each transition gives
//! the next draw and the ledger entry that goes with it; an appropriation's days say when it may be asked for and paid. This file looks at no
//! balance: the ledger's accounts refuse what is not there.

use crate::id::{AwardId, DrawId, PersonId};
use crate::ledger::{Entry, EntryError};
use crate::money::Money;
use crate::time::{Date, Timestamp, Zone, say_date};

/// Where a draw stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DrawState {
    /// Waiting for the fiscal agent; its amount is held.
    Requested,
    /// Back with the recipient, with a question; nothing is held.
    Returned {
        /// What is asked.
        question: String,
        /// Who asks.
        by: PersonId,
        /// When.
        at: Timestamp,
    },
    /// Approved, waiting to be paid.
    Approved {
        /// Who approved.
        by: PersonId,
        /// When.
        at: Timestamp,
    },
    /// Paid.
    Paid {
        /// Who recorded it.
        by: PersonId,
        /// The day of the payment.
        on: Date,
        /// The warrant's or transfer's number.
        reference: String,
    },
    /// Taken back by the recipient.
    Withdrawn,
}

impl DrawState {
    /// As the store writes it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Returned { .. } => "returned",
            Self::Approved { .. } => "approved",
            Self::Paid { .. } => "paid",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// As people say it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        name_of_state(self.as_str())
    }
}

/// A stored state's name, as people say it.
#[must_use]
pub const fn name_of_state(stored: &str) -> &'static str {
    match stored.as_bytes() {
        b"requested" => "Requested",
        b"returned" => "Returned with a question",
        b"approved" => "Approved, to be paid",
        b"paid" => "Paid",
        b"withdrawn" => "Withdrawn",
        _ => "Unknown",
    }
}

/// A request for money under an award.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// Its id.
    pub id: DrawId,
    /// The award.
    pub award: AwardId,
    /// How much, in cents.
    pub amount: Money,
    /// For what.
    pub purpose: String,
    /// Who asked last.
    pub requested_by: PersonId,
    /// When they did.
    pub requested_at: Timestamp,
    /// Where it stands.
    pub state: DrawState,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// A transition: the draw as it is now, and what goes into the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The draw after it.
    pub draw: Draw,
    /// The entry, when money moves.
    pub entry: Option<Entry>,
}

/// Why a draw can't take a step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// Its state does not allow it.
    #[error("This draw is {}, so that can’t be done now.", name_of_state(.0).to_lowercase())]
    State(&'static str),
    /// The amount is not above zero.
    #[error("{0}")]
    Amount(#[from] EntryError),
    /// More is asked for than is left.
    #[error("{asked} is more than the {left} left to draw on this award.")]
    OverLimit {
        /// What was asked.
        asked: Money,
        /// What is left.
        left: Money,
    },
    /// Who asked can't decide.
    #[error("You requested this draw, so another person must decide it.")]
    OwnRequest,
    /// A report is overdue.
    #[error("{0} Draws are approved again once it is submitted.")]
    ReportOverdue(String),
    /// The day of payment lies in the future, or before the approval.
    #[error("{0}")]
    PaidOn(&'static str),
    /// The appropriation has lapsed.
    #[error("The money of {bill} lapsed on {}. Nothing more of it can be asked for or approved; what was approved by then can still be paid.", say_date(*.lapsed_on))]
    Lapsed {
        /// The appropriation's bill.
        bill: String,
        /// The last day on which it could be drawn.
        lapsed_on: Date,
    },
    /// The day of payment lies before the appropriation's first.
    #[error("The money of {bill} can be paid from {} on.", say_date(*.begins_on))]
    TooEarly {
        /// The appropriation's bill.
        bill: String,
        /// Its first day.
        begins_on: Date,
    },
}

/// The days of the appropriation that pays, in the round's zone. A draw can be asked for before the first of them, as money is that is needed
/// on that day. Approved by the last, its money is encumbered: it can be paid afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The appropriation's bill.
    pub bill: String,
    /// Its first day.
    pub begins_on: Date,
    /// Its last day.
    pub lapses_on: Date,
}

impl Term {
    /// Whether a draw can be asked for, sent again or approved today.
    ///
    /// # Errors
    /// [`DrawError::Lapsed`] from the day after the last.
    pub fn may_encumber(&self, today: Date) -> Result<(), DrawError> {
        if today > self.lapses_on { Err(DrawError::Lapsed { bill: self.bill.clone(), lapsed_on: self.lapses_on }) } else { Ok(()) }
    }

    /// Whether a draw can have been paid on a day.
    ///
    /// # Errors
    /// [`DrawError::TooEarly`] until the day before the first.
    pub fn may_pay(&self, on: Date) -> Result<(), DrawError> {
        if on < self.begins_on { Err(DrawError::TooEarly { bill: self.bill.clone(), begins_on: self.begins_on }) } else { Ok(()) }
    }
}

/// What a recipient asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// How much.
    pub amount: Money,
    /// For what.
    pub purpose: String,
    /// Who asks.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

impl Draw {
    /// Asks for money, of which `left` is there; the amount is held until it is decided.
    ///
    /// # Errors
    /// [`DrawError::Amount`], [`DrawError::OverLimit`].
    pub fn request(id: DrawId, award: AwardId, ask: Ask, left: Money) -> Result<Step, DrawError> {
        Self::asked(id, award, ask, left, 1)
    }

    fn asked(id: DrawId, award: AwardId, ask: Ask, left: Money, version: i64) -> Result<Step, DrawError> {
        let entry = Entry::reserve(award, id, version, ask.amount)?;
        if ask.amount > left {
            return Err(DrawError::OverLimit { asked: ask.amount, left });
        }
        let Ask { amount, purpose, by, at } = ask;
        let draw = Self { id, award, amount, purpose, requested_by: by, requested_at: at, state: DrawState::Requested, version };
        Ok(Step { draw, entry: Some(entry) })
    }

    fn must_be_requested(&self) -> Result<(), DrawError> {
        if self.state == DrawState::Requested { Ok(()) } else { Err(DrawError::State(self.state.as_str())) }
    }

    fn must_be_anothers(&self, by: PersonId) -> Result<(), DrawError> {
        if self.requested_by == by { Err(DrawError::OwnRequest) } else { Ok(()) }
    }

    /// Approves the draw. `overdue` is a sentence about a report that is overdue, if one is: then nothing more is approved.
    ///
    /// # Errors
    /// [`DrawError::State`], [`DrawError::OwnRequest`], [`DrawError::ReportOverdue`].
    pub fn approve(self, by: PersonId, at: Timestamp, overdue: Option<String>) -> Result<Step, DrawError> {
        self.must_be_requested()?;
        self.must_be_anothers(by)?;
        if let Some(overdue) = overdue {
            return Err(DrawError::ReportOverdue(overdue));
        }
        let version = self.version + 1;
        let entry = Entry::approve(self.award, self.id, version, self.amount)?;
        Ok(Step { draw: Self { state: DrawState::Approved { by, at }, version, ..self }, entry: Some(entry) })
    }

    /// Returns the draw with a question; what it held is released.
    ///
    /// # Errors
    /// [`DrawError::State`], [`DrawError::OwnRequest`].
    pub fn return_with(self, question: String, by: PersonId, at: Timestamp) -> Result<Step, DrawError> {
        self.must_be_requested()?;
        self.must_be_anothers(by)?;
        let version = self.version + 1;
        let entry = Entry::release(self.award, self.id, version, self.amount)?;
        Ok(Step { draw: Self { state: DrawState::Returned { question, by, at }, version, ..self }, entry: Some(entry) })
    }

    /// Sends a returned draw again, answered or changed.
    ///
    /// # Errors
    /// [`DrawError::State`], [`DrawError::Amount`], [`DrawError::OverLimit`].
    pub fn resend(self, ask: Ask, left: Money) -> Result<Step, DrawError> {
        match self.state {
            DrawState::Returned { .. } => Self::asked(self.id, self.award, ask, left, self.version + 1),
            other => Err(DrawError::State(other.as_str())),
        }
    }

    /// Takes the draw back before it is decided.
    ///
    /// # Errors
    /// [`DrawError::State`].
    pub fn withdraw(self) -> Result<Step, DrawError> {
        let version = self.version + 1;
        let entry = match self.state {
            DrawState::Requested => Some(Entry::release(self.award, self.id, version, self.amount)?),
            DrawState::Returned { .. } => None,
            other => return Err(DrawError::State(other.as_str())),
        };
        Ok(Step { draw: Self { state: DrawState::Withdrawn, version, ..self }, entry })
    }

    /// Records the payment of an approved draw. `today` is the day in the round's zone.
    ///
    /// # Errors
    /// [`DrawError::State`], [`DrawError::PaidOn`] for a day that is yet to come, or before the approval.
    pub fn pay(self, reference: String, on: Date, by: PersonId, today: Date, zone: Zone) -> Result<Step, DrawError> {
        let DrawState::Approved { at, .. } = self.state else {
            return Err(DrawError::State(self.state.as_str()));
        };
        if on < at.date_in(zone) {
            return Err(DrawError::PaidOn("The draw was approved after that day. Enter the day on which it was paid."));
        }
        if on > today {
            return Err(DrawError::PaidOn("The day of the payment is yet to come. Record it once it is paid."));
        }
        let version = self.version + 1;
        let entry = Entry::pay(self.award, self.id, version, self.amount)?;
        Ok(Step { draw: Self { state: DrawState::Paid { by, on, reference }, version, ..self }, entry: Some(entry) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ASKER: PersonId = PersonId(Uuid::from_u128(1));
    const OTHER: PersonId = PersonId(Uuid::from_u128(2));

    fn at() -> Timestamp {
        Timestamp::from_unix(0)
    }

    fn today() -> Date {
        Date::from_ymd_opt(2024, 1, 2).unwrap()
    }

    fn ask(cents: i64) -> Ask {
        Ask { amount: Money::cents(cents), purpose: "Salaries".to_owned(), by: ASKER, at: at() }
    }

    fn in_state(state: DrawState) -> Draw {
        let step = Draw::request(DrawId(Uuid::from_u128(3)), AwardId(Uuid::from_u128(4)), ask(100), Money::cents(100)).unwrap();
        Draw { state, ..step.draw }
    }

    #[test]
    fn every_transition_from_every_state_is_as_the_table_says() {
        let states = [
            DrawState::Requested,
            DrawState::Returned { question: "Why?".to_owned(), by: OTHER, at: at() },
            DrawState::Approved { by: OTHER, at: at() },
            DrawState::Paid { by: OTHER, on: today(), reference: "W-1".to_owned() },
            DrawState::Withdrawn,
        ];
        // From each of the states above, in their order: where the transition leads, or a dash when it is refused.
        type Transition = fn(Draw) -> Result<Step, DrawError>;
        let table: [(&str, Transition, [&str; 5]); 5] = [
            ("approve", |draw| draw.approve(OTHER, at(), None), ["approved", "-", "-", "-", "-"]),
            ("return", |draw| draw.return_with("Why?".to_owned(), OTHER, at()), ["returned", "-", "-", "-", "-"]),
            ("resend", |draw| draw.resend(ask(50), Money::cents(100)), ["-", "requested", "-", "-", "-"]),
            ("withdraw", Draw::withdraw, ["withdrawn", "withdrawn", "-", "-", "-"]),
            (
                "pay",
                |draw| draw.pay("W-1".to_owned(), today(), OTHER, today(), Zone::named("America/Chicago").unwrap()),
                ["-", "-", "paid", "-", "-"],
            ),
        ];
        let arrows =
            table.iter().flat_map(|(verb, _, leads)| states.iter().zip(leads).map(move |(state, to)| (state.as_str(), *verb, *to)));
        assert_eq!(crate::diagrams::found(arrows), crate::diagrams::arrows("draw"));
        for (verb, transition, leads) in table {
            for (state, lead) in states.iter().zip(leads) {
                let after = transition(in_state(state.clone()));
                let told = after.as_ref().map_or("-", |step| step.draw.state.as_str());
                assert_eq!(told, lead, "{verb} from {}", state.as_str());
                if let Ok(step) = after {
                    assert_eq!(step.draw.version, 2, "{verb}");
                }
            }
        }
    }

    #[test]
    fn a_draw_over_what_is_left_is_refused_with_the_figure() {
        let refused = Draw::request(DrawId(Uuid::from_u128(3)), AwardId(Uuid::from_u128(4)), ask(101), Money::cents(100)).unwrap_err();
        assert_eq!(refused.to_string(), "$1.01 is more than the $1 left to draw on this award.");
    }

    #[test]
    fn nothing_and_less_can_not_be_drawn() {
        for cents in [0, -100] {
            let refused = Draw::request(DrawId(Uuid::from_u128(3)), AwardId(Uuid::from_u128(4)), ask(cents), Money::cents(100));
            assert!(matches!(refused, Err(DrawError::Amount(_))));
        }
    }

    #[test]
    fn who_asked_can_neither_approve_nor_return() {
        assert_eq!(in_state(DrawState::Requested).approve(ASKER, at(), None), Err(DrawError::OwnRequest));
        assert_eq!(in_state(DrawState::Requested).return_with("?".to_owned(), ASKER, at()), Err(DrawError::OwnRequest));
    }

    #[test]
    fn an_overdue_report_stops_approval_with_its_reason() {
        let refused = in_state(DrawState::Requested).approve(OTHER, at(), Some("The report is overdue.".to_owned())).unwrap_err();
        assert_eq!(refused.to_string(), "The report is overdue. Draws are approved again once it is submitted.");
    }

    #[test]
    fn a_payment_of_tomorrow_or_before_the_approval_is_not_recorded() {
        let approved = in_state(DrawState::Approved { by: OTHER, at: at() });
        let zone = Zone::named("America/Chicago").unwrap();
        let pay = |on: Date| approved.clone().pay("W".to_owned(), on, OTHER, today(), zone);
        assert!(matches!(pay(today().succ_opt().unwrap()), Err(DrawError::PaidOn(_))));
        let day = at().date_in(zone);
        assert!(pay(day).is_ok());
        assert!(matches!(pay(day.pred_opt().unwrap()), Err(DrawError::PaidOn(text)) if text.contains("approved after")));
    }

    #[test]
    fn an_appropriation_pays_from_its_first_day_and_is_asked_until_its_last() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let term = Term { bill: "SB 1".to_owned(), begins_on: day("2023-07-01"), lapses_on: day("2024-06-30") };
        assert_eq!((term.may_encumber(day("2023-06-30")), term.may_encumber(day("2024-06-30"))), (Ok(()), Ok(())));
        let lapsed = term.may_encumber(day("2024-07-01")).unwrap_err();
        assert!(lapsed.to_string().starts_with("The money of SB 1 lapsed on June 30, 2024."), "{lapsed}");
        let early = term.may_pay(day("2023-06-30")).unwrap_err();
        assert_eq!(early.to_string(), "The money of SB 1 can be paid from July 1, 2023 on.");
        assert_eq!((term.may_pay(day("2023-07-01")), term.may_pay(day("2024-08-15"))), (Ok(()), Ok(())));
    }

    #[test]
    fn returning_releases_exactly_what_was_held_and_resending_holds_it_again() {
        let step = in_state(DrawState::Requested).return_with("?".to_owned(), OTHER, at()).unwrap();
        assert_eq!(step.entry.unwrap().lines()[0].amount(), Money::cents(100));
        let step = step.draw.resend(ask(70), Money::cents(100)).unwrap();
        assert_eq!((step.entry.unwrap().lines()[0].amount(), step.draw.amount), (Money::cents(70), Money::cents(70)));
    }
}
