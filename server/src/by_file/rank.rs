//! `allotment rank`: applicants from a table, in order by the rules.

use super::sheet::{Row, Sheet};
use super::{Rank, Wrong, csv_line, rules_of, text_of, write_json};
use domain::exact::Exact;
use domain::facts::Input;
use domain::ranking::{Candidate, Place, RankingDocument, RankingProblem, TieNote};
use domain::ruleset::{Criterion, RuleSet};
use std::collections::BTreeMap;

pub fn run(given: &Rank) -> Result<String, Wrong> {
    let file = rules_of(&given.rules)?;
    let name = given.rules.display();
    let rules = file.ranking.ok_or_else(|| vec![format!("{name}: There is no [ranking] section.")])?;
    let Some(seed) = file.seed else {
        return Err(vec![format!("{name}: The seed of the lots is missing: write seed = \"…\" at the head of the file.")]);
    };
    let text = text_of(&given.applicants)?;
    let inputs = rules.inputs();
    let sheet = Sheet::read(&given.applicants, &text, &[&["id"], inputs.as_slice()].concat())?;
    let candidates = candidates(&sheet, &inputs, &given.applicants.display().to_string())?;
    let document = RankingDocument::from_rules(&rules, &seed, &candidates).map_err(|problems| {
        // Of an id that is there twice, the second is in the way.
        let rows = sheet.rows().map(|row| (row.get("id").to_owned(), row)).collect();
        problems.iter().map(|problem| told(problem, &name.to_string(), &rows, &rules)).collect::<Wrong>()
    })?;
    let bytes = document.bytes().map_err(|cause| vec![cause.to_string()])?;
    write_json(given.json.as_deref(), &bytes)?;
    Ok(written(&rules, &document))
}

/// A problem with its place: the rules, or a row and, where one is to blame, a column of the table.
fn told(problem: &RankingProblem, file: &str, rows: &BTreeMap<String, Row<'_>>, rules: &RuleSet) -> String {
    let key_of = |name: &str| rules.criteria.iter().find(|criterion| criterion.name == *name).map(Criterion::input_key);
    let (number, column) = match problem {
        RankingProblem::Rules(_) => return format!("{file}: {problem}"),
        RankingProblem::Twice { number } => (number, Some("id")),
        RankingProblem::Missing { number, input, .. } | RankingProblem::Contested { number, input, .. } => (number, Some(input.as_str())),
        RankingProblem::OffAnchor { number, criterion, .. } | RankingProblem::NotACount { number, criterion, .. } => {
            (number, key_of(criterion))
        }
        RankingProblem::Formula { number, .. }
        | RankingProblem::NothingCounts { number }
        | RankingProblem::NamedTwice { number, .. }
        | RankingProblem::Gate { number, .. } => (number, None),
    };
    rows.get(number).map_or_else(|| format!("{file}: {problem}"), |row| row.problem(column.unwrap_or("id"), problem))
}

fn candidates(sheet: &Sheet, inputs: &[&str], table: &str) -> Result<Vec<Candidate>, Wrong> {
    let (mut candidates, mut problems) = (Vec::new(), Vec::new());
    for row in sheet.rows() {
        let id = row.get("id").to_owned();
        if id.is_empty() {
            problems.push(row.problem("id", "The id is empty."));
        }
        let mut one = Candidate { id: id.clone(), number: id, inputs: BTreeMap::new() };
        for key in inputs {
            match row.decimal(key) {
                Ok(Some(value)) => {
                    let source = format!("{table}, line {}", row.line());
                    one.inputs.insert((*key).to_owned(), Input { value, source, year: None, place: String::new(), synthetic: false });
                }
                Ok(None) => {}
                Err(problem) => problems.push(problem),
            }
        }
        candidates.push(one);
    }
    if problems.is_empty() { Ok(candidates) } else { Err(problems) }
}

/// Columns id, place, points, one for each criterion, the tie-break used, and the points as an exact fraction.
fn written(rules: &RuleSet, document: &RankingDocument) -> String {
    let mut heads: Vec<String> = ["id", "place", "points"].map(str::to_owned).to_vec();
    heads.extend(rules.criteria.iter().map(|criterion| criterion.key.clone()));
    heads.extend(["tie", "points_exact", "note"].map(str::to_owned));
    let mut text = csv_line(&heads);
    for place in &document.result.places {
        let mut cells = vec![place.candidate.clone(), place.place.to_string(), decimal(&place.points)];
        cells.extend(rules.criteria.iter().map(|criterion| {
            let part = place.parts.iter().find(|part| part.criterion == criterion.key);
            part.map_or_else(String::new, |part| decimal(&part.points))
        }));
        cells.extend([place.tie.as_ref().map_or_else(String::new, tie), String::from(place.points.clone()), note(place)]);
        text.push_str(&csv_line(&cells));
    }
    for out in &document.result.shut_out {
        let mut cells = vec![out.candidate.clone()];
        cells.resize(heads.len() - 1, String::new());
        cells.push(format!("not ranked: does not meet “{}”", out.name));
        text.push_str(&csv_line(&cells));
    }
    text
}

/// A decimal as exact as twelve places hold; the fraction stands in its own column.
fn decimal(points: &Exact) -> String {
    points.rounded(12).replace('−', "-")
}

/// The step that separated a tie: from the one above, or for the first of the tie from the one below.
fn tie(tie: &TieNote) -> String {
    tie.after.as_ref().or(tie.before.as_ref()).map_or_else(String::new, |by| format!("step {}: {}", by.step, by.how))
}

fn note(place: &Place) -> String {
    let left_out = place.left_out.iter().map(|left| format!("{} left out, no {}", left.criterion, left.input));
    let capped =
        place.capped.iter().map(|capped| format!("{} cut from {} to {}", capped.group, decimal(&capped.sum), decimal(&capped.cap)));
    left_out.chain(capped).collect::<Vec<_>>().join("; ")
}
