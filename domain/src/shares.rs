//! Shares by formula: a pot of whole units (cents, or seats) goes to claimants in proportion to exact weights, each between its floor and
//! its cap. What is granted and what is left always sum to the pot, and the working is returned with it. Integers decide everything:
//! there are no floats here, and a sum that would not fit is an error.
//!
//! **Largest remainder** (Hamilton) goes in rounds. A round shares what is left among the claimants still open: each one's share is
//! `units left × weight ÷ weights of the open`. Shares below their floors fall short of them by so much in all; shares above their caps
//! exceed them by so much in all. If the first sum is at least the second, the claimants below their floors get their floors and leave; if
//! the second is at least the first, those above their caps get their caps and leave; then comes the next round. When no share is out of
//! bounds, each open claimant gets the whole part of its share, and the units still over go one each to the largest remainders. With floors
//! alone or caps alone this is the rule as it is usually told. With both, comparing the two sums makes the outcome independent of any
//! order: there is one rate per unit of weight for all, and the exact share of each is `max(floor, min(cap, rate × weight))`.
//!
//! **Webster** (Sainte-Laguë) gives every claimant its floor, and then unit after unit to the claimant below its cap with the largest
//! quotient `weight ÷ (2 × units it has + 1)`: the same as dividing all weights by one divisor and rounding halves up, within the bounds.
//!
//! **Ties.** Of equal remainders or equal quotients, the claimant given earlier comes first; the caller's order is the declared one, and
//! [`Shares::tie`] says who was equal where it decided. **Weight zero** gets its floor and no more. **What no one can take**, because all
//! claimants with a weight are at their caps, is [`Shares::rest`].
//!
//! This file knows neither money nor programs nor where the weights come from.

mod bounds;
mod remainders;
#[cfg(test)]
mod tests;
mod webster;
mod weights;
mod working;

pub use weights::whole_weights;
pub use working::{Cutoff, Mark, Part, Quota, Round, Settled, Shares, Tie};

use serde::{Deserialize, Serialize};

/// How fractions of a unit are settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Largest remainder, which is Hamilton's method.
    LargestRemainder,
    /// The divisor method that rounds at the half, which is Webster's and Sainte-Laguë's.
    Webster,
}

impl Method {
    /// The rule in plain sentences, for the public page.
    #[must_use]
    pub const fn plain(self) -> &'static str {
        match self {
            Self::LargestRemainder => {
                "Each gets the whole part of its exact share; the units left over go one each to the largest remainders (Hamilton's method)."
            }
            Self::Webster => {
                "Each weight is divided by one common divisor and rounded to the nearest whole unit; the divisor is the one that uses up the pot (Webster's method)."
            }
        }
    }
}

/// One claimant to a part of the pot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimant {
    /// What it is called in a problem's sentence.
    pub name: String,
    /// Its weight, zero or more, in any unit common to all; see [`whole_weights`] for fractions.
    pub weight: i128,
    /// The units it gets at least, zero or more.
    pub floor: i64,
    /// The units it gets at most, such as its request; `None` is no cap.
    pub cap: Option<i64>,
}

impl Claimant {
    /// A claimant without bounds.
    #[must_use]
    pub fn new(name: impl Into<String>, weight: i128) -> Self {
        Self { name: name.into(), weight, floor: 0, cap: None }
    }

    /// The same with a floor, in units.
    #[must_use]
    pub fn at_least(self, floor: i64) -> Self {
        Self { floor, ..self }
    }

    /// The same with a cap, in units.
    #[must_use]
    pub fn at_most(self, cap: i64) -> Self {
        Self { cap: Some(cap), ..self }
    }

    /// The cap, in units; nobody gets more than the pot, so that is the cap of those without one.
    fn cap_in(&self, pot: i64) -> i64 {
        self.cap.map_or(pot, |cap| cap.min(pot))
    }
}

/// Why a pot can't be shared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SharesProblem {
    /// The pot is below zero.
    #[error("The pot is {0}; it can't be below zero.")]
    Pot(i64),
    /// A weight is below zero.
    #[error("The weight of {name} is {weight}; it can't be below zero.")]
    Weight {
        /// The claimant.
        name: String,
        /// Its weight.
        weight: i128,
    },
    /// A floor is below zero.
    #[error("The floor of {name} is {floor}; it can't be below zero.")]
    Floor {
        /// The claimant.
        name: String,
        /// Its floor, in units.
        floor: i64,
    },
    /// A floor is above the same claimant's cap.
    #[error("The floor of {name} is {floor}, more than its cap of {cap}.")]
    FloorAboveCap {
        /// The claimant.
        name: String,
        /// Its floor, in units.
        floor: i64,
        /// Its cap, in units.
        cap: i64,
    },
    /// The floors sum to more than the pot.
    #[error("The floors sum to {floors}, more than the pot of {pot}.")]
    FloorsAbovePot {
        /// The sum of all floors, in units.
        floors: i128,
        /// The pot, in units.
        pot: i64,
    },
    /// There is a pot, but no weight to share it by.
    #[error("No claimant has a weight above zero, so nothing says how to share the pot of {pot}.")]
    NoWeight {
        /// The pot, in units.
        pot: i64,
    },
    /// The weights times the pot need more than 128 bits.
    #[error("The weights are too large to share the pot exactly; use smaller weights in the same proportions.")]
    TooLarge,
}

/// Shares `pot` whole units among the claimants, whose order decides ties and nothing else. The rule is stated at the head of this module.
///
/// # Errors
/// Every problem found; [`SharesProblem::TooLarge`] when four times all weights times one more than the pot does not fit in 128 bits.
pub fn share(method: Method, pot: i64, claimants: &[Claimant]) -> Result<Shares, Vec<SharesProblem>> {
    let weight = check(pot, claimants)?;
    let shared = match method {
        Method::LargestRemainder => remainders::share(pot, weight, claimants),
        Method::Webster => webster::share(pot, weight, claimants),
    };
    shared.map_err(|problem| vec![problem])
}

/// All weights together, if the pot can be shared by them.
fn check(pot: i64, claimants: &[Claimant]) -> Result<i128, Vec<SharesProblem>> {
    let mut problems = Vec::new();
    if pot < 0 {
        problems.push(SharesProblem::Pot(pot));
    }
    let (mut weight, mut floors) = (Some(0_i128), 0_i128);
    for claimant in claimants {
        let Claimant { name, floor, cap, .. } = claimant;
        if claimant.weight < 0 {
            problems.push(SharesProblem::Weight { name: name.clone(), weight: claimant.weight });
        }
        if *floor < 0 {
            problems.push(SharesProblem::Floor { name: name.clone(), floor: *floor });
        }
        if let Some(cap) = cap.filter(|cap| cap < floor) {
            problems.push(SharesProblem::FloorAboveCap { name: name.clone(), floor: *floor, cap });
        }
        weight = weight.and_then(|sum| sum.checked_add(claimant.weight));
        floors += i128::from(*floor);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if floors > i128::from(pot) {
        problems.push(SharesProblem::FloorsAbovePot { floors, pot });
    }
    if weight == Some(0) && pot > 0 {
        problems.push(SharesProblem::NoWeight { pot });
    }
    // No product formed below is larger: floors and caps are held to the pot, and no odd divisor 2s + 1 exceeds twice the pot and one.
    let fits = |weight: &i128| weight.checked_mul(4).and_then(|weight| weight.checked_mul(i128::from(pot) + 1)).is_some();
    match weight.filter(fits) {
        Some(weight) if problems.is_empty() => Ok(weight),
        Some(_) => Err(problems),
        None => {
            problems.push(SharesProblem::TooLarge);
            Err(problems)
        }
    }
}

/// Units granted fit in 64 bits because the pot does; this says so without a panic.
fn units(number: i128) -> Result<i64, SharesProblem> {
    i64::try_from(number).map_err(|_| SharesProblem::TooLarge)
}

/// A product that [`check`] made sure of: a weight, or several, times units or an odd number up to twice the pot and one. Wrapping spares a
/// test in the innermost loops that could never fail; debug builds make it all the same.
fn product(weight: i128, number: i128) -> i128 {
    debug_assert!(weight.checked_mul(number).is_some(), "{weight} × {number}");
    weight.wrapping_mul(number)
}
