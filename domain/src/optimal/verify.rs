//! Checks a solution against its problem in plain integer sums, sharing nothing with the search.

use super::{Problem, Proof, Solution};
use crate::money::Money;

/// A way in which a solution does not solve its problem.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// The solution does not name one choice for each candidate, or names an option or a budget that is not there.
    #[error("The solution does not fit the problem's list of candidates, options and budgets.")]
    Shape,
    /// A candidate that must get an award gets none.
    #[error("{id} must get an award and gets none.")]
    Must {
        /// The candidate's id.
        id: String,
    },
    /// A budget spends less than its floor.
    #[error("{node} spends {spent}, less than its floor of {floor}.")]
    Floor {
        /// The budget.
        node: String,
        /// What it spends.
        spent: Money,
        /// Its floor.
        floor: Money,
    },
    /// A budget spends more than its cap.
    #[error("{node} spends {spent}, more than its cap of {cap}.")]
    Cap {
        /// The budget.
        node: String,
        /// What it spends.
        spent: Money,
        /// Its cap.
        cap: Money,
    },
    /// A stated sum, or a bound, is not what the choices come to.
    #[error("The stated value, spend or bound is not what the awards come to.")]
    Sums,
}

/// Every way in which `solution` breaks a constraint of `problem` or misstates its sums; none when it holds. Whether it is best is not
/// checked here.
#[must_use]
pub fn verify(problem: &Problem, solution: &Solution) -> Vec<Violation> {
    let mut violations = Vec::new();
    if solution.chosen.len() != problem.candidates.len() {
        return vec![Violation::Shape];
    }
    let (mut value, mut spends) = (0_i128, vec![0_i128; problem.nodes.len()]);
    for (candidate, option) in problem.candidates.iter().zip(&solution.chosen) {
        match option {
            Some(option) => {
                let (Some(award), Some(spend)) = (candidate.options.get(*option), spends.get_mut(candidate.node)) else {
                    return vec![Violation::Shape];
                };
                value += i128::from(award.value);
                *spend += i128::from(award.cost_cents);
            }
            None if candidate.must => violations.push(Violation::Must { id: candidate.id.clone() }),
            None => {}
        }
    }
    let mut totals = vec![0_i128; problem.nodes.len()];
    for (index, spend) in spends.iter().enumerate() {
        let mut at = Some(index);
        // A path is never longer than there are budgets; a circle ends here, too.
        for _ in 0..problem.nodes.len() {
            let Some(node) = at else { break };
            let Some(total) = totals.get_mut(node) else { return vec![Violation::Shape] };
            *total += *spend;
            at = problem.nodes[node].parent;
        }
    }
    for (node, total) in problem.nodes.iter().zip(&totals) {
        let spent = Money::cents(i64::try_from(*total).unwrap_or(i64::MAX));
        if *total < i128::from(node.floor_cents) {
            violations.push(Violation::Floor { node: node.name.clone(), spent, floor: Money::cents(node.floor_cents) });
        }
        if *total > i128::from(node.cap_cents) {
            violations.push(Violation::Cap { node: node.name.clone(), spent, cap: Money::cents(node.cap_cents) });
        }
    }
    let spent: i128 = spends.iter().sum();
    let bounded = match solution.proof {
        Proof::Optimal => true,
        Proof::Gap { bound } => bound >= solution.value,
    };
    if value != i128::from(solution.value) || spent != i128::from(solution.spent_cents) || !bounded {
        violations.push(Violation::Sums);
    }
    violations
}
