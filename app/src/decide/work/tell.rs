//! Telling the applicants, and then the public: two acts, in that order, so that nobody reads of their own outcome in the papers first.

use crate::call::Call;
use crate::error::AppError;
use crate::review::work::Board;
use domain::RoundId;
use domain::access::Action;
use domain::award::Outcome;
use std::collections::BTreeMap;
use std::fmt::Write;
use store::awards::{self, OutcomeOf};
use store::{Tx, events, messages, programs};

/// Tells every applicant who was not told yet: their own page shows the outcome from now on, and their people get a message. Gives how many
/// applications were told.
///
/// # Errors
/// [`AppError::Conflict`] before the awards are approved.
pub async fn tell(call: &Call, round: RoundId) -> Result<u64, AppError> {
    let call = call.clone();
    let writer = call.clone();
    writer
        .write(move |tx| {
            let call = call.clone();
            Box::pin(async move { tell_in(tx, &call, round).await })
        })
        .await
}

async fn tell_in(tx: &mut Tx<'_>, call: &Call, round: RoundId) -> Result<u64, AppError> {
    let board = Board::load(tx, round).await?;
    call.must(Action::PublishResults, board.subject())?;
    must_be_approved(&board)?;
    let outcomes: BTreeMap<_, OutcomeOf> =
        awards::outcomes(tx, round).await?.into_iter().map(|outcome| (outcome.application.0, outcome)).collect();
    let ranked = outcomes.values().filter(|outcome| outcome.place.is_some()).count();
    let line = outcomes.values().filter(|outcome| outcome.units > 0).filter_map(|outcome| outcome.place).max();
    let people = awards::people_to_tell(tx, round).await?;
    let told = awards::record_told(tx, round, call.now).await?;
    if told == 0 {
        return Ok(0);
    }
    for person in &people {
        let Some(outcome) = outcomes.get(&person.application) else { continue };
        let (subject, body) = letter(call, &board, outcome, &person.name, ranked, line);
        messages::add(tx, &call.message(&person.email, subject, body, "application", person.application)).await?;
    }
    let mut event = call.event(board.subject(), "round", round.0, "told the applicants");
    event.facts = serde_json::json!({ "applications": told, "messages": people.len() });
    events::add(tx, &event).await?;
    Ok(told)
}

fn must_be_approved(board: &Board) -> Result<(), AppError> {
    match &board.progress.allocation {
        Some(live) if live.approved => Ok(()),
        _ => Err(AppError::Conflict("The awards are not approved yet, so there is nothing to tell.".to_owned())),
    }
}

/// The message to one person: what became of it, where it stands, why, and where the working is.
fn letter(call: &Call, board: &Board, outcome: &OutcomeOf, name: &str, ranked: usize, line: Option<i64>) -> (String, String) {
    let subject = format!("{}: {} ({})", board.of.program.name, outcome.outcome.name().to_lowercase(), outcome.number);
    let unit = |count: i64| if count == 1 { &board.file.award.unit } else { &board.file.award.units };
    let mut body = format!(
        "Dear {name},\n\nthe awards for {}, {}, have been decided. This is about application {} of {}.\n\n",
        board.of.program.name, board.of.round.name, outcome.number, outcome.applicant_name
    );
    let _ = match outcome.outcome {
        Outcome::Funded => writeln!(body, "It is funded: {} {}.", outcome.units, unit(outcome.units)),
        Outcome::PartlyFunded => {
            writeln!(
                body,
                "It is funded in part: {} of the {} {} asked for.",
                outcome.units,
                outcome.units_requested,
                unit(outcome.units_requested)
            )
        }
        Outcome::Waitlisted => writeln!(body, "It is on the waiting list."),
        Outcome::NotFunded => writeln!(body, "It is not funded."),
        Outcome::Ineligible => writeln!(body, "It was found not eligible, so it was not ranked."),
    };
    if let (Some(place), Some(points)) = (outcome.place, &outcome.points) {
        let _ = writeln!(body, "Place {place} of {ranked}, with {} of 100 points.", crate::ui::working::stored_points(points));
        if let Some(line) = line {
            let _ = writeln!(body, "Money reached as far as place {line}.");
        }
    }
    let _ = write!(
        body,
        "The reason: {}\n\nSee how the points were reached, criterion by criterion:\n{}/apply/{}/outcome\n\n{}\n",
        outcome.reason, call.desk.house.base_url, outcome.application, board.of.program.agency_name
    );
    (subject, body)
}

/// Publishes the results. Taken once; applicants are told first.
///
/// # Errors
/// [`AppError::Conflict`] before the awards are approved or the applicants told, and when the round was changed meanwhile.
pub async fn publish(call: &Call, round: RoundId) -> Result<(), AppError> {
    let call = call.clone();
    let writer = call.clone();
    writer
        .write(move |tx| {
            let call = call.clone();
            Box::pin(async move { publish_in(tx, &call, round).await })
        })
        .await
}

async fn publish_in(tx: &mut Tx<'_>, call: &Call, round: RoundId) -> Result<(), AppError> {
    let board = Board::load(tx, round).await?;
    call.must(Action::PublishResults, board.subject())?;
    must_be_approved(&board)?;
    if board.of.round.published_at.is_some() {
        return Ok(());
    }
    if awards::outcomes(tx, round).await?.iter().any(|outcome| outcome.told_at.is_none()) {
        return Err(AppError::Conflict("Tell the applicants first: they should hear it from you before they read it.".to_owned()));
    }
    let published = board.of.round.clone().publish(call.now).map_err(|refusal| AppError::Conflict(refusal.to_string()))?;
    programs::record_published(tx, &published).await?;
    let mut event = call.event(board.subject(), "round", round.0, "published the results");
    event.from = Some("approved".to_owned());
    event.to = Some("published".to_owned());
    events::add(tx, &event).await?;
    Ok(())
}
