//! Everybody's sum as a straight line over one criterion's weight, and where such lines meet.

use crate::exact::Exact;
use crate::ranking::{Columns, Pool};
use crate::ruleset::WHOLE;
use std::cmp::{Ordering, Reverse};

/// A sum is at most so many times the largest points: weights of 10,000 in all, and room for the difference of two.
pub(super) const TIMES: i128 = 20_000;

/// The sums of a pool while one weight goes from nothing to everything, by their values at both ends, in equal parts.
pub(super) struct Lines<'a> {
    pool: &'a Pool<'a>,
    criterion: usize,
    /// Without the criterion.
    first: Vec<i64>,
    /// With nothing but the criterion, and the bonuses.
    last: Vec<i64>,
    /// How far from the truth any of them may be; zero when all are exact.
    error: i64,
    /// The most that any of them rises or falls.
    rise: i64,
}

/// A share of the whole weight, from 0 to 1: `above / below`. Where lines are not exact, that is rounded down, and `exact` is not.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    above: i64,
    below: i64,
    exact: Exact,
}

/// The denominator of a share that is rounded.
const FINE: i64 = 1 << 60;

impl Spot {
    pub const NOTHING: Self = Self { above: 0, below: 1, exact: Exact::ZERO };
    pub const EVERYTHING: Self = Self { above: 1, below: 1, exact: Exact::ONE };

    /// A weight in basis points.
    pub fn at(weight: u32) -> Self {
        let exact = Exact::ratio(weight.into(), WHOLE.into()).unwrap_or(Exact::ONE);
        Self { above: weight.into(), below: WHOLE.into(), exact }
    }

    fn rounded(exact: Exact) -> Self {
        let above = (&exact * &Exact::whole(FINE)).floor().ok().and_then(|above| i64::try_from(above).ok());
        Self { above: above.unwrap_or(0), below: FINE, exact }
    }
}

impl<'a> Lines<'a> {
    /// The lines of a criterion that does not alone weigh everything.
    pub fn of(pool: &'a Pool<'a>, columns: &Columns, criterion: usize) -> Self {
        let count = pool.candidates().len();
        let (mut first, mut last) = (vec![0_i64; count], vec![0_i64; count]);
        let (mut first_error, mut last_error) = (0_i64, 0_i64);
        let counts = super::counts_at_ends(pool.rules(), criterion);
        for ((to_first, to_last), (points, error)) in counts.into_iter().zip(columns.points.iter().zip(&columns.errors)) {
            let (to_first, to_last) = (i64::from(to_first), i64::from(to_last));
            let ends = first.iter_mut().zip(&mut last).zip(points);
            ends.for_each(|((first, last), points)| {
                *first += to_first * points;
                *last += to_last * points;
            });
            first_error = first_error.saturating_add(error.saturating_mul(to_first));
            last_error = last_error.saturating_add(error.saturating_mul(to_last));
        }
        let rise = first.iter().zip(&last).map(|(first, last)| (last - first).abs()).max().unwrap_or(0);
        Self { pool, criterion, first, last, error: first_error.max(last_error), rise }
    }

    fn ends(&self, index: usize) -> (i64, i64) {
        (self.first.get(index).copied().unwrap_or(0), self.last.get(index).copied().unwrap_or(0))
    }

    /// A sum, times a positive number that is the same for all.
    fn height(&self, index: usize, spot: &Spot) -> i128 {
        let (first, last) = self.ends(index);
        i128::from(first) * i128::from(spot.below - spot.above) + i128::from(last) * i128::from(spot.above)
    }

    /// Heights further apart than this are in the right order.
    fn blur(&self, spot: &Spot) -> i128 {
        if self.error == 0 {
            return 0;
        }
        let rounded = if spot.below == FINE { self.rise } else { 0 };
        2 * (i128::from(self.error) * i128::from(spot.below) + i128::from(rounded))
    }

    /// Both ends exactly.
    fn exact_ends(&self, index: usize) -> (Exact, Exact) {
        let (mut first, mut last, mut bonuses, mut others) = (Exact::ZERO, Exact::ZERO, Exact::ZERO, 0_u32);
        for (number, criterion) in self.pool.rules().criteria.iter().enumerate() {
            let points = self.pool.points(number, index).unwrap_or(Exact::ZERO);
            if criterion.bonus {
                bonuses = &bonuses + &points;
            } else if number == self.criterion {
                last = points;
            } else {
                first = &first + &(&points * &Exact::whole(criterion.weight.into()));
                others += criterion.weight;
            }
        }
        let first = first.over(&Exact::whole(others.into())).unwrap_or(Exact::ZERO);
        (&first + &bonuses, &last + &bonuses)
    }

    fn exact_height(&self, index: usize, spot: &Spot) -> Exact {
        let (first, last) = self.exact_ends(index);
        &first + &(&(&last - &first) * &spot.exact)
    }

    /// Compares two sums at a spot, exactly.
    pub fn compare(&self, a: usize, b: usize, spot: &Spot) -> Ordering {
        let (one, other) = (self.height(a, spot), self.height(b, spot));
        if one.abs_diff(other) > self.blur(spot).unsigned_abs() || self.error == 0 {
            return one.cmp(&other);
        }
        self.exact_height(a, spot).cmp(&self.exact_height(b, spot))
    }

    /// Everybody at a spot, most points first; equal ones in the order of `tie`.
    pub fn order(&self, spot: &Spot, tie: impl Fn(usize, usize) -> Ordering) -> Vec<usize> {
        let mut keyed: Vec<(Reverse<i128>, usize)> =
            (0..self.first.len()).map(|index| (Reverse(self.height(index, spot)), index)).collect();
        keyed.sort_unstable();
        let blur = self.blur(spot).unsigned_abs();
        for run in keyed.chunk_by_mut(|a, b| a.0.0.abs_diff(b.0.0) <= blur).filter(|run| run.len() > 1) {
            run.sort_by(|a, b| self.compare(b.1, a.1, spot).then_with(|| tie(a.1, b.1)));
        }
        keyed.into_iter().map(|(_, index)| index).collect()
    }

    /// The lowest or, in reverse, the highest of some at a spot; the first of equal ones.
    fn lowest(&self, some: &[usize], spot: &Spot, reverse: bool) -> Option<usize> {
        let height = |index: usize| if reverse { -self.height(index, spot) } else { self.height(index, spot) };
        let least = some.iter().map(|index| height(*index)).min()?;
        let most = least + self.blur(spot);
        let mut near = some.iter().copied().filter(|index| height(*index) <= most);
        let first = near.next()?;
        if self.error == 0 {
            return Some(first);
        }
        let lower = |best: usize, other: usize| {
            let order = self.compare(other, best, spot);
            if if reverse { order.is_gt() } else { order.is_lt() } { other } else { best }
        };
        Some(near.fold(first, lower))
    }

    /// Where the lines of two that are not parallel meet.
    fn meeting(&self, a: usize, b: usize) -> Spot {
        if self.error == 0 {
            let (above, below) = self.rough_meeting(a, b);
            let exact = Exact::ratio(above.into(), below.into()).unwrap_or(Exact::ZERO);
            return Spot { above, below, exact };
        }
        Spot::rounded(self.exact_meeting(a, b))
    }

    pub fn exact_meeting(&self, a: usize, b: usize) -> Exact {
        let ((first, last), (other_first, other_last)) = (self.exact_ends(a), self.exact_ends(b));
        let (start, end) = (&first - &other_first, &last - &other_last);
        start.over(&(&start - &end)).unwrap_or(Exact::ZERO)
    }

    /// As a fraction with a positive denominator, as exact as the lines are.
    fn rough_meeting(&self, a: usize, b: usize) -> (i64, i64) {
        let ((first, last), (other_first, other_last)) = (self.ends(a), self.ends(b));
        let (start, end) = (first - other_first, last - other_last);
        let below = start - end;
        if below < 0 { (-start, -below) } else { (start, below) }
    }

    /// Which of two lines meets a third first, on the way up.
    pub fn compare_meetings(&self, own: usize, a: usize, b: usize) -> Ordering {
        let ((above, below), (other_above, other_below)) = (self.rough_meeting(own, a), self.rough_meeting(own, b));
        let wide = |a: i64, b: i64| i128::from(a) * i128::from(b);
        let (one, other) = (wide(above, other_below), wide(other_above, below));
        if self.error == 0 {
            return one.cmp(&other);
        }
        // Numerators are wrong by up to two errors, denominators by up to four, and then may have the wrong sign.
        let sizes = i128::from(above).abs() + i128::from(other_above).abs() + i128::from(below) + i128::from(other_below);
        let error = i128::from(self.error);
        let blur = (4 * error).saturating_mul(sizes.saturating_add(8 * error));
        if i128::from(below.min(other_below)) > 4 * error && one.abs_diff(other) > blur.unsigned_abs() {
            return one.cmp(&other);
        }
        self.exact_meeting(own, a).cmp(&self.exact_meeting(own, b))
    }

    /// The first weight, in basis points, on the way from the weights as they are to `to`, beyond which one of `above` is lower than one of
    /// `below`; with these two. Or `to` itself.
    ///
    /// The lowest of `above` less the highest of `below` is concave, so that going from `to` back to where the two extreme lines meet, again
    /// and again, never goes too far and ends at the first change.
    pub fn first_change(&self, above: &[usize], below: &[usize], to: Spot) -> (Exact, Option<(usize, usize)>) {
        let (mut at, mut met) = (to, None);
        while let Some((low, high)) = self.lowest(above, &at, false).zip(self.lowest(below, &at, true))
            && self.compare(low, high, &at).is_lt()
        {
            at = self.meeting(low, high);
            met = Some((low, high));
        }
        (&at.exact * &Exact::whole(WHOLE.into()), met)
    }
}
