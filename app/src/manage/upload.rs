//! A program file sent as a file: reading it, and the form that sends it.

use super::work::LONGEST;
use crate::error::AppError;
use axum::extract::Multipart;
use leptos::prelude::*;

/// What was sent.
pub(super) enum Sent {
    /// Text.
    Text(String),
    /// Something else.
    Other,
}

/// Reads the file of an upload; none when the form had none.
///
/// # Errors
/// [`AppError::TooLarge`]; [`AppError::Bad`] when it did not arrive whole.
pub(super) async fn sent(mut parts: Multipart) -> Result<Option<Sent>, AppError> {
    let unread = || AppError::Bad("The upload did not arrive whole. Please send it again.".to_owned());
    while let Some(part) = parts.next_field().await.map_err(|_| unread())? {
        if part.name() != Some("file") {
            continue;
        }
        let bytes = part.bytes().await.map_err(|_| unread())?;
        if bytes.len() > LONGEST {
            return Err(AppError::TooLarge("The file is longer than a million characters, so it can’t be a program file.".to_owned()));
        }
        let text = String::from_utf8(bytes.to_vec()).ok().filter(|text| !text.contains('\0'));
        return Ok(Some(text.map_or(Sent::Other, Sent::Text)));
    }
    Ok(None)
}

/// The form that sends a file.
pub(super) fn upload_form(action: String, hint: &'static str, button: &'static str) -> impl IntoView {
    view! {
        <form method="post" action=action enctype="multipart/form-data">
            <div class="usa-form-group">
                <label class="usa-label" for="file">"A file from your computer"</label>
                <span class="usa-hint" id="file-hint">{hint}</span>
                <input class="usa-file-input" id="file" name="file" type="file" accept=".toml,text/plain" aria-describedby="file-hint"/>
            </div>
            <p class="al-actions"><button class="usa-button usa-button--outline" type="submit">{button}</button></p>
        </form>
    }
}
