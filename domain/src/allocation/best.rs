//! The set of awards with the most points, for bids from a table: the pot, the regions' floors and caps, whole requests or whole seats.

use super::bids::{Bid, BidProblem, Grant, Granted, granted, outcome};
use super::{AllocationRule, Objective};
use crate::exact::Exact;
use crate::money::Money;
use crate::optimal::{Candidate, Choice, Effort, Node, Problem, Proof, Unsolvable, solve};
use crate::shares::whole_weights;

/// Finds the set; see [`Granted::proof`] for what is certain about it.
pub(super) fn best(rule: &AllocationRule, pot: Money, bids: &[Bid], order: &[usize]) -> Result<Granted, Vec<BidProblem>> {
    let problem = problem(rule, pot, bids, order)?;
    let solution = solve(&problem, Effort::default()).map_err(|unsolvable| match unsolvable {
        Unsolvable::Conflict(conflicts) => conflicts.iter().map(|conflict| BidProblem::Conflict(conflict.to_string())).collect(),
        other => vec![BidProblem::Conflict(other.to_string())],
    })?;
    let mut grants = Vec::with_capacity(order.len());
    for ((at, row), (candidate, chosen)) in order.iter().enumerate().zip(problem.candidates.iter().zip(&solution.chosen)) {
        let Some(bid) = bids.get(*row) else { continue };
        let option = chosen.and_then(|index| candidate.options.get(index));
        let units = option.map_or(0, |option| option.units);
        let reason = match (option, units == bid.units()) {
            (Some(_), true) => "In the set of awards with the most points.".to_owned(),
            (Some(_), false) => format!("The set of awards with the most points holds {units} of its {} seats.", bid.units()),
            (None, _) => "No set of awards with it has more points within the pot, the floors and the caps.".to_owned(),
        };
        grants.push(Grant {
            place: candidate.place,
            row: *row,
            granted: Money::cents(option.map_or(0, |option| option.cost_cents)),
            outcome: outcome(units, bid.units()),
            reason,
        });
        debug_assert_eq!(usize::try_from(candidate.place), Ok(at + 1));
    }
    let proof = match solution.proof {
        Proof::Optimal => "Proved: no set of awards has more points.".to_owned(),
        Proof::Gap { bound, .. } => {
            format!("Not proved best: the set has {} parts of points, and no set has more than {bound}.", solution.value)
        }
    };
    Ok(Granted { proof: Some(proof), ..granted(pot, grants)? })
}

fn problem(rule: &AllocationRule, pot: Money, bids: &[Bid], order: &[usize]) -> Result<Problem, Vec<BidProblem>> {
    let mut nodes = vec![Node { name: "the pot".to_owned(), parent: None, floor_cents: 0, cap_cents: pot.in_cents() }];
    nodes.extend(rule.bounds.iter().map(|bound| Node {
        name: bound.region.clone(),
        parent: Some(0),
        floor_cents: bound.floor.in_cents(),
        cap_cents: bound.cap.map_or(i64::MAX, Money::in_cents),
    }));
    let points: Vec<Exact> = order.iter().filter_map(|row| bids.get(*row)).map(|bid| bid.points.clone()).collect();
    let too_long = |_| vec![BidProblem::Conflict("The points have too many digits to be added up exactly; use fewer.".to_owned())];
    let values = whole_weights(&points).map_err(too_long)?;
    let mut candidates = Vec::with_capacity(order.len());
    for ((at, row), value) in order.iter().enumerate().zip(values) {
        let Some(bid) = bids.get(*row) else { continue };
        let inside = rule.bounds.iter().position(|bound| bound.region == bid.region).map_or(0, |index| index + 1);
        candidates.push(Candidate {
            id: bid.id.clone(),
            place: u32::try_from(at + 1).unwrap_or(u32::MAX),
            node: inside,
            options: options(rule, *row, bid, value)?,
            must: false,
        });
    }
    Ok(Problem { nodes, candidates })
}

fn options(rule: &AllocationRule, row: usize, bid: &Bid, value: i128) -> Result<Vec<Choice>, Vec<BidProblem>> {
    let refuse = |problem: &str| vec![BidProblem::Request { row, problem: problem.to_owned() }];
    let worth = |times: i64| {
        let value = value.checked_mul(times.into()).and_then(|value| i64::try_from(value).ok());
        value.ok_or_else(|| refuse("The points have too many digits to be added up exactly; use fewer."))
    };
    if super::bids::objective(rule) == Objective::Points {
        return Ok(vec![Choice { cost_cents: bid.request.in_cents(), value: worth(1)?, units: bid.units() }]);
    }
    let Some(seats) = bid.seats else { return Err(refuse("Points per seat need the column “seats”.")) };
    let unit = bid.unit().in_cents();
    (bid.least_units()..=seats).map(|units| Ok(Choice { cost_cents: unit * units, value: worth(units)?, units })).collect()
}
