//! A frozen ranking as one file that anybody can replay: the rules, the seed, every input and the result, each with its hash, in canonical
//! bytes.

use super::{Candidate, Ranking, RankingProblem, rank};
use crate::canonical::{CanonicalError, canonical, canonical_sha256, from_bytes, sha256_hex};
use crate::panel::{Aggregated, Given, aggregate};
use crate::program::ProgramFile;
use crate::ruleset::RuleSet;
use serde::{Deserialize, Serialize};

/// The format this version writes and replays.
pub const RANKING_FORMAT: &str = "allotment-ranking/1";

/// Everything that made a ranking, and the ranking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RankingDocument {
    /// [`RANKING_FORMAT`].
    pub format: String,
    /// The program's slug.
    pub program: String,
    /// The round's slug.
    pub round: String,
    /// SHA-256 of the program file's canonical form, as locked when the round opened, or amended since. Compare it with the public page.
    pub file_sha256: String,
    /// Which version of the round's rules that file is, where they were amended: from 2. A document by the first version has no such field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_version: Option<u32>,
    /// The rules in full.
    pub rules: RuleSet,
    /// SHA-256 of the rules' canonical form.
    pub rules_sha256: String,
    /// The published seed of the lots.
    pub seed: String,
    /// The candidates with their inputs, in the order of their numbers. Only inputs that the rules ask for are kept.
    pub candidates: Vec<Candidate>,
    /// Where a panel scored: every score, and what they come to. The candidates' inputs are taken from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub panel: Option<PanelRecord>,
    /// SHA-256 of the candidates' canonical form.
    pub inputs_sha256: String,
    /// The ranking with its working.
    pub result: Ranking,
    /// SHA-256 of the result's canonical form.
    pub result_sha256: String,
}

/// What a panel gave, with its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PanelRecord {
    /// Every score that counts, by criterion, number and reviewer. Reviewers go by a number: their names are not published.
    pub scores: Vec<Given>,
    /// SHA-256 of the scores' canonical form.
    pub scores_sha256: String,
    /// What they come to, raw and as used.
    pub result: Aggregated,
}

/// What replaying a document found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Whether the same bytes came out.
    pub same: bool,
    /// What differs, in plain words; empty when the bytes are the same.
    pub differences: Vec<String>,
    /// The document as computed again.
    pub again: RankingDocument,
}

/// Why a document can't be replayed at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The bytes are not such a document.
    #[error("This is not a ranking document: {0}")]
    NotADocument(String),
    /// The document is of a format this version doesn't know.
    #[error("This document is of the format “{0}”; this version replays “{RANKING_FORMAT}”.")]
    OtherFormat(String),
    /// Its rules and inputs give no ranking.
    #[error("The document's rules and inputs give no ranking: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))]
    NoRanking(Vec<RankingProblem>),
}

impl RankingDocument {
    /// Ranks candidates by a program file's rules and its round's seed, and freezes the result.
    ///
    /// # Errors
    /// As [`rank`].
    pub fn make(file: &ProgramFile, seed: &str, candidates: &[Candidate]) -> Result<Self, Vec<RankingProblem>> {
        let file_sha256 = file.sha256().map_err(unwritable)?;
        let header = Header { program: &file.program.slug, round: &file.round.slug, file_sha256, file_version: None, seed };
        Self::compute(header, &file.ranking, candidates, None)
    }

    /// As [`RankingDocument::make`], where a panel scored: the candidates' rubric inputs get the values that the scores come to.
    ///
    /// # Errors
    /// As [`rank`].
    pub fn make_with_panel(
        file: &ProgramFile,
        seed: &str,
        candidates: &[Candidate],
        scores: &[Given],
    ) -> Result<Self, Vec<RankingProblem>> {
        let file_sha256 = file.sha256().map_err(unwritable)?;
        let header = Header { program: &file.program.slug, round: &file.round.slug, file_sha256, file_version: None, seed };
        Self::compute(header, &file.ranking, candidates, Some(scores))
    }

    /// Ranks what a table holds, without a program file: program and round are empty, and the file's hash is that of the rules.
    ///
    /// # Errors
    /// As [`rank`].
    pub fn from_rules(rules: &RuleSet, seed: &str, candidates: &[Candidate]) -> Result<Self, Vec<RankingProblem>> {
        let file_sha256 = canonical_sha256(rules).map_err(unwritable)?;
        Self::compute(Header { program: "", round: "", file_sha256, file_version: None, seed }, rules, candidates, None)
    }

    /// The same rules and seed over other candidates. A panel's scores are not averaged again: the candidates' numbers are taken as they are.
    ///
    /// # Errors
    /// As [`rank`].
    pub fn of_others(&self, candidates: &[Candidate]) -> Result<Self, Vec<RankingProblem>> {
        let header = Header {
            program: &self.program,
            round: &self.round,
            file_sha256: self.file_sha256.clone(),
            file_version: self.file_version,
            seed: &self.seed,
        };
        Self::compute(header, &self.rules, candidates, None)
    }

    /// The same document as one by this version of the round's rules, from 1.
    #[must_use]
    pub fn by_version(self, version: u32) -> Self {
        Self { file_version: Some(version).filter(|version| *version > 1), ..self }
    }

    fn compute(
        header: Header<'_>,
        rules: &RuleSet,
        candidates: &[Candidate],
        scores: Option<&[Given]>,
    ) -> Result<Self, Vec<RankingProblem>> {
        let asked = rules.inputs();
        let mut candidates = candidates.to_vec();
        let panel = scores.map(|scores| panel(rules, &mut candidates, scores)).transpose()?;
        let result = rank(rules, &candidates, header.seed)?;
        candidates.sort_by(|a, b| a.number.cmp(&b.number));
        for candidate in &mut candidates {
            candidate.inputs.retain(|key, _| asked.contains(&key.as_str()));
        }
        Ok(Self {
            format: RANKING_FORMAT.to_owned(),
            program: header.program.to_owned(),
            round: header.round.to_owned(),
            file_sha256: header.file_sha256,
            file_version: header.file_version,
            rules: rules.clone(),
            rules_sha256: canonical_sha256(rules).map_err(unwritable)?,
            seed: header.seed.to_owned(),
            inputs_sha256: canonical_sha256(&candidates).map_err(unwritable)?,
            candidates,
            panel,
            result_sha256: canonical_sha256(&result).map_err(unwritable)?,
            result,
        })
    }

    /// The document's canonical bytes: what is kept, published and replayed.
    ///
    /// # Errors
    /// [`CanonicalError`], which no document made by [`RankingDocument::make`] gives.
    pub fn bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical(self).map(String::into_bytes)
    }

    /// SHA-256 of the canonical bytes.
    ///
    /// # Errors
    /// As [`RankingDocument::bytes`].
    pub fn sha256(&self) -> Result<String, CanonicalError> {
        self.bytes().map(|bytes| sha256_hex(&bytes))
    }
}

/// Makes a panel's scores one number each and gives the candidates these numbers. An input that is there already keeps its source.
fn panel(rules: &RuleSet, candidates: &mut [Candidate], scores: &[Given]) -> Result<PanelRecord, Vec<RankingProblem>> {
    let unfit = |problem: String| vec![RankingProblem::Rules(problem)];
    let how = rules.panel.ok_or_else(|| unfit("a panel scored, but the rules don't say how its scores become one number.".to_owned()))?;
    let ends = rules.rubric_ends();
    let mut scores = scores.to_vec();
    scores.sort();
    let result = aggregate(how, &scores, &ends).map_err(|problem| unfit(problem.to_string()))?;
    for candidate in candidates {
        for average in result.averages.iter().filter(|average| average.number == candidate.number) {
            if let Some(input) = candidate.inputs.get_mut(&average.criterion) {
                input.value = average.used;
            }
        }
    }
    Ok(PanelRecord { scores_sha256: canonical_sha256(&scores).map_err(unwritable)?, scores, result })
}

/// What a document carries besides rules and candidates.
struct Header<'a> {
    program: &'a str,
    round: &'a str,
    file_sha256: String,
    file_version: Option<u32>,
    seed: &'a str,
}

fn unwritable(cause: CanonicalError) -> Vec<RankingProblem> {
    vec![RankingProblem::Rules(cause.to_string())]
}

/// Computes a document again from its own rules, seed and inputs, and compares byte for byte.
///
/// # Errors
/// [`ReplayError`] when there is nothing to compute.
pub fn replay(bytes: &[u8]) -> Result<Replayed, ReplayError> {
    let read: RankingDocument = from_bytes(bytes).map_err(ReplayError::NotADocument)?;
    if read.format != RANKING_FORMAT {
        return Err(ReplayError::OtherFormat(read.format));
    }
    let header = Header {
        program: &read.program,
        round: &read.round,
        file_sha256: read.file_sha256.clone(),
        file_version: read.file_version,
        seed: &read.seed,
    };
    let scores = read.panel.as_ref().map(|panel| panel.scores.as_slice());
    let again = RankingDocument::compute(header, &read.rules, &read.candidates, scores).map_err(ReplayError::NoRanking)?;
    let again_bytes = again.bytes().map_err(|cause| ReplayError::NotADocument(cause.to_string()))?;
    let same = again_bytes == bytes;
    let mut differences = Vec::new();
    for (differs, what) in [
        (read.rules_sha256 != again.rules_sha256, "The hash of the rules is not the hash of these rules."),
        (read.panel != again.panel, "The panel's scores come to other numbers, or their hash is not theirs."),
        (read.inputs_sha256 != again.inputs_sha256, "The hash of the inputs is not the hash of these inputs."),
        (read.result != again.result, "These rules and inputs give another result."),
        (read.result_sha256 != again.result_sha256, "The hash of the result is not the hash of the result computed again."),
    ] {
        if differs {
            differences.push(what.to_owned());
        }
    }
    if !same && differences.is_empty() {
        differences.push("The file says the same, but is not in canonical form.".to_owned());
    }
    Ok(Replayed { same, differences, again })
}
