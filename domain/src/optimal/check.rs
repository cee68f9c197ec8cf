//! Whether a problem makes sense, and which constraints contradict one another on their face: sums of floors, musts and asks. What only
//! a search can show (no set of costs falls between a floor and a cap) is found there and said in the same words.

use super::{Problem, Unsolvable};
use crate::money::Money;
use std::collections::BTreeSet;

/// All costs together, and all values, stay below this, so that sums of two never overflow 64 bits.
pub(crate) const LIMIT: i64 = 1 << 60;

/// Constraints that no set of awards meets together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// A floor lies above its own cap.
    #[error("The floor of {node} is {floor}, above its cap of {cap}.")]
    FloorAboveCap {
        /// The budget.
        node: String,
        /// Its floor.
        floor: Money,
        /// Its cap.
        cap: Money,
    },
    /// Floors and awards that must be made come to more than the budget they are part of.
    #[error("{} to {sum} at least, more than the {cap} of {node}.", parts_in_words(.floors, *.musts))]
    LeastAboveCap {
        /// The budget whose cap is too low.
        node: String,
        /// Its cap.
        cap: Money,
        /// What must be spent.
        sum: Money,
        /// The budgets below it whose floors count.
        floors: Vec<String>,
        /// How many awards that must be made count, outside those budgets.
        musts: usize,
    },
    /// A floor lies above all that could be spent.
    #[error("The floor of {node} is {floor}, but its applicants can get {most} in all at most.")]
    FloorAboveAsk {
        /// The budget.
        node: String,
        /// Its floor.
        floor: Money,
        /// What could be spent: the sum of the largest options, within the caps below.
        most: Money,
    },
    /// A candidate that must get an award has none that fits the caps above it.
    #[error("{id} must get an award, but each of its options costs more than a cap above it allows.")]
    MustDoesNotFit {
        /// The candidate's id.
        id: String,
    },
    /// No sum of options falls between a floor and a cap; shown by trying all.
    #[error("No set of awards in {node} comes to between {floor} and {cap} within the floors and caps below it.")]
    NoSetFits {
        /// The budget.
        node: String,
        /// Its floor.
        floor: Money,
        /// Its cap.
        cap: Money,
    },
}

fn parts_in_words(floors: &[String], musts: usize) -> String {
    let single = floors.len() + musts < 2;
    let floors = match floors {
        [] => None,
        [one] => Some(format!("the floor of {one}")),
        [first @ .., last] => Some(format!("the floors of {} and {last}", first.join(", "))),
    };
    let musts = match musts {
        0 => None,
        1 => Some("one award that must be made".to_owned()),
        more => Some(format!("{more} awards that must be made")),
    };
    let text = match (floors, musts) {
        (Some(floors), Some(musts)) => format!("{floors} and {musts}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "what must be spent".to_owned(),
    };
    let come = if single { "comes" } else { "come" };
    let text = format!("{text} {come}");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The order in which the solver looks at things, whatever order they were given in.
pub(super) struct Order {
    /// Nodes, each after its parent; brothers by name, floor and cap.
    pub nodes: Vec<usize>,
    /// Candidates by place, then id.
    pub candidates: Vec<usize>,
    /// For each candidate, its options that fit every cap above it, by cost, the more valuable first.
    pub options: Vec<Vec<usize>>,
}

/// Checks the shape of the problem, its sizes, and the sums of floors, musts and asks.
pub(super) fn check(problem: &Problem) -> Result<Order, Unsolvable> {
    shape(problem)?;
    sizes(problem)?;
    let nodes = top_down(problem)?;
    let mut candidates: Vec<usize> = (0..problem.candidates.len()).collect();
    candidates.sort_by(|a, b| {
        let (a, b) = (&problem.candidates[*a], &problem.candidates[*b]);
        a.place.cmp(&b.place).then_with(|| a.id.cmp(&b.id))
    });
    let order = Order { options: options_that_fit(problem, &nodes), nodes, candidates };
    let conflicts = contradictions(problem, &order);
    if conflicts.is_empty() { Ok(order) } else { Err(Unsolvable::Conflict(conflicts)) }
}

fn shape(problem: &Problem) -> Result<(), Unsolvable> {
    let mut wrong = Vec::new();
    let count = problem.nodes.len();
    if problem.nodes.iter().filter(|node| node.parent.is_none()).count() != 1 {
        wrong.push("Exactly one budget must be part of no other.".to_owned());
    }
    for node in &problem.nodes {
        if node.floor_cents < 0 || node.cap_cents < 0 {
            wrong.push(format!("The floor or the cap of {} is below zero.", node.name));
        }
        if node.parent.is_some_and(|parent| parent >= count) {
            wrong.push(format!("{} is part of a budget that is not there.", node.name));
        }
    }
    let mut ids = BTreeSet::new();
    for candidate in &problem.candidates {
        if !ids.insert(&candidate.id) {
            wrong.push(format!("{} stands twice in the list.", candidate.id));
        }
        if candidate.node >= count {
            wrong.push(format!("{} draws on a budget that is not there.", candidate.id));
        }
        if candidate.options.iter().any(|option| option.cost_cents < 0) {
            wrong.push(format!("{} has an option that costs less than nothing.", candidate.id));
        }
        if candidate.must && candidate.options.is_empty() {
            wrong.push(format!("{} must get an award but has no option.", candidate.id));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Unsolvable::Malformed(wrong)) }
}

fn sizes(problem: &Problem) -> Result<(), Unsolvable> {
    let (mut costs, mut values) = (0_i64, 0_u64);
    for candidate in &problem.candidates {
        let cost = candidate.options.iter().map(|option| option.cost_cents).max().unwrap_or(0);
        let value = candidate.options.iter().map(|option| option.value.unsigned_abs()).max().unwrap_or(0);
        costs = costs.checked_add(cost).filter(|sum| *sum < LIMIT).ok_or(Unsolvable::TooLarge)?;
        values = values.checked_add(value).filter(|sum| *sum < LIMIT.unsigned_abs()).ok_or(Unsolvable::TooLarge)?;
    }
    let floors = problem.nodes.iter().try_fold(0_i64, |sum, node| sum.checked_add(node.floor_cents));
    floors.map(|_| ()).ok_or(Unsolvable::TooLarge)
}

fn top_down(problem: &Problem) -> Result<Vec<usize>, Unsolvable> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); problem.nodes.len()];
    let mut nodes = Vec::with_capacity(problem.nodes.len());
    for (index, node) in problem.nodes.iter().enumerate() {
        match node.parent {
            Some(parent) => children[parent].push(index),
            None => nodes.push(index),
        }
    }
    let mut next = 0;
    while let Some(node) = nodes.get(next) {
        let mut below = std::mem::take(&mut children[*node]);
        below.sort_by_key(|child| {
            let child = &problem.nodes[*child];
            (&child.name, child.floor_cents, child.cap_cents)
        });
        nodes.extend(below);
        next += 1;
    }
    if nodes.len() == problem.nodes.len() {
        Ok(nodes)
    } else {
        Err(Unsolvable::Malformed(vec!["Some budgets are part of one another in a circle.".to_owned()]))
    }
}

fn options_that_fit(problem: &Problem, nodes: &[usize]) -> Vec<Vec<usize>> {
    let mut caps = vec![i64::MAX; problem.nodes.len()];
    for node in nodes {
        let above = problem.nodes[*node].parent.map_or(i64::MAX, |parent| caps[parent]);
        caps[*node] = above.min(problem.nodes[*node].cap_cents);
    }
    let fitting = |candidate: &super::Candidate| {
        let choice = |index: &usize| candidate.options[*index];
        let mut kept: Vec<usize> = (0..candidate.options.len()).filter(|index| choice(index).cost_cents <= caps[candidate.node]).collect();
        kept.sort_by_key(|index| (choice(index).cost_cents, std::cmp::Reverse(choice(index).value), choice(index).units, *index));
        kept.dedup_by_key(|index| choice(index).cost_cents);
        kept
    };
    problem.candidates.iter().map(fitting).collect()
}

/// What must be and what can be spent below each node, bottom-up; a conflict is said once, at the lowest node that shows it.
fn contradictions(problem: &Problem, order: &Order) -> Vec<Conflict> {
    let count = problem.nodes.len();
    let (mut least, mut most) = (vec![0_i128; count], vec![0_i128; count]);
    let (mut floors, mut musts): (Vec<Vec<String>>, Vec<usize>) = (vec![Vec::new(); count], vec![0; count]);
    let mut conflicts = Vec::new();
    for (candidate, options) in order.candidates.iter().map(|index| (&problem.candidates[*index], &order.options[*index])) {
        let cost = |index: Option<&usize>| index.map_or(0, |index| i128::from(candidate.options[*index].cost_cents));
        if candidate.must {
            if options.is_empty() {
                conflicts.push(Conflict::MustDoesNotFit { id: candidate.id.clone() });
            }
            least[candidate.node] += cost(options.first());
            musts[candidate.node] += 1;
        }
        most[candidate.node] += cost(options.last());
    }
    for index in order.nodes.iter().rev().copied() {
        let node = &problem.nodes[index];
        let (floor, cap) = (Money::cents(node.floor_cents), Money::cents(node.cap_cents));
        let sum = Money::cents(i64::try_from(least[index]).unwrap_or(i64::MAX));
        if floor > cap {
            conflicts.push(Conflict::FloorAboveCap { node: node.name.clone(), floor, cap });
        } else if least[index] > i128::from(node.cap_cents) {
            let mut floors = std::mem::take(&mut floors[index]);
            floors.sort();
            conflicts.push(Conflict::LeastAboveCap { node: node.name.clone(), cap, sum, floors, musts: musts[index] });
        } else if most[index] < i128::from(node.floor_cents) {
            let most = Money::cents(i64::try_from(most[index]).unwrap_or(i64::MAX));
            conflicts.push(Conflict::FloorAboveAsk { node: node.name.clone(), floor, most });
        }
        // What is wrong here is said; above, this node counts as if it could be met.
        let own = least[index].min(node.cap_cents.into()).max(node.floor_cents.min(node.cap_cents).into());
        let Some(parent) = node.parent else { continue };
        if i128::from(node.floor_cents) > least[index] {
            floors[parent].push(node.name.clone());
        } else {
            let below = std::mem::take(&mut floors[index]);
            floors[parent].extend(below);
            musts[parent] += musts[index];
        }
        least[parent] += own;
        most[parent] += most[index].min(node.cap_cents.into()).max(own);
    }
    conflicts
}
