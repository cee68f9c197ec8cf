//! Several pots, filled in a declared order: each has a rule of its own and lays out its money over whoever is not paid yet.

use super::lay::{lay, total};
use super::{Allocation, AllocationProblem, AllocationRule, Claim, Outcome, Pot, PotTotal, Step};
use crate::exact::Exact;
use crate::money::{Money, MoneyError};
use std::borrow::Cow;
use std::collections::BTreeMap;

type Points = BTreeMap<String, Exact>;

/// The money that is there for a round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Available {
    /// Of the round's own appropriation.
    pub own: Money,
    /// Of each that pays before it, by key.
    pub before: BTreeMap<String, Money>,
}

impl Available {
    /// All of it.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`].
    pub fn sum(&self) -> Result<Money, MoneyError> {
        Money::sum(self.before.values().copied().chain([self.own]))
    }
}

impl From<Money> for Available {
    fn from(own: Money) -> Self {
        Self { own, before: BTreeMap::new() }
    }
}

impl AllocationRule {
    /// The rule with what there is for each earlier pot: at most what the pot holds, nothing where `there` has none.
    #[must_use]
    pub fn holding(&self, there: &BTreeMap<String, Money>) -> Self {
        let holds = |pot: &Pot| {
            let there = there.get(&pot.appropriation).copied().unwrap_or(Money::ZERO).max(Money::ZERO);
            Some(pot.amount.map_or(there, |most| most.min(there)))
        };
        Self { before: self.before.iter().map(|pot| Pot { amount: holds(pot), ..pot.clone() }).collect(), ..self.clone() }
    }

    /// Calls regions by other names, as for people.
    pub(crate) fn rename_regions(&mut self, name: &impl Fn(&str) -> String) {
        self.bounds.iter_mut().for_each(|bound| bound.region = name(&bound.region));
        for pot in &mut self.before {
            pot.regions.iter_mut().for_each(|region| *region = name(region));
            pot.rule.rename_regions(name);
        }
    }

    /// What the earlier pots hold together.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`].
    pub fn held_before(&self) -> Result<Money, MoneyError> {
        Money::sum(self.before.iter().filter_map(|pot| pot.amount))
    }
}

impl Pot {
    /// Whether a claim is among those that it pays.
    pub(crate) fn may_pay(&self, claim: &Claim) -> bool {
        self.regions.is_empty() || self.regions.contains(&claim.region)
    }
}

/// A pot as it is filled.
struct Filled<'a> {
    /// The appropriation's key and what the pot is called; none for the round's own.
    of: Option<(&'a str, &'a str)>,
    amount: Money,
    laid: Allocation,
}

/// Pours `pot` into the rule's pots, each up to its amount and the round's own appropriation last, and lays each out over the claims that it
/// may pay and that none before it pays.
///
/// # Errors
/// As [`lay`], naming the pot.
pub(super) fn in_pots(
    rule: &AllocationRule,
    unit_cost: Money,
    pot: Money,
    claims: &[Claim],
    points: &Points,
) -> Result<Allocation, Vec<AllocationProblem>> {
    let (mut filled, rest, open) = earlier(rule, unit_cost, pot, claims, points)?;
    let laid = lay(&last(rule), unit_cost, rest, &open, points)?;
    filled.push(Filled { of: None, amount: rest, laid });
    joined(pot, claims, &filled).map_err(|cause| vec![cause.into()])
}

/// What the pots before leave: the money of the round's own appropriation, and the claims that nothing pays yet.
pub(super) fn last_pot<'a>(
    rule: &AllocationRule,
    unit_cost: Money,
    pot: Money,
    claims: &'a [Claim],
    points: &Points,
) -> Result<(Money, Cow<'a, [Claim]>), Vec<AllocationProblem>> {
    if rule.before.is_empty() {
        return Ok((pot, Cow::Borrowed(claims)));
    }
    let (_, rest, open) = earlier(rule, unit_cost, pot, claims, points)?;
    Ok((rest, Cow::Owned(open)))
}

/// The rule of the round's own appropriation alone.
fn last(rule: &AllocationRule) -> AllocationRule {
    AllocationRule { before: Vec::new(), ..rule.clone() }
}

type Earlier<'a> = (Vec<Filled<'a>>, Money, Vec<Claim>);

fn earlier<'a>(
    rule: &'a AllocationRule,
    unit_cost: Money,
    pot: Money,
    claims: &[Claim],
    points: &Points,
) -> Result<Earlier<'a>, Vec<AllocationProblem>> {
    let (mut filled, mut rest, mut open) = (Vec::new(), pot, claims.to_vec());
    for one in &rule.before {
        let named = |problem: &AllocationProblem| AllocationProblem::Rule(format!("{}: {problem}", one.name));
        let Some(most) = one.amount else {
            return Err(vec![AllocationProblem::Rule(format!("What is in the pot “{}” is not known.", one.name))]);
        };
        let amount = most.min(rest);
        let own: Vec<Claim> = open.iter().filter(|claim| one.may_pay(claim)).cloned().collect();
        rest = rest.minus(amount).map_err(|cause| vec![cause.into()])?;
        let laid = if amount.is_positive() && !own.is_empty() {
            lay(&one.rule, unit_cost, amount, &own, points).map_err(|found| found.iter().map(named).collect::<Vec<_>>())?
        } else {
            total(amount, amount, Vec::new(), None).map_err(|cause| vec![cause.into()])?
        };
        let paid = |claim: &Claim| laid.steps.iter().any(|step| step.id == claim.id && step.units_granted > 0);
        open.retain(|claim| !paid(claim));
        filled.push(Filled { of: Some((&one.appropriation, &one.name)), amount, laid });
    }
    Ok((filled, rest, open))
}

/// One allocation out of all: each claim's step from the pot that pays it, or from the last that it was in, with what every pot said.
fn joined(pot: Money, claims: &[Claim], filled: &[Filled<'_>]) -> Result<Allocation, MoneyError> {
    let mut of_claim: BTreeMap<&str, Vec<(&Filled<'_>, &Step)>> = BTreeMap::new();
    for (one, step) in filled.iter().flat_map(|one| one.laid.steps.iter().map(move |step| (one, step))) {
        of_claim.entry(&step.id).or_default().push((one, step));
    }
    let mut sorted: Vec<&Claim> = claims.iter().collect();
    sorted.sort_by_key(|claim| claim.place);
    let (mut left, mut steps) = (pot, Vec::with_capacity(claims.len()));
    for told in sorted.iter().filter_map(|claim| of_claim.get(claim.id.as_str())) {
        let Some((from, step)) = told.last() else { continue };
        left = left.minus(step.granted)?;
        let said =
            told.iter().map(|(one, step)| format!("{}: {}", one.of.map_or("The round’s own appropriation", |(_, name)| name), step.reason));
        let waits = told.iter().any(|(_, step)| step.outcome == Outcome::Waitlisted);
        let outcome = if step.outcome == Outcome::NotFunded && waits { Outcome::Waitlisted } else { step.outcome };
        let paid_by = from.of.filter(|_| step.units_granted > 0).map(|(key, _)| key.to_owned());
        steps.push(Step { left, outcome, reason: said.collect::<Vec<_>>().join(" "), pot: paid_by, ..(*step).clone() });
    }
    let proofs = filled
        .iter()
        .filter_map(|one| one.laid.proof.as_ref().map(|proof| one.of.map_or(proof.clone(), |(_, name)| format!("{name}: {proof}"))));
    let proof = Some(proofs.collect::<Vec<_>>().join(" ")).filter(|proof| !proof.is_empty());
    let pots = filled.iter().map(|one| PotTotal {
        pot: one.of.map(|(key, _)| key.to_owned()),
        amount: one.amount,
        funded: one.laid.regions.iter().map(|region| region.funded).sum(),
        units: one.laid.units,
        granted: one.laid.granted,
    });
    Ok(Allocation { pots: pots.collect(), ..total(pot, left, steps, proof)? })
}

#[cfg(test)]
mod tests;
