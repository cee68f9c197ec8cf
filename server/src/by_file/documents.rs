//! `allotment replay` and `allotment explain`: what a frozen ranking's or allocation's document says, computed again.

use super::{Explain, Replay, Wrong, bytes_of};
use domain::allocation::{ALLOCATION_FORMAT, AllocationDocument, replay_allocation};
use domain::canonical::sha256_hex;
use domain::ranking::{Place, RANKING_FORMAT, RankingDocument, replay as replay_ranking};
use domain::why::{Change, Of, smallest_changes};
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
    vec![format!("{}: The format “{format}” is not known; this version reads {RANKING_FORMAT} and {ALLOCATION_FORMAT}.", path.display())]
}

pub fn replay(given: &Replay) -> Result<String, Wrong> {
    let path = &given.file;
    let bytes = bytes_of(path)?;
    let told = |cause: String| vec![format!("{}: {cause}", path.display())];
    let (differences, what) = match format_of(path, &bytes)?.as_str() {
        RANKING_FORMAT => {
            let replayed = replay_ranking(&bytes).map_err(|cause| told(cause.to_string()))?;
            (replayed.differences, format!("a ranking of {} applications", replayed.again.result.places.len()))
        }
        ALLOCATION_FORMAT => {
            let replayed = replay_allocation(&bytes).map_err(|cause| told(cause.to_string()))?;
            let differs = "These claims and this rule give other bytes.".to_owned();
            let differences = if replayed.same { Vec::new() } else { vec![differs] };
            (differences, format!("an allocation of {} to {} claims", replayed.again.result.granted, replayed.again.claims.len()))
        }
        other => return Err(unknown(path, other)),
    };
    if differences.is_empty() {
        Ok(format!("The same {} bytes came out: {what}, SHA-256 {}.\n", bytes.len(), sha256_hex(&bytes)))
    } else {
        Err(differences.into_iter().map(|difference| format!("{}: {difference}", path.display())).collect())
    }
}

pub fn explain(given: &Explain) -> Result<String, Wrong> {
    let path = &given.file;
    let bytes = bytes_of(path)?;
    let broken = |cause: serde_json::Error| vec![format!("{}: {cause}.", path.display())];
    let nobody = || vec![format!("{}: Nobody here has the id or number “{}”.", path.display(), given.id)];
    match format_of(path, &bytes)?.as_str() {
        RANKING_FORMAT => {
            let document: RankingDocument = serde_json::from_slice(&bytes).map_err(broken)?;
            if let Some(out) = document.result.shut_out.iter().find(|out| out.candidate == given.id || out.number == given.id) {
                return Ok(format!("{} is not ranked: it does not meet the condition “{}”.\n", out.number, out.name));
            }
            let found = document.result.places.iter().find(|place| place.candidate == given.id || place.number == given.id);
            let place = found.ok_or_else(nobody)?;
            let mut text = standing(&document, place);
            if let Some(line) = given.line {
                let changes = smallest_changes(&document.rules, &document.candidates, &document.seed, &place.candidate, line);
                let changes = changes.map_err(|problems| problems.iter().map(ToString::to_string).collect::<Wrong>())?;
                text.push_str(&crossing(&document, place, line, &changes));
            }
            Ok(text)
        }
        ALLOCATION_FORMAT => {
            let document: AllocationDocument = serde_json::from_slice(&bytes).map_err(broken)?;
            let step = document.result.steps.iter().find(|step| step.id == given.id || step.number == given.id).ok_or_else(nobody)?;
            Ok(format!("{}, place {}: {} of {} granted. {}\n", step.number, step.place, step.granted, step.requested, step.reason))
        }
        other => Err(unknown(path, other)),
    }
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

fn crossing(document: &RankingDocument, place: &Place, line: u32, changes: &[Change]) -> String {
    let side = if place.place <= line { "above" } else { "below" };
    let mut text = format!("Money reached place {line}; this place is {side} the line.\n");
    if changes.is_empty() {
        text.push_str("  No change of one of its figures, scores or weights would have crossed it.\n");
        return text;
    }
    text.push_str("  Any one of these would have crossed it (each was tried):\n");
    for change in changes {
        let line = match change.of {
            Of::Input => format!("{}: {} instead of {} → place {}", change.name, change.to, change.from, change.place),
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
