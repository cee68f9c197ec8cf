//! What an upheld appeal brings by the rules: the round's ranking and allocation computed again with the appellant's numbers put right, and
//! everything else as it was. Both come out as documents that anybody can replay. Others keep what they have: the difference is paid from the
//! money set aside.

use crate::allocation::{AllocationDocument, AllocationDocumentError, Claim};
use crate::facts::Input;
use crate::ranking::{Candidate, RankingDocument, RankingProblem};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// One number put right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The input's key.
    pub input: String,
    /// What stood; `None` where nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Decimal>,
    /// What is right.
    pub to: Decimal,
}

/// What a ruling put right and what the rules make of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutRight {
    /// The numbers.
    pub corrections: Vec<Correction>,
    /// The place in the frozen ranking; `None` for who was not in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place_before: Option<u32>,
    /// With its numbers as they stood, whoever was not in the frozen ranking: they are on record nowhere else for this round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate: Option<Candidate>,
    /// The place with the right numbers.
    pub place: u32,
    /// The units that the same pot grants there.
    pub units: i64,
}

/// A decision computed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// What was put right and what came of it.
    pub put_right: PutRight,
    /// The ranking with the right numbers.
    pub ranking: RankingDocument,
    /// The same pot laid out over it.
    pub allocation: AllocationDocument,
}

/// Why a decision can't be computed again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgainError {
    /// The numbers give no ranking.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))]
    Ranking(Vec<RankingProblem>),
    /// A condition of the rules is not met with these numbers, named here.
    #[error("With these numbers the condition “{0}” is not met, so the rules leave the application out.")]
    ShutOut(String),
    /// The money can't be laid out over that ranking.
    #[error(transparent)]
    Allocation(#[from] AllocationDocumentError),
}

/// Ranks and lays out a round again with one candidate's numbers put right. `candidate` holds the numbers as they stood and `claim` what it
/// asks for; its place is not looked at. `source` is where the right numbers are said to come from: the ruling.
///
/// # Errors
/// [`AgainError`].
pub fn again(
    ranking: &RankingDocument,
    allocation: &AllocationDocument,
    candidate: &Candidate,
    claim: &Claim,
    right: &[(String, Decimal)],
    source: &str,
) -> Result<Again, AgainError> {
    let mut righted = candidate.clone();
    let mut corrections = Vec::with_capacity(right.len());
    for (key, to) in right {
        let before = righted.inputs.get(key);
        corrections.push(Correction { input: key.clone(), from: before.map(|input| input.value.normalize()), to: to.normalize() });
        let input = Input {
            value: *to,
            source: source.to_owned(),
            year: None,
            place: before.map_or_else(|| candidate.number.clone(), |input| input.place.clone()),
            synthetic: before.is_some_and(|input| input.synthetic),
        };
        righted.inputs.insert(key.clone(), input);
    }
    let others = ranking.candidates.iter().filter(|other| other.id != candidate.id).cloned();
    let candidates: Vec<Candidate> = others.chain([righted]).collect();
    let ranked = ranking.of_others(&candidates).map_err(AgainError::Ranking)?;
    if let Some(out) = ranked.result.shut_out.iter().find(|out| out.number == candidate.number) {
        return Err(AgainError::ShutOut(out.name.clone()));
    }
    let laid = allocation.over(&ranked, claim)?;
    let place_in =
        |document: &RankingDocument| document.result.places.iter().find(|place| place.candidate == candidate.id).map(|at| at.place);
    let units = laid.result.steps.iter().find(|step| step.id == claim.id).map_or(0, |step| step.units_granted);
    let place_before = place_in(ranking);
    let unranked = place_before.is_none().then(|| candidate.clone());
    let put_right = PutRight { corrections, place_before, candidate: unranked, place: place_in(&ranked).unwrap_or_default(), units };
    Ok(Again { put_right, ranking: ranked, allocation: laid })
}

#[cfg(test)]
mod tests;
