//! Largest remainder: whole parts first, then one unit each to the largest remainders.

use super::bounds::{Rounds, settle};
use super::{Claimant, Cutoff, Mark, Method, Part, Quota, Settled, Shares, SharesProblem, Tie, product, units};
use std::cmp::Ordering;

/// Shares a pot among claimants that [`super::check`] found in order, with `weight` their weights together.
pub(super) fn share(pot: i64, weight: i128, claimants: &[Claimant]) -> Result<Shares, SharesProblem> {
    let Rounds { settled, rounds, units: left, weight: open_weight } = settle(pot, weight, claimants)?;
    let mut parts = Vec::with_capacity(claimants.len());
    let mut remainders = Vec::with_capacity(claimants.len());
    let mut over = left;
    for (index, (claimant, (settled, round))) in claimants.iter().zip(settled).enumerate() {
        let whole_pot = quota(pot, weight, claimant.weight)?;
        let granted = match settled {
            Settled::AtFloor => claimant.floor,
            Settled::AtCap => claimant.cap_in(pot),
            // A share within whole bounds stays within them when it is rounded either way.
            Settled::ByShare => {
                let share = if rounds.len() == 1 { whole_pot } else { quota(left, open_weight, claimant.weight)? };
                over -= share.whole;
                remainders.push((share.remainder, index));
                share.whole
            }
        };
        parts.push(Part { weight: claimant.weight, quota: whole_pot, settled, round: Some(round), rounded_up: false, granted });
    }
    let (mut cutoff, mut tie) = (None, None);
    // When someone weighs something, fewer units are over than there are remainders above zero: each is below one unit, and together they
    // are what is over. When no one left does, no one can take what is over.
    let count = usize::try_from(over).map_err(|_| SharesProblem::TooLarge)?;
    if count > 0 && open_weight > 0 {
        let (ahead, last, behind) = remainders.select_nth_unstable_by(count - 1, larger_then_earlier);
        for &(_, index) in ahead.iter().chain([&*last]) {
            parts[index].granted += 1;
            parts[index].rounded_up = true;
        }
        let mark = |&(above, claimant): &(i128, usize)| Mark { claimant, above, below: open_weight };
        let next = behind.iter().min_by(|left, right| larger_then_earlier(left, right));
        cutoff = Some(Cutoff { last: mark(last), next: next.map(mark) });
        if next.is_some_and(|next| next.0 == last.0) {
            let equal = |side: &[(i128, usize)]| -> Vec<usize> {
                side.iter().filter(|(remainder, _)| *remainder == last.0).map(|(_, index)| *index).collect()
            };
            let (mut ahead, mut behind) = (equal(ahead), equal(behind));
            ahead.push(last.1);
            ahead.sort_unstable();
            behind.sort_unstable();
            tie = Some(Tie { ahead, behind });
        }
        over = 0;
    }
    Ok(Shares { method: Method::LargestRemainder, pot, weight, parts, rounds, cutoff, tie, granted: pot - over, rest: over })
}

/// Units × weight ÷ all weights. Nothing of nothing is nothing.
pub(super) fn quota(units_left: i64, all: i128, weight: i128) -> Result<Quota, SharesProblem> {
    if all == 0 {
        return Ok(Quota { whole: 0, remainder: 0 });
    }
    let shared = product(weight, units_left.into());
    let whole = shared / all;
    Ok(Quota { whole: units(whole)?, remainder: shared - product(all, whole) })
}

/// The order in which units that are over are handed out.
fn larger_then_earlier(left: &(i128, usize), right: &(i128, usize)) -> Ordering {
    right.0.cmp(&left.0).then(left.1.cmp(&right.1))
}
