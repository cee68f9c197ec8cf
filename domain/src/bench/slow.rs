//! What takes longer than a move may: how far each weight can go before another set is funded, how far each applicant's place can go, and
//! whether somebody's leaving would turn others round. [`crate::stability`] computes it; here it is made small and put in words' reach.

use super::{Ready, Setting, Tried};
use crate::exact::Exact;
use crate::stability::{self, End};
use serde::{Deserialize, Serialize};

/// For the ranges one weight is moved by at most so many basis points, either way; the others share the rest in proportion.
pub const WITHIN: u32 = 500;
/// Beyond so many applicants the pairs take too long for a page.
pub const MOST_FOR_RANGES: usize = 1_000;
/// Beyond so many applicants ranking once for each takes too long for a page.
pub const MOST_FOR_REVERSALS: usize = 300;

/// What is computed once a reader stops moving.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slow {
    /// Why weights can't be followed, if they can't: capped groups, criteria left out for somebody, too many applicants.
    pub unsteady: Option<String>,
    /// For each criterion that weighs, where its weight keeps the same applicants above the line.
    pub held: Vec<Held>,
    /// Each entrant's range of places, by index, when any one weight moves by up to [`WITHIN`]; empty where weights can't be followed.
    pub ranges: Vec<Option<Range>>,
    /// The names of the criteria whose scales compare applicants; when there are none, no reversal is possible.
    pub comparing: Vec<String>,
    /// Those without money whose leaving would change who is above the line; none where there are too many to try.
    pub reversals: Option<Vec<Reversal>>,
}

/// The interval of one weight in which the funded set stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The criterion's name.
    pub name: String,
    /// Its weight as tried, in basis points.
    pub weight: u32,
    /// The lower end, in basis points, exactly.
    pub low: Exact,
    /// Who falls and who rises beyond it, as entrants; none at the very end.
    pub at_low: Option<(usize, usize)>,
    /// The upper end.
    pub high: Exact,
    /// As for the lower.
    pub at_high: Option<(usize, usize)>,
}

/// The best and the worst place within reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The best place.
    pub best: u32,
    /// The worst.
    pub worst: u32,
}

/// One applicant whose leaving changes who is above the line. All are indexes of entrants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversal {
    /// Who would leave.
    pub without: usize,
    /// Who then comes above the line.
    pub rises: Vec<usize>,
    /// Who falls below it.
    pub falls: Vec<usize>,
}

fn index(id: &str) -> Option<usize> {
    id.parse().ok()
}

fn met(end: &End) -> Option<(usize, usize)> {
    let meeting = end.meeting.as_ref()?;
    Some((index(&meeting.falls)?, index(&meeting.rises)?))
}

impl Ready {
    /// Computes it for a setting and what it gave.
    ///
    /// # Errors
    /// As [`Ready::run`].
    pub fn slow(&self, setting: &Setting, tried: &Tried) -> Result<Slow, Vec<String>> {
        let rules = self.rules(setting);
        let pool = self.gather(&rules)?;
        let (seed, line) = (self.bench.seed.as_str(), tried.line.unwrap_or(0));
        let comparing = rules.criteria.iter().filter(|criterion| criterion.scale.needs_spread());
        let mut slow = Slow { comparing: comparing.map(|criterion| criterion.name.clone()).collect(), ..Slow::default() };
        if slow.comparing.is_empty() || self.candidates.len() <= MOST_FOR_REVERSALS {
            let all = |ids: &[String]| ids.iter().filter_map(|id| index(id)).collect();
            let found = stability::reversals(&pool, seed, line).into_iter();
            let found =
                found.filter_map(|one| Some(Reversal { without: index(&one.withdrawn)?, rises: all(&one.rises), falls: all(&one.falls) }));
            slow.reversals = Some(found.collect());
        }
        if self.candidates.len() > MOST_FOR_RANGES {
            slow.unsteady = Some(format!("With more than {MOST_FOR_RANGES} applicants this takes too long for a page."));
            return Ok(slow);
        }
        let intervals = match stability::intervals(&pool, seed, line) {
            Ok(intervals) => intervals,
            Err(unsteady) => {
                slow.unsteady = Some(unsteady.to_string());
                return Ok(slow);
            }
        };
        slow.held = intervals
            .into_iter()
            .map(|one| Held {
                name: one.name,
                weight: one.weight,
                at_low: met(&one.low),
                at_high: met(&one.high),
                low: one.low.weight,
                high: one.high.weight,
            })
            .collect();
        slow.ranges = vec![None; self.bench.entrants.len()];
        for criterion in &rules.criteria {
            let (low, high) = (criterion.weight.saturating_sub(WITHIN), criterion.weight.saturating_add(WITHIN));
            let ranges = stability::ranges(&pool, seed, &criterion.key, low, high).map_err(|unsteady| vec![unsteady.to_string()])?;
            for range in ranges {
                let Some(slot) = index(&range.candidate).and_then(|index| slow.ranges.get_mut(index)) else { continue };
                let (best, worst) =
                    slot.map_or((range.best, range.worst), |known| (known.best.min(range.best), known.worst.max(range.worst)));
                *slot = Some(Range { best, worst });
            }
        }
        Ok(slow)
    }
}
