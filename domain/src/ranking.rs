//! Puts candidates in order by a rule set, and keeps the working: each input with its source, its points, weight and product, and each tie
//! with the step that separated it. Exact throughout; the order the candidates are given in changes nothing. No candidate is left out
//! quietly: a missing number is a problem to resolve, never a zero, and whoever a gate shuts out is named. What money the order brings is
//! [`crate::allocation`]'s.

mod document;
mod pool;
mod shifts;
#[cfg(test)]
mod tests;
mod totals;
mod working;

pub use document::{PanelRecord, RANKING_FORMAT, RankingDocument, ReplayError, Replayed, replay};
pub use pool::Pool;
pub use shifts::{CriterionShift, Shift, shifts};
pub(crate) use totals::Columns;
pub use totals::Totals;
pub use working::Standing;
pub(crate) use working::by_ties;

use crate::canonical::sha256_hex;
use crate::exact::Exact;
use crate::facts::Input;
use crate::ruleset::RuleSet;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One application to be ranked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// The application's id.
    pub id: String,
    /// The public application number; the lot is drawn on it.
    pub number: String,
    /// The numbers about this candidate, by input key (see [`input_key`](crate::ruleset::Criterion::input_key)). Inputs the rules don't ask for are ignored.
    pub inputs: BTreeMap<String, Input>,
}

/// Candidates in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranking {
    /// First place first.
    pub places: Vec<Place>,
    /// Those whom a gate shut out, by number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shut_out: Vec<ShutOut>,
}

/// A candidate that is not ranked, since it does not meet a condition of the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShutOut {
    /// The candidate's id.
    pub candidate: String,
    /// The candidate's public application number.
    pub number: String,
    /// The gate's key; the first that it does not meet.
    pub gate: String,
    /// The gate's name.
    pub name: String,
    /// The numbers that the gate looked at.
    pub drawn: BTreeMap<String, Input>,
}

/// One candidate's place and its working.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// 1 for the first; no place is shared.
    pub place: u32,
    /// The candidate's id.
    pub candidate: String,
    /// The candidate's public application number.
    pub number: String,
    /// The sum of the products; 0 to 100 where the rules know no bonus.
    pub points: Exact,
    /// The working, one part for each criterion that counted, in the rules' order.
    pub parts: Vec<Part>,
    /// Criteria left out for want of a number, by the rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// Groups of criteria whose sum was cut to their cap.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capped: Vec<Capped>,
    /// How a tie at these points was broken; `None` when nobody else has the same points.
    pub tie: Option<TieNote>,
    /// The lot: SHA-256 of the seed, a colon and the number, in hexadecimal.
    pub lot: String,
}

/// One criterion's working for one candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The criterion's key.
    pub criterion: String,
    /// The criterion's name.
    pub name: String,
    /// The number used, with its source, year and place.
    pub input: Input,
    /// The number that was scored: the input's value, evidence only up to its cap.
    #[serde(serialize_with = "crate::canonical::decimal")]
    pub counted: Decimal,
    /// The points it earned on the criterion's scale: 0 to 100, or any number for a bonus.
    pub points: Exact,
    /// The criterion's weight in basis points; zero for a bonus.
    pub weight: u32,
    /// What it adds to the sum: points × weight ÷ the weights that count (10,000 unless a criterion was left out), or a bonus's points.
    pub product: Exact,
    /// What a formula gave, exactly; its `input` holds it rounded at nine places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact: Option<Exact>,
    /// What a formula drew on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub drawn: BTreeMap<String, Input>,
}

/// A criterion that does not count for one candidate. What the other weighted criteria weigh grows in proportion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// The criterion's key.
    pub criterion: String,
    /// The criterion's name.
    pub name: String,
    /// The input that is missing.
    pub input: String,
}

/// A group of criteria that reached its cap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capped {
    /// The group's key.
    pub group: String,
    /// The group's name.
    pub name: String,
    /// What its products sum to.
    pub sum: Exact,
    /// What counts of them.
    pub cap: Exact,
}

/// How a candidate stands among those with equal points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TieNote {
    /// How many others have the same points. They stand next to each other; listing them at each would make long ties quadratic.
    pub others: u32,
    /// What put the next one above ahead of this one; `None` for the first of the tie.
    pub after: Option<Separation>,
    /// What put this one ahead of the next one below; `None` for the last of the tie.
    pub before: Option<Separation>,
}

/// The step of the tie-break chain that separated two candidates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Separation {
    /// The other's public application number.
    pub number: String,
    /// The step's place in the chain, 1 for the first.
    pub step: u32,
    /// The step in plain words, such as “the higher “Children aged 5–17 in poverty” goes first”.
    pub how: String,
    /// This candidate's value at the step, as shown.
    pub own: String,
    /// The other's value at the step, as shown.
    pub other: String,
}

/// Why candidates can't be ranked yet. Each names what somebody has to resolve.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RankingProblem {
    /// The rules themselves can't rank.
    #[error("The rules can't rank: {0}")]
    Rules(String),
    /// Two candidates share an id or a number.
    #[error("{number} appears twice among the candidates.")]
    Twice {
        /// The number or id that is repeated.
        number: String,
    },
    /// A number that the rules need is not there.
    #[error("{number} has no figure for “{criterion}” ({input}). Add it, or find the application ineligible; it is never taken as zero.")]
    Missing {
        /// The candidate's number.
        number: String,
        /// The name of the criterion, or “tie-break” with the input's key.
        criterion: String,
        /// The input's key.
        input: String,
    },
    /// A rubric score on none of the written anchors.
    #[error("{number}'s score for “{criterion}” is {value}, which is none of the written levels.")]
    OffAnchor {
        /// The candidate's number.
        number: String,
        /// The criterion's name.
        criterion: String,
        /// The score given.
        value: String,
    },
    /// Evidence that is not a whole number from zero up.
    #[error("{number}'s count for “{criterion}” is {value}; a count is a whole number, zero or more.")]
    NotACount {
        /// The candidate's number.
        number: String,
        /// The criterion's name.
        criterion: String,
        /// The count given.
        value: String,
    },
    /// A number that the rules need, which the applicant is to bring with evidence.
    #[error(
        "{number} has no figure for “{criterion}” ({input}). By the rules the applicant may bring one with evidence, and somebody rules on it; it is never taken as zero."
    )]
    Contested {
        /// The candidate's number.
        number: String,
        /// The name of the criterion.
        criterion: String,
        /// The input's key.
        input: String,
    },
    /// A formula without a value for this candidate.
    #[error("{number}: the formula of “{criterion}” has no value: {problem}")]
    Formula {
        /// The candidate's number.
        number: String,
        /// The name of the criterion or gate.
        criterion: String,
        /// Why.
        problem: String,
    },
    /// Two applications for one recipient that the law names.
    #[error("{number} is another application of {recipient}, which the law names once. Find one of them ineligible, with that reason.")]
    NamedTwice {
        /// The candidate's number.
        number: String,
        /// The recipient's name.
        recipient: String,
    },
    /// A candidate that was found eligible does not meet a condition of the rules.
    #[error("{number} does not meet the condition “{gate}”. Find it ineligible, with that reason.")]
    Gate {
        /// The candidate's number.
        number: String,
        /// The gate's name.
        gate: String,
    },
    /// Every weighted criterion of a candidate is left out.
    #[error("{number} has no figure for any weighted criterion, so nothing can be weighed.")]
    NothingCounts {
        /// The candidate's number.
        number: String,
    },
}

/// The lot of an application: SHA-256 of `seed:number`, 64 hexadecimal digits. Smaller goes first.
#[must_use]
pub fn lot(seed: &str, number: &str) -> String {
    sha256_hex(format!("{seed}:{number}").as_bytes())
}

/// Ranks candidates. The same candidates in any order give the same ranking.
///
/// # Errors
/// Every problem found, in the order of the candidates' numbers.
pub fn rank(rules: &RuleSet, candidates: &[Candidate], seed: &str) -> Result<Ranking, Vec<RankingProblem>> {
    let pool = Pool::gather(rules, candidates)?;
    let standing = Standing::of(&pool, seed);
    Ok(Ranking { places: standing.places(), shut_out: pool.shut_out().to_vec() })
}
