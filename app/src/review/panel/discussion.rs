//! `/review/desk/{review}/discussion`: what the panel says to each other about an application, for its reviewers once their own review is
//! in. The chair's page shows the same list.

use super::super::parts::crumbs;
use super::scores;
use super::work::{self, NOTE_MAX, Then, called};
use crate::call::{Call, mint};
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::ui::field::{ErrorSummary, TextArea};
use crate::ui::layout::{Head, go, page};
use axum::extract::Path;
use axum::response::Response;
use domain::answers::count_with_commas;
use domain::panel::{Mask, Stage};
use domain::{PersonId, ReviewId, Timestamp, Zone};
use http::StatusCode;
use leptos::prelude::*;
use store::panels::{self, Application, Note, Review};
use uuid::Uuid;

struct Shown {
    then: Then,
    reviews: Vec<Review>,
    notes: Vec<Note>,
}

async fn load(call: &Call, review: ReviewId) -> Result<Shown, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let (then, members) = work::join(&mut tx, call, review).await?;
    let blind = then.board.file.review.as_ref().is_some_and(|terms| terms.blind);
    let mut reviews = panels::of_application(&mut tx, then.application.id).await?;
    reviews.retain(|review| !review.practice && review.stage == Stage::HandedIn);
    for review in &mut reviews {
        review.person_name = called(&members, blind, review.person, &review.person_name);
    }
    let mut notes = panels::notes(&mut tx, then.application.id).await?;
    for note in &mut notes {
        note.by = called(&members, blind, PersonId(note.person), &note.by);
    }
    if blind {
        hide_names(&mut notes, &then.application);
    }
    Ok(Shown { then, reviews, notes })
}

/// Takes the applicant's name out of what is said, for whoever is not told who applies.
pub(super) fn hide_names(notes: &mut [Note], application: &Application) {
    let mask = Mask::of([Some(application.applicant_name.as_str()), application.county.as_deref()].into_iter().flatten());
    for note in notes {
        note.note = mask.hide(&note.note);
    }
}

/// The page.
///
/// # Errors
/// As [`work::join`].
pub async fn get(call: Call, Path(review): Path<String>) -> Result<Response, AppError> {
    let shown = load(&call, id(&review)?).await?;
    Ok(show(&call, &shown, Attempt::default()))
}

/// Adds a note.
///
/// # Errors
/// As [`work::say`]; what a form can mend is shown on the page again.
pub async fn post(call: Call, Path(review): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let review: ReviewId = id(&review)?;
    match work::say(&call, review, fields.hidden("id")?, fields.text("note")).await {
        Ok(()) => Ok(go(format!("/review/desk/{review}/discussion"))),
        Err(error) => {
            let conflict = matches!(error, AppError::Conflict(_));
            let attempt = Attempt::of(fields, error)?;
            let mut response = show(&call, &load(&call, review).await?, attempt);
            if conflict {
                *response.status_mut() = StatusCode::CONFLICT;
            }
            Ok(response)
        }
    }
}

fn show(call: &Call, shown: &Shown, attempt: Attempt) -> Response {
    let Shown { then, reviews, notes } = shown;
    let (board, review) = (&then.board, &then.review);
    let blind = board.file.review.as_ref().is_some_and(|terms| terms.blind);
    let name = if blind { "Applicant masked".to_owned() } else { review.applicant_name.clone() };
    let title = format!("Discussion of {} {name}", review.number);
    let head = Head::new(title.clone()).after(&attempt);
    let sheet = format!("/review/desk/{}", review.id);
    let above = vec![
        ("/review/desk".to_owned(), "Your reviews".to_owned()),
        (format!("/review/{}/desk", review.round), board.of.round.name.clone()),
        (sheet.clone(), review.number.clone()),
    ];
    let reviews: Vec<&Review> = reviews.iter().collect();
    let table = scores::side_by_side(board, &reviews);
    let list = list(notes, board.of.round.zone);
    let form = form(call, &format!("{sheet}/discussion"), board.progress.ranking.is_none(), &attempt);
    page(call, head, move || {
        view! {
            {crumbs(above, "Discussion".to_owned())}
            <ErrorSummary attempt/>
            <h1>{title}</h1>
            <h2>"Reviews handed in"</h2>
            {table}
            <p><a href=sheet>"The proposal, and your own scores with their reasons"</a></p>
            <h2 id="discussion">"What was said"</h2>
            {list}
            {form}
        }
    })
}

/// The notes, first to last.
pub(super) fn list(notes: &[Note], zone: Zone) -> impl IntoView + use<> {
    let empty = notes.is_empty().then(|| view! { <p>"No notes yet."</p> });
    let items = notes
        .iter()
        .map(|note| {
            let at = Timestamp::new(note.at).say_in(zone);
            view! { <li><time>{at}", "{note.by.clone()}</time><p>{note.note.clone()}</p></li> }
        })
        .collect_view();
    view! { {empty} <ol class="al-history">{items}</ol> }
}

/// The form that adds a note, while notes are taken, and what becomes of it.
pub(super) fn form(call: &Call, action: &str, open: bool, attempt: &Attempt) -> AnyView {
    if !open {
        let typed = attempt.fields.text("note").to_owned();
        let lost = (!typed.is_empty()).then(|| view! { <p>"What you wrote was not added:"</p> <blockquote>{typed}</blockquote> });
        return view! { <p>"The ranking is frozen, so the discussion is closed. What was said stays on record."</p> {lost} }.into_any();
    }
    let new: Uuid = mint(call.now);
    let hint = format!("At most {} characters.", count_with_commas(NOTE_MAX));
    view! {
        <form method="post" action=action.to_owned()>
            <input type="hidden" name="id" value=new.to_string()/>
            <TextArea name="note" label="Add a note" hint rows=3 attempt=attempt.clone()/>
            <p class="al-source">"A note is part of the round’s record, with your name and the time: it can’t be changed or taken back, and the program’s managers and auditors read it. Who has a conflict of interest with the applicant does not."</p>
            <button class="usa-button usa-button--outline" type="submit">"Add the note"</button>
        </form>
    }
    .into_any()
}
