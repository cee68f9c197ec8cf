//! Which searches are made, and in what order: with small budgets folded; with all of them in full; at a price of awards as well as of
//! money; and once more with all the room allowed.

use super::base::Base;
use super::count::{self, Counts};
use super::fill;
use super::lists::Meter;
use super::near;
use super::prices::{prices, scale};
use super::search::{Found, search};
use super::tree::Tree;
use super::{Proof, Unsolvable};

/// Sets of a small budget are near the best if they lose no more than the whole problem's award of this rank by loss.
const NEAR: usize = 400;

/// The room of the first searches.
const ROOM: usize = 20_000;

/// The first searches take one of so many shares of the steps.
const SHARE: u64 = 5;

/// The best set found so far, with the tree in which it was found if that is another than the one given.
type Best = (Option<Tree>, Found);

/// The best set of a tree, with the tree in which it was found.
pub(super) fn best(tree: Tree, meter: &mut Meter) -> Result<(Tree, Found), Unsolvable> {
    let (room, limit) = (meter.room, meter.limit);
    (meter.room, meter.limit) = (room.min(ROOM), limit / SHARE);
    let first = by_money(&tree, meter);
    (meter.room, meter.limit) = (room, limit);
    let mut best = match first {
        Err(cause @ Unsolvable::Conflict(_)) => return Err(cause),
        other => other.ok(),
    };
    if best.as_ref().is_none_or(|best| is_wide(&best.1))
        && let Some(counted) = by_count(&tree, meter)
    {
        best = Some(better(best, (None, counted)));
    }
    let proved = |best: &Option<Best>| best.as_ref().is_some_and(|best| best.1.proof == Proof::Optimal);
    if !proved(&best) {
        let prices = prices(&tree, scale(&tree));
        let known = best.as_ref().and_then(|(other, found)| other.is_none().then_some(found));
        match search(&tree, &prices, &Base::new(&tree, &prices), meter, known) {
            Ok(found) => best = Some(better(best, (None, found))),
            Err(cause @ Unsolvable::Conflict(_)) => return Err(cause),
            Err(_) => {}
        }
    }
    let (other, found) = best.ok_or(Unsolvable::Undecided { steps: meter.steps })?;
    Ok((other.unwrap_or(tree), found))
}

/// Whether the bound lies above the value by more than a millionth.
fn is_wide(found: &Found) -> bool {
    matches!(found.proof, Proof::Gap { bound } if bound.saturating_sub(found.value) > found.value.saturating_abs() / 1_000_000)
}

/// The set worth more, with the lower of both bounds.
fn better(one: Option<Best>, other: Best) -> Best {
    let Some(one) = one else { return other };
    let bound = |found: &Found| match found.proof {
        Proof::Optimal => found.value,
        Proof::Gap { bound } => bound,
    };
    let bound = bound(&one.1).min(bound(&other.1));
    let mut best = if other.1.value > one.1.value { other } else { one };
    best.1.proof = if best.1.value >= bound { Proof::Optimal } else { Proof::Gap { bound } };
    best
}

/// With small budgets folded, if that leads to a proof; else with all in full.
fn by_money(tree: &Tree, meter: &mut Meter) -> Result<Best, Unsolvable> {
    let prices = prices(tree, scale(tree));
    let base = Base::new(tree, &prices);
    let mut near = base.ladder[0].get(NEAR.min(base.ladder[0].len() / 4)).copied().unwrap_or(0);
    let mut fallback: Option<Best> = None;
    for _ in 0..2 {
        let Some(folded) = near::near(tree, &prices, near, meter) else { break };
        let near_base = Base::new(&folded.tree, &folded.prices);
        // Sets left out are worth no more than this; what all sets' values have in common is known only with all sets in view.
        let others = (near_base.bound - i128::from(folded.hidden)).div_euclid(i128::from(folded.prices.scale));
        let others = base.whole(i64::try_from(others).unwrap_or(i64::MAX));
        let Ok(mut found) = search(&folded.tree, &folded.prices, &near_base, meter, None) else { continue };
        if others <= found.value {
            return Ok((Some(folded.tree), found));
        }
        let bound = if let Proof::Gap { bound } = found.proof { bound.max(others) } else { others };
        found.proof = Proof::Gap { bound };
        near = found.loss.saturating_add(found.loss / 4).max(near.saturating_mul(2));
        fallback = Some((Some(folded.tree), found));
    }
    match (search(tree, &prices, &base, meter, None), fallback) {
        (Ok(found), folded) => Ok(better(folded, (None, found))),
        (Err(Unsolvable::Undecided { .. }), Some(folded)) => Ok(folded),
        (Err(cause), _) => Err(cause),
    }
}

/// The most awards, filled up; with the bound that the number of awards gives. `None` if no set was found.
fn by_count(tree: &Tree, meter: &mut Meter) -> Option<Found> {
    let counts = Counts::of(tree);
    let counted = counts.valued(tree, |_, count| count);
    let prices = prices(&counted, scale(&counted));
    let mut found = search(&counted, &prices, &Base::new(&counted, &prices), meter, None).ok()?;
    let most = match found.proof {
        Proof::Optimal => found.value,
        Proof::Gap { bound } => bound,
    };
    let bound = count::bound(tree, &counts, most, meter);
    found.value = tree.classes.iter().zip(&found.options).map(|(class, option)| class.options[*option].value).sum();
    fill::fill(tree, &mut found, bound, meter);
    found.proof = if found.value >= bound { Proof::Optimal } else { Proof::Gap { bound } };
    Some(found)
}
