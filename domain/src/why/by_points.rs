//! Where money is laid out by points, in shares or to the set of awards with the most points: the sum of points at which an applicant's own award
//! would be another, and whether a change brings it there. The sum is found by halving: more points of its own never make an award smaller, but
//! where another appropriation pays first, or shares of no use are given to others ([`is_smallest`]).

mod first;

use super::turn::{At, Turn, Way};
use super::{Asked, Change, MOST_WEIGHT, Of, with_weight};
use crate::allocation::{AllocationRule, Method};
use crate::exact::Exact;
use crate::ranking::Pool;
use crate::ruleset::Criterion;
use crate::shares::whole_weights;
use crate::span::Span;
use crate::stability::{Laying, Sets};
use first::{GivenUp, Moving};
use std::cmp::Ordering;

/// Beyond so many applicants laying out again and again takes too long for a page.
pub const MOST_BY_POINTS: usize = 1_000;
/// Sums are told to so many parts of a point.
const PARTS: i64 = 10_000;
/// Beyond so many no share is looked for.
const MOST_PARTS: i64 = 1 << 56;

/// Whether the changes told are the smallest there are: unless more points can bring less, since an appropriation that pays first pays less, or the
/// shares of others become too small to be of use. Each told was tried in any case.
#[must_use]
pub fn is_smallest(rule: &AllocationRule) -> bool {
    rule.goes_down() || (rule.before.is_empty() && (rule.method == Method::Optimal || rule.least_award.is_none()))
}

/// An award that is to become another.
pub(super) struct Award<'a> {
    pub laying: &'a Laying<'a>,
    way: Way,
    /// With this sum it is what it is.
    stays: Exact,
    /// With this sum it is another, and with any further away.
    turns: Exact,
}

/// What one would get with other sums, the others as they are.
struct Trial<'a> {
    sets: Sets<'a>,
    laying: &'a Laying<'a>,
    totals: Vec<Exact>,
    own: usize,
    total: Exact,
    now: i64,
}

impl<'a> Trial<'a> {
    fn of(pool: &'a Pool<'a>, seed: &'a str, own: usize, laying: &'a Laying<'a>) -> Option<Self> {
        let sets = Sets::of(pool, seed, laying);
        let totals = sets.totals();
        let now = *sets.units(&totals).ok()?.get(own)?;
        Some(Self { laying, own, total: totals.get(own)?.clone(), now, sets, totals })
    }

    /// Units with a sum of so many parts of a point.
    fn with(&self, parts: i64) -> Option<i64> {
        let mut totals = self.totals.clone();
        *totals.get_mut(self.own)? = sum_of(parts)?;
        self.sets.units(&totals).ok()?.get(self.own).copied()
    }

    /// More points than all others have together, with which it is in any best set that can hold it; of shares it may take many times as many.
    fn most(&self) -> Option<i64> {
        let one = |(one, total): (usize, &Exact)| {
            let size = if *total < Exact::ZERO { -total } else { total.clone() };
            Some(&size * &Exact::whole(self.sets.counts(self.sets.claim(one)?.units_requested)))
        };
        let sum: Exact = self.totals.iter().enumerate().filter_map(one).collect::<Vec<_>>().iter().sum();
        let mut most = parts_of(&sum)?.checked_add(2 * PARTS)?;
        while self.laying.rule.method != Method::Optimal && most < MOST_PARTS && !self.way(true).turned(self.with(most)?) {
            most *= 4;
        }
        Some(most)
    }

    const fn way(&self, gains: bool) -> Way {
        Way { now: self.now, gains }
    }

    /// The nearest sum that turns the award one way, between its own and the most, or none: what it gets there, and the last sum that does not.
    fn turn(&self, gains: bool) -> Option<(Award<'a>, Turn)> {
        let parts = parts_of(&self.total)?;
        let turned = |then: i64| self.way(gains).turned(then);
        let is_whole = sum_of(parts)? == self.total;
        let (first, last, sign) = if gains { (parts + 1, self.most()?, 1) } else { (if is_whole { parts - 1 } else { parts }, 0, -1) };
        let (mut near, mut far) = (-1, (last - first) * sign);
        let mut then = if far < 0 { None } else { self.with(last).filter(|then| turned(*then)) }?;
        while far - near > 1 {
            let middle = near + (far - near) / 2;
            let there = self.with(first + sign * middle)?;
            if turned(there) {
                (far, then) = (middle, there);
            } else {
                near = middle;
            }
        }
        let turns = sum_of(first + sign * far)?;
        let stays = if near < 0 { self.total.clone() } else { sum_of(first + sign * near)? };
        let told = Turn { now: self.now, then, at: At::Points { sum: turns.clone(), own: self.total.clone() } };
        Some((Award { laying: self.laying, way: self.way(gains), stays, turns }, told))
    }
}

fn sum_of(parts: i64) -> Option<Exact> {
    Exact::ratio(parts.into(), PARTS.into()).ok()
}

/// The whole parts of a sum.
fn parts_of(sum: &Exact) -> Option<i64> {
    i64::try_from((sum * &Exact::whole(PARTS)).floor().ok()?).ok()
}

impl<'a> Award<'a> {
    /// Where the award of one of the pool turns; none where neither the most points nor none turn it, or money can't be laid out so often.
    pub fn of(pool: &'a Pool<'a>, seed: &'a str, own: usize, laying: &'a Laying<'a>) -> Option<(Self, Turn)> {
        let trial = Trial::of(pool, seed, own, laying)?;
        let asks = trial.sets.claim(own)?.units_requested;
        let better = if trial.now < asks { trial.turn(true) } else { None };
        better.or_else(|| trial.turn(false))
    }

    /// Whether sums in a span turn the award; none where it depends, or lies too near to tell without laying out.
    pub fn side(&self, sum: &Span) -> Option<bool> {
        let beyond = |mark: &Exact| sum.compare(&Span::one(mark.clone())).map(|order| if self.way.gains { order } else { order.reverse() });
        match (beyond(&self.turns), beyond(&self.stays)) {
            (Some(Ordering::Greater | Ordering::Equal), _) => Some(true),
            (_, Some(Ordering::Less | Ordering::Equal)) => Some(false),
            _ => None,
        }
    }

    /// Whether the award of one of a changed pool has turned.
    pub fn is_turned(&self, pool: &Pool<'_>, seed: &str, own: usize) -> bool {
        let sets = Sets::of(pool, seed, self.laying);
        self.turns_with(&sets, &sets.totals(), own)
    }

    /// Whether the award of one of a pool has turned with these sums.
    fn turns_with(&self, sets: &Sets<'_>, totals: &[Exact], own: usize) -> bool {
        sets.units(totals).is_ok_and(|units| units.get(own).is_some_and(|then| self.way.turned(*then)))
    }

    /// The smallest whole number of basis points by which one weight, the others as they are, turns the award. Nothing where money does not go to
    /// the set with the most points, or that takes too long.
    pub fn weight(&self, asked: &Asked<'_>, own: usize, index: usize, criterion: &Criterion) -> Option<Change> {
        let pool = asked.pool;
        let sets = Sets::of(pool, asked.seed, self.laying);
        let now = sets.totals();
        let step = Exact::ratio(1, 10_000).ok()?;
        let gains: Vec<Exact> = (0..now.len()).map(|one| Some(&pool.points(index, one)? * &step)).collect::<Option<_>>()?;
        // The sums, then what each step adds to them, in the same parts of a point.
        let parts = whole_weights(&[now.as_slice(), &gains].concat()).ok()?;
        let (sums, added) = parts.split_at(now.len());
        let lines: Vec<(i128, i128)> = sums.iter().copied().zip(added.iter().copied()).collect();
        let mut moving = Moving::of(&sets, &lines, own, |units| self.way.turned(units))?;
        let is_turned = |step: i64| {
            let totals: Vec<Exact> = now.iter().zip(&gains).map(|(total, gain)| total + &(gain * &Exact::whole(step))).collect();
            self.turns_with(&sets, &totals, own)
        };
        let weight = i64::from(criterion.weight);
        // Down goes first, as it is taken of two equally small.
        let down = moving.first(-1, weight, &is_turned);
        let most = down.as_ref().ok().copied().flatten().map_or(MOST_WEIGHT - weight, |step| -step - 1);
        let up = moving.first(1, most, &is_turned);
        let by = match (down, up) {
            (Err(GivenUp), _) | (_, Err(GivenUp)) => return None,
            (Ok(down), Ok(up)) => up.or(down)?,
        };
        let to = weight + by;
        let rules = with_weight(asked.rules, &criterion.key, u32::try_from(to).ok()?)?;
        let place = asked.there(own, &rules, asked.candidates, false)?;
        let (criterion, name) = (criterion.key.clone(), criterion.name.clone());
        Some(Change { criterion, name, of: Of::Weight, from: weight.into(), to: to.into(), place })
    }
}
