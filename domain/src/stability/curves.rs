//! Everybody's sum over one criterion's weight, whatever the rules: straight lines where all is weighed, broken where a group reaches its cap,
//! and ratios of two straight lines where a criterion is left out for somebody. Two such sums meet where a quadratic is zero.

use super::parts::{PartLines, PartPoints};
use super::spot::Spot;
use crate::exact::Exact;
use crate::ranking::Pool;
use crate::ruleset::{RuleSet, WHOLE};
use num_bigint::BigInt;
use std::cmp::Ordering;

/// Which way the weight goes. Down is up from the other end: everything is told by the distance from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Up,
    Down,
}

/// `at_nothing + slope × x`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Straight {
    at_nothing: Exact,
    slope: Exact,
}

/// The part of a sum from a spot on: one straight line over another, which is above zero.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    from: Exact,
    above: Straight,
    below: Straight,
}

/// Everybody's points, by the pool's order and the rules'.
pub(super) struct Points<'a> {
    pub pool: &'a Pool<'a>,
    rows: Vec<Vec<Option<Exact>>>,
    /// The same in equal parts, where all sums are straight.
    parts: Option<PartPoints>,
}

impl<'a> Points<'a> {
    /// Looks them up once.
    pub fn of(pool: &'a Pool<'a>) -> Self {
        let row = |candidate: usize| (0..pool.rules().criteria.len()).map(|criterion| pool.points(criterion, candidate)).collect();
        let rows: Vec<_> = (0..pool.candidates().len()).map(row).collect();
        let parts = if pool.rules().groups.is_empty() { PartPoints::of(&rows) } else { None };
        Self { pool, rows, parts }
    }
}

/// The sums of a pool.
pub(super) enum Curves {
    /// Straight, in equal parts.
    Straight(PartLines),
    /// Of any other kind, and straight ones without equal parts.
    Bent(Vec<Vec<Piece>>),
}

/// How high a sum is at a spot; comparable with others of the same pool there.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Height {
    Parts(BigInt),
    Points(Exact),
}

/// Denominators below this leave room for products in 128 bits.
const SHORT: i128 = 1 << 60;

impl Straight {
    fn level(height: Exact) -> Self {
        Self { at_nothing: height, slope: Exact::ZERO }
    }

    fn plus(&self, other: &Self) -> Self {
        Self { at_nothing: &self.at_nothing + &other.at_nothing, slope: &self.slope + &other.slope }
    }

    fn times(&self, factor: &Exact) -> Self {
        Self { at_nothing: &self.at_nothing * factor, slope: &self.slope * factor }
    }

    fn at(&self, x: &Exact) -> Exact {
        &self.at_nothing + &(&self.slope * x)
    }

    /// The same, counted from the other end.
    fn turned_round(&self) -> Self {
        Self { at_nothing: &self.at_nothing + &self.slope, slope: -&self.slope }
    }

    /// The product of two, as a quadratic.
    fn product(&self, other: &Self) -> [Exact; 3] {
        let mixed = &(&self.at_nothing * &other.slope) + &(&self.slope * &other.at_nothing);
        [&self.at_nothing * &other.at_nothing, mixed, &self.slope * &other.slope]
    }

    fn is_one(&self) -> bool {
        self.slope == Exact::ZERO && self.at_nothing == Exact::ONE
    }
}

impl Curves {
    /// The sums while the weight of a criterion that does not alone weigh everything goes one way.
    pub fn of(points: &Points<'_>, criterion: usize, way: Way) -> Self {
        let rules = points.pool.rules();
        match &points.parts {
            Some(parts) => Self::Straight(PartLines::of(parts, rules, criterion, way)),
            None => Self::Bent(points.rows.iter().map(|row| pieces(rules, row, criterion, way)).collect()),
        }
    }

    /// What it costs to look at one order, about: more with fractions than in whole numbers, and most with those that 128 bits don't hold.
    pub fn cost(&self) -> u32 {
        let short = |part: &Exact| part.small().is_some_and(|(_, below)| below < SHORT);
        let lines = |piece: &Piece| [&piece.above, &piece.below].into_iter().all(|line| short(&line.at_nothing) && short(&line.slope));
        match self {
            Self::Straight(straight) => straight.cost(),
            Self::Bent(pieces) if pieces.iter().flatten().all(lines) => 50,
            Self::Bent(_) => 10_000,
        }
    }

    fn pieces(&self, one: usize) -> &[Piece] {
        match self {
            Self::Straight(_) => &[],
            Self::Bent(pieces) => pieces.get(one).map_or(&[], Vec::as_slice),
        }
    }

    /// The piece that goes on from a spot.
    fn piece(&self, one: usize, spot: &Spot) -> Option<&Piece> {
        match self.pieces(one) {
            [only] => Some(only),
            pieces => pieces.iter().rev().find(|piece| piece.from == Exact::ZERO || Spot::of(piece.from.clone()) <= *spot),
        }
    }

    /// A sum at a fraction.
    pub fn height(&self, one: usize, x: &Exact) -> Height {
        if let Self::Straight(lines) = self {
            return Height::Parts(lines.height(one, x));
        }
        let piece = self.pieces(one).iter().rev().find(|piece| piece.from <= *x);
        Height::Points(piece.and_then(|piece| piece.above.at(x).over(&piece.below.at(x)).ok()).unwrap_or(Exact::ZERO))
    }

    /// By how much the sum of `b` is above that of `a`, from a spot on: as a quadratic with the same sign.
    fn lead(&self, a: usize, b: usize, spot: &Spot) -> [Exact; 3] {
        let Some((one, other)) = self.piece(a, spot).zip(self.piece(b, spot)) else { return [Exact::ZERO, Exact::ZERO, Exact::ZERO] };
        if one.below.is_one() && other.below.is_one() {
            let lead = other.above.plus(&one.above.times(&Exact::whole(-1)));
            return [lead.at_nothing, lead.slope, Exact::ZERO];
        }
        let (ahead, behind) = (other.above.product(&one.below), one.above.product(&other.below));
        let [a0, a1, a2] = &ahead;
        let [b0, b1, b2] = &behind;
        [a0 - b0, a1 - b1, a2 - b2]
    }

    /// Which goes first just beyond a spot, most points first; equal when they stay equal for a while.
    pub fn beyond(&self, a: usize, b: usize, spot: &Spot) -> Ordering {
        if let Self::Straight(lines) = self {
            return lines.lead(a, b, spot).map_or(Ordering::Equal, |(sign, slope)| sign.then(slope));
        }
        let lead = self.lead(a, b, spot);
        let [_, one, two] = &lead;
        let steeper = [one.clone(), &Exact::whole(2) * two, Exact::ZERO];
        let bent = [two.clone(), Exact::ZERO, Exact::ZERO];
        spot.sign_of(&lead).then_with(|| spot.sign_of(&steeper)).then_with(|| spot.sign_of(&bent))
    }

    /// Whether two have equal sums at a spot.
    pub fn meet_at(&self, a: usize, b: usize, spot: &Spot) -> bool {
        match self {
            Self::Straight(lines) => lines.lead(a, b, spot).is_some_and(|(sign, _)| sign.is_eq()),
            Self::Bent(_) => spot.sign_of(&self.lead(a, b, spot)).is_eq(),
        }
    }

    /// The first spot beyond `now`, the end at the latest, where two have equal sums or cease to; `a` is ahead beyond `now`.
    pub fn next_meeting(&self, a: usize, b: usize, now: &Spot) -> Option<Spot> {
        if let Self::Straight(lines) = self {
            return lines.meeting(a, b);
        }
        let end = Spot::of(Exact::ONE);
        let mut from = now.clone();
        let mut equal = false;
        loop {
            let until = self.next_break(a, b, &from);
            let lead = self.lead(a, b, &from);
            if lead.iter().all(|part| *part == Exact::ZERO) {
                equal = true;
            } else if equal {
                return Some(from);
            } else {
                let to = until.as_ref().unwrap_or(&end);
                let met = Spot::roots(&lead).into_iter().find(|root| *root > from && root <= to);
                if met.is_some() {
                    return met;
                }
            }
            from = until?;
        }
    }

    /// Where the first of two sums breaks beyond a spot.
    fn next_break(&self, a: usize, b: usize, spot: &Spot) -> Option<Spot> {
        let breaks = |one: usize| self.pieces(one).iter().skip(1);
        breaks(a).chain(breaks(b)).map(|piece| Spot::of(piece.from.clone())).filter(|from| from > spot).min()
    }
}

/// What a criterion's points weigh while the weight goes, over [`Weighing::below`].
struct Weighing {
    own: Straight,
    /// Of each other criterion, for each basis point that it weighs now.
    other: Straight,
    below: Straight,
}

fn weighing(rules: &RuleSet, row: &[Option<Exact>], moved: usize) -> Weighing {
    let (mut all, mut counted) = (0_i64, 0_i64);
    for (_, (criterion, points)) in rules.criteria.iter().zip(row).enumerate().filter(|(index, _)| *index != moved) {
        all += i64::from(criterion.weight);
        counted += if points.is_some() { i64::from(criterion.weight) } else { 0 };
    }
    let straight = |at_nothing: Exact, slope: Exact| Straight { at_nothing, slope };
    let each = |of: i64| Exact::ONE.over(&Exact::whole(of)).unwrap_or(Exact::ZERO);
    let nothing = || Straight::level(Exact::ZERO);
    let one = || Straight::level(Exact::ONE);
    match (row.get(moved).is_some_and(Option::is_some), counted) {
        // Left out here: what the others weigh among themselves does not change.
        (false, _) => Weighing { own: nothing(), other: Straight::level(each(counted)), below: one() },
        // Nothing else counts, so it counts alone.
        (true, 0) => Weighing { own: one(), other: nothing(), below: one() },
        (true, _) => {
            let part = &Exact::whole(counted) * &each(all);
            let below = straight(part.clone(), &Exact::ONE - &part);
            Weighing { own: straight(Exact::ZERO, Exact::ONE), other: straight(each(all), -&each(all)), below }
        }
    }
}

fn pieces(rules: &RuleSet, row: &[Option<Exact>], moved: usize, way: Way) -> Vec<Piece> {
    let Weighing { own, other, below } = weighing(rules, row, moved);
    let turned = |line: Straight| if way == Way::Down { line.turned_round() } else { line };
    let (own, other, below) = (turned(own), turned(other), turned(below));
    let mut plain = Straight::level(Exact::ZERO);
    let mut groups = vec![Straight::level(Exact::ZERO); rules.groups.len()];
    for (index, (criterion, points)) in rules.criteria.iter().zip(row).enumerate() {
        let Some(points) = points else { continue };
        let product = match (criterion.bonus, index == moved) {
            (true, _) => below.times(points),
            (false, true) => own.times(points),
            (false, false) => other.times(&(points * &Exact::whole(criterion.weight.into()))),
        };
        let sum = rules.group_of(&criterion.key).and_then(|group| groups.get_mut(group)).unwrap_or(&mut plain);
        *sum = sum.plus(&product);
    }
    // Over its cap a group is the cap: of both what lies above `below`.
    let capped: Vec<(Straight, Straight)> =
        rules.groups.iter().zip(groups).map(|(group, sum)| (sum, below.times(&group.cap.into()))).collect();
    let over = |(sum, cap): &(Straight, Straight)| sum.plus(&cap.times(&Exact::whole(-1)));
    let within = |x: &Exact| *x > Exact::ZERO && *x < Exact::ONE;
    let breaks = capped.iter().filter_map(|one| {
        let over = over(one);
        (-&over.at_nothing).over(&over.slope).ok().filter(within)
    });
    let mut from: Vec<Exact> = breaks.chain([Exact::ZERO]).collect();
    from.sort();
    from.dedup();
    let ends: Vec<Exact> = from.iter().skip(1).cloned().chain([Exact::ONE]).collect();
    let half = Exact::ratio(1, 2).unwrap_or(Exact::ONE);
    let piece = |(from, to): (Exact, Exact)| {
        let middle = &(&from + &to) * &half;
        let counted = capped.iter().map(|one| if over(one).at(&middle) > Exact::ZERO { &one.1 } else { &one.0 });
        Piece { above: counted.fold(plain.clone(), |sum, one| sum.plus(one)), below: below.clone(), from }
    };
    from.into_iter().zip(ends).map(piece).collect()
}

/// Where a weight in basis points stands on its way.
pub(super) fn start(weight: u32, way: Way) -> Exact {
    let share = Exact::ratio(weight.into(), WHOLE.into()).unwrap_or(Exact::ZERO);
    if way == Way::Up { share } else { &Exact::ONE - &share }
}
