//! Ranking rules, version 1: weighted criteria, each drawing on one number and turning it into 0 to 100 points by a declared scale, and a
//! chain of tie-breaks. This file scores one number at a time; [`crate::ranking`] puts applicants in order.

use crate::exact::{Exact, ExactError};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The sum that a rule set's weights must have: 10,000 basis points are the whole.
pub const WHOLE: u32 = 10_000;

/// The rules a round is ranked by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// The version of these rules, counted by the agency from 1.
    pub version: u32,
    /// Why these rules: the law or the call.
    pub citation: String,
    /// The criteria, in the order they are shown. Their weights sum to [`WHOLE`].
    pub criteria: Vec<Criterion>,
    /// How equal points are separated, first step first; the last is [`TieStep::Lot`].
    pub ties: Vec<TieStep>,
}

/// One reason to rank an applicant higher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// The key within the rule set.
    pub key: String,
    /// The name people read.
    pub name: String,
    /// The criterion in plain words, a sentence or two.
    pub plain: String,
    /// The weight in basis points: 2,500 is a quarter.
    pub weight: u32,
    /// The clause it rests on.
    pub citation: String,
    /// Whether the weight or scale was invented for a demonstration.
    pub synthetic: bool,
    /// Where its number comes from.
    pub source: Source,
    /// How the number becomes points.
    pub scale: Scale,
}

/// Where a criterion's number comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A fact about the applicant's place, by key (see [`crate::facts::FACTS`]).
    Fact {
        /// The fact's key.
        key: String,
    },
    /// Things the applicant handed in, counted, up to a cap.
    Evidence {
        /// The evidence's key, such as `letters`.
        key: String,
        /// The most that count.
        cap: u32,
    },
    /// A reviewer's score on written anchors, with a reason. Its input key is the criterion's own key.
    Rubric {
        /// The scores a reviewer may give and what each means, fewest points first.
        anchors: Vec<Anchor>,
    },
}

/// One written level of a rubric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// The points of this level, 0 to 100.
    #[serde(serialize_with = "crate::canonical::decimal")]
    pub points: Decimal,
    /// What an application at this level looks like.
    pub text: String,
}

/// How a number becomes points on 0 to 100.
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

/// One way to separate applicants with equal points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieStep {
    /// More points on this criterion go first. In a program file: `points no_coach`.
    Points(String),
    /// The higher value of this input goes first. In a program file: `higher child_poverty_rate`.
    Higher(String),
    /// The lower value of this input goes first. In a program file: `lower enrollment`.
    Lower(String),
    /// The smaller lot goes first: the SHA-256 of the published seed, a colon and the application number.
    Lot,
}

impl Scale {
    /// The points a value earns, exactly.
    ///
    /// # Errors
    /// [`ExactError::TooLarge`] when the numbers have too many digits; [`ExactError::DivisionByZero`] when a line's ends are equal (a
    /// program file with such a line is refused).
    pub fn points(&self, value: Decimal) -> Result<Exact, ExactError> {
        match self {
            Self::YesNo { zero, nonzero } => Exact::try_from(if value.is_zero() { *zero } else { *nonzero }),
            Self::Steps { steps, above } => {
                Exact::try_from(steps.iter().find(|step| value <= step.up_to).map_or(*above, |step| step.points))
            }
            Self::Linear { from, to, from_points, to_points } => {
                let value = if from <= to { value.clamp(*from, *to) } else { value.clamp(*to, *from) };
                let (from, to, value) = (Exact::try_from(*from)?, Exact::try_from(*to)?, Exact::try_from(value)?);
                let (low, high) = (Exact::try_from(*from_points)?, Exact::try_from(*to_points)?);
                let way = value.minus(from)?.over(to.minus(from)?)?;
                low.plus(high.minus(low)?.times(way)?)
            }
            Self::AsScored => Exact::try_from(value),
        }
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
            Self::Linear { from, to, from_points, to_points } => {
                format!(
                    "from {} points at {} in a straight line to {} points at {}, level beyond",
                    n(from_points),
                    n(from),
                    n(to_points),
                    n(to)
                )
            }
            Self::AsScored => "the reviewer's score on the written anchors, 0 to 100".to_owned(),
        }
    }
}

impl Criterion {
    /// The key under which a candidate's inputs hold this criterion's number: the fact's, the evidence's, or for a rubric the criterion's.
    #[must_use]
    pub fn input_key(&self) -> &str {
        match &self.source {
            Source::Fact { key } | Source::Evidence { key, .. } => key,
            Source::Rubric { .. } => &self.key,
        }
    }

    /// The number that is scored: evidence counts only up to its cap.
    #[must_use]
    pub fn counted(&self, value: Decimal) -> Decimal {
        match &self.source {
            Source::Evidence { cap, .. } => value.min(Decimal::from(*cap)),
            Source::Fact { .. } | Source::Rubric { .. } => value,
        }
    }

    /// The points a value earns on this criterion, cap applied.
    ///
    /// # Errors
    /// As [`Scale::points`].
    pub fn points(&self, value: Decimal) -> Result<Exact, ExactError> {
        self.scale.points(self.counted(value))
    }

    /// The share of the whole that this criterion weighs.
    ///
    /// # Errors
    /// Never in practice; [`ExactError`] as any fraction.
    pub fn share(&self) -> Result<Exact, ExactError> {
        Exact::ratio(self.weight.into(), WHOLE.into())
    }

    /// The weight as a percentage: `25%`, `12.5%`.
    #[must_use]
    pub fn weight_percent(&self) -> String {
        format!("{}%", Decimal::new(self.weight.into(), 2).normalize())
    }
}

impl RuleSet {
    /// The keys of every input a candidate needs, sorted, each once: those of the criteria and those of the tie-breaks.
    #[must_use]
    pub fn inputs(&self) -> Vec<&str> {
        let ties = self.ties.iter().filter_map(|step| match step {
            TieStep::Higher(key) | TieStep::Lower(key) => Some(key.as_str()),
            TieStep::Points(_) | TieStep::Lot => None,
        });
        let mut keys: Vec<&str> = self.criteria.iter().map(Criterion::input_key).chain(ties).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The criterion of a key.
    #[must_use]
    pub fn criterion(&self, key: &str) -> Option<&Criterion> {
        self.criteria.iter().find(|criterion| criterion.key == key)
    }

    /// The tie-break chain in plain words, one sentence a step.
    #[must_use]
    pub fn plain_ties(&self) -> Vec<String> {
        self.ties.iter().map(|step| self.plain_tie(step)).collect()
    }

    /// One tie-break in plain words.
    #[must_use]
    pub fn plain_tie(&self, step: &TieStep) -> String {
        match step {
            TieStep::Points(key) => {
                format!("more points for “{}” goes first", self.criterion(key).map_or(key.as_str(), |criterion| &criterion.name))
            }
            TieStep::Higher(key) => format!("the higher “{}” goes first", self.input_name(key)),
            TieStep::Lower(key) => format!("the lower “{}” goes first", self.input_name(key)),
            TieStep::Lot => "the lot drawn from the published seed decides".to_owned(),
        }
    }

    fn input_name<'a>(&'a self, key: &'a str) -> &'a str {
        let by_criterion = || self.criteria.iter().find(|criterion| criterion.input_key() == key).map(|criterion| criterion.name.as_str());
        crate::facts::fact(key).map(|fact| fact.name).or_else(by_criterion).unwrap_or(key)
    }
}

#[cfg(test)]
mod tests;
