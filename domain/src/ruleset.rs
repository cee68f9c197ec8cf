//! Ranking rules: weighted criteria, each drawing on one number and turning it into 0 to 100 points by a declared scale; bonus and penalty
//! points; gates; caps on groups of criteria; a chain of tie-breaks. This file says what the rules are; [`crate::ranking`] puts applicants in
//! order by them.

mod scale;

pub use scale::{Bend, Scale, ScaleNumber, ScaleProblem, ScaleStep, Spread};
pub(crate) use scale::{Limit, Piece, reach};

use crate::exact::Exact;
use crate::formula::Formula;
use crate::panel::Aggregation;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The sum that a rule set's weights must have: 10,000 basis points are the whole.
pub const WHOLE: u32 = 10_000;

/// The fewest and the most points of a weighted criterion.
pub(crate) const PLAIN_POINTS: (i64, i64) = (0, 100);
/// The fewest and the most points of a bonus or penalty.
pub(crate) const BONUS_POINTS: (i64, i64) = (-1_000, 1_000);

/// The rules a round is ranked by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// The version of these rules, counted by the agency from 1.
    pub version: u32,
    /// Why these rules: the law or the call.
    pub citation: String,
    /// What an applicant must have, or must not have, to be ranked at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
    /// The criteria, in the order they are shown. The weights of those that are weighted sum to [`WHOLE`].
    pub criteria: Vec<Criterion>,
    /// Caps on what criteria may add together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// How equal points are separated, first step first; the last is [`TieStep::Lot`].
    pub ties: Vec<TieStep>,
    /// Where a panel scores the rubrics: how its scores become one number, which may then stand between the written levels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub panel: Option<Aggregation>,
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
    /// The weight in basis points: 2,500 is a quarter. Zero for a bonus.
    pub weight: u32,
    /// Whether its points are added as they are, above or below zero, beside the weighted sum.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bonus: bool,
    /// The clause it rests on.
    pub citation: String,
    /// Whether the weight or scale was invented for a demonstration.
    pub synthetic: bool,
    /// Where its number comes from.
    pub source: Source,
    /// How the number becomes points.
    pub scale: Scale,
    /// What happens when an applicant has no such number.
    #[serde(default, skip_serializing_if = "Missing::is_error")]
    pub missing: Missing,
}

/// What happens to an applicant without a number that a criterion asks for. It is never taken as zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Nobody is ranked before it is found.
    #[default]
    Error,
    /// The criterion is left out for this applicant, who is told, and the others weigh more in proportion.
    Exclude,
    /// Nobody is ranked before the applicant has brought the number with evidence and somebody has ruled on it.
    Contest,
}

impl Missing {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    fn is_error(&self) -> bool {
        *self == Self::Error
    }
}

/// A condition for being ranked at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// The key within the rule set.
    pub key: String,
    /// The name people read.
    pub name: String,
    /// The condition in plain words.
    pub plain: String,
    /// The condition: who does not meet it is shut out, and told.
    pub must: Formula,
    /// The clause it rests on.
    pub citation: String,
    /// Whether it was invented for a demonstration.
    pub synthetic: bool,
}

/// A cap on what several criteria may add to the sum together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The key within the rule set.
    pub key: String,
    /// The name people read.
    pub name: String,
    /// The keys of its criteria; a criterion is in one group at most.
    pub criteria: Vec<String>,
    /// The most points they add together, after weighing.
    #[serde(serialize_with = "crate::canonical::decimal")]
    pub cap: Decimal,
    /// The clause it rests on.
    pub citation: String,
    /// Whether it was invented for a demonstration.
    pub synthetic: bool,
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
    /// A formula over facts, counted evidence and scores, by their keys.
    Formula {
        /// The formula; its value is a number.
        formula: Formula,
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

impl Criterion {
    /// The key under which a candidate's inputs hold this criterion's number: the fact's, the evidence's, or the criterion's own for a
    /// rubric, and for a formula, whose number is computed.
    #[must_use]
    pub fn input_key(&self) -> &str {
        match &self.source {
            Source::Fact { key } | Source::Evidence { key, .. } => key,
            Source::Rubric { .. } | Source::Formula { .. } => &self.key,
        }
    }

    /// The keys of the inputs that this criterion draws on.
    #[must_use]
    pub fn inputs(&self) -> Vec<&str> {
        match &self.source {
            Source::Formula { formula } => formula.names(),
            Source::Fact { .. } | Source::Evidence { .. } | Source::Rubric { .. } => vec![self.input_key()],
        }
    }

    /// The number that is scored: evidence counts only up to its cap.
    #[must_use]
    pub fn counted(&self, value: Decimal) -> Decimal {
        match &self.source {
            Source::Evidence { cap, .. } => value.min(Decimal::from(*cap)),
            Source::Fact { .. } | Source::Rubric { .. } | Source::Formula { .. } => value,
        }
    }

    /// The share of its points that is added to the sum: its weight, or all of a bonus.
    #[must_use]
    pub fn share(&self) -> Exact {
        if self.bonus { Exact::ONE } else { Exact::ratio(self.weight.into(), WHOLE.into()).unwrap_or(Exact::ZERO) }
    }

    /// The weight as a percentage: `25%`, `12.5%`; `added` for a bonus.
    #[must_use]
    pub fn weight_percent(&self) -> String {
        if self.bonus { "added".to_owned() } else { format!("{}%", Decimal::new(self.weight.into(), 2).normalize()) }
    }
}

impl RuleSet {
    /// The keys of every input that the rules ask for, sorted, each once: those of gates, criteria and tie-breaks.
    #[must_use]
    pub fn inputs(&self) -> Vec<&str> {
        let ties = self.ties.iter().filter_map(|step| match step {
            TieStep::Higher(key) | TieStep::Lower(key) => Some(key.as_str()),
            TieStep::Points(_) | TieStep::Lot => None,
        });
        let gates = self.gates.iter().flat_map(|gate| gate.must.names());
        let mut keys: Vec<&str> = self.criteria.iter().flat_map(Criterion::inputs).chain(gates).chain(ties).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The lowest and the highest written level of each rubric criterion, by its key.
    #[must_use]
    pub fn rubric_ends(&self) -> BTreeMap<String, (Decimal, Decimal)> {
        let ends = |criterion: &Criterion| {
            let Source::Rubric { anchors } = &criterion.source else { return None };
            let points = || anchors.iter().map(|anchor| anchor.points);
            Some((criterion.key.clone(), (points().min()?, points().max()?)))
        };
        self.criteria.iter().filter_map(ends).collect()
    }

    /// The group of a criterion's key, by its place among the groups.
    #[must_use]
    pub fn group_of(&self, key: &str) -> Option<usize> {
        self.groups.iter().position(|group| group.criteria.iter().any(|member| member == key))
    }

    /// The criterion of a key.
    #[must_use]
    pub fn criterion(&self, key: &str) -> Option<&Criterion> {
        self.criteria.iter().find(|criterion| criterion.key == key)
    }

    /// Whether nothing is weighed: a list in the order of an act.
    #[must_use]
    pub fn weighs_nothing(&self) -> bool {
        self.criteria.is_empty() && self.ties.first() == Some(&TieStep::Lower(crate::named::ORDER.to_owned()))
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

    /// The name of an input: the fact's, or that of a criterion whose number it is; else its key.
    #[must_use]
    pub fn input_name<'a>(&'a self, key: &'a str) -> &'a str {
        let by_criterion = || self.criteria.iter().find(|criterion| criterion.input_key() == key).map(|criterion| criterion.name.as_str());
        let of_the_law = || (key == crate::named::ORDER).then_some("Place in the act");
        crate::facts::fact(key).map(|fact| fact.name).or_else(by_criterion).or_else(of_the_law).unwrap_or(key)
    }
}

#[cfg(test)]
mod tests;
