//! Numbers that formulas, capped groups, several criteria, conditions and scales that compare applicants draw on.

use super::super::{Change, Of, everybodys_changes, smallest_changes};
use super::{candidate, place, with};
use crate::formula::Formula;
use crate::ranking::{Candidate, Pool, Standing};
use crate::ruleset::{Anchor, Bend, Criterion, Gate, Group, Missing, RuleSet, Scale, ScaleStep, Source, TieStep};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn criterion(key: &str, weight: u32, source: Source, scale: Scale) -> Criterion {
    Criterion {
        key: key.to_owned(),
        name: key.to_uppercase(),
        plain: String::new(),
        weight,
        bonus: weight == 0,
        citation: "test".to_owned(),
        synthetic: true,
        source,
        scale,
        missing: Missing::Error,
    }
}

fn fact(key: &str) -> Source {
    Source::Fact { key: key.to_owned() }
}

fn formula(text: &str) -> Source {
    Source::Formula { formula: Formula::parse(text).unwrap() }
}

fn line(from: i64, to: i64) -> Scale {
    Scale::Linear { from: from.into(), to: to.into(), from_points: 0.into(), to_points: 100.into() }
}

/// Over `poor`, `size`, `far` and `seats`, and the score `plan`.
fn formulas() -> impl Strategy<Value = Source> {
    prop::sample::select(vec![
        "poor / (size + 1)",
        "100 * poor / (size + far + 1)",
        "abs(size - 20) + far",
        "if(size > 15, poor, 30 - poor)",
        "round(size / 7, 0) * 5",
        "clamp(poor - size, 0, 40) + plan / 2",
        "max(poor, size) * min(far, 12)",
        "60 / (size - 10)",
        "(poor - 14) * (poor - 22)",
        "if(seats >= 2 and not (far = 7), 50, size)",
    ])
    .prop_map(formula)
}

fn scales() -> impl Strategy<Value = Scale> {
    let steps = |at: [i64; 2]| at.map(|up_to| ScaleStep { up_to: up_to.into(), points: (up_to * 2).into() }).to_vec();
    prop_oneof![
        3 => Just(line(0, 30)),
        1 => Just(line(35, 5)),
        1 => Just(Scale::Steps { steps: steps([8, 20]), above: 10.into() }),
        1 => Just(Scale::Piecewise { bends: [(0, 10), (12, 70), (25, 20)].map(|(at, points): (i64, i64)| Bend { at: at.into(), points: points.into() }).to_vec() }),
        2 => Just(Scale::Percentile { lowest: 0.into(), highest: 100.into() }),
        1 => Just(Scale::Percentile { lowest: 80.into(), highest: 0.into() }),
        2 => Just(Scale::ZScore { middle: 50.into(), per_deviation: 15.into(), least: 0.into(), most: 100.into() }),
        1 => Just(Scale::ZScore { middle: 40.into(), per_deviation: Decimal::from(-30), least: 0.into(), most: 90.into() }),
    ]
}

fn rules() -> impl Strategy<Value = RuleSet> {
    let tie = prop::sample::select(vec![
        vec![],
        vec![TieStep::Higher("far".to_owned())],
        vec![TieStep::Points("c0".to_owned()), TieStep::Lower("size".to_owned())],
    ]);
    let gate = prop::sample::select(vec![None, Some("size > 3"), Some("poor + size < 55 or far = 1")]);
    (prop::collection::vec(scales(), 4), formulas(), 0..4_u32, tie, gate, 10..60_i64).prop_map(
        |(scales, formula, shape, mut ties, gate, cap)| {
            ties.push(TieStep::Lot);
            let mut scale = scales.into_iter();
            let mut next = || scale.next().unwrap();
            let anchors = [0, 40, 100].map(|points| Anchor { points: points.into(), text: String::new() }).to_vec();
            let mut criteria = vec![
                criterion("c0", 4_000, fact("poor"), next()),
                criterion("c1", 2_500, formula, next()),
                criterion("c2", 1_500, fact(if shape % 2 == 0 { "size" } else { "poor" }), next()),
                criterion("c3", 1_000, Source::Evidence { key: "seats".to_owned(), cap: 4 }, next()),
                criterion("plan", 1_000, Source::Rubric { anchors }, Scale::AsScored),
            ];
            let mut groups = Vec::new();
            if shape > 1 {
                let members = ["c0", "c2", "plan"].map(str::to_owned).to_vec();
                let (key, name, citation) = ("g".to_owned(), "G".to_owned(), "test".to_owned());
                groups.push(Group { key, name, criteria: members, cap: cap.into(), citation, synthetic: true });
            } else if shape == 1 {
                criteria.push(criterion("bonus", 0, fact("far"), line(0, 90)));
            }
            let of = |text: &str| Gate {
                key: "gate".to_owned(),
                name: "Gate".to_owned(),
                plain: String::new(),
                must: Formula::parse(text).unwrap(),
                citation: "test".to_owned(),
                synthetic: true,
            };
            let gates = gate.into_iter().map(of).collect();
            RuleSet { version: 1, citation: "test".to_owned(), gates, criteria, groups, ties, panel: None }
        },
    )
}

fn pool() -> impl Strategy<Value = Vec<Candidate>> {
    let one = (0_i64..35, 0_i64..35, 0_i64..20, 0_i64..7, prop::sample::select(vec![0_i64, 40, 100]));
    prop::collection::vec(one, 1..8).prop_map(|all| {
        let of = |(number, (poor, size, far, seats, plan)): (usize, (i64, i64, i64, i64, i64))| {
            let values = [("poor", poor), ("size", size), ("far", far), ("seats", seats), ("plan", plan)];
            candidate(number, &values.map(|(key, value)| (key, Decimal::from(value))))
        };
        all.into_iter().enumerate().map(of).collect()
    })
}

/// As [`place`], but none of somebody who is not ranked.
fn ranked(rules: &RuleSet, candidates: &[Candidate], id: &str) -> Option<u32> {
    let pool = Pool::gather(rules, candidates).ok()?;
    let at = Standing::of(&pool, "s").in_order().position(|one| one.id == id)?;
    u32::try_from(at + 1).ok()
}

/// The values that a number may take, as far as any can matter and further.
fn values(key: &str, rules: &RuleSet) -> Vec<Decimal> {
    let formula_counts = rules.criteria[1].inputs().contains(&"seats");
    match key {
        "plan" => [0, 40, 100].map(Decimal::from).to_vec(),
        "seats" if !formula_counts => (0..=4).map(Decimal::from).collect(),
        _ => (0..100).map(Decimal::from).collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Each change told crosses the line, no nearer value does, and where none is told, none does.
    #[test]
    fn the_nearest_value_that_crosses_is_told(rules in rules(), candidates in pool(), chosen in any::<prop::sample::Index>(), line in 1_u32..6) {
        let id = candidates[chosen.index(candidates.len())].id.clone();
        let Some(before) = ranked(&rules, &candidates, &id) else { return Ok(()) };
        let above = before <= line;
        let changes = smallest_changes(&rules, &candidates, "s", &id, line).unwrap();
        for key in ["poor", "size", "far", "seats", "plan"] {
            let asked = rules.inputs().contains(&key) && (key != "size" || rules.criteria.iter().any(|one| one.inputs().contains(&key)) || rules.ties.len() > 2);
            let of = |change: &&Change| matches!(&change.of, Of::Input { key: changed, .. } if changed == key);
            let told = changes.iter().find(of);
            prop_assert!(asked || told.is_none());
            let own = candidates.iter().find(|one| one.id == id).unwrap().inputs[key].value;
            let crosses = |value: &Decimal| ranked(&rules, &with(&candidates, &id, key, *value), &id).is_some_and(|place| (place <= line) != above);
            let nearest = values(key, &rules).into_iter().filter(|value| *value != own && crosses(value)).min_by_key(|value| ((*value - own).abs(), -*value));
            match (told, nearest) {
                (Some(change), Some(nearest)) => {
                    prop_assert_eq!(change.to, nearest, "{}", key);
                    prop_assert_eq!(change.place, place(&rules, &with(&candidates, &id, key, change.to), &id));
                }
                // Further away than was tried here.
                (Some(change), None) => prop_assert!(change.to >= 100.into() && crosses(&change.to), "{}: {:?}", key, change),
                (None, nearest) => prop_assert!(nearest.is_none(), "{key} {nearest:?}"),
            }
        }
    }

    /// Everybody at once is told the same.
    #[test]
    fn all_are_told_the_same(rules in rules(), candidates in pool(), line in 1_u32..6) {
        let Ok(told) = everybodys_changes(&rules, &candidates, "s", line) else { return Ok(()) };
        for one in told {
            prop_assert_eq!(&one.changes, &smallest_changes(&rules, &candidates, "s", &one.candidate, line).unwrap());
        }
    }
}

/// By hand: need is poor ÷ size in percent, from 0 to 100 points over 0 to 50, at 60%; size weighs 40%, 0 to 100. B has 10/40 → 25% → 50 → 30
/// and 40 → 16, in all 46. A has 8/20 → 40% → 80 → 48 and 20 → 8, in all 56. With poor p, A has 60 × (p/20 × 2) + 8: at 6 it is 44 and
/// behind, at 7 it is 50 and ahead. With size s, 960/s + 0.4 s: at 33 it is 29.09 + 13.2 = 42.29 and behind; at 28, 34.29 + 11.2 = 45.49
/// and behind; at 27, 35.56 + 10.8 = 46.36 and ahead.
#[test]
fn a_number_in_a_formula_and_a_criterion_is_changed_in_both() {
    let criteria =
        vec![criterion("need", 6_000, formula("100 * poor / size"), line(0, 50)), criterion("size", 4_000, fact("size"), line(0, 100))];
    let rules = RuleSet {
        version: 1,
        citation: "test".to_owned(),
        gates: Vec::new(),
        criteria,
        groups: Vec::new(),
        ties: vec![TieStep::Lot],
        panel: None,
    };
    let two = [(8, 20), (10, 40)].map(|(poor, size): (i64, i64)| [("poor", poor.into()), ("size", size.into())]);
    let two: Vec<Candidate> = two.iter().enumerate().map(|(number, values)| candidate(number, values)).collect();
    let told = smallest_changes(&rules, &two, "s", "id-0", 1).unwrap();
    let told: Vec<_> = told.into_iter().filter(|change| change.of != Of::Weight).collect();
    let within = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(told.len(), 2);
    assert_eq!((told[0].name.as_str(), told[0].to, told[0].place), ("poor", 6.into(), 2));
    assert_eq!((told[1].name.as_str(), told[1].to, told[1].place), ("SIZE", 28.into(), 2));
    assert_eq!(told[0].of, Of::Input { key: "poor".to_owned(), within: within(&["NEED"]) });
    assert_eq!(told[1].of.drawn_on_by().as_deref(), Some("drawn on by NEED and SIZE"));
    assert_eq!(told[1].of, Of::Input { key: "size".to_owned(), within: within(&["NEED", "SIZE"]) });
}
