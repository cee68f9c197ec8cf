//! A frozen decision as one file: the ranking's document and the allocation's that goes down it. Whoever has the file has everything that
//! decided, and [`crate::replay`] computes all of it again.

use crate::allocation::AllocationDocument;
use crate::canonical::{CanonicalError, canonical, sha256_hex};
use crate::ranking::RankingDocument;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The format this version writes and replays.
pub const DECISION_FORMAT: &str = "allotment-decision/1";

/// Everything that decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionDocument {
    /// [`DECISION_FORMAT`].
    pub format: String,
    /// The frozen ranking.
    pub ranking: RankingDocument,
    /// The allocation that goes down it; none while none is proposed.
    pub allocation: Option<AllocationDocument>,
}

impl DecisionDocument {
    /// Puts the documents together.
    #[must_use]
    pub fn new(ranking: RankingDocument, allocation: Option<AllocationDocument>) -> Self {
        Self { format: DECISION_FORMAT.to_owned(), ranking, allocation }
    }

    /// The document's canonical bytes.
    ///
    /// # Errors
    /// [`CanonicalError`], which documents that were read never give.
    pub fn bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical(self).map(String::into_bytes)
    }

    /// The document's canonical bytes, put together of the two documents' own, without reading them.
    #[must_use]
    pub fn join(ranking: &str, allocation: Option<&str>) -> String {
        format!("{{\"allocation\":{},\"format\":\"{DECISION_FORMAT}\",\"ranking\":{ranking}}}", allocation.unwrap_or("null"))
    }

    /// What does not fit together between the two documents, a sentence each.
    ///
    /// # Errors
    /// As [`DecisionDocument::bytes`].
    pub fn misfits(&self) -> Result<Vec<String>, CanonicalError> {
        let Some(allocation) = &self.allocation else { return Ok(Vec::new()) };
        let mut misfits = Vec::new();
        if allocation.ranking_sha256 != sha256_hex(&self.ranking.bytes()?) {
            misfits.push("The allocation goes down another ranking than this one: it names another SHA-256.".to_owned());
        }
        if allocation.file_sha256 != self.ranking.file_sha256 {
            misfits.push("The ranking and the allocation rest on different program files.".to_owned());
        }
        let places: BTreeMap<&str, u32> = self.ranking.result.places.iter().map(|place| (place.candidate.as_str(), place.place)).collect();
        let moved = allocation.claims.iter().filter(|claim| places.get(claim.id.as_str()) != Some(&claim.place));
        misfits.extend(moved.map(|claim| format!("{} has not the place in the allocation that it has in the ranking.", claim.number)));
        Ok(misfits)
    }
}
