//! Telling the applicants, and then the public: two acts, in that order, so that nobody reads of their own outcome in the papers first. Each
//! takes effect at once, or at a second to come by the server's clock; until then it can be held back.

use crate::call::Call;
use crate::decide::letter;
use crate::error::AppError;
use crate::review::work::Board;
use chrono::NaiveDateTime;
use domain::access::Action;
use domain::round::RoundError;
use domain::{RoundId, Timestamp, Zone};
use std::collections::BTreeMap;
use store::awards::{self, OutcomeOf, Told};
use store::messages::NewMessage;
use store::{Tx, events, messages, programs};
use uuid::Uuid;

/// When a release takes effect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Release {
    /// At once.
    #[default]
    Now,
    /// At a local time in the round's zone, as typed.
    At(String),
}

impl Release {
    /// As typed in a form; empty is at once.
    #[must_use]
    pub fn typed(text: &str) -> Self {
        if text.is_empty() { Self::Now } else { Self::At(text.to_owned()) }
    }

    /// The instant; none is at once.
    fn instant(&self, zone: Zone, now: Timestamp) -> Result<Option<Timestamp>, AppError> {
        let Self::At(text) = self else { return Ok(None) };
        let wall = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
            .ok_or_else(|| AppError::field("at", "Write day and time as 2024-07-15T09:00, or leave it empty to release at once."))?;
        let at = zone.at(wall).map_err(|problem| AppError::field("at", problem.to_string()))?;
        if at <= now {
            return Err(AppError::field("at", RoundError::EmbargoPassed(at.say_in(zone)).to_string()));
        }
        Ok(Some(at))
    }
}

/// Tells every applicant who was not told yet: from that second their own page shows the outcome and the letter, and their people get it by
/// mail. Gives how many applications were told.
///
/// # Errors
/// [`AppError::Conflict`] before the awards are approved; [`AppError::Invalid`] for a time that is none, or has passed.
pub async fn tell(call: &Call, round: RoundId, when: &Release) -> Result<u64, AppError> {
    let (call, when) = (call.clone(), when.clone());
    let writer = call.clone();
    writer
        .write(move |tx| {
            let (call, when) = (call.clone(), when.clone());
            Box::pin(async move { tell_in(tx, &call, round, &when).await })
        })
        .await
}

async fn tell_in(tx: &mut Tx<'_>, call: &Call, round: RoundId, when: &Release) -> Result<u64, AppError> {
    let board = Board::load(tx, round).await?;
    call.must(Action::PublishResults, board.subject())?;
    must_be_approved(&board)?;
    let zone = board.of.round.zone;
    let held = when.instant(zone, call.now)?;
    let at = held.unwrap_or(call.now);
    let outcomes = awards::outcomes(tx, round).await?;
    let lines = awards::lines_with_recipients(tx, round).await?;
    let people = awards::people_to_tell(tx, round).await?;
    let told = awards::record_told(tx, round, at).await?;
    if told == 0 {
        return Ok(0);
    }
    let standing = letter::Standing::of(&outcomes);
    let by_application: BTreeMap<Uuid, &OutcomeOf> = outcomes.iter().map(|outcome| (outcome.application.0, outcome)).collect();
    let paid = letter::Paid::by_application(&lines);
    let mail = |person: &Told| {
        let outcome = by_application.get(&person.application)?;
        let text = letter::text(&board.of, &board.file, outcome, paid.get(&person.application), standing, at);
        let (subject, body) = letter::mail(call, &board.of, outcome, &person.name, &text);
        Some(call.message(&person.email, subject, body, "application", person.application))
    };
    let mails: Vec<NewMessage> = people.iter().filter_map(mail).collect();
    messages::add_all_held(tx, &mails, at).await?;
    let mut event = call.event(board.subject(), "round", round.0, "told the applicants");
    event.facts = serde_json::json!({ "applications": told, "messages": mails.len(), "embargo": held });
    events::add(tx, &event).await?;
    Ok(told)
}

fn must_be_approved(board: &Board) -> Result<(), AppError> {
    match &board.progress.allocation {
        Some(live) if live.approved => Ok(()),
        _ => Err(AppError::Conflict("The awards are not approved yet, so there is nothing to tell.".to_owned())),
    }
}

/// Publishes the results, not before the applicants are told. Taken once.
///
/// # Errors
/// [`AppError::Conflict`] before the awards are approved or the applicants told, and when the round was changed meanwhile;
/// [`AppError::Invalid`] for a time that is none, or has passed.
pub async fn publish(call: &Call, round: RoundId, when: &Release) -> Result<(), AppError> {
    let (call, when) = (call.clone(), when.clone());
    let writer = call.clone();
    writer
        .write(move |tx| {
            let (call, when) = (call.clone(), when.clone());
            Box::pin(async move { publish_in(tx, &call, round, &when).await })
        })
        .await
}

async fn publish_in(tx: &mut Tx<'_>, call: &Call, round: RoundId, when: &Release) -> Result<(), AppError> {
    let board = Board::load(tx, round).await?;
    call.must(Action::PublishResults, board.subject())?;
    must_be_approved(&board)?;
    if board.of.round.published_at.is_some() {
        return Ok(());
    }
    let zone = board.of.round.zone;
    let held = when.instant(zone, call.now)?;
    let outcomes = awards::outcomes(tx, round).await?;
    if outcomes.iter().any(|outcome| outcome.told_at.is_none()) {
        return Err(AppError::Conflict("Tell the applicants first: they should hear it from you before they read it.".to_owned()));
    }
    if let Some(last) = outcomes.iter().filter_map(|outcome| outcome.told_at).max().filter(|told| *told > held.unwrap_or(call.now)) {
        return Err(AppError::Conflict(format!("The applicants are told {}; the public can’t be told before.", last.say_in(zone))));
    }
    let published = board.of.round.clone().publish(call.now, held).map_err(|refusal| AppError::Conflict(refusal.to_string()))?;
    programs::record_published(tx, &published).await?;
    let mut event = call.event(board.subject(), "round", round.0, "published the results");
    event.from = Some("approved".to_owned());
    event.to = Some("published".to_owned());
    event.facts = serde_json::json!({ "embargo": held });
    events::add(tx, &event).await?;
    Ok(())
}

/// Holds back whatever of telling and publishing waits for its second: nothing of it happens until it is released anew.
///
/// # Errors
/// [`AppError::Conflict`] when nothing waits.
pub async fn hold_back(call: &Call, round: RoundId) -> Result<(), AppError> {
    let call = call.clone();
    let writer = call.clone();
    writer
        .write(move |tx| {
            let call = call.clone();
            Box::pin(async move { hold_back_in(tx, &call, round).await })
        })
        .await
}

async fn hold_back_in(tx: &mut Tx<'_>, call: &Call, id: RoundId) -> Result<(), AppError> {
    let board = Board::load(tx, id).await?;
    call.must(Action::PublishResults, board.subject())?;
    let round = &board.of.round;
    let publication = round.embargoed_until(call.now);
    if publication.is_some() {
        let held = round.clone().hold_back(call.now).map_err(|refusal| AppError::Conflict(refusal.to_string()))?;
        programs::record_held_back(tx, &held, call.now).await?;
    }
    let untold = awards::record_not_told(tx, id, call.now).await?;
    if publication.is_none() && untold == 0 {
        return Err(AppError::Conflict("Nothing waits for its time: what was released is out.".to_owned()));
    }
    let mut event = call.event(board.subject(), "round", id.0, "held the results back");
    event.facts = serde_json::json!({ "applications": untold, "publication": publication });
    events::add(tx, &event).await?;
    Ok(())
}
