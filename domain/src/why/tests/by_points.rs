//! Where awards by points turn, against ranking and laying out anew with every value.

use super::super::{At, Change, Of, award_changes};
use crate::allocation::{Claim, lay};
use crate::exact::Exact;
use crate::money::Money;
use crate::ranking::{Candidate, Pool, by_ties};
use crate::ruleset::RuleSet;
use crate::stability::Laying;
use crate::stability::tests::{
    candidates,
    grants::claims,
    line_to, rules,
    sets::{best_set, shares},
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The units of one, by the public ways to rank and to lay out; `sum` instead of its own.
fn units(rules: &RuleSet, all: &[Candidate], laying: &Laying<'_>, own: &str, sum: Option<&Exact>) -> i64 {
    let pool = Pool::gather_weighing_anything(rules, all).unwrap();
    let total = |at: usize| sum.filter(|_| all[at].id == own).cloned().unwrap_or_else(|| pool.total(at));
    let claim_of = |number: &str| laying.claims.iter().find(|claim| claim.number == number).unwrap();
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|a, b| total(*b).cmp(&total(*a)).then_with(|| by_ties(&pool, "s", *a, *b)));
    let claims: Vec<Claim> = (1..).zip(&order).map(|(place, at)| Claim { place, ..claim_of(&all[*at].number).clone() }).collect();
    let points: BTreeMap<String, Exact> = order.iter().map(|at| (claim_of(&all[*at].number).id.clone(), total(*at))).collect();
    let laid = lay(laying.rule, laying.unit_cost, laying.pot, &claims, &points).unwrap();
    let number = &all.iter().find(|one| one.id == own).unwrap().number;
    laid.steps.iter().find(|step| step.number == *number).unwrap().units_granted
}

fn with(rules: &RuleSet, all: &[Candidate], id: &str, change: &Change, to: Decimal) -> (RuleSet, Vec<Candidate>) {
    let (mut rules, mut all) = (rules.clone(), all.to_vec());
    match &change.of {
        Of::Input { key, .. } => all.iter_mut().find(|one| one.id == id).unwrap().inputs.get_mut(key).unwrap().value = to,
        Of::Weight => rules.criteria.iter_mut().find(|one| one.key == change.criterion).unwrap().weight = to.to_string().parse().unwrap(),
    }
    (rules, all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn an_award_turns_at_the_sum_told_and_by_what_is_told(
        rows in prop::collection::vec((1_i64..50, 0_i64..50), 2..6), asks in prop::collection::vec((1_i64..5, 1_i64..3), 6),
        pot in 1_i64..12, way in 0..3_u8, capped in any::<bool>(), least in prop::option::of(1_i64..3), weight in 500_u32..9_000,
    ) {
        let rules = rules(vec![(weight, line_to(60)), (10_000 - weight, line_to(70))]);
        let all = candidates(&rows.iter().map(|(a, b)| vec![*a, *b]).collect::<Vec<_>>());
        let claims = claims(&asks[..rows.len()]);
        let rule = if way == 0 { shares(least) } else { best_set(way == 1, capped, least) };
        let laying = Laying { rule: &rule, unit_cost: Money::cents(1), pot: Money::cents(pot), claims: &claims };
        for own in &all {
            let now = units(&rules, &all, &laying, &own.id, None);
            let at = |sum: &Exact| units(&rules, &all, &laying, &own.id, Some(sum));
            let asks = claims.iter().find(|claim| claim.number == own.number).unwrap().units_requested;
            let Some((turn, changes)) = award_changes(&rules, &all, "s", &own.id, &laying).unwrap() else {
                prop_assert!(now == asks || at(&Exact::whole(1_000_000)) == now, "more points bring more");
                prop_assert!(at(&Exact::ZERO) == now, "no points bring less");
                continue;
            };
            // Where shares too small to be of use are given to others, more points may bring less.
            let sure = way > 0 || (least.is_none() && claims.iter().all(|claim| claim.least.is_none_or(|least| least < 2)));
            prop_assert_eq!(turn.now, now);
            prop_assert!(now < asks || !turn.gains());
            let At::Points { sum, own: total } = &turn.at else { panic!("{turn:?}") };
            prop_assert_eq!(at(sum), turn.then);
            let turned = |then: i64| if turn.gains() { then > now } else { then < now };
            prop_assert!(turned(turn.then));
            // A ten-thousandth nearer it does not, if that is on the way.
            let part = Exact::ratio(1, 10_000).unwrap();
            let nearer = if turn.gains() { sum - &part } else { sum + &part };
            prop_assert!(!sure || (turn.gains() && nearer <= *total) || (!turn.gains() && nearer >= *total) || !turned(at(&nearer)));
            for change in &changes {
                let tried = |to: Decimal| {
                    let (rules, all) = with(&rules, &all, &own.id, change, to);
                    turned(units(&rules, &all, &laying, &own.id, None))
                };
                prop_assert!(tried(change.to), "{change:?}");
                if !sure {
                    continue;
                }
                let size: i64 = (change.to - change.from).abs().to_string().parse().unwrap();
                for by in (1..size).step_by(1 + usize::try_from(size).unwrap() / 50) {
                    let nearer = [change.from + Decimal::from(by), change.from - Decimal::from(by)];
                    prop_assert!(nearer.into_iter().filter(|to| *to >= Decimal::ZERO).all(|to| !tried(to)), "{change:?} nearer {by}");
                }
            }
            // Where a figure is not told, none of its values turns the award.
            for key in ["k0", "k1"] {
                let of_it = |change: &&Change| matches!(&change.of, Of::Input { key: own, .. } if own == key);
                if !sure || changes.iter().find(of_it).is_some() {
                    continue;
                }
                for value in 0..80_i64 {
                    let mut all = all.clone();
                    all.iter_mut().find(|one| one.id == own.id).unwrap().inputs.get_mut(key).unwrap().value = value.into();
                    prop_assert!(!turned(units(&rules, &all, &laying, &own.id, None)), "{key} {value}");
                }
            }
            // Likewise of a weight, where the set with the most points gets the money: but where sets tie at every weight, which is not told.
            for criterion in &rules.criteria {
                if way == 0 || changes.iter().any(|change| change.of == Of::Weight && change.criterion == criterion.key) {
                    continue;
                }
                for weight in (0..200).chain((200..40_000).step_by(501)) {
                    let mut rules = rules.clone();
                    rules.criteria.iter_mut().find(|one| one.key == criterion.key).unwrap().weight = weight;
                    let pool = Pool::gather_weighing_anything(&rules, &all).unwrap();
                    let total = pool.total(pool.candidates().iter().position(|one| one.id == own.id).unwrap());
                    let surely = if turn.gains() { &total - &part } else { &total + &part };
                    prop_assert!(!turned(units(&rules, &all, &laying, &own.id, Some(&surely))), "weight of {} {weight}", criterion.key);
                }
            }
        }
    }
}

/// Requests of 3, 2 and 2 for 4: the best set has the last two with 50 and 45 of 95 points against 90. The first would be in it from 95 points
/// with ties apart, 0.0001 beyond; its only figure, to 100, has a point for each.
#[test]
fn whoever_is_left_out_of_the_best_set_is_told_the_points_that_would_have_brought_it_in() {
    let rules = rules(vec![(10_000, line_to(100))]);
    let all = candidates(&[vec![90], vec![50], vec![45]]);
    let claims = claims(&[(3, 1), (2, 1), (2, 1)]);
    let rule = best_set(false, false, None);
    let laying = Laying { rule: &rule, unit_cost: Money::cents(100), pot: Money::cents(400), claims: &claims };
    let (turn, changes) = award_changes(&rules, &all, "s", "id-0", &laying).unwrap().unwrap();
    let At::Points { sum, own } = turn.at else { panic!() };
    assert_eq!((turn.now, turn.then, own.to_string().as_str()), (0, 3, "90"));
    assert!(["95", "950001/10000"].contains(&sum.to_string().as_str()), "{sum}");
    assert!(changes.len() == 1 && (95..=96).map(Decimal::from).any(|to| changes[0].to == to), "{changes:?}");
}
