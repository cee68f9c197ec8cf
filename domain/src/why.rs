//! The smallest single change of a fact, a score or a weight that would have put an applicant on the other side of the line. Every change
//! told was tried: the pool was ranked again with it. Formulas and scales that compare applicants are left out, since a change of theirs
//! moves everybody.

mod beside;
mod everybody;
#[cfg(test)]
mod tests;

pub use beside::{Beside, Sums, TieAtLine, beside, equal_at_line, sums, tie_at_line};
pub use everybody::{Told, everybodys_changes};

use crate::exact::Exact;
use crate::ranking::{Candidate, Pool, RankingProblem, Standing};
use crate::ruleset::{Criterion, Limit, Piece, RuleSet, Source, Spread};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;
use std::cmp::{Ordering, Reverse};

/// One change that would have crossed the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The criterion's key.
    pub criterion: String,
    /// The criterion's name.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// The applicant's fact, count or score.
    Input,
    /// The criterion's weight, the other weights as they are.
    Weight,
}

/// The smallest changes that would have crossed the line, at most two for each criterion, in the order of the criteria. `line` is the lowest
/// place with money; an applicant above it is told what would have cost it its place.
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
    let asked = Asked { rules, candidates, seed, id, line, pool: &pool };
    let Some(place) = asked.place_in(rules, candidates) else { return Ok(Vec::new()) };
    let above = place <= line;
    let mut changes = Vec::new();
    for (index, criterion) in rules.criteria.iter().enumerate() {
        changes.extend(asked.input(criterion, above));
        changes.extend(asked.weight(index, criterion, above));
    }
    Ok(changes)
}

struct Asked<'a> {
    rules: &'a RuleSet,
    candidates: &'a [Candidate],
    seed: &'a str,
    id: &'a str,
    line: u32,
    pool: &'a Pool<'a>,
}

impl Asked<'_> {
    fn place_in(&self, rules: &RuleSet, candidates: &[Candidate]) -> Option<u32> {
        let pool = Pool::gather_weighing_anything(rules, candidates).ok()?;
        let at = Standing::of(&pool, self.seed).in_order().position(|candidate| candidate.id == self.id)?;
        u32::try_from(at + 1).ok()
    }

    /// The place after the applicant's input is changed, if that crosses the line.
    fn crosses(&self, key: &str, value: Decimal, above: bool) -> Option<u32> {
        let mut candidates = self.candidates.to_vec();
        candidates.iter_mut().find(|candidate| candidate.id == self.id)?.inputs.get_mut(key)?.value = value;
        self.place_in(self.rules, &candidates).filter(|place| (*place <= self.line) != above)
    }

    fn input(&self, criterion: &Criterion, above: bool) -> Option<Change> {
        let key = criterion.input_key();
        let own = self.candidates.iter().find(|candidate| candidate.id == self.id)?;
        let now = own.inputs.get(key)?.value;
        let mut tries: Vec<Decimal> = match &criterion.source {
            Source::Formula { .. } => return None,
            Source::Rubric { anchors } => anchors.iter().map(|anchor| anchor.points).collect(),
            Source::Fact { .. } | Source::Evidence { .. } if criterion.scale.needs_spread() => return None,
            Source::Fact { .. } => self.worth_trying(criterion, now, now.scale())?,
            Source::Evidence { cap, .. } => {
                let cap = Decimal::from(*cap);
                self.worth_trying(criterion, now, 0)?.into_iter().filter(|count| *count >= Decimal::ZERO && *count <= cap).collect()
            }
        };
        tries.retain(|value| *value != now);
        tries.sort_by_key(|value| ((*value - now).abs(), Reverse(*value)));
        tries.dedup();
        let (to, place) = tries.into_iter().find_map(|value| Some((value, self.crosses(key, value, above)?)))?;
        let (criterion, name) = (criterion.key.clone(), criterion.name.clone());
        Some(Change { criterion, name, of: Of::Input, from: now.normalize(), to: to.normalize(), place })
    }

    /// Values at which the order may change: where this criterion's points reach what the rival is ahead or behind by, where its pieces begin,
    /// and the rival's own value, which a tie-break may ask for; each rounded to the number's decimal places, both ways and a step on.
    fn worth_trying(&self, criterion: &Criterion, now: Decimal, places: u32) -> Option<Vec<Decimal>> {
        if self.rules.group_of(&criterion.key).is_some() {
            return None;
        }
        let own = self.index()?;
        let rival = self.rival()?;
        let nobody = Spread::new(Vec::new());
        let points = criterion.scale.points(&criterion.counted(now).into(), &nobody).ok()?;
        let share = self.pool.share(criterion, self.pool.counted_weight(own));
        let wanted = &points + &(&self.pool.total(rival) - &self.pool.total(own)).over(&share).ok()?;
        let rival_value = self.pool.candidates().get(rival)?.inputs.get(criterion.input_key()).map(|input| input.value.into());
        let step = Decimal::new(1, places);
        let mut tries = Vec::new();
        for piece in &criterion.scale.pieces(&nobody).ok()? {
            for value in reached(piece, &wanted).into_iter().chain(ends(&piece.limit)).chain(rival_value.clone()) {
                let Ok(near) = value.to_decimal() else { continue };
                let near = near.round_dp_with_strategy(places, RoundingStrategy::ToNegativeInfinity);
                tries.extend([near - step, near, near + step, near + step + step]);
            }
        }
        Some(tries)
    }

    /// The applicant's place in the pool.
    fn index(&self) -> Option<usize> {
        self.pool.candidates().iter().position(|candidate| candidate.id == self.id)
    }

    /// Whom this applicant has to pass, or to fall behind: the line's last when it is left out itself.
    fn rival(&self) -> Option<usize> {
        let standing = Standing::of(self.pool, self.seed);
        let rival =
            standing.in_order().filter(|candidate| candidate.id != self.id).nth(usize::try_from(self.line).ok()?.checked_sub(1)?)?;
        self.pool.candidates().iter().position(|candidate| candidate.id == rival.id)
    }

    /// The smallest whole number of basis points by which one weight, the others as they are, crosses the line.
    fn weight(&self, index: usize, criterion: &Criterion, above: bool) -> Option<Change> {
        if criterion.bonus || self.pool.has_gaps || !self.rules.groups.is_empty() {
            return None;
        }
        let weight = i64::from(criterion.weight);
        let mut tries: Vec<i64> = [true, false].into_iter().filter_map(|up| self.meeting(index, up, above)).flatten().collect();
        tries.retain(|change| *change != 0 && (0..=MOST_WEIGHT).contains(&(weight + change)));
        tries.sort_by_key(|change| (change.abs(), *change));
        let crossed = |change: i64| {
            let mut rules = self.rules.clone();
            rules.criteria.get_mut(index)?.weight = u32::try_from(weight + change).ok()?;
            let place = self.place_in(&rules, self.candidates).filter(|place| (*place <= self.line) != above)?;
            Some((change, place))
        };
        let (change, place) = tries.into_iter().find_map(crossed)?;
        let (key, name) = (criterion.key.clone(), criterion.name.clone());
        Some(Change { criterion: key, name, of: Of::Weight, from: weight.into(), to: (weight + change).into(), place })
    }

    /// Changes of a weight, in basis points one way, near the first at which the applicant meets enough others to cross the line.
    fn meeting(&self, index: usize, up: bool, above: bool) -> Option<Vec<i64>> {
        let own = self.index()?;
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
        let start = Standing::of(self.pool, self.seed).in_order().position(|candidate| candidate.id == self.id)?;
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

/// Where a piece reaches the points wanted.
fn reached(piece: &Piece, wanted: &Exact) -> Option<Exact> {
    match piece.slope.cmp(&Exact::ZERO) {
        Ordering::Equal => None,
        _ => (wanted - &piece.start).over(&piece.slope).ok(),
    }
}

fn ends(limit: &Limit) -> Option<Exact> {
    match limit {
        Limit::Below(value) | Limit::UpTo(value) => Some(value.clone()),
        Limit::None => None,
    }
}
