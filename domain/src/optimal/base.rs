//! The base set: at the prices, each class takes what is worth most to it. Every set of awards is the base with some ways changed, and is
//! worth the upper bound less the losses of those ways and of the slack at budgets with a multiplier.

use super::lists::{FAR, Swap, Way};
use super::matching::Window;
use super::prices::Prices;
use super::tree::Tree;

/// The base set and every way to differ from it.
pub(super) struct Base {
    /// For each class, the option taken.
    pub option: Vec<usize>,
    /// What the base is worth, in points.
    pub value: i64,
    /// What it spends at or below each node.
    pub spend: Vec<i64>,
    /// For each node, the ways of its own classes to differ, by loss.
    pub ways: Vec<Vec<Way>>,
    /// For each node, the least losses at or below it, ascending, cut to [`LADDER`].
    pub ladder: Vec<Vec<i64>>,
    /// The upper bound on all sets, in scaled points.
    pub bound: i128,
    /// All sets' values differ by multiples of this.
    pub grain: i64,
    /// The least value by which `grain` counts.
    pub origin: i64,
}

/// As many losses as a search can ever allow for one by one.
const LADDER: usize = 8192;

impl Base {
    /// The base at these prices.
    pub fn new(tree: &Tree, prices: &Prices) -> Self {
        let count = tree.nodes.len();
        let mut base = Self {
            option: Vec::with_capacity(tree.classes.len()),
            value: 0,
            spend: vec![0; count],
            ways: vec![Vec::new(); count],
            ladder: vec![Vec::new(); count],
            bound: 0,
            grain: 0,
            origin: 0,
        };
        for (index, class) in tree.classes.iter().enumerate() {
            let price = i128::from(prices.price[class.node]);
            let score = |value: i64, cost: i64| i128::from(value) * i128::from(prices.scale) - i128::from(cost) * price;
            let mut best = (0, i128::MIN);
            let first = class.options.first().map_or(0, |option| option.value);
            base.origin += first;
            for (option, choice) in class.options.iter().enumerate() {
                let score = score(choice.value, choice.cost);
                if score > best.1 {
                    best = (option, score);
                }
                base.grain = gcd(base.grain, choice.value - first);
            }
            let chosen = class.options[best.0];
            base.bound += best.1;
            base.value += chosen.value;
            base.spend[class.node] += chosen.cost;
            base.option.push(best.0);
            for (option, choice) in class.options.iter().enumerate().filter(|(option, _)| *option != best.0) {
                let loss = i64::try_from(best.1 - score(choice.value, choice.cost)).unwrap_or(FAR).min(FAR);
                let (spend, value) = (choice.cost - chosen.cost, choice.value - chosen.value);
                base.ways[class.node].push(Way { spend, value, loss, swap: Swap::Class { class: index, option } });
            }
        }
        for index in (0..count).rev() {
            let node = &tree.nodes[index];
            base.ways[index].sort_by_key(|way| way.loss);
            let own: Vec<i64> = base.ways[index].iter().take(LADDER).map(|way| way.loss).collect();
            base.ladder[index].extend(own);
            base.ladder[index].sort_unstable();
            base.ladder[index].truncate(LADDER);
            let multiplier = prices.multiplier[index];
            base.bound += i128::from(multiplier) * i128::from(if multiplier > 0 { node.cap } else { node.floor });
            if let Some(parent) = node.parent {
                base.spend[parent] += base.spend[index];
                let below = base.ladder[index].clone();
                base.ladder[parent].extend(below);
            }
        }
        base
    }

    /// Where the spend at a node must lie, against the base.
    pub fn window(&self, tree: &Tree, prices: &Prices, node: usize) -> Window {
        let budget = &tree.nodes[node];
        let spend = self.spend[node];
        Window { low: budget.floor - spend, high: budget.cap - spend, multiplier: prices.multiplier[node] }
    }

    /// The most points any set is worth that loses at least `loss` against this bound.
    pub fn most(&self, scale: i64, loss: i64) -> i64 {
        let most = (self.bound - i128::from(loss)).div_euclid(i128::from(scale));
        self.whole(i64::try_from(most).unwrap_or(i64::MAX))
    }

    /// The most points up to `points` that sets of this base can be worth.
    pub fn whole(&self, points: i64) -> i64 {
        if self.grain == 0 { points.min(self.origin) } else { self.origin + (points - self.origin).div_euclid(self.grain) * self.grain }
    }

    /// For each node, how much less may be spent there or below without any floor on its path noticing, in every set that loses no more
    /// than `most`.
    pub fn margins(&self, tree: &Tree, prices: &Prices, most: i64) -> Vec<i64> {
        let mut margins: Vec<i64> = Vec::with_capacity(tree.nodes.len());
        for (index, node) in tree.nodes.iter().enumerate() {
            let multiplier = prices.multiplier[index];
            let own = if node.floor <= node.least {
                i64::MAX
            } else if most >= FAR || multiplier < 0 {
                0
            } else if multiplier > 0 {
                node.cap - most / multiplier - node.floor
            } else {
                self.spend[index] - self.most_less(tree, index, most) - node.floor
            };
            let above = node.parent.map_or(i64::MAX, |parent| margins[parent]);
            margins.push(own.max(0).min(above));
        }
        margins
    }

    /// A bound on how much less than the base a node can spend for `most` losses: the best decreases per loss, the last in part.
    fn most_less(&self, tree: &Tree, node: usize, most: i64) -> i64 {
        let mut decreases: Vec<(i64, i64)> = Vec::new();
        let mut below = vec![node];
        while let Some(index) = below.pop() {
            let ways = self.ways[index].iter().take_while(|way| way.loss <= most).filter(|way| way.spend < 0);
            decreases.extend(ways.map(|way| (-way.spend, way.loss)));
            below.extend(&tree.nodes[index].children);
        }
        decreases.sort_unstable_by(|a, b| (i128::from(a.1) * i128::from(b.0)).cmp(&(i128::from(b.1) * i128::from(a.0))));
        let (mut less, mut left) = (0_i64, most);
        for (cents, loss) in decreases {
            if loss > left {
                let part = i128::from(cents) * i128::from(left) / i128::from(loss) + 1;
                return less.saturating_add(i64::try_from(part).unwrap_or(cents));
            }
            left -= loss;
            less = less.saturating_add(cents);
        }
        less
    }
}

fn gcd(mut left: i64, mut right: i64) -> i64 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left.abs()
}
