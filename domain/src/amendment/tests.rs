use super::*;

const SMALL: &str = include_str!("../program/tests/small.toml");
const OPEN: &str = include_str!("../../../programs/acceleratems-2024-25.toml");

fn parse(text: &str) -> ProgramFile {
    ProgramFile::parse(text).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn amended(from: &str, to: &str) -> ProgramFile {
    assert!(SMALL.contains(from), "{from}");
    parse(&SMALL.replacen(from, to, 1))
}

fn at(text: &str) -> Timestamp {
    text.to_owned().try_into().unwrap()
}

fn open() -> Standing {
    Standing { now: at("2023-04-10T12:00:00Z"), frozen: false, scored: false, applied: Vec::new() }
}

fn district() -> Applied {
    Applied {
        name: "West District".to_owned(),
        kind: ApplicantKind::District,
        district: Some("2800185".to_owned()),
        county: Some("28011".to_owned()),
        units: Some(3),
    }
}

/// Field, old and new of every change.
fn told(new: &ProgramFile) -> Vec<(String, String, String)> {
    let said = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    compare(&parse(SMALL), new).into_iter().map(|change| (change.field, said(change.old), said(change.new))).collect()
}

fn one(new: &ProgramFile) -> (String, String, String) {
    let told = told(new);
    assert_eq!(told.len(), 1, "{told:?}");
    told.into_iter().next().unwrap()
}

fn texts(field: &str, old: &str, new: &str) -> (String, String, String) {
    (field.to_owned(), old.to_owned(), new.to_owned())
}

#[test]
fn a_file_compared_with_itself_has_no_change() {
    for text in [SMALL, OPEN] {
        assert_eq!(compare(&parse(text), &parse(text)), []);
    }
}

#[test]
fn each_field_is_told_in_plain_words_from_old_to_new() {
    let later = amended("closes = 2023-05-05T23:59:00", "closes = 2023-05-12T23:59:00");
    assert_eq!(one(&later), texts("round.closes", "May 5, 2023, 11:59 p.m. CDT", "May 12, 2023, 11:59 p.m. CDT"));
    let dearer = amended("unit_cost = \"64,864.86\"", "unit_cost = \"70,000.00\"");
    assert_eq!(one(&dearer), texts("award.unit_cost", "$64,864.86", "$70,000"));
    let day = amended("award_on = 2023-07-25", "award_on = 2023-08-01");
    assert_eq!(one(&day), texts("round.award_on", "July 25, 2023", "August 1, 2023"));
    let misfit = amended("misfit = \"partial\"", "misfit = \"stop\"");
    assert_eq!(one(&misfit), texts("allocation.misfit", "partial", "stop"));
    let unset = amended("questions_until = 2023-05-01T17:00:00\n", "");
    assert_eq!(one(&unset), texts("round.questions_until", "May 1, 2023, 5:00 p.m. CDT", "none"));
}

#[test]
fn a_criterion_is_named_and_its_weight_is_a_percentage_with_the_clause() {
    let mut text = SMALL.replacen("weight = 5_000", "weight = 4_250", 1);
    text = text.replacen("weight = 3_000", "weight = 3_750", 1);
    let changes = compare(&parse(SMALL), &parse(&text));
    assert_eq!(changes.len(), 2);
    let first = &changes[0];
    assert_eq!(first.what, "How applications are ranked, criterion “No coach”, weight");
    assert_eq!((first.old.as_deref(), first.new.as_deref()), (Some("50%"), Some("42.5%")));
    assert_eq!(first.citation.as_deref(), Some("Cited no coach."));
    assert!(first.decides);
}

#[test]
fn scales_ties_levels_and_sources_read_as_sentences() {
    let (field, old, new) = one(&amended("zero = 100, nonzero = 0", "zero = 80, nonzero = 0"));
    assert_eq!(field, "ranking.criteria.no_coach.scale");
    assert!(old.contains("100") && new.contains("80") && !new.contains('{'), "{old} / {new}");
    let (field, old, new) =
        one(&amended("ties = [\"points no_coach\", \"lower enrollment\", \"lot\"]", "ties = [\"lower enrollment\", \"lot\"]"));
    assert_eq!(field, "ranking.ties");
    assert!(old.starts_with("more points for “No coach” goes first; then") && new.starts_with("the lower “"), "{old} / {new}");
    let (field, old, new) = one(&amended("[100, \"A signed agreement.\"]", "[100, \"An agreement, signed by both.\"]"));
    assert_eq!(field, "ranking.criteria.college_ties.source.anchors.100.text");
    assert_eq!((old.as_str(), new.as_str()), ("A signed agreement.", "An agreement, signed by both."));
    let (field, old, new) = one(&amended("source = { evidence = \"letters\", cap = 5 }", "source = { evidence = \"letters\", cap = 4 }"));
    assert_eq!(field, "ranking.criteria.support.source");
    assert_eq!((old.as_str(), new.as_str()), ("letters handed in, at most 5 counted", "letters handed in, at most 4 counted"));
}

#[test]
fn what_comes_and_what_goes_is_told_once_each() {
    let (field, old, new) = one(&amended(
        "categories = [{ key = \"salaries\", name = \"Salaries\" }]",
        "categories = [{ key = \"salaries\", name = \"Salaries\" }, { key = \"travel\", name = \"Travel\" }]",
    ));
    assert_eq!((field.as_str(), old.as_str(), new.as_str()), ("reporting.categories.travel", "–", "name: Travel"));
    let (field, old, new) = one(&amended("districts = [\"2800185\", \"2800186\"]", "districts = [\"2800185\"]"));
    assert_eq!((field.as_str(), old.as_str(), new.as_str()), ("regions.west.districts", "2800185; 2800186", "2800185"));
    let appeals = parse(&format!(
        "{SMALL}\n[appeals]\ndays = 10\ncitation = \"Cited appeals.\"\ngrounds = [{{ key = \"rule\", name = \"The rule was not followed\", citation = \"Cited ground.\" }}]\n"
    ));
    let (field, old, new) = one(&appeals);
    assert_eq!((field.as_str(), old.as_str()), ("appeals", "–"));
    assert!(new.contains("days: 10") && new.contains("The rule was not followed"), "{new}");
}

#[test]
fn identity_money_seed_and_passed_dates_are_refused_each_with_its_field() {
    let old = parse(SMALL);
    let refused = |from: &str, to: &str| refusals(&old, &amended(from, to), &open());
    assert!(matches!(refused("slug = \"round-1\"", "slug = \"round-2\"")[..], [Refusal::Other { field: "round.slug", .. }]));
    assert!(matches!(refused("slug = \"test\"", "slug = \"other\"")[..], [Refusal::Other { field: "program.slug", .. }]));
    assert!(matches!(refused("name = \"Test Agency\"", "name = \"Another\"")[..], [Refusal::Other { field: "agency.name", .. }]));
    assert_eq!(refused("amount = \"1,000,000.00\"", "amount = \"900,000.00\""), [Refusal::Money]);
    assert_eq!(refused("seed = \"a published seed\"", "seed = \"another seed\""), [Refusal::Seed]);
    assert!(matches!(refused("opens = 2023-04-03T08:00:00", "opens = 2023-04-04T08:00:00")[..], [Refusal::Opened(_)]));
    assert_eq!(refusals(&old, &old, &open()), [Refusal::Same]);
    assert_eq!(
        refusals(&old, &amended("weight = 5_000", "weight = 5_000\nsynthetic = true"), &Standing { frozen: true, ..open() }),
        [Refusal::Frozen]
    );
}

#[test]
fn a_deadline_moves_only_while_it_is_to_come_and_only_to_a_time_to_come() {
    let old = parse(SMALL);
    let text = SMALL.replacen("questions_until = 2023-05-01T17:00:00\n", "", 1);
    let shorter = parse(&text.replacen("closes = 2023-05-05T23:59:00", "closes = 2023-04-20T23:59:00", 1));
    let when = |now: &str| refusals(&old, &shorter, &Standing { now: at(now), ..open() });
    assert_eq!(when("2023-04-20T12:00:00Z"), []);
    assert!(matches!(when("2023-04-21T12:00:00Z")[..], [Refusal::ClosesBefore(_)]));
    assert!(matches!(when("2023-05-07T12:00:00Z")[..], [Refusal::Closed(_)]));
}

#[test]
fn what_applicants_have_done_stays_possible() {
    let old = parse(SMALL);
    let standing = Standing { applied: vec![district()], ..open() };
    let refused = |from: &str, to: &str| refusals(&old, &amended(from, to), &standing);
    assert_eq!(refused("max_units = 4", "max_units = 3"), []);
    assert_eq!(refused("max_units = 4", "max_units = 2"), [Refusal::AskedForMore { name: "West District".to_owned(), units: 3 }]);
    assert_eq!(
        refused("applicants = [\"district\"]", "applicants = [\"community\"]"),
        [Refusal::ShutOut { name: "West District".to_owned(), kind: "district" }]
    );
    assert_eq!(refused("districts = [\"2800185\", \"2800186\"]", "districts = [\"2800186\"]"), [], "its county still places it");
    let none = parse(&SMALL.replacen("districts = [\"2800185\", \"2800186\"]\ncounties = [\"28011\"]", "counties = [\"28003\"]", 1));
    assert_eq!(refusals(&old, &none, &standing), [Refusal::NoRegion("West District".to_owned())]);
}

#[test]
fn only_what_decides_makes_an_amendment_late() {
    let old = parse(SMALL);
    let weights = parse(&SMALL.replacen("weight = 5_000", "weight = 4_000", 1).replacen("weight = 3_000", "weight = 4_000", 1));
    let days = amended("due_days = 30", "due_days = 45");
    let words = amended("citation = \"Cited no coach.\"", "citation = \"The clause by its new number.\"");
    let closed = Standing { now: at("2023-05-08T12:00:00Z"), ..open() };
    let scored = Standing { scored: true, ..closed.clone() };
    let late = |new: &ProgramFile, standing: &Standing| late(&old, &compare(&old, new), standing);
    assert_eq!(late(&weights, &open()), None);
    assert_eq!(late(&weights, &closed), Some(Late::AfterClose));
    assert_eq!(late(&weights, &scored), Some(Late::AfterScores));
    let level = amended("[100, \"A signed agreement.\"]", "[100, \"Two signed agreements.\"]");
    let who = amended("text = \"Districts.\"", "text = \"Districts with a high school.\"");
    for new in [&level, &who] {
        assert_eq!(late(new, &scored), Some(Late::AfterScores), "people decide by these words");
    }
    for new in [&days, &words] {
        assert_eq!(late(new, &scored), None);
    }
}

#[test]
fn a_changed_rubric_is_scored_anew_and_a_changed_weight_is_not() {
    let old = parse(SMALL);
    let anew = |from: &str, to: &str| to_score_anew(&old, &amended(from, to));
    assert_eq!(anew("[100, \"A signed agreement.\"]", "[100, \"Two signed agreements.\"]"), ["college_ties"]);
    assert_eq!(anew("plain = \"Agreements count.\"", "plain = \"Plans count.\""), ["college_ties"]);
    assert_eq!(anew("citation = \"Cited ties.\"", "citation = \"Cited elsewhere.\""), [""; 0]);
    assert_eq!(anew("zero = 100, nonzero = 0", "zero = 90, nonzero = 0"), [""; 0]);
    assert_eq!(to_score_anew(&amended("key = \"college_ties\"", "key = \"ties\""), &old), ["college_ties"], "back after it was gone");
}

#[test]
fn scores_that_stand_keep_who_gives_them() {
    let old = parse(SMALL);
    let mut paneled = amended("due_days = 30", "due_days = 40");
    paneled.review = parse(include_str!("../../../programs/acceleratems-2024-bridge.toml")).review;
    assert!(paneled.review.is_some());
    assert_eq!(refusals(&old, &paneled, &open()), []);
    assert_eq!(refusals(&old, &paneled, &Standing { scored: true, ..open() }), [Refusal::Panel]);
}

#[test]
fn an_amendment_is_decided_once() {
    type Verb = fn(Stage) -> Result<Stage, NotWaiting>;
    for stage in Stage::ALL {
        assert_eq!(Stage::from_stored(stage.as_str()), Some(stage));
        let waits = stage == Stage::Proposed;
        assert_eq!((stage.approve().is_ok(), stage.give_back().is_ok()), (waits, waits));
    }
    let verbs: [(&str, Verb); 2] = [("approve", Stage::approve), ("give_back", Stage::give_back)];
    let mut drawn = crate::diagrams::arrows("amendment");
    drawn.retain(|(from, ..)| from != "[*]");
    let all = Stage::ALL
        .into_iter()
        .flat_map(|stage| verbs.map(|(name, verb)| (stage.as_str(), name, verb(stage).map_or("-", |to| to.as_str()))));
    assert_eq!(crate::diagrams::found(all), drawn);
    assert_eq!(Stage::Returned.approve().unwrap_err().to_string(), "This amendment is returned already.");
}
