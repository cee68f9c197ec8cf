use super::*;
use crate::facts::Input;
use crate::program::ProgramFile;
use crate::ruleset::{Scale, TieStep};
use proptest::prelude::*;
use std::ops::Range;
use std::sync::LazyLock;

mod by_points;
mod drawn;
mod turn;

static RULES: LazyLock<RuleSet> =
    LazyLock::new(|| ProgramFile::parse(include_str!("../../../programs/acceleratems-2023-24.toml")).unwrap().ranking);

fn candidate(number: usize, values: &[(&str, Decimal)]) -> Candidate {
    let input = |value: Decimal| Input { value, source: "test".to_owned(), year: None, place: String::new(), synthetic: true };
    let inputs = values.iter().map(|(key, value)| ((*key).to_owned(), input(*value))).collect();
    Candidate { id: format!("id-{number}"), number: format!("N-{number}"), inputs }
}

/// A few who differ and a crowd of whom most are alike in every number, more than are told apart one by one.
fn crowd() -> impl Strategy<Value = Vec<Candidate>> {
    let nudges = prop::collection::vec((0_usize..7, 0_u32..3), 9..14);
    (pool(1..5), nudges).prop_map(|(few, nudges)| {
        let mut all = few.clone();
        for (nth, (which, by)) in nudges.into_iter().enumerate() {
            let number = few.len() + nth;
            let mut one = Candidate { id: format!("id-{number}"), number: format!("N-{number}"), ..few[0].clone() };
            // Two of three are the first over again; rubrics know their levels only.
            let key = ["coaches_in_place", "county_unemployment_rate", "child_poverty_rate", "letters", "college_distance_km"].get(which);
            if let Some(input) = key.and_then(|key| one.inputs.get_mut(*key)).filter(|_| by > 1) {
                input.value += Decimal::ONE;
            }
            all.push(one);
        }
        all
    })
}

/// Coaches, unemployment and poverty in tenths, letters, two scores, tenths of kilometers.
type Seven = (i64, i64, i64, i64, i64, i64, i64);

fn pool(size: Range<usize>) -> impl Strategy<Value = Vec<Candidate>> {
    let level = |levels: [i64; 4]| prop::sample::select(levels.to_vec());
    let one = (0_i64..2, 30_i64..100, 0_i64..600, 0_i64..9, level([0, 40, 70, 100]), level([0, 50, 80, 100]), 0_i64..900);
    prop::collection::vec(one, size).prop_map(|all| {
        let of = |(number, values): (usize, Seven)| {
            let (coaches, jobless, poor, letters, support, ties, km) = values;
            candidate(
                number,
                &[
                    ("coaches_in_place", coaches.into()),
                    ("county_unemployment_rate", Decimal::new(jobless, 1)),
                    ("child_poverty_rate", Decimal::new(poor, 1)),
                    ("letters", letters.into()),
                    ("community_support", support.into()),
                    ("college_ties", ties.into()),
                    ("college_distance_km", Decimal::new(km, 1)),
                ],
            )
        };
        all.into_iter().enumerate().map(of).collect()
    })
}

fn place(rules: &RuleSet, candidates: &[Candidate], id: &str) -> u32 {
    let pool = Pool::gather_weighing_anything(rules, candidates).unwrap();
    let at = Standing::of(&pool, "s").in_order().position(|one| one.id == id).unwrap();
    u32::try_from(at + 1).unwrap()
}

fn with(candidates: &[Candidate], id: &str, key: &str, value: Decimal) -> Vec<Candidate> {
    let mut changed = candidates.to_vec();
    changed.iter_mut().find(|one| one.id == id).unwrap().inputs.get_mut(key).unwrap().value = value;
    changed
}

fn weighing(criterion: &str, weight: Decimal) -> RuleSet {
    let mut rules = RULES.clone();
    let one = rules.criteria.iter_mut().find(|one| one.key == criterion).unwrap();
    one.weight = weight.to_string().parse().unwrap();
    rules
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Everybody at once is told what each is told alone, by ranking again.
    #[test]
    fn all_are_told_what_each_is_told(candidates in prop_oneof![6 => pool(2..9), 1 => pool(10..14), 1 => crowd()], line in 0_u32..14, ties in any::<bool>(), wild in any::<bool>()) {
        let mut rules = RULES.clone();
        // Ends with so many digits that sums have no denominator that fits.
        for (nth, criterion) in (1..).zip(&mut rules.criteria).filter(|_| wild) {
            if let Scale::Linear { to, .. } = &mut criterion.scale {
                *to += Decimal::new(1_000_000_007 * nth, 15);
            }
        }
        if ties {
            let higher = TieStep::Higher("child_poverty_rate".to_owned());
            rules.ties = vec![TieStep::Points("community_support".to_owned()), higher, TieStep::Lower("letters".to_owned()), TieStep::Lot];
        }
        let told = everybodys_changes(&rules, &candidates, "s", line).unwrap();
        prop_assert_eq!(told.len(), candidates.len());
        for one in told {
            let alone = smallest_changes(&rules, &candidates, "s", &one.candidate, line).unwrap();
            prop_assert_eq!(&one.changes, &alone, "{}", one.candidate);
            prop_assert_eq!(one.place, place(&rules, &candidates, &one.candidate));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Each change told crosses the line when it is made, and no smaller one of that criterion does.
    #[test]
    fn a_change_told_crosses_and_none_smaller_does(candidates in pool(2..9), chosen in any::<prop::sample::Index>(), line in 1_u32..5) {
        let id = candidates[chosen.index(candidates.len())].id.clone();
        let before = place(&RULES, &candidates, &id) <= line;
        let changes = smallest_changes(&RULES, &candidates, "s", &id, line).unwrap();
        for criterion in &RULES.criteria {
            let key = criterion.input_key();
            let own = candidates.iter().find(|one| one.id == id).unwrap().inputs[key].value;
            let told = changes.iter().find(|change| change.of != Of::Weight && change.criterion == criterion.key);
            let step = Decimal::new(1, own.scale());
            // As far as any value can matter, and further; a rubric only on its levels, and nothing below zero.
            let levels: Vec<Decimal> = match &criterion.source {
                Source::Rubric { anchors } => anchors.iter().map(|anchor| anchor.points).collect(),
                Source::Evidence { cap, .. } => (0..=i64::from(*cap)).map(Decimal::from).collect(),
                _ => (0..1_000).map(|nth| step * Decimal::from(nth)).collect(),
            };
            // Nearer than the change told, every value is tried; where none is told, each thirteenth.
            let near = |value: &Decimal| told.is_some_and(|change| (*value - own).abs() <= (change.to - own).abs());
            let levels: Vec<Decimal> = levels.into_iter().enumerate().filter(|(nth, value)| near(value) || (told.is_none() && nth % 13 == 0)).map(|(_, value)| value).collect();
            let crosses = |value: &Decimal| (place(&RULES, &with(&candidates, &id, key, *value), &id) <= line) != before;
            let nearest = levels.into_iter().filter(|value| *value != own && crosses(value)).min_by_key(|value| ((*value - own).abs(), *value));
            match (told, nearest) {
                (Some(change), Some(nearest)) => {
                    prop_assert_eq!((change.to - own).abs(), (nearest - own).abs(), "{}", criterion.key);
                    prop_assert_eq!(change.place, place(&RULES, &with(&candidates, &id, key, change.to), &id));
                }
                (told, nearest) => prop_assert!(told.is_none() && nearest.is_none(), "{}: {told:?} {nearest:?}", criterion.key),
            }
        }
        for change in changes.iter().filter(|change| change.of == Of::Weight) {
            let at = |weight| place(&weighing(&change.criterion, weight), &candidates, &id);
            prop_assert_eq!(at(change.to), change.place);
            prop_assert_eq!(change.place <= line, !before);
            let size: i64 = (change.to - change.from).abs().to_string().parse().unwrap();
            for nearer in (1..size).step_by(usize::try_from(size / 40 + 1).unwrap()) {
                for weight in [change.from - Decimal::from(nearer), change.from + Decimal::from(nearer)] {
                    prop_assert!(weight < Decimal::ZERO || (at(weight) <= line) == before, "{} {weight}", change.criterion);
                }
            }
        }
    }
}

#[test]
fn nothing_is_told_of_somebody_who_is_not_there() {
    assert_eq!(smallest_changes(&RULES, &[], "s", "id-1", 3), Ok(Vec::new()));
}
