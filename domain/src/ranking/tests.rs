use super::*;
use crate::program::ProgramFile;
use crate::ruleset::{TieStep, WHOLE};
use proptest::prelude::*;
use std::sync::LazyLock;

mod deep;

/// The finished example round, read once.
static ROUND: LazyLock<ProgramFile> =
    LazyLock::new(|| ProgramFile::parse(include_str!("../../../programs/acceleratems-2023-24.toml")).unwrap());

/// The rules of the finished example round.
fn rules() -> RuleSet {
    ROUND.ranking.clone()
}

fn input(value: &str) -> Input {
    Input {
        value: value.parse().unwrap(),
        source: "worked by hand".to_owned(),
        year: Some(2020),
        place: "Test County".to_owned(),
        synthetic: true,
    }
}

/// A candidate by coaches, unemployment, child poverty, letters, support, ties and kilometers.
fn candidate(number: &str, values: [&str; 7]) -> Candidate {
    let keys = [
        "coaches_in_place",
        "county_unemployment_rate",
        "child_poverty_rate",
        "letters",
        "community_support",
        "college_ties",
        "college_distance_km",
    ];
    Candidate {
        id: format!("id-{number}"),
        number: number.to_owned(),
        inputs: keys.into_iter().zip(values).map(|(key, value)| (key.to_owned(), input(value))).collect(),
    }
}

fn three() -> Vec<Candidate> {
    vec![
        candidate("A-1", ["0", "7", "42.86", "3", "70", "50", "44.3"]),
        candidate("A-2", ["2", "9.9", "50", "8", "100", "100", "5"]),
        candidate("A-3", ["0", "4.5", "25.9", "0", "40", "0", "39.2"]),
    ]
}

/// The three priorities of the call, worked by hand (weights of programs/acceleratems-2023-24.toml):
///
/// | | A-1 | A-2 | A-3 |
/// |---|---|---|---|
/// | no coach, 30% | 0 → 100 → 30 | 2 → 0 → 0 | 0 → 100 → 30 |
/// | unemployment, 20%, 4 to 8 | 7 → 75 → 15 | 9.9 → 100 → 20 | 4.5 → 12.5 → 2.5 |
/// | child poverty, 15%, 15 to 45 | 42.86 → 27.86/30 → 92.8666… → 13.93 | 50 → 100 → 15 | 25.9 → 36.333… → 5.45 |
/// | letters, 10%, 0 to 5 | 3 → 60 → 6 | 8, counted 5 → 100 → 10 | 0 → 0 |
/// | support, 10% | 70 → 7 | 100 → 10 | 40 → 4 |
/// | ties, 10% | 50 → 5 | 100 → 10 | 0 |
/// | nearness, 5%, 60 to 10 | 44.3 → 15.7/50 → 31.4 → 1.57 | 5 → 100 → 5 | 39.2 → 20.8/50 → 41.6 → 2.08 |
/// | sum | 78.50 | 70 | 44.03 |
#[test]
fn three_districts_rank_as_worked_by_hand() {
    let ranking = rank(&ROUND.ranking, &three(), "seed").unwrap();
    let shown: Vec<_> = ranking.places.iter().map(|place| (place.place, place.number.as_str(), place.points.shown())).collect();
    assert_eq!(shown, [(1, "A-1", "78.5".to_owned()), (2, "A-2", "70".to_owned()), (3, "A-3", "44.03".to_owned())]);
    let parts = |index: usize| ranking.places[index].parts.iter().map(|part| part.product.shown()).collect::<Vec<_>>();
    assert_eq!(parts(0), ["30", "15", "13.93", "6", "7", "5", "1.57"]);
    assert_eq!(parts(2), ["30", "2.5", "5.45", "0", "4", "0", "2.08"]);
    assert_eq!(ranking.places[0].parts[2].points.shown(), "92.866667");
    assert_eq!((ranking.places[1].parts[3].input.value, ranking.places[1].parts[3].counted), (8.into(), 5.into()));
    assert!(ranking.places.iter().all(|place| place.tie.is_none()));
}

#[test]
fn a_missing_figure_is_named_and_never_zero() {
    let mut candidates = three();
    candidates[1].inputs.remove("child_poverty_rate");
    candidates[2].inputs.remove("letters");
    let problems = rank(&ROUND.ranking, &candidates, "seed").unwrap_err();
    let missing = |number: &str, criterion: &str, input: &str| RankingProblem::Missing {
        number: number.to_owned(),
        criterion: criterion.to_owned(),
        input: input.to_owned(),
    };
    assert_eq!(
        problems,
        [missing("A-2", "Children in poverty", "child_poverty_rate"), missing("A-3", "Letters of community support", "letters")]
    );
}

#[test]
fn a_figure_that_only_a_tie_break_needs_is_missed_too() {
    let mut rules = rules();
    rules.ties.insert(0, TieStep::Lower("enrollment".to_owned()));
    let problems = rank(&rules, &three(), "seed").unwrap_err();
    assert_eq!(problems.len(), 3);
    assert!(problems.iter().all(|problem| matches!(problem, RankingProblem::Missing { input, .. } if input == "enrollment")));
}

#[test]
fn a_score_between_the_written_levels_is_refused() {
    let mut candidates = three();
    candidates[0].inputs.insert("college_ties".to_owned(), input("65"));
    assert!(
        matches!(rank(&ROUND.ranking, &candidates, "s").unwrap_err().as_slice(), [RankingProblem::OffAnchor { value, .. }] if value == "65")
    );
}

#[test]
fn half_a_letter_is_no_count() {
    for value in ["0.5", "-1"] {
        let mut candidates = three();
        candidates[0].inputs.insert("letters".to_owned(), input(value));
        assert!(matches!(rank(&ROUND.ranking, &candidates, "s").unwrap_err().as_slice(), [RankingProblem::NotACount { .. }]), "{value}");
    }
}

#[test]
fn the_same_application_twice_is_refused() {
    let mut candidates = three();
    candidates.push(candidates[0].clone());
    assert_eq!(rank(&ROUND.ranking, &candidates, "s").unwrap_err(), [RankingProblem::Twice { number: "A-1".to_owned() }]);
}

#[test]
fn rules_that_are_no_whole_or_lack_the_lot_rank_nobody() {
    let mut rules = rules();
    rules.criteria[0].weight -= 1;
    rules.ties.pop();
    assert_eq!(rank(&rules, &three(), "s").unwrap_err().len(), 2);
}

/// B-1 and B-2 have equal points by different roads: 25% more poverty points on 15% against nearness. By hand: poverty 45 → 15, km 60 → 0, sum
/// 15; poverty 35 → 2/3 × 15 = 10, km 10 → 5, sum 15. Neither has points for “no coach”, so step 1 ties too and step 2, the higher child
/// poverty, puts B-1 first.
#[test]
fn equal_points_go_down_the_declared_chain_and_the_step_is_shown() {
    let candidates = [candidate("B-2", ["1", "4", "35", "0", "0", "0", "10"]), candidate("B-1", ["1", "4", "45", "0", "0", "0", "60"])];
    let ranking = rank(&ROUND.ranking, &candidates, "seed").unwrap();
    assert_eq!(ranking.places[0].points, ranking.places[1].points);
    assert_eq!(ranking.places[0].number, "B-1");
    let note = ranking.places[1].tie.as_ref().unwrap();
    assert_eq!(note.others, 1);
    let after = note.after.as_ref().unwrap();
    assert_eq!((after.number.as_str(), after.step, after.own.as_str(), after.other.as_str()), ("B-1", 2, "35", "45"));
    assert_eq!(after.how, "the higher “Children aged 5–17 in poverty” goes first");
    assert!(note.before.is_none());
}

/// The lots are those that anybody computes: `printf 'seed:C-1' | sha256sum`.
#[test]
fn identical_applications_are_separated_by_the_lot() {
    let same = ["1", "4", "45", "0", "0", "0", "60"];
    let ranking = rank(&ROUND.ranking, &["C-1", "C-2", "C-3"].map(|number| candidate(number, same)), "seed").unwrap();
    let order: Vec<_> = ranking.places.iter().map(|place| (place.number.as_str(), &place.lot[..8])).collect();
    assert_eq!(order, LOTS);
    let note = ranking.places[1].tie.as_ref().unwrap();
    assert_eq!((note.after.as_ref().unwrap().step, note.before.as_ref().unwrap().step), (4, 4));
    assert_eq!(note.others, 2);
}

const LOTS: [(&str, &str); 3] = [("C-3", "4bf8d241"), ("C-2", "91214dd9"), ("C-1", "a1846771")];

#[test]
fn a_frozen_ranking_replays_to_the_same_bytes() {
    let document = RankingDocument::make(&ROUND, "a seed", &three()).unwrap();
    let bytes = document.bytes().unwrap();
    let replayed = replay(&bytes).unwrap();
    assert!(replayed.same, "{:?}", replayed.differences);
    assert_eq!(replayed.again, document);
    assert_eq!(document.file_sha256, ROUND.sha256().unwrap());
}

/// Published rankings must replay for ever: when this test fails, this version no longer gives the bytes that earlier ones published.
#[test]
fn the_bytes_of_a_small_ranking_never_change() {
    let file = ProgramFile::parse(include_str!("../program/tests/small.toml")).unwrap();
    let small = |number: &str, values: [&str; 4]| Candidate {
        id: format!("id-{number}"),
        number: number.to_owned(),
        inputs: ["coaches_in_place", "letters", "college_ties", "enrollment"]
            .into_iter()
            .zip(values)
            .map(|(key, value)| (key.to_owned(), input(value)))
            .collect(),
    };
    let document =
        RankingDocument::make(&file, "a published seed", &[small("R-1", ["0", "1", "0", "800"]), small("R-2", ["0.0", "2", "0", "374"])])
            .unwrap();
    assert_eq!(document.sha256().unwrap(), "ca138cbfb2450d322340e3efa732bd14bd59f099355d825a869898b51c0ec655");
}

#[test]
fn a_changed_figure_is_found_by_replaying() {
    let document = RankingDocument::make(&ROUND, "a seed", &three()).unwrap();
    let text = String::from_utf8(document.bytes().unwrap()).unwrap();
    let replayed = replay(text.replacen("\"42.86\"", "\"12.86\"", 1).as_bytes()).unwrap();
    assert!(!replayed.same);
    assert!(replayed.differences.iter().any(|difference| difference.contains("hash of the inputs")));
    assert!(replayed.differences.iter().any(|difference| difference.contains("another result")));
}

#[test]
fn a_changed_layout_is_found_by_replaying() {
    let document = RankingDocument::make(&ROUND, "a seed", &three()).unwrap();
    let pretty = serde_json::to_vec_pretty(&document).unwrap();
    let replayed = replay(&pretty).unwrap();
    assert!(!replayed.same);
    assert_eq!(replayed.differences, ["The file says the same, but is not in canonical form."]);
}

#[test]
fn what_is_no_document_is_refused_kindly() {
    for bytes in [&b""[..], b"{}", b"[1,2", b"\xff\xfe", b"{\"format\":1}"] {
        assert!(matches!(replay(bytes), Err(ReplayError::NotADocument(_))));
    }
    let mut document = RankingDocument::make(&ROUND, "a seed", &three()).unwrap();
    document.format = "allotment-ranking/9".to_owned();
    assert_eq!(replay(&document.bytes().unwrap()), Err(ReplayError::OtherFormat("allotment-ranking/9".to_owned())));
}

#[test]
fn numbers_of_absurd_length_stay_exact() {
    let mut candidates = three();
    candidates[0].inputs.insert("county_unemployment_rate".to_owned(), input("4.1234567890123456789012345671"));
    candidates[0].inputs.insert("child_poverty_rate".to_owned(), input("15.123456789012345678901234567"));
    let ranking = rank(&ROUND.ranking, &candidates, "s").unwrap();
    let place = ranking.places.iter().find(|place| place.number == "A-1").unwrap();
    // 20% of a quarter of 100 for each point above 4.
    assert_eq!(String::from(place.parts[1].product.clone()), "1234567890123456789012345671/2000000000000000000000000000");
}

fn some_candidates() -> impl Strategy<Value = Vec<Candidate>> {
    let tenths = |range: std::ops::Range<i64>| range.prop_map(|value| Decimal::new(value, 1).to_string());
    let score = |levels: [&'static str; 4]| prop::sample::select(levels.to_vec());
    let support = score(["0", "40", "70", "100"]);
    let ties = score(["0", "50", "80", "100"]);
    let one = (0_i64..3, tenths(30..100), tenths(0..600), 0_i64..9, support, ties, tenths(0..900));
    let one = one.prop_map(|(coaches, jobless, poor, letters, support, ties, km)| {
        candidate("", [&coaches.to_string(), &jobless, &poor, &letters.to_string(), support, ties, &km])
    });
    prop::collection::vec(one, 1..20).prop_map(|all| {
        let numbered = |(index, one)| Candidate { id: format!("id-{index}"), number: format!("P-{index}"), ..one };
        all.into_iter().enumerate().map(numbered).collect()
    })
}

/// The example's rules written a second time, in whole numbers only: with percent, kilometers and rates in tenths, every criterion's points
/// times its weight is whole. Returns ten-thousandths of a point.
fn by_hand(candidate: &Candidate) -> i64 {
    let tenths = |key: &str| (candidate.inputs[key].value * Decimal::TEN).normalize().to_string().parse::<i64>().unwrap();
    let whole = |key: &str| tenths(key) / 10;
    let no_coach = if whole("coaches_in_place") == 0 { 300_000 } else { 0 };
    let unemployment = 5_000 * (tenths("county_unemployment_rate").clamp(40, 80) - 40);
    let poverty = 500 * (tenths("child_poverty_rate").clamp(150, 450) - 150);
    let letters = 20_000 * whole("letters").min(5);
    let scores = 1_000 * (whole("community_support") + whole("college_ties"));
    let nearness = 100 * (600 - tenths("college_distance_km").clamp(100, 600));
    no_coach + unemployment + poverty + letters + scores + nearness
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_second_implementation_in_whole_numbers_agrees(candidates in some_candidates()) {
        let ranking = rank(&ROUND.ranking, &candidates, "seed").unwrap();
        let value = |candidate: &Candidate, key: &str| candidate.inputs[key].value;
        let mut sorted: Vec<&Candidate> = candidates.iter().collect();
        sorted.sort_by(|a, b| {
            let coach = |candidate: &Candidate| value(candidate, "coaches_in_place").is_zero();
            (by_hand(b).cmp(&by_hand(a)))
                .then_with(|| coach(b).cmp(&coach(a)))
                .then_with(|| value(b, "child_poverty_rate").cmp(&value(a, "child_poverty_rate")))
                .then_with(|| value(b, "county_unemployment_rate").cmp(&value(a, "county_unemployment_rate")))
                .then_with(|| lot("seed", &a.number).cmp(&lot("seed", &b.number)))
        });
        for (place, candidate) in ranking.places.iter().zip(sorted) {
            prop_assert_eq!(&place.number, &candidate.number);
            prop_assert_eq!(&place.points, &Exact::ratio(by_hand(candidate).into(), 10_000).unwrap());
        }
    }

    #[test]
    fn the_order_of_the_candidates_changes_nothing((candidates, shuffled) in some_candidates().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))) {
            let document = |candidates: &[Candidate]| RankingDocument::make(&ROUND, "a seed", candidates).unwrap().bytes().unwrap();
        prop_assert_eq!(document(&candidates), document(&shuffled));
    }

    #[test]
    fn everybody_has_one_place_and_nobody_above_has_fewer_points(candidates in some_candidates()) {
        let ranking = rank(&ROUND.ranking, &candidates, "seed").unwrap();
        prop_assert_eq!(ranking.places.len(), candidates.len());
        for (index, pair) in ranking.places.windows(2).enumerate() {
            prop_assert_eq!(pair[0].place as usize, index + 1);
            prop_assert!(pair[0].points >= pair[1].points);
            prop_assert_eq!(pair[0].points == pair[1].points, pair[1].tie.as_ref().is_some_and(|note| note.after.is_some()));
        }
        for place in &ranking.places {
            let sum: Exact = place.parts.iter().map(|part| &part.product).sum();
            prop_assert_eq!(&sum, &place.points);
            prop_assert!(Exact::ZERO <= sum && sum <= Exact::whole(100));
            prop_assert_eq!(place.parts.iter().map(|part| part.weight).sum::<u32>(), WHOLE);
        }
    }

    #[test]
    fn leaving_one_out_keeps_the_order_of_the_others(candidates in some_candidates(), out in any::<prop::sample::Index>()) {
        let out = candidates[out.index(candidates.len())].number.clone();
        let all = rank(&ROUND.ranking, &candidates, "seed").unwrap();
        let fewer: Vec<Candidate> = candidates.into_iter().filter(|candidate| candidate.number != out).collect();
        let fewer = rank(&ROUND.ranking, &fewer, "seed").unwrap();
        let numbers = |ranking: Ranking| ranking.places.into_iter().map(|place| place.number).filter(|number| *number != out).collect::<Vec<_>>();
        prop_assert_eq!(numbers(all), numbers(fewer));
    }

    #[test]
    fn more_need_never_ranks_lower(candidates in some_candidates(), chosen in any::<prop::sample::Index>(), more in 0_i64..300) {
        let chosen = chosen.index(candidates.len());
        let number = candidates[chosen].number.clone();
        let place = |candidates: &[Candidate]| rank(&ROUND.ranking, candidates, "seed").unwrap().places.into_iter().find(|place| place.number == number).unwrap().place;
        let before = place(&candidates);
        let mut candidates = candidates;
        let poverty = candidates[chosen].inputs.get_mut("child_poverty_rate").unwrap();
        poverty.value += Decimal::new(more, 1);
        prop_assert!(place(&candidates) <= before);
    }

    #[test]
    fn any_bytes_replay_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(replay(&bytes).is_err());
    }
}
