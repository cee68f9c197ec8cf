//! Every transition on every state, at the second before, at and after the close.

use super::*;
use crate::Zone;
use crate::round::Opened;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

fn round() -> Round {
    let id = Uuid::from_u128(4);
    Round {
        id: id.into(),
        program: id.into(),
        agency: id.into(),
        program_version: id.into(),
        appropriation: id.into(),
        slug: "2024-25".to_owned(),
        name: "School year 2024-25".to_owned(),
        zone: Zone::CENTRAL,
        opens_at: at(1_000),
        closes_at: at(2_000),
        questions_until: None,
        award_on: None,
        seed: "seed".to_owned(),
        opened: Some(Opened { at: at(900), sha256: "r".to_owned(), version: 1 }),
        published_at: None,
        last_number: 0,
        version: 1,
    }
}

fn limits() -> Limits {
    Limits { max_units: 6, unit: "seat".to_owned(), units: "seats".to_owned() }
}

fn submission() -> Submission {
    Submission {
        id: Uuid::from_u128(1),
        number: "A-2025-0001".to_owned(),
        by: PersonId(Uuid::from_u128(2)),
        at: at(1_500),
        units: 2,
        digest: "d".to_owned(),
    }
}

fn application(state: State) -> Application {
    Application {
        id: ApplicationId(Uuid::from_u128(3)),
        round: RoundId(Uuid::from_u128(4)),
        applicant: OrganizationId(Uuid::from_u128(5)),
        state,
    }
}

fn states() -> [State; 3] {
    [State::Draft, State::Submitted(submission()), State::Withdrawn { was: submission(), at: at(1_600) }]
}

fn answers() -> Answers {
    let pairs: &[(&str, &str, &str)] = &[
        ("district", "facts_right", "yes"),
        ("district", "contact_name", "A. Person"),
        ("district", "contact_phone", "601-555-0123"),
        ("need", "why", "There is none."),
        ("need", "high_schools", "One High"),
        ("need", "students_served", "1250"),
        ("coaches", "seats", "2"),
        ("coaches", "placement", "One High"),
        ("coaches", "start_month", "2024-08"),
        ("support", "support", "The chamber offers visits."),
        ("college", "college", "Hinds Community College"),
        ("college", "relationship", "Dual credit."),
        ("college", "agreement", "yes"),
    ];
    let mut answers = Answers::new();
    for (section, key, text) in pairs {
        answers.entry((*section).to_owned()).or_default().insert((*key).to_owned(), (*text).to_owned());
    }
    answers
}

fn filing(answers: &Answers) -> Filing<'_> {
    Filing {
        id: Uuid::from_u128(9),
        number: number(2025, 7),
        call: "career-coaches/2024-25".to_owned(),
        rules_sha256: "r".to_owned(),
        applicant_name: "One District".to_owned(),
        applicant_nces_id: Some("2800000".to_owned()),
        answers,
        letters: Vec::new(),
        by: PersonId(Uuid::from_u128(2)),
        name: "Carla Signer",
        signature: "C. Signer",
        stated: true,
    }
}

/// For each state, what save, submit and withdraw lead to while the round is open; `-` is a refusal.
const TABLE: [(&str, [&str; 3]); 3] =
    [("draft", ["draft", "submitted", "-"]), ("submitted", ["-", "-", "withdrawn"]), ("withdrawn", ["withdrawn", "submitted", "-"])];

fn outcomes(state: &State, now: Timestamp) -> [String; 3] {
    let named = |state: State| state.as_str().to_owned();
    let refused = "-".to_owned();
    let answers = answers();
    [
        application(state.clone()).save_section(&round(), now).map_or_else(|_| refused.clone(), |after| named(after.state)),
        application(state.clone())
            .submit(&round(), &limits(), filing(&answers), now)
            .map_or_else(|_| refused.clone(), |done| named(done.application.state)),
        application(state.clone()).withdraw(&round(), now).map_or_else(|_| refused.clone(), |after| named(after.state)),
    ]
}

#[test]
fn every_transition_on_every_state_is_as_the_table_says() {
    for (state, (name, expected)) in states().iter().zip(TABLE) {
        assert_eq!(state.as_str(), name);
        assert_eq!(outcomes(state, at(1_999)), expected, "{name}, a second before the close");
        assert_eq!(outcomes(state, at(2_000)), expected, "{name}, at the close");
        assert_eq!(outcomes(state, at(2_001)), ["-", "-", "-"], "{name}, a second after the close");
        assert_eq!(outcomes(state, at(999)), ["-", "-", "-"], "{name}, a second before it opens");
    }
}

#[test]
fn the_diagram_shows_these_transitions_and_no_others() {
    let verbs = ["save", "submit", "withdraw"];
    let arrows = TABLE.iter().flat_map(|(from, leads)| verbs.into_iter().zip(leads).map(move |(verb, to)| (*from, verb, *to)));
    assert_eq!(crate::diagrams::found(arrows), crate::diagrams::arrows("application"));
}

#[test]
fn a_round_that_was_never_opened_takes_no_application() {
    let shut = Round { opened: None, ..round() };
    let started = Application::start(ApplicationId(Uuid::nil()), &shut, OrganizationId(Uuid::nil()), at(1_500));
    assert!(matches!(started, Err(Refusal::NotOpen(_))));
}

#[test]
fn after_the_close_the_door_says_when_it_shut_and_that_the_draft_is_kept() {
    let closes_at = Timestamp::try_from("2023-05-06T04:59:00Z".to_owned()).unwrap();
    let round = Round { opens_at: at(0), closes_at, ..round() };
    let refused = application(State::Draft).save_section(&round, closes_at.plus_seconds(1)).unwrap_err();
    assert_eq!(refused.to_string(), "The round closed on May 5, 2023, 11:59 p.m. CDT. Your draft is kept.");
}

#[test]
fn a_submission_without_answers_and_signature_is_told_everything_at_once() {
    let none = Answers::new();
    let bare = Filing { signature: " ", stated: false, ..filing(&none) };
    let problems = application(State::Draft).submit(&round(), &limits(), bare, at(1_500)).unwrap_err();
    assert!(problems.len() > 10);
    assert_eq!(problems[problems.len() - 2..], [SubmitProblem::NotSigned(NotSigned::Nothing), SubmitProblem::NotStated]);
}

#[test]
fn the_digest_names_the_document_and_the_same_filing_gives_the_same_bytes() {
    let answers = answers();
    let submit = || application(State::Draft).submit(&round(), &limits(), filing(&answers), at(1_500)).unwrap();
    let done = submit();
    assert_eq!(done, submit());
    assert_eq!(done.submission.digest, sha256_hex(done.document.as_bytes()));
    assert_eq!(done.submission.number, "A-2025-0007");
    assert!(done.document.contains(r#""units_requested":2"#), "{}", done.document);
}
