//! Awards held while a weight moves, against ranking and laying out anew at many weights; by other formulas than those of the sweep.

use super::{candidates, line_to, rules};
use crate::allocation::{AllocationRule, Claim, LeastAward, Misfit, Pot, lay};
use crate::exact::Exact;
use crate::money::Money;
use crate::ranking::{Candidate, Pool, by_ties};
use crate::ruleset::{Group, Missing, RuleSet, Scale, WHOLE};
use crate::stability::{Change, Held, Laying, Limit, along_curves, held, ranges};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// A sum at a weight in basis points, as the rules tell it: the others in proportion, what is missing left out, groups cut.
fn total_at(pool: &Pool<'_>, moved: usize, weight: &Exact, one: usize) -> Exact {
    let rules = pool.rules();
    let left = &Exact::whole(WHOLE.into()) - weight;
    let others = Exact::whole((WHOLE - rules.criteria[moved].weight).into());
    let weighs = |index: usize| match index == moved {
        true => weight.clone(),
        false => (&Exact::whole(rules.criteria[index].weight.into()) * &left).over(&others).unwrap(),
    };
    let there: Vec<usize> = (0..rules.criteria.len()).filter(|index| pool.points(*index, one).is_some()).collect();
    let counted: Exact =
        there.iter().filter(|index| !rules.criteria[**index].bonus).map(|index| weighs(*index)).collect::<Vec<_>>().iter().sum();
    let product = |index: usize| {
        let points = pool.points(index, one).unwrap();
        if rules.criteria[index].bonus { points } else { (&points * &weighs(index)).over(&counted).unwrap() }
    };
    let (mut total, mut sums) = (Exact::ZERO, vec![Exact::ZERO; rules.groups.len()]);
    for index in there {
        let sum = rules.group_of(&rules.criteria[index].key).map_or(&mut total, |group| &mut sums[group]);
        *sum = &*sum + &product(index);
    }
    rules.groups.iter().zip(sums).fold(total, |total, (group, sum)| &total + &sum.min(group.cap.into()))
}

/// Everybody's units at a weight, by the pool's order.
fn units_at(pool: &Pool<'_>, laying: &Laying<'_>, moved: usize, weight: &Exact) -> Vec<i64> {
    let mut order: Vec<(Exact, usize)> = (0..pool.candidates().len()).map(|one| (total_at(pool, moved, weight, one), one)).collect();
    order.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| by_ties(pool, "s", a.1, b.1)));
    let number = |one: usize| pool.candidates()[one].number.as_str();
    let claim = |(place, (_, one)): (u32, &(Exact, usize))| {
        let claim = laying.claims.iter().find(|claim| claim.number == number(*one)).unwrap();
        Claim { place, ..claim.clone() }
    };
    let claims: Vec<Claim> = (1..).zip(&order).map(claim).collect();
    let laid = lay(laying.rule, laying.unit_cost, laying.pot, &claims, &BTreeMap::new()).unwrap();
    let mut units = vec![0; order.len()];
    laid.steps.iter().zip(&order).for_each(|(step, (_, one))| units[*one] = step.units_granted);
    units
}

pub(crate) fn claims(units: &[(i64, i64)]) -> Vec<Claim> {
    let claim = |(nth, (units, least)): (usize, &(i64, i64))| Claim {
        id: format!("claim-{nth}"),
        number: format!("N-{nth}"),
        place: 0,
        region: String::new(),
        units_requested: *units,
        unit_cost: None,
        least: Some(*least.min(units)),
        last: None,
        named: None,
    };
    units.iter().enumerate().map(claim).collect()
}

fn misfits() -> impl Strategy<Value = Misfit> {
    prop::sample::select(vec![Misfit::Stop, Misfit::Skip, Misfit::Partial, Misfit::Waitlist])
}

fn group(members: &[usize], cap: i64) -> Group {
    let criteria = members.iter().map(|index| format!("k{index}")).collect();
    Group { key: format!("g{cap}"), name: "G".to_owned(), criteria, cap: cap.into(), citation: "test".to_owned(), synthetic: true }
}

/// Four criteria and a bonus, few different values so that sums often meet and run together; perhaps a group of two and one with the bonus;
/// perhaps numbers that are missing, of any criterion.
pub(crate) fn pools(grouped: bool, gaps: bool) -> impl Strategy<Value = (RuleSet, Vec<Candidate>)> {
    let ends = prop::sample::select(vec![10_i64, 100, 7]);
    let row = prop::collection::vec((0_i64..9, prop::bool::weighted(0.25)), 5);
    (prop::collection::vec(ends, 4), prop::collection::vec(row, 2..8), (5_i64..50, 1_i64..60)).prop_map(move |(ends, rows, caps)| {
        let mut scales: Vec<_> =
            [3_500_u32, 1_500, 2_000, 3_000].into_iter().zip(ends).map(|(weight, end)| (weight, line_to(end))).collect();
        scales.push((0, line_to(500)));
        let mut rules = rules(scales);
        if grouped {
            rules.groups = vec![group(&[0, 1], caps.0), group(&[3, 4], caps.1 + 50)];
        }
        let values: Vec<Vec<i64>> = rows.iter().map(|row| row.iter().map(|(value, _)| *value).collect()).collect();
        let mut candidates = candidates(&values);
        if gaps {
            rules.criteria.iter_mut().for_each(|criterion| criterion.missing = Missing::Exclude);
            for (candidate, row) in candidates.iter_mut().zip(&rows) {
                let missing: Vec<usize> = (0..5).filter(|index| row[*index].1).collect();
                // Somebody of whom nothing is known can't be weighed.
                let gone = missing.iter().filter(|index| missing.iter().filter(|one| **one < 4).count() < 4 || **index > 0);
                gone.for_each(|index| drop(candidate.inputs.remove(&format!("k{index}"))));
            }
        }
        (rules, candidates)
    })
}

fn check(rules: &RuleSet, candidates: &[Candidate], laying: &Laying<'_>) -> Result<(), TestCaseError> {
    let pool = Pool::gather(rules, candidates).unwrap();
    let found = held(&pool, "s", laying).unwrap();
    prop_assert_eq!(found.len(), 4);
    for (moved, Held { weight, low, high, .. }) in found.iter().enumerate() {
        let now = Exact::whole((*weight).into());
        let units = units_at(&pool, laying, moved, &now);
        prop_assert!(low.weight <= now && now <= high.weight);
        for (limit, last) in [(low, Exact::ZERO), (high, Exact::whole(WHOLE.into()))] {
            for tenths in 0..20 {
                let inside = &now + &(&(&limit.weight - &now) * &Exact::ratio(tenths, 20).unwrap());
                if inside == limit.weight && tenths > 0 {
                    continue;
                }
                if tenths == 0 && inside != now {
                    continue;
                }
                prop_assert_eq!(&units_at(&pool, laying, moved, &inside), &units, "{} at {} within {:?}", moved, inside, limit);
            }
            if limit.changes.is_empty() {
                prop_assert_eq!(&limit.weight, &last);
                continue;
            }
            let beyond = |from: &Exact| from + &(&(&last - from) * &Exact::ratio(1, 1_000_000_000_000).unwrap());
            let there = if limit.only_there { limit.weight.clone() } else { beyond(limit.or.as_ref().unwrap_or(&limit.weight)) };
            let then = units_at(&pool, laying, moved, &there);
            let changed = |one: usize| (units[one] != then[one]).then(|| (pool.candidates()[one].id.clone(), units[one], then[one]));
            let mut changed: Vec<_> = (0..units.len()).filter_map(changed).collect();
            let mut told: Vec<_> = limit.changes.iter().map(|Change { candidate, now, then }| (candidate.clone(), *now, *then)).collect();
            changed.sort();
            told.sort();
            prop_assert_eq!(told, changed, "{} beyond {:?}", moved, limit);
            if limit.only_there {
                prop_assert_eq!(&units_at(&pool, laying, moved, &beyond(&limit.weight)), &units, "only there");
            }
        }
    }
    Ok(())
}

fn rule(misfit: Misfit) -> AllocationRule {
    AllocationRule::down_the_list(misfit, "test")
}

/// Claims, a rule with one pot, and the money.
fn asked() -> impl Strategy<Value = (Vec<Claim>, AllocationRule, i64)> {
    (prop::collection::vec((1_i64..5, 1_i64..4), 8), misfits(), 0_i64..14)
        .prop_map(|(units, misfit, pot)| (claims(&units), rule(misfit), pot))
}

/// Claims of two regions that don't say what is of use to them, a rule with a smallest award, perhaps, and with a pot for all and one for a
/// region before the last, and the money.
pub(crate) fn asked_of_pots() -> impl Strategy<Value = (Vec<Claim>, AllocationRule, i64)> {
    let smallest = || prop::option::of(2_i64..4);
    let pots = prop::collection::vec((misfits(), 0_i64..8, smallest(), prop::bool::ANY), 0..3);
    (prop::collection::vec(1_i64..5, 8), (misfits(), smallest()), pots, 0_i64..14).prop_map(|(units, own, pots, pot)| {
        let claim = |(nth, claim): (usize, Claim)| Claim { least: None, region: ["east", "west"][nth % 2].to_owned(), ..claim };
        let units: Vec<(i64, i64)> = units.into_iter().map(|units| (units, 1)).collect();
        let at_least = |(misfit, units): (Misfit, Option<i64>)| {
            let least_award = units.map(|units| LeastAward { units, citation: "test".to_owned(), synthetic: true });
            AllocationRule { least_award, ..rule(misfit) }
        };
        let before = pots.into_iter().enumerate().map(|(nth, (misfit, most, smallest, all))| Pot {
            appropriation: format!("pot-{nth}"),
            name: format!("Pot {nth}"),
            amount: Some(Money::cents(most)),
            regions: if all { Vec::new() } else { vec!["east".to_owned()] },
            rule: at_least((misfit, smallest)),
        });
        let rule = AllocationRule { before: before.collect(), ..at_least(own) };
        (claims(&units).into_iter().enumerate().map(claim).collect(), rule, pot)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn awards_stay_inside_and_change_just_beyond((rules, candidates) in pools(false, false), (claims, rule, pot) in asked()) {
        check(&rules, &candidates, &Laying { rule: &rule, unit_cost: Money::cents(1), pot: Money::cents(pot), claims: &claims })?;
    }

    #[test]
    fn several_pots_and_smallest_awards((rules, candidates) in pools(true, false), (claims, rule, pot) in asked_of_pots()) {
        check(&rules, &candidates, &Laying { rule: &rule, unit_cost: Money::cents(1), pot: Money::cents(pot), claims: &claims })?;
    }

    #[test]
    fn groups_that_reach_their_caps_break_lines((rules, candidates) in pools(true, false), (claims, rule, pot) in asked()) {
        check(&rules, &candidates, &Laying { rule: &rule, unit_cost: Money::cents(1), pot: Money::cents(pot), claims: &claims })?;
    }

    #[test]
    fn what_is_left_out_bends_lines((rules, candidates) in pools(false, true), (claims, rule, pot) in asked()) {
        check(&rules, &candidates, &Laying { rule: &rule, unit_cost: Money::cents(1), pot: Money::cents(pot), claims: &claims })?;
    }

    #[test]
    fn groups_and_gaps_together((rules, candidates) in pools(true, true), (claims, rule, pot) in asked()) {
        check(&rules, &candidates, &Laying { rule: &rule, unit_cost: Money::cents(1), pot: Money::cents(pot), claims: &claims })?;
    }
}

proptest! {
    // Fractions as long as these take the brute force its time.
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn ends_with_many_digits_make_long_parts((mut rules, candidates) in pools(false, false), (claims, rule, pot) in asked()) {
        for (nth, criterion) in (1..).zip(&mut rules.criteria) {
            if let Scale::Linear { to, .. } = &mut criterion.scale {
                *to += Decimal::new(1_000_000_007 * nth, 15);
            }
        }
        check(&rules, &candidates, &Laying { rule: &rule, unit_cost: Money::cents(1), pot: Money::cents(pot), claims: &claims })?;
    }
}

/// Need (60%) and reach (40%), as in the case of two applicants; C has 20 and 20. A 58, B 50, C 20. A asks 3 units, B 2, C 1; 3 are there.
/// Passing over: A gets 3; B 2 and C 1 do not fit. A and B meet at 70,000/13 of need; below it B gets 2, A's 3 do not fit and C gets 1.
/// B and C never meet at or above it: 30w + 80(1 − w) = 20 only beyond the whole.
#[test]
fn a_meeting_moves_money_to_a_third() {
    let (rules, all) = (rules(vec![(6_000, line_to(100)), (4_000, line_to(100))]), candidates(&[vec![90, 10], vec![30, 80], vec![20, 20]]));
    let pool = Pool::gather(&rules, &all).unwrap();
    let claims = claims(&[(3, 1), (2, 1), (1, 1)]);
    let by = |misfit| {
        let laying = Laying { rule: &rule(misfit), unit_cost: Money::cents(100), pot: Money::cents(350), claims: &claims };
        held(&pool, "s", &laying).unwrap()
    };
    let change = |nth: usize, now, then| Change { candidate: format!("id-{nth}"), now, then };
    let found = by(Misfit::Skip);
    let low = Limit {
        weight: "70000/13".parse().unwrap(),
        or: None,
        changes: vec![change(1, 0, 2), change(0, 3, 0), change(2, 0, 1)],
        stopped_by: None,
        only_there: false,
    };
    assert_eq!((&found[0].low, found[0].high.changes.len()), (&low, 0));
    let found = by(Misfit::Partial);
    assert_eq!(found[0].low.changes, [change(1, 0, 2), change(0, 3, 1)]);
    let found = by(Misfit::Stop);
    assert_eq!(found[0].low.changes, [change(1, 0, 2), change(0, 3, 0)]);
}

/// Need (60%) and reach: one 90 and 10, one 50 and 50, one 10 and 90: 58, 50 and 42. All three have 50 where need weighs half, and below that they
/// stand the other way round. The outer ones ask 2 units, the middle one 3, and 4 are there: passing over the middle one, both orders give
/// the outer ones theirs. Where all three are equal lots decide: by sha256sum that of s:N-2, the middle one, is 0a10b2e0…, the smallest, and it
/// gets 3.
#[test]
fn an_award_that_changes_at_one_weight_alone_ends_the_interval() {
    let (rules, all) = (rules(vec![(6_000, line_to(100)), (4_000, line_to(100))]), candidates(&[vec![90, 10], vec![10, 90], vec![50, 50]]));
    let pool = Pool::gather(&rules, &all).unwrap();
    let claims = claims(&[(2, 1), (2, 1), (3, 1)]);
    let found =
        held(&pool, "s", &Laying { rule: &rule(Misfit::Skip), unit_cost: Money::cents(1), pot: Money::cents(4), claims: &claims }).unwrap();
    let low = &found[0].low;
    assert_eq!((&low.weight, low.only_there, low.or.is_none()), (&Exact::whole(5_000), true, true));
    let told: Vec<(&str, i64, i64)> = low.changes.iter().map(|one| (one.candidate.as_str(), one.now, one.then)).collect();
    assert_eq!(told, [("id-2", 0, 3), ("id-1", 2, 0), ("id-0", 2, 0)]);
    assert_eq!((&found[0].high.weight, found[0].high.changes.len()), (&Exact::whole(10_000), 0));
}

/// Need 50%, reach 30%, support 20%. A has 0, 100, 0; of need's share x its sum is 60(1 − x). B has need 100, support 0 and no reach: x of the
/// x + 0.4(1 − x) that count: 100x ÷ (0.4 + 0.6x). Equal where 60(1 − x)(0.4 + 0.6x) = 100x, 9x² + 22x − 6 = 0, x = (√700 − 22) ÷ 18: √700 is
/// 26.457513110645…, so 0.247639617258…: between 2,476.396172 and 2,476.396173 basis points.
#[test]
fn an_end_that_is_no_fraction_is_told_between_two() {
    let mut rules = rules(vec![(5_000, line_to(100)), (3_000, line_to(100)), (2_000, line_to(100))]);
    rules.criteria[1].missing = Missing::Exclude;
    let mut all = candidates(&[vec![0, 100, 0], vec![100, 0, 0]]);
    all[1].inputs.remove("k1");
    let pool = Pool::gather(&rules, &all).unwrap();
    let claims = claims(&[(1, 1), (1, 1)]);
    let found =
        held(&pool, "s", &Laying { rule: &rule(Misfit::Stop), unit_cost: Money::cents(1), pot: Money::cents(1), claims: &claims }).unwrap();
    let low = &found[0].low;
    assert_eq!((&low.weight, low.only_there), (&"2476396173/1000000".parse().unwrap(), false));
    assert_eq!(low.or, Some("2476396172/1000000".parse().unwrap()));
    assert_eq!(low.changes.iter().map(|one| (one.now, one.then)).collect::<Vec<_>>(), [(0, 1), (1, 0)]);
}

/// Letters 40% and promises 20%, together 30 at most; need 40%. A has 100, 100 and 0; B 0, 0 and 60. Of letters' share x A's group has
/// 100x + 100(1 − x)/3, a third of 100 at the least, so A has 30 always; B has 60 × 2/3 × (1 − x) = 40(1 − x): 24 now, and 30 at a quarter.
#[test]
fn a_group_at_its_cap_stands_still() {
    let mut rules = rules(vec![(4_000, line_to(100)), (2_000, line_to(100)), (4_000, line_to(100))]);
    rules.groups = vec![group(&[0, 1], 30)];
    let all = candidates(&[vec![100, 100, 0], vec![0, 0, 60]]);
    let pool = Pool::gather(&rules, &all).unwrap();
    let claims = claims(&[(1, 1), (1, 1)]);
    let found =
        held(&pool, "s", &Laying { rule: &rule(Misfit::Stop), unit_cost: Money::cents(1), pot: Money::cents(1), claims: &claims }).unwrap();
    assert_eq!((&found[0].low.weight, found[0].high.changes.len()), (&Exact::whole(2_500), 0));
}

/// A asks 2 units, B 3, and 2 are there. A comes first and gets them; below 70,000/13 of need B comes first, its request does not fit, and by
/// the rule the money stops: A loses its units and nobody gets any.
#[test]
fn who_stops_the_money_is_named_where_nobody_gets_more() {
    let (rules, all) = (rules(vec![(6_000, line_to(100)), (4_000, line_to(100))]), candidates(&[vec![90, 10], vec![30, 80]]));
    let pool = Pool::gather(&rules, &all).unwrap();
    let claims = claims(&[(2, 1), (3, 1)]);
    let found =
        held(&pool, "s", &Laying { rule: &rule(Misfit::Stop), unit_cost: Money::cents(1), pot: Money::cents(2), claims: &claims }).unwrap();
    let low = &found[0].low;
    assert_eq!((low.weight.clone(), low.stopped_by.as_deref(), low.changes.len()), ("70000/13".parse().unwrap(), Some("id-1"), 1));
}

/// A and B are alike in all, so their lots decide between them all the way; C comes before both at 70,000/13 at once. One unit each, two are there.
#[test]
fn who_is_alike_is_passed_at_once() {
    let (rules, all) = (rules(vec![(6_000, line_to(100)), (4_000, line_to(100))]), candidates(&[vec![90, 10], vec![90, 10], vec![30, 80]]));
    let pool = Pool::gather(&rules, &all).unwrap();
    let claims = claims(&[(1, 1), (1, 1), (1, 1)]);
    for (pot, falls) in [(1, "id-1"), (2, "id-0")] {
        let found =
            held(&pool, "s", &Laying { rule: &rule(Misfit::Skip), unit_cost: Money::cents(1), pot: Money::cents(pot), claims: &claims })
                .unwrap();
        let changes: Vec<(&str, i64)> = found[0].low.changes.iter().map(|one| (one.candidate.as_str(), one.then)).collect();
        assert_eq!((found[0].low.weight.clone(), changes), ("70000/13".parse().unwrap(), vec![("id-2", 1), (falls, 0)]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// At a hundred weights and the ends; and no place is told that none of them and of the sums' own crossings gives.
    #[test]
    fn ranges_hold_every_place_on_bent_ways((rules, candidates) in pools(true, true), low in 1_u32..10, high in 1_u32..10) {
        let pool = Pool::gather(&rules, &candidates).unwrap();
        let (low, high) = (low.min(high) * 1_000, low.max(high) * 1_000);
        for moved in 0..4 {
            let found = ranges(&pool, "s", &rules.criteria[moved].key, low, high).unwrap();
            prop_assert_eq!(found.len(), candidates.len());
            for part in 0..=100 {
                let weight = Exact::ratio(i128::from(low) * 100 + i128::from(high - low) * part, 100).unwrap();
                let mut order: Vec<(Exact, usize)> = (0..candidates.len()).map(|one| (total_at(&pool, moved, &weight, one), one)).collect();
                order.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| by_ties(&pool, "s", a.1, b.1)));
                for (place, (_, one)) in (1..).zip(order) {
                    let range = found.iter().find(|range| range.candidate == pool.candidates()[one].id).unwrap();
                    prop_assert!(range.best <= place && place <= range.worst, "{} at {}: {} in {:?}", moved, weight, place, range);
                }
            }
        }
    }

    /// Straight lines, followed as if they were bent.
    #[test]
    fn both_ways_to_ranges_agree((rules, candidates) in pools(false, false), low in 0_u32..=10, high in 0_u32..=10) {
        let pool = Pool::gather(&rules, &candidates).unwrap();
        let (low, high) = (low.min(high) * 1_000, low.max(high) * 1_000);
        for moved in 0..4 {
            prop_assert_eq!(along_curves(&pool, "s", moved, low, high), ranges(&pool, "s", &rules.criteria[moved].key, low, high));
        }
    }
}
