//! Proposing an amendment: the file in force to be changed, or an upload; then what it would change, field by field; then the proposal.

use super::under_round;
use super::work::{self, Effect, Proposal};
use crate::call::{Call, mint};
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::manage::upload::{Sent, sent, upload_form};
use crate::review::parts::{alert, crumbs};
use crate::review::work::Board;
use crate::ui::changes::{changes_table, late_alert};
use crate::ui::field::{ErrorSummary, TextArea, TextField};
use crate::ui::layout::{Head, go, page};
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path};
use axum::response::Response;
use domain::access::Action;
use domain::amendment::Refusal;
use domain::{AmendmentId, RoundId};
use http::StatusCode;
use leptos::prelude::*;
use store::{Tx, programs};

async fn load(tx: &mut Tx<'_>, call: &Call, round: RoundId) -> Result<Board, AppError> {
    let board = Board::load(tx, round).await?;
    call.must(Action::ProposeAmendment, board.subject())?;
    Ok(board)
}

/// The round, and the text of the file in force.
async fn load_with_source(call: &Call, round: RoundId) -> Result<(Board, String), AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let board = load(tx, call, round).await?;
    let (source, _) = programs::source_of_version(tx, board.of.round.program_version).await?;
    Ok((board, source))
}

/// `GET /manage/rounds/{round}/amend`: the file in force, to be changed.
pub async fn get(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    let (board, source) = load_with_source(&call, id(&round)?).await?;
    let attempt = Attempt::fresh(vec![("text", source)]);
    Ok(show(&call, &board, attempt, None, StatusCode::OK))
}

/// `POST /manage/rounds/{round}/amend`: a look at what would change, then, with that file's hash, the proposal.
pub async fn post(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let round: RoundId = id(&round)?;
    let text = |name: &str| fields.text(name).replace("\r\n", "\n");
    let proposal = Proposal { text: text("text"), citation: text("citation"), reason: text("reason"), notice: text("notice") };
    let same = crate::manage::work::read(&proposal.text)
        .ok()
        .and_then(|(_, file)| file.sha256().ok())
        .is_some_and(|sha256| sha256 == fields.text("confirmed"));
    if same {
        let new = AmendmentId(fields.hidden("id")?);
        return match work::propose(&call, round, new, &proposal).await {
            Ok(()) => Ok(go(format!("/manage/amendments/{new}"))),
            Err(error) => again(&call, round, fields, error).await,
        };
    }
    match work::preview(&call, round, &proposal).await {
        Ok((board, effect)) => Ok(show(&call, &board, Attempt { fields, problems: Vec::new() }, Some(effect), StatusCode::OK)),
        Err(error) => again(&call, round, fields, error).await,
    }
}

async fn again(call: &Call, round: RoundId, fields: Fields, error: AppError) -> Result<Response, AppError> {
    let status = error.status();
    let attempt = Attempt::of(fields, error)?;
    let board = load(&mut call.reader().await?.tx(), call, round).await?;
    Ok(show(call, &board, attempt, None, status))
}

/// `POST /manage/rounds/{round}/amend/file`: the form again, with the text of a file.
pub async fn upload(call: Call, Path(round): Path<String>, parts: Result<Multipart, MultipartRejection>) -> Result<Response, AppError> {
    // Asked before the body is read: whose round it is comes first.
    let (board, source) = load_with_source(&call, id(&round)?).await?;
    let parts = parts.map_err(|_| AppError::Bad("This page takes files only. Go back, choose a file and try again.".to_owned()))?;
    if let Some(Sent::Text(text)) = sent(parts).await?
        && !text.trim().is_empty()
    {
        return Ok(show(&call, &board, Attempt::fresh(vec![("text", text)]), None, StatusCode::OK));
    }
    let refused = AppError::field("text", "Choose a program file to upload: plain text in TOML.");
    let status = refused.status();
    let attempt = Attempt::of(Fields(vec![("text".to_owned(), source)]), refused)?;
    Ok(show(&call, &board, attempt, None, status))
}

fn show(call: &Call, board: &Board, attempt: Attempt, effect: Option<Effect>, status: StatusCode) -> Response {
    let round = &board.of.round;
    let title = format!("Amend the rules: {}, {}", board.of.program.name, round.name);
    let mut head = Head::new(title.clone()).after(&attempt);
    head.status = status;
    let way = under_round(board);
    let typed = attempt.fields.text("id");
    let new = if typed.is_empty() { mint::<AmendmentId>(call.now).to_string() } else { typed.to_owned() };
    let action = format!("/manage/rounds/{}/amend", round.id);
    let frozen = board.progress.ranking.is_some();
    page(call, head, move || {
        if frozen {
            let frozen = alert("info", "No more amendments", view! { {Refusal::Frozen.to_string()} });
            return view! { {crumbs(way, "Amend the rules".to_owned())}<h1>{title}</h1>{frozen} }.into_any();
        }
        let upload = format!("{action}/file");
        let confirmed = effect.as_ref().map(|effect| effect.sha256.clone());
        view! {
            {crumbs(way, "Amend the rules".to_owned())}
            <ErrorSummary attempt=attempt.clone()/>
            <h1>{title}</h1>
            <p class="al-lede">"A change of the rules while the round runs is a new version of the whole program file, with its reason and authority. Somebody else approves it; then every applicant is told, and the public reads both versions."</p>
            {effect.map(told)}
            <form method="post" action=action>
                <input type="hidden" name="id" value=new/>
                {confirmed.map(|sha256| view! {
                    <p class="al-actions">
                        <button class="usa-button" type="submit" name="confirmed" value=sha256>"Propose this amendment"</button>
                    </p>
                    <h2>"Or change it first"</h2>
                })}
                {texts(&attempt)}
                <p class="al-actions"><button class="usa-button usa-button--outline" type="submit">"Show what would change"</button></p>
            </form>
            <h2>"Or upload the file"</h2>
            {upload_form(upload, "Its text stands in the form then. Its name usually ends in .toml; at most one megabyte.", "Upload")}
        }
        .into_any()
    })
}

fn texts(attempt: &Attempt) -> impl IntoView + use<> {
    // Under the file stands one sentence; the list of all its problems stands at the top.
    let problems = attempt.problems.iter().filter(|problem| problem.field == "text").count();
    let mut file = attempt.clone();
    if let Some(first) = file.problems.iter_mut().find(|problem| problem.field == "text").filter(|_| problems > 1) {
        first.text = format!("{problems} problems in this file; they are listed at the top of the page.");
    }
    view! {
        <TextField name="citation" label="The authority for this change" hint="The law, rule, minutes or letter that allows it, so that anybody can look it up." attempt=attempt.clone()/>
        <TextArea name="reason" label="Why must the rules change now?" hint="Public, on the round’s page." rows=3 attempt=attempt.clone()/>
        <TextArea name="notice" label="What are applicants told?" hint="Sent by mail to every applicant with a draft or an application, and shown on the round’s page: what changes for them, and what they can do." rows=4 attempt=attempt.clone()/>
        <TextArea
            name="text"
            label="The program file, changed"
            hint="It begins as the file in force. Its agency, slugs, money, seed and passed dates stay as they are. Problems are told with their line and field, all at once."
            rows=24
            attempt=file
        />
    }
}

fn told(effect: Effect) -> impl IntoView {
    let Effect { sha256, changes, late, to_score } = effect;
    view! {
        <h2>"What would change"</h2>
        {late.map(late_alert)}
        {changes_table(&changes)}
        {to_score_anew(&to_score)}
        <p>"Fingerprint (SHA-256) of the new version:"</p>
        <p><code class="al-hash">{sha256}</code></p>
    }
}

/// Which scores an approval makes void.
pub(super) fn to_score_anew(names: &[String]) -> Option<impl IntoView + use<>> {
    let names = names.join(", ");
    (!names.is_empty()).then(|| {
        view! { <p><strong>"Scores that become void: "</strong>{names}". Their written levels change, so they are scored anew; all other scores stay."</p> }
    })
}
