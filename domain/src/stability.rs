//! How far one criterion's weight can move before the funded set changes, and how far each applicant's place moves with it: computed, not
//! sampled. When one weight changes here, the other weights change in proportion, so that all still sum to 10,000 basis points; bonuses stay
//! as they are. Every sum is then a straight line over the weight, and what is asked is where lines meet; where groups have caps or a
//! criterion is left out for somebody, lines break and bend (`curves`), and the order is followed from meeting to meeting (`sweep`). No
//! floating point is used, in between or in results.
//!
//! [`intervals`] keeps a set above a line, fast for any pool of straight lines; [`held`] keeps everybody's award, by any policy down the list,
//! and [`held_by_points`] where points are weighed.

mod curves;
mod grants;
mod lines;
mod parts;
mod reversals;
mod sets;
mod spot;
mod sweep;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use grants::Walk;
pub use grants::{Change, Held, Laying, Limit, held};
pub use reversals::{Reversal, reversals};
pub(crate) use sets::Sets;
pub use sets::held_by_points;

use crate::exact::Exact;
use crate::ranking::{Columns, Pool, Standing, by_ties};
use crate::ruleset::{Criterion, RuleSet, WHOLE};
use curves::{Points, Way, start};
use lines::{Lines, Spot};
use serde::Serialize;
use std::cmp::Ordering;
use std::ops::ControlFlow;
use sweep::{Effort, Until, sweep};

/// Why weights can't be moved along straight lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsteady {
    /// Somebody's missing number leaves a criterion out, and what the others weigh then is no straight line.
    #[error("A criterion is left out for some applicants, so their points do not follow a weight in a straight line.")]
    Gaps,
    /// Groups are cut to caps.
    #[error("Groups of criteria have caps, so points do not follow a weight in a straight line.")]
    Groups,
    /// The order changes too often on the way.
    #[error("The order changes so often on the way that following it takes too long for a page.")]
    Long,
    /// Money can't be laid out with other points.
    #[error("With other points the money can’t be laid out by the rule.")]
    Unlaid,
}

/// In which interval of one criterion's weight the same applicants stand above the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interval {
    /// The criterion's key.
    pub criterion: String,
    /// The criterion's name.
    pub name: String,
    /// Its weight now, in basis points.
    pub weight: u32,
    /// How far down it can go.
    pub low: End,
    /// How far up it can go.
    pub high: End,
}

/// One end of an interval. At the end itself two have equal points and the tie-break decides; beyond it the set is another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct End {
    /// The weight, in basis points: a fraction from 0 to 10,000.
    pub weight: Exact,
    /// Who changes sides beyond; `None` where the weight can go no further, 0 or 10,000.
    pub meeting: Option<Meeting>,
}

/// Two that have equal points at an end; when several pairs meet at once, one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Meeting {
    /// The id of the one above the line who falls below it.
    pub falls: String,
    /// The id of the one below the line who comes above it.
    pub rises: String,
}

/// The places that one applicant takes while a weight moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Range {
    /// The applicant's id.
    pub candidate: String,
    /// The place at the weights as they are.
    pub now: u32,
    /// The best place, 1 for the first.
    pub best: u32,
    /// The worst place.
    pub worst: u32,
}

/// For each weighted criterion, in the rules' order, the widest interval of its weight in which the first `line` places hold the same
/// applicants, the other weights in proportion. That is the funded set of a walk down the list wherever nobody below the line asks for as
/// little as is left. A criterion that alone weighs 10,000 is passed over, since the others' proportion is not told; `line` 0 or beyond the
/// last place gives whole intervals.
///
/// # Errors
/// [`Unsteady`].
pub fn intervals(pool: &Pool<'_>, seed: &str, line: u32) -> Result<Vec<Interval>, Unsteady> {
    let columns = steady(pool)?;
    let standing = Standing::of(pool, seed);
    let line = usize::try_from(line).unwrap_or(usize::MAX).min(standing.indices().len());
    let (above, below) = standing.indices().split_at(line);
    let weighted = pool.rules().criteria.iter().enumerate().filter(|(_, criterion)| !criterion.bonus && criterion.weight < WHOLE);
    let interval = |(index, criterion): (usize, &Criterion)| {
        let lines = Lines::of(pool, &columns, index);
        let end = |to: Spot| {
            let (weight, met) = lines.first_change(above, below, to);
            let id = |index: usize| pool.candidates().get(index).map(|candidate| candidate.id.clone());
            End { weight, meeting: met.and_then(|(falls, rises)| Some(Meeting { falls: id(falls)?, rises: id(rises)? })) }
        };
        let (low, high) = (end(Spot::NOTHING), end(Spot::EVERYTHING));
        Interval { criterion: criterion.key.clone(), name: criterion.name.clone(), weight: criterion.weight, low, high }
    };
    Ok(weighted.map(interval).collect())
}

/// Each applicant's best and worst place while the weight of one criterion goes from `low` to `high` basis points, both included, the other
/// weights in proportion; in the order of the places as they are. Empty when there is no such weighted criterion, or it alone weighs 10,000.
///
/// # Errors
/// [`Unsteady::Long`], where sums are no straight lines.
pub fn ranges(pool: &Pool<'_>, seed: &str, criterion: &str, low: u32, high: u32) -> Result<Vec<Range>, Unsteady> {
    let movable = |one: &Criterion| one.key == criterion && !one.bonus && one.weight < WHOLE;
    let Some(index) = pool.rules().criteria.iter().position(movable) else { return Ok(Vec::new()) };
    let high = high.min(WHOLE);
    match steady(pool) {
        Ok(columns) => Ok(along_lines(pool, seed, &Lines::of(pool, &columns, index), low.min(high), high)),
        Err(_) => along_curves(pool, seed, index, low.min(high), high),
    }
}

fn along_lines(pool: &Pool<'_>, seed: &str, lines: &Lines<'_>, low: u32, high: u32) -> Vec<Range> {
    let ahead = |a: usize, b: usize| by_ties(pool, seed, a, b);
    let places = |weight: u32| places(&lines.order(&Spot::at(weight), ahead));
    let (from, to) = (places(low), places(high));
    let standing = Standing::of(pool, seed);
    let range = |(at, own): (usize, &usize)| {
        let (best, worst) = extremes(lines, *own, &from, &to, ahead)?;
        Some(Range { candidate: pool.candidates().get(*own)?.id.clone(), now: place(at), best: place(best), worst: place(worst) })
    };
    standing.indices().iter().enumerate().filter_map(range).collect()
}

/// As [`along_lines`], for sums that are no straight lines: every order on the way is looked at.
fn along_curves(pool: &Pool<'_>, seed: &str, criterion: usize, low: u32, high: u32) -> Result<Vec<Range>, Unsteady> {
    let mut extremes: Vec<(usize, usize)> = vec![(usize::MAX, 0); pool.candidates().len()];
    sweep(
        &Points::of(pool),
        seed,
        (criterion, Way::Up),
        &start(low, Way::Up),
        &Until::With(start(high, Way::Up)),
        &mut Effort::new(),
        |seen| {
            for at in seen.changed.iter().cloned().flatten() {
                if let Some((best, worst)) = seen.order.get(at).and_then(|one| extremes.get_mut(*one)) {
                    (*best, *worst) = ((*best).min(at), (*worst).max(at));
                }
            }
            ControlFlow::Continue(())
        },
    )?;
    let standing = Standing::of(pool, seed);
    let range = |(at, own): (usize, &usize)| {
        let (best, worst) = *extremes.get(*own)?;
        Some(Range { candidate: pool.candidates().get(*own)?.id.clone(), now: place(at), best: place(best), worst: place(worst) })
    };
    Ok(standing.indices().iter().enumerate().filter_map(range).collect())
}

/// What each criterion's points count at both ends of the way of one's weight, times what the others weigh now, so that taking their mean
/// divides nothing: without that one, and with nothing but it, the bonuses at either.
fn counts_at_ends(rules: &RuleSet, moved: usize) -> Vec<(u32, u32)> {
    let others = WHOLE - rules.criteria.get(moved).map_or(0, |criterion| criterion.weight);
    let counts = |(index, own): (usize, &Criterion)| match (own.bonus, index == moved) {
        (true, _) => (others, others),
        (false, true) => (0, others),
        (false, false) => (own.weight, 0),
    };
    rules.criteria.iter().enumerate().map(counts).collect()
}

fn steady(pool: &Pool<'_>) -> Result<Columns, Unsteady> {
    if pool.has_gaps {
        Err(Unsteady::Gaps)
    } else if pool.rules().groups.is_empty() {
        Ok(Columns::of(pool, lines::TIMES))
    } else {
        Err(Unsteady::Groups)
    }
}

fn place(at: usize) -> u32 {
    u32::try_from(at + 1).unwrap_or(u32::MAX)
}

/// For each of the pool, how many stand ahead of it.
fn places(order: &[usize]) -> Vec<usize> {
    let mut places = vec![0; order.len()];
    for (at, index) in order.iter().enumerate() {
        if let Some(place) = places.get_mut(*index) {
            *place = at;
        }
    }
    places
}

/// The fewest and the most that stand ahead of one, from one order of all to another. Whoever changes sides with it meets it once, and
/// between the meetings nothing changes; at a meeting itself the tie-break says who is ahead.
fn extremes(
    lines: &Lines<'_>,
    own: usize,
    from: &[usize],
    to: &[usize],
    ahead: impl Fn(usize, usize) -> Ordering,
) -> Option<(usize, usize)> {
    let (start, end) = (*from.get(own)?, *to.get(own)?);
    let pairs = from.iter().zip(to).enumerate();
    let mut met: Vec<usize> = pairs.filter(|(_, (from, to))| (**from < start) != (**to < end)).map(|(other, _)| other).collect();
    met.sort_by(|a, b| lines.compare_meetings(own, *a, *b));
    let (mut now, mut best, mut worst) = (start, start.min(end), start.max(end));
    for together in met.chunk_by(|a, b| lines.compare_meetings(own, *a, *b).is_eq()) {
        let before = together.iter().filter(|other| from.get(**other).is_some_and(|place| *place < start)).count();
        let tied = together.iter().filter(|other| ahead(**other, own).is_lt()).count();
        // Whoever was ahead is behind from here on, and the other way round.
        let others = now - before;
        now = others + together.len() - before;
        for place in [others + tied, now] {
            best = best.min(place);
            worst = worst.max(place);
        }
    }
    Some((best, worst))
}
