//! How far weights go before awards by points are others, against laying out anew at many weights.

use super::super::{Sets, held_by_points};
use super::{candidates, grants::claims, line_to, rules};
use crate::allocation::{AllocationRule, Bound, LeastAward, Method, Misfit, Objective, Pot};
use crate::exact::Exact;
use crate::money::Money;
use crate::ranking::Pool;
use crate::ruleset::RuleSet;
use crate::stability::{Laying, Unsteady};
use proptest::prelude::*;

pub(crate) fn best_set(per_seat: bool, capped: bool, least: Option<i64>) -> AllocationRule {
    let cap = Bound { region: String::new(), floor: Money::ZERO, cap: Some(Money::cents(4)), citation: "test".to_owned(), synthetic: true };
    AllocationRule {
        method: Method::Optimal,
        misfit: None,
        objective: Some(if per_seat { Objective::PointsPerSeat } else { Objective::Points }),
        bounds: capped.then_some(cap).into_iter().collect(),
        least_award: least.map(|units| LeastAward { units, citation: "test".to_owned(), synthetic: true }),
        ..AllocationRule::down_the_list(Misfit::Stop, "test")
    }
}

pub(crate) fn shares(least: Option<i64>) -> AllocationRule {
    let rounding = Some(crate::shares::Method::LargestRemainder);
    AllocationRule { method: Method::Shares, objective: None, rounding, ..best_set(false, false, least) }
}

/// Two units, which go down the list first.
fn gift() -> Pot {
    Pot {
        appropriation: "gift".to_owned(),
        name: "The gift".to_owned(),
        amount: Some(Money::cents(2)),
        regions: Vec::new(),
        rule: AllocationRule::down_the_list(Misfit::Skip, "test"),
    }
}

/// Everybody's units when one weight is so many basis points and the others share the rest in proportion, by the rules themselves: all
/// weights are taken so many times that they stay whole.
fn units_at(rules: &RuleSet, moved: usize, weight: u32, all: &[crate::ranking::Candidate], laying: &Laying<'_>) -> Vec<i64> {
    let own = rules.criteria[moved].weight;
    let pool = Pool::gather(rules, all).unwrap();
    let total = |one: usize| -> Exact {
        let product = |(at, criterion): (usize, &crate::ruleset::Criterion)| {
            let points = pool.points(at, one).unwrap();
            let weighs = if at == moved {
                Exact::ratio(weight.into(), 10_000).unwrap()
            } else {
                Exact::ratio(i128::from(criterion.weight) * i128::from(10_000 - weight), 10_000 * i128::from(10_000 - own)).unwrap()
            };
            &points * &weighs
        };
        rules.criteria.iter().enumerate().map(product).collect::<Vec<_>>().iter().sum()
    };
    let totals: Vec<Exact> = (0..all.len()).map(total).collect();
    Sets::of(&pool, "s", laying).units(&totals).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn awards_stay_up_to_the_end_told_and_no_further(
        rows in prop::collection::vec((1_i64..50, 1_i64..50, 1_i64..50), 2..7), asks in prop::collection::vec((1_i64..5, 1_i64..3), 7),
        pot in 2_i64..12, way in 0_u8..4, capped in any::<bool>(), least in prop::option::of(1_i64..3), weight in 500_u32..9_000,
    ) {
        let rules = rules(vec![(weight, line_to(60)), (9_500 - weight, line_to(70)), (500, line_to(50))]);
        let all = candidates(&rows.iter().map(|(a, b, c)| vec![*a, *b, *c]).collect::<Vec<_>>());
        let claims = claims(&asks[..rows.len()]);
        let rule = match way {
            0 => shares(least),
            1 => AllocationRule { before: vec![gift()], ..best_set(false, capped, least) },
            way => best_set(way == 2, capped, least),
        };
        let laying = Laying { rule: &rule, unit_cost: Money::cents(1), pot: Money::cents(pot), claims: &claims };
        let pool = Pool::gather(&rules, &all).unwrap();
        let held = match held_by_points(&pool, "s", &laying) {
            // Where one weight after another is looked at, and hardly any changes an award.
            Err(Unsteady::Long) if way < 2 => return Ok(()),
            held => held.unwrap(),
        };
        prop_assert_eq!(held.len(), 3);
        for (moved, held) in held.iter().enumerate() {
            let at = |weight: u32| units_at(&rules, moved, weight, &all, &laying);
            let now = at(held.weight);
            let end = |end: &Exact| u32::try_from(end.floor().unwrap()).unwrap();
            let (low, high) = (end(&held.low.weight), end(&held.high.weight));
            prop_assert!(low <= held.weight && held.weight <= high);
            for weight in (low..=high).step_by(1 + usize::try_from(high - low).unwrap() / 60).chain([high]) {
                prop_assert_eq!(at(weight), now.clone(), "{} in {}–{} of {}", weight, low, high, held.name);
            }
            for (limit, beyond, is_end) in [(&held.low, low.wrapping_sub(1), low == 0), (&held.high, high + 1, high == 10_000)] {
                prop_assert!(is_end || !limit.changes.is_empty());
                if limit.changes.is_empty() {
                    continue;
                }
                let then = at(beyond);
                prop_assert!(then != now);
                for change in &limit.changes {
                    let one = all.iter().position(|candidate| candidate.id == change.candidate).unwrap();
                    prop_assert_eq!((now[one], then[one]), (change.now, change.then));
                }
                prop_assert_eq!(limit.changes.len(), now.iter().zip(&then).filter(|(now, then)| now != then).count());
            }
        }
    }
}
