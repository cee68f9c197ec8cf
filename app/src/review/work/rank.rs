//! Ranking a round: gathers every input with its source, lists what is missing by application and criterion, and freezes the result as a
//! document that anybody can replay to the same bytes.

use super::Board;
use crate::call::Call;
use crate::error::{AppError, Problem};
use crate::review::panel::work::{Missing, Panel, hidden_sums};
use crate::review::ties::{Tainted, tainted};
use domain::access::Action;
use domain::facts::{Input, fact};
use domain::named::ORDER;
use domain::program::{ProgramFile, Reasons};
use domain::ranking::{Candidate, RankingDocument, RankingProblem, Replayed, replay};
use domain::review::{anchors_of, evidence_kind, unit_of};
use domain::round::Phase;
use domain::ruleset::{RuleSet, Source};
use domain::{ApplicationId, OrganizationId, PersonId, RankingId, RoundId, Timestamp};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use store::facts::{self, Fact};
use store::rankings::{self, Entrant, EvidenceCount, NewRanking};
use store::reviews::Score;
use store::{Tx, events};
use uuid::Uuid;

/// Why nothing is frozen while an amendment waits: nobody could say then by which rules.
pub const AMENDING: &str = "An amendment of the rules waits for approval. It must be approved or returned before the ranking is frozen.";

/// An application whose eligibility nobody has decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// The application.
    pub id: ApplicationId,
    /// Its number.
    pub number: String,
    /// The applicant.
    pub name: String,
}

/// What ranking would take now, and what stands against it.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// Every submitted application, by number.
    pub entrants: Vec<Entrant>,
    /// The eligible ones with their inputs.
    pub candidates: Vec<Candidate>,
    /// Those without a decision.
    pub undecided: Vec<Undecided>,
    /// Found ineligible.
    pub ineligible: usize,
    /// Contested figures without a ruling: number, applicant, fact's key.
    pub contested: Vec<(String, String, String)>,
    /// What people with a tie to the applicant decided or scored.
    pub tainted: Vec<Tainted>,
    /// Reviews that a panel has still to give, where there is one.
    pub reviews: Vec<Missing>,
    /// Why what the panel's scores come to is hidden from whoever looks, if it is.
    pub hidden: Option<String>,
    /// The document, or everything that is missing; where it is hidden, what is missing besides.
    pub document: Result<RankingDocument, Vec<RankingProblem>>,
}

impl Gathered {
    /// Whether the ranking can be frozen.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.undecided.is_empty()
            && self.contested.is_empty()
            && self.tainted.is_empty()
            && self.reviews.is_empty()
            && self.hidden.is_none()
            && self.document.is_ok()
            && !self.candidates.is_empty()
    }
}

/// The units of the criteria's numbers, by criterion, for showing them beside the working.
#[must_use]
pub fn units_of(file: &ProgramFile) -> BTreeMap<String, String> {
    file.ranking.criteria.iter().filter_map(|criterion| unit_of(criterion).map(|unit| (criterion.key.clone(), unit.to_owned()))).collect()
}

/// A candidate of what is on record: facts by key, evidence counted, rubric scores with their reasons. What is not on record is left out, so
/// that ranking names it as missing. A reviewer's name stays out: the document is public.
pub(in crate::review) fn candidate<'a>(
    file: &ProgramFile,
    id: Uuid,
    number: &str,
    applicant: &str,
    facts: &[Fact],
    evidence: impl Iterator<Item = &'a EvidenceCount> + Clone,
    scores: impl Iterator<Item = &'a Score> + Clone,
) -> Candidate {
    let mut inputs: BTreeMap<String, Input> = facts.iter().map(|fact| (fact.key.clone(), fact.input())).collect();
    for criterion in &file.ranking.criteria {
        let input = match &criterion.source {
            Source::Fact { .. } | Source::Evidence { .. } | Source::Formula { .. } => None,
            Source::Rubric { .. } => scores.clone().find(|score| score.criterion == criterion.key).map(|score| Input {
                value: score.points,
                // The document is published with the results: reasons stand in it only where the file says so.
                source: match file.round.reasons {
                    Reasons::Public => format!("Staff score: {}", score.reason),
                    Reasons::Applicant | Reasons::Staff => "Staff score".to_owned(),
                },
                year: None,
                place: applicant.to_owned(),
                synthetic: score.synthetic,
            }),
        };
        if let Some(input) = input {
            inputs.insert(criterion.input_key().to_owned(), input);
        }
    }
    for (key, kind) in file.ranking.inputs().into_iter().filter_map(|key| Some((key, evidence_kind(key)?))) {
        let found = evidence.clone().find(|count| count.kind == kind);
        let input = Input {
            value: Decimal::from(found.map_or(0, |count| count.files)),
            source: "Counted among the files handed in with the application".to_owned(),
            year: None,
            place: applicant.to_owned(),
            synthetic: found.is_some_and(|count| count.any_synthetic),
        };
        inputs.insert(key.to_owned(), input);
    }
    if let Some((place, recipient)) = file.named.as_ref().and_then(|named| named.recipient_of(applicant)) {
        inputs.insert(ORDER.to_owned(), recipient.input(place));
    }
    Candidate { id: id.to_string(), number: number.to_owned(), inputs }
}

/// Gathers what ranking would take now, for whoever looks, and ranks it.
///
/// # Errors
/// The store's failure; what is missing is part of the answer.
pub async fn gather(tx: &mut Tx<'_>, board: &Board, looks: Option<PersonId>, now: Timestamp) -> Result<Gathered, AppError> {
    let round = board.of.round.id;
    let entrants = rankings::entrants(tx, round).await?;
    let panel = Panel::load(tx, board, None, now).await?;
    let eligible = entrants.iter().filter(|entrant| entrant.eligible == Some(true));
    let candidates = candidates(tx, board, eligible, panel.as_ref()).await?;
    let undecided = entrants.iter().filter(|entrant| entrant.eligible.is_none());
    let undecided = undecided.map(|open| Undecided { id: open.id.into(), number: open.number.clone(), name: open.name.clone() }).collect();
    let ineligible = entrants.iter().filter(|entrant| entrant.eligible == Some(false)).count();
    let reviews = panel.iter().flat_map(|panel| {
        let eligible = panel.applications.iter().filter(|application| application.eligible == Some(true));
        eligible.flat_map(|application| panel.missing(application))
    });
    let reviews = reviews.collect();
    let lots = board.lots(now);
    let made = match &panel {
        Some(panel) => {
            RankingDocument::make_with_panel(&board.file, lots.for_ranking(), &candidates, &panel.given(&board.file.ranking.criteria))
        }
        None => RankingDocument::make(&board.file, lots.for_ranking(), &candidates),
    };
    let made = made.and_then(|document| match named_twice(&board.file, &document) {
        Some(problem) => Err(vec![problem]),
        None => Ok(document),
    });
    let document = made.map(|document| document.by_version(board.of.round.rules_version())).and_then(|document| {
        // A condition shows who can't be ranked; a person finds them ineligible, with a reason that they can answer.
        let unmet = document.result.shut_out.iter();
        let unmet: Vec<_> = unmet.map(|out| RankingProblem::Gate { number: out.number.clone(), gate: out.name.clone() }).collect();
        if unmet.is_empty() { Ok(document) } else { Err(unmet) }
    });
    let hidden = panel.as_ref().and_then(|panel| hidden_sums(panel, looks, board.of.round.zone));
    let document = match hidden {
        Some(_) => Err(besides_rubrics(&board.file.ranking, document.err().unwrap_or_default())),
        None => document,
    };
    let contested = |entrant: &Entrant| Some((entrant.number.clone(), entrant.name.clone(), entrant.contested.clone()?));
    let contested = entrants.iter().filter_map(contested).collect();
    let tainted = tainted(tx, board).await?;
    Ok(Gathered { entrants, candidates, undecided, ineligible, contested, tainted, reviews, hidden, document })
}

/// What is missing besides the scores on rubrics, which nobody may count where they are hidden.
pub(in crate::review) fn besides_rubrics(rules: &RuleSet, problems: Vec<RankingProblem>) -> Vec<RankingProblem> {
    let rubric = |key: &str| rules.criteria.iter().any(|criterion| anchors_of(criterion).is_some() && criterion.input_key() == key);
    problems.into_iter().filter(|problem| !matches!(problem, RankingProblem::Missing { input, .. } if rubric(input))).collect()
}

/// Everybody who handed in and was not found ineligible, with the inputs on record.
pub(super) async fn still_in(tx: &mut Tx<'_>, board: &Board, now: Timestamp) -> Result<Vec<Candidate>, AppError> {
    let entrants = rankings::entrants(tx, board.of.round.id).await?;
    let panel = Panel::load(tx, board, None, now).await?;
    candidates(tx, board, entrants.iter().filter(|entrant| entrant.eligible != Some(false)), panel.as_ref()).await
}

/// One application with the inputs on record, in the ranking or not.
///
/// # Errors
/// The store's failure.
pub async fn candidate_of(tx: &mut Tx<'_>, board: &Board, entrant: &Entrant, now: Timestamp) -> Result<Candidate, AppError> {
    let panel = Panel::load(tx, board, None, now).await?;
    let one = candidates(tx, board, std::iter::once(entrant), panel.as_ref()).await?.pop();
    one.ok_or_else(|| AppError::internal("no candidate of an entrant"))
}

async fn candidates(
    tx: &mut Tx<'_>,
    board: &Board,
    entrants: impl Iterator<Item = &Entrant> + Send,
    panel: Option<&Panel>,
) -> Result<Vec<Candidate>, AppError> {
    let round = board.of.round.id;
    let facts = facts::of_round(tx, round).await?;
    let evidence = rankings::evidence(tx, round).await?;
    let scores = if panel.is_some() { Vec::new() } else { rankings::scores_of_round(tx, round).await? };
    let averages = panel.map(|panel| panel.averages(board)).unwrap_or_default();
    let of = |entrant: &Entrant| {
        let own = facts.get(&OrganizationId(entrant.applicant)).map_or(&[][..], Vec::as_slice);
        // Both lists come sorted by application, so each application's part is found by halving.
        let counts = part_of(&evidence, |count| count.application, entrant.id);
        let given = part_of(&scores, |score| score.application.0, entrant.id);
        let mut one = candidate(&board.file, entrant.id, &entrant.number, &entrant.name, own, counts.iter(), given.iter());
        if let Some(panel) = panel {
            one.inputs.extend(panel.inputs(board, &averages, &entrant.number, &entrant.name));
        }
        one
    };
    Ok(entrants.map(of).collect())
}

/// The second application of a recipient that the law names once; by name there can be two of it on record.
fn named_twice(file: &ProgramFile, document: &RankingDocument) -> Option<RankingProblem> {
    file.named.as_ref()?;
    let mut seen = BTreeSet::new();
    document.candidates.iter().find_map(|candidate| {
        let order = candidate.inputs.get(ORDER)?;
        let again = !seen.insert(order.value);
        again.then(|| RankingProblem::NamedTwice { number: candidate.number.clone(), recipient: order.place.clone() })
    })
}

/// That a contested figure is still to be ruled on.
#[must_use]
pub fn waits_for_ruling(key: &str) -> String {
    format!("{} is contested, and nobody has ruled on it.", fact(key).map_or(key, |known| known.name))
}

fn part_of<T>(sorted: &[T], key: impl Fn(&T) -> Uuid, wanted: Uuid) -> &[T] {
    let from = sorted.partition_point(|item| key(item) < wanted);
    let to = sorted.partition_point(|item| key(item) <= wanted);
    sorted.get(from..to).unwrap_or_default()
}

/// Freezes the round's ranking under the id minted with the form: the same id again is the same ranking.
///
/// # Errors
/// [`AppError::Conflict`] while the round is open or when the ranking is frozen already; [`AppError::Invalid`] with everything missing.
pub async fn freeze(call: &Call, round: RoundId, id: RankingId) -> Result<(), AppError> {
    let call = call.clone();
    let writer = call.clone();
    writer
        .write(move |tx| {
            let call = call.clone();
            Box::pin(async move { freeze_in(tx, &call, round, id).await })
        })
        .await
}

async fn freeze_in(tx: &mut Tx<'_>, call: &Call, round: RoundId, id: RankingId) -> Result<(), AppError> {
    let board = Board::load(tx, round).await?;
    call.must(Action::RankRound, board.subject())?;
    let person = call.person()?;
    if let Some(frozen) = &board.progress.ranking {
        return if frozen.id == id {
            Ok(())
        } else {
            Err(AppError::Conflict(format!(
                "The ranking was frozen on {} already. It does not change.",
                frozen.at.say_in(board.of.round.zone)
            )))
        };
    }
    if board.of.round.phase(call.now) != Phase::Closed {
        return Err(AppError::Conflict(format!("The round is open until {}. Rank it after it closes.", board.of.round.deadline())));
    }
    let gathered = gather(tx, &board, call.actor.person, call.now).await?;
    if let Some(why) = gathered.hidden {
        return Err(AppError::Conflict(why));
    }
    let mut problems: Vec<Problem> = gathered
        .undecided
        .iter()
        .map(|open| Problem::whole(format!("{} ({}): nobody has decided whether it is eligible.", open.number, open.name)))
        .collect();
    if board.progress.amending {
        problems.push(Problem::whole(AMENDING));
    }
    let contested = gathered.contested.iter();
    problems.extend(contested.map(|(number, name, key)| Problem::whole(format!("{number} ({name}): {}", waits_for_ruling(key)))));
    problems.extend(gathered.tainted.iter().map(|judged| Problem::whole(judged.say())));
    problems.extend(gathered.reviews.iter().map(|missing| Problem::whole(missing.say())));
    if gathered.candidates.is_empty() {
        problems.push(Problem::whole("No application is eligible, so there is nothing to rank."));
    }
    if let Err(missing) = &gathered.document {
        problems.extend(missing.iter().map(|problem| Problem::whole(problem.to_string())));
    }
    let (Ok(document), true) = (&gathered.document, problems.is_empty()) else { return Err(AppError::Invalid(problems)) };
    let units = units_of(&board.file);
    rankings::add(tx, &NewRanking { id, round, document, units: &units, by: person, at: call.now }).await.map_err(|failed| {
        if failed.is_unique_violation() {
            AppError::Conflict("The ranking was frozen by somebody else just now. Look at it.".to_owned())
        } else {
            failed.into()
        }
    })?;
    let mut event = call.event(board.subject(), "round", round.0, "froze the ranking");
    event.to = Some("ranked".to_owned());
    event.facts = serde_json::json!({
        "ranking": id,
        "applications": gathered.candidates.len(),
        "rules_version": board.of.round.rules_version(),
        "file_sha256": document.file_sha256,
        "rules_sha256": document.rules_sha256,
        "inputs_sha256": document.inputs_sha256,
        "result_sha256": document.result_sha256,
    });
    events::add(tx, &event).await?;
    Ok(())
}

/// Computes the frozen ranking again from its own document.
///
/// # Errors
/// [`AppError::NotFound`] while nothing is frozen; an internal error when the stored document is none.
pub fn replay_frozen(document: &str) -> Result<Replayed, AppError> {
    replay(document.as_bytes()).map_err(AppError::internal)
}
