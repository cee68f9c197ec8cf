//! Folds small budgets that bind, such as a district's, into one class each: only those of their sets that are near the best at the going
//! prices, since all others lose too much to stand in a best set. Folding moves the prices, so it is done again until they settle. What
//! the sets left out lose at least, at the final prices, is kept: a search's proof must stay below it.

use super::base::Base;
use super::lists::{Meter, Swap};
use super::prices::{Prices, prices};
use super::search::Search;
use super::tree::{Choices, Class, Pick, Tree};

/// Budgets with more classes than this are searched, not folded.
const CLASSES: usize = 48;

/// Times the prices may move.
const ROUNDS: usize = 12;

/// From this round on they move half way only, so that they do not swing.
const DAMPED: usize = 2;

/// A folded tree.
pub(super) struct Near {
    pub tree: Tree,
    pub prices: Prices,
    /// What every set that is left out loses at least against the folded tree's bound, in scaled points.
    pub hidden: i64,
}

/// Folds every small childless budget; `None` if there is none, or prices do not settle, or steps ran out. Sets that lose up to `near`
/// are listed.
pub(super) fn near(tree: &Tree, first: &Prices, near: i64, meter: &mut Meter) -> Option<Near> {
    let small = |index: usize| index > 0 && tree.nodes[index].children.is_empty() && tree.nodes[index].classes.len() <= CLASSES;
    let leaves: Vec<usize> = (0..tree.nodes.len()).filter(|index| small(*index)).collect();
    if leaves.is_empty() {
        return None;
    }
    let mut going = prices(tree, first.scale);
    let mut best: Option<Near> = None;
    for round in 0..ROUNDS {
        let base = Base::new(tree, &going);
        let (folded, seats) = fold(tree, &going, &base, &leaves, near, meter)?;
        let next = prices(&folded, first.scale);
        let mut hidden = near;
        for leaf in &leaves {
            let node = &tree.nodes[*leaf];
            let parent = node.parent.unwrap_or(0);
            let moved = i128::from(next.price[seats[parent]]) - i128::from(going.price[parent]);
            let changed = moved.abs() * i128::from(node.cap - node.floor.max(node.least));
            hidden = hidden.min(i64::try_from(i128::from(near) - changed).unwrap_or(i64::MIN));
        }
        for (index, node) in tree.nodes.iter().enumerate() {
            let above = node.parent.map_or(0, |parent| going.price[parent]);
            let price = if small(index) {
                going.between(index, above)
            } else if round < DAMPED {
                next.price[seats[index]]
            } else {
                going.price[index].midpoint(next.price[seats[index]])
            };
            going.set(index, above, price);
        }
        if best.as_ref().is_none_or(|best| best.hidden < hidden) {
            best = Some(Near { tree: folded, prices: next, hidden });
        }
        if hidden > near / 4 * 3 {
            break;
        }
    }
    best.filter(|best| best.hidden > 0)
}

/// The tree without the leaves; and where its nodes went.
fn fold(tree: &Tree, going: &Prices, base: &Base, leaves: &[usize], near: i64, meter: &mut Meter) -> Option<(Tree, Vec<usize>)> {
    let mut gone = vec![false; tree.nodes.len()];
    for leaf in leaves {
        gone[*leaf] = true;
    }
    let mut seats = vec![0; tree.nodes.len()];
    let mut folded = Tree { nodes: Vec::new(), classes: Vec::new(), picks: tree.picks.clone() };
    for (index, node) in tree.nodes.iter().enumerate().filter(|(index, _)| !gone[*index]) {
        seats[index] = folded.nodes.len();
        let mut node = node.clone();
        node.parent = node.parent.map(|parent| seats[parent]);
        node.children.clear();
        if let Some(parent) = node.parent {
            let seat = folded.nodes.len();
            folded.nodes[parent].children.push(seat);
        }
        for class in &mut node.classes {
            let options = tree.classes[*class].options.clone();
            *class = folded.classes.len();
            folded.classes.push(Class { node: seats[index], options });
        }
        folded.nodes.push(node);
    }
    let mut search = Search::new(tree, going, base, meter);
    for leaf in leaves {
        let sets = search.near_sets(*leaf, near);
        let sets = sets.ok()??;
        let parent = seats[tree.nodes[*leaf].parent.unwrap_or(0)];
        let mut options: Vec<Choices> = Vec::with_capacity(sets.len());
        for (state, swaps) in sets {
            let mut pick = 0;
            let mut value = 0;
            for class in &tree.nodes[*leaf].classes {
                let swapped = swaps.iter().find_map(|swap| match swap {
                    Swap::Class { class: swapped, option } if swapped == class => Some(*option),
                    _ => None,
                });
                let option = tree.classes[*class].options[swapped.unwrap_or(base.option[*class])];
                value += option.value;
                pick = match (pick, option.pick) {
                    (0, one) | (one, 0) => one,
                    (left, right) => {
                        folded.picks.push(Pick::Both(left, right));
                        folded.picks.len() - 1
                    }
                };
            }
            options.push(Choices { cost: base.spend[*leaf] + state.spend, value, pick });
        }
        let class = folded.classes.len();
        folded.nodes[parent].classes.push(class);
        folded.classes.push(Class { node: parent, options });
    }
    Some((folded, seats))
}
