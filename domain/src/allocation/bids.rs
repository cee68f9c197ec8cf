//! Allocates a pot over bids from a table by any of the rule's methods. Every bid is answered, with its reason, in the order of the points.

use super::{AllocationProblem, AllocationRule, Claim, Method, Objective, Outcome, Ties, allocate};
use crate::exact::Exact;
use crate::money::{Money, MoneyError};
use crate::ranking::lot;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// One row of a table of candidates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bid {
    /// Its id; no two share one.
    pub id: String,
    /// Its points.
    pub points: Exact,
    /// What it asks for.
    pub request: Money,
    /// The seats that the request pays for, if it is for seats; each costs the same.
    pub seats: Option<i64>,
    /// The least that is of use to it: money, or seats where it asks for seats. An award below that is not made.
    pub least: Option<Money>,
    /// Its region; empty when it has none.
    pub region: String,
    /// Its district, for rules that limit what each gets; empty when it names none.
    pub district: String,
    /// The organization that would carry it out, likewise.
    pub organization: String,
    /// Its award of last time, for rules that hold harmless.
    pub last: Option<Money>,
}

/// What became of a bid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The bid's place in the order of the points, from 1.
    pub place: u32,
    /// The bid's place in the table, from 0.
    pub row: usize,
    /// What it gets.
    pub granted: Money,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, in a plain sentence or two.
    pub reason: String,
}

/// What became of all bids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// One for each bid, first place first.
    pub grants: Vec<Grant>,
    /// All that is granted.
    pub total: Money,
    /// What was set aside beforehand.
    pub set_aside: Money,
    /// What is left; granted, set aside and rest sum to the pot.
    pub rest: Money,
    /// What is certain about a set that is said to be the best; `None` for other methods.
    pub proof: Option<String>,
}

/// Why bids can't be allocated. `row` counts the table's rows from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BidProblem {
    /// Two bids share an id.
    #[error("The id “{id}” stands twice.")]
    Twice {
        /// The row of the second.
        row: usize,
        /// The id.
        id: String,
    },
    /// Points are equal and the rules don't say what separates them.
    #[error("“{id}” and “{other}” have equal points, and the rules do not say which goes first: write ties = \"file\" or ties = \"lot\".")]
    Tied {
        /// The row of the second.
        row: usize,
        /// The first.
        id: String,
        /// The second.
        other: String,
    },
    /// A lot is to be drawn without a seed.
    #[error("The rules break ties by lot, but give no seed.")]
    NoSeed,
    /// A request for seats that can't be split into them.
    #[error("{request} can't be split into {seats} seats of equal cost.")]
    Seats {
        /// The row.
        row: usize,
        /// The request.
        request: Money,
        /// The seats.
        seats: i64,
    },
    /// A request of nothing, or a least of more than the request.
    #[error("{problem}")]
    Request {
        /// The row.
        row: usize,
        /// What is wrong.
        problem: String,
    },
    /// A bound on a region that no bid names.
    #[error("The rules bound the region “{0}”, but no row names it.")]
    NoSuchRegion(String),
    /// A rule limits each district or organization, and a row names none.
    #[error("The rules limit what each {column} gets, but this row names none.")]
    Unnamed {
        /// The row.
        row: usize,
        /// The column.
        column: &'static str,
    },
    /// What must be granted to hold harmless is more than is asked for.
    #[error("Held harmless, it must get {least} at least, but it asks for {request}.")]
    Held {
        /// The row.
        row: usize,
        /// The least.
        least: Money,
        /// The request.
        request: Money,
    },
    /// Points below zero can't be shared by.
    #[error("Shares by points need points of zero or more; “{id}” has {points}.")]
    Negative {
        /// The row.
        row: usize,
        /// The id.
        id: String,
        /// The points.
        points: String,
    },
    /// Floors, caps and pot don't go together.
    #[error("{0}")]
    Conflict(String),
    /// Numbers too long.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Allocates a pot by the rule.
///
/// # Errors
/// Every problem found.
pub fn by_rule(rule: &AllocationRule, seed: Option<&str>, pot: Money, bids: &[Bid]) -> Result<Granted, Vec<BidProblem>> {
    let (order, left) = ready(rule, seed, pot, bids)?;
    let granted = match rule.method {
        Method::DownTheList => down(rule, left, bids, &order),
        Method::Shares => super::by_shares::by_shares(rule, left, bids, &order),
        Method::Optimal => super::best::best(rule, left, bids, &order),
        Method::Named => Err(vec![BidProblem::Conflict(
            "What a law names has no points and no requests to allocate by; a round lays it out from its program file.".to_owned(),
        )]),
    }?;
    Ok(Granted { set_aside: rule.set_aside.as_ref().map_or(Money::ZERO, |aside| aside.amount), ..granted })
}

/// The rows in the order of the points, and the pot without what is set aside; every problem of the table is told before.
pub(super) fn ready(rule: &AllocationRule, seed: Option<&str>, pot: Money, bids: &[Bid]) -> Result<(Vec<usize>, Money), Vec<BidProblem>> {
    let order = in_order(rule, seed, bids)?;
    let mut problems: Vec<BidProblem> = bids.iter().enumerate().filter_map(|(row, bid)| wrong(row, bid)).collect();
    for (row, bid) in bids.iter().enumerate() {
        let unnamed = rule.limits.iter().map(|limit| limit.of).filter(|of| of.of(bid).is_empty());
        problems.extend(unnamed.map(|of| BidProblem::Unnamed { row, column: of.word() }));
        let held = rule.hold_harmless.as_ref().and_then(|hold| hold.least(bid.last)).filter(|least| *least > bid.request);
        problems.extend(held.map(|least| BidProblem::Held { row, least, request: bid.request }));
    }
    let regions: BTreeSet<&str> = bids.iter().map(|bid| bid.region.as_str()).collect();
    let unknown = rule.bounds.iter().filter(|bound| !regions.contains(bound.region.as_str()));
    problems.extend(unknown.map(|bound| BidProblem::NoSuchRegion(bound.region.clone())));
    let aside = rule.set_aside.as_ref().map_or(Money::ZERO, |aside| aside.amount);
    let left = pot.minus(aside).map_err(|cause| vec![cause.into()])?;
    if let Some(set) = rule.set_aside.as_ref().filter(|_| left < Money::ZERO) {
        problems.push(BidProblem::Conflict(format!("The {aside} set aside for {} are more than the pot of {pot}.", set.purpose)));
    }
    if problems.is_empty() { Ok((order, left)) } else { Err(problems) }
}

/// The rows, most points first.
fn in_order(rule: &AllocationRule, seed: Option<&str>, bids: &[Bid]) -> Result<Vec<usize>, Vec<BidProblem>> {
    let mut problems = Vec::new();
    let mut ids = BTreeSet::new();
    problems.extend(
        bids.iter()
            .enumerate()
            .filter(|(_, bid)| !ids.insert(bid.id.as_str()))
            .map(|(row, bid)| BidProblem::Twice { row, id: bid.id.clone() }),
    );
    let mut order: Vec<(usize, &Bid)> = bids.iter().enumerate().collect();
    let drawn = |bid: &Bid| seed.filter(|_| rule.ties == Some(Ties::Lot)).map(|seed| lot(seed, &bid.id));
    order.sort_by(|(row, a), (other, b)| {
        b.points
            .cmp(&a.points)
            .then_with(|| drawn(a).cmp(&drawn(b)))
            .then_with(|| if rule.ties.is_some() { row.cmp(other) } else { Ordering::Equal })
    });
    for pair in order.windows(2) {
        let [(_, first), (row, second)] = pair else { continue };
        if first.points == second.points {
            match rule.ties {
                None => problems.push(BidProblem::Tied { row: *row, id: first.id.clone(), other: second.id.clone() }),
                Some(Ties::Lot) if seed.is_none() => problems.push(BidProblem::NoSeed),
                Some(_) => {}
            }
        }
    }
    problems.dedup();
    if problems.is_empty() { Ok(order.into_iter().map(|(row, _)| row).collect()) } else { Err(problems) }
}

fn wrong(row: usize, bid: &Bid) -> Option<BidProblem> {
    let problem = |problem: &str| Some(BidProblem::Request { row, problem: problem.to_owned() });
    if !bid.request.is_positive() {
        return problem("A request must be above zero.");
    }
    if let Some(seats) = bid.seats
        && (seats < 1 || bid.request.in_cents() % seats != 0)
    {
        return Some(BidProblem::Seats { row, request: bid.request, seats });
    }
    match bid.least {
        Some(least) if !least.is_positive() => problem("The least that is of use must be above zero."),
        Some(least) if least > bid.request => problem("The least that is of use is more than the request."),
        _ => None,
    }
}

impl Bid {
    /// What one unit costs: a seat, or a cent where money is asked for.
    pub(super) fn unit(&self) -> Money {
        self.seats.map_or(Money::cents(1), |seats| Money::cents(self.request.in_cents() / seats))
    }

    /// The units asked for.
    pub(super) fn units(&self) -> i64 {
        self.seats.unwrap_or(self.request.in_cents())
    }

    /// The fewest units that are of use: as many as the least pays for, rounded up.
    pub(super) fn least_units(&self) -> i64 {
        let unit = self.unit().in_cents();
        self.least.map_or(1, |least| (least.in_cents() - 1) / unit + 1)
    }
}

pub(super) fn place_of(at: usize) -> u32 {
    u32::try_from(at + 1).unwrap_or(u32::MAX)
}

fn down(rule: &AllocationRule, pot: Money, bids: &[Bid], order: &[usize]) -> Result<Granted, Vec<BidProblem>> {
    let claims: Vec<Claim> = order
        .iter()
        .enumerate()
        .filter_map(|(at, row)| {
            let bid = bids.get(*row)?;
            Some(Claim {
                id: bid.id.clone(),
                number: bid.id.clone(),
                place: place_of(at),
                region: bid.region.clone(),
                units_requested: bid.units(),
                unit_cost: Some(bid.unit()),
                least: Some(bid.least_units()),
                last: None,
                named: None,
            })
        })
        .collect();
    let laid = allocate(rule, Money::cents(1), pot, &claims).map_err(|problems| problems.iter().map(told).collect::<Vec<_>>())?;
    let grants = laid.steps.into_iter().zip(order).map(|(step, row)| Grant {
        place: step.place,
        row: *row,
        granted: step.granted,
        outcome: step.outcome,
        reason: step.reason,
    });
    Ok(Granted { grants: grants.collect(), total: laid.granted, set_aside: Money::ZERO, rest: laid.rest, proof: None })
}

fn told(problem: &AllocationProblem) -> BidProblem {
    BidProblem::Conflict(problem.to_string())
}

/// Adds up grants; what is not granted stays in the pot.
pub(super) fn granted(pot: Money, grants: Vec<Grant>) -> Result<Granted, Vec<BidProblem>> {
    let total = Money::sum(grants.iter().map(|grant| grant.granted)).map_err(|cause| vec![cause.into()])?;
    let rest = pot.minus(total).map_err(|cause| vec![cause.into()])?;
    Ok(Granted { grants, total, set_aside: Money::ZERO, rest, proof: None })
}

/// What came of units granted out of units asked for.
pub(super) const fn outcome(granted: i64, asked: i64) -> Outcome {
    if granted == asked {
        Outcome::Funded
    } else if granted > 0 {
        Outcome::Partial
    } else {
        Outcome::NotFunded
    }
}

/// The objective of the rule.
pub(super) fn objective(rule: &AllocationRule) -> Objective {
    rule.objective.unwrap_or(Objective::Points)
}
