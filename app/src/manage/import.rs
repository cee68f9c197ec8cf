//! Importing a program file: paste or upload, see what it would make, then confirm. A refused file keeps its text on the page.

use super::plan::Plan;
use super::upload::{Sent, sent, upload_form};
use super::work;
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields};
use crate::ui::field::{ErrorSummary, TextArea};
use crate::ui::layout::{Head, go, page};
use axum::extract::Multipart;
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;

/// `GET /manage/import`
pub async fn get(call: Call) -> Result<Response, AppError> {
    Ok(show(&call, Attempt::default(), StatusCode::OK))
}

/// `POST /manage/import`: first look, then, with the confirmed file's hash, import.
pub async fn post(call: Call, fields: Fields) -> Result<Response, AppError> {
    let text = fields.0.iter().find(|(key, _)| key == "text").map_or("", |(_, value)| value.as_str()).to_owned();
    let confirmed = fields.text("confirmed").to_owned();
    if confirmed.is_empty() {
        return look(&call, &text).await;
    }
    // The text and the hash come from the same page; should they differ, it is looked at again first.
    let same = work::read(&text).ok().and_then(|(_, file)| file.sha256().ok()).is_some_and(|sha256| sha256 == confirmed);
    if !same {
        return look(&call, &text).await;
    }
    match work::import(&call, &text).await {
        Ok(done) => Ok(go(format!("/manage/rounds/{}", done.round))),
        Err(error) => again(&call, &text, error),
    }
}

/// `POST /manage/import/file`: the same with a file.
pub async fn upload(call: Call, parts: Multipart) -> Result<Response, AppError> {
    match sent(parts).await? {
        Some(Sent::Text(text)) => look(&call, &text).await,
        Some(Sent::Other) => again(&call, "", AppError::field("text", "The file is not text. A program file is plain text in TOML.")),
        None => again(&call, "", AppError::field("text", "Choose a file to upload, or paste its text.")),
    }
}

async fn look(call: &Call, text: &str) -> Result<Response, AppError> {
    match work::preview(call, text).await {
        Ok(plan) => Ok(page(call, Head::new("Check the import"), move || confirm(plan))),
        Err(error) => again(call, text, error),
    }
}

fn again(call: &Call, text: &str, error: AppError) -> Result<Response, AppError> {
    let status = error.status();
    let attempt = Attempt::of(Fields(vec![("text".to_owned(), text.to_owned())]), error)?;
    Ok(show(call, attempt, status))
}

fn show(call: &Call, attempt: Attempt, status: StatusCode) -> Response {
    let mut head = Head::new("Import a program file").after(&attempt);
    head.status = status;
    page(call, head, move || {
        // Under the field stands one sentence; the list of all problems stands at the top.
        let problems = attempt.problems.len();
        let mut field = attempt.clone();
        field.problems.retain(|problem| problem.field == "text");
        if problems > 1
            && let Some(first) = field.problems.first_mut()
        {
            first.text = format!("{problems} problems in this file; they are listed at the top of the page.");
        }
        view! {
            <p><a href="/manage">"Programs and rounds"</a></p>
            <ErrorSummary attempt=attempt/>
            <h1>"Import a program file"</h1>
            <p class="al-lede">"Paste the file or upload it. You see what it would create or change before anything is saved."</p>
            <form method="post" action="/manage/import">
                <TextArea
                    name="text"
                    label="The program file"
                    hint="Plain text in TOML. Problems are told with their line and field, all at once."
                    rows=24
                    attempt=field
                />
                <p class="al-actions"><button class="usa-button" type="submit">"Check the file"</button></p>
            </form>
            <h2>"Or upload it"</h2>
            {upload_form("/manage/import/file".to_owned(), "Its name usually ends in .toml; at most one megabyte.", "Upload and check")}
        }
    })
}

fn confirm(plan: Plan) -> impl IntoView {
    let Plan { text, sha256, changes, notes, summary } = plan;
    let list = |sentences: Vec<String>| sentences.into_iter().map(|sentence| view! { <li>{sentence}</li> }).collect_view();
    let same = changes.is_empty();
    let what = if same {
        view! { <p>"This very file is on record already: importing it again changes nothing."</p> }.into_any()
    } else {
        view! { <ul>{list(changes)}</ul> }.into_any()
    };
    let notes = (!notes.is_empty()).then(|| view! { <h2>"Worth knowing"</h2><ul>{list(notes)}</ul> });
    view! {
        <p><a href="/manage/import">"Start over"</a></p>
        <h1>"Check the import"</h1>
        <p class="al-lede">"The file is in order. Nothing is saved yet."</p>
        <h2>"What the import does"</h2>
        {what}
        {notes}
        <h2>"The file in short"</h2>
        <ul>{list(summary)}</ul>
        <form method="post" action="/manage/import">
            <input type="hidden" name="confirmed" value=sha256/>
            <details>
                <summary>"The file’s text"</summary>
                <label class="usa-label" for="text">"The program file; if you change it here, it is checked again"</label>
                <textarea class="usa-textarea" id="text" name="text" rows="24">{text}</textarea>
            </details>
            <p class="al-actions">
                <button class="usa-button" type="submit">{if same { "Go to the round" } else { "Import" }}</button>
                <a href="/manage">"Leave it"</a>
            </p>
        </form>
    }
}
