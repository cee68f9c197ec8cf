use super::*;
use crate::allocation::{AllocationDocument, AllocationProblem, Claim, Outcome, lay, replay_allocation};
use crate::decision::DecisionDocument;
use crate::id::{ApplicationId, OrganizationId, RoundId};
use crate::program::ProgramFile;
use crate::ranking::{Candidate, RankingDocument};
use proptest::prelude::*;
use std::collections::BTreeMap;

const FILE: &str = include_str!("../../../programs/minnesota-education-partnerships.toml");

/// Two recipients, one with units, one with an amount.
const SMALL: &str = r#"
[named]
citation = "Cited act."

[[named.recipients]]
key = "one"
name = "District One"
region = "west"
units = 2
citation = "Section 1 (a)."

[[named.recipients]]
key = "two"
name = "District Two"
region = "east"
amount = "870,270.28"
citation = "Section 1 (b)."

[[named.terms]]
text = "Keep records."
citation = "Cited terms."
"#;

/// The small competition of the program file's tests, as a round of what the law names: 2 × $64,864.86 and the rest of $1,000,000.
fn small() -> String {
    let text = include_str!("../program/tests/small.toml");
    let (ranking, award) = (text.find("[ranking]").unwrap(), text.find("[award]").unwrap());
    let (allocation, reporting) = (text.find("[allocation]").unwrap(), text.find("[reporting]").unwrap());
    format!("{}{}{}{SMALL}", &text[..ranking], &text[award..allocation], &text[reporting..])
}

fn file() -> ProgramFile {
    ProgramFile::parse(FILE).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn terms() -> NamedTerms {
    file().named.unwrap()
}

fn claim(place: usize, recipient: &Recipient, accepted: bool) -> Claim {
    Claim {
        id: format!("id-{place}"),
        number: format!("A-{place}"),
        place: u32::try_from(place).unwrap(),
        region: recipient.region.clone(),
        units_requested: recipient.units,
        unit_cost: Some(recipient.unit_cost),
        least: None,
        last: None,
        named: Some(recipient.claim(accepted.then(|| "digest".to_owned()))),
    }
}

#[test]
fn five_partnerships_are_named_with_all_of_the_six_million_and_every_guess_is_marked() {
    let (file, terms) = (file(), terms());
    assert_eq!(terms.recipients.len(), 5);
    assert_eq!(Ok(file.appropriation().unwrap().amount), terms.total());
    assert!(terms.recipients.iter().all(|one| one.synthetic), "the split is not known");
    assert!(file.ranking.weighs_nothing() && file.allocation.method == Method::Named);
    assert_eq!(ProgramFile::from_canonical(&file.canonical().unwrap()).as_ref(), Ok(&file));
    let summary = file.summary().unwrap();
    assert!(summary.iter().any(|line| line == "Named in law, without competition: 5 recipients, $6,000,000 in all."), "{summary:#?}");
}

#[test]
fn an_amount_and_units_at_the_awards_cost_fit_the_appropriation_to_the_cent() {
    let file = ProgramFile::parse(&small()).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let named = file.named.unwrap();
    assert_eq!(named.total(), Ok(Money::cents(100_000_000)));
    assert_eq!(named.recipient_of("  district TWO ").map(|(place, one)| (place, one.key.as_str())), Some((2, "two")));
    assert_eq!(named.recipient_of("District Three"), None);
}

#[test]
fn each_slip_is_named_with_its_line_and_field() {
    let faults = [
        ("amount = \"870,270.28\"", "amount = \"870,270.29\"", "named.recipients[2].amount", "more than the $1,000,000"),
        ("amount = \"870,270.28\"", "amount = \"9,000,000,000,000.00\"", "named.recipients[2].amount", "more than the $1,000,000"),
        ("units = 2", "units = 5", "named.recipients[1].units", "from 1 to 4"),
        ("units = 2", "units = 2\namount = 5", "named.recipients[1]", "write one of the two"),
        ("units = 2\n", "", "named.recipients[1]", "write one of the two"),
        ("region = \"east\"", "region = \"north\"", "named.recipients[2].region", "key of no region"),
        ("key = \"two\"", "key = \"one\"", "named.recipients[2].key", "unique"),
        ("name = \"District Two\"", "name = \"DISTRICT One\"", "named.recipients[2].name", "named above"),
        ("citation = \"Section 1 (b).\"\n", "", "named.recipients[2].citation", "citation is missing"),
        ("citation = \"Cited terms.\"\n", "", "named.terms[1].citation", "citation is missing"),
        ("[[named.terms]]\ntext = \"Keep records.\"\ncitation = \"Cited terms.\"\n", "", "named.terms", "missing"),
        ("[named]", "[allocation]\nmethod = \"down_the_list\"\n[named]", "allocation", "nothing is ranked"),
    ];
    let text = small();
    for (right, wrong, field, words) in faults {
        assert_eq!(text.matches(right).count(), 1, "{right}");
        let broken = text.replacen(right, wrong, 1);
        let problems = ProgramFile::parse(&broken).expect_err(wrong);
        assert!(problems.len() == 1 && problems[0].field == field && problems[0].problem.contains(words), "{wrong}: {problems:#?}");
        if !wrong.is_empty() && !wrong.contains('\n') {
            let line = text[..text.find(right).unwrap()].lines().count() + 1;
            assert_eq!(problems[0].line, line, "{wrong}");
        }
    }
    let reserve =
        "[appeals]\ndays = 10\nreserve = 1\ncitation = \"Cited.\"\ngrounds = [{ key = \"a\", name = \"A\", citation = \"Cited.\" }]\n";
    let problems = ProgramFile::parse(&format!("{text}{reserve}")).unwrap_err();
    assert!(
        problems[0].problem.contains("more than the $999,999"),
        "what is set aside for appeals is not there to be named: {problems:#?}"
    );
}

#[test]
fn the_list_is_in_the_order_of_the_law_and_the_whole_decision_replays() {
    let (file, terms) = (file(), terms());
    let candidate = |(index, one): (usize, &Recipient)| Candidate {
        id: format!("id-{}", index + 1),
        // Numbers run against the order of the act.
        number: format!("A-{}", 9 - index),
        inputs: BTreeMap::from([(ORDER.to_owned(), one.input(index + 1))]),
    };
    let candidates: Vec<Candidate> = terms.recipients.iter().enumerate().take(4).map(candidate).collect();
    let list = RankingDocument::make(&file, "", &candidates).unwrap();
    let ids: Vec<&str> = list.result.places.iter().map(|place| place.candidate.as_str()).collect();
    assert_eq!(ids, ["id-1", "id-2", "id-3", "id-4"]);
    let claims: Vec<Claim> = (1..=4).map(|place| claim(place, &terms.recipients[place - 1], place != 3)).collect();
    let claims: Vec<Claim> = claims.into_iter().map(|claim| Claim { number: format!("A-{}", 10 - claim.place), ..claim }).collect();
    let absent = vec![terms.recipients[4].unclaimed(None, "It did not apply.".to_owned()).unwrap()];
    let pot = Money::cents(600_000_000);
    let laid = AllocationDocument::named(&file, &list.sha256().unwrap(), pot, &claims, absent).unwrap();
    assert_eq!((laid.result.granted, laid.result.rest, laid.result.line), (Money::cents(360_000_000), Money::cents(240_000_000), None));
    assert!(replay_allocation(&laid.bytes().unwrap()).unwrap().same);
    let decision = DecisionDocument::new(list, Some(laid)).bytes().unwrap();
    assert!(crate::replay::replay(&decision).unwrap().is_same());
    // A file that gives a recipient more than its share of the result is found out.
    let tampered = String::from_utf8(decision).unwrap().replacen("\"granted\":120000000", "\"granted\":120000001", 1);
    assert!(!crate::replay::replay(tampered.as_bytes()).unwrap().is_same());
}

#[test]
fn a_claim_that_the_law_does_not_name_or_names_once_is_refused() {
    let terms = terms();
    let rule = terms.money_rule();
    let lay = |claims: &[Claim]| lay(&rule, Money::cents(1), Money::cents(600_000_000), claims, &BTreeMap::new()).unwrap_err();
    let stranger = Claim { named: None, ..claim(1, &terms.recipients[0], true) };
    assert_eq!(lay(&[stranger]), [AllocationProblem::NotNamed { number: "A-1".to_owned() }]);
    let twice = [claim(1, &terms.recipients[0], true), claim(2, &terms.recipients[0], true)];
    assert_eq!(lay(&twice), [AllocationProblem::Twice { number: "A-2".to_owned() }]);
}

fn application(state: State) -> Application {
    let uuid = Uuid::from_u128;
    Application { id: ApplicationId(uuid(1)), round: RoundId(uuid(2)), applicant: OrganizationId(uuid(3)), state }
}

fn submitted() -> State {
    State::Submitted(crate::application::Submission {
        id: Uuid::from_u128(4),
        number: "A-2018-0001".to_owned(),
        by: PersonId(Uuid::from_u128(5)),
        at: Timestamp::from_unix(1),
        units: 1,
        digest: "digest".to_owned(),
    })
}

#[test]
fn terms_are_accepted_for_a_submission_with_a_name_and_a_tick() {
    let terms = terms();
    let accepting = |signature, stated| Accepting {
        id: Uuid::from_u128(6),
        call: "p/r".to_owned(),
        rules_sha256: "rules",
        terms: &terms.terms,
        recipient: &terms.recipients[1],
        by: PersonId(Uuid::from_u128(5)),
        signature,
        name: "Ada Name",
        stated,
    };
    let now = Timestamp::from_unix(9);
    let State::Submitted(was) = submitted() else { unreachable!() };
    for state in [State::Draft, State::Withdrawn { was, at: now }] {
        assert_eq!(accept(&application(state), &accepting("A. Name", true), now), Err(vec![AcceptProblem::NotSubmitted]));
    }
    let handed_in = application(submitted());
    assert_eq!(
        accept(&handed_in, &accepting(" A ", false), now),
        Err(vec![AcceptProblem::NotStated, AcceptProblem::NotSigned(NotSigned::Nothing)])
    );
    let accepted = accept(&handed_in, &accepting(" A. Name ", true), now).unwrap();
    assert_eq!((accepted.signature.as_str(), accepted.submission), ("A. Name", Uuid::from_u128(4)));
    assert_eq!(accepted.digest, sha256_hex(accepted.document.as_bytes()));
    for words in ["\"amount\":120000000", "A-2018-0001", "reports each quarter", "\"rules_sha256\":\"rules\""] {
        assert!(accepted.document.contains(words), "{words}: {}", accepted.document);
    }
}

proptest! {
    #[test]
    fn each_gets_the_laws_amount_or_nothing_and_the_rest_stays_in_the_pot(
        amounts in prop::collection::vec((1_i64..1_000_000, any::<bool>()), 0..12),
        pot in 0_i64..4_000_000,
        turn in 0_usize..12,
    ) {
        let recipient = |(index, (cents, _)): (usize, &(i64, bool))| Recipient {
            key: format!("key-{index}"),
            name: format!("Name {index}"),
            region: format!("region-{}", index % 3),
            units: 1,
            unit_cost: Money::cents(*cents),
            citation: "Cited.".to_owned(),
            synthetic: false,
        };
        let recipients: Vec<Recipient> = amounts.iter().enumerate().map(recipient).collect();
        let mut claims: Vec<Claim> =
            recipients.iter().zip(&amounts).enumerate().map(|(index, (one, (_, accepted)))| claim(index + 1, one, *accepted)).collect();
        let rule = terms().money_rule();
        let pot = Money::cents(pot);
        let laid = lay(&rule, Money::cents(1), pot, &claims, &BTreeMap::new()).unwrap();
        prop_assert_eq!(laid.granted.plus(laid.rest).unwrap(), pot);
        prop_assert!(laid.rest >= Money::ZERO);
        let asked = Money::sum(claims.iter().filter(|claim| claim.named.as_ref().unwrap().accepted.is_some()).map(|claim| claim.unit_cost.unwrap())).unwrap();
        for (step, (one, (_, accepted))) in laid.steps.iter().zip(recipients.iter().zip(&amounts)) {
            let whole = one.amount().unwrap();
            prop_assert!(step.granted == whole || step.granted == Money::ZERO);
            prop_assert_eq!(step.outcome == Outcome::Waitlisted, !accepted);
            prop_assert!(step.granted == Money::ZERO || *accepted);
            // Where the pot holds all that the law names, whoever accepted is granted, whatever the order.
            if asked <= pot { prop_assert_eq!(step.granted == whole, *accepted); }
        }
        if !claims.is_empty() { let turn = turn % claims.len(); claims.rotate_left(turn); }
        prop_assert_eq!(lay(&rule, Money::cents(1), pot, &claims, &BTreeMap::new()).unwrap(), laid);
    }
}
