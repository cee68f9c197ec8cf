//! What an applicant's page of reasons is made of, loaded once for whoever reads it: the place with its working, the pool beside it, the
//! line, and the smallest changes that would have crossed it, each tried by ranking again; where the money does not end at one place, those that
//! would have altered the award.

use crate::error::AppError;
use crate::review::panel::work::counting_reviews;
use domain::allocation::AllocationDocument;
use domain::canonical::sha256_hex;
use domain::program::{ProgramFile, Reasons};
use domain::ranking::{RankingDocument, RankingProblem};
use domain::review::anchors_of;
use domain::ruleset::Criterion;
use domain::why::{Beside, Change, Sums, TieAtLine, Turn, award_changes, beside, smallest_changes, sums, tie_at_line, turns_are_told};
use domain::{AllocationId, RoundId};
use rust_decimal::Decimal;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use store::open_data::OutcomeOf;
use store::programs::RoundOf;
use store::rankings::Working;
use store::{Tx, allocations, open_data, rankings, reviews};

/// One applicant's reasons.
#[derive(Clone, Debug)]
pub(super) struct Explained {
    /// The round.
    pub of: RoundOf,
    /// Its file.
    pub file: Arc<ProgramFile>,
    /// The place with its parts.
    pub working: Working,
    /// What came of it.
    pub came: OutcomeOf,
    /// The lowest place that money reaches: awarded, or as proposed.
    pub line: Option<u32>,
    /// Whether that line is only proposed.
    pub proposed: bool,
    /// What is computed from the frozen document.
    pub computed: Arc<Computed>,
    /// What was said of its scores by staff or by the panel, where whoever reads this may know.
    pub said: Vec<Said>,
}

/// What the frozen document says about one applicant, apart from its own working.
#[derive(Clone, Debug)]
pub(super) struct Computed {
    /// Criterion by criterion.
    pub beside: Vec<Beside>,
    /// The sums.
    pub sums: Sums,
    /// A tie that the line runs through.
    pub tie_at_line: Option<TieAtLine>,
    /// The smallest changes: across the line, or of the award where it turns.
    pub changes: Vec<Change>,
    /// Where there is no line: where the award turns.
    pub turn: Option<Turn>,
    /// SHA-256 of the document's bytes.
    pub document_sha256: String,
}

/// A score with its written level and its reason, without who gave it.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// The criterion's name.
    pub criterion: String,
    /// The level's points.
    pub points: String,
    /// What the level says.
    pub level: String,
    /// Why this level.
    pub reason: String,
}

/// Who reads the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// The applicant.
    Applicant,
    /// The agency's staff.
    Staff,
    /// Anybody.
    Public,
}

impl Reader {
    /// Whether the reasons of scores are for this reader. Public ones stand in the working itself.
    const fn hears(self, reasons: Reasons) -> bool {
        match self {
            Self::Staff => true,
            Self::Applicant => !matches!(reasons, Reasons::Staff),
            Self::Public => matches!(reasons, Reasons::Public),
        }
    }
}

/// Loads an applicant's reasons by its number; none when it was not ranked.
///
/// # Errors
/// The store's failure; an internal error when a stored document is none.
pub(super) async fn load(
    tx: &mut Tx<'_>,
    of: RoundOf,
    file: Arc<ProgramFile>,
    number: &str,
    reader: Reader,
) -> Result<Option<Explained>, AppError> {
    let round = of.round.id;
    let Some(working) = rankings::working_of_number(tx, round, number).await? else { return Ok(None) };
    let came = open_data::outcome(tx, round, number).await?.ok_or(AppError::NotFound)?;
    let drawn = file.allocation.has_line();
    let awarded = working.line.filter(|_| drawn).and_then(|line| u32::try_from(line).ok());
    let applicants = usize::try_from(working.of).unwrap_or(usize::MAX);
    let asks = if drawn { awarded.is_none() && reader == Reader::Staff } else { turns_are_told(&file.allocation, applicants) };
    // As approved, or for staff as proposed.
    let live = if asks { allocations::live(tx, round).await?.filter(|live| live.approved || reader == Reader::Staff) } else { None };
    let proposed = live.filter(|_| drawn).and_then(|live| live.line).and_then(|line| u32::try_from(line).ok());
    let line = awarded.or(proposed);
    let laid = live.filter(|_| !drawn).map(|live| live.id);
    let said = if reader.hears(file.round.reasons) { said(tx, &file, &working).await? } else { Vec::new() };
    let asked = Asked { round, number: number.to_owned(), line, allocation: laid };
    let computed = computed(tx, asked).await?;
    Ok(Some(Explained { proposed: proposed.is_some(), of, file, working, came, line, computed, said }))
}

async fn said(tx: &mut Tx<'_>, file: &ProgramFile, working: &Working) -> Result<Vec<Said>, AppError> {
    let application = working.application;
    let given: Vec<(String, Decimal, String)> = if file.review.is_some() {
        let reviews = counting_reviews(tx, application).await?.into_iter().flat_map(|review| review.written);
        reviews.filter_map(|(criterion, written)| Some((criterion, written.points?, written.reason))).collect()
    } else {
        reviews::scores(tx, application).await?.into_iter().map(|score| (score.criterion, score.points, score.reason)).collect()
    };
    Ok(file.ranking.criteria.iter().flat_map(|criterion| of_criterion(criterion, &given)).collect())
}

/// What was said on one criterion, the highest first: reviews in the order of their writers would tell them apart.
fn of_criterion(criterion: &Criterion, given: &[(String, Decimal, String)]) -> Vec<Said> {
    let Some(anchors) = anchors_of(criterion) else { return Vec::new() };
    let mut own: Vec<_> = given.iter().filter(|(key, ..)| *key == criterion.key).map(|(_, points, reason)| (*points, reason)).collect();
    own.sort_by(|one, other| other.cmp(one));
    let said = |(points, reason): (Decimal, &String)| {
        let level = anchors.iter().find(|anchor| anchor.points == points).map(|anchor| anchor.text.clone()).unwrap_or_default();
        Said { criterion: criterion.name.clone(), points: points.normalize().to_string(), level, reason: reason.clone() }
    };
    own.into_iter().map(said).collect()
}

/// What an answer depends on: a round has one frozen ranking, and that and an allocation never change.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    round: RoundId,
    number: String,
    line: Option<u32>,
    /// Where there is no line.
    allocation: Option<AllocationId>,
}

/// The answers given lately. Ranking a large pool again for each change takes a while, and whoever reads such a page reads it again.
static LATELY: Mutex<VecDeque<(Asked, Arc<Computed>)>> = Mutex::new(VecDeque::new());
/// So many answers are kept: some megabytes.
const KEPT: usize = 2_000;

/// Finds what was computed lately, or reads the frozen documents and computes beside the requests' own threads.
async fn computed(tx: &mut Tx<'_>, asked: Asked) -> Result<Arc<Computed>, AppError> {
    let known = LATELY.lock().unwrap_or_else(PoisonError::into_inner).iter().find(|one| one.0 == asked).map(|one| one.1.clone());
    if let Some(known) = known {
        return Ok(known);
    }
    let frozen = rankings::of_round(tx, asked.round).await?.ok_or(AppError::NotFound)?;
    let laid = match asked.allocation {
        Some(id) => Some(allocations::find(tx, id).await?.ok_or(AppError::NotFound)?.document),
        None => None,
    };
    let question = asked.clone();
    let computed = tokio::task::spawn_blocking(move || reckon(&question, &frozen.document, laid.as_deref()));
    let computed = computed.await.map_err(AppError::internal)??;
    let computed = Arc::new(computed);
    let mut lately = LATELY.lock().unwrap_or_else(PoisonError::into_inner);
    lately.push_front((asked, computed.clone()));
    lately.truncate(KEPT);
    Ok(computed)
}

fn reckon(asked: &Asked, bytes: &str, laid: Option<&str>) -> Result<Computed, AppError> {
    let document: RankingDocument = serde_json::from_str(bytes).map_err(AppError::internal)?;
    let place = document.result.places.iter().find(|place| place.number == asked.number).ok_or(AppError::NotFound)?;
    let RankingDocument { rules, candidates, seed, .. } = &document;
    let refused =
        |problems: Vec<RankingProblem>| AppError::internal(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    let (turn, changes) = match (asked.line, laid) {
        (Some(line), _) => (None, smallest_changes(rules, candidates, seed, &place.candidate, line).map_err(refused)?),
        (None, Some(laid)) => {
            let laid: AllocationDocument = serde_json::from_str(laid).map_err(AppError::internal)?;
            let found = award_changes(rules, candidates, seed, &place.candidate, &laid.laying()).map_err(refused)?;
            found.map_or((None, Vec::new()), |(turn, changes)| (Some(turn), changes))
        }
        (None, None) => (None, Vec::new()),
    };
    Ok(Computed {
        beside: beside(&document.result, place, asked.line),
        sums: sums(&document.result, asked.line),
        tie_at_line: asked.line.and_then(|line| tie_at_line(&document.result, line)),
        changes,
        turn,
        document_sha256: sha256_hex(bytes.as_bytes()),
    })
}
