//! The best set of awards under a tree of budgets, found exactly and proved: for each candidate at most one of its options, the most
//! value in all, with a floor and a cap of spend at every node (the pot, its regions, organizations, districts). Whole cents and whole
//! points only; every bound that cuts the search or proves the answer is an integer. This file knows no clock: effort is counted in steps.
//!
//! How it works: `tree` folds small and loose nodes away; `prices` puts a price on money at each node (the dual of the linear
//! relaxation); at those prices every set of awards falls short of one upper bound by the sum of its *losses*, none below zero; `search`
//! lists, node by node, the partial sets whose losses are small, with more allowed each time, until the best of all is among them.
//!
//! Ties: the answer is a function of places and ids, not of the order in which anything is given. Of candidates alike in node, options
//! and `must`, the better place gets at least as much. Between other sets of equal value the one found first is taken, always the same.

mod base;
mod check;
mod count;
mod fill;
mod lists;
mod matching;
mod near;
mod plan;
mod prices;
mod search;
mod settle;
mod shadow;
#[cfg(test)]
mod tests;
mod tree;
mod verify;

pub use check::Conflict;
pub(crate) use check::LIMIT;
pub use shadow::{Shadow, Side, shadow_cost, shadow_of};
pub use verify::{Violation, verify};

use lists::Meter;

/// What is to be decided: the budgets and who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The budgets; exactly one has no parent.
    pub nodes: Vec<Node>,
    /// Who asks.
    pub candidates: Vec<Candidate>,
}

/// One budget: what is spent on all candidates at or below it lies between its floor and its cap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// As it is called in sentences: `the pot`, `Region 4`.
    pub name: String,
    /// The index of the budget it is part of; `None` for the pot.
    pub parent: Option<usize>,
    /// The least that must be spent, in cents; 0 for no floor.
    pub floor_cents: i64,
    /// The most that may be spent, in cents; `i64::MAX` for no cap.
    pub cap_cents: i64,
}

/// One who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its id; no two share one.
    pub id: String,
    /// Its place in the ranking, from 1: it breaks ties, and the id breaks ties of places.
    pub place: u32,
    /// The index of the innermost budget it draws on.
    pub node: usize,
    /// The awards it could get, besides none; awards too small to be viable are left out.
    pub options: Vec<Choice>,
    /// Whether it must get one of its options (held harmless): the caller lists only those large enough.
    pub must: bool,
}

/// One award a candidate could get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Choice {
    /// What it costs, in cents; not below zero.
    pub cost_cents: i64,
    /// What it is worth, in whole points of one denominator common to all. 64 bits hold 13,000 candidates of a hundred points each over
    /// a denominator of 10¹¹.
    pub value: i64,
    /// The units it stands for; carried, not used.
    pub units: i64,
}

/// How hard to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// The most steps (partial sets made or matched) before the search gives up a proof; some ten to twenty million fit in a second.
    pub steps: u64,
    /// The most partial sets held in one list. A search holds a few lists and the working of a dozen: about a kilobyte for each of
    /// these at the worst.
    pub room: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Self { steps: 30_000_000, room: 100_000 }
    }
}

/// The awards chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solution {
    /// For each candidate, in the problem's order, the index of its option, or `None`.
    pub chosen: Vec<Option<usize>>,
    /// The value in all, in points.
    pub value: i64,
    /// What is spent in all, in cents.
    pub spent_cents: i64,
    /// Whether it is proved best.
    pub proof: Proof,
    /// Steps taken.
    pub steps: u64,
}

/// What is certain about a solution's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// No set of awards is worth more.
    Optimal,
    /// Effort ran out: no set of awards is worth more than `bound`, and the best may lie between.
    Gap {
        /// The certified upper bound, in points.
        bound: i64,
    },
}

/// Why there is no solution.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsolvable {
    /// The problem itself makes no sense; each sentence says where.
    #[error("The problem makes no sense: {}", .0.join(" "))]
    Malformed(Vec<String>),
    /// No set of awards meets these constraints together.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))]
    Conflict(Vec<Conflict>),
    /// Costs or values do not fit in 60 bits together.
    #[error("The amounts or points are too large to compute exactly.")]
    TooLarge,
    /// Effort ran out before any set of awards was found or shown not to exist.
    #[error("No set of awards that meets every floor and cap was found in {steps} steps, nor shown not to exist.")]
    Undecided {
        /// Steps taken.
        steps: u64,
    },
    /// The set found failed the check that follows every search; it is not shown.
    #[error("The solver made a mistake and gives no answer: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))]
    Mistaken(Vec<Violation>),
}

/// Finds the set of awards with the most value, and proves it as far as `effort` allows. The order of candidates and of their options
/// changes nothing.
///
/// # Errors
/// [`Unsolvable`].
pub fn solve(problem: &Problem, effort: Effort) -> Result<Solution, Unsolvable> {
    solve_folding(problem, effort, tree::FOLD)
}

/// As [`solve`], folding budgets that have up to `fold` sets.
fn solve_folding(problem: &Problem, effort: Effort, fold: usize) -> Result<Solution, Unsolvable> {
    let order = check::check(problem)?;
    let tree = tree::plant(problem, &order, fold)?;
    let mut meter = Meter { steps: 0, limit: effort.steps, room: effort.room.max(1), narrowed: false };
    let (tree, found) = plan::best(tree, &mut meter)?;
    settle::settle(problem, &order, &tree, &found, meter.steps)
}
