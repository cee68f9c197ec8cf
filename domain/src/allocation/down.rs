//! Down the list: claims in the order of their places, each in whole units, while the pot lasts; and the checks that every list passes first.

use super::lay::total;
use super::{Allocation, AllocationProblem, AllocationRule, Claim, Got, Misfit, Outcome};
use crate::money::{Money, MoneyError};
use std::collections::BTreeSet;

/// Walks the claims by place and grants whole units at `unit_cost` while the pot lasts. The order the claims are given in changes nothing.
///
/// # Errors
/// Every problem found.
pub fn allocate(rule: &AllocationRule, unit_cost: Money, pot: Money, claims: &[Claim]) -> Result<Allocation, Vec<AllocationProblem>> {
    let claims = in_order(unit_cost, pot, claims)?;
    let misfit = rule.misfit.ok_or_else(|| vec![AllocationProblem::NoMisfit])?;
    walk(misfit, unit_cost, pot, &claims).map_err(|cause| vec![cause.into()])
}

pub(super) fn in_order(unit_cost: Money, pot: Money, claims: &[Claim]) -> Result<Vec<&Claim>, Vec<AllocationProblem>> {
    let mut problems = Vec::new();
    let own = claims.iter().filter_map(|claim| claim.unit_cost);
    problems.extend(own.chain([unit_cost]).filter(|cost| !cost.is_positive()).map(AllocationProblem::UnitCost));
    if pot < Money::ZERO {
        problems.push(AllocationProblem::Pot(pot));
    }
    let mut sorted: Vec<&Claim> = claims.iter().collect();
    sorted.sort_by(|a, b| a.place.cmp(&b.place).then_with(|| a.number.cmp(&b.number)));
    let (mut ids, mut numbers, mut places) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for claim in &sorted {
        if claim.units_requested < 1 {
            problems.push(AllocationProblem::Units { number: claim.number.clone(), units: claim.units_requested });
        }
        // All three are asked, so that each set learns of the claim.
        if [ids.insert(&claim.id), numbers.insert(&claim.number), places.insert(claim.place)].contains(&false) {
            problems.push(AllocationProblem::Twice { number: claim.number.clone() });
        }
    }
    if problems.is_empty() { Ok(sorted) } else { Err(problems) }
}

/// Where the walk stands: still going, or ended at a place.
enum Walk {
    Going,
    EndedAt(u32),
}

fn walk(misfit: Misfit, unit_cost: Money, pot: Money, claims: &[&Claim]) -> Result<Allocation, MoneyError> {
    let mut left = pot;
    let mut state = Walk::Going;
    let mut steps = Vec::with_capacity(claims.len());
    for claim in claims {
        let unit_cost = claim.unit_cost.unwrap_or(unit_cost);
        let requested = unit_cost.times(claim.units_requested)?;
        let Decided { units, outcome, reason, ends } = match state {
            Walk::Going => decide(misfit, unit_cost, left, claim, requested),
            Walk::EndedAt(place) => below_the_end(misfit, place),
        };
        if ends {
            state = Walk::EndedAt(claim.place);
        }
        let granted = unit_cost.times(units)?;
        left = left.minus(granted)?;
        steps.push(claim.step(Got { requested, units, granted, left, outcome, reason }));
    }
    total(pot, left, steps, None)
}

/// What one step decides.
struct Decided {
    units: i64,
    outcome: Outcome,
    reason: String,
    ends: bool,
}

/// How many of a claim's units are granted out of what is left, and whether the walk ends with it.
pub(crate) fn fitting(misfit: Misfit, unit_cost: Money, left: Money, claim: &Claim) -> (i64, bool) {
    // Whole units that fit; both sides are cents, a unit's above zero and what is left never below it.
    let fit = left.in_cents() / unit_cost.in_cents();
    match misfit {
        _ if claim.units_requested <= fit => (claim.units_requested, false),
        Misfit::Skip => (0, false),
        Misfit::Partial if fit >= claim.least.unwrap_or(1).max(1) => (fit, true),
        Misfit::Stop | Misfit::Waitlist | Misfit::Partial => (0, true),
    }
}

fn decide(misfit: Misfit, unit_cost: Money, left: Money, claim: &Claim, requested: Money) -> Decided {
    let (units, ends) = fitting(misfit, unit_cost, left, claim);
    if units == claim.units_requested {
        let reason = format!("The request of {requested} fits in the {left} that was left.");
        return Decided { units, outcome: Outcome::Funded, reason, ends };
    }
    let (outcome, then) = match misfit {
        Misfit::Stop => (Outcome::NotFunded, "By the rule, funding stops at the first request that does not fit.".to_owned()),
        Misfit::Skip => (Outcome::NotFunded, "By the rule, it is passed over and smaller requests below may still fit.".to_owned()),
        Misfit::Waitlist => (Outcome::Waitlisted, "By the rule, it is first on the waiting list for money that comes back.".to_owned()),
        Misfit::Partial if units > 0 && claim.is_money() => (Outcome::Partial, format!("By the rule, it gets the {left} that is left.")),
        Misfit::Partial if units > 0 => {
            (Outcome::Partial, format!("By the rule, it gets the {units} of {} that fit.", claim.units_requested))
        }
        Misfit::Partial if left >= unit_cost => (Outcome::NotFunded, "What would fit is less than it can use.".to_owned()),
        Misfit::Partial => (Outcome::NotFunded, "Not even one whole unit fits.".to_owned()),
    };
    let reason = format!("The request of {requested} is more than the {left} that was left. {then}");
    Decided { units, outcome, reason, ends }
}

fn below_the_end(misfit: Misfit, place: u32) -> Decided {
    let (outcome, reason) = match misfit {
        Misfit::Waitlist => {
            (Outcome::Waitlisted, format!("The money ran out at place {place}; it waits in ranked order for money that comes back."))
        }
        Misfit::Stop => (Outcome::NotFunded, format!("Funding stopped at place {place}, whose request did not fit.")),
        Misfit::Partial | Misfit::Skip => (Outcome::NotFunded, format!("The money ran out at place {place}: less than one unit is left.")),
    };
    Decided { units: 0, outcome, reason, ends: false }
}
