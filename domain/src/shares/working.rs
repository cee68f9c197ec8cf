//! What comes of sharing a pot: every claimant's part and the working a page shows. Fractions stay as computed here, and are brought to
//! lowest terms only for the rows that are shown.

use super::Method;
use crate::exact::{Exact, ExactError};

/// A pot shared. `granted` and `rest` sum to `pot`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shares {
    /// The method used.
    pub method: Method,
    /// The pot, in units.
    pub pot: i64,
    /// All weights together.
    pub weight: i128,
    /// One part for each claimant, in the order given.
    pub parts: Vec<Part>,
    /// The rounds of largest remainder, in order. In the last no one met a bound: its shares settled all who were still open. Empty for
    /// Webster's method, which has no rounds.
    pub rounds: Vec<Round>,
    /// Where the last unit went; `None` when no fraction had to be settled, as when bounds settled everyone.
    pub cutoff: Option<Cutoff>,
    /// The tie that the order of the claimants decided, if one did.
    pub tie: Option<Tie>,
    /// Units granted in all.
    pub granted: i64,
    /// Units no one could take.
    pub rest: i64,
}

/// One claimant's part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its weight, as given.
    pub weight: i128,
    /// Its exact quota of the whole pot, before any bound.
    pub quota: Quota,
    /// What settled it.
    pub settled: Settled,
    /// The round it was settled in, from 1; `None` for Webster's method.
    pub round: Option<u32>,
    /// Whether its share was rounded up: by largest remainder it got one of the units left over, by Webster's method it has more than
    /// weight ÷ divisor. Never for a claimant that was settled by a bound.
    pub rounded_up: bool,
    /// Units granted.
    pub granted: i64,
}

/// A quota: pot × weight ÷ all weights, with a remainder over all weights ([`Shares::weight`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The whole part, in units.
    pub whole: i64,
    /// What is left of the division, from zero to below all weights.
    pub remainder: i128,
}

/// What settled a claimant's part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Its share, rounded.
    ByShare,
    /// Its floor: its share would have been less.
    AtFloor,
    /// Its cap: its share would have been more.
    AtCap,
}

/// One round of largest remainder: each open claimant's share is units × its weight ÷ weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// Units left at its beginning.
    pub units: i64,
    /// The weights of the open claimants together.
    pub weight: i128,
    /// Claimants that got their floor in this round.
    pub at_floor: usize,
    /// Claimants that got their cap in this round.
    pub at_cap: usize,
}

/// Between whom the line ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cutoff {
    /// The smallest remainder rounded up, or the smallest quotient that got a unit above the floors.
    pub last: Mark,
    /// The largest remainder or quotient that got nothing more; `None` when no one else could take a unit.
    pub next: Option<Mark>,
}

/// A remainder or quotient and whose it is. As a fraction it is above ÷ below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The claimant's index in the order given.
    pub claimant: usize,
    /// The remainder's numerator, or the weight.
    pub above: i128,
    /// The last round's weight, or 2 × units + 1.
    pub below: i128,
}

impl Mark {
    /// The fraction, in lowest terms.
    ///
    /// # Errors
    /// [`ExactError`], which no mark made by sharing gives.
    pub fn exact(self) -> Result<Exact, ExactError> {
        Exact::ratio(self.above, self.below)
    }
}

/// A tie: all of these had the same remainder or quotient, there was a unit for each of `ahead` and none for those `behind`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The indices of those given earlier, each of which got a unit.
    pub ahead: Vec<usize>,
    /// The indices of those given later, which did not.
    pub behind: Vec<usize>,
}

impl Shares {
    /// The exact quota of the claimant at `index`, in units of the whole pot, before any bound; `None` without such a claimant or any weight.
    ///
    /// # Errors
    /// [`ExactError`], which no quota made by sharing gives.
    pub fn quota(&self, index: usize) -> Result<Option<Exact>, ExactError> {
        let Some(part) = self.parts.get(index).filter(|_| self.weight > 0) else { return Ok(None) };
        Ok(Some(&Exact::ratio(part.quota.remainder, self.weight)? + &Exact::whole(part.quota.whole)))
    }

    /// What the final rate alone would give the claimant at `index`, in units, before its own bounds and before rounding: its share in the last
    /// round, or weight ÷ divisor. `None` when there is no such claimant, or everyone was settled by a bound so that there is no rate.
    ///
    /// # Errors
    /// [`ExactError::TooLarge`] when the fraction needs more than 128 bits.
    pub fn share(&self, index: usize) -> Result<Option<Exact>, ExactError> {
        let Some(part) = self.parts.get(index) else { return Ok(None) };
        let rate = match self.method {
            Method::LargestRemainder => self.rounds.last().map(|round| (i128::from(round.units), round.weight)),
            Method::Webster => self.cutoff.map(|cutoff| (cutoff.last.below, cutoff.last.above * 2)),
        };
        match rate {
            Some((units, weight)) if weight > 0 => Exact::ratio(part.weight * units, weight).map(Some),
            _ => Ok(None),
        }
    }

    /// The divisor of Webster's method, in weight per unit: the largest that still gives the last unit, which it does by rounding up exactly
    /// one half. Halves of a [`Shares::tie`] round up only for those ahead. `None` for largest remainder, or when floors took all or caps left a rest.
    ///
    /// # Errors
    /// [`ExactError`], which no divisor made by sharing gives.
    pub fn divisor(&self) -> Result<Option<Exact>, ExactError> {
        let last = self.cutoff.filter(|_| self.method == Method::Webster).map(|cutoff| cutoff.last);
        last.map(|last| Exact::ratio(last.above * 2, last.below)).transpose()
    }
}
