//! From an approved allocation to awards: one award a region with a line for each application that got something, what each applicant is
//! told, and the quarters in which the recipient reports.

use crate::allocation::{Allocation, Outcome as Granted, Step};
use crate::money::{Money, MoneyError};
use crate::time::Date;
use chrono::{Datelike, Days, Months};
use serde::{Deserialize, Serialize};

/// What becomes of a submitted application, as its applicant is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All units asked for.
    Funded,
    /// Some of the units asked for.
    PartlyFunded,
    /// Waiting in order for money that comes back.
    Waitlisted,
    /// Ranked, but below the money.
    NotFunded,
    /// Not ranked.
    Ineligible,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [Self::Funded, Self::PartlyFunded, Self::Waitlisted, Self::NotFunded, Self::Ineligible];

    /// As the store writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Funded => "funded",
            Self::PartlyFunded => "partly_funded",
            Self::Waitlisted => "waitlisted",
            Self::NotFunded => "not_funded",
            Self::Ineligible => "ineligible",
        }
    }

    /// As people read it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Funded => "Funded",
            Self::PartlyFunded => "Partly funded",
            Self::Waitlisted => "On the waiting list",
            Self::NotFunded => "Not funded",
            Self::Ineligible => "Not eligible",
        }
    }

    /// The outcome of a stored name.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }

    /// Whether it brings money.
    #[must_use]
    pub const fn is_funded(self) -> bool {
        matches!(self, Self::Funded | Self::PartlyFunded)
    }
}

impl From<Granted> for Outcome {
    fn from(granted: Granted) -> Self {
        match granted {
            Granted::Funded => Self::Funded,
            Granted::Partial => Self::PartlyFunded,
            Granted::Waitlisted => Self::Waitlisted,
            Granted::NotFunded => Self::NotFunded,
        }
    }
}

/// One award to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedAward {
    /// `AW-2024-01`.
    pub number: String,
    /// The appropriation that pays, where that is not the round's own.
    pub pot: Option<String>,
    /// The region's key.
    pub region: String,
    /// Units in all.
    pub units: i64,
    /// Money in all.
    pub amount: Money,
    /// A part for each application, in ranked order.
    pub lines: Vec<PlannedLine>,
}

/// One application's part of an award.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedLine {
    /// The application's id.
    pub application: String,
    /// Units.
    pub units: i64,
    /// Money.
    pub amount: Money,
}

/// The awards of an allocation: one for each region that got anything, numbered in the order of the regions' keys; of several pots one of each,
/// in the order in which they were filled. Their amounts sum to what was granted.
///
/// # Errors
/// [`MoneyError::TooLarge`] when the sums don't fit.
pub fn plan(allocation: &Allocation, fiscal_year: i64) -> Result<Vec<PlannedAward>, MoneyError> {
    let mut awards: Vec<PlannedAward> = Vec::new();
    let alone = [None];
    let pots: Vec<Option<&String>> = allocation.pots.iter().map(|total| total.pot.as_ref()).collect();
    for pot in if pots.is_empty() { &alone[..] } else { &pots[..] } {
        for total in &allocation.regions {
            let paid = |step: &&Step| step.region == total.region && step.units_granted > 0 && step.pot.as_ref() == *pot;
            let line = |step: &Step| PlannedLine { application: step.id.clone(), units: step.units_granted, amount: step.granted };
            let lines: Vec<PlannedLine> = allocation.steps.iter().filter(paid).map(line).collect();
            if lines.is_empty() {
                continue;
            }
            awards.push(PlannedAward {
                number: format!("AW-{fiscal_year}-{:02}", awards.len() + 1),
                pot: (*pot).cloned(),
                region: total.region.clone(),
                units: lines.iter().map(|line| line.units).sum(),
                amount: Money::sum(lines.iter().map(|line| line.amount))?,
                lines,
            });
        }
    }
    Ok(awards)
}

/// A quarter that a recipient reports on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarter {
    /// Its first day.
    pub begins: Date,
    /// Its last day.
    pub ends: Date,
    /// The last day on which its report is in time.
    pub due: Date,
}

/// The quarters of an appropriation's period: three months each from its first day, the last cut at the day the money lapses.
#[must_use]
pub fn quarters(begins_on: Date, lapses_on: Date, due_days: u32) -> Vec<Quarter> {
    let mut quarters = Vec::new();
    // Each beginning is counted from the first day, so that a month's end does not creep: 31 August, 30 November, 28 February.
    for index in 0_u32.. {
        let start = |index: u32| begins_on.checked_add_months(Months::new(index * 3));
        let (Some(begins), Some(next)) = (start(index), start(index + 1)) else { break };
        if begins > lapses_on {
            break;
        }
        let ends = next.pred_opt().unwrap_or(next).min(lapses_on);
        let due = ends.checked_add_days(Days::new(due_days.into())).unwrap_or(ends);
        quarters.push(Quarter { begins, ends, due });
    }
    quarters
}

impl Quarter {
    /// `July to September 2023`.
    #[must_use]
    pub fn name(&self) -> String {
        let (from, to) = (self.begins.format("%B"), self.ends.format("%B %Y"));
        if self.begins.month() == self.ends.month() && self.begins.year() == self.ends.year() {
            to.to_string()
        } else if self.begins.year() == self.ends.year() {
            format!("{from} to {to}")
        } else {
            format!("{from} {} to {to}", self.begins.year())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::{AllocationRule, Claim, Misfit, allocate};
    use proptest::prelude::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn claims(units: &[i64]) -> Vec<Claim> {
        (1_u32..)
            .zip(units)
            .map(|(place, units)| Claim {
                id: format!("id{place}"),
                number: format!("A-{place}"),
                place,
                region: format!("region{}", place % 3),
                units_requested: *units,
                unit_cost: None,
                least: None,
                last: None,
                named: None,
            })
            .collect()
    }

    fn allocated(units: &[i64], pot: i64) -> Allocation {
        let rule = AllocationRule::down_the_list(Misfit::Partial, "test");
        allocate(&rule, Money::cents(700), Money::cents(pot), &claims(units)).unwrap()
    }

    #[test]
    fn a_region_that_got_nothing_has_no_award_and_takes_no_number() {
        let awards = plan(&allocated(&[1, 1, 5], 1_400), 2024).unwrap();
        let short: Vec<_> = awards.iter().map(|award| (award.number.as_str(), award.region.as_str(), award.units)).collect();
        assert_eq!(short, [("AW-2024-01", "region1", 1), ("AW-2024-02", "region2", 1)]);
    }

    #[test]
    fn a_fiscal_year_has_four_quarters() {
        let quarters = quarters(day("2023-07-01"), day("2024-06-30"), 30);
        let short: Vec<_> = quarters.iter().map(|q| (q.begins.to_string(), q.ends.to_string(), q.due.to_string())).collect();
        let expected = [
            ("2023-07-01", "2023-09-30", "2023-10-30"),
            ("2023-10-01", "2023-12-31", "2024-01-30"),
            ("2024-01-01", "2024-03-31", "2024-04-30"),
            ("2024-04-01", "2024-06-30", "2024-07-30"),
        ];
        assert_eq!(short, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
        assert_eq!(quarters[0].name(), "July to September 2023");
    }

    #[test]
    fn the_last_quarter_ends_when_the_money_lapses() {
        let quarters = quarters(day("2023-11-30"), day("2024-03-15"), 0);
        assert_eq!(quarters.len(), 2);
        assert_eq!(quarters[1].ends, day("2024-03-15"));
        assert_eq!(quarters[0].name(), "November 2023 to February 2024");
    }

    proptest! {
        #[test]
        fn awards_sum_to_what_was_granted(units in prop::collection::vec(1_i64..9, 1..40), pot in 0_i64..100_000) {
            let allocation = allocated(&units, pot);
            let awards = plan(&allocation, 2024).unwrap();
            prop_assert_eq!(Money::sum(awards.iter().map(|award| award.amount)).unwrap(), allocation.granted);
            prop_assert_eq!(awards.iter().map(|award| award.units).sum::<i64>(), allocation.units);
            prop_assert!(awards.iter().all(|award| award.units > 0 && !award.lines.is_empty()));
        }

        #[test]
        fn quarters_cover_the_period_without_gap(start in 0_u64..4000, length in 0_u64..800) {
            let begins = day("2015-01-01") + Days::new(start);
            let lapses = begins + Days::new(length);
            let quarters = quarters(begins, lapses, 30);
            prop_assert_eq!(quarters[0].begins, begins);
            prop_assert_eq!(quarters[quarters.len() - 1].ends, lapses);
            for pair in quarters.windows(2) {
                prop_assert_eq!(pair[0].ends.succ_opt().unwrap(), pair[1].begins);
            }
        }
    }
}
