//! In which interval of one criterion's weight every applicant's award stays what it is, whatever happens to a request that does not fit: the
//! weight goes until two neighbors meet whose change of places moves money. Nothing is sampled.

use super::Unsteady;
use super::curves::{Points, Way, start};
use super::spot::Spot;
use super::sweep::{Effort, Seen, Until, sweep};
use crate::allocation::{AllocationRule, Claim, Misfit, fitting, viable};
use crate::exact::Exact;
use crate::money::Money;
use crate::ranking::{Pool, Standing};
use crate::ruleset::{Criterion, WHOLE};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// How money goes down the list.
#[derive(Clone, Copy, Debug)]
pub struct Laying<'a> {
    /// The rule, as [`crate::allocation::lay`] takes it.
    pub rule: &'a AllocationRule,
    /// What a unit costs, in cents, where a claim has no price of its own.
    pub unit_cost: Money,
    /// The money there is in all pots, in cents.
    pub pot: Money,
    /// What is asked for, by the candidates' numbers; their places are passed over.
    pub claims: &'a [Claim],
}

/// In which interval of one criterion's weight everybody's award stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The criterion's key.
    pub criterion: String,
    /// The criterion's name.
    pub name: String,
    /// Its weight now, in basis points.
    pub weight: u32,
    /// How far down it can go.
    pub low: Limit,
    /// How far up it can go.
    pub high: Limit,
}

/// One end of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// The weight, in basis points. Of one that is no fraction, what is nearer to the weight as it is of the two that it lies between.
    pub weight: Exact,
    /// Of one that is no fraction, the other: a millionth of a basis point apart.
    pub or: Option<Exact>,
    /// Whose award changes, most points first; none where the weight can go no further.
    pub changes: Vec<Change>,
    /// Where awards shrink and none grows: the id of the one who comes before others there and whose request does not fit, so that the money
    /// stops.
    pub stopped_by: Option<String>,
    /// Whether they change at this very weight alone, where points are equal and the tie-breaks decide, and are as before beyond it.
    pub only_there: bool,
}

/// An award that is another beyond an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The applicant's id.
    pub candidate: String,
    /// Units granted as the weights are.
    pub now: i64,
    /// Units granted beyond.
    pub then: i64,
}

/// For each weighted criterion, in the rules' order, the widest interval of its weight within which everybody's units stay the same, the
/// other weights in proportion; groups with caps and criteria left out for somebody count as the rules say. At an end itself points are equal
/// and the tie-breaks decide. A criterion that alone weighs 10,000 is passed over. Where somebody lacks a criterion, nothing can be weighed at
/// the very ends, 0 and 10,000; what is told there holds up to them.
///
/// Only where every pot goes down the list. Up to about a thousand applicants; each meeting of two neighbors up to the first change takes its time.
///
/// # Errors
/// [`Unsteady::Long`] where too many meetings lie before a change for anybody to wait.
pub fn held(pool: &Pool<'_>, seed: &str, laying: &Laying<'_>) -> Result<Vec<Held>, Unsteady> {
    let walk = Walk::of(pool, laying);
    let standing = Standing::of(pool, seed);
    let now = walk.units(standing.indices());
    let points = Points::of(pool);
    let weighted = pool.rules().criteria.iter().enumerate().filter(|(_, criterion)| !criterion.bonus && criterion.weight < WHOLE);
    let mut effort = Effort::new();
    let one = |(index, criterion): (usize, &Criterion)| {
        let mut limit = |way| limit(&points, seed, (index, way), (&walk, &now), &mut effort);
        let (low, high) = (limit(Way::Down)?, limit(Way::Up)?);
        Ok(Held { criterion: criterion.key.clone(), name: criterion.name.clone(), weight: criterion.weight, low, high })
    };
    weighted.map(one).collect()
}

fn limit(
    points: &Points<'_>,
    seed: &str,
    way: (usize, Way),
    (walk, now): (&Walk<'_>, &[i64]),
    effort: &mut Effort,
) -> Result<Limit, Unsteady> {
    let pool = points.pool;
    let weight = pool.rules().criteria.get(way.0).map_or(0, |criterion| criterion.weight);
    let from = start(weight, way.1);
    let mut trail = Trail::default();
    let mut found: Option<Limit> = None;
    if !walk.never_changes() {
        sweep(points, seed, way, &from, &Until::Before(Exact::ONE), effort, |seen| {
            if found.is_none() && trail.keeps(walk, &seen, now) {
                return ControlFlow::Continue(());
            }
            // The order beyond is shown after that at the spot, and tells more.
            let changes = changes(pool, walk, seen.order, now);
            if found.is_none() || !changes.is_empty() {
                let stopped_by = if changes.iter().all(|one| one.then < one.now) { walk.stopped_by(pool, seen.order) } else { None };
                let (weight, or) = told(seen.spot, way.1);
                found = Some(Limit { weight, or, changes, stopped_by, only_there: seen.only_there });
            }
            if seen.only_there { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
    }
    Ok(found.unwrap_or_else(|| {
        let weight = if way.1 == Way::Up { Exact::whole(WHOLE.into()) } else { Exact::ZERO };
        Limit { weight, or: None, changes: Vec::new(), stopped_by: None, only_there: false }
    }))
}

/// The weight of a spot on a way, and the other of the two that it lies between where it is no fraction.
fn told(spot: &Spot, way: Way) -> (Exact, Option<Exact>) {
    let (near, far) = spot.between();
    let whole = Exact::whole(WHOLE.into());
    let turned = |weight: Exact| if way == Way::Down { &whole - &weight } else { weight };
    let or = (near != far).then(|| turned(far));
    (turned(near), or)
}

fn changes(pool: &Pool<'_>, walk: &Walk<'_>, order: &[usize], now: &[i64]) -> Vec<Change> {
    changes_of(pool, order, now, &walk.units(order))
}

/// Whose units are others then, in this order.
pub(super) fn changes_of(pool: &Pool<'_>, order: &[usize], now: &[i64], then: &[i64]) -> Vec<Change> {
    let change = |one: &usize| {
        let (now, then) = (*now.get(*one)?, *then.get(*one)?);
        (now != then).then_some(Change { candidate: pool.candidates().get(*one)?.id.clone(), now, then })
    };
    order.iter().filter_map(change).collect()
}

/// A list's money: its pots, in the order in which they are filled.
pub(crate) struct Walk<'a> {
    unit_cost: Money,
    pots: Vec<Pot<'a>>,
}

/// A pot, and who may be paid from it, by the pool's candidates.
struct Pot<'a> {
    misfit: Misfit,
    amount: Money,
    claims: Vec<Option<Cow<'a, Claim>>>,
}

/// Where a pot's money stands before a place.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Purse {
    left: Money,
    ended: bool,
}

impl<'a> Walk<'a> {
    pub(crate) fn of(pool: &Pool<'_>, laying: &Laying<'a>) -> Self {
        let Laying { rule, unit_cost, pot, claims } = *laying;
        let filled = |rule: &AllocationRule, amount: Money, may: &dyn Fn(&Claim) -> bool| {
            let mut by_number: BTreeMap<&str, Cow<'a, Claim>> =
                claims.iter().filter(|claim| may(claim)).map(|claim| (claim.number.as_str(), viable(rule, claim))).collect();
            let claims = pool.candidates().iter().map(|one| by_number.remove(one.number.as_str())).collect();
            Pot { misfit: rule.misfit.unwrap_or(Misfit::Stop), amount, claims }
        };
        let mut rest = pot;
        let mut pots = Vec::with_capacity(rule.before.len() + 1);
        for one in &rule.before {
            let amount = one.amount.unwrap_or(Money::ZERO).min(rest);
            rest = rest.minus(amount).unwrap_or(rest);
            pots.push(filled(&one.rule, amount, &|claim| one.may_pay(claim)));
        }
        pots.push(filled(rule, rest, &|_| true));
        Self { unit_cost, pots }
    }

    fn purses(&self) -> Vec<Purse> {
        self.pots.iter().map(|pot| Purse { left: pot.amount, ended: false }).collect()
    }

    /// What one gets, out of the first pot that has something for it; `purses` are left as they are then. A pot does not know what the next
    /// ones do, so they are filled side by side. Who asks for nothing gets nothing.
    fn step(&self, purses: &mut [Purse], one: usize) -> i64 {
        for (pot, purse) in self.pots.iter().zip(purses) {
            let Some(claim) = pot.claims.get(one).and_then(Option::as_ref).filter(|_| !purse.ended) else { continue };
            let unit_cost = claim.unit_cost.unwrap_or(self.unit_cost);
            let (units, ended) = fitting(pot.misfit, unit_cost, purse.left, claim);
            let left = unit_cost.times(units).and_then(|cost| purse.left.minus(cost)).unwrap_or(purse.left);
            *purse = Purse { left, ended };
            if units > 0 {
                return units;
            }
        }
        0
    }

    /// Everybody's units, by the pool's order.
    pub(crate) fn units(&self, order: &[usize]) -> Vec<i64> {
        let mut units = vec![0; order.len()];
        let mut purses = self.purses();
        for one in order {
            let granted = self.step(&mut purses, *one);
            if let Some(slot) = units.get_mut(*one) {
                *slot = granted;
            }
        }
        units
    }

    /// What one would get at each place, first place first, the others in their order.
    pub(crate) fn offers(&self, others: impl IntoIterator<Item = usize>, one: usize) -> Vec<i64> {
        let mut purses = self.purses();
        let mut offers = vec![self.step(&mut purses.clone(), one)];
        for other in others {
            self.step(&mut purses, other);
            offers.push(self.step(&mut purses.clone(), one));
        }
        offers
    }

    /// What a candidate asks the round's own appropriation for, which is the last and pays anybody.
    pub(crate) fn asks(&self, one: usize) -> Option<&Claim> {
        self.pots.last()?.claims.get(one)?.as_deref()
    }

    /// The id of the first who does not get all that it asks for.
    fn stopped_by(&self, pool: &Pool<'_>, order: &[usize]) -> Option<String> {
        let units = self.units(order);
        let short =
            |one: &&usize| self.asks(**one).is_some_and(|claim| units.get(**one).is_some_and(|units| *units < claim.units_requested));
        order.iter().find(short).and_then(|one| pool.candidates().get(*one)).map(|one| one.id.clone())
    }

    /// Whether the order changes nothing: one pot pays for all, or for nobody's least.
    fn never_changes(&self) -> bool {
        let [pot] = self.pots.as_slice() else { return false };
        let price = |claim: &Claim, units: i64| claim.unit_cost.unwrap_or(self.unit_cost).times(units).ok();
        let mut claims = pot.claims.iter().flatten();
        let all = claims.clone().try_fold(Money::ZERO, |sum, claim| sum.plus(price(claim, claim.units_requested)?).ok());
        all.is_some_and(|all| all <= pot.amount) || claims.all(|claim| price(claim, 1).is_some_and(|one| one > pot.amount))
    }
}

/// The purses before each place, in the order seen last, place by place.
#[derive(Default)]
struct Trail {
    purses: Vec<Purse>,
}

impl Trail {
    /// Goes down the places that changed, and as far below as the money does; whether everybody keeps what they have.
    fn keeps(&mut self, walk: &Walk<'_>, seen: &Seen<'_>, now: &[i64]) -> bool {
        let mut purses = walk.purses();
        let each = purses.len();
        if self.purses.is_empty() {
            self.purses = purses.repeat(seen.order.len());
        }
        for run in seen.changed {
            let Some(first) = self.purses.get(run.start * each..(run.start + 1) * each) else { continue };
            purses.copy_from_slice(first);
            for (place, one) in seen.order.iter().enumerate().skip(run.start) {
                let Some(known) = self.purses.get_mut(place * each..(place + 1) * each) else { break };
                if place >= run.end && *known == *purses {
                    break;
                }
                known.copy_from_slice(&purses);
                if now.get(*one) != Some(&walk.step(&mut purses, *one)) {
                    return false;
                }
            }
        }
        true
    }
}
