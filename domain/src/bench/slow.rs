//! What takes longer than a move may: how far each weight can go before another set is funded, how far each applicant's place can go, and
//! whether somebody's leaving would turn others round. [`crate::stability`] computes it; here it is made small and put in words' reach.

use super::{Ready, Setting, Tried};
use crate::allocation::Cost;
use crate::exact::Exact;
use crate::ranking::Pool;
use crate::stability::{self, End, Interval, Laying, Limit};
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
    /// Why weights are not followed, if they aren't: too many applicants, too many changes of order, sums by points that follow no straight lines.
    pub unsteady: Option<String>,
    /// For each criterion that weighs, where its weight keeps everybody's award as it is.
    pub held: Vec<Held>,
    /// Whether [`Slow::held`] is of who stands above the line instead, since following everybody's award would take too long.
    pub by_line: bool,
    /// Each entrant's range of places, by index, when any one weight moves by up to [`WITHIN`]; empty where weights are not followed.
    pub ranges: Vec<Option<Range>>,
    /// The names of the criteria whose scales compare applicants; when there are none, no reversal is possible.
    pub comparing: Vec<String>,
    /// Those without money whose leaving would change who is above the line; none where there are too many to try.
    pub reversals: Option<Vec<Reversal>>,
    /// What each floor, cap and limit costs the set with the most points, a sentence each; none by other methods.
    pub costs: Vec<String>,
}

/// The interval of one weight in which everybody's award stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The criterion's name.
    pub name: String,
    /// Its weight as tried, in basis points.
    pub weight: u32,
    /// The lower end, in basis points, exactly.
    pub low: Exact,
    /// Who falls and who rises beyond it, as entrants: one who gets less and one who gets more, or if nobody does, the one whose request comes
    /// before and stops the money; none at the very end.
    pub at_low: Option<(usize, usize)>,
    /// All that is to be told of the lower end.
    pub below: Beyond,
    /// The upper end.
    pub high: Exact,
    /// As for the lower.
    pub at_high: Option<(usize, usize)>,
    /// As for the lower.
    pub above: Beyond,
}

/// What happens at an end of an interval and beyond.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beyond {
    /// Whose award changes, as entrants, most points first.
    pub changes: Vec<Change>,
    /// Of an end that is no fraction, the other of the two weights it lies between, a millionth of a basis point apart.
    pub or: Option<Exact>,
    /// Whether awards change at this very weight alone, where points are equal and the tie-breaks decide, and are as before beyond it.
    pub only_there: bool,
}

/// An entrant's award on both sides of an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Who, as an index.
    pub entrant: usize,
    /// Units as tried.
    pub now: i64,
    /// Units beyond.
    pub then: i64,
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

/// Who falls and who rises at an end, in short.
fn met(limit: &Limit) -> Option<(usize, usize)> {
    let first = |better: bool| limit.changes.iter().find(|one| (one.then > one.now) == better).map(|one| &one.candidate);
    let (falls, rises) = (first(false), first(true).or(limit.stopped_by.as_ref()));
    Some((index(falls.or(rises)?)?, index(rises.or(falls)?)?))
}

fn beyond(limit: Limit) -> Beyond {
    let change = |one: stability::Change| Some(Change { entrant: index(&one.candidate)?, now: one.now, then: one.then });
    Beyond { changes: limit.changes.into_iter().filter_map(change).collect(), or: limit.or, only_there: limit.only_there }
}

impl Held {
    fn of_awards(one: stability::Held) -> Self {
        Self {
            name: one.name,
            weight: one.weight,
            at_low: met(&one.low),
            at_high: met(&one.high),
            low: one.low.weight.clone(),
            high: one.high.weight.clone(),
            below: beyond(one.low),
            above: beyond(one.high),
        }
    }

    fn of_line(one: Interval) -> Self {
        let met = |end: &End| end.meeting.as_ref().and_then(|meeting| Some((index(&meeting.falls)?, index(&meeting.rises)?)));
        Self {
            name: one.name,
            weight: one.weight,
            at_low: met(&one.low),
            at_high: met(&one.high),
            low: one.low.weight,
            high: one.high.weight,
            below: Beyond::default(),
            above: Beyond::default(),
        }
    }
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
        slow.costs = self.costs(setting, tried)?.iter().map(Cost::plain).collect();
        let rule = self.allocation(setting);
        if tried.one_walk && (slow.comparing.is_empty() || self.candidates.len() <= MOST_FOR_REVERSALS) {
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
        let laying = Laying { rule: &rule, unit_cost: setting.unit_cost, pot: setting.pot, claims: &self.claims };
        if rule.goes_down() {
            self.hold(&mut slow, &pool, &laying, line);
        } else {
            match stability::held_by_points(&pool, seed, &laying) {
                Ok(held) => slow.held = held.into_iter().map(Held::of_awards).collect(),
                Err(why) => slow.unsteady = Some(why.to_string()),
            }
        }
        slow.ranges = vec![None; self.bench.entrants.len()];
        for criterion in &rules.criteria {
            let (low, high) = (criterion.weight.saturating_sub(WITHIN), criterion.weight.saturating_add(WITHIN));
            let Ok(ranges) = stability::ranges(&pool, seed, &criterion.key, low, high) else {
                slow.ranges = Vec::new();
                return Ok(slow);
            };
            for range in ranges {
                let Some(slot) = index(&range.candidate).and_then(|index| slow.ranges.get_mut(index)) else { continue };
                let (best, worst) =
                    slot.map_or((range.best, range.worst), |known| (known.best.min(range.best), known.worst.max(range.worst)));
                *slot = Some(Range { best, worst });
            }
        }
        Ok(slow)
    }

    /// How far each weight can go before anybody's award changes, or, where following that takes too long, before others stand above the line.
    fn hold(&self, slow: &mut Slow, pool: &Pool<'_>, laying: &Laying<'_>, line: u32) {
        let seed = self.bench.seed.as_str();
        match stability::held(pool, seed, laying) {
            Ok(held) => slow.held = held.into_iter().map(Held::of_awards).collect(),
            // Several pots have no line.
            Err(too_long) if !laying.rule.walks_once() => slow.unsteady = Some(too_long.to_string()),
            // Who stands above a line is quick to follow where sums are straight lines, however long their fractions are.
            Err(too_long) => match stability::intervals(pool, seed, line) {
                Ok(intervals) => {
                    slow.by_line = true;
                    slow.held = intervals.into_iter().map(Held::of_line).collect();
                }
                Err(_) => slow.unsteady = Some(too_long.to_string()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::{AllocationRule, Misfit, Pot};
    use crate::bench::{Bench, Entrant};
    use crate::money::Money;
    use rust_decimal::Decimal;
    use serde_json::json;

    fn ready(misfit: Misfit, missing: &str, groups: &serde_json::Value) -> Ready {
        let criterion = |key: &str, weight: u32| {
            json!({ "key": key, "name": key, "plain": "p", "weight": weight, "citation": "c", "synthetic": true, "missing": missing,
                "source": { "fact": { "key": key } }, "scale": "as_scored" })
        };
        let criteria = [criterion("need", 6_000), criterion("reach", 4_000)];
        let rules = json!({ "version": 1, "citation": "c", "ties": ["lot"], "criteria": criteria, "groups": groups });
        let entrant = |number: &str, units, need: i64, reach: Option<i64>| Entrant {
            number: number.to_owned(),
            name: number.to_owned(),
            units,
            region: None,
            last: None,
            values: vec![Some(need.into()), reach.map(Decimal::from)],
        };
        Ready::new(Bench {
            rules: serde_json::from_value(rules).unwrap(),
            seed: "seed".to_owned(),
            allocation: AllocationRule::down_the_list(misfit, "c"),
            unit_cost: Money::cents(100),
            pot: Money::cents(250),
            regions: Vec::new(),
            keys: vec!["need".to_owned(), "reach".to_owned()],
            entrants: vec![
                entrant("A", 2, 90, Some(10)),
                entrant("B", 3, 30, Some(80)),
                entrant("C", 1, 20, (missing == "error").then_some(20)),
            ],
        })
    }

    fn slow(ready: &Ready) -> Slow {
        let setting = ready.declared();
        ready.slow(&setting, &ready.run(&setting).unwrap()).unwrap()
    }

    /// A 58, B 50, C 20, and two units. A and B meet at 70,000/13 of need. B's three do not fit: stopping, B stops the money there, and A loses;
    /// passing over, A keeps its two until it meets C, where 90w + 10(1 − w) = 20, w = 1/8: C has one then, and A's two do not fit.
    #[test]
    fn an_end_is_where_awards_change_and_not_where_places_do() {
        let none = json!([]);
        let skipping = slow(&ready(Misfit::Skip, "error", &none));
        assert_eq!((&skipping.held[0].low, skipping.held[0].at_low), (&Exact::whole(1_250), Some((0, 2))));
        let stopping = slow(&ready(Misfit::Stop, "error", &none));
        let held = &stopping.held[0];
        assert_eq!((held.low.clone(), held.at_low), ("70000/13".parse().unwrap(), Some((0, 1))));
        assert_eq!(held.below.changes, [Change { entrant: 0, now: 2, then: 0 }]);
    }

    /// As above, passing over, but a gift of one unit is laid out first: C has it in any order, and A its two of the round's own.
    #[test]
    fn every_pot_is_followed() {
        let mut bench = ready(Misfit::Skip, "error", &json!([])).bench;
        bench.pot = Money::cents(350);
        bench.allocation.before = vec![Pot {
            appropriation: "gift".to_owned(),
            name: "The gift".to_owned(),
            amount: Some(Money::cents(100)),
            regions: Vec::new(),
            rule: AllocationRule::down_the_list(Misfit::Skip, "c"),
        }];
        let both = slow(&Ready::new(bench));
        assert_eq!((both.unsteady, both.held.len(), both.reversals), (None, 2, None), "several pots have no line");
        assert!(both.held.iter().all(|one| one.low == Exact::ZERO && one.high == Exact::whole(10_000) && one.below.changes.is_empty()));
    }

    #[test]
    fn gaps_and_groups_are_followed_too() {
        let group = json!([{ "key": "g", "name": "G", "criteria": ["need"], "cap": "40", "citation": "c", "synthetic": true }]);
        for (missing, groups) in [("exclude", json!([])), ("error", group.clone()), ("exclude", group)] {
            let found = slow(&ready(Misfit::Partial, missing, &groups));
            assert_eq!((found.unsteady, found.held.len(), found.ranges.iter().flatten().count()), (None, 2, 3), "{missing}");
        }
    }
}
