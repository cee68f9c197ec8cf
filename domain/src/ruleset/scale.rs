//! Scales: how a number becomes points. Most look at the number alone; [`Scale::Percentile`] and [`Scale::ZScore`] compare it with the
//! [`Spread`] of all applicants that are ranked.

mod numbers;

pub use numbers::ScaleNumber;

use crate::exact::Exact;
use crate::span::Span;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// How a number becomes points: 0 to 100, or beyond where a criterion gives bonus or penalty points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// One number of points when the value is zero, another when it is not.
    YesNo {
        /// Points when the value is zero.
        #[serde(serialize_with = "crate::canonical::decimal")]
        zero: Decimal,
        /// Points when the value is anything else.
        #[serde(serialize_with = "crate::canonical::decimal")]
        nonzero: Decimal,
    },
    /// The points of the first step whose limit the value does not exceed.
    Steps {
        /// The steps, lowest limit first.
        steps: Vec<ScaleStep>,
        /// Points above the last limit.
        #[serde(serialize_with = "crate::canonical::decimal")]
        above: Decimal,
    },
    /// A straight line between two ends, level beyond them. `from` may be above `to`: then smaller values earn what `to` earns.
    Linear {
        /// The value that earns `from_points`.
        #[serde(serialize_with = "crate::canonical::decimal")]
        from: Decimal,
        /// The value that earns `to_points`; never equal to `from`.
        #[serde(serialize_with = "crate::canonical::decimal")]
        to: Decimal,
        /// Points at `from`.
        #[serde(serialize_with = "crate::canonical::decimal")]
        from_points: Decimal,
        /// Points at `to`.
        #[serde(serialize_with = "crate::canonical::decimal")]
        to_points: Decimal,
    },
    /// Straight lines from bend to bend, level before the first and after the last.
    Piecewise {
        /// At least two bends, lowest value first.
        bends: Vec<Bend>,
    },
    /// A straight line over the share of the other applicants that the value exceeds, equal ones counted half: `lowest` points for exceeding
    /// none, `highest` for exceeding all. An applicant who is alone stands in the middle.
    Percentile {
        /// Points for exceeding nobody; above `highest` when smaller values are better.
        #[serde(serialize_with = "crate::canonical::decimal")]
        lowest: Decimal,
        /// Points for exceeding everybody.
        #[serde(serialize_with = "crate::canonical::decimal")]
        highest: Decimal,
    },
    /// `middle` points at the spread's mean, and `per_deviation` more for each standard deviation above it, never below `least` or above
    /// `most`. The deviation is the population's, rounded half to even at nine decimal places; when it is zero, all get `middle`.
    ZScore {
        /// Points at the mean.
        #[serde(serialize_with = "crate::canonical::decimal")]
        middle: Decimal,
        /// Points for each standard deviation; negative when smaller values are better.
        #[serde(serialize_with = "crate::canonical::decimal")]
        per_deviation: Decimal,
        /// The fewest points.
        #[serde(serialize_with = "crate::canonical::decimal")]
        least: Decimal,
        /// The most points.
        #[serde(serialize_with = "crate::canonical::decimal")]
        most: Decimal,
    },
    /// The value is the points, as a rubric's score is.
    AsScored,
}

/// One step of [`Scale::Steps`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScaleStep {
    /// The highest value on this step, itself included.
    #[serde(serialize_with = "crate::canonical::decimal")]
    pub up_to: Decimal,
    /// The points of this step.
    #[serde(serialize_with = "crate::canonical::decimal")]
    pub points: Decimal,
}

/// One bend of [`Scale::Piecewise`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bend {
    /// The value at the bend.
    #[serde(serialize_with = "crate::canonical::decimal")]
    pub at: Decimal,
    /// The points there.
    #[serde(serialize_with = "crate::canonical::decimal")]
    pub points: Decimal,
}

/// The numbers of all applicants on one criterion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    sorted: Vec<Exact>,
}

impl Spread {
    /// A spread of numbers, in any order.
    #[must_use]
    pub fn new(mut numbers: Vec<Exact>) -> Self {
        numbers.sort_unstable();
        Self { sorted: numbers }
    }

    /// The different numbers in rising order, each with the share of the others that it exceeds, equal ones counted half.
    pub(crate) fn shares(&self) -> Vec<(Exact, Exact)> {
        let others = self.sorted.len().saturating_sub(1);
        let mut shares = Vec::new();
        let mut below = 0;
        for equal in self.sorted.chunk_by(|a, b| a == b) {
            // Twice the share's numerator, so that half an equal one stays whole; who is alone stands in the middle.
            let (above, under) = if others == 0 { (1, 2) } else { (2 * below + equal.len() - 1, 2 * others) };
            shares.extend(equal.first().cloned().zip(ratio(above, under)));
            below += equal.len();
        }
        shares
    }

    /// The mean and the standard deviation, the latter rounded half to even at nine places; `None` for an empty spread.
    pub(crate) fn mean_and_deviation(&self) -> Option<(Exact, Exact)> {
        let count = ratio(self.sorted.len(), 1)?;
        let mean = self.sorted.iter().sum::<Exact>().over(&count).ok()?;
        let squares = self.sorted.iter().fold(Exact::ZERO, |sum, number| &sum + &(number * number));
        let variance = &squares.over(&count).ok()? - &(&mean * &mean);
        Some((mean, variance.square_root().ok()?))
    }
}

fn ratio(above: usize, below: usize) -> Option<Exact> {
    Exact::ratio(i128::try_from(above).ok()?, i128::try_from(below).ok()?).ok()
}

impl Scale {
    /// Whether points depend on the other applicants.
    #[must_use]
    pub const fn needs_spread(&self) -> bool {
        matches!(self, Self::Percentile { .. } | Self::ZScore { .. })
    }

    /// The scale as straight pieces, lowest values first; beyond the last piece's limit nothing follows, since it has none.
    ///
    /// # Errors
    /// A sentence when the scale can't give points: a line without length, or a spread without numbers.
    pub(crate) fn pieces(&self, spread: &Spread) -> Result<Vec<Piece>, ScaleProblem> {
        let exact = |decimal: &Decimal| Exact::from(*decimal);
        Ok(match self {
            Self::YesNo { zero, nonzero } => vec![
                Piece::level(Limit::Below(Exact::ZERO), exact(nonzero)),
                Piece::level(Limit::UpTo(Exact::ZERO), exact(zero)),
                Piece::level(Limit::None, exact(nonzero)),
            ],
            Self::Steps { steps, above } => {
                let steps = steps.iter().map(|step| Piece::level(Limit::UpTo(exact(&step.up_to)), exact(&step.points)));
                steps.chain([Piece::level(Limit::None, exact(above))]).collect()
            }
            Self::Linear { from, to, from_points, to_points } => {
                let (from, to) = ((exact(from), exact(from_points)), (exact(to), exact(to_points)));
                along(&if from.0 <= to.0 { [from, to] } else { [to, from] })?
            }
            Self::Piecewise { bends } => along(&bends.iter().map(|bend| (exact(&bend.at), exact(&bend.points))).collect::<Vec<_>>())?,
            Self::Percentile { lowest, highest } => {
                let (lowest, highest) = (exact(lowest), exact(highest));
                let points = |share: &Exact| &lowest + &(&(&highest - &lowest) * share);
                spread.shares().into_iter().map(|(number, share)| Piece::level(Limit::UpTo(number), points(&share))).collect()
            }
            Self::ZScore { middle, per_deviation, least, most } => {
                let (mean, deviation) = spread.mean_and_deviation().ok_or(ScaleProblem::EmptyPool)?;
                let Ok(slope) = exact(per_deviation).over(&deviation) else { return Ok(vec![Piece::level(Limit::None, exact(middle))]) };
                let reaches = |points: Exact| (&points - &exact(middle)).over(&slope).map(|off| (&mean + &off, points));
                match (reaches(exact(least)), reaches(exact(most))) {
                    (Ok(low), Ok(high)) => along(&if low.0 <= high.0 { [low, high] } else { [high, low] })?,
                    _ => vec![Piece::level(Limit::None, exact(middle))],
                }
            }
            Self::AsScored => vec![Piece { limit: Limit::None, slope: Exact::ONE, start: Exact::ZERO }],
        })
    }

    /// The points a value earns, exactly. `spread` holds every applicant's number, this one's too.
    ///
    /// # Errors
    /// [`ScaleProblem`] when the scale can’t give points: a line without length, or a spread without numbers.
    pub fn points(&self, value: &Exact, spread: &Spread) -> Result<Exact, ScaleProblem> {
        let pieces = self.pieces(spread)?;
        pieces.iter().find(|piece| piece.limit.holds(value)).map(|piece| piece.points(value)).ok_or(ScaleProblem::EmptyPool)
    }

    /// The scale in plain words, for the public page.
    #[must_use]
    pub fn plain(&self) -> String {
        let n = Decimal::normalize;
        match self {
            Self::YesNo { zero, nonzero } => format!("{} points when it is zero, {} when it is not", n(zero), n(nonzero)),
            Self::Steps { steps, above } => {
                let steps: Vec<String> = steps.iter().map(|step| format!("up to {}: {} points", n(&step.up_to), n(&step.points))).collect();
                format!("{}; above that: {} points", steps.join("; "), n(above))
            }
            Self::Linear { from, to, from_points, to_points } => format!(
                "from {} points at {} in a straight line to {} points at {}, level beyond",
                n(from_points),
                n(from),
                n(to_points),
                n(to)
            ),
            Self::Piecewise { bends } => {
                let bends: Vec<String> = bends.iter().map(|bend| format!("{} points at {}", n(&bend.points), n(&bend.at))).collect();
                format!("{}, in straight lines between, level beyond", bends.join(", "))
            }
            Self::Percentile { lowest, highest } => format!(
                "by the share of the other applicants whose figure is smaller (equal ones count half): {} points above none, {} above all",
                n(lowest),
                n(highest)
            ),
            Self::ZScore { middle, per_deviation, least, most } => format!(
                "{} points at the applicants’ mean and {} for each standard deviation above it, from {} to {}",
                n(middle),
                n(per_deviation),
                n(least),
                n(most)
            ),
            Self::AsScored => "the number itself; of a rubric, the score on its written levels, 0 to 100".to_owned(),
        }
    }
}

/// A straight piece of a scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// As far as it goes; an earlier piece takes what both hold.
    pub(crate) limit: Limit,
    /// Points for each unit of value.
    pub(crate) slope: Exact,
    /// Points at zero, whether or not the piece goes there.
    pub(crate) start: Exact,
}

/// How far a piece goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// To this value, itself left out.
    Below(Exact),
    /// To this value, itself included.
    UpTo(Exact),
    /// Without end.
    None,
}

impl Limit {
    pub(crate) fn holds(&self, value: &Exact) -> bool {
        match self {
            Self::Below(limit) => value < limit,
            Self::UpTo(limit) => value <= limit,
            Self::None => true,
        }
    }

    /// Where the piece ends.
    fn end(&self) -> Option<&Exact> {
        match self {
            Self::Below(limit) | Self::UpTo(limit) => Some(limit),
            Self::None => None,
        }
    }
}

impl Piece {
    fn level(limit: Limit, points: Exact) -> Self {
        Self { limit, slope: Exact::ZERO, start: points }
    }

    /// The points of a value on this piece.
    pub(crate) fn points(&self, value: &Exact) -> Exact {
        &(&self.slope * value) + &self.start
    }
}

/// All points that values of a span can earn on pieces in rising order; `None` where none of them holds one.
pub(crate) fn reach(pieces: &[Piece], values: &Span) -> Option<Span> {
    let mut reach: Option<Span> = None;
    let mut before: Option<&Limit> = None;
    for piece in pieces {
        let taken = before.is_some_and(|limit| limit.holds(&values.high));
        if !taken && piece.limit.holds(&values.low) {
            let from = before.and_then(Limit::end).map_or_else(|| values.low.clone(), |end| values.low.clone().max(end.clone()));
            let to = piece.limit.end().map_or_else(|| values.high.clone(), |end| values.high.clone().min(end.clone()));
            let points = Span::between(piece.points(&from), piece.points(&to));
            reach = Some(reach.map_or_else(|| points.clone(), |known| known.with(&points)));
        }
        before = Some(&piece.limit);
    }
    reach
}

/// The line through (value, points) bends in rising order, level before the first and after the last.
fn along(bends: &[(Exact, Exact)]) -> Result<Vec<Piece>, ScaleProblem> {
    let (Some(first), Some(last)) = (bends.first(), bends.last()) else { return Err(ScaleProblem::NoLength) };
    let mut pieces = vec![Piece::level(Limit::UpTo(first.0.clone()), first.1.clone())];
    for (from, to) in bends.iter().zip(bends.iter().skip(1)) {
        let slope = (&to.1 - &from.1).over(&(&to.0 - &from.0)).map_err(|_| ScaleProblem::NoLength)?;
        let start = &from.1 - &(&slope * &from.0);
        pieces.push(Piece { limit: Limit::UpTo(to.0.clone()), slope, start });
    }
    pieces.push(Piece::level(Limit::None, last.1.clone()));
    Ok(pieces)
}

/// Why a scale gives no points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScaleProblem {
    /// Two ends of a line are the same value.
    #[error("two ends of its line are the same value")]
    NoLength,
    /// A scale that compares applicants has none.
    #[error("there is no applicant to compare with")]
    EmptyPool,
}
