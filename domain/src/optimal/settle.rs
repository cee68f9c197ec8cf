//! Turns the options found for each class back into awards for candidates, gives alike candidates theirs by place, and checks it all.

use super::check::Order;
use super::search::Found;
use super::tree::{Pick, Tree};
use super::{Choice, Problem, Solution, Unsolvable, verify};

/// The solution in the problem's own order.
pub(super) fn settle(problem: &Problem, order: &Order, tree: &Tree, found: &Found, steps: u64) -> Result<Solution, Unsolvable> {
    let mut chosen: Vec<Option<usize>> = vec![None; problem.candidates.len()];
    for (class, option) in tree.classes.iter().zip(&found.options) {
        let mut picks = vec![class.options[*option].pick];
        while let Some(pick) = picks.pop() {
            match tree.picks[pick] {
                Pick::Nothing => {}
                Pick::Award { candidate, option } => chosen[candidate] = Some(option),
                Pick::Both(left, right) => picks.extend([left, right]),
            }
        }
    }
    favour_place(problem, order, &mut chosen);
    let awards = problem.candidates.iter().zip(&chosen).filter_map(|(candidate, option)| option.map(|option| candidate.options[option]));
    let (value, spent_cents) = awards.fold((0, 0), |sum, award| (sum.0 + award.value, sum.1 + award.cost_cents));
    let solution = Solution { chosen, value, spent_cents, proof: found.proof, steps };
    let violations = verify(problem, &solution);
    if violations.is_empty() { Ok(solution) } else { Err(Unsolvable::Mistaken(violations)) }
}

/// Of candidates alike in node, options and `must`, the better place gets the dearer award.
fn favour_place(problem: &Problem, order: &Order, chosen: &mut [Option<usize>]) {
    let menu = |index: usize| order.options[index].iter().map(move |option| problem.candidates[index].options[*option]);
    let alike = |a: usize, b: usize| {
        let (one, other) = (&problem.candidates[a], &problem.candidates[b]);
        one.node.cmp(&other.node).then(one.must.cmp(&other.must)).then_with(|| menu(a).cmp(menu(b)))
    };
    let mut sorted = order.candidates.clone();
    // A stable sort keeps the order of places among the alike.
    sorted.sort_by(|a, b| alike(*a, *b));
    for group in sorted.chunk_by(|a, b| alike(*a, *b).is_eq()) {
        if group.len() < 2 {
            continue;
        }
        let mut awards: Vec<Choice> = group.iter().filter_map(|index| Some(problem.candidates[*index].options[chosen[*index]?])).collect();
        awards.sort_by_key(|award| std::cmp::Reverse(award.cost_cents));
        let mut awards = awards.into_iter();
        for index in group {
            chosen[*index] = awards.next().and_then(|award| {
                let options = &problem.candidates[*index].options;
                order.options[*index].iter().copied().find(|option| options[*option] == award)
            });
        }
    }
}
