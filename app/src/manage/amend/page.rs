//! One amendment from the inside: what it changes and why, and the forms for whoever decides it.

use super::form::to_score_anew;
use super::under_round;
use super::work::{self, Effect};
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::manage::list::of;
use crate::review::parts::{alert, crumbs};
use crate::review::work::Board;
use crate::ui::changes::{changes_table, late_alert};
use crate::ui::field::{ErrorSummary, TextArea, Tick};
use crate::ui::layout::{Head, go, page};
use crate::ui::synthetic;
use axum::extract::Path;
use axum::response::Response;
use domain::AmendmentId;
use domain::access::Action;
use domain::amendment::{Refusal, Stage, refusals};
use domain::approval::OwnWork;
use http::StatusCode;
use leptos::prelude::*;
use store::amendments::{self, Amendment};
use store::{approvals, programs};

/// What the page shows.
struct Shown {
    amendment: Amendment,
    board: Board,
    effect: Effect,
    /// What stands against an approval now, while it waits.
    refusals: Vec<Refusal>,
    /// Why this person can't approve it; none: they can.
    own: Option<OwnWork>,
}

async fn load(call: &Call, id: AmendmentId) -> Result<Shown, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let amendment = amendments::find(tx, id).await?.ok_or(AppError::NotFound)?;
    let board = Board::load(tx, amendment.round).await?;
    call.must(Action::ReadPrograms, of(board.of.round.agency))?;
    let old = programs::file_by_hash(tx, amendment.base, &amendment.base_sha256).await?;
    let new = programs::file_by_hash(tx, amendment.file, &amendment.sha256).await?;
    let standing = work::standing(tx, call, &board).await?;
    let mut effect = Effect::of(&old, &new, &standing)?;
    let waits = amendment.stage == Stage::Proposed;
    if !waits {
        // Decided: what the record says, and not what would be said today.
        effect.late = amendment.late;
    }
    let refusals = if waits { refusals(&board.file, &new, &standing) } else { Vec::new() };
    let hands = approvals::hands(tx, amendment.round, call.person()?).await?;
    let own = work::may_decide(call, &board, &amendment, hands).err();
    Ok(Shown { amendment, board, effect, refusals, own })
}

/// `GET /manage/amendments/{amendment}`
pub async fn get(call: Call, Path(amendment): Path<String>) -> Result<Response, AppError> {
    let shown = load(&call, id(&amendment)?).await?;
    Ok(show(&call, shown, Attempt::default(), StatusCode::OK))
}

/// `POST /manage/amendments/{amendment}/approve`
pub async fn post_approve(call: Call, Path(amendment): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let amendment = id(&amendment)?;
    let seen = fields.hidden("version")?;
    let done = if fields.ticked("sure") {
        work::approve(&call, amendment, seen).await
    } else {
        Err(AppError::field("sure", "Tick the box to approve: you sign for what the table shows."))
    };
    after(&call, amendment, fields, done).await
}

/// `POST /manage/amendments/{amendment}/return`
pub async fn post_return(call: Call, Path(amendment): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let amendment = id(&amendment)?;
    let seen = fields.hidden("version")?;
    let done = work::give_back(&call, amendment, fields.text("decision_reason"), seen).await;
    after(&call, amendment, fields, done).await
}

async fn after(call: &Call, amendment: AmendmentId, fields: Fields, done: Result<(), AppError>) -> Result<Response, AppError> {
    let Err(error) = done else { return Ok(go(format!("/manage/amendments/{amendment}"))) };
    let status = error.status();
    let attempt = Attempt::of(fields, error)?;
    let shown = load(call, amendment).await?;
    Ok(show(call, shown, attempt, status))
}

fn show(call: &Call, shown: Shown, attempt: Attempt, status: StatusCode) -> Response {
    let of = &shown.board.of;
    let title = format!("Amendment of {}, {}", of.program.name, of.round.name);
    let mut head = Head::new(title.clone()).after(&attempt);
    head.status = status;
    let way = under_round(&shown.board);
    let decides = call.actor.may(Action::DecideAmendment, shown.board.subject());
    page(call, head, move || {
        let Shown { amendment, effect, .. } = &shown;
        view! {
            {crumbs(way, "Amendment".to_owned())}
            <ErrorSummary attempt=attempt.clone()/>
            <h1>{title}</h1>
            {stage(&shown)}
            <h2>"Why"</h2>
            <p class="al-letter">{amendment.reason.clone()}</p>
            <p><strong>"Authority: "</strong>{amendment.citation.clone()}</p>
            <h2>"What applicants are told"</h2>
            <p class="al-letter">{amendment.notice.clone()}</p>
            <h2>"What changes"</h2>
            {effect.late.map(late_alert)}
            {changes_table(&effect.changes)}
            {to_score_anew(&effect.to_score)}
            <p>"Fingerprint (SHA-256) of this version, and of the one that it amends:"</p>
            <p><code class="al-hash">{amendment.sha256.clone()}</code></p>
            <p><code class="al-hash">{amendment.base_sha256.clone()}</code></p>
            {(amendment.stage == Stage::Proposed && decides).then(|| forms(&shown, &attempt))}
        }
    })
}

fn stage(shown: &Shown) -> impl IntoView + use<> {
    let (amendment, zone) = (&shown.amendment, shown.board.of.round.zone);
    let proposed = format!("Proposed by {}, {}.", amendment.proposed_by_name, amendment.proposed_at.say_in(zone));
    let by = amendment.decided_by_name.clone().unwrap_or_default();
    let at = amendment.decided_at.map(|at| at.say_in(zone)).unwrap_or_default();
    let (class, decided) = match (amendment.stage, amendment.number) {
        (Stage::Approved, Some(number)) => {
            ("al-tag al-tag--good", Some(format!("Approved by {by}: version {number} of the rules since {at}.")))
        }
        (Stage::Returned, _) => {
            let reason = amendment.decision_reason.clone().unwrap_or_default();
            ("al-tag al-tag--bad", Some(format!("Returned by {by}, {at}: {reason}")))
        }
        _ => ("al-tag al-tag--warn", None),
    };
    let synthetic = synthetic(amendment.synthetic);
    view! {
        <p><span class=class>{amendment.stage.name()}</span>{synthetic}</p>
        <p>{proposed}</p>
        {decided.map(|text| view! { <p>{text}</p> })}
    }
}

fn forms(shown: &Shown, attempt: &Attempt) -> AnyView {
    let address = format!("/manage/amendments/{}", shown.amendment.id);
    let version = shown.amendment.version;
    let hidden = move || view! { <input type="hidden" name="version" value=version.to_string()/> };
    let approve = if let Some(refusal) = &shown.own {
        alert("info", "Somebody else must approve", view! { {refusal.to_string()} })
    } else if shown.refusals.is_empty() {
        view! {
            <form method="post" action=format!("{address}/approve") class="al-card">
                <h2>"Approve"</h2>
                <p>"From this second on the round is under these rules. Every applicant is told by mail. It can’t be undone; only amended again."</p>
                {hidden()}
                <Tick name="sure" label="I have read what changes and why, and approve it." attempt=attempt.clone()/>
                <button class="usa-button" type="submit">"Approve the amendment"</button>
            </form>
        }
        .into_any()
    } else {
        let items = shown.refusals.iter().map(|refusal| view! { <li>{refusal.to_string()}</li> }).collect_view();
        alert("warning", "It can’t be approved any more", view! { <ul>{items}</ul> })
    };
    view! {
        {approve}
        <form method="post" action=format!("{address}/return") class="al-card">
            <h2>"Or return it"</h2>
            {hidden()}
            <TextArea name="decision_reason" label="What should be different?" rows=3 attempt=attempt.clone()/>
            <button class="usa-button usa-button--secondary" type="submit">"Return the amendment"</button>
        </form>
    }
    .into_any()
}
