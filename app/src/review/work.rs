//! What staff do with applications: decide eligibility, score, rank and freeze. Every check stands here and in the database; a page only
//! shows its answer. The demo's loader goes through the same functions.

mod rank;
mod refresh;
mod sheet;

pub use rank::{AMENDING, Gathered, Undecided, candidate_of, freeze, gather, replay_frozen, units_of, waits_for_ruling};
pub(in crate::review) use rank::{besides_rubrics, candidate};
pub use refresh::{Refreshed, UnderWay};
pub(in crate::review) use sheet::must_stand;
pub use sheet::{Sheet, apply_sheet, sheet};

use crate::call::Call;
use crate::error::{AppError, Problem};
use crate::review::panel::work::free_to_read;
use domain::access::{Action, Subject};
use domain::allocation::{AllocationDocument, AllocationRule, Available, Claim};
use domain::award::{Quarter, quarters};
use domain::program::ProgramFile;
use domain::ranking::Place;
use domain::review::{EligibilityDecision, NotNow, RubricScore, Standing, Unreasoned};
use domain::round::Lots;
use domain::{ApplicationId, AppropriationId, Money, RoundId, Timestamp};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::programs::{self, PotOf, RoundOf};
use store::rankings::Entrant;
use store::reviews::{self, Application, Progress};
use store::{Tx, allocations, awards, events};
use uuid::Uuid;

/// A round with its program file and how far it has come: what every page and act of these rooms begins with.
#[derive(Clone, Debug)]
pub struct Board {
    /// The round with its program.
    pub of: RoundOf,
    /// The program file that it is locked to.
    pub file: Arc<ProgramFile>,
    /// Its ranking and allocation.
    pub progress: Progress,
    /// The appropriations that pay before its own.
    pub pots: Vec<PotOf>,
}

impl Board {
    /// Loads a round.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; the store's failure.
    pub async fn load(tx: &mut Tx<'_>, round: RoundId) -> Result<Self, AppError> {
        let (of, file, progress) = reviews::board(tx, round).await?.ok_or(AppError::NotFound)?;
        let pots = if file.allocation.before.is_empty() { Vec::new() } else { programs::pots_of(tx, round).await? };
        Ok(Self { of, file, progress, pots })
    }

    /// The money that is not awarded yet, by appropriation.
    #[must_use]
    pub fn available(&self) -> Available {
        let before = self.pots.iter().map(|pot| (pot.key.clone(), pot.available)).collect();
        Available { own: self.progress.available, before }
    }

    /// The rule for the money, with what is in each earlier pot: what was, once awards are proposed or made.
    ///
    /// # Errors
    /// The store's failure, or a document that makes no sense.
    pub async fn rule(&self, tx: &mut Tx<'_>) -> Result<AllocationRule, AppError> {
        if let Some(live) = self.progress.allocation.filter(|_| !self.pots.is_empty()) {
            let live = allocations::find(tx, live.id).await?.ok_or(AppError::NotFound)?;
            let document: AllocationDocument = serde_json::from_str(&live.document).map_err(AppError::internal)?;
            return Ok(document.rule);
        }
        Ok(self.rule_now())
    }

    /// The rule with what is in each earlier pot now.
    fn rule_now(&self) -> AllocationRule {
        self.file.allocation.holding(&self.available().before)
    }

    /// The appropriation that pays a step: a pot's by its key, or the round's own.
    ///
    /// # Errors
    /// An internal error for a key that is no pot's.
    pub fn paid_by(&self, pot: Option<&String>) -> Result<AppropriationId, AppError> {
        let Some(key) = pot else { return Ok(self.of.round.appropriation) };
        let found = self.pots.iter().find(|pot| pot.key == *key).map(|pot| pot.appropriation);
        found.ok_or_else(|| AppError::internal(format!("“{key}” is the key of no pot of this round")))
    }

    /// The quarters in which is reported on an award that an appropriation pays, by the appropriation's key; none for the round's own.
    #[must_use]
    pub fn quarters(&self, pot: Option<&String>) -> Vec<Quarter> {
        let key = pot.unwrap_or(&self.file.round.appropriation);
        let money = self.file.appropriations.iter().find(|money| money.key == *key);
        money.map(|money| quarters(money.begins_on, money.lapses_on, self.file.reporting.due_days)).unwrap_or_default()
    }

    /// The money to lay out: what the awards had, once some are proposed or made, for the ledger's pot is spent then; before, what is
    /// available less the file's reserve for appeals.
    #[must_use]
    pub fn pot(&self) -> Money {
        let reserve = self.file.appeals.as_ref().and_then(|appeals| appeals.reserve).unwrap_or(Money::ZERO);
        let own = || self.progress.available.minus(reserve).unwrap_or(Money::ZERO).max(Money::ZERO);
        let all = || self.rule_now().held_before().and_then(|before| before.plus(own())).unwrap_or_else(|_| own());
        self.progress.allocation.map_or_else(all, |live| live.pot)
    }

    /// Whose record it is: the agency's.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        Subject { agency: Some(self.of.round.agency), owner: None }
    }

    /// What may be known of the round's lots.
    #[must_use]
    pub fn lots(&self, now: Timestamp) -> Lots<'_> {
        self.of.round.lots(self.file.round.seed.is_some(), now)
    }

    /// Where an application stands towards decisions.
    #[must_use]
    pub fn standing(&self, application: &Application) -> Standing {
        Standing {
            submitted: application.submitted,
            closes_at: self.of.round.closes_at,
            frozen: self.progress.ranking.is_some(),
            ineligible: application.decision.as_ref().is_some_and(|decision| !decision.eligible),
        }
    }

    /// A refusal with the round's own deadline in it.
    #[must_use]
    pub fn not_now(&self, refusal: NotNow) -> AppError {
        AppError::Conflict(refusal.say(self.of.round.closes_at, self.of.round.zone))
    }
}

/// The region of an entrant: where the round's members name it, else by the file's districts and counties.
pub fn region_of(file: &ProgramFile, entrant: &Entrant) -> Option<String> {
    entrant
        .region
        .clone()
        .or_else(|| file.region_of(entrant.nces_id.as_deref(), entrant.county_fips.as_deref()).map(|region| region.key.clone()))
}

/// What each applicant got the time before, where the rule holds that harmless.
///
/// # Errors
/// The store's failure.
pub async fn last_awards(tx: &mut Tx<'_>, board: &Board) -> Result<BTreeMap<Uuid, Money>, AppError> {
    if board.file.allocation.hold_harmless.is_none() {
        return Ok(BTreeMap::new());
    }
    Ok(awards::last_of(tx, board.of.round.id).await?)
}

/// What an entrant asks for, by its place.
pub fn claim_of(place: &Place, entrant: &Entrant, region: String, last: &BTreeMap<Uuid, Money>) -> Claim {
    Claim {
        id: place.candidate.clone(),
        number: place.number.clone(),
        place: place.place,
        region,
        units_requested: entrant.units,
        unit_cost: None,
        least: None,
        last: last.get(&entrant.applicant).copied(),
        named: None,
    }
}

/// A decision as posted.
#[derive(Clone, Debug, Default)]
pub struct DecisionInput {
    /// Eligible or not, if chosen.
    pub eligible: Option<bool>,
    /// The reason typed.
    pub reason: String,
    /// The version of the decision that the decider saw; none when there was none.
    pub seen: Option<i64>,
}

/// A score as posted.
#[derive(Clone, Debug, Default)]
pub struct ScoreInput {
    /// The criterion's key.
    pub criterion: String,
    /// The points of the level chosen, if any.
    pub points: Option<Decimal>,
    /// The reason typed.
    pub reason: String,
    /// The version of the score that the scorer saw; none when there was none.
    pub seen: Option<i64>,
}

/// The id of the level buttons of a criterion, which is also its field in problems.
#[must_use]
pub fn level_field(criterion: &str) -> String {
    format!("{criterion}-points")
}

/// The id of the reason of a criterion, which is also its field in problems.
#[must_use]
pub fn reason_field(criterion: &str) -> String {
    format!("{criterion}-reason")
}

fn decision_problem(problem: Unreasoned) -> Problem {
    let field = if problem == Unreasoned::NoChoice { "eligible" } else { "eligible_reason" };
    Problem::new(field, problem.to_string())
}

fn score_problem(criterion: &str, problem: Unreasoned) -> Problem {
    match problem {
        Unreasoned::NoReason => Problem::new(reason_field(criterion), "Give the reason for the level in a sentence."),
        Unreasoned::TooLong => Problem::new(reason_field(criterion), problem.to_string()),
        other => Problem::new(level_field(criterion), other.to_string()),
    }
}

/// Decides whether an application is eligible, with a reason. The same decision posted twice is taken once.
///
/// # Errors
/// [`AppError::Conflict`] while the round is open, after the ranking is frozen, or when somebody else decided meanwhile;
/// [`AppError::Invalid`] without choice or reason.
pub async fn decide_eligibility(call: &Call, id: ApplicationId, input: &DecisionInput) -> Result<(), AppError> {
    let (call, input) = (call.clone(), input.clone());
    let writer = call.clone();
    writer
        .write(move |tx| {
            let (call, input) = (call.clone(), input.clone());
            Box::pin(async move { decide_in(tx, &call, id, &input).await })
        })
        .await
}

async fn decide_in(tx: &mut Tx<'_>, call: &Call, id: ApplicationId, input: &DecisionInput) -> Result<(), AppError> {
    let application = reviews::find(tx, id).await?.ok_or(AppError::NotFound)?;
    call.must(Action::DecideEligibility, application.subject())?;
    let person = call.person()?;
    let board = Board::load(tx, application.round).await?;
    free_to_read(tx, call, &board, id).await?;
    let before = application.decision.as_ref();
    let decision = EligibilityDecision::new(input.eligible, &input.reason)
        .map_err(|problems| AppError::Invalid(problems.into_iter().map(decision_problem).collect()))?;
    let repeated = |found: &&reviews::Decision| {
        found.eligible == decision.eligible
            && found.reason == decision.reason
            && found.by == call.actor.name
            && input.seen != Some(found.version)
    };
    if before.filter(repeated).is_some() {
        return Ok(());
    }
    board.standing(&application).may_decide(call.now).map_err(|refusal| board.not_now(refusal))?;
    reviews::record_decision(tx, id, &decision, person, call.now, input.seen).await?;
    let mut event = call.event(application.subject(), "application", id.0, "decided eligibility");
    event.from = before.map(|found| EligibilityDecision::state(found.eligible).to_owned());
    event.to = Some(EligibilityDecision::state(decision.eligible).to_owned());
    event.why = Some(decision.reason.clone());
    event.facts = serde_json::json!({ "number": application.number });
    events::add(tx, &event).await?;
    Ok(())
}

/// Scores an application on one rubric criterion, with a reason. The same score posted twice is taken once.
///
/// # Errors
/// [`AppError::Conflict`] while the round is open, after the ranking is frozen, for an ineligible application, or when somebody else scored
/// meanwhile; [`AppError::Invalid`] without level or reason; [`AppError::NotFound`] for a criterion that the rules don't have.
pub async fn score(call: &Call, id: ApplicationId, input: &ScoreInput) -> Result<(), AppError> {
    let (call, input) = (call.clone(), input.clone());
    let writer = call.clone();
    writer
        .write(move |tx| {
            let (call, input) = (call.clone(), input.clone());
            Box::pin(async move { score_in(tx, &call, id, &input).await })
        })
        .await
}

async fn score_in(tx: &mut Tx<'_>, call: &Call, id: ApplicationId, input: &ScoreInput) -> Result<(), AppError> {
    let application = reviews::find(tx, id).await?.ok_or(AppError::NotFound)?;
    call.must(Action::ScoreApplications, application.subject())?;
    let person = call.person()?;
    let board = Board::load(tx, application.round).await?;
    free_to_read(tx, call, &board, id).await?;
    if board.file.review.is_some() {
        return Err(AppError::Conflict("A panel scores this round; each reviewer does so at their own desk.".to_owned()));
    }
    let criterion = board.file.ranking.criterion(&input.criterion).ok_or(AppError::NotFound)?;
    let score = RubricScore::new(criterion, input.points, &input.reason)
        .map_err(|problems| AppError::Invalid(problems.into_iter().map(|problem| score_problem(&criterion.key, problem)).collect()))?;
    let scores = reviews::scores(tx, id).await?;
    let before = scores.iter().find(|found| found.criterion == criterion.key);
    let repeated = |found: &&reviews::Score| {
        found.points == score.points && found.reason == score.reason && found.by == call.actor.name && input.seen != Some(found.version)
    };
    if before.filter(repeated).is_some() {
        return Ok(());
    }
    board.standing(&application).may_score(call.now).map_err(|refusal| board.not_now(refusal))?;
    reviews::record_score(tx, id, &score, call.desk.house.demo, person, call.now, input.seen).await?;
    let mut event = call.event(application.subject(), "application", id.0, "scored");
    event.from = before.map(|found| found.points.normalize().to_string());
    event.to = Some(score.points.normalize().to_string());
    event.why = Some(score.reason.clone());
    event.facts = serde_json::json!({ "number": application.number, "criterion": criterion.key, "name": criterion.name });
    events::add(tx, &event).await?;
    Ok(())
}
