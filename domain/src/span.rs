//! Everything that a number can be while another moves: never too narrow, sometimes too wide, and exact where nothing moves.

use crate::exact::Exact;
use std::cmp::Ordering;

/// All numbers from `low` to `high`, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub low: Exact,
    pub high: Exact,
}

impl Span {
    pub const ZERO: Self = Self { low: Exact::ZERO, high: Exact::ZERO };

    /// One number.
    pub fn one(number: Exact) -> Self {
        Self { low: number.clone(), high: number }
    }

    /// Between two numbers, in either order.
    pub fn between(a: Exact, b: Exact) -> Self {
        if a <= b { Self { low: a, high: b } } else { Self { low: b, high: a } }
    }

    pub fn is_one(&self) -> bool {
        self.low == self.high
    }

    pub fn plus(&self, other: &Self) -> Self {
        Self { low: &self.low + &other.low, high: &self.high + &other.high }
    }

    pub fn turned(&self) -> Self {
        Self { low: -&self.high, high: -&self.low }
    }

    pub fn times(&self, other: &Self) -> Self {
        let one = Self::between(&self.low * &other.low, &self.high * &other.high);
        one.with(&Self::between(&self.low * &other.high, &self.high * &other.low))
    }

    /// `None` where the other may be zero.
    pub fn over(&self, other: &Self) -> Option<Self> {
        if other.low <= Exact::ZERO && other.high >= Exact::ZERO {
            return None;
        }
        Some(self.times(&Self::between(Exact::ONE.over(&other.low).ok()?, Exact::ONE.over(&other.high).ok()?)))
    }

    /// All of both and what lies between them.
    pub fn with(&self, other: &Self) -> Self {
        Self { low: self.low.clone().min(other.low.clone()), high: self.high.clone().max(other.high.clone()) }
    }

    /// The smaller of two.
    pub fn least(&self, other: &Self) -> Self {
        Self { low: self.low.clone().min(other.low.clone()), high: self.high.clone().min(other.high.clone()) }
    }

    /// The larger of two.
    pub fn most(&self, other: &Self) -> Self {
        Self { low: self.low.clone().max(other.low.clone()), high: self.high.clone().max(other.high.clone()) }
    }

    /// By something that never falls while its number rises.
    pub fn rising(&self, of: impl Fn(&Exact) -> Exact) -> Self {
        Self { low: of(&self.low), high: of(&self.high) }
    }

    /// How any of one stands to any of the other; `None` where it depends on which.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.high < other.low {
            Some(Ordering::Less)
        } else if self.low > other.high {
            Some(Ordering::Greater)
        } else {
            (self.is_one() && other.is_one()).then_some(Ordering::Equal)
        }
    }
}
