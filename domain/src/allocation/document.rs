//! A frozen allocation as one file that anybody can replay, as a ranking's is: the rule, the pot, the claims and the result with hashes.

use super::{Allocation, AllocationProblem, AllocationRule, Claim, allocate};
use crate::canonical::{CanonicalError, canonical, canonical_sha256, sha256_hex};
use crate::money::Money;
use crate::program::ProgramFile;
use serde::{Deserialize, Serialize};

/// The format this version writes and replays.
pub const ALLOCATION_FORMAT: &str = "allotment-allocation/1";

/// Everything that made an allocation, and the allocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllocationDocument {
    /// [`ALLOCATION_FORMAT`].
    pub format: String,
    /// The program's slug.
    pub program: String,
    /// The round's slug.
    pub round: String,
    /// SHA-256 of the program file's canonical form.
    pub file_sha256: String,
    /// SHA-256 of the ranking document's bytes whose places the claims have.
    pub ranking_sha256: String,
    /// The rule.
    pub rule: AllocationRule,
    /// What one unit costs, in cents.
    pub unit_cost: Money,
    /// The money to lay down, in cents.
    pub pot: Money,
    /// The claims, in ranked order.
    pub claims: Vec<Claim>,
    /// SHA-256 of the claims' canonical form.
    pub claims_sha256: String,
    /// The allocation with its steps.
    pub result: Allocation,
    /// SHA-256 of the result's canonical form.
    pub result_sha256: String,
}

/// What replaying an allocation found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayedAllocation {
    /// Whether the same bytes came out.
    pub same: bool,
    /// The document as computed again.
    pub again: AllocationDocument,
}

/// Why an allocation document can't be made or replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllocationDocumentError {
    /// The bytes are not such a document.
    #[error("This is not an allocation document: {0}")]
    NotADocument(String),
    /// The document is of a format this version doesn't know.
    #[error("This document is of the format “{0}”; this version replays “{ALLOCATION_FORMAT}”.")]
    OtherFormat(String),
    /// The claims can't be laid out.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))]
    Problems(Vec<AllocationProblem>),
    /// The document has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

impl AllocationDocument {
    /// Lays `pot` down the claims by a program file's rule and unit cost, and freezes the result.
    ///
    /// # Errors
    /// [`AllocationDocumentError::Problems`] as [`allocate`]; [`AllocationDocumentError::Canonical`] never in practice.
    pub fn make(file: &ProgramFile, ranking_sha256: &str, pot: Money, claims: &[Claim]) -> Result<Self, AllocationDocumentError> {
        let empty = Allocation { steps: Vec::new(), units: 0, granted: Money::ZERO, rest: pot, line: None, regions: Vec::new() };
        Self {
            format: ALLOCATION_FORMAT.to_owned(),
            program: file.program.slug.clone(),
            round: file.round.slug.clone(),
            file_sha256: file.sha256()?,
            ranking_sha256: ranking_sha256.to_owned(),
            rule: file.allocation.clone(),
            unit_cost: file.award.unit_cost,
            pot,
            claims: claims.to_vec(),
            claims_sha256: String::new(),
            result: empty,
            result_sha256: String::new(),
        }
        .computed()
    }

    /// This document with its result and hashes computed from its rule, pot and claims.
    fn computed(mut self) -> Result<Self, AllocationDocumentError> {
        self.result = allocate(&self.rule, self.unit_cost, self.pot, &self.claims).map_err(AllocationDocumentError::Problems)?;
        self.claims.sort_by_key(|claim| claim.place);
        self.claims_sha256 = canonical_sha256(&self.claims)?;
        self.result_sha256 = canonical_sha256(&self.result)?;
        Ok(self)
    }

    /// The document's canonical bytes.
    ///
    /// # Errors
    /// [`CanonicalError`], which no document made here gives.
    pub fn bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical(self).map(String::into_bytes)
    }

    /// SHA-256 of the canonical bytes.
    ///
    /// # Errors
    /// As [`AllocationDocument::bytes`].
    pub fn sha256(&self) -> Result<String, CanonicalError> {
        self.bytes().map(|bytes| sha256_hex(&bytes))
    }
}

/// Computes an allocation document again from its own rule, pot and claims, and compares byte for byte.
///
/// # Errors
/// [`AllocationDocumentError`] when there is nothing to compute.
pub fn replay_allocation(bytes: &[u8]) -> Result<ReplayedAllocation, AllocationDocumentError> {
    let read: AllocationDocument =
        serde_json::from_slice(bytes).map_err(|cause| AllocationDocumentError::NotADocument(cause.to_string()))?;
    if read.format != ALLOCATION_FORMAT {
        return Err(AllocationDocumentError::OtherFormat(read.format));
    }
    let again = read.computed()?;
    Ok(ReplayedAllocation { same: again.bytes()? == bytes, again })
}
