//! The letters' page and the download.

use super::letters::{self, FILES, KINDS};
use super::{crumbs, id, is_open, work};
use crate::call::Call;
use crate::error::{AppError, Problem};
use crate::form::Attempt;
use crate::ui::download::download;
use crate::ui::field::{ErrorSummary, Radios};
use crate::ui::layout::{Head, go, page};
use crate::ui::table::Table;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path};
use axum::response::Response;
use domain::access::Action;
use domain::{ApplicationId, FileId};
use leptos::prelude::*;
use store::applications::Found;
use store::files::{self, File};

async fn load(call: &Call, application: &str) -> Result<(Found, Vec<File>), AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let found = work::opened(tx, call, id(application)?, Action::EditApplication).await?;
    let there = files::list_of(tx, found.application.id).await?;
    Ok((found, there))
}

/// The form before anything is chosen in it.
fn fresh() -> Attempt {
    Attempt::fresh(vec![("kind", KINDS[0].0.to_owned())])
}

/// `/apply/{application}/letters`.
pub async fn get_letters(call: Call, Path(application): Path<String>) -> Result<Response, AppError> {
    let (found, there) = load(&call, &application).await?;
    if !is_open(&found, call.now) {
        return Ok(go(format!("/apply/{}/check", found.application.id)));
    }
    Ok(show(&call, found, there, fresh()))
}

/// Takes an upload.
pub async fn post_letters(
    call: Call,
    Path(application): Path<String>,
    upload: Result<Multipart, MultipartRejection>,
) -> Result<Response, AppError> {
    let key: ApplicationId = id(&application)?;
    // Asked before the body is read: a stranger can't make the server swallow a hundred megabytes.
    super::load(&call, key, Action::EditApplication).await?;
    let upload = upload.map_err(|_| AppError::Bad("This page takes files only. Go back, choose a file and try again.".to_owned()))?;
    let (fields, taken) = match letters::read(upload).await {
        Ok(uploads) => (uploads.fields.clone(), letters::add(&call, key, uploads).await),
        Err(error) => (fresh().fields, Err(error)),
    };
    match taken {
        Ok(()) => Ok(go(format!("/apply/{key}/letters"))),
        Err(error) => {
            let status = error.status();
            let error = if let AppError::TooLarge(text) = error { AppError::field("files", text) } else { error };
            let attempt = Attempt::of(fields, error)?;
            let (found, there) = load(&call, &application).await?;
            let mut response = show(&call, found, there, attempt);
            *response.status_mut() = status;
            Ok(response)
        }
    }
}

/// Takes a letter off.
pub async fn post_remove(call: Call, Path((application, file)): Path<(String, String)>) -> Result<Response, AppError> {
    let key: ApplicationId = id(&application)?;
    letters::remove(&call, key, id(&file)?).await?;
    Ok(go(format!("/apply/{key}/letters")))
}

/// `/files/{file}`: always a download, never shown by the browser in our name.
pub async fn get_file(call: Call, Path(file): Path<String>) -> Result<Response, AppError> {
    let key: FileId = id(&file)?;
    let (row, subject) = files::find(&mut call.reader().await?.tx(), key).await?.ok_or(AppError::NotFound)?;
    call.must(Action::ReadApplication, subject)?;
    crate::review::panel::work::may_open_file(&call, row.application, subject).await?;
    let bytes = match tokio::fs::read(call.desk.house.files.join(key.to_string())).await {
        Ok(bytes) => bytes,
        Err(error) if row.synthetic && error.kind() == std::io::ErrorKind::NotFound => {
            return Err(AppError::Conflict("This letter was made up for the demonstration; there is no file behind it.".to_owned()));
        }
        Err(error) => return Err(AppError::internal(error)),
    };
    Ok(download(&row.name, row.media_type, bytes))
}

fn size(bytes: i64) -> String {
    if bytes < 1_000_000 {
        format!("{} kB", (bytes + 999) / 1_000)
    } else {
        format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
    }
}

fn show(call: &Call, found: Found, there: Vec<File>, attempt: Attempt) -> Response {
    let head = Head::new(format!("Letters: {}", found.applicant_name)).after(&attempt);
    page(call, head, move || {
        let key = found.application.id;
        let room = FILES.saturating_sub(there.len());
        let rows = there
            .into_iter()
            .map(|file| {
                let words = KINDS.iter().find(|(kind, _)| *kind == file.kind).map_or("", |(_, words)| words);
                let label = format!("Remove {}", file.name);
                view! {
                    <tr>
                        <th scope="row"><a href=format!("/files/{}", file.id)>{file.name.clone()}</a></th>
                        <td data-label="What it is">{words}</td>
                        <td class="num" data-label="Size">{size(file.bytes)}</td>
                        <td>
                            <form method="post" action=format!("/apply/{key}/letters/{}/remove", file.id)>
                                <button class="usa-button usa-button--unstyled" type="submit" aria-label=label>"Remove"</button>
                            </form>
                        </td>
                    </tr>
                }
            })
            .collect_view();
        let list = if room == FILES {
            view! { <p class="al-empty">"No letters yet. They are not required, but each signed letter of support earns points, up to the limit in the rules."</p> }.into_any()
        } else {
            view! {
                <Table caption="Uploaded letters">
                    <thead><tr><th scope="col">"File"</th><th scope="col">"What it is"</th><th scope="col" class="num">"Size"</th><th scope="col"><span class="usa-sr-only">"Remove"</span></th></tr></thead>
                    <tbody>{rows}</tbody>
                </Table>
            }
            .into_any()
        };
        view! {
            {crumbs(&found)}
            <div class="al-narrow">
                <ErrorSummary attempt=attempt.clone()/>
                <h1>"Letters"</h1>
                <p class="al-lede">"Signed letters from employers, a chamber, parents or local government, and your agreement with a college."</p>
                {list}
                {(room > 0).then(|| form(key, room, attempt))}
                <div class="al-actions"><a class="usa-button usa-button--outline" href=format!("/apply/{key}/check")>"Continue: check your answers"</a></div>
                <p><a href=format!("/apply/{key}")>"Back to the list"</a></p>
            </div>
        }
    })
}

fn form(key: ApplicationId, room: usize, attempt: Attempt) -> impl IntoView {
    let options = KINDS.iter().map(|(kind, words)| ((*kind).to_owned(), (*words).to_owned(), String::new())).collect();
    let problems: Vec<Problem> = attempt.problems.iter().filter(|problem| problem.field == "files").cloned().collect();
    let wrong = !problems.is_empty();
    let told = problems.into_iter().map(|problem| view! { <span class="usa-error-message">{problem.text}</span> }).collect_view();
    view! {
        <form method="post" action=format!("/apply/{key}/letters") enctype="multipart/form-data">
            <h2>"Add letters"</h2>
            <Radios name="kind" legend="What do you upload?" attempt=attempt options=options/>
            <div class=if wrong { "usa-form-group usa-form-group--error" } else { "usa-form-group" }>
                <label class="usa-label" for="files">"Files"</label>
                <span class="usa-hint" id="files-hint">"PDF, Word document (.docx), PNG or JPEG, at most 10 MB each; " {room} " more can be added."</span>
                <div id="files-problem">{told}</div>
                <input class="usa-file-input" id="files" type="file" name="files" multiple="" accept=".pdf,.docx,.png,.jpg,.jpeg"
                    aria-describedby="files-hint files-problem" aria-invalid=wrong.then_some("true")/>
            </div>
            <button class="usa-button" type="submit">"Upload"</button>
        </form>
    }
}
