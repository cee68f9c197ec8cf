//! Which case works which clause: every citation of a program file has one, every word of the rules' formats is in one, and the README of
//! this folder lists them.

use crate::case::{Case, PROGRAMS, files};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use toml_edit::{DocumentMut, Item, Value};

/// Every `citation` in a file, whatever it stands in.
fn citations(item: &Item, found: &mut BTreeSet<String>) {
    match item {
        Item::Table(table) => table.iter().for_each(|(key, inner)| note(key, inner, found)),
        Item::ArrayOfTables(tables) => tables.iter().flat_map(|table| table.iter()).for_each(|(key, inner)| note(key, inner, found)),
        Item::Value(Value::InlineTable(table)) => {
            table.iter().for_each(|(key, inner)| note(key, &Item::Value(inner.clone()), found));
        }
        Item::Value(Value::Array(array)) => array.iter().for_each(|inner| citations(&Item::Value(inner.clone()), found)),
        _ => {}
    }
}

fn note(key: &str, item: &Item, found: &mut BTreeSet<String>) {
    match item.as_str() {
        Some(text) if key == "citation" => {
            found.insert(text.to_owned());
        }
        _ => citations(item, found),
    }
}

/// The citations of every program file, by the file's name.
fn cited() -> BTreeMap<String, BTreeSet<String>> {
    let of = |text: &str| {
        let document: DocumentMut = text.parse().unwrap();
        let mut found = BTreeSet::new();
        citations(document.as_item(), &mut found);
        found
    };
    files(PROGRAMS, ".toml").into_iter().map(|(name, text)| (name, of(&text))).collect()
}

#[test]
fn every_citation_of_a_program_file_has_a_case_and_no_case_cites_what_is_not_there() {
    let cases = Case::all();
    let cited = cited();
    let mut wrong = Vec::new();
    for (program, clauses) in &cited {
        let of_program = || cases.iter().filter(|case| case.list("programs").contains(&program.as_str()));
        let worked: BTreeSet<&str> = of_program().flat_map(|case| case.list("works")).collect();
        wrong.extend(
            clauses.iter().filter(|clause| !worked.contains(clause.as_str())).map(|clause| format!("{program}: no case works “{clause}”")),
        );
        for case in of_program() {
            let unknown = case.list("works").into_iter().filter(|clause| !clauses.contains(*clause));
            wrong.extend(unknown.map(|clause| format!("{}: {program} does not cite “{clause}”", case.file)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Words of docs/FORMATS.md that choose a rule, as they stand in rules.
const CHOICES: [&str; 36] = [
    "yes_no",
    "steps",
    "linear",
    "distance",
    "piecewise",
    "percentile",
    "z_score",
    "bonus",
    "gates",
    "groups",
    "formula",
    "rubric",
    "\"exclude\"",
    "\"error\"",
    "\"contest\"",
    "\"lower ",
    "\"points ",
    "\"lot\"",
    "\"file\"",
    "\"stop\"",
    "\"skip\"",
    "\"partial\"",
    "\"waitlist\"",
    "\"request\"",
    "\"points\"",
    "\"largest_remainder\"",
    "\"webster\"",
    "\"points_per_seat\"",
    "floor",
    "cap =",
    "set_aside",
    "hold_harmless",
    "each_district",
    "each_organization",
    "given(",
    "clamp(",
];

#[test]
fn every_choice_of_the_formats_is_worked() {
    let cases = Case::all();
    let unworked: Vec<&str> = CHOICES.into_iter().filter(|word| !cases.iter().any(|case| case.rules_text().contains(word))).collect();
    assert!(unworked.is_empty(), "no case's rules hold {unworked:?}");
}

/// The lists of the README, as they must stand there.
fn listed() -> String {
    let cases = Case::all();
    let mut text = String::from("| citation in programs/*.toml | worked in |\n| --- | --- |\n");
    let clauses: BTreeSet<String> = cited().into_values().flatten().collect();
    for clause in clauses {
        let by: Vec<String> = cases
            .iter()
            .filter(|case| case.list("works").contains(&clause.as_str()))
            .map(|case| format!("[{0}]({0})", case.file))
            .collect();
        writeln!(text, "| {} | {} |", clause.replace('|', "\\|"), by.join(", ")).unwrap();
    }
    text.push_str("\n| clause of the formats, or standard | worked in |\n| --- | --- |\n");
    for case in &cases {
        if let Some(clause) = case.text("clause") {
            writeln!(text, "| {clause} | [{0}]({0}) |", case.file).unwrap();
        }
    }
    text
}

#[test]
fn the_readme_lists_every_case() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/README.md")).unwrap();
    let listed = listed();
    assert!(readme.ends_with(&listed), "golden/README.md must end with:\n\n{listed}");
}
