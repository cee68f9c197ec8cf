//! The set of awards with the most points, for bids from a table: the pot, floors, caps and limits, awards held harmless, whole requests or
//! whole seats.

use super::bids::{Bid, BidProblem, Grant, Granted, granted, outcome};
use super::budgets::{Part, budgets};
use super::{AllocationRule, Objective};
use crate::exact::{Exact, ExactError};
use crate::money::Money;
use crate::optimal::{Candidate, Choice, Effort, LIMIT, Problem, Proof, Solution, Unsolvable, solve};
use crate::shares::whole_weights;

/// The most seats that one may ask for where every number of seats is weighed.
const MOST_SEATS: i64 = 10_000;

/// The most seats in all, likewise.
const MOST_SEATS_IN_ALL: i64 = 2_000_000;

/// What is to be decided, in whole numbers.
pub(super) struct Posed {
    pub problem: Problem,
    /// What of the rule each budget is.
    pub parts: Vec<Option<Part>>,
    /// How many parts of the problem's value a point has.
    pub point: Exact,
    /// The decimal places to which points count, where they have too many digits to be added up in full.
    pub places: Option<u32>,
}

/// A problem and the best set.
pub(super) struct Plan {
    pub problem: Problem,
    pub parts: Vec<Option<Part>>,
    point: Exact,
    places: Option<u32>,
    pub solution: Solution,
}

impl Plan {
    /// A value of the problem in points.
    pub fn points(&self, value: i64) -> Result<Exact, ExactError> {
        Exact::whole(value).over(&self.point)
    }
}

/// Finds the best set.
pub(super) fn plan(rule: &AllocationRule, pot: Money, bids: &[Bid], order: &[usize]) -> Result<Plan, Vec<BidProblem>> {
    let Posed { problem, parts, point, places } = problem(rule, pot, bids, order)?;
    let solution = solve(&problem, Effort::default()).map_err(|unsolvable| match unsolvable {
        Unsolvable::Conflict(conflicts) => conflicts.iter().map(|conflict| BidProblem::Conflict(conflict.to_string())).collect(),
        other => vec![BidProblem::Conflict(other.to_string())],
    })?;
    Ok(Plan { problem, parts, point, places, solution })
}

/// Finds the set and grants it; see [`Granted::proof`] for what is certain about it.
pub(super) fn best(rule: &AllocationRule, pot: Money, bids: &[Bid], order: &[usize]) -> Result<Granted, Vec<BidProblem>> {
    let plan = plan(rule, pot, bids, order)?;
    let mut grants = Vec::with_capacity(order.len());
    for (row, (candidate, chosen)) in order.iter().zip(plan.problem.candidates.iter().zip(&plan.solution.chosen)) {
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
    }
    let proof = match plan.solution.proof {
        Proof::Optimal => "Proved: no set of awards has more points.".to_owned(),
        Proof::Gap { bound } => {
            let shown = |value: i64| plan.points(value).map_or_else(|_| value.to_string(), |points| points.shown());
            format!("Not proved best: this set has {} points, and no set has more than {}.", shown(plan.solution.value), shown(bound))
        }
    };
    let rounded = |places| {
        format!(
            "{proof} Points count to {places} decimal places here, rounded half to even: in full they have too many digits to be added up."
        )
    };
    let proof = plan.places.map_or_else(|| proof.clone(), rounded);
    Ok(Granted { proof: Some(proof), ..granted(pot, grants)? })
}

/// What the bids are worth, in whole numbers.
struct Worth {
    values: Vec<i128>,
    /// How many parts a point has.
    point: Exact,
    /// The decimal places to which points count; `None` in full.
    places: Option<u32>,
}

/// The most decimal places that points are rounded to, where they must be.
const MOST_PLACES: u32 = 15;

/// The points of bids in the same proportions as whole numbers, whose sum over all units that may be granted fits the search. Points with so
/// many digits that it would not are rounded to as many decimal places as do. `times` is for each the most that its points count.
fn worth(points: &[Exact], times: &[i64]) -> Option<Worth> {
    let fits = |values: &[i128]| {
        let sum = values
            .iter()
            .zip(times)
            .try_fold(0_i128, |sum, (value, times)| sum.checked_add(value.checked_abs()?.checked_mul((*times).into())?));
        sum.is_some_and(|sum| sum < i128::from(LIMIT))
    };
    let parts_of = |(value, points): (&i128, &Exact)| Exact::ratio(*value, 1).ok()?.over(points).ok();
    if let Some(values) = whole_weights(points).ok().filter(|values| fits(values)) {
        let point = values.iter().zip(points).find_map(parts_of).unwrap_or(Exact::ONE);
        return Some(Worth { values, point, places: None });
    }
    (0..=MOST_PLACES).rev().find_map(|places| {
        let point = Exact::whole(10_i64.checked_pow(places)?);
        let values: Vec<i128> = points.iter().map(|points| (&points.to_places(places) * &point).floor().ok()).collect::<Option<_>>()?;
        fits(&values).then_some(Worth { values, point, places: Some(places) })
    })
}

/// Poses the problem: candidates in the order of the places.
pub(super) fn problem(rule: &AllocationRule, pot: Money, bids: &[Bid], order: &[usize]) -> Result<Posed, Vec<BidProblem>> {
    let budgets = budgets(rule, pot, bids)?;
    let points: Vec<Exact> = order.iter().filter_map(|row| bids.get(*row)).map(|bid| bid.points.clone()).collect();
    let too_long = || vec![BidProblem::Conflict("The points have too many digits to be added up exactly; use fewer.".to_owned())];
    let per_seat = super::bids::objective(rule) == Objective::PointsPerSeat;
    let most = |bid: &Bid| if per_seat { bid.seats.unwrap_or(1) } else { 1 };
    let times: Vec<i64> = order.iter().filter_map(|row| bids.get(*row)).map(most).collect();
    let Worth { values, point, places } = worth(&points, &times).ok_or_else(too_long)?;
    let seats = bids.iter().try_fold(0_i64, |sum, bid| sum.checked_add(bid.seats.unwrap_or(0)));
    if per_seat && seats.is_none_or(|seats| seats > MOST_SEATS_IN_ALL) {
        return Err(vec![BidProblem::Conflict(
            "A set of awards is sought seat by seat; at most 2,000,000 seats in all can be asked for.".to_owned(),
        )]);
    }
    let mut candidates = Vec::with_capacity(order.len());
    for ((at, row), value) in order.iter().enumerate().zip(values) {
        let Some(bid) = bids.get(*row) else { continue };
        let held = rule.hold_harmless.as_ref().and_then(|hold| hold.least(bid.last));
        candidates.push(Candidate {
            id: bid.id.clone(),
            place: u32::try_from(at + 1).unwrap_or(u32::MAX),
            node: budgets.inside.get(*row).copied().unwrap_or(0),
            options: options(rule, *row, bid, value, held)?,
            must: held.is_some(),
        });
    }
    Ok(Posed { problem: Problem { nodes: budgets.nodes, candidates }, parts: budgets.of, point, places })
}

fn options(rule: &AllocationRule, row: usize, bid: &Bid, value: i128, held: Option<Money>) -> Result<Vec<Choice>, Vec<BidProblem>> {
    let refuse = |problem: &str| vec![BidProblem::Request { row, problem: problem.to_owned() }];
    let worth = |times: i64| {
        let value = value.checked_mul(times.into()).and_then(|value| i64::try_from(value).ok());
        value.ok_or_else(|| refuse("The points have too many digits to be added up exactly; use fewer."))
    };
    if super::bids::objective(rule) == Objective::Points {
        return Ok(vec![Choice { cost_cents: bid.request.in_cents(), value: worth(1)?, units: bid.units() }]);
    }
    let Some(seats) = bid.seats else { return Err(refuse("Points per seat need the column “seats”.")) };
    if seats > MOST_SEATS {
        return Err(refuse("A set of awards is sought seat by seat; at most 10,000 seats can be asked for."));
    }
    let unit = bid.unit().in_cents();
    let least = held.map_or(1, |held| (held.in_cents() - 1) / unit + 1).max(bid.least_units());
    (least..=seats).map(|units| Ok(Choice { cost_cents: unit * units, value: worth(units)?, units })).collect()
}
