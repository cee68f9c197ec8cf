use super::*;
use crate::ruleset::{Scale, Source, TieStep};
use proptest::prelude::*;

const FINISHED: &str = include_str!("../../../programs/acceleratems-2023-24.toml");
const OPEN: &str = include_str!("../../../programs/acceleratems-2024-25.toml");
const NAMED: &str = include_str!("../../../programs/minnesota-education-partnerships.toml");

/// A small file without a fault; the table below breaks it in one place at a time.
const SMALL: &str = include_str!("tests/small.toml");

fn parse(text: &str) -> ProgramFile {
    ProgramFile::parse(text)
        .unwrap_or_else(|problems| panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}

#[test]
fn the_example_files_are_without_fault() {
    for text in [FINISHED, OPEN, NAMED, SMALL] {
        parse(text);
    }
}

#[test]
fn the_finished_round_says_what_the_sources_say() {
    let file = parse(FINISHED);
    let appropriation = file.appropriation().unwrap();
    assert_eq!((appropriation.bill.as_str(), appropriation.amount), ("SB 3021 (2023)", Money::cents(1_200_000_000)));
    assert_eq!(
        (appropriation.begins_on.to_string(), appropriation.lapses_on.to_string()),
        ("2023-07-01".to_owned(), "2024-06-30".to_owned())
    );
    assert_eq!(file.round.closes.iso(), "2023-05-06T04:59:00Z");
    assert_eq!(file.round.closes.say_in(file.round.zone), "May 5, 2023, 11:59 p.m. CDT");
    assert!(file.ranking.criteria.iter().all(|criterion| criterion.synthetic), "no weight of the call is public");
    assert_eq!(file.ranking.ties.last(), Some(&TieStep::Lot));
}

#[test]
fn every_district_and_county_of_mississippi_is_in_exactly_one_region() {
    for text in [FINISHED, OPEN] {
        let file = parse(text);
        assert_eq!(file.regions.len(), 7);
        // That none is there twice is checked on reading; 138 local districts are in the 2023-24 Common Core of Data, and 82 counties.
        assert_eq!(file.regions.iter().map(|region| region.districts.len()).sum::<usize>(), 138);
        assert_eq!(file.regions.iter().map(|region| region.counties.len()).sum::<usize>(), 82);
        assert!(file.regions.iter().all(|region| region.synthetic));
    }
}

#[test]
fn a_district_belongs_where_it_is_named_and_a_community_to_its_county() {
    let file = parse(SMALL);
    let region = |district, county| file.region_of(district, county).map(|region| region.key.as_str());
    assert_eq!(region(Some("2800185"), Some("28001")), Some("west"), "named itself");
    assert_eq!(region(Some("2899999"), Some("28001")), Some("east"), "by its county");
    assert_eq!(region(None, Some("28001")), Some("east"));
    assert_eq!(region(None, Some("28003")), None);
}

#[test]
fn sources_and_scales_are_read() {
    let ranking = parse(SMALL).ranking;
    assert_eq!(ranking.criteria[0].source, Source::Fact { key: "coaches_in_place".to_owned() });
    assert_eq!(ranking.criteria[1].source, Source::Evidence { key: "letters".to_owned(), cap: 5 });
    assert!(matches!(&ranking.criteria[2].source, Source::Rubric { anchors } if anchors.len() == 2));
    assert!(matches!(ranking.criteria[1].scale, Scale::Steps { .. }));
    assert_eq!(ranking.criteria[2].scale, Scale::AsScored);
    assert_eq!(ranking.inputs(), ["coaches_in_place", "college_ties", "enrollment", "letters"]);
}

/// What is replaced in the small file, by what, and the line, field and words of the one problem that must come out.
const FAULTS: &[(&str, &str, &str, &str)] = &[
    ("amount = \"1,000,000.00\"", "amount = \"-1.00\"", "appropriations[1].amount", "above zero"),
    ("amount = \"1,000,000.00\"", "amount = 0", "appropriations[1].amount", "above zero"),
    ("amount = \"1,000,000.00\"", "amount = 1000.005", "appropriations[1].amount", "fraction of a cent"),
    ("amount = \"1,000,000.00\"", "amount = 1e6", "appropriations[1].amount", "not an amount"),
    ("amount = \"1,000,000.00\"", "amount = \"a lot\"", "appropriations[1].amount", "not an amount"),
    ("amount = \"1,000,000.00\"", "amount = 9_223_372_036_854_775_807", "appropriations[1].amount", "too large"),
    ("fiscal_year = 2024", "fiscal_year = 24", "appropriations[1].fiscal_year", "from 1900 to 2200"),
    ("lapses_on = 2024-06-30", "lapses_on = 2022-06-30", "appropriations[1].lapses_on", "lapses before it begins"),
    ("lapses_on = 2024-06-30", "lapses_on = \"2024-06-30\"", "appropriations[1].lapses_on", "without quotation marks"),
    ("closes = 2023-05-05T23:59:00", "closes = 2024-03-10T02:30:00", "round.closes", "the clocks skip it"),
    ("closes = 2023-05-05T23:59:00", "closes = 2023-11-05T01:30:00", "round.closes", "happens twice"),
    ("closes = 2023-05-05T23:59:00", "closes = 2023-03-05T23:59:00", "round.closes", "closes before it opens"),
    ("closes = 2023-05-05T23:59:00", "closes = 2023-05-05T23:59:00Z", "round.closes", "without quotation marks or offset"),
    ("closes = 2023-05-05T23:59:00", "closes = 2023-05-05", "round.closes", "must be a local time"),
    ("closes = 2023-05-05T23:59:00", "", "round.closes", "missing"),
    ("zone = \"America/Chicago\"", "zone = \"Central\"", "round.zone", "is not a time zone"),
    ("award_on = 2023-07-25", "award_on = 2023-05-01", "round.award_on", "before the round closes"),
    ("questions_until = 2023-05-01T17:00:00", "questions_until = 2023-06-01T17:00:00", "round.questions_until", "while the round is open"),
    ("appropriation = \"fy2024\"", "appropriation = \"fy2042\"", "round.appropriation", "no appropriation"),
    ("slug = \"round-1\"", "slug = \"Round 1\"", "round.slug", "lower-case"),
    ("weight = 5_000", "weight = 4_000", "ranking.criteria", "sum to 9000"),
    ("weight = 5_000", "weight = -5_000", "ranking.criteria[1].weight", "from 1 to 10000"),
    ("weight = 5_000", "weight = 50.5", "ranking.criteria[1].weight", "whole number"),
    ("fact = \"coaches_in_place\"", "fact = \"coaches\"", "ranking.criteria[1].source", "no fact that Allotment knows"),
    (
        "{ fact = \"coaches_in_place\" }",
        "{ fact = \"coaches_in_place\", evidence = \"letters\" }",
        "ranking.criteria[1].source",
        "exactly one",
    ),
    ("zero = 100", "zero = 101", "ranking.criteria[1].scale.yes_no.zero", "0 to 100"),
    (", nonzero = 0", "", "ranking.criteria[1].scale.yes_no.nonzero", "missing"),
    ("steps = [[0, 0], [2, 50]]", "steps = [[2, 0], [2, 50]]", "ranking.criteria[2].scale.steps[2][1]", "rise"),
    ("steps = [[0, 0], [2, 50]]", "steps = [[0], [2, 50]]", "ranking.criteria[2].scale.steps[1]", "pair"),
    ("cap = 5", "cap = 0", "ranking.criteria[2].source.cap", "from 1 to 10000"),
    ("[100, \"A signed agreement.\"]", "[0, \"A signed agreement.\"]", "ranking.criteria[3].source.rubric.anchors[2][1]", "rise"),
    ("[100, \"A signed agreement.\"]", "[100, \"\"]", "ranking.criteria[3].source.rubric.anchors[2][2]", "empty"),
    ("\"points no_coach\"", "\"points no_coaches\"", "ranking.ties[1]", "no criterion"),
    ("\"lower enrollment\"", "\"lower enrolment\"", "ranking.ties[2]", "neither a fact"),
    ("\"lower enrollment\"", "\"alphabet\"", "ranking.ties[2]", "A tie-break is"),
    (", \"lot\"]", "]", "ranking.ties[2]", "end in “lot”"),
    ("districts = [\"2800185\", \"2800186\"]", "districts = [\"2800185\", \"280018\"]", "regions[1].districts[2]", "seven digits"),
    ("districts = [\"2800185\", \"2800186\"]", "districts = [\"2800185\", \"2800185\"]", "regions[1].districts[2]", "already a member"),
    ("counties = [\"28001\"]", "counties = [\"28011\"]", "regions[2].counties[1]", "already a member of West"),
    ("counties = [\"28001\"]", "counties = [28001]", "regions[2].counties[1]", "quotation marks"),
    ("counties = [\"28001\"]", "", "regions[2]", "needs members"),
    ("key = \"east\"", "key = \"west\"", "regions[2].key", "keys are unique"),
    ("[\"district\"]", "[\"school\"]", "eligibility.applicants[1]", "no kind of applicant"),
    ("[\"district\"]", "[]", "eligibility.applicants", "empty"),
    ("unit_cost = \"64,864.86\"", "unit_cost = \"64,864.865\"", "award.unit_cost", "fraction of a cent"),
    ("misfit = \"partial\"", "misfit = \"shrink\"", "allocation.misfit", "not one of: stop, skip, partial, waitlist"),
    ("basis = \"advance\"", "basis = \"in advance\"", "draws.basis", "not one of"),
    ("due_days = 30", "due_days = 30\nlate_fee = 10", "reporting.late_fee", "no such field"),
    ("synthetic = true # of the award", "synthetic = \"yes\"", "award.synthetic", "true or false"),
    ("citation = \"Cited draws.\"", "", "draws.citation", "citation is missing"),
    ("citation = \"Cited ranking.\"", "citation = \" \"", "ranking.citation", "empty"),
    ("[award]", "[awards]", "award", "missing"),
    ("[draws]", "[[draws]]", "draws", "table of fields"),
    ("[draws]", "[draws", "", "not TOML"),
];

/// The line of the small file on which some text stands, from 1.
fn line_of(text: &str) -> usize {
    SMALL.lines().position(|line| line.contains(text)).map_or(1, |line| line + 1)
}

#[test]
fn each_fault_is_named_with_its_line_and_field() {
    for (right, wrong, field, words) in FAULTS {
        assert_eq!(SMALL.matches(right).count(), 1, "{right} must stand once in the small file");
        let problems = ProgramFile::parse(&SMALL.replacen(right, wrong, 1)).expect_err(wrong);
        let found = problems.iter().find(|problem| problem.field == *field && problem.problem.contains(words));
        let found = found.unwrap_or_else(|| panic!("{wrong}: {problems:#?}"));
        let missing = words.contains("missing") || words.contains("needs members");
        if missing || wrong.contains('\n') {
            // A missing field is shown at the head of its table, an added one on its own line.
            assert!(found.line <= line_of(right) + 1, "{wrong}: {found}");
        } else if *field == "ranking.criteria" {
            assert_eq!(found.line, line_of("[[ranking.criteria]]"), "{wrong}");
        } else {
            assert_eq!(found.line, line_of(right.lines().next().unwrap()), "{wrong}: {found}");
        }
        if !wrong.starts_with("[award") {
            assert_eq!(problems.len(), 1, "{wrong} is one fault and must not be blamed twice: {problems:#?}");
        }
    }
}

const DECISIONS: &str = r#"
[[approvals]]
name = "Director"
role = "approver"
citation = "Cited director."

[[approvals]]
name = "Board"
role = "fiscal_agent"
over = "250,000.00"
citation = "Cited board."

[letters]
funded = "Dear {applicant}: {amount}."

[appeals]
days = 10
reserve = "64,864.86"
citation = "Cited appeals."
grounds = [{ key = "figure", name = "A figure is wrong", citation = "Cited ground." }]
"#;

#[test]
fn approvals_letters_and_appeals_are_read_and_a_file_without_them_keeps_its_bytes() {
    let file = parse(&format!("{SMALL}{DECISIONS}"));
    let steps: Vec<_> = file.approvals.iter().map(|step| (step.name.as_str(), step.role.as_str(), step.over)).collect();
    assert_eq!(steps, [("Director", "approver", None), ("Board", "fiscal_agent", Some(Money::cents(25_000_000)))]);
    assert_eq!(
        file.letters.as_ref().unwrap().text(crate::award::Outcome::Funded, crate::letter::Basis::Ranking),
        "Dear {applicant}: {amount}."
    );
    let appeals = file.appeals.as_ref().unwrap();
    assert_eq!((appeals.days, appeals.reserve, appeals.grounds.len()), (10, Some(Money::cents(6_486_486)), 1));
    assert_eq!(ProgramFile::from_canonical(&file.canonical().unwrap()).as_ref(), Ok(&file));
    assert!(
        ["approvals", "letters", "appeals"].iter().all(|section| !parse(SMALL).canonical().unwrap().contains(&format!("\"{section}\":")))
    );
}

#[test]
fn slips_in_the_decisions_sections_are_named_where_they_stand() {
    let faults = [
        ("role = \"approver\"", "role = \"auditor\"", "approvals[1].role", "not one of: approver, fiscal_agent, program_manager"),
        ("name = \"Board\"", "name = \"Director\"", "approvals[2].name", "unique"),
        ("citation = \"Cited director.\"", "over = 5\ncitation = \"Cited director.\"", "approvals[1]", "need no approval"),
        ("{amount}", "{ammount}", "letters.funded", "no field “ammount”"),
        ("{amount}", "{amount", "letters.funded", "never closed"),
        ("days = 10", "days = 0", "appeals.days", "from 1 to 365"),
        ("reserve = \"64,864.86\"", "reserve = \"-1\"", "appeals.reserve", "above zero"),
        ("key = \"figure\", ", "", "appeals.grounds[1].key", "missing"),
    ];
    for (right, wrong, field, words) in faults {
        let text = format!("{SMALL}{}", DECISIONS.replacen(right, wrong, 1));
        let problems = ProgramFile::parse(&text).expect_err(wrong);
        assert!(problems.len() == 1 && problems[0].field == field && problems[0].problem.contains(words), "{wrong}: {problems:#?}");
    }
    let text = format!("{SMALL}{}", DECISIONS.replacen("{amount}", "{ammount}", 1));
    let problem = ProgramFile::parse(&text).unwrap_err().remove(0);
    let line = text.lines().position(|line| line.contains("ammount")).unwrap() + 1;
    assert_eq!((problem.line, problem.column), (line, "funded = \"Dear {applicant}: ".chars().count() + 1));
}

#[test]
fn columns_count_characters_and_point_at_the_value() {
    let text = SMALL.replacen("short_name = \"TA\"", "short_name = 7 # größer", 1);
    let problems = ProgramFile::parse(&text).unwrap_err();
    assert_eq!((problems[0].line, problems[0].column), (line_of("short_name"), "short_name = ".len() + 1));
    assert!(problems[0].to_string().starts_with(&format!("line {}, column 14, agency.short_name: ", line_of("short_name"))));
}

#[test]
fn several_faults_are_found_at_once_in_the_order_of_the_lines() {
    let mut text = SMALL.to_owned();
    for (right, wrong) in
        [("amount = \"1,000,000.00\"", "amount = -1"), ("weight = 5_000", "weight = 0"), ("basis = \"advance\"", "bases = \"advance\"")]
    {
        text = text.replacen(right, wrong, 1);
    }
    let problems = ProgramFile::parse(&text).unwrap_err();
    let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["appropriations[1].amount", "ranking.criteria[1].weight", "draws.basis", "draws.bases"]);
    assert!(problems.is_sorted());
}

#[test]
fn an_empty_file_lists_every_missing_section() {
    let problems = ProgramFile::parse("").unwrap_err();
    assert_eq!(problems.len(), 11);
    assert!(problems.iter().all(|problem| (problem.line, problem.column) == (1, 1)));
}

#[test]
fn the_hash_is_that_of_the_meaning_not_of_the_layout() {
    let hash = |text: &str| parse(text).sha256().unwrap();
    let relaid = SMALL
        .replacen("weight = 5_000", "weight = 5000 # half", 1)
        .replacen("amount = \"1,000,000.00\"", "amount = 1_000_000", 1)
        .replacen("zero = 100", "zero = 100.0", 1)
        .replacen("[\"2800185\", \"2800186\"]", "[\"2800186\", \"2800185\"]", 1);
    assert_ne!(SMALL, relaid);
    assert_eq!(hash(SMALL), hash(&relaid));
    assert_ne!(hash(SMALL), hash(&SMALL.replacen("zero = 100", "zero = 99", 1)));
}

/// The hash is a promise to everybody who wrote it down: when this test fails, published hashes no longer match their files.
#[test]
fn the_hash_of_the_small_file_never_changes() {
    assert_eq!(parse(SMALL).sha256().unwrap(), "37e0f3ecdbd5a8e3b0d5d9dc993219bd0f467b136e170c24470cacd67249c215");
}

#[test]
fn the_summary_says_what_a_person_checks() {
    let lines = parse(SMALL).summary().unwrap();
    assert_eq!(
        lines,
        [
            "Test program, Round 1.",
            "$1,000,000 from General Fund, fiscal year 2024, July 1, 2023 to June 30, 2024: SB 1",
            "Opens April 3, 2023, 8:00 a.m. CDT; closes May 5, 2023, 11:59 p.m. CDT.",
            "Ranked by No coach 50%, Letters 30%, College ties 20%.",
            "Ties: more points for “No coach” goes first; then the lower “Students enrolled” goes first; then the lot drawn from the published seed decides.",
            "Awarded in seats at $64,864.86 each, at most 4 to one applicant.",
            "Money goes down the list in whole units; the first request that does not fit gets the whole units that are left.",
            "Regions: 2, with 2 districts and 2 counties.",
            "Invented for demonstration: All of it.",
            "SHA-256 37e0f3ecdbd5a8e3b0d5d9dc993219bd0f467b136e170c24470cacd67249c215",
        ]
    );
}

#[test]
fn the_canonical_form_reads_back() {
    for text in [FINISHED, OPEN, NAMED, SMALL] {
        let file = parse(text);
        let canonical = file.canonical().unwrap();
        assert_eq!(ProgramFile::from_canonical(&canonical).as_ref(), Ok(&file));
        let contact = file.agency.contact.as_ref().map_or_else(String::new, |contact| format!("\"contact\":\"{contact}\","));
        assert!(canonical.starts_with(&format!("{{\"agency\":{{{contact}\"fiscal_agent\":")), "keys are sorted");
    }
    assert!(ProgramFile::from_canonical("{}").is_err());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*") {
        prop_assert!(ProgramFile::parse(&text).is_err());
    }

    #[test]
    fn a_file_cut_or_garbled_anywhere_is_refused_or_read_but_never_panics(at in 0_usize..4_000, put in "[\\[\\]{}\"=,.0-9a-zé\n-]{0,6}", take in 0_usize..12) {
        let mut chars: Vec<char> = SMALL.chars().collect();
        let at = at.min(chars.len());
        let end = (at + take).min(chars.len());
        chars.splice(at..end, put.chars());
        let text: String = chars.into_iter().collect();
        if let Err(problems) = ProgramFile::parse(&text) {
            prop_assert!(!problems.is_empty());
            let lines = text.matches('\n').count() + 1;
            prop_assert!(problems.iter().all(|problem| (1..=lines).contains(&problem.line) && problem.column >= 1));
        }
    }
}

#[test]
fn a_round_may_share_or_choose_the_best_set_with_floors_of_its_own_regions() {
    let with = |allocation: &str| SMALL.replacen("method = \"down_the_list\"\nmisfit = \"partial\"", allocation, 1);
    let optimal = "method = \"optimal\"\nobjective = \"points\"\nregions = [{ region = \"west\", floor = \"64,864.86\", citation = \"Cited floor.\" }]";
    assert_eq!(parse(&with(optimal)).allocation.bounds.len(), 1);
    parse(&with("method = \"shares\"\nby = \"request\"\nrounding = \"webster\""));
    let partial = "method = \"down_the_list\"\nmisfit = \"partial\"\nleast_award = { units = 2, citation = \"Cited least.\" }";
    assert_eq!(parse(&with(partial)).allocation.least_award.unwrap().units, 2);
    let pot = |key: &str, regions: &str, amount: &str| {
        let pot = format!(
            "{{ appropriation = \"{key}\", name = \"A gift\", amount = \"{amount}\", only_regions = [{regions}], method = \"down_the_list\", misfit = \"skip\", citation = \"Cited pot.\" }}"
        );
        format!("method = \"down_the_list\"\nmisfit = \"stop\"\nbefore = [{pot}]")
    };
    for (allocation, field, words) in [
        (pot("fy2024", "\"west\"", "5.00").as_str(), "allocation", "“fy2024” is the round’s own appropriation"),
        (&pot("gift", "\"west\"", "5.00"), "allocation", "“gift” is the key of no appropriation"),
        ("method = \"best\"", "allocation.method", "not one of: down_the_list, shares, optimal"),
        ("method = \"optimal\"", "allocation.objective", "missing"),
        (&optimal.replace("west", "north"), "allocation", "“north” is the key of no region"),
        (&partial.replace("partial", "skip"), "allocation.least_award", "only where “misfit” is “partial”"),
        (&partial.replace("units = 2", "units = 0"), "allocation.least_award.units", "from 1 to 10000"),
    ] {
        let problems = ProgramFile::parse(&with(allocation)).unwrap_err();
        assert!(problems.len() == 1 && problems[0].field == field && problems[0].problem.contains(words), "{allocation}: {problems:#?}");
    }
}

#[test]
fn pots_before_the_rounds_own_are_read_and_what_they_name_must_be_there() {
    let gift = "[[appropriations]]\nkey = \"gift\"\nbill = \"None\"\nsection = \"1\"\nfund_source = \"Gift\"\nfiscal_year = 2024\namount = \"50,000.00\"\nbegins_on = 2023-07-01\nlapses_on = 2024-06-30\ncitation = \"Cited gift.\"\n";
    let pot = "[[allocation.before]]\nappropriation = \"gift\"\nname = \"The gift\"\namount = \"40,000.00\"\nonly_regions = [\"west\"]\nmethod = \"down_the_list\"\nmisfit = \"skip\"\ncitation = \"Cited pot.\"\n";
    let whole = format!("{SMALL}\n{gift}\n{pot}");
    let file = parse(&whole);
    assert_eq!(file.allocation.before[0].regions, ["west"]);
    let plain = "First “The gift”, at most $40,000, for West only: Money goes down the list in whole units; a request that does not fit \
                 is passed over for smaller ones below. Whoever it pays is not paid by another. Then the round’s own appropriation: ";
    assert!(file.plain_allocation().starts_with(plain), "{}", file.plain_allocation());
    let by_file = crate::program::RulesFile::parse(&whole).unwrap_err();
    assert!(by_file.len() == 1 && by_file[0].problem.contains("lay out one table for each pot"), "{by_file:#?}");
    for (right, wrong, words) in [
        ("[\"west\"]", "[\"north\"]", "“north” is the key of no region"),
        ("40,000.00", "60,000.00", "holds more than its appropriation of $50,000"),
        ("misfit = \"skip\"", "misfit = \"shrink\"", "not one of"),
        ("name = \"The gift\"\n", "", "missing"),
        ("citation = \"Cited pot.\"", "citation = \"Cited pot.\"\nbefore = []", "no such field"),
    ] {
        let problems = ProgramFile::parse(&whole.replacen(right, wrong, 1)).expect_err(wrong);
        assert!(problems.len() == 1 && problems[0].problem.contains(words), "{wrong}: {problems:#?}");
    }
}
