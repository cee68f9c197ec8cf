//! A report: what a recipient spent in a quarter, what came of it, and who signs for it. Submitting it moves money from paid to spent;
//! returning it moves the money back. Which quarters are owed is the award's matter.

use crate::award::Quarter;
use crate::canonical::{CanonicalError, canonical_sha256};
use crate::id::{AwardId, PersonId, ReportId};
use crate::money::{Money, MoneyError};
use crate::program::ReportingTerms;
use crate::time::{Date, Timestamp, say_date};
use serde::Serialize;
use std::collections::BTreeMap;

/// Where a report stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportState {
    /// Nobody has written in it.
    Due,
    /// Begun.
    Draft,
    /// Signed, waiting for the agency.
    Submitted,
    /// Back with the recipient, with a reason.
    Returned,
    /// Accepted by the agency.
    Accepted,
}

impl ReportState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Due, Self::Draft, Self::Submitted, Self::Returned, Self::Accepted];

    /// As the store writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Returned => "returned",
            Self::Accepted => "accepted",
        }
    }

    /// As people say it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Due => "Not started",
            Self::Draft => "Draft",
            Self::Submitted => "Submitted",
            Self::Returned => "Returned",
            Self::Accepted => "Accepted",
        }
    }

    /// The state of a stored name.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether the recipient holds it, to write in.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Due | Self::Draft | Self::Returned)
    }

    /// Whether a report in this state, due on that day, is overdue today: it is with the recipient after its due day.
    #[must_use]
    pub fn is_overdue(self, due_on: Date, today: Date) -> bool {
        self.is_open() && today > due_on
    }

    /// Saves what was written so far; a returned report stays returned until it is submitted again.
    ///
    /// # Errors
    /// [`ReportError::State`] once it is submitted.
    pub const fn save(self) -> Result<Self, ReportError> {
        match self {
            Self::Due | Self::Draft => Ok(Self::Draft),
            Self::Returned => Ok(Self::Returned),
            other => Err(ReportError::State(other)),
        }
    }

    /// Signs and submits.
    ///
    /// # Errors
    /// [`ReportError::State`] once it is submitted.
    pub const fn submit(self) -> Result<Self, ReportError> {
        if self.is_open() { Ok(Self::Submitted) } else { Err(ReportError::State(self)) }
    }

    /// The agency accepts.
    ///
    /// # Errors
    /// [`ReportError::State`] unless it is submitted.
    pub const fn accept(self) -> Result<Self, ReportError> {
        if matches!(self, Self::Submitted) { Ok(Self::Accepted) } else { Err(ReportError::State(self)) }
    }

    /// The agency returns it with a reason.
    ///
    /// # Errors
    /// [`ReportError::State`] unless it is submitted.
    pub const fn send_back(self) -> Result<Self, ReportError> {
        if matches!(self, Self::Submitted) { Ok(Self::Returned) } else { Err(ReportError::State(self)) }
    }
}

/// Why a report can't be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// Its state does not allow it.
    #[error("This report is {} already, so that can’t be done now.", .0.name().to_lowercase())]
    State(ReportState),
    /// A category is missing.
    #[error("Enter what was spent on “{name}”, or 0 if nothing was.")]
    MissingAmount {
        /// The category's key.
        key: String,
        /// Its name.
        name: String,
    },
    /// An amount is below zero.
    #[error("What was spent on “{name}” can’t be less than nothing.")]
    NegativeAmount {
        /// The category's key.
        key: String,
        /// Its name.
        name: String,
    },
    /// An outcome is missing.
    #[error("Enter “{name}” as a whole number; 0 is an answer.")]
    MissingCount {
        /// The outcome's key.
        key: String,
        /// Its name.
        name: String,
    },
    /// Nothing is told.
    #[error("Say in a few sentences what was done with the money this quarter.")]
    NoNarrative,
    /// More was spent than was paid.
    #[error(
        "The lines add up to {total}, but only {advanced} was paid and is not yet reported. Correct the lines, or wait for the next payment."
    )]
    OverAdvanced {
        /// The lines' sum.
        total: Money,
        /// Paid and not yet reported.
        advanced: Money,
    },
    /// The quarter is not over.
    #[error("The quarter ends on {}. It can be signed from the next day on; save it as a draft until then.", say_date(*.0))]
    TooEarly(Date),
    /// The lines' sum is too large to write.
    #[error("{0}")]
    Sum(#[from] MoneyError),
}

/// What a report says: amounts by category key, counts by outcome key, and the narrative. It may be incomplete until it is signed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Content {
    /// Spent, in cents, by category.
    pub lines: BTreeMap<String, Money>,
    /// Counted, by outcome.
    pub outcomes: BTreeMap<String, i64>,
    /// In words.
    pub narrative: String,
}

/// What is signed, as the digest covers it.
#[derive(Serialize)]
struct Signed<'a> {
    report: ReportId,
    award: AwardId,
    quarter_begins: Date,
    quarter_ends: Date,
    content: &'a Content,
    signature: &'a str,
    signed_by: PersonId,
    signed_at: Timestamp,
}

/// Who signs, as what, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The certifier.
    pub by: PersonId,
    /// The name they typed.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

impl Content {
    /// The sum of the lines.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`].
    pub fn total(&self) -> Result<Money, MoneyError> {
        Money::sum(self.lines.values().copied())
    }

    /// Everything that stands against signing, in the order of the form.
    #[must_use]
    pub fn problems(&self, terms: &ReportingTerms, advanced: Money) -> Vec<ReportError> {
        let mut problems = Vec::new();
        for category in &terms.categories {
            let (key, name) = (category.key.clone(), category.name.clone());
            match self.lines.get(&category.key) {
                None => problems.push(ReportError::MissingAmount { key, name }),
                Some(amount) if *amount < Money::ZERO => problems.push(ReportError::NegativeAmount { key, name }),
                Some(_) => {}
            }
        }
        match self.total() {
            Ok(total) if total > advanced => problems.push(ReportError::OverAdvanced { total, advanced }),
            Ok(_) => {}
            Err(cause) => problems.push(cause.into()),
        }
        for outcome in &terms.outcomes {
            if !self.outcomes.contains_key(&outcome.key) {
                problems.push(ReportError::MissingCount { key: outcome.key.clone(), name: outcome.name.clone() });
            }
        }
        if self.narrative.trim().is_empty() {
            problems.push(ReportError::NoNarrative);
        }
        problems
    }

    /// SHA-256 over what is signed, in canonical form.
    ///
    /// # Errors
    /// [`CanonicalError`], which no content gives.
    pub fn digest(&self, report: ReportId, award: AwardId, quarter: Quarter, signature: &Signature) -> Result<String, CanonicalError> {
        canonical_sha256(&Signed {
            report,
            award,
            quarter_begins: quarter.begins,
            quarter_ends: quarter.ends,
            content: self,
            signature: &signature.name,
            signed_by: signature.by,
            signed_at: signature.at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Category, OutcomeMeasure};

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn every_transition_from_every_state_is_as_the_table_says() {
        type Transition = fn(ReportState) -> Result<ReportState, ReportError>;
        // From due, draft, submitted, returned, accepted.
        let table: [(&str, Transition, [&str; 5]); 4] = [
            ("save", ReportState::save, ["draft", "draft", "-", "returned", "-"]),
            ("submit", ReportState::submit, ["submitted", "submitted", "-", "submitted", "-"]),
            ("accept", ReportState::accept, ["-", "-", "accepted", "-", "-"]),
            ("return", ReportState::send_back, ["-", "-", "returned", "-", "-"]),
        ];
        let arrows = table
            .iter()
            .flat_map(|(verb, _, leads)| ReportState::ALL.into_iter().zip(leads).map(move |(state, to)| (state.as_str(), *verb, *to)));
        assert_eq!(crate::diagrams::found(arrows), crate::diagrams::arrows("report"));
        for (verb, transition, leads) in table {
            for (state, lead) in ReportState::ALL.into_iter().zip(leads) {
                assert_eq!(transition(state).map_or("-", ReportState::as_str), lead, "{verb} from {}", state.as_str());
            }
        }
    }

    #[test]
    fn a_report_is_overdue_from_the_day_after_its_due_day_until_it_is_submitted() {
        let due_on = day("2023-10-30");
        assert!(!ReportState::Due.is_overdue(due_on, due_on));
        assert!(ReportState::Draft.is_overdue(due_on, day("2023-10-31")));
        assert!(!ReportState::Submitted.is_overdue(due_on, day("2024-10-31")));
    }

    fn terms() -> ReportingTerms {
        ReportingTerms {
            categories: vec![Category { key: "pay".to_owned(), name: "Pay".to_owned() }],
            outcomes: vec![OutcomeMeasure { key: "met".to_owned(), name: "Students met".to_owned(), unit: "students".to_owned() }],
            due_days: 30,
            citation: String::new(),
            synthetic: true,
        }
    }

    #[test]
    fn an_empty_report_is_told_all_that_is_missing() {
        let problems = Content::default().problems(&terms(), Money::ZERO);
        assert_eq!(problems.len(), 3);
    }

    #[test]
    fn more_than_was_paid_is_refused_with_both_figures() {
        let content = Content {
            lines: BTreeMap::from([("pay".to_owned(), Money::cents(200))]),
            outcomes: BTreeMap::from([("met".to_owned(), 0)]),
            narrative: "Done.".to_owned(),
        };
        let problems = content.problems(&terms(), Money::cents(150));
        assert_eq!(problems, [ReportError::OverAdvanced { total: Money::cents(200), advanced: Money::cents(150) }]);
        assert!(content.problems(&terms(), Money::cents(200)).is_empty());
    }
}
