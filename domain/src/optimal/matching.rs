//! Matches two halves of a node's partial sets across its floor and cap: pairs whose sums fall in a window, where slack has its price.

use super::lists::{Cut, FAR, Meter, Sieve, State, Stop};

/// Where the sum of two halves must lie, against the base, and what slack costs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub low: i64,
    pub high: i64,
    /// Scaled points per cent below the high end (above zero) or above the low end (below zero).
    pub multiplier: i64,
}

impl Window {
    /// What the slack of a spend inside the window costs; more than any budget if it is more than `budget`.
    pub fn cost(&self, spend: i64, budget: i64) -> i64 {
        let slack = if self.multiplier > 0 { self.high - spend } else { spend - self.low };
        let size = self.multiplier.saturating_abs();
        if size == 0 || slack == 0 {
            0
        } else if slack > budget / size {
            i64::MAX
        } else {
            slack * size
        }
    }

    /// The spends whose slack costs no more than `budget`.
    fn within(&self, budget: i64) -> (i64, i64) {
        let size = self.multiplier.saturating_abs();
        if size == 0 {
            return (self.low, self.high);
        }
        let room = budget / size;
        if self.multiplier > 0 {
            (self.low.max(self.high.saturating_sub(room)), self.high)
        } else {
            (self.low, self.high.min(self.low.saturating_add(room)))
        }
    }
}

/// A pair of states, one of each half, and what both come to with the cost of slack; traces are indices into the halves.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    pub sum: State,
    pub left: usize,
    pub right: usize,
}

/// All pairs inside the window that lost no more than the budget. With `only_best`, one pair: the most value, then the least spend.
pub(super) fn matched(
    (left, right): (&[State], &[State]),
    window: Window,
    cut: Cut,
    only_best: bool,
    meter: &mut Meter,
) -> Result<Vec<Pair>, Stop> {
    let mut pairs: Vec<Pair> = Vec::new();
    let mut budget = cut.budget;
    for (at, one) in left.iter().enumerate() {
        if one.loss > budget {
            continue;
        }
        let (low, high) = window.within(budget - one.loss);
        let top = right.partition_point(|other| other.spend <= high - one.spend);
        let mut seen = 1;
        for (index, other) in right[..top].iter().enumerate().rev() {
            let spend = one.spend + other.spend;
            if spend < low {
                break;
            }
            seen += 1;
            let loss = one.loss.saturating_add(other.loss);
            if loss > budget {
                continue;
            }
            let loss = loss.saturating_add(window.cost(spend, budget - loss));
            if loss > budget {
                continue;
            }
            let sum = State { spend, value: one.value + other.value, loss, trace: 0 };
            let pair = Pair { sum, left: at, right: index };
            if only_best {
                let better = pairs.first().is_none_or(|best| (best.sum.value, -best.sum.spend) < (sum.value, -sum.spend));
                if better {
                    pairs = vec![pair];
                    // Losses beyond `FAR` are understated and tell nothing about others.
                    budget = if loss < FAR { budget.min(loss) } else { budget };
                }
            } else {
                pairs.push(pair);
            }
        }
        meter.count(seen)?;
        if pairs.len() > meter.room.saturating_mul(2) {
            thin(&mut pairs, meter);
        }
    }
    pairs.sort_unstable_by_key(|pair| (pair.sum.spend, -pair.sum.value, pair.sum.loss, pair.left, pair.right));
    let mut sieve = Sieve::new(cut.margin);
    pairs.retain(|pair| sieve.keeps(pair.sum.spend, pair.sum.value));
    if pairs.len() > meter.room {
        thin(&mut pairs, meter);
        pairs.sort_unstable_by_key(|pair| pair.sum.spend);
    }
    Ok(pairs)
}

/// Keeps the pairs that lost least.
fn thin(pairs: &mut Vec<Pair>, meter: &mut Meter) {
    meter.narrowed = true;
    pairs.select_nth_unstable_by_key(meter.room, |pair| (pair.sum.loss, pair.sum.spend, pair.left, pair.right));
    pairs.truncate(meter.room);
}
