//! Gates, groups, bonuses, formulas, numbers left out and scales that look at the pool; and that the quick sums give the exact order.

use super::*;
use crate::ruleset::{Bend, Criterion, Gate, Group, Missing, Scale, Source};

fn of(key: &str, weight: u32, scale: Scale) -> Criterion {
    Criterion {
        key: key.to_owned(),
        name: key.to_uppercase(),
        plain: String::new(),
        weight,
        bonus: weight == 0,
        citation: "test".to_owned(),
        synthetic: true,
        source: Source::Fact { key: key.to_owned() },
        scale,
        missing: Missing::Error,
    }
}

fn line(from: i64, to: i64) -> Scale {
    Scale::Linear { from: from.into(), to: to.into(), from_points: Decimal::ZERO, to_points: Decimal::ONE_HUNDRED }
}

fn rules_of(criteria: Vec<Criterion>) -> RuleSet {
    RuleSet {
        version: 1,
        citation: "test".to_owned(),
        gates: Vec::new(),
        criteria,
        groups: Vec::new(),
        ties: vec![TieStep::Lot],
        panel: None,
    }
}

fn one(number: &str, values: &[(&str, &str)]) -> Candidate {
    let inputs = values.iter().map(|(key, value)| ((*key).to_owned(), input(value))).collect();
    Candidate { id: format!("id-{number}"), number: number.to_owned(), inputs }
}

fn shown(ranking: &Ranking) -> Vec<(&str, String)> {
    ranking.places.iter().map(|place| (place.number.as_str(), String::from(place.points.clone()))).collect()
}

#[test]
fn a_bonus_and_a_penalty_are_added_as_they_are() {
    let bonus = Scale::YesNo { zero: Decimal::ZERO, nonzero: 5.into() };
    let penalty = Scale::YesNo { zero: Decimal::ZERO, nonzero: (-30).into() };
    let rules = rules_of(vec![of("need", 10_000, line(0, 100)), of("first", 0, bonus), of("late", 0, penalty)]);
    let pool = [one("A", &[("need", "50"), ("first", "1"), ("late", "0")]), one("B", &[("need", "20"), ("first", "0"), ("late", "1")])];
    assert_eq!(shown(&rank(&rules, &pool, "s").unwrap()), [("A", "55".to_owned()), ("B", "-10".to_owned())]);
}

#[test]
fn a_formula_keeps_what_it_drew_on() {
    let mut need = of("need", 10_000, line(0, 50));
    need.source = Source::Formula { formula: "(jobless + poor) / 3".parse_formula() };
    let ranking = rank(&rules_of(vec![need]), &[one("A", &[("jobless", "10"), ("poor", "40")])], "s").unwrap();
    let part = &ranking.places[0].parts[0];
    assert_eq!(part.exact.clone().map(String::from), Some("50/3".to_owned()));
    assert_eq!(part.counted.to_string(), "16.666666667");
    assert_eq!((String::from(part.points.clone()), part.drawn.len()), ("100/3".to_owned(), 2));
    assert_eq!(part.input.source, "Computed: (jobless + poor) / 3");
}

#[test]
fn a_formula_without_a_value_is_a_problem_that_names_the_number() {
    let mut need = of("need", 10_000, line(0, 50));
    need.source = Source::Formula { formula: "poor / seats".parse_formula() };
    let rules = rules_of(vec![need]);
    let problem = |candidate: Candidate| rank(&rules, &[candidate], "s").unwrap_err()[0].to_string();
    assert_eq!(
        problem(one("A", &[("poor", "4")])),
        "A has no figure for “NEED” (seats). Add it, or find the application ineligible; it is never taken as zero."
    );
    assert_eq!(
        problem(one("A", &[("poor", "4"), ("seats", "0")])),
        "A: the formula of “NEED” has no value: Nothing can be divided by zero."
    );
}

#[test]
fn who_does_not_meet_a_gate_is_named_and_not_ranked() {
    let mut rules = rules_of(vec![of("need", 10_000, line(0, 100))]);
    rules.gates.push(Gate {
        key: "small".to_owned(),
        name: "At most 5,000 students".to_owned(),
        plain: String::new(),
        must: "students <= 5000 and not barred > 0".parse_formula(),
        citation: "test".to_owned(),
        synthetic: true,
    });
    let pool = [
        one("A", &[("need", "50"), ("students", "5000"), ("barred", "0")]),
        one("B", &[("need", "90"), ("students", "5001"), ("barred", "0")]),
        one("C", &[("students", "5001"), ("barred", "0")]),
    ];
    let ranking = rank(&rules, &pool, "s").unwrap();
    assert_eq!(shown(&ranking), [("A", "50".to_owned())]);
    let out: Vec<_> = ranking.shut_out.iter().map(|out| (out.number.as_str(), out.gate.as_str(), out.drawn.len())).collect();
    assert_eq!(out, [("B", "small", 2), ("C", "small", 2)], "whoever is shut out needs no other number");
    let missing = rank(&rules, &[one("D", &[("need", "1"), ("students", "7")])], "s").unwrap_err();
    assert!(matches!(&missing[..], [RankingProblem::Missing { input, .. }] if input == "barred"));
}

#[test]
fn a_group_adds_at_most_its_cap() {
    let mut rules = rules_of(vec![of("a", 4_000, line(0, 100)), of("b", 4_000, line(0, 100)), of("c", 2_000, line(0, 100))]);
    rules.groups.push(Group {
        key: "letters".to_owned(),
        name: "Letters and visits".to_owned(),
        criteria: vec!["a".to_owned(), "b".to_owned()],
        cap: 50.into(),
        citation: "test".to_owned(),
        synthetic: true,
    });
    let pool = [one("A", &[("a", "100"), ("b", "50"), ("c", "0")]), one("B", &[("a", "60"), ("b", "60"), ("c", "30")])];
    let ranking = rank(&rules, &pool, "s").unwrap();
    assert_eq!(shown(&ranking), [("B", "54".to_owned()), ("A", "50".to_owned())]);
    let capped = &ranking.places[1].capped[0];
    assert_eq!((capped.group.as_str(), capped.sum.shown(), capped.cap.shown()), ("letters", "60".to_owned(), "50".to_owned()));
    assert!(ranking.places[0].capped.is_empty());
}

/// Worked by hand: without B's 4,000 of 10,000, what is left weighs 6,000: 80 × 3,000/6,000 + 20 × 3,000/6,000 = 50.
#[test]
fn a_criterion_left_out_makes_the_others_weigh_more() {
    let mut b = of("b", 4_000, line(0, 100));
    b.missing = Missing::Exclude;
    let rules = rules_of(vec![of("a", 3_000, line(0, 100)), b, of("c", 3_000, line(0, 100))]);
    let pool = [one("A", &[("a", "80"), ("c", "20")]), one("B", &[("a", "80"), ("b", "0"), ("c", "20")])];
    let ranking = rank(&rules, &pool, "s").unwrap();
    assert_eq!(shown(&ranking), [("A", "50".to_owned()), ("B", "30".to_owned())]);
    assert_eq!(ranking.places[0].left_out, [LeftOut { criterion: "b".to_owned(), name: "B".to_owned(), input: "b".to_owned() }]);
    assert_eq!(ranking.places[0].parts.len(), 2);
}

#[test]
fn nobody_is_weighed_by_nothing_and_a_contested_number_waits() {
    let mut only = of("a", 10_000, line(0, 100));
    only.missing = Missing::Exclude;
    let problems = rank(&rules_of(vec![only.clone()]), &[one("A", &[])], "s").unwrap_err();
    assert_eq!(problems, [RankingProblem::NothingCounts { number: "A".to_owned() }]);
    only.missing = Missing::Contest;
    assert!(matches!(&rank(&rules_of(vec![only]), &[one("A", &[])], "s").unwrap_err()[..], [RankingProblem::Contested { .. }]));
}

trait ParseFormula {
    fn parse_formula(&self) -> crate::formula::Formula;
}

impl ParseFormula for str {
    fn parse_formula(&self) -> crate::formula::Formula {
        crate::formula::Formula::parse(self).unwrap()
    }
}

/// Any scale, with ends that give thirds, sevenths and primes.
fn some_scale() -> impl Strategy<Value = Scale> {
    let tidy = (0_i64..900, 1_i64..997).prop_map(|(from, width)| line(from, from + width));
    let bends = prop::collection::btree_map(0_i64..1_000, 0_i64..=100, 2..5).prop_map(|bends| Scale::Piecewise {
        bends: bends.into_iter().map(|(at, points)| Bend { at: at.into(), points: points.into() }).collect(),
    });
    let z = (-30_i64..30).prop_map(|per| Scale::ZScore { middle: 50.into(), per_deviation: per.into(), least: 0.into(), most: 100.into() });
    prop_oneof![
        3 => tidy,
        2 => bends,
        1 => z,
        1 => Just(Scale::Percentile { lowest: 0.into(), highest: 100.into() }),
        1 => Just(Scale::YesNo { zero: 100.into(), nonzero: 0.into() }),
        1 => Just(Scale::AsScored),
    ]
}

/// A pool under rules with up to twelve criteria, some of them bonuses, some in a group, some numbers missing.
fn some_pool() -> impl Strategy<Value = (RuleSet, Vec<Candidate>)> {
    let criteria = prop::collection::vec((some_scale(), any::<bool>(), any::<bool>()), 1..12);
    (criteria, 1_usize..40, any::<u64>()).prop_map(|(scales, count, mut chance)| {
        let mut draw = move |below: u64| {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (chance >> 33) % below
        };
        let weighted = u32::try_from(scales.len()).unwrap();
        let mut criteria: Vec<Criterion> = scales
            .into_iter()
            .enumerate()
            .map(|(index, (scale, gaps, _))| {
                let mut one = of(&format!("k{index}"), WHOLE / weighted, scale);
                one.missing = if gaps && index > 0 { Missing::Exclude } else { Missing::Error };
                one
            })
            .collect();
        criteria[0].weight += WHOLE % weighted;
        let mut rules = rules_of(criteria);
        if rules.criteria.len() > 2 && draw(2) == 0 {
            let members = rules.criteria.iter().take(2).map(|criterion| criterion.key.clone()).collect();
            let (key, name, citation) = ("g".to_owned(), "G".to_owned(), "test".to_owned());
            rules.groups.push(Group { key, name, criteria: members, cap: 7.into(), citation, synthetic: true });
        }
        let candidates = (0..count)
            .map(|index| {
                let mut candidate = one(&format!("N-{index}"), &[]);
                for criterion in &rules.criteria {
                    if criterion.missing == Missing::Error || draw(5) > 0 {
                        // Few different values, so that ties come often.
                        let value = if draw(3) == 0 { draw(4) * 250 } else { draw(10_000) };
                        let value = Decimal::new(i64::try_from(value).unwrap(), 1);
                        candidate.inputs.insert(criterion.key.clone(), input(&value.to_string()));
                    }
                }
                candidate
            })
            .collect();
        (rules, candidates)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_quick_sums_give_the_exact_order((rules, candidates) in some_pool()) {
        let pool = Pool::gather(&rules, &candidates).unwrap();
        let mut exact: Vec<(Exact, String, &str)> =
            pool.candidates().iter().enumerate().map(|(index, one)| (pool.total(index), lot("s", &one.number), one.number.as_str())).collect();
        exact.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let standing = Standing::of(&pool, "s");
        let quick: Vec<&str> = standing.in_order().map(|one| one.number.as_str()).collect();
        prop_assert_eq!(quick, exact.iter().map(|one| one.2).collect::<Vec<_>>());
        for (place, (total, ..)) in standing.places().iter().zip(&exact) {
            let grouped: Exact = place.capped.iter().map(|capped| &capped.cap - &capped.sum).collect::<Vec<_>>().iter().sum();
            let sum: Exact = place.parts.iter().map(|part| &part.product).sum();
            prop_assert_eq!(&(&sum + &grouped), total);
            let equal = exact.iter().filter(|other| other.0 == *total).count();
            prop_assert_eq!(place.tie.as_ref().map_or(1, |tie| tie.others as usize + 1), equal);
        }
    }

    #[test]
    fn halving_every_weight_changes_nothing(values in prop::collection::vec((0_i64..100, 0_i64..100), 1..30), weight in 1_u32..4_999) {
        // The other half is weighed on what everybody has the same of, since weights make a whole.
        let (full, half) = (weight * 2, weight);
        let two = |a: u32, b: u32| vec![of("a", a, line(0, 97)), of("b", b, line(90, 11))];
        let mut halved = two(half, WHOLE / 2 - half);
        halved.push(of("same", WHOLE / 2, Scale::AsScored));
        let all = |(index, (a, b)): (usize, &(i64, i64))| {
            one(&format!("N-{index}"), &[("a", &a.to_string()), ("b", &b.to_string()), ("same", "50")])
        };
        let candidates: Vec<Candidate> = values.iter().enumerate().map(all).collect();
        let order = |criteria: Vec<Criterion>| {
            let ranking = rank(&rules_of(criteria), &candidates, "s").unwrap();
            ranking.places.into_iter().map(|place| place.number).collect::<Vec<_>>()
        };
        prop_assert_eq!(order(two(full, WHOLE - full)), order(halved));
    }
}

#[test]
fn other_numbers_shift_points_and_places_and_what_is_missing_hinders_no_other_criterion() {
    let rules = rules_of(vec![of("need", 5_000, line(0, 100)), of("size", 5_000, line(0, 10))]);
    let before = [one("A-1", &[("need", "40"), ("size", "5")]), one("A-2", &[("need", "30"), ("size", "5")])];
    let after = [one("A-1", &[("need", "40"), ("size", "5")]), one("A-2", &[("need", "60"), ("size", "5")])];
    let told =
        |before: &[Candidate], after: &[Candidate]| shifts(&rules, "s", before, after).iter().map(Shift::to_string).collect::<Vec<_>>();
    assert_eq!(told(&before, &before), Vec::<String>::new());
    assert_eq!(told(&before, &after), ["A-2: NEED 30 → 60; in all 40 → 55 points, place 2 → 1"]);
    let unscored = [one("A-1", &[("need", "40")]), one("A-2", &[("size", "5")])];
    let scored = [one("A-1", &[("need", "40")]), one("A-2", &[("need", "60"), ("size", "7")])];
    assert_eq!(told(&unscored, &scored), ["A-2: NEED no points yet → 60; SIZE 50 → 70"]);
}
