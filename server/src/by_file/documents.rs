//! `allotment replay` and `allotment explain`: what a frozen ranking's or allocation's document says, computed again.

use super::{Explain, Replay, Wrong, bytes_of};
use domain::allocation::{ALLOCATION_FORMAT, AllocationDocument};
use domain::decision::{DECISION_FORMAT, DecisionDocument};
use domain::ranking::{Place, RANKING_FORMAT, RankingDocument};
use domain::replay::replay as replay_document;
use domain::why::{Change, Of, award_changes, smallest_changes};
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
    let nobody = || vec![format!("{}: Nobody here has the id or number “{}”.", path.display(), given.id)];
    match format_of(path, &bytes)?.as_str() {
        RANKING_FORMAT => {
            let document: RankingDocument = serde_json::from_slice(&bytes).map_err(broken)?;
            explain_place(&document, given.line, &given.id)?.ok_or_else(nobody)
        }
        ALLOCATION_FORMAT => {
            let document: AllocationDocument = serde_json::from_slice(&bytes).map_err(broken)?;
            explain_step(&document, &given.id).ok_or_else(nobody)
        }
        DECISION_FORMAT => {
            let document: DecisionDocument = serde_json::from_slice(&bytes).map_err(broken)?;
            // The decision knows the line by itself.
            let drawn = document.allocation.as_ref().filter(|allocation| allocation.rule.has_line());
            let line = given.line.or_else(|| drawn.and_then(|allocation| allocation.result.line));
            let mut place = explain_place(&document.ranking, line, &given.id)?.ok_or_else(nobody)?;
            if let Some(allocation) = document.allocation.as_ref().filter(|_| line.is_none()) {
                place.push_str(&turning(&document.ranking, allocation, &given.id)?);
            }
            let step = document.allocation.and_then(|allocation| explain_step(&allocation, &given.id)).unwrap_or_default();
            Ok(place + &step)
        }
        other => Err(unknown(path, other)),
    }
}

/// One applicant's place, and with a line what would have crossed it; none for nobody here.
fn explain_place(document: &RankingDocument, line: Option<u32>, id: &str) -> Result<Option<String>, Wrong> {
    if let Some(out) = document.result.shut_out.iter().find(|out| out.candidate == id || out.number == id) {
        return Ok(Some(format!("{} is not ranked: it does not meet the condition “{}”.\n", out.number, out.name)));
    }
    let Some(place) = document.result.places.iter().find(|place| place.candidate == id || place.number == id) else { return Ok(None) };
    let mut text = standing(document, place);
    if let Some(line) = line {
        let changes = smallest_changes(&document.rules, &document.candidates, &document.seed, &place.candidate, line);
        let changes = changes.map_err(|problems| problems.iter().map(ToString::to_string).collect::<Wrong>())?;
        text.push_str(&crossing(document, place, line, &changes));
    }
    Ok(Some(text))
}

fn explain_step(document: &AllocationDocument, id: &str) -> Option<String> {
    let step = document.result.steps.iter().find(|step| step.id == id || step.number == id)?;
    Some(format!("{}, place {}: {} of {} granted. {}\n", step.number, step.place, step.granted, step.requested, step.reason))
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

/// Where the money goes down the list and ends at no place: where the award turns, and what would have turned it.
fn turning(ranking: &RankingDocument, allocation: &AllocationDocument, id: &str) -> Result<String, Wrong> {
    let place = ranking.result.places.iter().find(|place| place.candidate == id || place.number == id);
    let Some(place) = place.filter(|_| allocation.rule.goes_down() && !allocation.rule.has_line()) else { return Ok(String::new()) };
    let found = award_changes(&ranking.rules, &ranking.candidates, &ranking.seed, &place.candidate, &allocation.laying());
    let Some((turn, changes)) = found.map_err(|problems| problems.iter().map(ToString::to_string).collect::<Wrong>())? else {
        return Ok("At any place, the others in their order, it would have got the same.\n".to_owned());
    };
    let there = turn.plain("") + "\n";
    Ok(there + &tried(ranking, &changes, "brought it there"))
}

fn crossing(document: &RankingDocument, place: &Place, line: u32, changes: &[Change]) -> String {
    let side = if place.place <= line { "above" } else { "below" };
    format!("Money reached place {line}; this place is {side} the line.\n") + &tried(document, changes, "crossed it")
}

fn tried(document: &RankingDocument, changes: &[Change], what: &str) -> String {
    if changes.is_empty() {
        return format!("  No change of one of its figures, scores or weights that was tried would have {what}.\n");
    }
    let mut text = format!("  Any one of these would have {what} (each was tried):\n");
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
