//! What a constraint costs: the problem solved again without it.

use super::{Effort, Problem, Proof, Solution, Unsolvable, solve};

/// Which side of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The least that must be spent.
    Floor,
    /// The most that may be spent.
    Cap,
}

/// What would change without a constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadow {
    /// Points gained; certain if both solutions are proved.
    pub value: i64,
    /// Cents more (or less) spent in all.
    pub spent_cents: i64,
    /// Ids that would get an award and do not now, by place.
    pub come_in: Vec<String>,
    /// Ids that get an award now and would not, by place.
    pub go_out: Vec<String>,
    /// Ids that would get another award than now, by place.
    pub change: Vec<String>,
    /// The proof of the solution without the constraint.
    pub proof: Proof,
}

/// Solves again without one floor or cap and says what differs from `solution`. If that is no better, nothing differs: the constraint
/// costs nothing, though another set of equal value may exist.
///
/// # Errors
/// As [`solve`]; [`Unsolvable::Malformed`] if there is no such node, or `solution` is not one of `problem`.
pub fn shadow_cost(problem: &Problem, solution: &Solution, node: usize, side: Side, effort: Effort) -> Result<Shadow, Unsolvable> {
    if solution.chosen.len() != problem.candidates.len() {
        return Err(Unsolvable::Malformed(vec!["The solution is not one of this problem.".to_owned()]));
    }
    let mut freed = problem.clone();
    let Some(budget) = freed.nodes.get_mut(node) else {
        return Err(Unsolvable::Malformed(vec!["There is no such budget.".to_owned()]));
    };
    match side {
        Side::Floor => budget.floor_cents = 0,
        Side::Cap => budget.cap_cents = i64::MAX,
    }
    shadow_of(problem, solution, &freed, effort)
}

/// As [`shadow_cost`], for any problem of the same candidates that is `problem` without something.
///
/// # Errors
/// As [`solve`]; [`Unsolvable::Malformed`] if `solution` or `freed` has other candidates.
pub fn shadow_of(problem: &Problem, solution: &Solution, freed: &Problem, effort: Effort) -> Result<Shadow, Unsolvable> {
    let same = problem.candidates.iter().map(|one| &one.id).eq(freed.candidates.iter().map(|one| &one.id));
    if !same || solution.chosen.len() != problem.candidates.len() {
        return Err(Unsolvable::Malformed(vec!["The solution is not one of this problem.".to_owned()]));
    }
    let without = solve(freed, effort)?;
    let mut shadow = Shadow { value: 0, spent_cents: 0, come_in: Vec::new(), go_out: Vec::new(), change: Vec::new(), proof: without.proof };
    if without.value <= solution.value {
        return Ok(shadow);
    }
    shadow.value = without.value - solution.value;
    shadow.spent_cents = without.spent_cents - solution.spent_cents;
    let mut order: Vec<usize> = (0..problem.candidates.len()).collect();
    order.sort_by_key(|index| (problem.candidates[*index].place, &problem.candidates[*index].id));
    for index in order {
        let award = |problem: &Problem, chosen: Option<usize>| chosen.map(|option| problem.candidates[index].options[option]);
        let list = match (award(problem, solution.chosen[index]), award(freed, without.chosen[index])) {
            (None, Some(_)) => &mut shadow.come_in,
            (Some(_), None) => &mut shadow.go_out,
            (now, then) if now != then => &mut shadow.change,
            _ => continue,
        };
        list.push(problem.candidates[index].id.clone());
    }
    Ok(shadow)
}
