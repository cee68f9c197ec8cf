//! The problem made small: options in order of cost, loose budgets dissolved into their parents, budgets with few possible sets folded
//! into one class of options each, and floors and caps drawn in to amounts that costs can make up.

use super::check::{Conflict, Order};
use super::{Problem, Unsolvable};
use crate::money::Money;

/// A budget is folded into one class when it has at most this many sets of options, unless a test asks for another number.
pub(super) const FOLD: usize = 128;

/// The small problem.
#[derive(Clone)]
pub(super) struct Tree {
    /// Budgets, each after its parent; the pot is first.
    pub nodes: Vec<Budget>,
    /// What each class picks from.
    pub classes: Vec<Class>,
    /// How options are made up of awards.
    pub picks: Vec<Pick>,
}

/// A budget that may bind.
#[derive(Clone)]
pub(super) struct Budget {
    pub name: String,
    pub parent: Option<usize>,
    pub floor: i64,
    pub cap: i64,
    pub children: Vec<usize>,
    pub classes: Vec<usize>,
    /// The least its classes and children can cost, leaving floors aside.
    pub least: i64,
}

/// Exactly one of its options is taken.
#[derive(Clone)]
pub(super) struct Class {
    pub node: usize,
    /// By cost, no two equal.
    pub options: Vec<Choices>,
}

/// One option of a class.
#[derive(Clone, Copy)]
pub(super) struct Choices {
    pub cost: i64,
    pub value: i64,
    /// The index of its [`Pick`].
    pub pick: usize,
}

/// What an option stands for.
#[derive(Clone, Copy)]
pub(super) enum Pick {
    Nothing,
    Award { candidate: usize, option: usize },
    Both(usize, usize),
}

/// Makes the problem small, keeping at least one best set of awards; budgets with up to `fold` sets become classes.
pub(super) fn plant(problem: &Problem, order: &Order, fold: usize) -> Result<Tree, Unsolvable> {
    let mut seat = vec![0; problem.nodes.len()];
    let mut nodes = Vec::with_capacity(problem.nodes.len());
    for (place, index) in order.nodes.iter().copied().enumerate() {
        seat[index] = place;
        let node = &problem.nodes[index];
        let parent = node.parent.map(|parent| seat[parent]);
        let (children, classes) = (Vec::new(), Vec::new());
        nodes.push(Budget { name: node.name.clone(), parent, floor: node.floor_cents, cap: node.cap_cents, children, classes, least: 0 });
    }
    let mut tree = Tree { nodes, classes: Vec::with_capacity(problem.candidates.len()), picks: vec![Pick::Nothing] };
    for index in order.candidates.iter().copied() {
        let candidate = &problem.candidates[index];
        let mut options = Vec::with_capacity(candidate.options.len() + 1);
        if !candidate.must {
            options.push(Choices { cost: 0, value: 0, pick: 0 });
        }
        for option in order.options[index].iter().copied() {
            let choice = candidate.options[option];
            let pick = tree.picks.len();
            tree.picks.push(Pick::Award { candidate: index, option });
            options.push(Choices { cost: choice.cost_cents, value: choice.value, pick });
        }
        keep_best_at_each_cost(&mut options);
        let node = seat[candidate.node];
        tree.nodes[node].classes.push(tree.classes.len());
        tree.classes.push(Class { node, options });
    }
    tree.dissolve(fold)?;
    tree.renumber();
    tree.draw_in()?;
    Ok(tree)
}

fn keep_best_at_each_cost(options: &mut Vec<Choices>) {
    options.sort_by_key(|option| (option.cost, std::cmp::Reverse(option.value)));
    options.dedup_by_key(|option| option.cost);
}

impl Tree {
    /// Bottom-up: dissolves budgets that can't bind and folds those with few sets; both leave their children and classes to the parent.
    fn dissolve(&mut self, fold: usize) -> Result<(), Unsolvable> {
        let mut has_floor_above = vec![false; self.nodes.len()];
        for index in 1..self.nodes.len() {
            let parent = self.nodes[index].parent.unwrap_or(0);
            has_floor_above[index] = has_floor_above[parent] || self.nodes[parent].floor > 0;
        }
        for index in (0..self.nodes.len()).rev() {
            let node = &self.nodes[index];
            let (mut least, mut most) = (0, 0);
            for class in &node.classes {
                let options = &self.classes[*class].options;
                least += options.first().map_or(0, |option| option.cost);
                most += options.last().map_or(0, |option| option.cost);
            }
            for child in &node.children {
                least += self.nodes[*child].floor;
                most += self.nodes[*child].cap;
            }
            let loose = least >= node.floor && most <= node.cap;
            let (floor, cap) = (node.floor.max(least), node.cap.min(most));
            let (folds, parent) = (node.children.is_empty() && self.sets(index) <= fold, node.parent);
            if floor > cap {
                return Err(self.no_set_fits(index));
            }
            (self.nodes[index].floor, self.nodes[index].cap) = (floor, cap);
            let Some(parent) = parent else { continue };
            if loose {
                self.leave_to_parent(index, parent);
            } else if folds {
                self.fold(index, !has_floor_above[index])?;
                self.leave_to_parent(index, parent);
            } else {
                self.nodes[parent].children.push(index);
            }
        }
        Ok(())
    }

    fn leave_to_parent(&mut self, index: usize, parent: usize) {
        let (classes, children) = (std::mem::take(&mut self.nodes[index].classes), std::mem::take(&mut self.nodes[index].children));
        for class in &classes {
            self.classes[*class].node = parent;
        }
        for child in &children {
            self.nodes[*child].parent = Some(parent);
        }
        self.nodes[parent].classes.extend(classes);
        self.nodes[parent].children.extend(children);
    }

    fn sets(&self, index: usize) -> usize {
        let sizes = self.nodes[index].classes.iter().map(|class| self.classes[*class].options.len());
        sizes.fold(1, usize::saturating_mul)
    }

    /// Makes one class of all sets of options within the floor and the cap. Where no floor lies above, a dearer set must be worth more.
    fn fold(&mut self, index: usize, thrifty: bool) -> Result<(), Unsolvable> {
        let mut sets = vec![Choices { cost: 0, value: 0, pick: 0 }];
        for class in std::mem::take(&mut self.nodes[index].classes) {
            let options = std::mem::take(&mut self.classes[class].options);
            let mut next = Vec::with_capacity(sets.len() * options.len());
            for set in &sets {
                for option in &options {
                    let pick = match (set.pick, option.pick) {
                        (0, pick) | (pick, 0) => pick,
                        (left, right) => {
                            self.picks.push(Pick::Both(left, right));
                            self.picks.len() - 1
                        }
                    };
                    next.push(Choices { cost: set.cost + option.cost, value: set.value + option.value, pick });
                }
            }
            keep_best_at_each_cost(&mut next);
            sets = next;
        }
        let node = &self.nodes[index];
        sets.retain(|set| node.floor <= set.cost && set.cost <= node.cap);
        if thrifty {
            let mut best = i64::MIN;
            sets.retain(|set| {
                let before = best;
                best = best.max(set.value);
                set.value > before
            });
        }
        if sets.is_empty() {
            return Err(self.no_set_fits(index));
        }
        self.nodes[index].classes.push(self.classes.len());
        self.classes.push(Class { node: index, options: sets });
        Ok(())
    }

    /// The conflict that no set of awards in a node comes to between its floor and its cap.
    pub fn no_set_fits(&self, index: usize) -> Unsolvable {
        let node = &self.nodes[index];
        let (floor, cap) = (Money::cents(node.floor), Money::cents(node.cap));
        Unsolvable::Conflict(vec![Conflict::NoSetFits { node: node.name.clone(), floor, cap }])
    }

    /// Drops nodes and classes that were dissolved or folded, keeping the order.
    fn renumber(&mut self) {
        let used: Vec<bool> = self.classes.iter().map(|class| !class.options.is_empty()).collect();
        let mut class_seat = vec![0; self.classes.len()];
        let mut kept = Vec::with_capacity(self.classes.len());
        for (index, class) in std::mem::take(&mut self.classes).into_iter().enumerate() {
            if used[index] {
                class_seat[index] = kept.len();
                kept.push(class);
            }
        }
        self.classes = kept;
        let mut alive = vec![false; self.nodes.len()];
        alive[0] = true;
        for child in self.nodes.iter().flat_map(|node| &node.children) {
            alive[*child] = true;
        }
        let mut seat = vec![0; self.nodes.len()];
        let mut nodes = Vec::new();
        for (index, mut node) in std::mem::take(&mut self.nodes).into_iter().enumerate() {
            if alive[index] {
                seat[index] = nodes.len();
                node.parent = node.parent.map(|parent| seat[parent]);
                node.classes.retain(|class| used[*class]);
                for class in &mut node.classes {
                    *class = class_seat[*class];
                }
                node.classes.sort_unstable();
                node.children.clear();
                nodes.push(node);
            }
        }
        for class in &mut self.classes {
            class.node = seat[class.node];
        }
        for index in 1..nodes.len() {
            if let Some(parent) = nodes[index].parent {
                nodes[parent].children.push(index);
            }
        }
        self.nodes = nodes;
    }

    /// Floors and caps move to the nearest amounts that differ from the least cost by a multiple of what divides all differences.
    fn draw_in(&mut self) -> Result<(), Unsolvable> {
        let mut steps = vec![0_i64; self.nodes.len()];
        for index in (0..self.nodes.len()).rev() {
            let (mut least, mut step) = (0, steps[index]);
            for class in &self.nodes[index].classes {
                let options = &self.classes[*class].options;
                let first = options.first().map_or(0, |option| option.cost);
                least += first;
                step = options.iter().fold(step, |step, option| gcd(step, option.cost - first));
            }
            least += self.nodes[index].children.iter().map(|child| self.nodes[*child].least).sum::<i64>();
            let node = &mut self.nodes[index];
            node.least = least;
            let (above_floor, below_cap) = (node.floor - least, node.cap - least);
            if step == 0 {
                (node.floor, node.cap) = (node.floor.max(least), node.cap.min(least));
            } else {
                node.cap = least + below_cap.div_euclid(step) * step;
                node.floor = least - (-above_floor).div_euclid(step) * step;
            }
            if let Some(parent) = node.parent {
                steps[parent] = gcd(steps[parent], step);
            }
            if self.nodes[index].floor > self.nodes[index].cap {
                return Err(self.no_set_fits(index));
            }
        }
        Ok(())
    }
}

fn gcd(mut left: i64, mut right: i64) -> i64 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left.abs()
}
