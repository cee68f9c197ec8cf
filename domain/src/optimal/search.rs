//! The search: for each node, from the leaves up, all partial sets whose losses stay within a budget that grows until one fits; at the
//! pot, the best of them is the best of all. A narrow search that keeps few sets at each step comes first and gives a set to beat.

use super::base::Base;
use super::lists::{Cut, FAR, Meter, Pair, State, Stop, Swap, Way, Working, fold, matched};
use super::prices::{Prices, prices};
use super::tree::Tree;
use super::{Effort, Proof, Unsolvable};

/// The best set found, as an option for each class.
pub(super) struct Found {
    pub options: Vec<usize>,
    pub proof: Proof,
    pub steps: u64,
}

/// A set to beat.
struct Incumbent {
    options: Vec<usize>,
    value: i64,
    loss: i64,
}

/// Widths of the narrow searches, tried until one finds a set.
const BEAMS: [usize; 3] = [300, 3_000, 30_000];

/// Searches the tree.
pub(super) fn search(tree: &Tree, effort: Effort) -> Result<Found, Unsolvable> {
    let prices = prices(tree);
    let base = Base::new(tree, &prices);
    let mut incumbent: Option<Incumbent> = None;
    let mut steps = 0;
    let top = base.most(prices.scale, 0);
    for beam in BEAMS {
        let mut narrow = Search::new(tree, &prices, &base, effort, Some(beam));
        narrow.meter.limit = effort.steps / 4;
        let found = narrow.run(None);
        steps += narrow.meter.steps;
        if let Ok(Outcome::Best(found)) = found {
            incumbent = Some(found);
            break;
        }
    }
    if let Some(found) = &incumbent
        && found.value == top
    {
        return Ok(Found { options: found.options.clone(), proof: Proof::Optimal, steps });
    }
    let mut full = Search::new(tree, &prices, &base, effort, None);
    full.meter.steps = steps;
    let outcome = full.run(incumbent.as_ref());
    let (steps, lower) = (full.meter.steps, full.lower[0]);
    match (outcome, incumbent) {
        (Ok(Outcome::Best(best)), _) => Ok(Found { options: best.options, proof: Proof::Optimal, steps }),
        (Ok(Outcome::NoBetter | Outcome::NoneAt(_)), Some(known)) => Ok(Found { options: known.options, proof: Proof::Optimal, steps }),
        (Ok(Outcome::NoneAt(node)), None) => Err(tree.no_set_fits(node)),
        (Err(Stop), Some(known)) => {
            let bound = base.most(prices.scale, lower).max(known.value);
            let proof = if bound == known.value { Proof::Optimal } else { Proof::Gap { bound } };
            Ok(Found { options: known.options, proof, steps })
        }
        (Ok(Outcome::NoBetter) | Err(Stop), None) => Err(Unsolvable::Undecided { steps }),
    }
}

/// How a search ended.
enum Outcome {
    /// The best set.
    Best(Incumbent),
    /// No set is better than the one known.
    NoBetter,
    /// No set at all fits at this node.
    NoneAt(usize),
}

/// All partial sets of a node that lost no more than a budget.
struct Kept {
    budget: i64,
    list: Vec<State>,
}

struct Search<'a> {
    tree: &'a Tree,
    prices: &'a Prices,
    base: &'a Base,
    beam: Option<usize>,
    meter: Meter,
    /// For each node, what every set loses there or below at least.
    lower: Vec<i64>,
    kept: Vec<Option<Kept>>,
    margins: Vec<i64>,
    /// The swaps of kept states, and where each state's begin and end.
    swaps: Vec<Swap>,
    spans: Vec<(usize, usize)>,
}

impl<'a> Search<'a> {
    fn new(tree: &'a Tree, prices: &'a Prices, base: &'a Base, effort: Effort, beam: Option<usize>) -> Self {
        let count = tree.nodes.len();
        Self {
            tree,
            prices,
            base,
            beam,
            meter: Meter { steps: 0, limit: effort.steps, room: effort.room },
            lower: vec![0; count],
            kept: (0..count).map(|_| None).collect(),
            margins: Vec::new(),
            swaps: Vec::new(),
            spans: Vec::new(),
        }
    }

    /// Deepens node after node, leaves first, until the pot has a set.
    fn run(&mut self, known: Option<&Incumbent>) -> Result<Outcome, Stop> {
        let most = known.map_or(i64::MAX, |known| known.loss.saturating_sub(self.prices.scale));
        self.margins = self.base.margins(self.tree, self.prices, most);
        let mut stopped = vec![false; self.tree.nodes.len()];
        for node in (0..self.tree.nodes.len()).rev() {
            let below = self.below(node);
            self.lower[node] = below;
            stopped[node] = self.tree.nodes[node].children.iter().any(|child| stopped[*child]);
            if stopped[node] {
                continue;
            }
            match self.deepen(node, most) {
                Ok(None) => {}
                Ok(Some(outcome)) => return Ok(outcome),
                Err(Stop) => stopped[node] = true,
            }
        }
        if stopped[0] {
            return Err(Stop);
        }
        let best = self.kept[0].as_ref().and_then(|kept| kept.list.first()).copied();
        Ok(best.map_or(Outcome::NoneAt(0), |best| Outcome::Best(self.incumbent(best))))
    }

    fn below(&self, node: usize) -> i64 {
        self.tree.nodes[node].children.iter().fold(0, |sum: i64, child| sum.saturating_add(self.lower[*child]))
    }

    /// Raises a node's budget until a partial set fits it.
    fn deepen(&mut self, node: usize, most: i64) -> Result<Option<Outcome>, Stop> {
        let below = self.below(node);
        let mut rung = if self.beam.is_some() { 48 } else { 12 };
        loop {
            let extra = self.base.ladder[node].get(rung).copied().unwrap_or(i64::MAX);
            let budget = below.saturating_add(extra).min(most);
            let list = self.build(node, budget)?;
            if let Some(least) = list.iter().map(|state| state.loss).min() {
                self.lower[node] = least;
                self.kept[node] = Some(Kept { budget, list });
                return Ok(None);
            }
            if budget == i64::MAX {
                return Ok(Some(Outcome::NoneAt(node)));
            }
            if budget >= most {
                return Ok(Some(Outcome::NoBetter));
            }
            self.lower[node] = budget;
            rung += rung / 2;
        }
    }

    /// What a child's partial sets can do for its parent, by loss beyond the least.
    fn child_ways(&mut self, child: usize, extra: i64) -> Result<Vec<Way>, Stop> {
        let least = self.lower[child];
        let budget = least.saturating_add(extra);
        if self.kept[child].as_ref().is_none_or(|kept| kept.budget < budget) && self.beam.is_none() {
            let list = self.build(child, budget)?;
            self.kept[child] = Some(Kept { budget, list });
        }
        let list = self.kept[child].as_ref().map_or(&[][..], |kept| &kept.list);
        let mut ways: Vec<Way> = list
            .iter()
            .filter(|state| state.loss <= budget)
            .map(|state| Way { spend: state.spend, value: state.value, loss: state.loss - least, swap: Swap::Span(state.trace) })
            .collect();
        ways.sort_by_key(|way| way.loss);
        Ok(ways)
    }

    /// The ways of a node's own classes that lose no more than `extra`, a list for each class, each with the way that keeps the base.
    fn class_ways(&self, node: usize, extra: i64) -> Vec<Vec<Way>> {
        let ways = &self.base.ways[node];
        let mut near: Vec<(usize, Way)> = Vec::new();
        for way in ways.iter().take_while(|way| way.loss <= extra) {
            if let Swap::Class { class, .. } = way.swap {
                near.push((class, *way));
            }
        }
        near.sort_by_key(|(class, _)| *class);
        let mut parts = Vec::new();
        for group in near.chunk_by(|a, b| a.0 == b.0) {
            let mut part = Vec::with_capacity(group.len() + 1);
            part.push(Way { spend: 0, value: 0, loss: 0, swap: Swap::Keep });
            part.extend(group.iter().map(|(_, way)| *way));
            parts.push(part);
        }
        parts
    }

    /// All partial sets at or below a node, within its floor and cap, that lose no more than the budget. At the pot, only the best.
    fn build(&mut self, node: usize, budget: i64) -> Result<Vec<State>, Stop> {
        let below = self.below(node);
        if budget < below {
            return Ok(Vec::new());
        }
        let extra = if budget == i64::MAX { i64::MAX } else { budget - below };
        let mut parts = self.class_ways(node, extra);
        for child in self.tree.nodes[node].children.clone() {
            let ways = self.child_ways(child, extra)?;
            if ways.is_empty() {
                return Ok(Vec::new());
            }
            parts.push(ways);
        }
        let window = self.base.window(self.tree, self.prices, node);
        let cut = Cut { budget: extra, margin: self.margins[node], beam: self.beam };
        let (left, right) = halves(&parts, window.multiplier != 0);
        let (left, left_working) = fold(&left, cut, &mut self.meter)?;
        let (right, right_working) = fold(&right, cut, &mut self.meter)?;
        let pairs = matched((&left, &right), window, cut, node == 0, &mut self.meter)?;
        let keep = |pair: Pair| {
            let start = self.swaps.len();
            unwind(left[pair.left].trace, &left_working, &mut self.swaps);
            unwind(right[pair.right].trace, &right_working, &mut self.swaps);
            self.spans.push((start, self.swaps.len()));
            State { loss: pair.sum.loss.saturating_add(below), trace: self.spans.len() - 1, ..pair.sum }
        };
        Ok(pairs.into_iter().map(keep).collect())
    }

    fn incumbent(&self, best: State) -> Incumbent {
        let mut options = self.base.option.clone();
        let mut spans = vec![best.trace];
        while let Some((start, end)) = spans.pop().map(|span| self.spans[span]) {
            for swap in &self.swaps[start..end] {
                match *swap {
                    Swap::Keep => {}
                    Swap::Class { class, option } => options[class] = option,
                    Swap::Span(span) => spans.push(span),
                }
            }
        }
        let value = self.base.value + best.value;
        let exact = self.base.bound - i128::from(value) * i128::from(self.prices.scale);
        Incumbent { options, value, loss: i64::try_from(exact).unwrap_or(FAR).min(FAR) }
    }
}

fn unwind(mut trace: usize, working: &Working, swaps: &mut Vec<Swap>) {
    while trace != 0 {
        let (before, way) = working[trace];
        swaps.push(way.swap);
        trace = before;
    }
}

/// Shares the parts out between two halves of like size, each by falling least loss; or leaves all in one.
fn halves(parts: &[Vec<Way>], split: bool) -> (Vec<&[Way]>, Vec<&[Way]>) {
    let mut sorted: Vec<&[Way]> = parts.iter().map(Vec::as_slice).collect();
    sorted.sort_by_key(|part| std::cmp::Reverse(part.get(1).map_or(i64::MAX, |way| way.loss)));
    if !split {
        return (sorted, Vec::new());
    }
    let (mut left, mut right) = ((Vec::new(), 0), (Vec::new(), 0));
    for part in sorted {
        let lighter = if left.1 <= right.1 { &mut left } else { &mut right };
        lighter.0.push(part);
        lighter.1 += part.len().ilog2();
    }
    (left.0, right.0)
}
