//! Webster's divisor method with bounds. The rate of the rounds that settle bounds is the first guess of the divisor; what rounding then
//! gives too much or too little, at most half a unit a claimant on average, is corrected in the order of the quotients: at once where it is
//! one unit each, else unit by unit.

use super::bounds::{Rounds, settle};
use super::remainders::quota;
use super::{Claimant, Cutoff, Mark, Method, Part, Quota, Settled, Shares, SharesProblem, Tie, product, units};
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// One unit's place in the order: its claimant's weight over an odd number. Greater comes first; of equals, the earlier claimant's.
#[derive(Clone, Copy)]
struct Quotient {
    weight: i128,
    odd: u64,
    claimant: usize,
}

impl Quotient {
    /// The quotient for the unit after the `held` ones.
    fn after(held: i64, claimant: usize, weight: i128) -> Self {
        Self { weight, odd: 2 * held.unsigned_abs() + 1, claimant }
    }

    /// Compares by cross products.
    fn compare(&self, other: &Self) -> Ordering {
        product(self.weight, other.odd.into()).cmp(&product(other.weight, self.odd.into()))
    }

    fn mark(self) -> Mark {
        Mark { claimant: self.claimant, above: self.weight, below: self.odd.into() }
    }
}

impl Ord for Quotient {
    fn cmp(&self, other: &Self) -> Ordering {
        self.compare(other).then(other.claimant.cmp(&self.claimant))
    }
}

impl PartialOrd for Quotient {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Quotient {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Quotient {}

/// Shares a pot among claimants that [`super::check`] found in order, with `weight` their weights together.
pub(super) fn share(pot: i64, weight: i128, claimants: &[Claimant]) -> Result<Shares, SharesProblem> {
    let mut quotas = Vec::with_capacity(claimants.len());
    for claimant in claimants {
        quotas.push(quota(pot, weight, claimant.weight)?);
    }
    let mut granted = first_guess(pot, weight, claimants, &quotas)?;
    let sum: i128 = granted.iter().copied().map(i128::from).sum();
    let short = i128::from(pot) - sum;
    let rest = match short.cmp(&0) {
        Ordering::Equal => 0,
        Ordering::Greater => add(pot, short, claimants, &mut granted)?,
        Ordering::Less => {
            take_back(-short, claimants, &mut granted);
            0
        }
    };
    // A rest means that everyone is at a cap: no divisor made the parts.
    let (last, next, tie) = if rest > 0 { (None, None, None) } else { line(pot, claimants, &granted) };
    let cutoff = last.map(|last| Cutoff { last: last.mark(), next: next.map(Quotient::mark) });
    let mut parts = Vec::with_capacity(claimants.len());
    for (index, ((claimant, granted), quota)) in claimants.iter().zip(granted).zip(quotas).enumerate() {
        let settled = settled(pot, rest, index, claimant, granted, last);
        // Granted more than weight ÷ divisor, that is than weight × below ÷ (2 × above).
        let up =
            cutoff.is_some_and(|Cutoff { last, .. }| product(2 * last.above, i128::from(granted)) > product(claimant.weight, last.below));
        let rounded_up = up && settled == Settled::ByShare;
        parts.push(Part { weight: claimant.weight, quota, settled, round: None, rounded_up, granted });
    }
    Ok(Shares { method: Method::Webster, pot, weight, parts, rounds: Vec::new(), cutoff, tie, granted: pot - rest, rest })
}

/// What the rate of the settled bounds gives when halves round up: for its own sum, this is already Webster's outcome, and no tie is cut.
fn first_guess(pot: i64, weight: i128, claimants: &[Claimant], quotas: &[Quota]) -> Result<Vec<i64>, SharesProblem> {
    let Rounds { settled, rounds, units: left, weight: open_weight, .. } = settle(pot, weight, claimants)?;
    let mut granted = Vec::with_capacity(claimants.len());
    for ((claimant, whole_pot), (settled, _)) in claimants.iter().zip(quotas).zip(settled) {
        granted.push(match settled {
            Settled::AtFloor => claimant.floor,
            Settled::AtCap => claimant.cap_in(pot),
            Settled::ByShare => {
                let share = if rounds.len() == 1 { *whole_pot } else { quota(left, open_weight, claimant.weight)? };
                share.whole + i64::from(share.remainder > 0 && 2 * share.remainder >= open_weight)
            }
        });
    }
    Ok(granted)
}

/// Gives `short` units more to the largest quotients below their caps, and returns what no one can take.
fn add(pot: i64, mut short: i128, claimants: &[Claimant], granted: &mut [i64]) -> Result<i64, SharesProblem> {
    let can_take = |index: usize, granted: i64| claimants[index].weight > 0 && granted < claimants[index].cap_in(pot);
    let mut waiting: Vec<Quotient> = (0..claimants.len())
        .filter(|&index| can_take(index, granted[index]))
        .map(|index| Quotient::after(granted[index], index, claimants[index].weight))
        .collect();
    if let Some(first) = one_unit_each(&mut waiting, short, |first| Some(Quotient { odd: first.odd + 2, ..*first })) {
        for Quotient { claimant, .. } in first {
            granted[*claimant] += 1;
        }
        return Ok(0);
    }
    let mut queue = BinaryHeap::from(waiting);
    while short > 0 {
        let Some(mut first) = queue.peek_mut() else { return units(short) };
        let index = first.claimant;
        granted[index] += 1;
        short -= 1;
        if can_take(index, granted[index]) {
            first.odd += 2;
        } else {
            PeekMut::pop(first);
        }
    }
    Ok(0)
}

/// Takes `over` units back from the smallest quotients above their floors; the floors fit into the pot, so there are enough.
fn take_back(mut over: i128, claimants: &[Claimant], granted: &mut [i64]) {
    let mut waiting: Vec<Reverse<Quotient>> = (0..claimants.len())
        .filter(|&index| granted[index] > claimants[index].floor)
        .map(|index| Reverse(Quotient::after(granted[index] - 1, index, claimants[index].weight)))
        .collect();
    let before = |Reverse(last): &Reverse<Quotient>| last.odd.checked_sub(2).map(|odd| Reverse(Quotient { odd, ..*last }));
    if let Some(first) = one_unit_each(&mut waiting, over, before) {
        for Reverse(Quotient { claimant, .. }) in first {
            granted[*claimant] -= 1;
        }
        return;
    }
    let mut queue = BinaryHeap::from(waiting);
    while over > 0 {
        let Some(mut last) = queue.peek_mut() else { return };
        let index = last.0.claimant;
        granted[index] -= 1;
        over -= 1;
        if granted[index] > claimants[index].floor {
            last.0.odd -= 2;
        } else {
            PeekMut::pop(last);
        }
    }
}

/// The first `count` of those waiting, in no order, if they are one unit of each claimant's: if whatever `follows` one of them comes later
/// than all of them. It mostly is so, and then a queue, which would be asked once a unit, is not needed.
fn one_unit_each<Q: Ord>(waiting: &mut [Q], count: i128, follows: impl Fn(&Q) -> Option<Q>) -> Option<&[Q]> {
    let count = usize::try_from(count).ok().filter(|count| (1..=waiting.len()).contains(count))?;
    let (ahead, last, _) = waiting.select_nth_unstable_by(count - 1, |left, right| right.cmp(left));
    let one_each = ahead.iter().chain([&*last]).all(|first| follows(first).is_none_or(|next| next < *last));
    one_each.then(|| &waiting[..count])
}

/// The last unit handed out above the floors, the next one that was not, and whether only the order of the claimants parts them.
fn line(pot: i64, claimants: &[Claimant], granted: &[i64]) -> (Option<Quotient>, Option<Quotient>, Option<Tie>) {
    let got = |index: usize| {
        let claimant = &claimants[index];
        (granted[index] > claimant.floor).then(|| Quotient::after(granted[index] - 1, index, claimant.weight))
    };
    let missed = |index: usize| {
        let claimant = &claimants[index];
        let can_take = claimant.weight > 0 && granted[index] < claimant.cap_in(pot);
        can_take.then(|| Quotient::after(granted[index], index, claimant.weight))
    };
    let Some(last) = (0..claimants.len()).filter_map(got).min() else { return (None, None, None) };
    let next = (0..claimants.len()).filter_map(missed).max();
    let tie = next.filter(|next| next.compare(&last) == Ordering::Equal).map(|_| {
        let equal = |quotient: &Quotient| quotient.compare(&last) == Ordering::Equal;
        let ahead = (0..claimants.len()).filter(|&index| got(index).is_some_and(|quotient| equal(&quotient)));
        let behind = (0..claimants.len()).filter(|&index| missed(index).is_some_and(|quotient| equal(&quotient)));
        Tie { ahead: ahead.collect(), behind: behind.collect() }
    });
    (Some(last), next, tie)
}

/// Whether a bound or the divisor made the part: the floor if its last unit comes after the last one handed out, the cap if the unit
/// beyond it comes before. With a rest, everyone who weighs something is at its cap.
fn settled(pot: i64, rest: i64, index: usize, claimant: &Claimant, granted: i64, last: Option<Quotient>) -> Settled {
    if rest > 0 && claimant.weight > 0 {
        return Settled::AtCap;
    }
    let after = |held| Quotient::after(held, index, claimant.weight);
    if granted == claimant.floor && granted > 0 && last.is_none_or(|last| after(granted - 1) < last) {
        Settled::AtFloor
    } else if granted == claimant.cap_in(pot) && claimant.weight > 0 && last.is_some_and(|last| after(granted) > last) {
        Settled::AtCap
    } else {
        Settled::ByShare
    }
}
