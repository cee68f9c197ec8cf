//! The price of money at each budget: the dual of the linear relaxation, found exactly up to rounding by merging concave functions up the
//! tree and handing prices down. Any prices give a valid upper bound; these give a good one. Prices are whole numbers of value per cent,
//! scaled so that the whole value fits 60 bits.

use super::check::LIMIT;
use super::tree::{Choices, Class, Tree};

/// Prices and what follows from them.
pub(super) struct Prices {
    /// Points are multiplied by this wherever they meet a price.
    pub scale: i64,
    /// The price of a cent at each node: the sum of the multipliers on its path.
    pub price: Vec<i64>,
    /// Its own multiplier: above zero where the cap binds, below where the floor does.
    pub multiplier: Vec<i64>,
    /// The slopes at the cap and at the floor: the price stays between.
    bounds: Vec<(i64, i64)>,
}

/// A piece of a concave function: `cents` more at `slope` scaled points each.
#[derive(Clone, Copy)]
struct Piece {
    slope: i64,
    cents: i64,
}

/// The largest scale at which the whole value fits.
pub(super) fn scale(tree: &Tree) -> i64 {
    let whole: i64 = tree.classes.iter().map(|class| class.options.iter().map(|option| option.value.abs()).max().unwrap_or(0)).sum();
    if whole == 0 { 1 } else { 1_i64 << (LIMIT / whole).ilog2() }
}

/// Prices for every node.
pub(super) fn prices(tree: &Tree, scale: i64) -> Prices {
    let count = tree.nodes.len();
    let mut pieces: Vec<Vec<Piece>> = vec![Vec::new(); count];
    let mut forced = vec![0_i64; count];
    let mut bounds = vec![(i64::MIN, i64::MAX); count];
    for index in (0..count).rev() {
        let node = &tree.nodes[index];
        let mut own = std::mem::take(&mut pieces[index]);
        for class in &node.classes {
            let class = &tree.classes[*class];
            forced[index] += class.options.first().map_or(0, |option| option.cost);
            hull(class, scale, &mut own);
        }
        own.sort_by_key(|piece| std::cmp::Reverse(piece.slope));
        let (spent, at_cap, at_floor, rest) = between(&own, forced[index], node.floor, node.cap);
        bounds[index] = (at_cap, at_floor);
        if let Some(parent) = node.parent {
            forced[parent] += spent;
            pieces[parent].extend(rest);
        }
    }
    let mut prices = Prices { scale, price: vec![0; count], multiplier: vec![0; count], bounds };
    for index in 0..count {
        let above = tree.nodes[index].parent.map_or(0, |parent| prices.price[parent]);
        prices.set(index, above, prices.between(index, above));
    }
    prices
}

impl Prices {
    /// The price at a node whose parent's is `above`.
    pub fn between(&self, node: usize, above: i64) -> i64 {
        above.max(self.bounds[node].0).min(self.bounds[node].1)
    }

    /// Sets the price at a node whose parent's is `above`.
    pub fn set(&mut self, node: usize, above: i64, price: i64) {
        self.price[node] = price;
        self.multiplier[node] = price - above;
    }
}

/// The pieces of the upper hull of a class's options, appended.
fn hull(class: &Class, scale: i64, into: &mut Vec<Piece>) {
    let start = into.len();
    let mut corners: Vec<Choices> = Vec::with_capacity(class.options.len());
    for option in &class.options {
        while let Some(last) = corners.last().copied() {
            let slope = slope(last, *option, scale);
            if into.len() > start && into.last().is_some_and(|piece| piece.slope <= slope) {
                into.pop();
                corners.pop();
                continue;
            }
            into.push(Piece { slope, cents: option.cost - last.cost });
            break;
        }
        corners.push(*option);
    }
}

fn slope(from: Choices, to: Choices, scale: i64) -> i64 {
    let rise = i128::from(to.value - from.value) * i128::from(scale);
    let slope = rise.div_euclid(i128::from((to.cost - from.cost).max(1)));
    i64::try_from(slope).unwrap_or(if rise < 0 { -LIMIT } else { LIMIT }).clamp(-LIMIT, LIMIT)
}

/// Spends up to the floor, by force, and lists what may be spent from there to the cap; with the slopes at both.
fn between(pieces: &[Piece], least: i64, floor: i64, cap: i64) -> (i64, i64, i64, Vec<Piece>) {
    let (mut spent, mut at_cap, mut at_floor) = (least, i64::MIN, i64::MAX);
    let mut rest = Vec::with_capacity(pieces.len());
    let forced = floor.max(least);
    for piece in pieces {
        let end = spent + piece.cents;
        if spent < floor && end >= floor {
            at_floor = piece.slope;
        }
        let (from, to) = (spent.max(forced), end.min(cap));
        if to > from {
            rest.push(Piece { slope: piece.slope, cents: to - from });
        }
        if end > cap && at_cap == i64::MIN {
            at_cap = piece.slope;
        }
        spent = end;
    }
    (forced, at_cap, at_floor, rest)
}
