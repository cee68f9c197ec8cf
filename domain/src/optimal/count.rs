//! Where points follow costs closely, prices of money alone bound badly: an award's fixed worth is lost with each award that can't be made
//! in part. Then the number of awards is bounded first, exactly, by the same search; a price on the award itself brings the bound down.

use super::check::LIMIT;
use super::lists::Meter;
use super::prices::prices;
use super::tree::{Choices, Class, Pick, Tree};

/// The number of awards in each option of each class.
pub(super) struct Counts(Vec<Vec<i64>>);

impl Counts {
    /// Counts them.
    pub fn of(tree: &Tree) -> Self {
        let mut awards: Vec<i64> = Vec::with_capacity(tree.picks.len());
        for pick in &tree.picks {
            awards.push(match *pick {
                Pick::Nothing => 0,
                Pick::Award { .. } => 1,
                // What a pick is made of comes before it.
                Pick::Both(left, right) => awards[left] + awards[right],
            });
        }
        let count = |options: &[Choices]| options.iter().map(|option| awards[option.pick]).collect();
        Self(tree.classes.iter().map(|class| count(&class.options)).collect())
    }

    /// The tree with each option worth what `worth` makes of its value and its number of awards.
    pub fn valued(&self, tree: &Tree, worth: impl Fn(i64, i64) -> i64) -> Tree {
        let mut valued = tree.clone();
        for (class, counts) in valued.classes.iter_mut().zip(&self.0) {
            for (option, count) in class.options.iter_mut().zip(counts) {
                option.value = worth(option.value, *count);
            }
        }
        valued
    }
}

/// An upper bound on the value of all sets of at most `most` awards: the least over prices of an award, in whole points. The bound is
/// convex in that price, so its tangents from both sides close in on the least.
pub(super) fn bound(tree: &Tree, counts: &Counts, most: i64, meter: &mut Meter) -> i64 {
    let each = |(class, counts): (&Class, &Vec<i64>)| {
        class.options.iter().zip(counts).filter(|(_, count)| **count > 0).map(|(option, count)| option.value / count).max()
    };
    let top = tree.classes.iter().zip(&counts.0).filter_map(each).max().unwrap_or(0).max(0);
    let dearest = counts.valued(tree, |value, count| value.abs().saturating_add(top.saturating_mul(count)).min(LIMIT / 2));
    let whole: i128 =
        dearest.classes.iter().map(|class| i128::from(class.options.iter().map(|option| option.value).max().unwrap_or(0))).sum();
    if whole >= i128::from(LIMIT) {
        return i64::MAX;
    }
    // As fine as prices can be: a price is what an option is worth by the cent.
    let by_cent = |class: &Class| class.options.iter().map(|option| option.value / option.cost.max(1)).max().unwrap_or(0);
    let scale = 1_i64 << (LIMIT / 4 / (dearest.classes.iter().map(by_cent).max().unwrap_or(0) + 1)).ilog2();
    let mut valued = tree.clone();
    let mut at = |price: i64| -> i128 {
        for ((class, first), counts) in valued.classes.iter_mut().zip(&tree.classes).zip(&counts.0) {
            for ((option, before), count) in class.options.iter_mut().zip(&first.options).zip(counts) {
                option.value = before.value - price * count;
            }
        }
        upper_bound(&valued, scale) + i128::from(price) * i128::from(most) * i128::from(scale)
    };
    let (mut low, mut high) = (Tangent::at(0, &mut at), Tangent::at(top, &mut at));
    let mut least = low.bound.min(high.bound);
    for _ in 0..TANGENTS {
        if high.price - low.price < 2 || low.slope >= 0 || high.slope <= 0 || meter.count(2 * tree.classes.len()).is_err() {
            break;
        }
        let price = low.meets(&high).clamp(low.price + 1, high.price - 1);
        let next = Tangent::at(price, &mut at);
        least = least.min(next.bound).min(next.bound + next.slope);
        if next.slope < 0 {
            low = next;
        } else {
            high = next;
        }
    }
    i64::try_from(least.div_euclid(i128::from(scale))).unwrap_or(i64::MAX)
}

/// Tangents drawn at most.
const TANGENTS: usize = 24;

/// The bound at a price of an award, and how it grows with the next point.
struct Tangent {
    price: i64,
    bound: i128,
    slope: i128,
}

impl Tangent {
    fn at(price: i64, bound_at: &mut impl FnMut(i64) -> i128) -> Self {
        let bound = bound_at(price);
        Self { price, bound, slope: bound_at(price + 1) - bound }
    }

    /// The price at which two tangents meet; this one falls and stands to the left of the other, which rises.
    fn meets(&self, other: &Self) -> i64 {
        // low.bound + low.slope·(x − low.price) = high.bound − high.slope·(high.price − x)
        let apart = i128::from(other.price - self.price);
        let fall = (self.bound - other.bound + other.slope.saturating_mul(apart)).max(0);
        let steps = fall / (other.slope - self.slope).max(1);
        self.price.saturating_add(i64::try_from(steps).unwrap_or(i64::MAX))
    }
}

/// The bound of the linear relaxation, in scaled points.
fn upper_bound(tree: &Tree, scale: i64) -> i128 {
    let prices = prices(tree, scale);
    let mut bound = 0;
    for class in &tree.classes {
        let price = i128::from(prices.price[class.node]);
        let score = |option: &Choices| i128::from(option.value) * i128::from(scale) - i128::from(option.cost) * price;
        bound += class.options.iter().map(score).max().unwrap_or(0);
    }
    for (node, multiplier) in tree.nodes.iter().zip(&prices.multiplier) {
        bound += i128::from(*multiplier) * i128::from(if *multiplier > 0 { node.cap } else { node.floor });
    }
    bound
}
