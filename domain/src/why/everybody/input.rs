//! The smallest change of one of an applicant's own numbers that takes it across the line: the nearest value at which its points pass those
//! of the one at the line, or meet them and win the tie. Nobody else moves by it; where somebody would, there is no curve.

use super::{Field, place, weight_of};
use crate::exact::Exact;
use crate::ruleset::{Criterion, Limit, Source, Spread, TieStep};
use rust_decimal::Decimal;
use std::cell::OnceCell;
use std::cmp::Ordering;

/// How a criterion's points follow its number, in whole numbers: numbers in `unit`ths, points in `parts`.
pub(super) struct Curve<'a> {
    criterion: &'a Criterion,
    number: usize,
    key: &'a str,
    /// A power of ten, so that everybody's number is whole.
    unit: i128,
    places: u32,
    parts: i128,
    pieces: Vec<Piece>,
    /// The values that may be taken, where they are few.
    levels: Option<Vec<Decimal>>,
    /// The most that counts.
    cap: Option<i128>,
    /// Nothing goes below it.
    least: i128,
    /// Everybody's number, by the pool's order.
    values: Vec<Option<Decimal>>,
}

/// A straight piece: `slope` × number + `start` parts, for numbers from `first` to `last`.
struct Piece {
    first: i128,
    last: i128,
    slope: i128,
    start: i128,
}

/// The applicant's number and the steps it goes in, the rival's number, and whether the applicant is above the line.
struct Given {
    from: i128,
    step: i128,
    rival: Option<i128>,
    above: bool,
}

/// Numbers and parts stay below this.
const ROOM: i128 = 1 << 62;

/// A number of parts: between `low` and `high` and neither of them, or `low` where both are one.
#[derive(Clone, Copy)]
struct Mark {
    low: i128,
    high: i128,
}

impl Mark {
    fn is_whole(&self) -> bool {
        self.low == self.high
    }

    /// How so many parts stand to it, where it is known closely enough.
    fn compare(&self, parts: i128) -> Option<Ordering> {
        if self.is_whole() {
            return Some(parts.cmp(&self.low));
        }
        match (parts <= self.low, parts >= self.high) {
            (true, _) => Some(Ordering::Less),
            (_, true) => Some(Ordering::Greater),
            (false, false) => None,
        }
    }

    /// `above / below`, of a denominator above zero, where `above` may be wrong by less than `error`, or is exact.
    fn of(above: i128, below: i128, error: i128) -> Option<Self> {
        let (least, most) = (above.checked_sub(error)?, above.checked_add(error)?);
        Some(Self { low: least.div_euclid(below), high: -(-most).div_euclid(below) })
    }
}

/// The points at which one applicant's sum would equal another's, in parts of the curve: closely, and exactly once that is asked for.
struct Meeting<'a> {
    curve: &'a Curve<'a>,
    field: &'a Field<'a>,
    own: usize,
    other: usize,
    close: Option<Mark>,
    exact: OnceCell<Option<Mark>>,
}

impl<'a> Meeting<'a> {
    fn of(curve: &'a Curve<'a>, field: &'a Field<'a>, own: usize, other: usize) -> Self {
        Self { curve, field, own, other, close: curve.closely(field, own, other), exact: OnceCell::new() }
    }

    fn exact(&self) -> Option<Mark> {
        *self.exact.get_or_init(|| self.curve.exactly(self.field, self.own, self.other))
    }

    /// How so many parts stand to it; `None` of what is too long.
    fn compare(&self, parts: i128) -> Option<Ordering> {
        self.close.and_then(|close| close.compare(parts)).or_else(|| self.exact()?.compare(parts))
    }

    /// What a number of whole parts at it, or just below it, gives; `of` only rises or only falls.
    fn give(&self, of: impl Fn(i128) -> i128) -> Option<i128> {
        let enough = self.close.filter(|close| close.high - close.low <= 1 || of(close.low) == of(close.high));
        Some(of(enough.or_else(|| self.exact())?.low))
    }
}

impl<'a> Curve<'a> {
    /// `None` where a change of the number could move others, or shut the applicant out, or where it is too long.
    pub fn of(field: &Field<'a>, number: usize, criterion: &'a Criterion) -> Option<Self> {
        let rules = field.pool.rules();
        let key = criterion.input_key();
        let elsewhere = rules.criteria.iter().enumerate().any(|(other, one)| other != number && one.inputs().contains(&key));
        let gated = rules.gates.iter().any(|gate| gate.must.names().contains(&key));
        let formula = matches!(criterion.source, Source::Formula { .. });
        if elsewhere
            || gated
            || formula
            || criterion.scale.needs_spread()
            || rules.group_of(&criterion.key).is_some()
            || weight_of(criterion) == 0
        {
            return None;
        }
        let values: Vec<Option<Decimal>> = field.pool.candidates().iter().map(|one| one.inputs.get(key).map(|input| input.value)).collect();
        let (levels, cap) = match &criterion.source {
            Source::Rubric { anchors } => (Some(anchors.iter().map(|anchor| anchor.points).collect::<Vec<_>>()), None),
            Source::Evidence { cap, .. } => (None, Some(*cap)),
            Source::Fact { .. } | Source::Formula { .. } => (None, None),
        };
        let places = values.iter().flatten().chain(levels.iter().flatten()).map(|value| value.scale()).max().unwrap_or(0);
        let unit = 10_i128.checked_pow(places).filter(|unit| *unit < ROOM)?;
        let raw = criterion.scale.pieces(&Spread::new(Vec::new())).ok()?;
        let below = Exact::ratio(unit, 1).ok()?;
        let mut parts = 1_i128;
        for piece in &raw {
            parts = piece.slope.over(&below).ok()?.common_denominator(parts).filter(|parts| *parts < ROOM)?;
            parts = piece.start.common_denominator(parts).filter(|parts| *parts < ROOM)?;
        }
        let least = if cap.is_some() || values.iter().flatten().all(|value| *value >= Decimal::ZERO) { 0 } else { -ROOM };
        let mut first = -ROOM;
        let mut pieces = Vec::with_capacity(raw.len());
        for piece in &raw {
            let last = match &piece.limit {
                Limit::None => ROOM,
                Limit::UpTo(value) => (value * &below).floor().ok()?,
                Limit::Below(value) => -(-&(value * &below)).floor().ok()? - 1,
            };
            if last.abs() > ROOM {
                return None;
            }
            let (slope, start) = (piece.slope.over(&below).ok()?.over_denominator(parts)?, piece.start.over_denominator(parts)?);
            slope.checked_mul(ROOM)?.checked_add(start)?;
            if first <= last {
                pieces.push(Piece { first, last, slope, start });
            }
            first = first.max(last + 1);
        }
        Some(Self {
            criterion,
            number,
            key,
            unit,
            places,
            parts,
            pieces,
            levels,
            cap: cap.map(|cap| i128::from(cap) * unit),
            least,
            values,
        })
    }

    /// The applicant at a place, counted from 0: its number, the nearest one that crosses the line, and the place that comes of it.
    pub fn change(&self, field: &Field<'_>, at: usize) -> Option<(Decimal, Decimal, u32)> {
        let above = field.is_above(at);
        // Whom this applicant has to pass, or to fall behind.
        let rival = *field.order.get(if above { field.line } else { field.line.checked_sub(1)? })?;
        let own = *field.order.get(at)?;
        let now = (*self.values.get(own)?)?;
        let from = self.numbers(now)?;
        let meeting = Meeting::of(self, field, own, rival);
        let crosses = |number: i128| {
            let order = meeting.compare(self.points(number)?)?;
            let ahead = match order {
                Ordering::Equal => self.wins(field, own, rival, number),
                order => order.is_gt(),
            };
            (ahead != above).then_some(number)
        };
        let nearest = |some: &mut dyn Iterator<Item = i128>| some.min_by_key(|number| ((number - from).abs(), -number));
        let to = if let Some(levels) = &self.levels {
            nearest(&mut levels.iter().filter_map(|level| self.numbers(*level)).filter(|number| *number != from).filter_map(crosses))?
        } else {
            let step = if self.cap.is_some() { self.unit } else { 10_i128.pow(self.places - now.scale()) };
            let rivals = self.values.get(rival).copied().flatten().and_then(|value| self.numbers(value));
            let given = Given { from, step, rival: rivals, above };
            let tries = self.pieces.iter().flat_map(|piece| self.tries(piece, &meeting, &given));
            nearest(&mut tries.filter(|number| *number != from).filter_map(crosses))?
        };
        let value = Decimal::try_from_i128_with_scale(to, self.places).ok()?;
        Some((now, value, place(self.place(field, at, to)?)))
    }

    fn numbers(&self, value: Decimal) -> Option<i128> {
        value.mantissa().checked_mul(10_i128.pow(self.places - value.scale())).filter(|number| number.abs() < ROOM)
    }

    fn points(&self, number: i128) -> Option<i128> {
        let counted = self.cap.map_or(number, |cap| number.min(cap));
        let piece = self.pieces.iter().find(|piece| counted <= piece.last)?;
        Some(piece.slope * counted + piece.start)
    }

    /// The points at which the applicant's sum would equal another's, as closely as the field's sums tell; `None` where they do not.
    fn closely(&self, field: &Field<'_>, own: usize, other: usize) -> Option<Mark> {
        if !field.pool.is_even() {
            return None;
        }
        let now = self.points(self.numbers((*self.values.get(own)?)?)?)?;
        let behind = i128::from(*field.sums.get(other)?) - i128::from(*field.sums.get(own)?);
        // In parts of a point of the field, times the weight.
        let below = i128::from(weight_of(self.criterion)).checked_mul(field.columns.parts)?;
        let above = now.checked_mul(below)?.checked_add(behind.checked_mul(self.parts)?)?;
        Mark::of(above, below, self.parts.checked_mul(2 * i128::from(field.error))?)
    }

    fn exactly(&self, field: &Field<'_>, own: usize, other: usize) -> Option<Mark> {
        let share = field.pool.share(self.criterion, field.pool.counted_weight(own));
        let behind = (&field.pool.total(other) - &field.pool.total(own)).over(&share).ok()?;
        let wanted = &(&field.pool.points(self.number, own)? + &behind) * &Exact::ratio(self.parts, 1).ok()?;
        Some(Mark { low: wanted.floor().ok()?, high: -(-&wanted).floor().ok()? })
    }

    /// Numbers of a piece among which is the nearest that crosses: the nearest at all, where the piece meets the mark, and, where all of it
    /// does, the rival's own number, which a tie-break may ask for; each with its neighbours on the applicant's grid.
    fn tries(&self, piece: &Piece, meeting: &Meeting<'_>, given: &Given) -> impl Iterator<Item = i128> + use<> {
        let Given { from, step, rival, above } = *given;
        let (first, last) = (piece.first.max(self.least), piece.last.min(self.cap.unwrap_or(ROOM)));
        let side = |number: i128| meeting.compare(piece.slope * number + piece.start);
        let not_yet = Some(if above { Ordering::Greater } else { Ordering::Less });
        // Points go one way along a piece: where neither end gets to the mark, nothing between does.
        let idle = first > last || (side(first) == not_yet && side(last) == not_yet);
        let root = || meeting.give(|parts| (parts - piece.start).div_euclid(piece.slope));
        let root = if piece.slope != 0 && !idle { root() } else { None };
        let rival = rival.filter(|_| piece.slope == 0 && side(first) == Some(Ordering::Equal));
        let near = [Some(from), root, rival].into_iter().flatten().filter(move |_| !idle);
        let on_grid = move |number: i128| if step == 1 { number } else { number.div_euclid(step) * step };
        let near = near.flat_map(move |number| [-1, 0, 1, 2].map(|off| on_grid(number.clamp(first, last)) + off * step));
        near.filter(move |number| (first..=last).contains(number))
    }

    /// Whether the applicant, with another number, is ahead of one with equal points.
    fn wins(&self, field: &Field<'_>, own: usize, other: usize, number: i128) -> bool {
        let candidates = field.pool.candidates();
        let (Some(one), Some(two)) = (candidates.get(own), candidates.get(other)) else { return false };
        let value = |key: &str| {
            if key == self.key {
                Some(Exact::ratio(number, self.unit).unwrap_or(Exact::ZERO))
            } else {
                one.inputs.get(key).map(|input| input.value.into())
            }
        };
        let others = |key: &str| two.inputs.get(key).map(|input| Exact::from(input.value));
        let order = field.pool.rules().ties.iter().map(|tie| match tie {
            TieStep::Points(key) => {
                let index = field.pool.rules().criteria.iter().position(|criterion| criterion.key == *key);
                let points = |candidate: usize| index.and_then(|index| field.pool.points(index, candidate));
                let mine = if index == Some(self.number) {
                    self.points(number).and_then(|points| Exact::ratio(points, self.parts).ok())
                } else {
                    points(own)
                };
                points(other).cmp(&mine)
            }
            TieStep::Higher(key) => others(key).cmp(&value(key)),
            TieStep::Lower(key) => match (value(key), others(key)) {
                (Some(mine), Some(other)) => mine.cmp(&other),
                (mine, other) => other.is_some().cmp(&mine.is_some()),
            },
            TieStep::Lot => crate::ranking::lot(field.seed, &one.number).cmp(&crate::ranking::lot(field.seed, &two.number)),
        });
        order.into_iter().find(|order| order.is_ne()) == Some(Ordering::Less)
    }

    /// The applicant's sum with so many points on the criterion instead of its own, in the field's parts, as closely as they tell it.
    fn sum(&self, field: &Field<'_>, own: usize, points: i128) -> Option<Mark> {
        if !field.pool.is_even() {
            return None;
        }
        let more = points - self.points(self.numbers((*self.values.get(own)?)?)?)?;
        let gained = more.checked_mul(i128::from(weight_of(self.criterion)).checked_mul(field.columns.parts)?)?;
        let above = i128::from(*field.sums.get(own)?).checked_mul(self.parts)?.checked_add(gained)?;
        Mark::of(above, self.parts, self.parts.checked_mul(field.error.into())?)
    }

    /// How many are ahead of the applicant with another number; the others stand in order, so they are found by halving.
    fn place(&self, field: &Field<'_>, at: usize, number: i128) -> Option<usize> {
        let own = *field.order.get(at)?;
        let points = self.points(number)?;
        // The others by their rank among themselves.
        let (mut low, mut high) = (0, field.order.len() - 1);
        if let Some(sum) = self.sum(field, own, points) {
            // Sums that are not exact may stand out of order by as much as they are wrong; whoever is found to be ahead for sure is so with all
            // before.
            let (error, whole) = (i128::from(field.error), i128::from(sum.is_whole()));
            let more = field.ordered.partition_point(|other| i128::from(*other) - error >= sum.high + whole);
            let level = field.ordered.partition_point(|other| i128::from(*other) + error + whole > sum.low);
            (low, high) = (more - usize::from(at < more), level - usize::from(at < level));
        }
        while low < high {
            let middle = low.midpoint(high);
            let other = *field.order.get(if middle < at { middle } else { middle + 1 })?;
            let ahead = match Meeting::of(self, field, own, other).compare(points)? {
                Ordering::Equal => self.wins(field, own, other, number),
                order => order.is_gt(),
            };
            if ahead {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Some(low)
    }
}
