//! Everybody's sum as a straight line over one criterion's weight in equal parts: whole numbers, so that nothing is put in lowest terms on the
//! way. In 64 bits where they do, else in as many as it takes.

use super::curves::Way;
use super::spot::Spot;
use crate::exact::Exact;
use crate::ruleset::RuleSet;
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed};
use std::cmp::Ordering;

/// So many bits a common denominator of all points may have: a pool's dozen scales take some hundreds. Beyond, fractions are quicker.
const MOST_BITS: u64 = 4_096;
/// Short parts stay below this, so that a product with a spot's own parts fits in 128 bits.
const ROOM: i64 = 1 << 60;

/// Everybody's points on each criterion in equal parts of a point.
pub(super) struct PartPoints(Vec<Vec<BigInt>>);

impl PartPoints {
    /// Of rows of points in the rules' order; `None` where some are missing, or have no common denominator that is worth it.
    pub fn of(rows: &[Vec<Option<Exact>>]) -> Option<Self> {
        let rows = rows.iter().map(|row| row.iter().map(|points| Some(points.as_ref()?.to_large())).collect::<Option<Vec<_>>>());
        let rows = rows.collect::<Option<Vec<_>>>()?;
        let mut common = BigInt::one();
        for points in rows.iter().flatten() {
            if !common.is_multiple_of(points.denom()) {
                common = common.lcm(points.denom());
                if common.bits() > MOST_BITS {
                    return None;
                }
            }
        }
        let parts = |row: Vec<BigRational>| row.iter().map(|points| points.numer() * (&common / points.denom())).collect();
        Some(Self(rows.into_iter().map(parts).collect()))
    }
}

/// The sums of a pool, by its order: where each begins and by how much it rises on the whole way.
pub(super) enum PartLines {
    Short(Vec<(i64, i64)>),
    Long(Vec<(BigInt, BigInt)>),
}

impl PartLines {
    /// The sums while the weight of a criterion that does not alone weigh everything goes one way.
    pub fn of(points: &PartPoints, rules: &RuleSet, criterion: usize, way: Way) -> Self {
        let counts = super::counts_at_ends(rules, criterion);
        let line = |row: &Vec<BigInt>| {
            let (mut without, mut alone) = (BigInt::ZERO, BigInt::ZERO);
            for ((to_without, to_alone), points) in counts.iter().zip(row) {
                without += points * to_without;
                alone += points * to_alone;
            }
            let (start, end) = if way == Way::Up { (without, alone) } else { (alone, without) };
            let slope = end - &start;
            (start, slope)
        };
        let lines: Vec<(BigInt, BigInt)> = points.0.iter().map(line).collect();
        shortened(&lines).map_or(Self::Long(lines), Self::Short)
    }

    /// What it costs to look at one order, about.
    pub const fn cost(&self) -> u32 {
        match self {
            Self::Short(_) => 1,
            Self::Long(_) => 4,
        }
    }

    /// A sum at a fraction of the way, times a positive number that is the same for all.
    pub fn height(&self, one: usize, x: &Exact) -> BigInt {
        let spot = x.to_large();
        let (start, slope) = match self {
            Self::Short(lines) => lines.get(one).map_or((BigInt::ZERO, BigInt::ZERO), |(start, slope)| ((*start).into(), (*slope).into())),
            Self::Long(lines) => lines.get(one).cloned().unwrap_or_default(),
        };
        start * spot.denom() + slope * spot.numer()
    }

    /// The sign of the lead of `b` over `a` at a spot, and which way it goes.
    pub fn lead(&self, a: usize, b: usize, spot: &Spot) -> Option<(Ordering, Ordering)> {
        match self {
            Self::Short(lines) => {
                let (start, slope) = short_lead(lines, a, b)?;
                let (above, below) = spot.parts()?;
                let lead = i128::from(start).checked_mul(below)?.checked_add(i128::from(slope).checked_mul(above)?)?;
                Some((lead.cmp(&0), slope.cmp(&0)))
            }
            Self::Long(lines) => {
                let (start, slope) = long_lead(lines, a, b)?;
                let lead = spot.with_long_parts(|above, below| &start * below + &slope * above)?;
                Some((lead.cmp(&BigInt::ZERO), slope.cmp(&BigInt::ZERO)))
            }
        }
    }

    /// Where two meet, up to the end of the way, of whom `a` is ahead now.
    pub fn meeting(&self, a: usize, b: usize) -> Option<Spot> {
        // Straight lines meet once, and this one's lead over the other only shrinks if the other is steeper.
        match self {
            Self::Short(lines) => {
                let (start, slope) = short_lead(lines, a, b)?;
                let met = slope > 0 && -start <= slope;
                if met { Exact::ratio((-start).into(), slope.into()).ok().map(Spot::of) } else { None }
            }
            Self::Long(lines) => {
                let (start, slope) = long_lead(lines, a, b)?;
                let met = slope.is_positive() && -&start <= slope;
                met.then(|| Spot::ratio(-start, slope))
            }
        }
    }
}

fn short_lead(lines: &[(i64, i64)], a: usize, b: usize) -> Option<(i64, i64)> {
    let ((start, slope), (other_start, other_slope)) = (lines.get(a)?, lines.get(b)?);
    Some((other_start - start, other_slope - slope))
}

fn long_lead(lines: &[(BigInt, BigInt)], a: usize, b: usize) -> Option<(BigInt, BigInt)> {
    let ((start, slope), (other_start, other_slope)) = (lines.get(a)?, lines.get(b)?);
    Some((other_start - start, other_slope - slope))
}

/// In as large parts as all are a whole number of, where these fit.
fn shortened(lines: &[(BigInt, BigInt)]) -> Option<Vec<(i64, i64)>> {
    let mut common = BigInt::ZERO;
    for part in lines.iter().flat_map(|(start, slope)| [start, slope]) {
        if common.is_one() {
            break;
        }
        common = common.gcd(part);
    }
    let short = |part: &BigInt| i64::try_from(part / &common).ok().filter(|part| part.abs() < ROOM);
    if common == BigInt::ZERO {
        return Some(vec![(0, 0); lines.len()]);
    }
    lines.iter().map(|(start, slope)| Some((short(start)?, short(slope)?))).collect()
}
