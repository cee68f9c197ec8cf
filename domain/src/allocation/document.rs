//! A frozen allocation as one file that anybody can replay, as a ranking's is: the rule, the pot, the claims and the result with hashes.

use super::lay::costs_of;
use super::{Allocation, AllocationProblem, AllocationRule, Already, Available, Claim, Cost, Method, Misfit, lay};
use crate::canonical::{CanonicalError, canonical, canonical_sha256, from_bytes, sha256_hex};
use crate::exact::Exact;
use crate::money::Money;
use crate::named::Unclaimed;
use crate::program::{ProgramFile, Years};
use crate::ranking::{Place, RankingDocument};
use crate::stability::Laying;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// What was set aside for appeals before, in cents: it is not in the pot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<Money>,
    /// Money laid out again: SHA-256 of the bytes of the allocation it follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<String>,
    /// The claims, in ranked order.
    pub claims: Vec<Claim>,
    /// The claims' points by id, where the method weighs them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub points: BTreeMap<String, Exact>,
    /// Named in law: the recipients without a claim, and why each has no award.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unclaimed: Vec<Unclaimed>,
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
    /// How its money goes, to be laid out again.
    #[must_use]
    pub fn laying(&self) -> Laying<'_> {
        Laying { rule: &self.rule, unit_cost: self.unit_cost, pot: self.pot, claims: &self.claims }
    }

    /// Lays what is available, less the file's reserve for appeals, which is kept of the round's own appropriation, down the claims by its rule and
    /// unit cost, and freezes the result.
    ///
    /// # Errors
    /// [`AllocationDocumentError::Problems`] as [`lay`]; [`AllocationDocumentError::Canonical`] never in practice.
    pub fn make(
        file: &ProgramFile,
        ranking_sha256: &str,
        available: impl Into<Available>,
        claims: &[Claim],
    ) -> Result<Self, AllocationDocumentError> {
        Self::weighed(file, ranking_sha256, available, claims, BTreeMap::new())
    }

    /// As [`AllocationDocument::make`], with the claims' points by id for a method that weighs them.
    ///
    /// # Errors
    /// As [`AllocationDocument::make`].
    pub fn weighed(
        file: &ProgramFile,
        ranking_sha256: &str,
        available: impl Into<Available>,
        claims: &[Claim],
        points: BTreeMap<String, Exact>,
    ) -> Result<Self, AllocationDocumentError> {
        let set_aside = file.appeals.as_ref().and_then(|appeals| appeals.reserve);
        let Available { own, before } = available.into();
        let rule = file.allocation.holding(&before);
        let money = |cause| AllocationDocumentError::Problems(vec![AllocationProblem::from(cause)]);
        let own = own.minus(set_aside.unwrap_or(Money::ZERO)).map_err(money)?;
        if own < Money::ZERO {
            return Err(AllocationDocumentError::Problems(vec![AllocationProblem::Pot(own)]));
        }
        let pot = rule.held_before().and_then(|before| before.plus(own)).map_err(money)?;
        let empty = Allocation {
            steps: Vec::new(),
            units: 0,
            granted: Money::ZERO,
            rest: pot,
            line: None,
            regions: Vec::new(),
            proof: None,
            pots: Vec::new(),
        };
        Self {
            format: ALLOCATION_FORMAT.to_owned(),
            program: file.program.slug.clone(),
            round: file.round.slug.clone(),
            file_sha256: file.sha256()?,
            ranking_sha256: ranking_sha256.to_owned(),
            rule,
            unit_cost: file.award.unit_cost,
            pot,
            set_aside,
            follows: None,
            claims: claims.to_vec(),
            points,
            unclaimed: Vec::new(),
            claims_sha256: String::new(),
            result: empty,
            result_sha256: String::new(),
        }
        .computed()
    }

    /// What each floor, cap and limit of an optimal allocation costs, by application number and by what `region` calls a region's key; none for
    /// another method. It is as many searches as there are constraints: seconds where thousands apply.
    ///
    /// # Errors
    /// As [`lay`].
    pub fn costs(&self, region: impl Fn(&str) -> String) -> Result<Vec<Cost>, Vec<AllocationProblem>> {
        if self.rule.method != Method::Optimal {
            return Ok(Vec::new());
        }
        let (mut rule, mut claims) = (self.rule.clone(), self.claims.clone());
        rule.rename_regions(&region);
        claims.iter_mut().for_each(|claim| claim.region = region(&claim.region));
        costs_of(&rule, self.unit_cost, self.pot, &claims, &self.points)
    }

    /// As [`AllocationDocument::make`], for what the law names: `unclaimed` says of every recipient without a claim why it has no award.
    ///
    /// # Errors
    /// As [`AllocationDocument::make`].
    pub fn named(
        file: &ProgramFile,
        list_sha256: &str,
        available: impl Into<Available>,
        claims: &[Claim],
        unclaimed: Vec<Unclaimed>,
    ) -> Result<Self, AllocationDocumentError> {
        Self::make(file, list_sha256, available, claims).map(|document| Self { unclaimed, ..document })
    }

    /// Lays out money again that came back, or was kept for appeals: the same rule and cost, the frozen places, these claims, and `pot` of the
    /// round's own appropriation with what `already` says is in its earlier pots; caps and limits as far as what awards stand at leaves room.
    ///
    /// # Errors
    /// As [`AllocationDocument::make`].
    pub fn again(&self, pot: Money, claims: Vec<Claim>, already: &Already) -> Result<Self, AllocationDocumentError> {
        let follows = Some(self.sha256()?);
        let rule = self.rule.left(&claims, already);
        let money = |cause| AllocationDocumentError::Problems(vec![AllocationProblem::from(cause)]);
        let pot = rule.held_before().and_then(|before| before.plus(pot)).map_err(money)?;
        Self { pot, claims, rule, set_aside: None, follows, unclaimed: Vec::new(), ..self.clone() }.computed()
    }

    /// A later fiscal year of what awards stand at: the frozen places and this unit cost, down the list as far as that year's money goes.
    ///
    /// # Errors
    /// As [`AllocationDocument::make`].
    pub fn continued(&self, pot: Money, claims: Vec<Claim>, years: &Years) -> Result<Self, AllocationDocumentError> {
        let follows = Some(self.sha256()?);
        let rule = AllocationRule { synthetic: years.synthetic, ..AllocationRule::down_the_list(Misfit::Partial, &years.citation) };
        let (points, unclaimed) = (BTreeMap::new(), Vec::new());
        Self { pot, claims, rule, points, set_aside: None, follows, unclaimed, ..self.clone() }.computed()
    }

    /// The same pot by the same rule over another ranking of the same round; `claim` takes the place of the one with its id, or joins. Claims
    /// that are not on the list are left out.
    ///
    /// # Errors
    /// As [`AllocationDocument::make`].
    pub fn over(&self, ranking: &RankingDocument, claim: &Claim) -> Result<Self, AllocationDocumentError> {
        let places: BTreeMap<&str, &Place> = ranking.result.places.iter().map(|place| (place.candidate.as_str(), place)).collect();
        let others = self.claims.iter().filter(|other| other.id != claim.id);
        let placed = |claim: &Claim| Some(Claim { place: places.get(claim.id.as_str())?.place, ..claim.clone() });
        let claims: Vec<Claim> = others.chain([claim]).filter_map(placed).collect();
        let weighs = self.rule.weighs();
        let points =
            claims.iter().filter(|_| weighs).filter_map(|claim| Some((claim.id.clone(), places.get(claim.id.as_str())?.points.clone())));
        let points = points.collect();
        Self { ranking_sha256: ranking.sha256()?, claims, points, ..self.clone() }.computed()
    }

    /// This document with its result and hashes computed from its rule, pot and claims.
    fn computed(mut self) -> Result<Self, AllocationDocumentError> {
        self.result = lay(&self.rule, self.unit_cost, self.pot, &self.claims, &self.points).map_err(AllocationDocumentError::Problems)?;
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
    let read: AllocationDocument = from_bytes(bytes).map_err(AllocationDocumentError::NotADocument)?;
    if read.format != ALLOCATION_FORMAT {
        return Err(AllocationDocumentError::OtherFormat(read.format));
    }
    let again = read.computed()?;
    Ok(ReplayedAllocation { same: again.bytes()? == bytes, again })
}
