//! Lays a pot of money down a ranked list, in whole units, and says at each step why. What happens to a request that does not fit is the
//! program file's choice ([`Misfit`]). Shares by formula and the optimal set are [`by_rule`]'s, over bids from a table; [`lay`] lays out a
//! round by any of them. Nothing here awards: people approve.

mod again;
mod best;
mod bids;
mod budgets;
mod by_law;
mod by_shares;
mod costs;
mod document;
mod down;
mod exceptions;
mod lay;
mod pots;
mod terms;
#[cfg(test)]
mod tests;

pub use again::Already;
pub use bids::{Bid, BidProblem, Grant, Granted, by_rule};
pub use costs::{Cost, costs};
pub use document::{ALLOCATION_FORMAT, AllocationDocument, AllocationDocumentError, ReplayedAllocation, replay_allocation};
pub use down::allocate;
pub(crate) use down::fitting;
use down::in_order;
pub use exceptions::{Exception, ExceptionKind, exceptions};
pub use lay::{costs_of, lay};
pub(crate) use lay::{posed, viable};
pub use pots::Available;

pub use terms::{HoldHarmless, LeastAward, Limit, Limited, Pot, SetAside};

use crate::money::{Money, MoneyError};
use crate::named::NamedClaim;
use crate::shares;
use serde::{Deserialize, Serialize};

/// How money goes down the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllocationRule {
    /// The method.
    pub method: Method,
    /// Down the list: what happens to the first request that does not fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub misfit: Option<Misfit>,
    /// From a table: what separates equal points. Without it, equal points are a problem to resolve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ties: Option<Ties>,
    /// Shares: in proportion to the requests instead of the points.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_request: bool,
    /// Shares: how fractions of a cent are settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounding: Option<shares::Method>,
    /// Optimal: what is to be as much as possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective: Option<Objective>,
    /// Shares and optimal: floors and caps of regions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bounds: Vec<Bound>,
    /// Optimal: the most for each organization and each district; at most one of each kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// Shares and optimal: the least for whoever had an award before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_harmless: Option<HoldHarmless>,
    /// In a round: the smallest award that is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_award: Option<LeastAward>,
    /// In a round: the pots that are filled before the round's own appropriation, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Pot>,
    /// From a table: money kept back before anything is allocated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<SetAside>,
    /// The clause it rests on.
    pub citation: String,
    /// Whether the rule was invented for a demonstration.
    pub synthetic: bool,
}

/// How the list is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// First place first, each request in whole units, until the pot is spent.
    DownTheList,
    /// To everybody in proportion, within requests, floors and caps.
    Shares,
    /// The set of awards with the most points that the pot, floors and caps allow.
    Optimal,
    /// To each the amount that an act names, or nothing.
    Named,
}

/// What separates equal points of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ties {
    /// Whoever stands first in the table.
    File,
    /// The smaller lot: SHA-256 of the seed, a colon and the id.
    Lot,
}

/// What an optimal allocation has as much of as possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// Points of the requests funded whole.
    Points,
    /// Points times seats.
    PointsPerSeat,
}

/// What a region gets at least and at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// The region, as the table writes it.
    pub region: String,
    /// The least it gets, in cents.
    pub floor: Money,
    /// The most it gets, in cents.
    pub cap: Option<Money>,
    /// The clause it rests on.
    pub citation: String,
    /// Whether it was invented for a demonstration.
    pub synthetic: bool,
}

impl AllocationRule {
    /// Whether the money ends at a place above which all have some: where one pot goes down the list and passes nobody over.
    #[must_use]
    pub fn has_line(&self) -> bool {
        self.walks_once() && self.misfit != Some(Misfit::Skip)
    }

    /// Whether the list is walked once, from the first place to the last, with one pot.
    #[must_use]
    pub fn walks_once(&self) -> bool {
        self.method == Method::DownTheList && self.before.is_empty()
    }

    /// Whether every pot goes down the list.
    #[must_use]
    pub fn goes_down(&self) -> bool {
        self.method == Method::DownTheList && self.before.iter().all(|pot| pot.rule.goes_down())
    }

    /// Whether any pot is laid out by points or requests, and not by places alone.
    #[must_use]
    pub fn weighs(&self) -> bool {
        self.method != Method::DownTheList || self.before.iter().any(|pot| pot.rule.weighs())
    }

    /// A rule down the list, invented for a demonstration.
    #[must_use]
    pub fn down_the_list(misfit: Misfit, citation: &str) -> Self {
        Self {
            method: Method::DownTheList,
            misfit: Some(misfit),
            ties: None,
            by_request: false,
            rounding: None,
            objective: None,
            bounds: Vec::new(),
            limits: Vec::new(),
            hold_harmless: None,
            least_award: None,
            before: Vec::new(),
            set_aside: None,
            citation: citation.to_owned(),
            synthetic: true,
        }
    }

    /// The rule in plain sentences, for the public page.
    #[must_use]
    pub const fn plain(&self) -> &'static str {
        match (self.method, self.misfit) {
            (Method::DownTheList, Some(misfit)) => misfit.plain(),
            (Method::DownTheList, None) => "Money goes down the list in whole units.",
            (Method::Shares, _) => "Money goes to everybody in proportion, within requests, floors and caps.",
            (Method::Optimal, _) => "Money goes to the set of awards with the most points that the pot, floors and caps allow.",
            (Method::Named, _) => {
                "Each recipient gets the amount that the law names for it, or nothing: there is no competition, and no amount is cut."
            }
        }
    }
}

/// What happens when a request costs more than what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misfit {
    /// It gets nothing, and the walk ends there: nobody below is funded, even if a smaller request would fit.
    Stop,
    /// It gets nothing, and the walk goes on: a smaller request further down is funded if it fits.
    Skip,
    /// It gets as many whole units as are left, if at least one; what then remains is less than one unit, so the walk ends.
    Partial,
    /// The walk ends there as with `Stop`, but this request and all below wait in order for money that comes back.
    Waitlist,
}

impl Misfit {
    /// The rule in a plain sentence, for the public page.
    #[must_use]
    pub const fn plain(self) -> &'static str {
        match self {
            Self::Stop => "Money goes down the list in whole units and stops at the first request that does not fit.",
            Self::Skip => "Money goes down the list in whole units; a request that does not fit is passed over for smaller ones below.",
            Self::Partial => {
                "Money goes down the list in whole units; the first request that does not fit gets the whole units that are left."
            }
            Self::Waitlist => {
                "Money goes down the list in whole units to the first request that does not fit; it and all below wait in order for money that comes back."
            }
        }
    }
}

/// One ranked request for units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The application's id.
    pub id: String,
    /// The public application number.
    pub number: String,
    /// The place in the frozen ranking, from 1; no two share one.
    pub place: u32,
    /// The key of the region that would receive the money.
    pub region: String,
    /// Units asked for, at least one.
    pub units_requested: i64,
    /// What one unit costs, where it is not the same for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_cost: Option<Money>,
    /// The fewest units that are of use; a smaller part is not granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<i64>,
    /// What its applicant got the time before, where the rule holds that harmless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Money>,
    /// Where the law names it: by which clause, and the terms it accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named: Option<NamedClaim>,
}

impl Claim {
    /// Whether what is asked for is plain money: units of one cent.
    fn is_money(&self) -> bool {
        self.unit_cost == Some(Money::cents(1))
    }

    /// The step in which it gets this.
    fn step(&self, got: Got) -> Step {
        let Got { requested, units, granted, left, outcome, reason } = got;
        Step {
            id: self.id.clone(),
            number: self.number.clone(),
            place: self.place,
            region: self.region.clone(),
            units_requested: self.units_requested,
            requested,
            units_granted: units,
            granted,
            left,
            outcome,
            reason,
            pot: None,
        }
    }
}

/// What a claim asked for in money, what it gets, and what is left after it.
struct Got {
    requested: Money,
    units: i64,
    granted: Money,
    left: Money,
    outcome: Outcome,
    reason: String,
}

/// What became of every claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allocation {
    /// One step for each claim, in ranked order.
    pub steps: Vec<Step>,
    /// Units granted in all.
    pub units: i64,
    /// Money granted in all.
    pub granted: Money,
    /// What is left of the pot; granted and rest sum to the pot.
    pub rest: Money,
    /// The line: the lowest place that got money; `None` when nobody did.
    pub line: Option<u32>,
    /// Totals by region, in the order of the regions' keys; regions that asked and got nothing are listed too.
    pub regions: Vec<RegionTotal>,
    /// What is certain about a set that is said to be the best; none for other methods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// What each pot came to, in the order in which they were filled; none where the round's own appropriation pays alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pots: Vec<PotTotal>,
}

/// One claim's step down the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The claim's id.
    pub id: String,
    /// The public application number.
    pub number: String,
    /// The place in the ranking.
    pub place: u32,
    /// The region's key.
    pub region: String,
    /// Units asked for.
    pub units_requested: i64,
    /// What they cost.
    pub requested: Money,
    /// Units granted, never more than asked for.
    pub units_granted: i64,
    /// What they cost.
    pub granted: Money,
    /// What is left of the pot after this step.
    pub left: Money,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, in one or two plain sentences.
    pub reason: String,
    /// The appropriation that pays it, where that is not the round's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pot: Option<String>,
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All units asked for.
    Funded,
    /// Some of the units asked for.
    Partial,
    /// Nothing yet; waiting in order.
    Waitlisted,
    /// Nothing.
    NotFunded,
}

/// What a region's claims came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionTotal {
    /// The region's key.
    pub region: String,
    /// Claims made.
    pub claims: u32,
    /// Claims that got money.
    pub funded: u32,
    /// Units granted.
    pub units: i64,
    /// Money granted.
    pub granted: Money,
}

/// What a pot came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PotTotal {
    /// The appropriation's key; none for the round's own, which comes last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pot: Option<String>,
    /// The money in it.
    pub amount: Money,
    /// Claims that it pays.
    pub funded: u32,
    /// Units granted.
    pub units: i64,
    /// Money granted.
    pub granted: Money,
}

/// Why a pot can't be laid down a list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllocationProblem {
    /// A unit costs nothing or less.
    #[error("A unit must cost more than nothing; it costs {0}.")]
    UnitCost(Money),
    /// The pot is below zero.
    #[error("The pot is {0}; it can't be below zero.")]
    Pot(Money),
    /// A claim asks for no unit.
    #[error("{number} asks for {units} units; it must ask for at least one.")]
    Units {
        /// The claim's number.
        number: String,
        /// Units asked for.
        units: i64,
    },
    /// Two claims share an id, a number or a place.
    #[error("{number} stands twice in the list, or shares a place with another.")]
    Twice {
        /// The number of the second of the two.
        number: String,
    },
    /// The rule lays nothing down a list.
    #[error("The rule does not say what happens to a request that does not fit.")]
    NoMisfit,
    /// A claim among those that the law names, which it does not name.
    #[error("{number} is not named in law.")]
    NotNamed {
        /// The claim's number.
        number: String,
    },
    /// A method that weighs points has none for a claim.
    #[error("{number} has no points to weigh it by.")]
    NoPoints {
        /// The claim's number.
        number: String,
    },
    /// The method's own refusal: floors, caps and pot that don't go together.
    #[error("{0}")]
    Rule(String),
    /// The money does not fit in 64 bits of cents.
    #[error(transparent)]
    Money(#[from] MoneyError),
}
