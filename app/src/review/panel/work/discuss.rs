//! The discussion of an application: who is in it, and adding to it. Notes are only added; once the ranking is frozen they are only read.

use super::super::super::work::Board;
use super::desk::{Then, declared};
use super::gate::{OWN_FIRST, SEALED};
use super::lead;
use crate::call::Call;
use crate::error::AppError;
use domain::answers::count_with_commas;
use domain::canonical::sha256_hex;
use domain::panel::Stage;
use domain::{ApplicationId, ReviewId};
use store::panels::{self, Application, Member, Note};
use store::{Tx, events};
use uuid::Uuid;

/// The longest note, in characters.
pub(in crate::review::panel) const NOTE_MAX: usize = 2_000;

/// Lets a reviewer into the discussion of what they reviewed, once their own review is in and nothing is sealed. Gives everybody who is or
/// was on the panel as well.
///
/// # Errors
/// [`AppError::NotFound`] for a review for practice, and for whoever has left the panel; [`AppError::Forbidden`] before their own review is
/// in, and while the file seals the scores; as [`Then::load`].
pub async fn join(tx: &mut Tx<'_>, call: &Call, review: ReviewId) -> Result<(Then, Vec<Member>), AppError> {
    let then = Then::load(tx, call, review).await?;
    let members = panels::members(tx, then.review.round).await?;
    let person = call.person()?;
    let sits = members.iter().any(|member| member.person == person.0 && member.ended_at.is_none());
    let terms = then.board.file.review.as_ref().filter(|_| sits && !then.review.practice).ok_or(AppError::NotFound)?;
    declared(&members, person)?;
    if then.review.stage != Stage::HandedIn {
        return Err(AppError::Forbidden(OWN_FIRST.to_owned()));
    }
    if terms.is_sealed(call.now) {
        return Err(AppError::Forbidden(SEALED.to_owned()));
    }
    Ok((then, members))
}

/// Adds a reviewer's note to the discussion of what they reviewed.
///
/// # Errors
/// [`AppError::Invalid`] for a note that is empty or too long; [`AppError::Conflict`] once the ranking is frozen, and where the form was
/// sent before with other words; as [`join`].
pub async fn say(call: &Call, review: ReviewId, id: Uuid, text: &str) -> Result<(), AppError> {
    let (own, text) = (call.clone(), read(text)?);
    call.write(move |tx| {
        let (call, text) = (own.clone(), text.clone());
        Box::pin(async move {
            let (then, _) = join(tx, &call, review).await?;
            add(tx, &call, &then.board, &then.application, id, &text).await
        })
    })
    .await
}

/// Adds a note of whoever leads the panel.
///
/// # Errors
/// [`AppError::Forbidden`] for whoever does not lead the panel or has a conflict; else as [`say`].
pub async fn note(call: &Call, application: ApplicationId, id: Uuid, text: &str) -> Result<(), AppError> {
    let (own, text) = (call.clone(), read(text)?);
    call.write(move |tx| {
        let (call, text) = (own.clone(), text.clone());
        Box::pin(async move {
            let (board, _, application) = lead::begin(tx, &call, application).await?;
            add(tx, &call, &board, &application, id, &text).await
        })
    })
    .await
}

fn read(text: &str) -> Result<String, AppError> {
    let text = text.trim();
    let long = text.chars().count();
    if text.is_empty() {
        return Err(AppError::field("note", "Write the note."));
    }
    if long > NOTE_MAX {
        let [long, most] = [long, NOTE_MAX].map(count_with_commas);
        return Err(AppError::field("note", format!("The note is {long} characters long. Shorten it to {most}.")));
    }
    Ok(text.to_owned())
}

async fn add(tx: &mut Tx<'_>, call: &Call, board: &Board, application: &Application, id: Uuid, text: &str) -> Result<(), AppError> {
    if board.progress.ranking.is_some() {
        return Err(AppError::Conflict("The ranking is frozen, so the discussion is closed.".to_owned()));
    }
    let person = call.person()?;
    if panels::add_note(tx, id, application.id, person, text, call.now).await? {
        let mut event = call.event(board.subject(), "application", application.id.0, "noted in the panel’s discussion");
        // The words stand in the discussion alone: the list of acts is read by those, too, whom a conflict keeps out of it.
        event.facts = serde_json::json!({ "number": application.number, "note": id, "sha256": sha256_hex(text.as_bytes()) });
        events::add(tx, &event).await?;
        return Ok(());
    }
    let same = |note: &Note| note.id == id && note.person == person.0 && note.note == text;
    if panels::notes(tx, application.id).await?.iter().any(same) {
        return Ok(());
    }
    Err(AppError::Conflict("This form was sent once already, with other words. Send it again to add these, too.".to_owned()))
}
