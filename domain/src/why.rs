//! The smallest single change of a fact, a score or a weight that would have put an applicant on the other side of the line. Every change
//! told was tried: the pool was ranked again with it. A number is changed wherever it is drawn on (`search`). Weights are left out where a
//! group has a cap or a criterion does not count for somebody.

mod beside;
mod by_points;
mod everybody;
mod search;
#[cfg(test)]
mod tests;
mod turn;

pub use beside::{Beside, Sums, TieAtLine, beside, equal_at_line, sums, tie_at_line};
pub use by_points::{MOST_BY_POINTS, is_smallest};
pub use everybody::{Told, everybodys_changes};
pub use turn::{At, Turn, award_changes, same_anyway, turns_are_told};

use crate::exact::Exact;
use crate::ranking::{Candidate, Pool, RankingProblem, Standing};
use crate::ruleset::{Criterion, RuleSet, Source, TieStep};
use by_points::Award;
use rust_decimal::Decimal;
use search::Search;
use serde::Serialize;
use std::cmp::Reverse;

/// One change that would have crossed the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The key of the criterion, of the first that draws on the number; the number's own where only a tie-break asks for it.
    pub criterion: String,
    /// The criterion's name; that of the number where formulas, several criteria or a tie-break draw on it.
    pub name: String,
    /// What changes.
    pub of: Of,
    /// What it was: an input's value, or a weight in basis points of 10,000.
    pub from: Decimal,
    /// What it would have had to be; a weight with the others as they are, so that the whole is no longer 10,000.
    pub to: Decimal,
    /// The place that comes of it.
    pub place: u32,
}

/// What a change is a change of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// The applicant's fact, count or score.
    Input {
        /// Its key.
        key: String,
        /// The names of the criteria that draw on it; empty where it is the number of one, or of none.
        within: Vec<String>,
    },
    /// The criterion's weight, the other weights as they are.
    Weight,
}

impl Of {
    /// The criteria that draw on a number which is not the number of one alone: `drawn on by A, B and C`.
    #[must_use]
    pub fn drawn_on_by(&self) -> Option<String> {
        let Self::Input { within, .. } = self else { return None };
        let (last, others) = within.split_last()?;
        Some(if others.is_empty() { format!("drawn on by {last}") } else { format!("drawn on by {} and {last}", others.join(", ")) })
    }
}

/// The smallest changes that would have crossed the line: of each criterion's numbers and its weight, in the order of the criteria, then of
/// what only a tie-break asks for. `line` is the lowest place with money; an applicant above it is told what would have cost it its place.
///
/// # Errors
/// As [`crate::ranking::rank`]; nothing is told of an applicant that is not ranked.
pub fn smallest_changes(
    rules: &RuleSet,
    candidates: &[Candidate],
    seed: &str,
    id: &str,
    line: u32,
) -> Result<Vec<Change>, Vec<RankingProblem>> {
    let pool = Pool::gather(rules, candidates)?;
    let standing = Standing::of(&pool, seed);
    let asked = Asked { rules, candidates, seed, line, pool: &pool, order: standing.indices(), award: None };
    let own = pool.candidates().iter().position(|candidate| candidate.id == id);
    Ok(own.map_or_else(Vec::new, |own| asked.changes(own)))
}

/// The pool with one number of one candidate changed.
fn with_input(candidates: &[Candidate], id: &str, key: &str, value: Decimal) -> Option<Vec<Candidate>> {
    let mut candidates = candidates.to_vec();
    candidates.iter_mut().find(|candidate| candidate.id == id)?.inputs.get_mut(key)?.value = value;
    Some(candidates)
}

/// The rules with one weight changed, the others as they are.
fn with_weight(rules: &RuleSet, criterion: &str, weight: u32) -> Option<RuleSet> {
    let mut rules = rules.clone();
    rules.criteria.iter_mut().find(|one| one.key == criterion)?.weight = weight;
    Some(rules)
}

struct Asked<'a> {
    rules: &'a RuleSet,
    candidates: &'a [Candidate],
    seed: &'a str,
    line: u32,
    pool: &'a Pool<'a>,
    /// The pool's candidates, first place first.
    order: &'a [usize],
    /// What is to turn, where that is no line.
    award: Option<Award<'a>>,
}

impl<'a> Asked<'a> {
    fn id(&self, own: usize) -> Option<&'a str> {
        self.pool.candidates().get(own).map(|candidate| candidate.id.as_str())
    }

    fn line_at(&self) -> Option<usize> {
        usize::try_from(self.line).ok()
    }

    fn is_above(&self, own: usize) -> Option<bool> {
        Some(self.order.iter().position(|one| *one == own)? < self.line_at()?)
    }

    /// The place with other rules or candidates, if the applicant is on the other side of the line then, or its award has turned.
    fn there(&self, own: usize, rules: &RuleSet, candidates: &[Candidate], above: bool) -> Option<u32> {
        let id = self.id(own)?;
        let pool = Pool::gather_weighing_anything(rules, candidates).ok()?;
        let at = Standing::of(&pool, self.seed).in_order().position(|candidate| candidate.id == id)?;
        let place = u32::try_from(at + 1).ok()?;
        let is_there = match &self.award {
            None => (place <= self.line) != above,
            Some(award) => award.is_turned(&pool, self.seed, pool.candidates().iter().position(|candidate| candidate.id == id)?),
        };
        is_there.then_some(place)
    }

    /// As [`smallest_changes`], of one of the pool.
    fn changes(&self, own: usize) -> Vec<Change> {
        let mut changes = Vec::new();
        for (index, criterion) in self.rules.criteria.iter().enumerate() {
            changes.extend(self.inputs_of(index).into_iter().filter_map(|key| self.input(own, index, key)));
            changes.extend(self.weight(own, index, criterion));
        }
        changes.extend(self.only_ties().into_iter().filter_map(|key| self.tie_break(own, key)));
        changes
    }

    /// The place after the applicant's input is changed, if that crosses the line.
    fn crosses(&self, own: usize, key: &str, value: Decimal, above: bool) -> Option<u32> {
        let candidates = with_input(self.candidates, self.id(own)?, key, value)?;
        self.there(own, self.rules, &candidates, above)
    }

    /// The numbers that a criterion draws on and none before it.
    fn inputs_of(&self, index: usize) -> Vec<&'a str> {
        let before = self.rules.criteria.iter().take(index);
        let known: Vec<&str> = before.flat_map(Criterion::inputs).collect();
        let own = self.rules.criteria.get(index).map(Criterion::inputs).unwrap_or_default();
        own.into_iter().filter(|key| !known.contains(key)).collect()
    }

    /// The numbers that tie-breaks ask for and no criterion draws on.
    fn only_ties(&self) -> Vec<&'a str> {
        let drawn = |key: &str| self.rules.criteria.iter().any(|criterion| criterion.inputs().contains(&key));
        let keys = self.rules.ties.iter().filter_map(|step| match step {
            TieStep::Higher(key) | TieStep::Lower(key) => Some(key.as_str()),
            TieStep::Points(_) | TieStep::Lot => None,
        });
        let mut keys: Vec<&str> = keys.filter(|key| !drawn(key) && !self.rules.weighs_nothing()).collect();
        keys.dedup();
        keys
    }

    /// The smallest change of a number that a criterion draws on.
    fn input(&self, own: usize, index: usize, key: &str) -> Option<Change> {
        let criterion = self.rules.criteria.get(index)?;
        let from = self.pool.candidates().get(own)?.inputs.get(key)?.value;
        let (to, place) = match self.levels(key) {
            Some(levels) => self.nearest_level(own, key, from, levels)?,
            None => Search::of(self, own, key)?.nearest()?,
        };
        let readers = self.rules.criteria.iter().filter(|one| one.inputs().contains(&key));
        let within: Vec<String> = readers.map(|one| one.name.clone()).collect();
        let is_its_own = within.len() == 1 && criterion.input_key() == key && !matches!(criterion.source, Source::Formula { .. });
        let (name, within) =
            if is_its_own { (criterion.name.clone(), Vec::new()) } else { (self.rules.input_name(key).to_owned(), within) };
        let (criterion, of) = (criterion.key.clone(), Of::Input { key: key.to_owned(), within });
        Some(Change { criterion, name, of, from: from.normalize(), to: to.normalize(), place })
    }

    /// The smallest change of a number that only tie-breaks ask for: something where the sums at the line are equal.
    fn tie_break(&self, own: usize, key: &str) -> Option<Change> {
        if self.pool.total(own) != self.pool.total(self.rival(own)?) {
            return None;
        }
        let from = self.pool.candidates().get(own)?.inputs.get(key)?.value;
        let (to, place) = Search::of(self, own, key)?.nearest()?;
        let (name, of) = (self.rules.input_name(key).to_owned(), Of::Input { key: key.to_owned(), within: Vec::new() });
        Some(Change { criterion: key.to_owned(), name, of, from: from.normalize(), to: to.normalize(), place })
    }

    /// The written levels of a score.
    fn levels(&self, key: &str) -> Option<Vec<Decimal>> {
        self.rules.criteria.iter().find_map(|criterion| match &criterion.source {
            Source::Rubric { anchors } if criterion.key == key => Some(anchors.iter().map(|anchor| anchor.points).collect()),
            _ => None,
        })
    }

    fn nearest_level(&self, own: usize, key: &str, from: Decimal, mut levels: Vec<Decimal>) -> Option<(Decimal, u32)> {
        let above = self.is_above(own)?;
        levels.retain(|level| *level != from);
        levels.sort_by_key(|level| ((*level - from).abs(), Reverse(*level)));
        levels.dedup();
        levels.into_iter().find_map(|level| Some((level, self.crosses(own, key, level, above)?)))
    }

    /// Whether a number counts things.
    fn is_count(&self, key: &str) -> bool {
        self.rules.criteria.iter().any(|criterion| matches!(&criterion.source, Source::Evidence { key: of, .. } if of == key))
    }

    /// The most that counts of a number which is a count wherever it is drawn on.
    fn cap(&self, key: &str) -> Option<u32> {
        let readers = self.rules.criteria.iter().filter(|criterion| criterion.inputs().contains(&key));
        let caps = readers.map(|criterion| if let Source::Evidence { cap, .. } = &criterion.source { Some(*cap) } else { None });
        caps.collect::<Option<Vec<u32>>>()?.into_iter().max()
    }

    /// Whom an applicant has to pass, or to fall behind: the line's last when it is left out itself.
    fn rival(&self, own: usize) -> Option<usize> {
        self.order.iter().filter(|other| **other != own).nth(self.line_at()?.checked_sub(1)?).copied()
    }

    /// The smallest whole number of basis points by which one weight, the others as they are, crosses the line.
    fn weight(&self, own: usize, index: usize, criterion: &Criterion) -> Option<Change> {
        if criterion.bonus || !self.pool.is_even() {
            return None;
        }
        if let Some(award) = &self.award {
            return award.weight(self, own, index, criterion);
        }
        let above = self.is_above(own)?;
        let weight = i64::from(criterion.weight);
        let mut tries: Vec<i64> = [true, false].into_iter().filter_map(|up| self.meeting(own, index, up)).flatten().collect();
        tries.retain(|change| *change != 0 && (0..=MOST_WEIGHT).contains(&(weight + change)));
        tries.sort_by_key(|change| (change.abs(), *change));
        let crossed = |change: i64| {
            let rules = with_weight(self.rules, &criterion.key, u32::try_from(weight + change).ok()?)?;
            Some((change, self.there(own, &rules, self.candidates, above)?))
        };
        let (change, place) = tries.into_iter().find_map(crossed)?;
        let (key, name) = (criterion.key.clone(), criterion.name.clone());
        Some(Change { criterion: key, name, of: Of::Weight, from: weight.into(), to: (weight + change).into(), place })
    }

    /// Changes of a weight, in basis points one way, near the first at which the applicant meets enough others to cross the line.
    fn meeting(&self, own: usize, index: usize, up: bool) -> Option<Vec<i64>> {
        let above = self.is_above(own)?;
        let (own_total, own_points) = (self.pool.total(own), self.pool.points(index, own)?);
        let mut meetings: Vec<(Exact, i32)> = Vec::new();
        for other in (0..self.pool.candidates().len()).filter(|other| *other != own) {
            let (behind, gain) = (&self.pool.total(other) - &own_total, &own_points - &self.pool.points(index, other)?);
            let Ok(meet) = (&behind * &Exact::whole(10_000)).over(&gain) else { continue };
            // Equal sums stand at the start of both ways; which of the two is ahead is the tie-break's and is found on trying.
            if (up && meet >= Exact::ZERO) || (!up && meet <= Exact::ZERO) {
                let passes = (gain > Exact::ZERO) == up;
                meetings.push((if up { meet } else { -&meet }, if passes { -1 } else { 1 }));
            }
        }
        meetings.sort();
        let start = self.order.iter().position(|one| *one == own)?;
        let (mut place, line) = (i64::try_from(start).ok()? + 1, i64::from(self.line));
        let mut near = Vec::new();
        for (meet, step) in meetings {
            place += i64::from(step);
            // Ties may shift a meeting by one applicant either way, so a near miss is tried as well.
            if (place <= line) != above || (place - line).abs() <= 1 {
                let floor = i64::try_from(meet.floor().ok()?).ok()?;
                near.extend([floor, floor + 1, floor + 2].map(|change| if up { change } else { -change }));
            }
            if (place <= line) != above && near.len() > NEAR {
                break;
            }
        }
        near.dedup();
        Some(near)
    }
}

/// A weight beyond this changes nothing that a hundred times the whole does not.
const MOST_WEIGHT: i64 = 1_000_000;
/// So many changes are tried past the first that should cross.
const NEAR: usize = 60;
