//! Where awards turn, against laying out anew at every place and after every change told.

use super::super::{At, Change, Of, Turn, award_changes};
use crate::allocation::{Claim, lay};
use crate::money::Money;
use crate::ranking::{Candidate, Pool, Standing};
use crate::ruleset::RuleSet;
use crate::stability::Laying;
use crate::stability::tests::grants::{asked_of_pots, pools};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The units of the applicant `own`, by the public way to lay out.
fn units(laying: &Laying<'_>, order: &[String], own: &str) -> i64 {
    let claim = |(place, number): (u32, &String)| {
        let claim = laying.claims.iter().find(|claim| claim.number == *number).unwrap();
        Claim { place, ..claim.clone() }
    };
    let claims: Vec<Claim> = (1..).zip(order).map(claim).collect();
    let laid = lay(laying.rule, laying.unit_cost, laying.pot, &claims, &BTreeMap::new()).unwrap();
    laid.steps.iter().find(|step| step.number == own).unwrap().units_granted
}

fn order(rules: &RuleSet, candidates: &[Candidate]) -> Vec<String> {
    let pool = Pool::gather_weighing_anything(rules, candidates).unwrap();
    Standing::of(&pool, "s").in_order().map(|candidate| candidate.number.clone()).collect()
}

fn changed(rules: &RuleSet, candidates: &[Candidate], id: &str, change: &Change) -> Vec<String> {
    let (mut rules, mut candidates) = (rules.clone(), candidates.to_vec());
    match &change.of {
        Of::Input { key, .. } => {
            candidates.iter_mut().find(|one| one.id == id).unwrap().inputs.get_mut(key).unwrap().value = change.to;
        }
        Of::Weight => {
            let weight = change.to.to_string().parse().unwrap();
            rules.criteria.iter_mut().find(|one| one.key == change.criterion).unwrap().weight = weight;
        }
    }
    order(&rules, &candidates)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn an_award_turns_where_it_is_told_and_by_what_is_told((rules, candidates) in pools(false, false), (claims, rule, pot) in asked_of_pots()) {
        let laying = Laying { rule: &rule, unit_cost: Money::cents(1), pot: Money::cents(pot), claims: &claims };
        let now = order(&rules, &candidates);
        for own in &candidates {
            let at = now.iter().position(|number| *number == own.number).unwrap();
            let others: Vec<String> = now.iter().filter(|number| **number != own.number).cloned().collect();
            let offers: Vec<i64> = (0..now.len()).map(|place| {
                let mut moved = others.clone();
                moved.insert(place, own.number.clone());
                units(&laying, &moved, &own.number)
            }).collect();
            let asks = claims.iter().find(|claim| claim.number == own.number).unwrap().units_requested;
            let better = (0..at).rev().find(|place| offers[*place] > offers[at]);
            let worse = (at + 1..now.len()).find(|place| offers[*place] < offers[at]);
            let nearest = if offers[at] < asks { better.or(worse) } else { worse.or(better) };
            let found = award_changes(&rules, &candidates, "s", &own.id, &laying).unwrap();
            let turn = nearest.map(|place| Turn { now: offers[at], then: offers[place], at: At::Place(u32::try_from(place + 1).unwrap()) });
            prop_assert_eq!(found.as_ref().map(|(turn, _)| turn.clone()), turn);
            let Some((turn, changes)) = found else { continue };
            for change in changes {
                let then = units(&laying, &changed(&rules, &candidates, &own.id, &change), &own.number);
                prop_assert!(if turn.gains() { then > turn.now } else { then < turn.now }, "{change:?}: {then}, {turn:?}");
            }
        }
    }
}

/// Three ask for 2, 3 and 1 units of 3, who does not fit is passed over: the first gets 2, the third 1. The second would get its 3 at place 1; the
/// first would get none behind the second; the third would not get its unit at place 3 if the first were not there, but it is: nothing moves it.
#[test]
fn whoever_is_passed_over_is_told_what_would_have_brought_it_an_award() {
    use crate::allocation::{AllocationRule, Misfit};
    use crate::stability::tests::{candidates, grants::claims, line_to, rules};
    let rules = rules(vec![(10_000, line_to(100))]);
    let all = candidates(&[vec![90], vec![50], vec![10]]);
    let claims = claims(&[(2, 1), (3, 1), (1, 1)]);
    let rule = AllocationRule::down_the_list(Misfit::Skip, "test");
    let laying = Laying { rule: &rule, unit_cost: Money::cents(100), pot: Money::cents(300), claims: &claims };
    let told = |id: &str| award_changes(&rules, &all, "s", id, &laying).unwrap();
    let (turn, changes) = told("id-1").unwrap();
    assert_eq!(turn, Turn { now: 0, then: 3, at: At::Place(1) });
    assert!(changes.len() == 1 && changes[0].place == 1 && changes[0].to > changes[0].from, "{changes:?}");
    assert_eq!(told("id-0").unwrap().0, Turn { now: 2, then: 0, at: At::Place(2) });
    assert_eq!(told("id-2"), None);
}
