//! Computing a frozen document again: a ranking's, an allocation's, or a whole decision's. The same answer on the command line, on the
//! server and in a browser: the same bytes, or where they first differ.

#[cfg(test)]
mod tests;

use crate::allocation::{ALLOCATION_FORMAT, AllocationDocument, replay_allocation};
use crate::canonical::{CanonicalError, from_bytes, sha256_hex};
use crate::decision::{DECISION_FORMAT, DecisionDocument};
use crate::ranking::{RANKING_FORMAT, RankingDocument, replay as replay_ranking};
use serde::Deserialize;
use serde_json::Value;

/// What computing a document again found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// What the document is, in a few words: `a ranking of 131 applications`.
    pub what: String,
    /// Its program and round, and the SHA-256 of the program file that it names; compare that with the round's public page.
    pub names: Names,
    /// How many bytes were given.
    pub bytes: usize,
    /// SHA-256 of the bytes given.
    pub given_sha256: String,
    /// SHA-256 of the bytes computed again.
    pub again_sha256: String,
    /// Why they are not the same, in plain words; empty when they are.
    pub differences: Vec<String>,
    /// The first value that differs, in the order of the document's keys.
    pub first: Option<Difference>,
}

/// What a document says it decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The program's slug; empty for a ranking made from a table.
    pub program: String,
    /// The round's slug.
    pub round: String,
    /// SHA-256 of the program file's canonical form.
    pub file_sha256: String,
    /// Which version of the round's rules that is, from 2; none for the first, and for an allocation alone.
    pub file_version: Option<u32>,
}

/// One value that is not what the rules and inputs give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where: `ranking.result.places[3].points`.
    pub at: String,
    /// What the file says, shortened.
    pub given: String,
    /// What comes out, shortened.
    pub again: String,
}

impl Replay {
    /// Whether the same bytes came out and everything fits together.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.differences.is_empty()
    }
}

/// What a file says it is.
#[derive(Deserialize)]
struct Header {
    format: String,
}

/// Computes a document again.
///
/// # Errors
/// A sentence when there is nothing to compute: no such document, a format of another version, inputs that give no result.
pub fn replay(bytes: &[u8]) -> Result<Replay, String> {
    let header: Header = from_bytes(bytes).map_err(|cause| format!("This is no document of Allotment: {cause}."))?;
    match header.format.as_str() {
        RANKING_FORMAT => ranking(bytes),
        ALLOCATION_FORMAT => allocation(bytes),
        DECISION_FORMAT => decision(bytes),
        other => Err(format!(
            "The format “{other}” is not known; this version reads {RANKING_FORMAT}, {ALLOCATION_FORMAT} and {DECISION_FORMAT}."
        )),
    }
}

fn unwritable(cause: CanonicalError) -> String {
    cause.to_string()
}

fn ranking(bytes: &[u8]) -> Result<Replay, String> {
    let replayed = replay_ranking(bytes).map_err(|cause| cause.to_string())?;
    let again = replayed.again.bytes().map_err(unwritable)?;
    Ok(told(bytes, &again, ranking_words(&replayed.again), names(&replayed.again), replayed.differences))
}

fn allocation(bytes: &[u8]) -> Result<Replay, String> {
    let again = replay_allocation(bytes).map_err(|cause| cause.to_string())?.again;
    let names =
        Names { program: again.program.clone(), round: again.round.clone(), file_sha256: again.file_sha256.clone(), file_version: None };
    Ok(told(bytes, &again.bytes().map_err(unwritable)?, allocation_words(&again), names, Vec::new()))
}

fn decision(bytes: &[u8]) -> Result<Replay, String> {
    let read: DecisionDocument = from_bytes(bytes).map_err(|cause| format!("This is not a decision's document: {cause}"))?;
    let ranked = replay_ranking(&read.ranking.bytes().map_err(unwritable)?).map_err(|cause| cause.to_string())?;
    let mut differences: Vec<String> = ranked.differences.into_iter().map(|text| format!("The ranking: {text}")).collect();
    let allocated = match &read.allocation {
        None => None,
        Some(given) => {
            let replayed = replay_allocation(&given.bytes().map_err(unwritable)?).map_err(|cause| cause.to_string())?;
            if !replayed.same {
                differences.push("The allocation: these claims and this rule give another result.".to_owned());
            }
            Some(replayed.again)
        }
    };
    differences.extend(read.misfits().map_err(unwritable)?);
    let mut what = format!("a decision: {}", ranking_words(&ranked.again));
    if let Some(allocation) = &allocated {
        what = format!("{what}, and {}", allocation_words(allocation));
    }
    let names = names(&ranked.again);
    let again = DecisionDocument { format: read.format, ranking: ranked.again, allocation: allocated };
    Ok(told(bytes, &again.bytes().map_err(unwritable)?, what, names, differences))
}

fn names(document: &RankingDocument) -> Names {
    Names {
        program: document.program.clone(),
        round: document.round.clone(),
        file_sha256: document.file_sha256.clone(),
        file_version: document.file_version,
    }
}

fn ranking_words(document: &RankingDocument) -> String {
    format!("a ranking of {} applications", document.result.places.len())
}

fn allocation_words(document: &AllocationDocument) -> String {
    format!("an allocation of {} over {} claims", document.result.granted, document.claims.len())
}

fn told(given: &[u8], again: &[u8], what: String, names: Names, mut differences: Vec<String>) -> Replay {
    let first = if given == again { None } else { first_difference(given, again) };
    if given != again && differences.is_empty() {
        differences.push(match &first {
            Some(_) => "These rules and inputs give another result.".to_owned(),
            None => "The file says the same, but is not in canonical form.".to_owned(),
        });
    }
    Replay { what, names, bytes: given.len(), given_sha256: sha256_hex(given), again_sha256: sha256_hex(again), differences, first }
}

fn first_difference(given: &[u8], again: &[u8]) -> Option<Difference> {
    let (given, again): (Value, Value) = (from_bytes(given).ok()?, from_bytes(again).ok()?);
    differs(&given, &again, "")
}

fn differs(given: &Value, again: &Value, at: &str) -> Option<Difference> {
    let here = || Difference { at: at.trim_start_matches('.').to_owned(), given: short(Some(given)), again: short(Some(again)) };
    match (given, again) {
        (Value::Object(one), Value::Object(other)) => {
            let mut keys: Vec<&String> = one.keys().chain(other.keys()).collect();
            keys.sort_unstable();
            keys.dedup();
            // A hash differs wherever what it names does: what it names is told first.
            keys.sort_by_key(|key| key.ends_with("_sha256"));
            keys.into_iter().find_map(|key| {
                let at = format!("{at}.{key}");
                match (one.get(key), other.get(key)) {
                    (Some(one), Some(other)) => differs(one, other, &at),
                    (one, other) => Some(Difference { at: at.trim_start_matches('.').to_owned(), given: short(one), again: short(other) }),
                }
            })
        }
        (Value::Array(one), Value::Array(other)) => {
            let inside = one.iter().zip(other).enumerate().find_map(|(index, (one, other))| differs(one, other, &format!("{at}[{index}]")));
            inside.or_else(|| (one.len() != other.len()).then(here))
        }
        _ => (given != again).then(here),
    }
}

/// A value as JSON, at most so long that it fits on a line.
fn short(value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    let text = value.to_string();
    if text.chars().count() > 80 { format!("{}…", text.chars().take(80).collect::<String>()) } else { text }
}
