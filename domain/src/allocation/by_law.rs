//! Money that an act gives by name: each claim gets the amount of the law or nothing. Nothing is divided and nobody is before another; the
//! places are the order of the act.

use super::lay::total;
use super::{Allocation, AllocationProblem, Claim, Got, Outcome};
use crate::money::{Money, MoneyError};
use crate::named::NamedClaim;
use std::collections::BTreeSet;

/// Gives each claim whose terms are accepted its amount; `claims` are in order and checked.
///
/// # Errors
/// A claim that the law does not name; a recipient that claims twice.
pub(super) fn by_law(unit_cost: Money, pot: Money, claims: &[&Claim]) -> Result<Allocation, Vec<AllocationProblem>> {
    let whole = |cause: MoneyError| vec![AllocationProblem::from(cause)];
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    let mut steps = Vec::with_capacity(claims.len());
    let mut left = pot;
    for claim in claims {
        let Some(named) = &claim.named else {
            problems.push(AllocationProblem::NotNamed { number: claim.number.clone() });
            continue;
        };
        if !seen.insert(named.recipient.as_str()) {
            problems.push(AllocationProblem::Twice { number: claim.number.clone() });
            continue;
        }
        let requested = claim.unit_cost.unwrap_or(unit_cost).times(claim.units_requested).map_err(whole)?;
        let (outcome, reason) = decide(named, requested, left);
        let (units, granted) = if outcome == Outcome::Funded { (claim.units_requested, requested) } else { (0, Money::ZERO) };
        left = left.minus(granted).map_err(whole)?;
        steps.push(claim.step(Got { requested, units, granted, left, outcome, reason }));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    // The order decides nothing, so there is no line either.
    total(pot, left, steps, None).map(|laid| Allocation { line: None, ..laid }).map_err(whole)
}

fn decide(named: &NamedClaim, requested: Money, left: Money) -> (Outcome, String) {
    let clause = named.citation.trim_end_matches('.');
    if named.accepted.is_none() {
        let why = format!(
            "Named in law ({clause}) for {requested}. It has not accepted the terms yet: the award waits for that, and the money stays in the pot."
        );
        (Outcome::Waitlisted, why)
    } else if requested <= left {
        (Outcome::Funded, format!("Named in law: {clause}. The amount is the law’s, {requested}; there was no competition."))
    } else {
        let why = format!(
            "Named in law ({clause}) for {requested}, but only {left} is left. The law’s amount is not cut, so nothing is awarded."
        );
        (Outcome::NotFunded, why)
    }
}
