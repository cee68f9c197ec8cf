//! How far an applicant's place can go when one weight is moved by itself. Sums are straight lines in a weight, so who is ahead of whom
//! changes at one basis point for each pair; every basis point within reach is looked at, none is left out.

use super::{Ready, Setting, brought_to_whole};
use crate::exact::Exact;
use crate::ranking::{Pool, Standing};
use crate::ruleset::{RuleSet, WHOLE};
use serde::{Deserialize, Serialize};

/// One weight is moved by at most so many basis points, either way; the others share the rest in proportion.
pub const WITHIN: u32 = 500;
/// Beyond so many applicants the pairs take too long for a page.
pub const MOST_FOR_RANGES: usize = 2_000;

/// The best and the worst place within reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The best place.
    pub best: u32,
    /// The worst.
    pub worst: u32,
}

/// Points finer than this are rounded to it, to the nearest: a billion parts a point.
const FINEST: i128 = 1_000_000_000;

impl Ready {
    /// Each entrant's range of places, by index, when any one weight moves by up to [`WITHIN`] basis points; none for whoever is shut out.
    /// `Ok(None)` where sums are no straight lines (capped groups, criteria left out for somebody) or there are more than
    /// [`MOST_FOR_RANGES`].
    ///
    /// # Errors
    /// As [`Ready::run`].
    pub fn ranges(&self, setting: &Setting) -> Result<Option<Vec<Option<Range>>>, Vec<String>> {
        let rules = self.rules(setting);
        if !rules.groups.is_empty() || self.candidates.len() > MOST_FOR_RANGES {
            return Ok(None);
        }
        let say = |problems: Vec<crate::ranking::RankingProblem>| problems.iter().map(ToString::to_string).collect::<Vec<_>>();
        let pool = Pool::gather(&rules, &self.candidates).map_err(say)?;
        if pool.has_gaps {
            return Ok(None);
        }
        let ahead = self.chain(&rules).map_err(say)?;
        let weights = brought_to_whole(&setting.weights);
        let columns = columns(&pool, &rules);
        let index_of = |at: usize| pool.candidates().get(at).and_then(|candidate| candidate.id.parse::<usize>().ok());
        let chain: Vec<usize> =
            (0..pool.candidates().len()).map(|at| index_of(at).and_then(|index| ahead.get(index).copied()).unwrap_or(0)).collect();
        let mut reach: Vec<Range> = vec![Range { best: u32::MAX, worst: 0 }; chain.len()];
        for (moved, weight) in weights.iter().enumerate() {
            if rules.criteria.get(moved).is_none_or(|criterion| criterion.bonus) || *weight >= WHOLE {
                continue;
            }
            sweep(&Lines::of(&columns, &weights, moved), &chain, *weight, &mut reach);
        }
        let mut ranges = vec![None; self.bench.entrants.len()];
        for (at, range) in reach.into_iter().enumerate().filter(|(_, range)| range.worst > 0) {
            if let Some(slot) = index_of(at).and_then(|index| ranges.get_mut(index)) {
                *slot = Some(range);
            }
        }
        Ok(Some(ranges))
    }

    /// Each entrant's place by the tie-breaks alone, by index: the pool with every weighted point taken away.
    fn chain(&self, rules: &RuleSet) -> Result<Vec<usize>, Vec<crate::ranking::RankingProblem>> {
        let mut level = rules.clone();
        for criterion in &mut level.criteria {
            criterion.weight = 0;
            criterion.bonus = false;
        }
        let pool = Pool::gather_weighing_anything(&level, &self.candidates)?;
        let mut ahead = vec![0; self.candidates.len()];
        for (place, candidate) in Standing::of(&pool, &self.bench.seed).in_order().enumerate() {
            if let Some(slot) = candidate.id.parse::<usize>().ok().and_then(|index| ahead.get_mut(index)) {
                *slot = place;
            }
        }
        Ok(ahead)
    }
}

/// Each criterion's points as whole numbers of a common part, by criterion and candidate; bonuses last, added up.
struct Columns {
    weighed: Vec<Option<Vec<i128>>>,
    bonus: Vec<i128>,
}

fn columns(pool: &Pool<'_>, rules: &RuleSet) -> Columns {
    let count = pool.candidates().len();
    let points = |criterion: usize, at: usize| pool.points(criterion, at).unwrap_or(Exact::ZERO);
    let mut unit = Some(1_i128);
    for criterion in 0..rules.criteria.len() {
        for at in 0..count {
            unit = unit.and_then(|unit| points(criterion, at).common_denominator(unit)).filter(|unit| *unit <= FINEST);
        }
    }
    let unit = unit.unwrap_or(FINEST);
    let part = |value: &Exact| (value * &Exact::ratio(unit, 1).unwrap_or(Exact::ONE)).to_places(0).floor().unwrap_or(0);
    let mut columns = Columns { weighed: Vec::with_capacity(rules.criteria.len()), bonus: vec![0; count] };
    for (index, criterion) in rules.criteria.iter().enumerate() {
        let parts: Vec<i128> = (0..count).map(|at| part(&points(index, at))).collect();
        if criterion.bonus {
            columns.bonus.iter_mut().zip(&parts).for_each(|(sum, part)| *sum += part);
        }
        columns.weighed.push((!criterion.bonus).then_some(parts));
    }
    columns
}

/// Each candidate's sum as a line in one weight `w`, times what makes it whole: `start + slope × w`.
struct Lines {
    start: Vec<i128>,
    slope: Vec<i128>,
}

impl Lines {
    fn of(columns: &Columns, weights: &[u32], moved: usize) -> Self {
        let whole = i128::from(WHOLE);
        let own = i128::from(weights.get(moved).copied().unwrap_or(0));
        let rest = whole - own;
        let count = columns.bonus.len();
        let part = |criterion: usize, at: usize| columns.weighed.get(criterion).and_then(Option::as_ref).and_then(|parts| parts.get(at));
        let mut lines = Self { start: Vec::with_capacity(count), slope: Vec::with_capacity(count) };
        for at in 0..count {
            let others: i128 = weights
                .iter()
                .enumerate()
                .filter(|(criterion, _)| *criterion != moved)
                .map(|(criterion, weight)| i128::from(*weight) * part(criterion, at).copied().unwrap_or(0))
                .sum();
            let bonus = columns.bonus.get(at).copied().unwrap_or(0) * whole * rest;
            lines.start.push(whole * others + bonus);
            lines.slope.push(rest * part(moved, at).copied().unwrap_or(0) - others);
        }
        lines
    }
}

/// Widens each candidate's range by the places it has while one weight goes through its reach.
fn sweep(lines: &Lines, chain: &[usize], weight: u32, reach: &mut [Range]) {
    let (low, high) = (i128::from(weight.saturating_sub(WITHIN)), i128::from((weight + WITHIN).min(WHOLE)));
    let steps = usize::try_from(high - low).unwrap_or(0) + 1;
    let count = chain.len();
    let at = |w: i128| -> Vec<i128> { lines.start.iter().zip(&lines.slope).map(|(start, slope)| start + slope * w).collect() };
    let (first, last) = (at(low), at(high));
    // By the sums at the low end: whoever stands before another and does not at the high end meets it once in between.
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_unstable_by(|a, b| first[*b].cmp(&first[*a]).then(chain[*a].cmp(&chain[*b])));
    let mut behind: Vec<i32> = vec![0; count * steps];
    for (place, a) in order.iter().copied().enumerate() {
        for b in order.iter().copied().skip(place + 1) {
            let stays = last[a] > last[b] || (last[a] == last[b] && chain[a] < chain[b]);
            if stays {
                continue;
            }
            let (gap, closing) =
                (lines.start[a] - lines.start[b] + low * (lines.slope[a] - lines.slope[b]), lines.slope[b] - lines.slope[a]);
            // Ahead while gap − closing × step > 0, and at zero by the chain.
            let from = if closing <= 0 {
                0
            } else if gap % closing == 0 && chain[a] < chain[b] {
                gap / closing + 1
            } else {
                (gap + closing - 1) / closing
            };
            let from = usize::try_from(from.max(0)).unwrap_or(0);
            if from < steps {
                behind[a * steps + from] += 1;
                behind[b * steps + from] -= 1;
            }
        }
    }
    for (place, own) in order.into_iter().enumerate() {
        let mut now = i32::try_from(place + 1).unwrap_or(i32::MAX);
        for change in &behind[own * steps..(own + 1) * steps] {
            now += change;
            let place = u32::try_from(now).unwrap_or(1);
            let range = &mut reach[own];
            (range.best, range.worst) = (range.best.min(place), range.worst.max(place));
        }
    }
}
