//! Puts candidates in order by a rule set, and keeps the working: each input with its source, its points, weight and product, and each tie
//! with the step that separated it. Exact throughout; the order the candidates are given in changes nothing. No candidate is left out
//! quietly: a missing number is a problem to resolve, never a zero. What money the order brings is [`crate::allocation`]'s.

mod document;
#[cfg(test)]
mod tests;

pub use document::{RANKING_FORMAT, RankingDocument, ReplayError, Replayed, replay};

use crate::canonical::sha256_hex;
use crate::exact::Exact;
use crate::facts::Input;
use crate::ruleset::{Criterion, RuleSet, Source, TieStep, WHOLE};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// One application to be ranked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// The application's id.
    pub id: String,
    /// The public application number; the lot is drawn on it.
    pub number: String,
    /// The numbers about this candidate, by input key (see [`Criterion::input_key`]). Inputs the rules don't ask for are ignored.
    pub inputs: BTreeMap<String, Input>,
}

/// Candidates in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranking {
    /// First place first.
    pub places: Vec<Place>,
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
    /// The sum of the products, 0 to 100.
    pub points: Exact,
    /// The working, one part for each criterion in the rules' order.
    pub parts: Vec<Part>,
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
    /// The points it earned on the criterion's scale, 0 to 100.
    pub points: Exact,
    /// The criterion's weight in basis points.
    pub weight: u32,
    /// Points × weight ÷ 10,000: what it adds to the sum.
    pub product: Exact,
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
    /// Numbers too long to compute exactly.
    #[error("{number}'s figure for “{criterion}” has too many digits to compute exactly.")]
    TooLong {
        /// The candidate's number.
        number: String,
        /// The criterion's name.
        criterion: String,
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
    let mut problems = rule_problems(rules);
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut sorted: Vec<&Candidate> = candidates.iter().collect();
    sorted.sort_by(|a, b| a.number.cmp(&b.number).then_with(|| a.id.cmp(&b.id)));
    let (mut numbers, mut ids) = (BTreeSet::new(), BTreeSet::new());
    let mut scored = Vec::with_capacity(sorted.len());
    for candidate in sorted {
        if !numbers.insert(&candidate.number) || !ids.insert(&candidate.id) {
            problems.push(RankingProblem::Twice { number: candidate.number.clone() });
        }
        match score(rules, candidate, seed) {
            Ok(one) => scored.push(one),
            Err(more) => problems.extend(more),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    scored.sort_by(|a, b| b.points.cmp(&a.points).then_with(|| separate(rules, a, b).map_or(Ordering::Equal, |(_, order)| order)));
    let places = (0..scored.len()).map(|index| place(rules, &scored, index)).collect();
    Ok(Ranking { places })
}

/// A candidate with its points, before places are given.
struct Scored<'a> {
    candidate: &'a Candidate,
    points: Exact,
    parts: Vec<Part>,
    lot: String,
}

fn rule_problems(rules: &RuleSet) -> Vec<RankingProblem> {
    let mut problems = Vec::new();
    let sum: u64 = rules.criteria.iter().map(|criterion| u64::from(criterion.weight)).sum();
    if sum != u64::from(WHOLE) {
        problems.push(RankingProblem::Rules(format!("the weights sum to {sum}, not {WHOLE} basis points.")));
    }
    if rules.ties.last() != Some(&TieStep::Lot) {
        problems.push(RankingProblem::Rules("the tie-break chain must end in the lot.".to_owned()));
    }
    for step in &rules.ties {
        if let TieStep::Points(key) = step
            && rules.criterion(key).is_none()
        {
            problems.push(RankingProblem::Rules(format!("a tie-break names “{key}”, which is no criterion.")));
        }
    }
    problems
}

fn score<'a>(rules: &RuleSet, candidate: &'a Candidate, seed: &str) -> Result<Scored<'a>, Vec<RankingProblem>> {
    let mut problems = Vec::new();
    let mut parts = Vec::with_capacity(rules.criteria.len());
    let mut points = Exact::ZERO;
    for criterion in &rules.criteria {
        match part(criterion, candidate).and_then(|part| {
            points = points.plus(part.product).map_err(|_| too_long(candidate, criterion))?;
            Ok(part)
        }) {
            Ok(part) => parts.push(part),
            Err(problem) => problems.push(problem),
        }
    }
    for step in &rules.ties {
        if let TieStep::Higher(key) | TieStep::Lower(key) = step
            && !candidate.inputs.contains_key(key)
            && !rules.criteria.iter().any(|criterion| criterion.input_key() == key)
        {
            let criterion = format!("tie-break: {}", rules.plain_tie(step));
            problems.push(RankingProblem::Missing { number: candidate.number.clone(), criterion, input: key.clone() });
        }
    }
    if problems.is_empty() { Ok(Scored { candidate, points, parts, lot: lot(seed, &candidate.number) }) } else { Err(problems) }
}

fn part(criterion: &Criterion, candidate: &Candidate) -> Result<Part, RankingProblem> {
    let (number, name) = (|| candidate.number.clone(), || criterion.name.clone());
    let key = criterion.input_key();
    let Some(input) = candidate.inputs.get(key) else {
        return Err(RankingProblem::Missing { number: number(), criterion: name(), input: key.to_owned() });
    };
    let value = input.value;
    match &criterion.source {
        Source::Rubric { anchors } if !anchors.iter().any(|anchor| anchor.points == value) => {
            return Err(RankingProblem::OffAnchor { number: number(), criterion: name(), value: value.normalize().to_string() });
        }
        Source::Evidence { .. } if value.is_sign_negative() && !value.is_zero() || !value.fract().is_zero() => {
            return Err(RankingProblem::NotACount { number: number(), criterion: name(), value: value.normalize().to_string() });
        }
        Source::Fact { .. } | Source::Evidence { .. } | Source::Rubric { .. } => {}
    }
    let exact = || {
        let points = criterion.points(value)?;
        Ok::<_, crate::exact::ExactError>((points, points.times(criterion.share()?)?))
    };
    let (points, product) = exact().map_err(|_| too_long(candidate, criterion))?;
    Ok(Part {
        criterion: criterion.key.clone(),
        name: name(),
        input: input.clone(),
        counted: criterion.counted(value),
        points,
        weight: criterion.weight,
        product,
    })
}

fn too_long(candidate: &Candidate, criterion: &Criterion) -> RankingProblem {
    RankingProblem::TooLong { number: candidate.number.clone(), criterion: criterion.name.clone() }
}

/// The first step of the chain at which two candidates differ, counted from 1, and which way.
fn separate(rules: &RuleSet, a: &Scored<'_>, b: &Scored<'_>) -> Option<(u32, Ordering)> {
    (1..).zip(&rules.ties).find_map(|(step, tie)| {
        let order = match tie {
            TieStep::Points(key) => points_on(b, key).cmp(&points_on(a, key)),
            TieStep::Higher(key) => value_of(b, key).cmp(&value_of(a, key)),
            TieStep::Lower(key) => value_of(a, key).cmp(&value_of(b, key)),
            TieStep::Lot => a.lot.cmp(&b.lot),
        };
        order.is_ne().then_some((step, order))
    })
}

fn points_on(scored: &Scored<'_>, key: &str) -> Option<Exact> {
    scored.parts.iter().find(|part| part.criterion == key).map(|part| part.points)
}

fn value_of(scored: &Scored<'_>, key: &str) -> Option<Decimal> {
    scored.candidate.inputs.get(key).map(|input| input.value)
}

fn place(rules: &RuleSet, scored: &[Scored<'_>], index: usize) -> Place {
    let own = &scored[index];
    let equal = |other: &&Scored<'_>| other.points == own.points;
    let above = index.checked_sub(1).and_then(|above| scored.get(above)).filter(equal);
    let below = scored.get(index + 1).filter(equal);
    let tie = (above.is_some() || below.is_some()).then(|| TieNote {
        others: u32::try_from(shared(scored, own.points) - 1).unwrap_or(u32::MAX),
        after: above.and_then(|other| separation(rules, own, other)),
        before: below.and_then(|other| separation(rules, own, other)),
    });
    Place {
        place: u32::try_from(index + 1).unwrap_or(u32::MAX),
        candidate: own.candidate.id.clone(),
        number: own.candidate.number.clone(),
        points: own.points,
        parts: own.parts.clone(),
        tie,
        lot: own.lot.clone(),
    }
}

/// How many have exactly these points; the list is in order, so they are found by halving.
fn shared(scored: &[Scored<'_>], points: Exact) -> usize {
    scored.partition_point(|other| other.points >= points) - scored.partition_point(|other| other.points > points)
}

fn separation(rules: &RuleSet, own: &Scored<'_>, other: &Scored<'_>) -> Option<Separation> {
    let (step, _) = separate(rules, own, other)?;
    let tie = rules.ties.get(usize::try_from(step).ok()?.checked_sub(1)?)?;
    let shown = |scored: &Scored<'_>| match tie {
        TieStep::Points(key) => points_on(scored, key).map_or_else(String::new, Exact::shown),
        TieStep::Higher(key) | TieStep::Lower(key) => value_of(scored, key).map_or_else(String::new, |value| value.normalize().to_string()),
        TieStep::Lot => scored.lot.clone(),
    };
    Some(Separation { number: other.candidate.number.clone(), step, how: rules.plain_tie(tie), own: shown(own), other: shown(other) })
}
