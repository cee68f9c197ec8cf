//! The sums of a whole pool at once, in 64-bit whole numbers. Where all products have a common denominator that fits, the sums are exact.
//! Where they don't, they are rounded with a known bound on the error, and whoever comes closer to another than that bound is compared by
//! exact fractions. Either way the order is the exact one.

use super::pool::{Column, Pool};
use crate::exact::Exact;
use crate::ruleset::{Limit, Piece};
use std::cmp::{Ordering, Reverse};

/// Sums stay below this, so that no addition overflows.
const ROOM: i128 = 1 << 61;

/// Every candidate's sum as a whole number of equal, very small parts.
#[derive(Clone, Debug)]
pub struct Totals {
    /// The sums, by the pool's order.
    above: Vec<i64>,
    /// How far each may be from the truth; zero when all are exact.
    error: i64,
}

impl Totals {
    /// Adds up a pool.
    #[must_use]
    pub fn of(pool: &Pool<'_>) -> Self {
        let scaling = Scaling::of(pool);
        let count = pool.candidates.len();
        let (mut above, mut error) = (vec![0_i64; count], 0_i64);
        let mut groups: Vec<Vec<i64>> = pool.rules.groups.iter().map(|_| vec![0_i64; count]).collect();
        for (criterion, column) in pool.rules.criteria.iter().zip(&pool.columns) {
            let group = pool.rules.group_of(&criterion.key).and_then(|group| groups.get_mut(group));
            let sums = group.unwrap_or(&mut above);
            error = error.saturating_add(scaling.column(sums, column, &criterion.share()));
        }
        for (group, sums) in pool.rules.groups.iter().zip(&groups) {
            let cap = scaling.rounded(&group.cap.into());
            above.iter_mut().zip(sums).for_each(|(total, sum)| *total += (*sum).min(cap));
            error = error.saturating_add(1);
        }
        // Who lacks a number is weighed apart: the other weights grow.
        for (index, total) in above.iter_mut().enumerate().filter(|_| pool.has_gaps) {
            if pool.columns.iter().any(|column| column.values.get(index).is_some_and(Option::is_none)) {
                *total = scaling.rounded(&pool.total(index));
            }
        }
        Self { above, error: if scaling.exact { 0 } else { error.saturating_add(1) } }
    }

    /// The pool's candidates, most points first; equal ones in the order of `tie`.
    pub(super) fn order(&self, pool: &Pool<'_>, tie: impl Fn(usize, usize) -> Ordering) -> Vec<usize> {
        let mut keyed: Vec<(Reverse<i64>, usize)> = self.above.iter().enumerate().map(|(index, above)| (Reverse(*above), index)).collect();
        keyed.sort_unstable();
        for run in keyed.chunk_by_mut(|a, b| self.near(a.0.0, b.0.0)).filter(|run| run.len() > 1) {
            if self.error == 0 {
                run.sort_unstable_by(|a, b| tie(a.1, b.1));
            } else {
                let mut exact: Vec<(Reverse<Exact>, _)> = run.iter().map(|one| (Reverse(pool.total(one.1)), *one)).collect();
                exact.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| tie(a.1.1, b.1.1)));
                run.iter_mut().zip(exact).for_each(|(place, (_, one))| *place = one);
            }
        }
        keyed.into_iter().map(|(_, index)| index).collect()
    }

    fn near(&self, a: i64, b: i64) -> bool {
        a.abs_diff(b) <= self.error.unsigned_abs().saturating_mul(2)
    }

    /// Compares two candidates' sums, exactly.
    pub(super) fn compare(&self, pool: &Pool<'_>, a: usize, b: usize) -> Ordering {
        match self.above.get(a).zip(self.above.get(b)) {
            Some((one, other)) if self.error == 0 || !self.near(*one, *other) => one.cmp(other),
            _ => pool.total(a).cmp(&pool.total(b)),
        }
    }
}

/// Everybody's points on each criterion as whole numbers of equal parts.
pub(crate) struct Columns {
    /// For each criterion in the rules' order, one number for each of the pool's candidates.
    pub(crate) points: Vec<Vec<i64>>,
    /// How many parts a point has.
    pub(crate) parts: i128,
    /// How far the numbers of each column may be from the truth; zero when they are exact.
    pub(crate) errors: Vec<i64>,
}

impl Columns {
    /// As fine parts as fit when the numbers of all bonuses and of one other criterion, `times` over, stay below [`ROOM`].
    pub(crate) fn of(pool: &Pool<'_>, times: i128) -> Self {
        let (mut most, mut bonuses, mut parts) = (Exact::ONE, Exact::ZERO, Some(1_i128));
        for (criterion, column) in pool.rules.criteria.iter().zip(&pool.columns) {
            let (bound, fitting) = column.bound(&Exact::ONE, parts);
            parts = fitting;
            if criterion.bonus { bonuses = &bonuses + &bound } else { most = most.max(bound) }
        }
        let bound = (&(&most + &bonuses) * &Exact::ratio(times, 1).unwrap_or(Exact::ONE)).floor().unwrap_or(ROOM) + 1;
        let scaling = Scaling::within(bound, parts);
        let (mut points, mut errors) = (Vec::new(), Vec::new());
        for column in &pool.columns {
            let mut sums = vec![0_i64; pool.candidates.len()];
            let error = scaling.column(&mut sums, column, &Exact::ONE);
            points.push(sums);
            errors.push(if scaling.exact { 0 } else { error });
        }
        Self { points, parts: scaling.parts.floor().unwrap_or(1), errors }
    }
}

/// Values with a small common denominator, as whole numbers of `unit`ths.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    unit: i64,
    mantissas: Vec<i64>,
    /// How far from zero the mantissas go.
    reach: i64,
}

impl Whole {
    /// The finest unit that is worth it: nine decimal places, and some thirds and sevenths.
    const FINEST: i128 = 1 << 40;

    /// `None` when the values have no such denominator. Who lacks the number stands at zero here and is weighed apart.
    pub(super) fn of(values: &[Option<Exact>]) -> Option<Self> {
        let mut unit = 1_i128;
        for value in values.iter().flatten() {
            unit = value.common_denominator(unit).filter(|unit| *unit <= Self::FINEST)?;
        }
        let mantissa = |value: &Exact| value.over_denominator(unit).and_then(|mantissa| i64::try_from(mantissa).ok());
        let mantissas = values.iter().map(|value| value.as_ref().map_or(Some(0), mantissa)).collect::<Option<Vec<i64>>>()?;
        let reach = mantissas.iter().map(|mantissa| mantissa.checked_abs()).try_fold(0, |most, one| Some(most.max(one?)))?;
        Some(Self { unit: i64::try_from(unit).ok()?, mantissas, reach })
    }

    /// The last mantissa within a limit.
    fn last(&self, limit: &Limit) -> i64 {
        let unit = Exact::whole(self.unit);
        let clamp = |mantissa: i128| i64::try_from(mantissa).unwrap_or(if mantissa < 0 { i64::MIN } else { i64::MAX });
        match limit {
            Limit::None => i64::MAX,
            Limit::UpTo(value) => (value * &unit).floor().map_or(i64::MAX, clamp),
            // The greatest whole number below v is −⌊−v⌋ − 1.
            Limit::Below(value) => (-&(value * &unit)).floor().map_or(i64::MAX, |floor| clamp(-floor - 1)),
        }
    }
}

/// One straight piece in whole numbers, for mantissas up to `last`: a product is `slope` × mantissa + `start`.
struct Line<T> {
    last: i64,
    slope: T,
    start: T,
}

/// Adds to each sum the product that the line of its mantissa gives.
fn add_along<T>(sums: &mut [i64], mantissas: &[i64], lines: &[Line<T>], product: impl Fn(&Line<T>, i64) -> i64) {
    let ends = sums.iter_mut().zip(mantissas);
    match lines {
        [one] => ends.for_each(|(sum, mantissa)| *sum += product(one, *mantissa)),
        // The usual three – level, rising, level – without a search.
        [low, middle, high] => ends.for_each(|(sum, mantissa)| {
            let line = if *mantissa <= low.last {
                low
            } else if *mantissa <= middle.last {
                middle
            } else {
                high
            };
            *sum += product(line, *mantissa);
        }),
        _ => ends.for_each(|(sum, mantissa)| {
            let line = lines.get(lines.partition_point(|line| line.last < *mantissa));
            *sum += line.map_or(0, |line| product(line, *mantissa));
        }),
    }
}

impl Column {
    /// A bound on any product of this column with `share`, each piece's two terms apart, as they are added; and the least number of parts
    /// that holds both `parts` and all these products, if there is one.
    fn bound(&self, share: &Exact, mut parts: Option<i128>) -> (Exact, Option<i128>) {
        let reach = self.whole.as_ref().map(|whole| (Exact::whole(whole.reach), Exact::whole(whole.unit)));
        let most = self.pieces.iter().filter_map(|piece| {
            let (reach, unit) = reach.as_ref()?;
            let step = (&piece.slope * share).over(unit).ok()?;
            parts = parts.and_then(|parts| step.common_denominator(parts)).filter(|parts| *parts < ROOM);
            parts = parts.and_then(|parts| (&piece.start * share).common_denominator(parts)).filter(|parts| *parts < ROOM);
            let steepest = (&step * reach).max(-&(&step * reach));
            Some(&steepest + &piece.start.clone().max(-&piece.start))
        });
        let most = most.max();
        let fitting = if most.is_some() { parts } else { None };
        (most.unwrap_or_else(|| self.farthest()), fitting)
    }
}

/// How many parts a point has.
struct Scaling {
    parts: Exact,
    /// Whether every product is a whole number of parts.
    exact: bool,
}

impl Scaling {
    fn of(pool: &Pool<'_>) -> Self {
        // A bound on any sum. Gaps make the other weights grow, at most to the whole.
        let (mut bound, mut parts) = (Exact::ONE, (!pool.has_gaps).then_some(1_i128));
        for (criterion, column) in pool.rules.criteria.iter().zip(&pool.columns) {
            let (most, fitting) = column.bound(&criterion.share(), parts);
            parts = fitting;
            bound = &bound + &most;
        }
        for group in &pool.rules.groups {
            let cap = Exact::from(group.cap);
            parts = parts.and_then(|parts| cap.common_denominator(parts)).filter(|parts| *parts < ROOM);
            bound = &bound + &cap.max(Exact::ZERO);
        }
        Self::within(bound.floor().unwrap_or(ROOM) + 1, parts)
    }

    /// So many parts that numbers up to `bound` fit: exactly these, if they do.
    fn within(bound: i128, parts: Option<i128>) -> Self {
        match parts {
            Some(parts) if bound <= ROOM / parts => Self { parts: Exact::ratio(parts, 1).unwrap_or(Exact::ONE), exact: true },
            _ => Self { parts: Exact::ratio((ROOM / bound).max(1), 1).unwrap_or(Exact::ONE), exact: false },
        }
    }

    /// Points as parts, rounded to the nearest.
    fn rounded(&self, points: &Exact) -> i64 {
        let parts = (points * &self.parts).to_places(0).floor().unwrap_or(0);
        i64::try_from(parts.clamp(-ROOM, ROOM)).unwrap_or(0)
    }

    /// Adds a column's products to sums; gives the most by which rounding can be wrong.
    fn column(&self, sums: &mut [i64], column: &Column, share: &Exact) -> i64 {
        if let Some(whole) = &column.whole {
            return self.add(sums, whole, &column.pieces, share);
        }
        for (index, sum) in sums.iter_mut().enumerate() {
            *sum += column.points(index).map_or(0, |points| self.rounded(&(&points * share)));
        }
        1
    }

    /// As [`Scaling::column`], for a column of whole numbers.
    fn add(&self, sums: &mut [i64], whole: &Whole, pieces: &[Piece], share: &Exact) -> i64 {
        // What a slope is wrong by is multiplied by the mantissa, so it takes as many bits more as a mantissa has.
        let bits = if self.exact { 0 } else { i64::BITS - whole.reach.leading_zeros() };
        let fine = &self.parts * &Exact::ratio(1 << bits, 1).unwrap_or(Exact::ONE);
        let parts = |points: &Exact| (points * &fine).to_places(0).floor().unwrap_or(0);
        let line = |piece: &Piece| {
            let slope = (&piece.slope * share).over(&Exact::whole(whole.unit)).map_or(0, |step| parts(&step));
            Line { last: whole.last(&piece.limit), slope, start: parts(&(&piece.start * share)) }
        };
        let lines = pieces.iter().map(line);
        if self.exact {
            let short = |number: i128| i64::try_from(number).unwrap_or(0);
            let lines: Vec<_> = lines.map(|line| Line { last: line.last, slope: short(line.slope), start: short(line.start) }).collect();
            add_along(sums, &whole.mantissas, &lines, |line, mantissa| line.slope * mantissa + line.start);
            return 0;
        }
        let lines: Vec<Line<i128>> = lines.collect();
        let rounded = |number: i128| i64::try_from(number >> bits).unwrap_or(0);
        add_along(sums, &whole.mantissas, &lines, |line, mantissa| rounded(line.slope * i128::from(mantissa) + line.start));
        // Less than a half each by the slope and by the start, and one by cutting off.
        2
    }
}
