//! `allotment replay` and `allotment explain`: what a frozen ranking's or allocation's document says, computed again.

use super::{Explain, Replay, Wrong, bytes_of};
use domain::allocation::{ALLOCATION_FORMAT, AllocationDocument, Step};
use domain::decision::{DECISION_FORMAT, DecisionDocument};
use domain::ranking::{Place, RANKING_FORMAT, RankingDocument, RankingProblem};
use domain::replay::replay as replay_document;
use domain::why::{Change, Of, award_changes, everybodys_changes, same_anyway, smallest_changes, turns_are_told};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// What a file says it is.
#[derive(serde::Deserialize)]
struct Header {
    format: String,
}

fn format_of(path: &Path, bytes: &[u8]) -> Result<String, Wrong> {
    let read = serde_json::from_slice::<Header>(bytes);
    read.map(|header| header.format).map_err(|cause| vec![format!("{}: This is no document of Allotment: {cause}.", path.display())])
}

fn unknown(path: &Path, format: &str) -> Wrong {
    vec![format!(
        "{}: The format “{format}” is not known; this version reads {RANKING_FORMAT}, {ALLOCATION_FORMAT} and {DECISION_FORMAT}.",
        path.display()
    )]
}

pub fn replay(given: &Replay) -> Result<String, Wrong> {
    let path = &given.file;
    let replayed = replay_document(&bytes_of(path)?).map_err(|cause| vec![format!("{}: {cause}", path.display())])?;
    if replayed.is_same() {
        return Ok(format!("The same {} bytes came out: {}, SHA-256 {}.\n", replayed.bytes, replayed.what, replayed.given_sha256));
    }
    let first = replayed
        .first
        .map(|first| format!("The first difference is at {}: the file says {}, and {} comes out.", first.at, first.given, first.again));
    Err(replayed.differences.into_iter().chain(first).map(|difference| format!("{}: {difference}", path.display())).collect())
}

pub fn explain(given: &Explain) -> Result<String, Wrong> {
    let path = &given.file;
    let bytes = bytes_of(path)?;
    let broken = |cause: serde_json::Error| vec![format!("{}: {cause}.", path.display())];
    let id = given.id.as_deref();
    let text = match format_of(path, &bytes)?.as_str() {
        RANKING_FORMAT => {
            let document: RankingDocument = serde_json::from_slice(&bytes).map_err(broken)?;
            each(named(&document, id), |id, known| explain_place(&document, given.line, id, known), || known(&document, given.line))?
        }
        ALLOCATION_FORMAT => {
            let document: AllocationDocument = serde_json::from_slice(&bytes).map_err(broken)?;
            let steps = document.result.steps.iter().filter(|step| id.is_none_or(|id| step.id == id || step.number == id));
            steps.map(step_line).collect()
        }
        DECISION_FORMAT => {
            let document: DecisionDocument = serde_json::from_slice(&bytes).map_err(broken)?;
            let (ranking, allocation) = (&document.ranking, document.allocation.as_ref());
            // The decision knows the line by itself.
            let drawn = allocation.filter(|allocation| allocation.rule.has_line());
            let line = given.line.or_else(|| drawn.and_then(|allocation| allocation.result.line));
            let one = |id: &str, known: Option<&Known>| {
                let mut text = explain_place(ranking, line, id, known)?;
                if let Some(allocation) = allocation {
                    if line.is_none() {
                        text.push_str(&turning(ranking, allocation, id)?);
                    }
                    let step = allocation.result.steps.iter().find(|step| step.id == id);
                    text.extend(step.map(step_line));
                }
                Ok(text)
            };
            each(named(ranking, id), one, || known(ranking, line))?
        }
        other => return Err(unknown(path, other)),
    };
    match id.filter(|_| text.is_empty()) {
        Some(id) => Err(vec![format!("{}: Nobody here has the id or number “{id}”.", path.display())]),
        None => Ok(text),
    }
}

/// Everybody's changes, where everybody is asked for.
type Known = BTreeMap<String, Vec<Change>>;

/// The one that is asked for, if it is here, or everybody: those ranked by place, then those shut out.
fn named<'a>(document: &'a RankingDocument, id: Option<&str>) -> Vec<&'a str> {
    let result = &document.result;
    let ranked = result.places.iter().map(|place| (&place.candidate, &place.number));
    let out = result.shut_out.iter().map(|out| (&out.candidate, &out.number));
    let asked = ranked.chain(out).filter(|(own, number)| id.is_none_or(|id| *own == id || *number == id));
    asked.map(|(own, _)| own.as_str()).collect()
}

/// What is told of each; what crosses the line is worked out for all at once where there are several.
fn each(
    ids: Vec<&str>,
    one: impl Fn(&str, Option<&Known>) -> Result<String, Wrong>,
    known: impl FnOnce() -> Result<Known, Wrong>,
) -> Result<String, Wrong> {
    let known = if ids.len() > 1 { Some(known()?) } else { None };
    let texts: Vec<String> = ids.into_iter().map(|id| one(id, known.as_ref())).collect::<Result<_, Wrong>>()?;
    Ok(texts.join("\n"))
}

fn known(document: &RankingDocument, line: Option<u32>) -> Result<Known, Wrong> {
    let Some(line) = line else { return Ok(Known::new()) };
    let told = everybodys_changes(&document.rules, &document.candidates, &document.seed, line).map_err(sentences)?;
    Ok(told.into_iter().map(|one| (one.candidate, one.changes)).collect())
}

fn sentences(problems: Vec<RankingProblem>) -> Wrong {
    problems.iter().map(ToString::to_string).collect()
}

/// One applicant's place, and with a line what would have crossed it.
fn explain_place(document: &RankingDocument, line: Option<u32>, id: &str, known: Option<&Known>) -> Result<String, Wrong> {
    if let Some(out) = document.result.shut_out.iter().find(|out| out.candidate == id) {
        return Ok(format!("{} is not ranked: it does not meet the condition “{}”.\n", out.number, out.name));
    }
    let Some(place) = document.result.places.iter().find(|place| place.candidate == id) else { return Ok(String::new()) };
    let mut text = standing(document, place);
    if let Some(line) = line {
        let changes = match known.and_then(|known| known.get(id)) {
            Some(changes) => changes.clone(),
            None => smallest_changes(&document.rules, &document.candidates, &document.seed, id, line).map_err(sentences)?,
        };
        let how = if known.is_some() { "computed for everybody at once" } else { "each was tried" };
        text.push_str(&crossing(document, place, line, &changes, how));
    }
    Ok(text)
}

fn step_line(step: &Step) -> String {
    format!("{}, place {}: {} of {} granted. {}\n", step.number, step.place, step.granted, step.requested, step.reason)
}

fn standing(document: &RankingDocument, place: &Place) -> String {
    let mut text = format!("{}: place {} of {}, {} points.\n", place.number, place.place, document.result.places.len(), place.points);
    for part in &place.parts {
        let weight = if part.weight == 0 { "added as they are".to_owned() } else { format!("weight {} of 10,000", part.weight) };
        // Writing to text never fails.
        let _ = writeln!(
            text,
            "  {}: {} → {} points, {weight} → {}  ({})",
            part.name,
            part.counted.normalize(),
            part.points,
            part.product,
            part.input.source
        );
    }
    for left in &place.left_out {
        let _ = writeln!(text, "  {}: left out, since there is no figure for it; the others weigh more in proportion.", left.name);
    }
    for capped in &place.capped {
        let _ = writeln!(text, "  {}: {} points together, of which {} count.", capped.name, capped.sum, capped.cap);
    }
    if let Some(tie) = &place.tie {
        for (way, by) in [("behind", &tie.after), ("ahead of", &tie.before)] {
            if let Some(by) = by {
                let _ =
                    writeln!(text, "  Equal points, {way} {}: step {}, {} ({} against {}).", by.number, by.step, by.how, by.own, by.other);
            }
        }
    }
    text
}

/// Where the money does not end at one place: where the award turns, and what would have turned it.
fn turning(ranking: &RankingDocument, allocation: &AllocationDocument, id: &str) -> Result<String, Wrong> {
    let place = ranking.result.places.iter().find(|place| place.candidate == id);
    let is_told = !allocation.rule.has_line() && turns_are_told(&allocation.rule, ranking.candidates.len());
    let Some(place) = place.filter(|_| is_told) else { return Ok(String::new()) };
    let found = award_changes(&ranking.rules, &ranking.candidates, &ranking.seed, &place.candidate, &allocation.laying());
    let Some((turn, changes)) = found.map_err(sentences)? else {
        return Ok(format!("{}\n", same_anyway(&allocation.rule)));
    };
    let there = turn.plain("") + "\n";
    Ok(there + &tried(ranking, &changes, "brought it there", "each was tried"))
}

fn crossing(document: &RankingDocument, place: &Place, line: u32, changes: &[Change], how: &str) -> String {
    let side = if place.place <= line { "above" } else { "below" };
    format!("Money reached place {line}; this place is {side} the line.\n") + &tried(document, changes, "crossed it", how)
}

fn tried(document: &RankingDocument, changes: &[Change], what: &str, how: &str) -> String {
    if changes.is_empty() {
        return format!("  No change of one of its figures, scores or weights that was tried would have {what}.\n");
    }
    let mut text = format!("  Any one of these would have {what} ({how}):\n");
    for change in changes {
        let line = match &change.of {
            Of::Input { .. } => {
                let drawn = change.of.drawn_on_by().map(|drawn| format!(", {drawn}")).unwrap_or_default();
                format!("{}{drawn}: {} instead of {} → place {}", change.name, change.to, change.from, change.place)
            }
            Of::Weight => {
                let sum: u32 = document.rules.criteria.iter().map(|criterion| criterion.weight).sum();
                let whole = rust_decimal::Decimal::from(sum) - change.from + change.to;
                let name = &change.name;
                format!(
                    "{name}: weight {} of {whole} instead of {} of {sum}, the others as they are → place {}",
                    change.to, change.from, change.place
                )
            }
        };
        let _ = writeln!(text, "    {line}");
    }
    text
}
