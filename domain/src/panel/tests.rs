use super::*;
use crate::exact::Exact;
use crate::id::OrganizationId;
use crate::time::Timestamp;
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

fn terms() -> PanelTerms {
    PanelTerms {
        reviewers: 3,
        load: 10,
        practice: false,
        blind: false,
        identifying: Vec::new(),
        due: Some(Timestamp::from_unix(1_000)),
        sealed: true,
        chair: Chair::Manager,
        citation: "test".to_owned(),
        synthetic: true,
    }
}

fn given(number: &str, reviewer: &str, points: i64) -> Given {
    Given { criterion: "c".to_owned(), number: number.to_owned(), reviewer: reviewer.to_owned(), points: points.into() }
}

fn ends() -> BTreeMap<String, (Decimal, Decimal)> {
    BTreeMap::from([("c".to_owned(), (Decimal::ZERO, Decimal::ONE_HUNDRED))])
}

fn used(how: Aggregation, scores: &[Given]) -> Vec<(String, String)> {
    let averages = aggregate(how, scores, &ends()).unwrap().averages;
    averages.into_iter().map(|average| (average.number, average.used.to_string())).collect()
}

fn pair(number: &str, points: &str) -> (String, String) {
    (number.to_owned(), points.to_owned())
}

#[test]
fn others_scores_show_when_own_are_in_and_the_seal_is_broken() {
    let (before, after) = (Timestamp::from_unix(1_000), Timestamp::from_unix(1_001));
    assert!(!terms().shows_others(true, before) && terms().shows_others(true, after) && !terms().shows_others(false, after));
    let open = PanelTerms { sealed: false, ..terms() };
    assert!(open.shows_others(true, before) && !open.shows_others(false, after));
}

#[test]
fn every_stage_meets_every_verb() {
    use Stage::{AskedAgain, Assigned, HandedIn, Recused, Removed};
    let after =
        |verb: fn(Review) -> Result<Review, CannotNow>| Stage::ALL.map(|stage| verb(Review { stage }).ok().map(|review| review.stage));
    assert_eq!(after(Review::save), [Some(Assigned), None, Some(AskedAgain), None, None]);
    assert_eq!(after(Review::hand_in), [Some(HandedIn), None, Some(HandedIn), None, None]);
    assert_eq!(after(Review::ask_again), [None, Some(AskedAgain), None, None, None]);
    assert_eq!(after(Review::recuse), [Some(Recused), Some(Recused), Some(Recused), None, None]);
    assert_eq!(after(Review::remove), [Some(Removed), None, Some(Removed), None, None]);
    assert_eq!(after(Review::give_again), [None, None, None, None, Some(Assigned)]);
    assert!(Stage::ALL.into_iter().all(|stage| Stage::from_stored(stage.as_str()) == Some(stage)));
}

#[test]
fn the_diagram_in_states_md_says_what_the_code_does() {
    type Verb = fn(Review) -> Result<Review, CannotNow>;
    let verbs: [(&str, Verb); 6] = [
        ("save", Review::save),
        ("hand_in", Review::hand_in),
        ("ask_again", Review::ask_again),
        ("recuse", Review::recuse),
        ("remove", Review::remove),
        ("give_again", Review::give_again),
    ];
    let mut drawn = crate::diagrams::arrows("review");
    drawn.retain(|(from, ..)| from != "[*]");
    let all = Stage::ALL.into_iter().flat_map(|stage| {
        verbs.map(|(name, verb)| (stage.as_str(), name, verb(Review { stage }).map_or("-", |review| review.stage.as_str())))
    });
    assert_eq!(crate::diagrams::found(all), drawn);
}

#[test]
fn a_member_of_applicant_region_or_college_is_shut_out_and_so_is_who_declares_it() {
    let org = |n: u128| OrganizationId(Uuid::from_u128(n));
    let ties = Ties { applicant: org(1), region: Some(org(2)), college: Some(org(3)) };
    let part =
        |n: u128, declared: Option<&str>| Part { organization: org(n), name: format!("O{n}"), declared: declared.map(str::to_owned) };
    let of = |parts: &[Part]| conflicts(&ties, parts).iter().map(Conflict::say).collect::<Vec<_>>();
    assert!(of(&[part(4, None)]).is_empty());
    assert_eq!(
        of(&[part(3, Some("My brother teaches there."))]),
        ["Declared a tie to O3, the college that the application names: My brother teaches there."]
    );
    assert_eq!(
        of(&[part(2, None), part(1, None)]),
        ["Holds or held a role in O1, which applies.", "Holds or held a role in O2, the applicant’s regional organization.",]
    );
}

#[test]
fn names_are_masked_whole_and_in_any_case() {
    let mask = Mask::of(["Forrest County School District", "Forrest", "Pearl River", "Lee"]);
    assert_eq!(
        mask.hide("FORREST County School District; Forrest’s children, the forrester, Pearl River, Lee."),
        "[masked]; [masked]’s children, the forrester, [masked], Lee."
    );
    assert_eq!(Mask::default().hide("As it is: Çà et là."), "As it is: Çà et là.");
}

#[test]
fn mean_median_and_trimmed_mean_by_hand() {
    let scores = [
        given("A", "R1", 0),
        given("A", "R2", 50),
        given("A", "R3", 100),
        given("A", "R4", 100),
        given("B", "R1", 50),
        given("B", "R2", 75),
    ];
    assert_eq!(used(Aggregation::Mean, &scores), [pair("A", "62.5"), pair("B", "62.5")]);
    assert_eq!(used(Aggregation::Median, &scores), [pair("A", "75"), pair("B", "62.5")]);
    assert_eq!(used(Aggregation::Trimmed, &scores), [pair("A", "75"), pair("B", "62.5")]);
    let thirds = [given("A", "R1", 0), given("A", "R2", 0), given("A", "R3", 100)];
    assert_eq!(used(Aggregation::Mean, &thirds), [pair("A", "33.333333333")], "rounded once, at nine places");
}

#[test]
fn a_strict_reviewers_applications_are_lifted() {
    // R2 gives 20 less than R1 on what both read. A: R1 80, R2 60. B: R1 60. C: R2 60. Adjusted, C stands 20 above B.
    let scores = [given("A", "R1", 80), given("A", "R2", 60), given("B", "R1", 60), given("C", "R2", 60)];
    assert_eq!(used(Aggregation::Adjusted, &scores), [pair("A", "70"), pair("B", "50"), pair("C", "70")]);
    let leniency = aggregate(Aggregation::Adjusted, &scores, &ends()).unwrap().leniency;
    assert_eq!(leniency.iter().map(|one| one.points.to_string()).collect::<Vec<_>>(), ["10", "−10"]);
}

#[test]
fn where_everybody_reads_everything_adjusting_changes_nothing() {
    let points = [[70, 20, 30], [10, 90, 60], [80, 75, 25]];
    let scores: Vec<Given> = points
        .iter()
        .enumerate()
        .flat_map(|(a, row)| row.iter().enumerate().map(move |(r, points)| given(&format!("A{a}"), &format!("R{r}"), *points)))
        .collect();
    assert_eq!(used(Aggregation::Adjusted, &scores), used(Aggregation::Mean, &scores));
}

#[test]
fn what_cannot_be_averaged_is_said() {
    let twice = [given("A", "R1", 1), given("A", "R1", 2)];
    assert_eq!(aggregate(Aggregation::Mean, &twice, &ends()).unwrap_err().to_string(), "R1 scored A twice on “c”.");
    let other = Given { criterion: "x".to_owned(), ..given("A", "R1", 1) };
    assert_eq!(aggregate(Aggregation::Mean, &[other], &ends()).unwrap_err(), Unaveraged::NoRubric("x".to_owned()));
}

#[test]
fn an_outlier_is_far_from_the_middle() {
    let total = |reviewer: &str, points: i64| Total { reviewer: reviewer.to_owned(), points: Exact::whole(points) };
    let spread = Spread::of(&[total("R1", 40), total("R2", 45), total("R3", 80)]).unwrap();
    assert_eq!((spread.is_wide(), spread.outliers), (true, vec!["R3".to_owned()]));
    assert_eq!(Spread::of(&[]), None);
}

fn sheet() -> impl Strategy<Value = Vec<Given>> {
    prop::collection::btree_map((0_u8..8, 0_u8..6), 0_i64..=100, 1..30)
        .prop_map(|cells| cells.into_iter().map(|((a, r), points)| given(&format!("A{a}"), &format!("R{r}"), points)).collect())
}

/// What the model leaves over, computed from the published parts alone.
fn left_over(scores: &[Given]) -> Vec<(String, String, Exact)> {
    let wide = BTreeMap::from([("c".to_owned(), (Decimal::from(-100_000), Decimal::from(100_000)))]);
    let all = aggregate(Aggregation::Adjusted, scores, &wide).unwrap();
    let lenient = |name: &str| all.leniency.iter().find(|one| one.reviewer == name).unwrap().points.clone();
    let own = |number: &str| {
        let off: Vec<Exact> = scores.iter().filter(|one| one.number == number).map(|one| lenient(&one.reviewer)).collect();
        let mean = off.iter().sum::<Exact>().over(&Exact::whole(off.len().try_into().unwrap())).unwrap();
        &all.averages.iter().find(|average| average.number == number).unwrap().raw - &mean
    };
    let rest = |one: &Given| &(&Exact::from(one.points) - &own(&one.number)) - &lenient(&one.reviewer);
    scores.iter().map(|one| (one.number.clone(), one.reviewer.clone(), rest(one))).collect()
}

proptest! {
    /// A least-squares fit is the one whose residuals sum to zero over every application and over every reviewer.
    #[test]
    fn the_adjusted_scores_are_the_least_squares_solution(scores in sheet()) {
        let rest = left_over(&scores);
        for name in scores.iter().flat_map(|one| [&one.number, &one.reviewer]) {
            let sum: Exact = rest.iter().filter(|(a, r, _)| a == name || r == name).map(|(_, _, rest)| rest).sum();
            prop_assert_eq!(sum, Exact::ZERO, "{}", name);
        }
    }

    #[test]
    fn the_order_of_scores_changes_nothing(scores in sheet(), how in prop::sample::select(vec![Aggregation::Mean, Aggregation::Median, Aggregation::Trimmed, Aggregation::Adjusted])) {
        let mut turned = scores.clone();
        turned.reverse();
        prop_assert_eq!(aggregate(how, &scores, &ends()).unwrap(), aggregate(how, &turned, &ends()).unwrap());
    }

    #[test]
    fn every_number_used_stays_between_the_written_levels(scores in sheet()) {
        for average in aggregate(Aggregation::Adjusted, &scores, &ends()).unwrap().averages {
            prop_assert!(average.used >= Decimal::ZERO && average.used <= Decimal::ONE_HUNDRED);
        }
    }

    #[test]
    fn a_plan_keeps_every_limit_and_fills_all_that_can_be_filled(case in panel()) {
        let (wanted, seats) = case;
        let plan = balance(&wanted, &seats);
        for one in &wanted {
            let own: Vec<&Pair> = plan.pairs.iter().filter(|pair| pair.application == one.application).collect();
            let names: BTreeSet<&str> = own.iter().map(|pair| pair.reviewer.as_str()).collect();
            prop_assert_eq!(names.len(), own.len());
            prop_assert!(own.len() <= one.more as usize);
            prop_assert!(own.iter().all(|pair| !one.barred.contains(&pair.reviewer) && !one.has.contains(&pair.reviewer)));
            let missing = plan.short.iter().find(|short| short.application == one.application).map_or(0, |short| short.missing);
            prop_assert_eq!(missing, one.more - u32::try_from(own.len()).unwrap());
        }
        for seat in &seats {
            let given = plan.pairs.iter().filter(|pair| pair.reviewer == seat.reviewer).count();
            prop_assert!(given == 0 || u32::try_from(given).unwrap() + seat.taken <= seat.load);
        }
        prop_assert_eq!(plan.pairs.len(), most_by_trying(&wanted, &seats));
        let (mut again, mut turned) = (wanted.clone(), seats.clone());
        again.reverse();
        turned.reverse();
        prop_assert_eq!(balance(&again, &turned), plan);
    }
}

fn panel() -> impl Strategy<Value = (Vec<Wanted>, Vec<Seat>)> {
    let wanted = (1_u32..=2, prop::collection::btree_set(0_u8..4, 0..3), prop::collection::btree_set(0_u8..4, 0..2));
    (prop::collection::vec(wanted, 1..5), prop::collection::vec((0_u32..2, 0_u32..4), 1..5)).prop_map(|(wanted, seats)| {
        let names = |set: BTreeSet<u8>| set.into_iter().map(|n| format!("R{n}")).collect();
        let want = |(n, (more, barred, has))| Wanted { application: format!("A{n}"), more, has: names(has), barred: names(barred) };
        let seat = |(n, (taken, load))| Seat { reviewer: format!("R{n}"), taken, load };
        (wanted.into_iter().enumerate().map(want).collect(), seats.into_iter().enumerate().map(seat).collect())
    })
}

/// The most places that can be filled, by trying every way.
fn most_by_trying(wanted: &[Wanted], seats: &[Seat]) -> usize {
    fn go(wanted: &[Wanted], seats: &[Seat], room: &mut Vec<u32>) -> usize {
        let Some((first, rest)) = wanted.split_first() else { return 0 };
        let may: Vec<usize> = (0..seats.len())
            .filter(|index| !first.barred.contains(&seats[*index].reviewer) && !first.has.contains(&seats[*index].reviewer))
            .collect();
        (0..1_u32 << may.len())
            .filter(|chosen| chosen.count_ones() <= first.more)
            .filter_map(|chosen| {
                let picked: Vec<usize> =
                    may.iter().enumerate().filter(|(bit, _)| chosen >> bit & 1 == 1).map(|(_, index)| *index).collect();
                if picked.iter().any(|index| room[*index] == 0) {
                    return None;
                }
                picked.iter().for_each(|index| room[*index] -= 1);
                let filled = picked.len() + go(rest, seats, room);
                picked.iter().for_each(|index| room[*index] += 1);
                Some(filled)
            })
            .max()
            .unwrap_or(0)
    }
    let mut room = seats.iter().map(|seat| seat.load.saturating_sub(seat.taken)).collect();
    go(wanted, seats, &mut room)
}

#[test]
fn desks_are_even_and_the_panel_is_mixed() {
    let wanted: Vec<Wanted> = (0..28)
        .map(|n| Wanted {
            application: format!("A{n:02}"),
            more: 3,
            has: BTreeSet::new(),
            barred: BTreeSet::from(["R4".to_owned()].map(|r| if n < 9 { r } else { String::new() })),
        })
        .collect();
    let seats: Vec<Seat> = (0..5).map(|n| Seat { reviewer: format!("R{n}"), taken: 0, load: 25 }).collect();
    let plan = balance(&wanted, &seats);
    assert!(plan.short.is_empty());
    let desks: Vec<usize> = seats.iter().map(|seat| plan.pairs.iter().filter(|pair| pair.reviewer == seat.reviewer).count()).collect();
    assert!(desks.iter().all(|desk| (16..=17).contains(desk)), "{desks:?}");
}

const SMALL: &str = include_str!("../program/tests/small.toml");
const SECTION: &str = "\n[review]\nreviewers = 3\nload = 10\nblind = true\nidentifying = [\"district.contact_phone\", \"district.contact_name\"]\ndue = 2023-05-22T17:00:00\nsealed = true\naggregation = \"adjusted\"\nchair = \"appointed\"\ncitation = \"Cited review.\"\n";

fn with_panel() -> crate::program::ProgramFile {
    crate::program::ProgramFile::parse(&format!("{SMALL}{SECTION}")).unwrap()
}

#[test]
fn a_review_section_is_read_and_a_file_without_one_keeps_its_bytes() {
    let file = with_panel();
    let review = file.review.as_ref().unwrap();
    assert_eq!((review.reviewers, review.load, review.chair, review.practice), (3, 10, Chair::Appointed, false));
    assert_eq!(review.identifying, ["district.contact_name", "district.contact_phone"]);
    assert_eq!(review.due.unwrap().iso(), "2023-05-22T22:00:00Z");
    assert_eq!(file.ranking.panel, Some(Aggregation::Adjusted));
    let canonical = file.canonical().unwrap();
    assert_eq!(crate::program::ProgramFile::from_canonical(&canonical).unwrap(), file);
    let without = crate::program::ProgramFile::parse(SMALL).unwrap().canonical().unwrap();
    assert!(!without.contains("\"review\"") && !without.contains("\"panel\""));
    let rules = crate::program::RulesFile::parse(&format!("{SMALL}{SECTION}")).unwrap();
    assert_eq!(rules.ranking.unwrap().panel, Some(Aggregation::Adjusted), "a table's rubric column holds what the scores come to");
}

#[test]
fn a_faulty_review_section_is_named_where_it_stands() {
    for (from, to, said) in [
        ("\"adjusted\"", "\"trimmed\"\nreviewers_were = 3", "There is no such field here."),
        ("reviewers = 3", "reviewers = 2", "at least 3 reviewers"),
        ("district.contact_phone", "district.phone", "is no question of the form"),
        ("2023-05-22T17:00:00", "2023-05-01T17:00:00", "Reviews are due after the round closes."),
        ("due = 2023-05-22T17:00:00", "", "Sealed until when?"),
        ("\"appointed\"", "\"nobody\"", "is not one of: manager, appointed"),
        ("blind = true", "blind = false", "Answers are masked in a blind review only."),
        ("citation = \"Cited review.\"", "", "The citation is missing."),
    ] {
        let section = SECTION.replace(from, to).replace("\"adjusted\"", "\"trimmed\"");
        let problems = crate::program::ProgramFile::parse(&format!("{SMALL}{section}")).unwrap_err();
        assert!(problems.iter().any(|problem| problem.problem.contains(said)), "{from} → {to}: {problems:?}");
        assert!(problems.iter().all(|problem| problem.field.starts_with("review")), "{problems:?}");
    }
}

#[test]
fn a_panels_ranking_replays_and_a_changed_score_shows() {
    use crate::facts::Input;
    use crate::ranking::{Candidate, RankingDocument, replay};
    let file = with_panel();
    let input =
        |value: i64| Input { value: value.into(), source: "test".to_owned(), year: None, place: "Here".to_owned(), synthetic: true };
    let candidate = |number: &str| Candidate {
        id: format!("id-{number}"),
        number: number.to_owned(),
        inputs: [("coaches_in_place", 0), ("enrollment", 10), ("letters", 1), ("college_ties", 0)]
            .map(|(key, value)| (key.to_owned(), input(value)))
            .into(),
    };
    let given =
        |number: &str, reviewer: &str, points: i64| Given { criterion: "college_ties".to_owned(), ..given(number, reviewer, points) };
    let scores = [given("A", "R1", 100), given("A", "R2", 0), given("A", "R3", 0), given("B", "R1", 100), given("B", "R2", 100)];
    let document = RankingDocument::make_with_panel(&file, "a seed", &[candidate("B"), candidate("A")], &scores).unwrap();
    let panel = document.panel.as_ref().unwrap();
    assert_eq!((panel.result.averages.len(), panel.result.leniency.len(), panel.scores.len()), (2, 3, 5));
    assert_eq!(document.candidates[0].inputs["college_ties"].value, panel.result.averages[0].used, "A's input is what its scores come to");
    let bytes = document.bytes().unwrap();
    assert!(replay(&bytes).unwrap().same);
    let changed =
        String::from_utf8(bytes).unwrap().replacen("\"points\":\"0\",\"reviewer\":\"R3\"", "\"points\":\"100\",\"reviewer\":\"R3\"", 1);
    let replayed = replay(changed.as_bytes()).unwrap();
    assert!(!replayed.same && replayed.differences.iter().any(|text| text.contains("panel's scores")), "{:?}", replayed.differences);
    assert!(
        RankingDocument::make_with_panel(&crate::program::ProgramFile::parse(SMALL).unwrap(), "a seed", &[], &scores).is_err(),
        "no panel, no scores"
    );
}
