//! What each constraint of an optimal allocation costs: the best set without it against the best set with it.

use super::best::{Plan, plan};
use super::bids::{Bid, BidProblem, ready};
use super::budgets::Part;
use super::{AllocationRule, Method};
use crate::exact::Exact;
use crate::money::Money;
use crate::optimal::{Effort, Problem, Proof, Shadow, shadow_of};
use serde::Serialize;

/// One constraint and its shadow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// The constraint in words: `the floor of $300,000.00 for east`.
    pub constraint: String,
    /// The clause it rests on.
    pub citation: String,
    /// The points that the best set would have more without it.
    pub points: Exact,
    /// What would be granted more, or less, in cents.
    pub granted_cents: i64,
    /// The ids that would get an award and do not, by place.
    pub rises: Vec<String>,
    /// The ids that get an award and would not, by place.
    pub falls: Vec<String>,
    /// The ids that would get another award than now, by place.
    pub changes: Vec<String>,
    /// Whether both sets are proved best, so that the points are certain.
    pub proved: bool,
}

impl Cost {
    /// The cost in a sentence.
    #[must_use]
    pub fn plain(&self) -> String {
        let name = &self.constraint;
        if self.points == Exact::ZERO {
            return if self.proved {
                format!("Without {name} no set has more points.")
            } else {
                format!("Without {name} no better set was found.")
            };
        }
        let mut then = Vec::new();
        match (self.rises.as_slice(), self.falls.as_slice()) {
            ([], []) => {}
            (rises, []) => then.push(format!("{} would get an award too", several(rises))),
            ([], falls) => then.push(format!("{} would get none", several(falls))),
            (rises, falls) => then.push(format!("{} would get an award instead of {}", several(rises), several(falls))),
        }
        if !self.changes.is_empty() {
            then.push(format!("{} would get another amount", several(&self.changes)));
        }
        let sure = if self.proved { "" } else { ", as far as was found" };
        format!("{} cost {} points{sure}: {}.", capital(name), self.points, then.join("; "))
    }
}

/// Ids in a sentence; of many, the first six.
fn several(ids: &[String]) -> String {
    match ids {
        [first @ .., last] if !first.is_empty() && ids.len() < 8 => format!("{} and {last}", first.join(", ")),
        _ if ids.len() < 8 => ids.concat(),
        _ => format!("{} and {} more", ids.iter().take(6).map(String::as_str).collect::<Vec<_>>().join(", "), ids.len() - 6),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Finds what each floor, cap and limit of the rule, holding harmless and the money set aside cost, in the order of the rule. Each is one
/// more search without it.
///
/// # Errors
/// As [`super::by_rule`]; a rule of another method has no such costs.
pub fn costs(rule: &AllocationRule, seed: Option<&str>, pot: Money, bids: &[Bid]) -> Result<Vec<Cost>, Vec<BidProblem>> {
    if rule.method != Method::Optimal {
        return Err(vec![BidProblem::Conflict("Only an optimal allocation can say what its constraints cost.".to_owned())]);
    }
    let (order, left) = ready(rule, seed, pot, bids)?;
    let now = plan(rule, left, bids, &order)?;
    let mut costs = Vec::new();
    for (constraint, citation, freed) in constraints(rule, pot, bids, &order, &now)? {
        let shadow = shadow_of(&now.problem, &now.solution, &freed, Effort::default());
        let shadow = shadow.map_err(|cause| vec![BidProblem::Conflict(format!("Without {constraint}: {cause}"))])?;
        costs.push(cost(constraint, citation, &now, shadow)?);
    }
    Ok(costs)
}

fn cost(constraint: String, citation: String, now: &Plan, shadow: Shadow) -> Result<Cost, Vec<BidProblem>> {
    let Shadow { value, spent_cents, come_in, go_out, change, proof } = shadow;
    let points = now.points(value).map_err(|cause| vec![BidProblem::Conflict(cause.to_string())])?;
    let proved = proof == Proof::Optimal && now.solution.proof == Proof::Optimal;
    Ok(Cost { constraint, citation, points, granted_cents: spent_cents, rises: come_in, falls: go_out, changes: change, proved })
}

/// A constraint in words, its citation, and the problem without it.
type Freed = (String, String, Problem);

fn constraints(rule: &AllocationRule, pot: Money, bids: &[Bid], order: &[usize], now: &Plan) -> Result<Vec<Freed>, Vec<BidProblem>> {
    let mut freed = Vec::new();
    let without = |part: Part, floor: bool| {
        let mut problem = now.problem.clone();
        for (node, _) in problem.nodes.iter_mut().zip(&now.parts).filter(|(_, of)| **of == Some(part)) {
            if floor { node.floor_cents = 0 } else { node.cap_cents = i64::MAX }
        }
        problem
    };
    for (index, bound) in rule.bounds.iter().enumerate() {
        if bound.floor.is_positive() {
            let name = format!("the floor of {} for {}", bound.floor, bound.region);
            freed.push((name, bound.citation.clone(), without(Part::Region(index), true)));
        }
        if let Some(cap) = bound.cap {
            freed.push((format!("the cap of {cap} for {}", bound.region), bound.citation.clone(), without(Part::Region(index), false)));
        }
    }
    for (index, limit) in rule.limits.iter().enumerate() {
        let name = format!("the limit of {} for each {}", limit.cap, limit.of.word());
        freed.push((name, limit.citation.clone(), without(Part::Limit(index), false)));
    }
    if let Some(hold) = &rule.hold_harmless {
        let unheld = AllocationRule { hold_harmless: None, ..rule.clone() };
        let left = now.problem.nodes.first().map_or(pot, |node| Money::cents(node.cap_cents));
        freed.push(("holding harmless".to_owned(), hold.citation.clone(), super::best::problem(&unheld, left, bids, order)?.problem));
    }
    if let Some(aside) = &rule.set_aside {
        let mut problem = now.problem.clone();
        problem.nodes.iter_mut().take(1).for_each(|node| node.cap_cents = pot.in_cents());
        freed.push((format!("the {} set aside for {}", aside.amount, aside.purpose), aside.citation.clone(), problem));
    }
    Ok(freed)
}
