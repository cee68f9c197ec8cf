//! Golden cases: every clause of the program files and of the rules' formats, worked by hand in the files under `golden/` and computed here.
//! Each file tells its arithmetic, so that an auditor can follow it with a pencil; no expected number was taken from this program.
//! `golden/README.md` says which case works which citation, and a citation without a case fails here.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

#[path = "golden/asked.rs"]
mod asked;
#[path = "golden/case.rs"]
mod case;
#[path = "golden/index.rs"]
mod index;

use case::{Case, Row};
use domain::allocation::{AllocationRule, Bid, Claim, Granted, Outcome, by_rule, lay};
use domain::exact::Exact;
use domain::facts::Input;
use domain::money::Money;
use domain::panel::{Aggregation, Given, aggregate};
use domain::program::ProgramFile;
use domain::ranking::{Candidate, Ranking, rank};
use domain::ruleset::RuleSet;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

#[test]
fn every_case_comes_out_as_worked_by_hand() {
    let cases = Case::all();
    assert!(cases.len() > 30, "only {} cases were found", cases.len());
    for case in cases {
        let mut checks = 0;
        for file in case.programs() {
            checks += worked(&case, Some(&file));
        }
        if case.list("programs").is_empty() {
            checks += worked(&case, None);
        }
        assert!(checks > 0, "{}: nothing is checked", case.file);
    }
}

/// Computes what the case gives numbers for; how many things it was.
fn worked(case: &Case, program: Option<&ProgramFile>) -> usize {
    let mut checks = 0;
    let rules = program.map(|file| file.ranking.clone()).or_else(|| case.rules().ranking);
    if let Some(rows) = case.table("pool") {
        ranked(case, rules.as_ref().unwrap(), &rows);
        checks += 1;
    }
    if let Some(rows) = case.table("scores") {
        averaged(case, rules.as_ref().unwrap(), &rows);
        checks += 1;
    }
    if let Some(rows) = case.table("bids") {
        let seed = case.rules().seed;
        laid_by_rule(case, &case.rules().allocation.unwrap(), seed.as_deref(), &rows);
        checks += 1;
    }
    if let Some(file) = program {
        let claims = case.table("requests").map(|rows| requests(&rows)).or_else(|| Some(named(file, &case.table("accepted")?)));
        if let Some(claims) = claims {
            laid_for_round(case, file, &claims);
            checks += 1;
        }
        for row in case.table("asked").unwrap_or_default() {
            assert_eq!(asked::answer(file, row.get("question"), row.get("given")), row.get("answer"), "{}: {row:?}", case.file);
            checks += 1;
        }
    }
    checks
}

/// The points of each on the list, in order, and the step of the chain that decided where several have them.
fn ranked(case: &Case, rules: &RuleSet, rows: &[Row]) {
    let seed = case.rules().seed.unwrap();
    let candidates: Vec<Candidate> = rows.iter().map(candidate).collect();
    let ranking = match (rank(rules, &candidates, &seed), case.text("refused")) {
        (Ok(ranking), None) => ranking,
        (Err(problems), Some(expected)) => {
            let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
            return assert_eq!(said, [expected], "{}", case.file);
        }
        (other, expected) => panic!("{}: {other:?}, where {expected:?} was expected", case.file),
    };
    let found: Vec<(&str, Exact)> = ranking.places.iter().map(|place| (place.candidate.as_str(), place.points.clone())).collect();
    let places = case.table("places").unwrap();
    let expected: Vec<(&str, Exact)> = places.iter().map(|row| (row.get("id"), row.exact("points"))).collect();
    assert_eq!(found, expected, "{}", case.file);
    for row in places.iter().filter(|row| row.has("tie")) {
        assert_eq!(tie_of(&ranking, row.get("id")), row.get("tie"), "{}: {}", case.file, row.get("id"));
    }
    let out: Vec<(&str, &str)> = ranking.shut_out.iter().map(|out| (out.candidate.as_str(), out.gate.as_str())).collect();
    let shut_out = case.table("shut_out").unwrap_or_default();
    assert_eq!(out, shut_out.iter().map(|row| (row.get("id"), row.get("gate"))).collect::<Vec<_>>(), "{}", case.file);
}

/// The step that put a candidate behind the one above; of the first of a tie, the one that put it ahead.
fn tie_of(ranking: &Ranking, id: &str) -> String {
    let place = ranking.places.iter().find(|place| place.candidate == id).unwrap();
    let step = place.tie.as_ref().and_then(|tie| tie.after.as_ref().or(tie.before.as_ref()));
    step.map_or_else(String::new, |by| by.step.to_string())
}

fn candidate(row: &Row) -> Candidate {
    let input = |value: &str| Input {
        value: value.parse().unwrap(),
        source: "golden".to_owned(),
        year: None,
        place: String::new(),
        synthetic: true,
    };
    let inputs = row.cells().filter(|(head, cell)| *head != "id" && !cell.is_empty());
    let id = row.get("id").to_owned();
    Candidate { number: id.clone(), id, inputs: inputs.map(|(head, cell)| (head.to_owned(), input(cell))).collect() }
}

/// The number that each way of averaging which the case names makes of a panel's scores.
fn averaged(case: &Case, rules: &RuleSet, rows: &[Row]) {
    let given = |row: &Row| Given {
        criterion: row.get("criterion").to_owned(),
        number: row.get("id").to_owned(),
        reviewer: row.get("reviewer").to_owned(),
        points: row.get("points").parse().unwrap(),
    };
    let scores: Vec<Given> = rows.iter().map(given).collect();
    let used = case.table("used").unwrap();
    let ways = [
        ("mean", Aggregation::Mean),
        ("median", Aggregation::Median),
        ("trimmed", Aggregation::Trimmed),
        ("adjusted", Aggregation::Adjusted),
    ];
    for (name, way) in ways.into_iter().filter(|(name, _)| used.iter().any(|row| row.has(name))) {
        assert!(rules.panel.is_none_or(|panel| panel == way), "{}: the program file averages otherwise", case.file);
        let found = aggregate(way, &scores, &rules.rubric_ends()).unwrap().averages;
        let found: Vec<(&str, &str, Decimal)> = found.iter().map(|one| (one.criterion.as_str(), one.number.as_str(), one.used)).collect();
        let expected: Vec<(&str, &str, Decimal)> =
            used.iter().map(|row| (row.get("criterion"), row.get("id"), row.get(name).parse().unwrap())).collect();
        assert_eq!(found, expected, "{}, {name}", case.file);
    }
}

fn laid_by_rule(case: &Case, rule: &AllocationRule, seed: Option<&str>, rows: &[Row]) {
    let bid = |row: &Row| Bid {
        id: row.get("id").to_owned(),
        points: row.exact("points"),
        request: row.money("request").unwrap(),
        seats: Some(row.get("seats")).filter(|seats| !seats.is_empty()).map(|seats| seats.parse().unwrap()),
        least: row.money("min"),
        region: row.get("region").to_owned(),
        district: row.get("district").to_owned(),
        organization: row.get("organization").to_owned(),
        last: row.money("last"),
    };
    let bids: Vec<Bid> = rows.iter().map(bid).collect();
    match (by_rule(rule, seed, case.money("pot"), &bids), case.text("refused")) {
        (Ok(laid), None) => {
            let Granted { grants, rest, proof, .. } = laid;
            let found: Vec<_> = grants.iter().map(|grant| (bids[grant.row].id.as_str(), grant.granted, grant.outcome)).collect();
            assert_granted(case, &found, rest);
            assert!(proof.is_none_or(|proof| proof.starts_with("Proved")), "{}", case.file);
        }
        (Err(problems), Some(expected)) => {
            let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
            assert_eq!(said, [expected], "{}", case.file);
        }
        (other, expected) => panic!("{}: {other:?}, where {expected:?} was expected", case.file),
    }
}

/// Claims in the order of the places.
fn requests(rows: &[Row]) -> Vec<Claim> {
    let claim = |(place, row): (u32, &Row)| Claim {
        id: row.get("id").to_owned(),
        number: row.get("id").to_owned(),
        place,
        region: row.get("region").to_owned(),
        units_requested: row.get("units").parse().unwrap(),
        unit_cost: None,
        least: None,
        last: None,
        named: None,
    };
    (1..).zip(rows).map(claim).collect()
}

/// What an act's recipients claim, in the order of the act.
fn named(file: &ProgramFile, rows: &[Row]) -> Vec<Claim> {
    let recipients = &file.named.as_ref().unwrap().recipients;
    let keys: Vec<&str> = recipients.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(rows.iter().map(|row| row.get("id")).collect::<Vec<_>>(), keys, "the order of the act");
    let claim = |((place, one), row): ((u32, &domain::named::Recipient), &Row)| Claim {
        id: one.key.clone(),
        number: one.key.clone(),
        place,
        region: one.region.clone(),
        units_requested: one.units,
        unit_cost: Some(one.unit_cost),
        least: None,
        last: None,
        named: Some(one.claim((row.get("accepted") == "yes").then(|| "the terms".to_owned()))),
    };
    (1..).zip(recipients).zip(rows).map(claim).collect()
}

/// The round's own rule and price; what is set aside for appeals is taken off the pot before.
fn laid_for_round(case: &Case, file: &ProgramFile, claims: &[Claim]) {
    let reserve = file.appeals.as_ref().and_then(|appeals| appeals.reserve).unwrap_or_default();
    let pot = case.money("pot").minus(reserve).unwrap();
    let laid = lay(&file.allocation, file.award.unit_cost, pot, claims, &BTreeMap::new()).unwrap();
    let found: Vec<(&str, Money, Outcome)> = laid.steps.iter().map(|step| (step.id.as_str(), step.granted, step.outcome)).collect();
    assert_granted(case, &found, laid.rest);
}

fn assert_granted(case: &Case, found: &[(&str, Money, Outcome)], rest: Money) {
    let word = |outcome: Outcome| match outcome {
        Outcome::Funded => "funded",
        Outcome::Partial => "partial",
        Outcome::Waitlisted => "waitlisted",
        Outcome::NotFunded => "not funded",
    };
    let found: Vec<(&str, Money, &str)> = found.iter().map(|(id, granted, outcome)| (*id, *granted, word(*outcome))).collect();
    let rows = case.table("granted").unwrap();
    let expected: Vec<(&str, Money, &str)> =
        rows.iter().map(|row| (row.get("id"), row.money("granted").unwrap(), row.get("outcome"))).collect();
    assert_eq!(found, expected, "{}", case.file);
    assert_eq!(rest, case.money("rest"), "{}: what is left", case.file);
}
