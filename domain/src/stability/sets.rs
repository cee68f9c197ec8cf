//! Money that is laid out by points and not by places: the set of awards with the most points, and shares. What everybody gets with other sums
//! is found by laying out again. While a weight moves, the sums and the points of every set of awards follow straight lines, so the set with the
//! most points is the best on one stretch of weights and on no other: where it ends is found in a few steps, however many weights there are.
//! Shares, and what several pots pay, are laid out at one weight after another until somebody's award is another.

use super::grants::changes_of;
use super::{Held, Laying, Limit, Unsteady};
use crate::allocation::{Claim, Method, Objective, lay, posed};
use crate::exact::Exact;
use crate::optimal::Problem;
use crate::ranking::{Pool, by_ties};
use crate::ruleset::{Criterion, WHOLE};
use std::cell::Cell;
use std::collections::BTreeMap;

/// So many times money is laid out for one answer.
const MOST_TIMES: u32 = 4_000;

/// A pool and how money is laid out over it.
pub(crate) struct Sets<'a> {
    pool: &'a Pool<'a>,
    seed: &'a str,
    laying: &'a Laying<'a>,
    /// What is asked for, by the pool's candidates.
    claims: Vec<Option<&'a Claim>>,
    times_left: Cell<u32>,
}

/// What is asked for in the order of the places, everybody's points by claim, and the pool's candidate of each claim.
struct Asked {
    claims: Vec<Claim>,
    points: BTreeMap<String, Exact>,
    rows: Vec<usize>,
}

/// A step at which others have awards, and what everybody has there.
type Found = Option<(i64, Vec<i64>)>;

impl<'a> Sets<'a> {
    pub(crate) fn of(pool: &'a Pool<'a>, seed: &'a str, laying: &'a Laying<'a>) -> Self {
        let mut by_number: BTreeMap<&str, &Claim> = laying.claims.iter().map(|claim| (claim.number.as_str(), claim)).collect();
        let claims = pool.candidates().iter().map(|one| by_number.remove(one.number.as_str())).collect();
        Self { pool, seed, laying, claims, times_left: Cell::new(MOST_TIMES) }
    }

    pub(crate) fn claim(&self, one: usize) -> Option<&'a Claim> {
        self.claims.get(one).copied().flatten()
    }

    /// Everybody's sum as it is.
    pub(crate) fn totals(&self) -> Vec<Exact> {
        (0..self.pool.candidates().len()).map(|one| self.pool.total(one)).collect()
    }

    /// How often the points of somebody with so many units count.
    pub(crate) fn counts(&self, units: i64) -> i64 {
        if self.laying.rule.objective == Some(Objective::PointsPerSeat) { units } else { units.min(1) }
    }

    /// Everybody's units with these sums, by the pool's candidates.
    ///
    /// # Errors
    /// [`Unsteady::Long`] when money was laid out too often; [`Unsteady::Unlaid`].
    pub(crate) fn units(&self, totals: &[Exact]) -> Result<Vec<i64>, Unsteady> {
        self.times_left.set(self.times_left.get().checked_sub(1).ok_or(Unsteady::Long)?);
        let asked = self.asked(totals);
        let rows: BTreeMap<&str, usize> = asked.claims.iter().map(|claim| claim.id.as_str()).zip(asked.rows).collect();
        let Laying { rule, unit_cost, pot, .. } = *self.laying;
        let laid = lay(rule, unit_cost, pot, &asked.claims, &asked.points).map_err(|_| Unsteady::Unlaid)?;
        let mut units = vec![0; totals.len()];
        for step in &laid.steps {
            if let Some(slot) = rows.get(step.id.as_str()).and_then(|one| units.get_mut(*one)) {
                *slot = step.units_granted;
            }
        }
        Ok(units)
    }

    /// The search for the best set, as it is posed, and the pool's candidate of each of its own; none where money is not laid out so.
    pub(crate) fn problem(&self) -> Option<(Problem, Vec<usize>)> {
        if !self.is_best_set() {
            return None;
        }
        let asked = self.asked(&self.totals());
        let Laying { rule, unit_cost, pot, .. } = *self.laying;
        let problem = posed(rule, unit_cost, pot, &asked.claims, &asked.points).ok()?;
        Some((problem, asked.rows))
    }

    /// What is asked for with these sums, first place first.
    fn asked(&self, totals: &[Exact]) -> Asked {
        let mut order: Vec<(usize, &Exact)> = totals.iter().enumerate().collect();
        order.sort_by(|a, b| b.1.cmp(a.1).then_with(|| by_ties(self.pool, self.seed, a.0, b.0)));
        let mut claims = Vec::with_capacity(order.len());
        let mut points = BTreeMap::new();
        let mut rows = Vec::with_capacity(order.len());
        for (place, (one, total)) in (1..).zip(order) {
            let Some(claim) = self.claim(one) else { continue };
            claims.push(Claim { place, ..claim.clone() });
            points.insert(claim.id.clone(), total.clone());
            rows.push(one);
        }
        Asked { claims, points, rows }
    }

    /// Whether one pot goes to the set with the most points.
    pub(crate) fn is_best_set(&self) -> bool {
        self.laying.rule.method == Method::Optimal && self.laying.rule.before.is_empty()
    }

    /// The first whole step up to `most` at which others have awards than `now`, which everybody has at none. `totals` gives the sums at a step.
    fn first_other(&self, totals: &dyn Fn(i64) -> Vec<Exact>, now: &[i64], most: i64) -> Result<Found, Unsteady> {
        let rule = self.laying.rule;
        let by_request = rule.method == Method::Shares && rule.by_request && rule.before.is_empty();
        let asked = self.claims.iter().map(|claim| claim.map_or(0, |claim| claim.units_requested));
        // No points matter; or all have all that they ask for, and money for it.
        if by_request || asked.eq(now.iter().copied()) {
            return Ok(None);
        }
        if self.is_best_set() {
            return self.next(totals, 0, now, most);
        }
        for step in 1..=most {
            let units = self.units(&totals(step))?;
            if units != now {
                return Ok(Some((step, units)));
            }
        }
        Ok(None)
    }

    /// The first whole step after `at`, up to `most`, at which others have awards than `units`, which everybody has at `at`. `totals` gives the
    /// sums at a step, which follow straight lines. Only for the set with the most points.
    ///
    /// Of two sets each is ahead on one side of the step at which they have as many points. So where the set at the far end passes the one at
    /// `at`, another may have passed it before, but none behind; that is looked at next.
    pub(crate) fn next(&self, totals: &dyn Fn(i64) -> Vec<Exact>, at: i64, units: &[i64], most: i64) -> Result<Found, Unsteady> {
        if most <= at {
            return Ok(None);
        }
        let there = |step: i64| {
            let totals = totals(step);
            self.units(&totals).map(|units| (totals, units))
        };
        let worth = |units: &[i64], totals: &[Exact]| -> Exact {
            let of = |(units, total): (&i64, &Exact)| (*units > 0).then(|| total * &Exact::whole(self.counts(*units)));
            units.iter().zip(totals).filter_map(of).collect::<Vec<_>>().iter().sum()
        };
        let before = totals(at);
        let mut far = most;
        let (mut sums, mut set) = there(far)?;
        if set == units {
            return Ok(None);
        }
        while far > at + 1 {
            let behind = &worth(units, &before) - &worth(&set, &before);
            let ahead = &worth(&set, &sums) - &worth(units, &sums);
            // Where both have as many points throughout, or at the far end, the tie-breaks decide there, and perhaps a step before.
            let way = (&behind * &Exact::whole(far - at)).over(&(&behind + &ahead));
            let way = way.ok().and_then(|way| i64::try_from(way.floor().ok()?).ok()).unwrap_or(far - at);
            let near = (at + way).clamp(at, far - 1);
            let (near_sums, near_set) = if near == at { (before.clone(), units.to_vec()) } else { there(near)? };
            if near_set == units {
                // The next is where the other is ahead.
                let beyond = if near + 1 == far { set } else { there(near + 1)?.1 };
                return Ok(Some((near + 1, beyond)));
            }
            (far, sums, set) = (near, near_sums, near_set);
        }
        Ok(Some((far, set)))
    }
}

/// As [`super::held`], where points are weighed, by the set with the most points or in shares: the widest interval of whole basis points of each
/// weight within which everybody's units stay the same, the other weights in proportion.
///
/// # Errors
/// [`Unsteady`]: sums must follow straight lines.
pub fn held_by_points(pool: &Pool<'_>, seed: &str, laying: &Laying<'_>) -> Result<Vec<Held>, Unsteady> {
    super::steady(pool)?;
    let sets = Sets::of(pool, seed, laying);
    let now = sets.units(&sets.totals())?;
    let weighted = pool.rules().criteria.iter().enumerate().filter(|(_, criterion)| !criterion.bonus && criterion.weight < WHOLE);
    let one = |(index, criterion): (usize, &Criterion)| {
        let limit = |up| limit(&sets, pool, (index, criterion.weight, up), &now);
        let (low, high) = (limit(false)?, limit(true)?);
        Ok(Held { criterion: criterion.key.clone(), name: criterion.name.clone(), weight: criterion.weight, low, high })
    };
    weighted.map(one).collect()
}

/// Everybody's sum and what it gains with each basis point of one weight, the others in proportion.
fn lines(pool: &Pool<'_>, moved: usize, weight: u32) -> Vec<(Exact, Exact)> {
    let criteria = &pool.rules().criteria;
    let (whole, others) = (Exact::whole(WHOLE.into()), Exact::whole((WHOLE - weight).into()));
    let one = |one: usize| {
        let (mut rest, mut own) = (Exact::ZERO, Exact::ZERO);
        for (at, criterion) in criteria.iter().enumerate().filter(|(_, criterion)| !criterion.bonus) {
            let points = pool.points(at, one).unwrap_or(Exact::ZERO);
            if at == moved {
                own = points;
            } else {
                rest = &rest + &(&points * &Exact::whole(criterion.weight.into()));
            }
        }
        let gain = &own - &rest.over(&others).unwrap_or(Exact::ZERO);
        (pool.total(one), gain.over(&whole).unwrap_or(Exact::ZERO))
    };
    (0..pool.candidates().len()).map(one).collect()
}

fn limit(sets: &Sets<'_>, pool: &Pool<'_>, (moved, weight, up): (usize, u32, bool), now: &[i64]) -> Result<Limit, Unsteady> {
    let lines = lines(pool, moved, weight);
    let signed = |step: i64| if up { step } else { -step };
    let totals = |step: i64| lines.iter().map(|(total, gain)| total + &(gain * &Exact::whole(signed(step)))).collect::<Vec<_>>();
    let most = i64::from(if up { WHOLE - weight } else { weight });
    let found = sets.first_other(&totals, now, most)?;
    let stays = found.as_ref().map_or(most, |(step, _)| step - 1);
    let changes = found.map_or_else(Vec::new, |(step, then)| {
        let sums = totals(step);
        let mut order: Vec<usize> = (0..now.len()).collect();
        order.sort_by(|a, b| sums.get(*b).cmp(&sums.get(*a)));
        changes_of(pool, &order, now, &then)
    });
    Ok(Limit { weight: Exact::whole(i64::from(weight) + signed(stays)), or: None, changes, stopped_by: None, only_there: false })
}
