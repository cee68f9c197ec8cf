//! The search: for each node, from the leaves up, all partial sets whose losses stay within a budget that grows until one fits; at the
//! pot, the best of them is the best of all. A narrow search that keeps few sets at each step comes first and gives a set to beat.

use super::base::Base;
use super::lists::{Cut, FAR, Meter, State, Stop, Swap, Way, Working, fold};
use super::matching::{Pair, matched};
use super::prices::Prices;
use super::tree::Tree;
use super::{Proof, Unsolvable};

/// The best set found, as an option for each class.
pub(super) struct Found {
    pub options: Vec<usize>,
    pub value: i64,
    /// What it loses against the upper bound, in scaled points.
    pub loss: i64,
    pub proof: Proof,
}

/// A set to beat.
struct Incumbent {
    options: Vec<usize>,
    value: i64,
    loss: i64,
}

/// The room of a first search, which finds a set to beat.
const FIRST: usize = 1_000;

/// Searches the tree at these prices, with the steps left of the effort; with a set of the same tree to beat, at once with all the room.
pub(super) fn search(tree: &Tree, prices: &Prices, base: &Base, meter: &mut Meter, known: Option<&Found>) -> Result<Found, Unsolvable> {
    let room = meter.room;
    let first = if known.is_some() { room } else { FIRST.min(room) };
    let mut search = Search::new(tree, prices, base, meter);
    search.known = known.map(|known| search.weighed(known.options.clone(), known.value));
    let mut proved = false;
    for room in [first, room] {
        search.meter.room = room;
        match search.run() {
            Ok(Outcome::NoneAt(node)) => return Err(tree.no_set_fits(node)),
            Ok(Outcome::Proved) => proved = true,
            Ok(Outcome::Unproved) => continue,
            Err(Stop) => {}
        }
        break;
    }
    search.meter.room = room;
    let bound = base.most(prices.scale, search.lower[0]);
    let known = search.known.take().ok_or(Unsolvable::Undecided { steps: search.meter.steps })?;
    let proof = if proved || bound <= known.value { Proof::Optimal } else { Proof::Gap { bound } };
    Ok(Found { options: known.options, value: known.value, loss: known.loss, proof })
}

/// A set of a small budget, and what it changes in the base.
pub(super) type NearSet = (State, Vec<Swap>);

/// How a search ended.
enum Outcome {
    /// The set known is best.
    Proved,
    /// There was no room to prove it, or to find any.
    Unproved,
    /// No set at all fits at this node.
    NoneAt(usize),
}

/// The partial sets of a node that lost no more than a budget; all of them, if `whole`.
struct Kept {
    budget: i64,
    list: Vec<State>,
    whole: bool,
}

pub(super) struct Search<'a> {
    tree: &'a Tree,
    prices: &'a Prices,
    base: &'a Base,
    meter: &'a mut Meter,
    /// The best set found so far.
    known: Option<Incumbent>,
    /// For each node, what every set better than the one known loses there or below at least.
    lower: Vec<i64>,
    kept: Vec<Option<Kept>>,
    margins: Vec<i64>,
    /// The swaps of kept states, and where each state's begin and end.
    swaps: Vec<Swap>,
    spans: Vec<(usize, usize)>,
}

impl<'a> Search<'a> {
    /// Nothing searched yet.
    pub fn new(tree: &'a Tree, prices: &'a Prices, base: &'a Base, meter: &'a mut Meter) -> Self {
        let count = tree.nodes.len();
        Self {
            tree,
            prices,
            base,
            meter,
            known: None,
            lower: vec![0; count],
            kept: (0..count).map(|_| None).collect(),
            margins: base.margins(tree, prices, i64::MAX),
            swaps: Vec::new(),
            spans: Vec::new(),
        }
    }

    /// What a better set than the one known may lose at most; no bound where losses are too large to tell.
    fn most(&self) -> i64 {
        let known = self.known.as_ref().filter(|known| known.loss < FAR);
        known.map_or(i64::MAX, |known| known.loss.saturating_sub(self.prices.scale))
    }

    /// Deepens node after node, leaves first, until the pot has a set that is proved best or there is no room.
    fn run(&mut self) -> Result<Outcome, Stop> {
        self.margins = self.base.margins(self.tree, self.prices, self.most());
        self.kept = (0..self.tree.nodes.len()).map(|_| None).collect();
        (self.swaps, self.spans) = (Vec::new(), Vec::new());
        for node in (0..self.tree.nodes.len()).rev() {
            if let Some(outcome) = self.deepen(node)? {
                return Ok(outcome);
            }
        }
        Ok(Outcome::Unproved)
    }

    /// All sets of a childless node that lose no more than `near` beyond the least, each with what it changes in the base; `None` if there
    /// was no room for all.
    pub fn near_sets(&mut self, node: usize, near: i64) -> Result<Option<Vec<NearSet>>, Stop> {
        if self.deepen(node)?.is_some() || self.kept[node].as_ref().is_none_or(|kept| !kept.whole) {
            return Ok(None);
        }
        let (list, whole) = self.build(node, self.lower[node].saturating_add(near))?;
        let swaps = |state: &State| self.swaps[self.spans[state.trace].0..self.spans[state.trace].1].to_vec();
        Ok(whole.then(|| list.iter().map(|state| (*state, swaps(state))).collect()))
    }

    fn below(&self, node: usize) -> i64 {
        self.tree.nodes[node].children.iter().fold(0, |sum: i64, child| sum.saturating_add(self.lower[*child]))
    }

    /// Raises a node's budget until a partial set fits it; at the pot, until the best set is found or there is no room.
    fn deepen(&mut self, node: usize) -> Result<Option<Outcome>, Stop> {
        let below = self.below(node);
        self.lower[node] = self.lower[node].max(below);
        let first = self.known.is_none();
        let mut rung = if first { 48 } else { 12 };
        let ladder = &self.base.ladder[node];
        let mut extra = ladder.get(rung.min(ladder.len() / 2)).copied().unwrap_or(i64::MAX);
        extra = extra.max(if first { below / 8 } else { 0 }).max(self.lower[node] - below);
        extra = extra.max(self.unproved(node));
        loop {
            let most = self.most();
            if self.lower[node] > most || self.known.as_ref().is_some_and(|known| self.reached(known)) {
                return Ok(Some(Outcome::Proved));
            }
            let budget = below.saturating_add(extra).min(most);
            let (list, whole) = self.build(node, budget)?;
            let least = list.iter().map(|state| state.loss).min();
            if whole {
                // Nothing at or below the budget but what is listed.
                let proved = least.unwrap_or_else(|| budget.saturating_add(1));
                self.lower[node] = self.lower[node].max(proved);
            }
            match (list.first().copied(), node) {
                (None, _) if whole && budget == i64::MAX && self.known.is_none() => return Ok(Some(Outcome::NoneAt(node))),
                (None, 0) if !whole && (self.known.is_some() || budget == i64::MAX) => return Ok(Some(Outcome::Unproved)),
                (None, _) if whole && budget >= most => return Ok(Some(Outcome::Proved)),
                (None, _) if budget >= most => return Ok(Some(Outcome::Unproved)),
                (None, _) => (rung, extra) = self.wider(node, rung, extra),
                (Some(best), 0) => {
                    let found = self.incumbent(best);
                    if self.known.as_ref().is_none_or(|known| known.value < found.value) {
                        self.known = Some(found);
                    }
                    let proved = whole || self.known.as_ref().is_some_and(|known| self.reached(known));
                    return Ok(Some(if proved { Outcome::Proved } else { Outcome::Unproved }));
                }
                (Some(_), _) => {
                    self.kept[node] = Some(Kept { budget, list, whole });
                    return Ok(None);
                }
            }
        }
    }

    /// What the lists of the children lose beyond what is proved that they must.
    fn unproved(&self, node: usize) -> i64 {
        let beyond = |child: &usize| {
            let least = self.kept[*child].as_ref().and_then(|kept| kept.list.iter().map(|state| state.loss).min());
            least.map_or(0, |least| least.saturating_sub(self.lower[*child]))
        };
        self.tree.nodes[node].children.iter().map(beyond).fold(0, i64::saturating_add)
    }

    /// Whether a set is worth as much as any can be.
    fn reached(&self, known: &Incumbent) -> bool {
        known.value >= self.base.most(self.prices.scale, self.lower[0].max(self.below(0)))
    }

    /// The next budget: half as many losses again, but no more than twice as much, so that clustered losses are not let in all at once.
    fn wider(&self, node: usize, rung: usize, extra: i64) -> (usize, i64) {
        let ladder = &self.base.ladder[node];
        let mut next = rung + rung / 2;
        while ladder.get(next).is_some_and(|loss| *loss <= extra) {
            next += next / 2;
        }
        let doubled = extra.saturating_mul(2).max(self.prices.scale / 1_024 + 1);
        match ladder.get(next) {
            Some(loss) if *loss > doubled => (rung, doubled),
            Some(loss) => (next, *loss),
            None if ladder.last().is_some_and(|last| doubled < *last) => (rung, doubled),
            None => (next, i64::MAX),
        }
    }

    /// What a child's partial sets can do for its parent, by loss beyond the least; and whether these are all.
    fn child_ways(&mut self, child: usize, extra: i64) -> Result<(Vec<Way>, bool), Stop> {
        let least = self.lower[child];
        let budget = least.saturating_add(extra);
        if self.kept[child].as_ref().is_none_or(|kept| kept.budget < budget && kept.whole) {
            let (list, whole) = self.build(child, budget)?;
            self.kept[child] = Some(Kept { budget, list, whole });
        }
        let Some(kept) = &self.kept[child] else { return Ok((Vec::new(), false)) };
        let way = |state: &State| Way {
            spend: state.spend,
            value: state.value,
            loss: (state.loss - least).max(0),
            swap: Swap::Span(state.trace),
        };
        let mut ways: Vec<Way> = kept.list.iter().filter(|state| state.loss <= budget).map(way).collect();
        ways.sort_by_key(|way| way.loss);
        Ok((ways, kept.whole))
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
    /// With them, whether there was room for all.
    fn build(&mut self, node: usize, budget: i64) -> Result<(Vec<State>, bool), Stop> {
        let below = self.below(node);
        if budget < below {
            return Ok((Vec::new(), true));
        }
        let mut all = true;
        let extra = if budget == i64::MAX { i64::MAX } else { budget - below };
        let mut parts = self.class_ways(node, extra);
        for child in self.tree.nodes[node].children.clone() {
            let (ways, whole) = self.child_ways(child, extra)?;
            all &= whole;
            if ways.is_empty() {
                return Ok((Vec::new(), all));
            }
            parts.push(ways);
        }
        let window = self.base.window(self.tree, self.prices, node);
        let cut = Cut { budget: extra, margin: self.margins[node] };
        self.meter.narrowed = false;
        let (left, right) = halves(&parts, window.multiplier != 0);
        let (left, left_working) = fold(&left, cut, self.meter)?;
        let (right, right_working) = fold(&right, cut, self.meter)?;
        let pairs = matched((&left, &right), window, cut, node == 0, self.meter)?;
        all &= !self.meter.narrowed;
        let keep = |pair: Pair| {
            let start = self.swaps.len();
            unwind(left[pair.left].trace, &left_working, &mut self.swaps);
            unwind(right[pair.right].trace, &right_working, &mut self.swaps);
            self.spans.push((start, self.swaps.len()));
            State { loss: pair.sum.loss.saturating_add(below), trace: self.spans.len() - 1, ..pair.sum }
        };
        Ok((pairs.into_iter().map(keep).collect(), all))
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
        self.weighed(options, self.base.value + best.value)
    }

    fn weighed(&self, options: Vec<usize>, value: i64) -> Incumbent {
        let exact = self.base.bound - i128::from(value) * i128::from(self.prices.scale);
        Incumbent { options, value, loss: i64::try_from(exact).unwrap_or(FAR).min(FAR) }
    }
}

fn unwind(mut trace: usize, working: &Working, swaps: &mut Vec<Swap>) {
    while trace != 0 {
        let (before, swap) = working[trace];
        swaps.push(swap);
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
