//! A reviewer's own desk: declaring ties, writing, handing in. Nothing of a round can be read before its ties are declared.

use super::super::super::work::{Board, level_field, reason_field};
use super::Panel;
use super::gate::refused;
use crate::call::Call;
use crate::error::{AppError, Problem};
use domain::access::Action;
use domain::panel::{self, Conflict, Stage, conflicts};
use domain::review::{RubricScore, Unreasoned};
use domain::ruleset::Criterion;
use domain::{OrganizationId, PersonId, ReviewId, RoundId, Timestamp};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::panels::{self, Member, Review, Written};
use store::{Tx, events, messages};

/// A sheet as posted: criterion key to the points and the reason typed.
#[derive(Clone, Debug, Default)]
pub struct SheetInput {
    /// What is written, by criterion.
    pub written: BTreeMap<String, Written>,
    /// The version that the page showed.
    pub seen: i64,
}

/// What was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// When, in the round's zone.
    pub at: String,
    /// The new version.
    pub version: i64,
}

/// What a desk's sheet rests on: the review, its round, and the reviews of the same reviewer.
#[derive(Clone, Debug)]
pub struct Then {
    /// The review.
    pub review: Review,
    /// All of the reviewer's in the round, practice first.
    pub desk: Vec<Review>,
    /// The round.
    pub board: Board,
    /// The application with its ties.
    pub application: panels::Application,
}

impl Then {
    /// Loads a sheet for its own reviewer. Seven statements.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for another's sheet or one that was taken away; [`AppError::Forbidden`] where there is a conflict of interest,
    /// or before ties are declared.
    pub async fn load(tx: &mut Tx<'_>, call: &Call, review: ReviewId) -> Result<Self, AppError> {
        let person = call.person()?;
        let desk = panels::of_desk(tx, review).await?;
        let found = desk.iter().find(|found| found.id == review && found.person == person).cloned().ok_or(AppError::NotFound)?;
        let board = Board::load(tx, found.round).await?;
        call.must(Action::ReviewForPanel, board.subject())?;
        if board.file.review.is_none() || found.stage == Stage::Removed {
            return Err(AppError::NotFound);
        }
        // In a blind review the reason would name the applicant.
        let blind = board.file.review.as_ref().is_some_and(|terms| terms.blind);
        let shut_out = |why: &str| refused(if blind { "" } else { why });
        if found.stage == Stage::Recused {
            return Err(shut_out(&found.said));
        }
        let application = panels::application(tx, found.application).await?.ok_or(AppError::NotFound)?;
        let parts: Vec<_> = panels::parts_of(tx, found.round, person).await?.into_iter().map(|part| part.part).collect();
        if let Some(conflict) = conflicts(&application.ties, &parts).first() {
            return Err(shut_out(&conflict.say()));
        }
        Ok(Self { review: found, desk, board, application })
    }

    /// Whether writing is over: the ranking is frozen, or the application is not in the running.
    ///
    /// # Errors
    /// [`AppError::Conflict`], saying which.
    pub fn may_write(&self) -> Result<(), AppError> {
        writing_is_over(&self.board, &self.review, &self.application).map_or(Ok(()), Err)
    }
}

/// Why nothing more can be written in a review, if that is so.
pub(super) fn writing_is_over(board: &Board, review: &Review, application: &panels::Application) -> Option<AppError> {
    if board.progress.ranking.is_some() {
        return Some(AppError::Conflict("The ranking is frozen, so scores can no longer change.".to_owned()));
    }
    if !review.practice && application.eligible != Some(true) {
        return Some(AppError::Conflict("This application was found ineligible, so it is not scored.".to_owned()));
    }
    panel::Review { stage: review.stage }.save().err().map(|refusal| AppError::Conflict(refusal.to_string()))
}

fn problem(criterion: &Criterion, found: Unreasoned) -> Problem {
    let (level, reason) = (level_field(&criterion.key), reason_field(&criterion.key));
    match found {
        Unreasoned::NoReason => Problem::new(reason, format!("{}: give the reason for the level in a sentence.", criterion.name)),
        Unreasoned::TooLong => Problem::new(reason, format!("{}: {found}", criterion.name)),
        other => Problem::new(level, format!("{}: {other}", criterion.name)),
    }
}

/// Whether a member has declared their ties; nothing can be read before.
async fn must_have_declared(tx: &mut Tx<'_>, round: RoundId, person: PersonId) -> Result<(), AppError> {
    declared(&panels::members(tx, round).await?, person)
}

/// The same, of members at hand.
pub(super) fn declared(members: &[Member], person: PersonId) -> Result<(), AppError> {
    if members.iter().any(|member| member.person == person.0 && member.declared_at.is_some()) {
        Ok(())
    } else {
        Err(AppError::Forbidden("Declare your conflicts of interest first: nothing can be read before.".to_owned()))
    }
}

pub(super) async fn write_in(tx: &mut Tx<'_>, call: &Call, id: ReviewId, input: &SheetInput) -> Result<(Then, i64), AppError> {
    let then = Then::load(tx, call, id).await?;
    must_have_declared(tx, then.review.round, then.review.person).await?;
    then.may_write()?;
    let mut kept = BTreeMap::new();
    let mut problems = Vec::new();
    for criterion in super::rubrics(&then.board) {
        let Some(typed) = input.written.get(&criterion.key) else { continue };
        let written = panel::Written { points: typed.points, reason: typed.reason.clone() };
        problems.extend(written.draft_problems(criterion).into_iter().map(|found| problem(criterion, found)));
        if typed.points.is_some() || !typed.reason.is_empty() {
            kept.insert(
                criterion.key.clone(),
                Written { points: typed.points.map(|points| points.normalize()), reason: typed.reason.clone() },
            );
        }
    }
    if !problems.is_empty() {
        return Err(AppError::Invalid(problems));
    }
    if kept == then.review.written {
        return Ok((then, input.seen));
    }
    panels::record_written(tx, id, &kept, call.now, input.seen).await?;
    let mut saved = then;
    saved.review.written = kept;
    Ok((saved, input.seen + 1))
}

/// Saves a sheet as a draft. What is missing may come later. A draft has no event row of its own: it is nobody's business until it is in.
///
/// # Errors
/// [`AppError::Conflict`] when it was saved elsewhere meanwhile, is handed in, or the ranking is frozen; [`AppError::Invalid`]; as
/// [`Then::load`].
pub async fn save(call: &Call, id: ReviewId, input: &SheetInput) -> Result<Saved, AppError> {
    let (own, input) = (call.clone(), input.clone());
    call.write(move |tx| {
        let (call, input) = (own.clone(), input.clone());
        Box::pin(async move {
            let (then, version) = write_in(tx, &call, id, &input).await?;
            Ok(Saved { at: call.now.say_in(then.board.of.round.zone), version })
        })
    })
    .await
}

/// Saves a sheet and hands it in: every criterion with a level and a reason. Gives the next review on the desk that waits.
///
/// # Errors
/// [`AppError::Invalid`] with everything that is missing; as [`save`].
pub async fn hand_in(call: &Call, id: ReviewId, input: &SheetInput) -> Result<Option<ReviewId>, AppError> {
    // What is written is kept even where something is missing still.
    let saved = save(call, id, input).await?;
    let own = call.clone();
    call.write(move |tx| {
        let call = own.clone();
        let saved = saved.clone();
        Box::pin(async move {
            let then = Then::load(tx, &call, id).await?;
            then.may_write()?;
            let review = &then.review;
            let mut problems = Vec::new();
            for criterion in super::rubrics(&then.board) {
                let written = review.written.get(&criterion.key).cloned().unwrap_or_default();
                if let Err(found) = RubricScore::new(criterion, written.points, &written.reason) {
                    problems.extend(found.into_iter().map(|found| problem(criterion, found)));
                }
            }
            if !problems.is_empty() {
                return Err(AppError::Invalid(problems));
            }
            let handed = panel::Review { stage: review.stage }.hand_in().map_err(|refusal| AppError::Conflict(refusal.to_string()))?;
            panels::record_stage(tx, id, handed.stage, "", Some(call.now), saved.version).await?;
            panels::add_history(tx, id, saved.version, &review.written, call.now).await?;
            let mut event = call.event(then.board.subject(), "application", review.application.0, "handed a review in");
            event.from = Some(review.stage.as_str().to_owned());
            event.to = Some(handed.stage.as_str().to_owned());
            event.facts =
                serde_json::json!({ "number": review.number, "review": id, "practice": review.practice, "written": review.written });
            events::add(tx, &event).await?;
            Ok(next_waiting(&then.desk, id))
        })
    })
    .await
}

/// The next on a desk that waits, round from the start when there is none further down.
fn next_waiting(desk: &[Review], after: ReviewId) -> Option<ReviewId> {
    let at = desk.iter().position(|review| review.id == after)?;
    let (before, rest) = desk.split_at(at);
    rest.iter().skip(1).chain(before).find(|review| review.stage.waits()).map(|review| review.id)
}

/// Declares ties to organizations of a round, each with a word on what it is; with none, that there are none. Reviews that this bars step
/// back at once. Gives how many did.
///
/// # Errors
/// [`AppError::NotFound`] for somebody not on the panel or an organization that has no part in the round; [`AppError::Invalid`] for a tie
/// without a word.
pub async fn declare(call: &Call, round: RoundId, ties: &[(OrganizationId, String)]) -> Result<usize, AppError> {
    let (own, ties) = (call.clone(), ties.to_vec());
    call.write(move |tx| {
        let (call, ties) = (own.clone(), ties.clone());
        Box::pin(async move {
            let board = Board::load(tx, round).await?;
            call.must(Action::ReviewForPanel, board.subject())?;
            let person = call.person()?;
            let panel = Panel::need(tx, &call, &board).await?;
            if !panel.sitting().any(|member| member.person == person.0) {
                return Err(AppError::NotFound);
            }
            for (organization, why) in &ties {
                let known = panel.applications.iter().any(|application| {
                    let ties = &application.ties;
                    ties.applicant == *organization || ties.region == Some(*organization) || ties.college == Some(*organization)
                });
                if !known {
                    return Err(AppError::NotFound);
                }
                let why = why.trim();
                if why.is_empty() || why.chars().count() > 500 {
                    return Err(AppError::field("why", "Say in a few words what the tie is, at most 500 characters."));
                }
                panels::add_conflict(tx, round, person, *organization, why, call.now).await?;
            }
            panels::record_declaration(tx, round, person, call.now).await?;
            let mut event = call.event(board.subject(), "round", round.0, "declared conflicts of interest");
            event.facts = serde_json::json!({ "ties": ties.iter().map(|(organization, why)| serde_json::json!({ "organization": organization, "why": why })).collect::<Vec<_>>() });
            events::add(tx, &event).await?;
            step_back(tx, &call, &board, &panel, person).await
        })
    })
    .await
}

/// Takes every live review of a person off the desk that a conflict bars, now that it is on record, and tells the managers.
async fn step_back(tx: &mut Tx<'_>, call: &Call, board: &Board, panel: &Panel, person: PersonId) -> Result<usize, AppError> {
    let round = board.of.round.id;
    let parts: Vec<_> = panels::parts_of(tx, round, person).await?.into_iter().map(|part| part.part).collect();
    let mut barred = Vec::new();
    for review in panel.reviews.iter().filter(|review| review.person == person && review.stage.is_live()) {
        let Some(application) = panel.application(review.application) else { continue };
        if let Some(conflict) = conflicts(&application.ties, &parts).first() {
            recuse(tx, call, board, review, conflict).await?;
            barred.push(review.number.clone());
        }
    }
    if !barred.is_empty() {
        tell_managers(tx, call, board, &barred).await?;
    }
    Ok(barred.len())
}

async fn recuse(tx: &mut Tx<'_>, call: &Call, board: &Board, review: &Review, conflict: &Conflict) -> Result<(), AppError> {
    let recused = panel::Review { stage: review.stage }.recuse().map_err(|refusal| AppError::Conflict(refusal.to_string()))?;
    panels::record_stage(tx, review.id, recused.stage, &conflict.say(), None, review.version).await?;
    let mut event = call.event(board.subject(), "application", review.application.0, "stepped back from a review");
    event.from = Some(review.stage.as_str().to_owned());
    event.to = Some(recused.stage.as_str().to_owned());
    event.why = Some(conflict.say());
    event.facts = serde_json::json!({ "number": review.number, "review": review.id, "name": review.person_name });
    Ok(events::add(tx, &event).await?)
}

async fn tell_managers(tx: &mut Tx<'_>, call: &Call, board: &Board, numbers: &[String]) -> Result<(), AppError> {
    let to = store::memberships::emails_of(tx, board.of.round.agency, domain::access::Role::ProgramManager).await?;
    let (base, round) = (&call.desk.house.base_url, &board.of.round);
    let text = format!(
        "{} has a conflict of interest with: {}. Find other reviewers for them:\n{base}/review/{}/panel\n",
        call.actor.name,
        numbers.join(", "),
        round.id
    );
    let mails: Vec<_> = to
        .iter()
        .map(|to| call.message(to, format!("Conflict of interest on the panel: {}", round.name), text.clone(), "round", round.id.0))
        .collect();
    Ok(messages::add_all(tx, &mails).await?)
}

/// Declares a tie to the applicant of a sheet that one is reading.
///
/// # Errors
/// [`AppError::Invalid`] without a word on what it is; as [`Then::load`].
pub async fn declare_on_sheet(call: &Call, id: ReviewId, why: &str) -> Result<RoundId, AppError> {
    let (own, why) = (call.clone(), why.trim().to_owned());
    if why.is_empty() || why.chars().count() > 500 {
        return Err(AppError::field("why", "Say in a few words what the tie is, at most 500 characters."));
    }
    call.write(move |tx| {
        let (call, why) = (own.clone(), why.clone());
        Box::pin(async move {
            let then = Then::load(tx, &call, id).await?;
            let round = then.review.round;
            panels::add_conflict(tx, round, then.review.person, then.application.ties.applicant, &why, call.now).await?;
            let part = panel::Part {
                organization: then.application.ties.applicant,
                name: then.application.applicant_name.clone(),
                declared: Some(why.clone()),
            };
            for found in conflicts(&then.application.ties, &[part]) {
                // The same application may be on the desk twice: for practice, too.
                for review in then.desk.iter().filter(|review| review.application == then.application.id && review.stage.is_live()) {
                    recuse(tx, &call, &then.board, review, &found).await?;
                }
            }
            tell_managers(tx, &call, &then.board, std::slice::from_ref(&then.review.number)).await?;
            Ok(round)
        })
    })
    .await
}

/// When a sheet was last saved, in words.
#[must_use]
pub(in crate::review::panel) fn last_saved(review: &Review, zone: domain::Zone) -> String {
    review.saved_at.map_or_else(|| "Not saved yet.".to_owned(), |at: Timestamp| format!("Last saved {}.", at.say_in(zone)))
}

/// Points typed into a level button's value.
#[must_use]
pub(in crate::review::panel) fn typed_points(text: &str) -> Option<Decimal> {
    text.parse().ok()
}
