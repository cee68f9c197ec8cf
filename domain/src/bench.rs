//! The bench: what other weights, another pot, another cost, other floors and caps or another method would do to a round. It ranks and lays
//! money out by the same code as the decision and decides nothing. Weights are taken in proportion: whatever they sum to is the whole.

mod choices;
mod scales;
mod setting;
mod slow;
#[cfg(test)]
mod tests;

pub use choices::{BY, Choices, OBJECTIVES, ROUNDINGS};
pub use setting::{Between, Refused, Setting, method_word, misfit_word, percent};
pub use slow::{Beyond, Change, Held, MOST_FOR_RANGES, MOST_FOR_REVERSALS, Range, Reversal, Slow, WITHIN};

use crate::allocation::{AllocationRule, Bound, Claim, Cost, Method, costs_of, lay};
use crate::exact::Exact;
use crate::facts::Input;
use crate::money::Money;
use crate::ranking::{Candidate, Pool, Standing};
use crate::ruleset::{RuleSet, WHOLE};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A round as the bench takes it: small, since a browser fetches it. No source, no reason, no id stands in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bench {
    /// The rules as locked.
    pub rules: RuleSet,
    /// The published seed of the lots.
    pub seed: String,
    /// How money is laid out.
    pub allocation: AllocationRule,
    /// What one unit costs.
    pub unit_cost: Money,
    /// What there is to lay down.
    pub pot: Money,
    /// The regions that receive money.
    pub regions: Vec<Region>,
    /// The inputs' keys, in the order of each entrant's values.
    pub keys: Vec<String>,
    /// Who is ranked.
    pub entrants: Vec<Entrant>,
}

/// A region on the bench.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Its key in the program file.
    pub key: String,
    /// Its name.
    pub name: String,
}

/// One applicant on the bench.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Row", into = "Row")]
pub struct Entrant {
    /// The application's number.
    pub number: String,
    /// The applicant.
    pub name: String,
    /// Units asked for.
    pub units: i64,
    /// The region that would receive its money, as an index; none where nobody would.
    pub region: Option<usize>,
    /// What it got the time before, where the rule holds that harmless.
    pub last: Option<Money>,
    /// The inputs by the bench's keys; `None` where there is none.
    pub values: Vec<Option<Decimal>>,
}

/// An entrant without the names of its parts, of which a thousand would be most of the page.
type Row = (String, String, i64, Option<usize>, Option<Money>, Vec<Option<Decimal>>);

impl From<Row> for Entrant {
    fn from((number, name, units, region, last, values): Row) -> Self {
        Self { number, name, units, region, last, values }
    }
}

impl From<Entrant> for Row {
    fn from(one: Entrant) -> Self {
        (one.number, one.name, one.units, one.region, one.last, one.values)
    }
}

/// Claims in order, and their points by id where the method weighs them.
type Weighed = (Vec<Claim>, BTreeMap<String, Exact>);

/// What a setting gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The entrants by place, as indexes.
    pub order: Vec<usize>,
    /// Each entrant's place, from 1, by index; none when a gate shuts it out.
    pub places: Vec<Option<u32>>,
    /// Each entrant's units, by index.
    pub units: Vec<i64>,
    /// The lowest place with money.
    pub line: Option<u32>,
    /// Money granted.
    pub granted: Money,
    /// What is left of the pot.
    pub rest: Money,
    /// How the money was laid out.
    pub method: Method,
    /// Whether it went down the list once, from one pot.
    pub one_walk: bool,
    /// Of the set with the most points: what is proved of it.
    pub proof: Option<String>,
}

/// An award that is there by one setting and not, or not the same, by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flip {
    /// The entrant, as an index.
    pub entrant: usize,
    /// Units by the first setting.
    pub before: i64,
    /// Units by the second.
    pub after: i64,
}

impl Tried {
    /// What differs from `before`, in the order of the places that `before` gave.
    #[must_use]
    pub fn flips(&self, before: &Self) -> Vec<Flip> {
        let of = |tried: &Self, entrant: usize| tried.units.get(entrant).copied().unwrap_or(0);
        let flips = before.order.iter().map(|entrant| Flip { entrant: *entrant, before: of(before, *entrant), after: of(self, *entrant) });
        flips.filter(|flip| flip.before != flip.after).collect()
    }
}

/// A bench with its candidates made ready, so that each move ranks and does nothing else.
#[derive(Clone, Debug)]
pub struct Ready {
    /// The round.
    pub bench: Bench,
    candidates: Vec<Candidate>,
    claims: Vec<Claim>,
}

impl Ready {
    /// Makes a bench ready.
    #[must_use]
    pub fn new(bench: Bench) -> Self {
        let input = |value: Decimal| Input { value, source: String::new(), year: None, place: String::new(), synthetic: false };
        let candidate = |(index, one): (usize, &Entrant)| Candidate {
            id: index.to_string(),
            number: one.number.clone(),
            inputs: bench.keys.iter().zip(&one.values).filter_map(|(key, value)| Some((key.clone(), input((*value)?)))).collect(),
        };
        let candidates = bench.entrants.iter().enumerate().map(candidate).collect();
        let claim = |one: &Entrant| Claim {
            id: one.number.clone(),
            number: one.number.clone(),
            place: 0,
            region: one.region.and_then(|region| bench.regions.get(region)).map(|region| region.name.clone()).unwrap_or_default(),
            units_requested: one.units,
            unit_cost: None,
            least: None,
            last: one.last,
            named: None,
        };
        let claims = bench.entrants.iter().map(claim).collect();
        Self { bench, candidates, claims }
    }

    /// The setting that the program file declares.
    #[must_use]
    pub fn declared(&self) -> Setting {
        Setting::declared(&self.bench)
    }

    /// The rules under a setting, their weights brought to the whole.
    fn rules(&self, setting: &Setting) -> RuleSet {
        let mut rules = self.bench.rules.clone();
        let weights = brought_to_whole(&setting.weights);
        for (criterion, weight) in rules.criteria.iter_mut().zip(weights) {
            criterion.weight = weight;
            if let Some(numbers) = setting.scales.get(&criterion.key) {
                criterion.scale = criterion.scale.with_numbers(numbers);
            }
        }
        rules
    }

    /// The allocation's rule under a setting.
    fn allocation(&self, setting: &Setting) -> AllocationRule {
        let declared_rule = &self.bench.allocation;
        let declared = setting.choices.applied(declared_rule);
        let (shares, optimal) = (setting.method == Method::Shares, setting.method == Method::Optimal);
        // Regions go by their names here, so that what comes of it can be read.
        let name = |key: &String| self.bench.regions.iter().find(|region| region.key == *key).map_or(key, |region| &region.name).clone();
        let bound = |(region, between): (&String, &Between)| Bound {
            region: name(region),
            floor: between.floor.unwrap_or(Money::ZERO),
            cap: between.cap,
            citation: String::new(),
            synthetic: true,
        };
        let mut before = declared_rule.clone();
        before.rename_regions(&|key| name(&key.to_owned()));
        AllocationRule {
            before: before.before,
            method: setting.method,
            misfit: (setting.method == Method::DownTheList).then_some(setting.misfit),
            by_request: shares && declared.by_request,
            rounding: declared.rounding.filter(|_| shares),
            objective: declared.objective.filter(|_| optimal),
            bounds: setting.bounds.iter().map(bound).collect(),
            limits: if optimal { declared.limits } else { Vec::new() },
            hold_harmless: declared.hold_harmless.filter(|_| shares || optimal),
            ..declared_rule.clone()
        }
    }

    /// The claims in an order, with the points by number where the method weighs them.
    fn claims(&self, setting: &Setting, order: &[usize]) -> Result<Weighed, Vec<String>> {
        let placed = (1..).zip(order).filter_map(|(place, entrant)| Some(Claim { place, ..self.claims.get(*entrant)?.clone() }));
        let weighs = setting.method != Method::DownTheList || self.bench.allocation.before.iter().any(|pot| pot.rule.weighs());
        let points = if weighs { self.points(setting)? } else { BTreeMap::new() };
        let by_number = points.into_iter().filter_map(|(entrant, points)| Some((self.claims.get(entrant)?.id.clone(), points)));
        Ok((placed.collect(), by_number.collect()))
    }

    /// Ranks and lays the money out under a setting.
    ///
    /// # Errors
    /// Everything that stands against it, a sentence each.
    pub fn run(&self, setting: &Setting) -> Result<Tried, Vec<String>> {
        let order = self.order(&self.rules(setting))?;
        let mut places = vec![None; self.bench.entrants.len()];
        for (place, entrant) in (1..).zip(&order) {
            if let Some(slot) = places.get_mut(*entrant) {
                *slot = Some(place);
            }
        }
        let (claims, points) = self.claims(setting, &order)?;
        let rule = self.allocation(setting);
        let laid = lay(&rule, setting.unit_cost, setting.pot, &claims, &points).map_err(sentences)?;
        let mut units = vec![0; self.bench.entrants.len()];
        // Steps come in the order of the places.
        for (entrant, step) in order.iter().zip(&laid.steps) {
            if let Some(slot) = units.get_mut(*entrant) {
                *slot = step.units_granted;
            }
        }
        let (line, granted, rest, proof) = (laid.line, laid.granted, laid.rest, laid.proof);
        Ok(Tried { order, places, units, line, granted, rest, method: setting.method, one_walk: rule.walks_once(), proof })
    }

    /// What each floor, cap and limit costs the set with the most points; nothing by other methods.
    fn costs(&self, setting: &Setting, tried: &Tried) -> Result<Vec<Cost>, Vec<String>> {
        if setting.method != Method::Optimal {
            return Ok(Vec::new());
        }
        let (claims, points) = self.claims(setting, &tried.order)?;
        costs_of(&self.allocation(setting), setting.unit_cost, setting.pot, &claims, &points).map_err(sentences)
    }

    fn gather<'a>(&'a self, rules: &'a RuleSet) -> Result<Pool<'a>, Vec<String>> {
        Pool::gather(rules, &self.candidates).map_err(sentences)
    }

    /// The entrants' indexes, first place first.
    fn order(&self, rules: &RuleSet) -> Result<Vec<usize>, Vec<String>> {
        let pool = self.gather(rules)?;
        Ok(Standing::of(&pool, &self.bench.seed).in_order().filter_map(|candidate| candidate.id.parse().ok()).collect())
    }

    /// Each entrant's points under a setting, by index.
    ///
    /// # Errors
    /// As [`Ready::run`].
    pub fn points(&self, setting: &Setting) -> Result<BTreeMap<usize, Exact>, Vec<String>> {
        let rules = self.rules(setting);
        let pool = self.gather(&rules)?;
        let totals = pool.candidates().iter().enumerate().filter_map(|(at, candidate)| Some((candidate.id.parse().ok()?, pool.total(at))));
        Ok(totals.collect())
    }

    /// What each weight comes to when all are brought to the whole, in basis points, by criterion.
    #[must_use]
    pub fn shares(&self, setting: &Setting) -> Vec<u32> {
        brought_to_whole(&setting.weights)
    }
}

fn sentences<P: ToString>(problems: Vec<P>) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

/// Weights in proportion, summing to [`WHOLE`]: each share rounded down, what is missing to the greatest remainders, the earlier of equals
/// first. All zero where nothing weighs.
fn brought_to_whole(weights: &[u32]) -> Vec<u32> {
    let sum: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let whole = u64::from(WHOLE);
    let mut shares: Vec<u64> = weights.iter().map(|weight| u64::from(*weight) * whole / sum).collect();
    let missing = usize::try_from(whole - shares.iter().sum::<u64>()).unwrap_or(0);
    let mut remainders: Vec<usize> = (0..weights.len()).collect();
    remainders.sort_by_key(|index| std::cmp::Reverse(weights.get(*index).map_or(0, |weight| u64::from(*weight) * whole % sum)));
    for index in remainders.into_iter().take(missing) {
        if let Some(share) = shares.get_mut(index) {
            *share += 1;
        }
    }
    shares.into_iter().map(|share| u32::try_from(share).unwrap_or(WHOLE)).collect()
}
