//! The applicant's side after a decision: `/apply/{application}/appeal`, with the record as it stands, the appeal, its receipt and its ruling;
//! and `/apply/{application}/decline`.

use super::appeals::{ground_name, status_tag};
use super::letter::Paid;
use super::work::{self, AppealInput, open_until};
use crate::call::{Call, mint};
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::review::parts::{crumbs, outcome_tag};
use crate::review::work::Board;
use crate::ui::field::{ErrorSummary, Radios, TextArea, Tick};
use crate::ui::layout::{Head, go, page};
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use domain::appeal::{AppealTerms, Status};
use domain::{AppealId, ApplicationId, Timestamp};
use leptos::prelude::*;
use store::appeals::{self, Appeal};
use store::applications::Found;
use store::awards::{self, OutcomeOf};
use uuid::Uuid;

struct Shown {
    found: Found,
    board: Board,
    /// What the applicant was told; none before.
    outcome: Option<OutcomeOf>,
    appeal: Option<Appeal>,
    paid: Option<Paid>,
}

async fn load(call: &Call, application: ApplicationId, action: Action) -> Result<Shown, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let found = crate::apply::work::find(&mut tx, call, application, action).await?;
    let board = Board::load(&mut tx, found.of.round.id).await?;
    let outcome = awards::outcome_of(&mut tx, application).await?.filter(|outcome| outcome.told_at.is_some_and(|told| told <= call.now));
    let appeal = appeals::of_application(&mut tx, application).await?;
    let paid = Paid::of(awards::lines_for(&mut tx, application).await?.iter());
    Ok(Shown { found, board, outcome, appeal, paid })
}

/// The appeal's page.
///
/// # Errors
/// [`AppError::NotFound`] for somebody else's application.
pub async fn get_appeal(call: Call, Path(application): Path<String>) -> Result<Response, AppError> {
    let shown = load(&call, id(&application)?, Action::ReadApplication).await?;
    Ok(show_appeal(&call, &shown, Attempt::default()))
}

/// The record that the appeal froze, byte for byte: what its fingerprint is of.
///
/// # Errors
/// [`AppError::NotFound`] for somebody else's application, or one without an appeal.
pub async fn get_record(call: Call, Path(application): Path<String>) -> Result<Response, AppError> {
    let shown = load(&call, id(&application)?, Action::ReadApplication).await?;
    shown.appeal.map(super::appeals::record).ok_or(AppError::NotFound)
}

/// Submits an appeal.
///
/// # Errors
/// As [`work::submit_appeal`].
pub async fn post_appeal(call: Call, Path(application): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let application: ApplicationId = id(&application)?;
    let input = AppealInput {
        id: AppealId(fields.hidden("id")?),
        ground: fields.text("ground").to_owned(),
        statement: fields.text("statement").to_owned(),
    };
    let done = work::submit_appeal(&call, application, &input).await;
    after_appeal(&call, application, fields, done).await
}

/// Takes an appeal back.
///
/// # Errors
/// As [`work::withdraw_appeal`].
pub async fn post_withdraw(call: Call, Path(application): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let application: ApplicationId = id(&application)?;
    let done = if fields.ticked("sure") {
        work::withdraw_appeal(&call, application).await
    } else {
        Err(AppError::field("sure", "Tick the box to take the appeal back."))
    };
    after_appeal(&call, application, fields, done).await
}

async fn after_appeal(call: &Call, application: ApplicationId, fields: Fields, done: Result<(), AppError>) -> Result<Response, AppError> {
    let Err(error) = done else { return Ok(go(format!("/apply/{application}/appeal"))) };
    let status = error.status();
    let attempt = Attempt::of(fields, error)?;
    let mut response = show_appeal(call, &load(call, application, Action::SubmitAppeal).await?, attempt);
    *response.status_mut() = status;
    Ok(response)
}

fn above(found: &Found) -> Vec<(String, String)> {
    let application = found.application.id;
    vec![
        (format!("/apply/{application}"), format!("{}, {}", found.applicant_name, found.of.round.name)),
        (format!("/apply/{application}/outcome"), "Outcome".to_owned()),
    ]
}

fn show_appeal(call: &Call, shown: &Shown, attempt: Attempt) -> Response {
    let Shown { found, board, outcome, appeal, .. } = shown;
    let title = format!("Appeal: {}", found.applicant_name);
    let way = above(found);
    let head = Head::new(title).after(&attempt);
    let may = call.actor.may(Action::SubmitAppeal, found.subject());
    let window = outcome.as_ref().map(|outcome| open_until(board, outcome, call.now));
    let body = match (appeal, outcome, &board.file.appeals, window) {
        (Some(appeal), ..) => receipt(board, appeal, may, &attempt),
        (None, Some(outcome), Some(terms), Some(Ok(until))) => open(call, shown, outcome, terms, until, may, &attempt),
        (None, _, _, Some(Err(refusal))) => view! { <p class="al-empty">{refusal.to_string()}</p> }.into_any(),
        _ => view! { <p class="al-empty">"There is nothing to appeal against: no decision has been told."</p> }.into_any(),
    };
    page(call, head, move || {
        view! {
            {crumbs(way, "Appeal".to_owned())}
            <div class="al-narrow">
                <ErrorSummary attempt/>
                <h1>"Appeal"</h1>
                {body}
            </div>
        }
    })
}

/// What was decided, as the appeal will hold it.
fn record(shown: &Shown, outcome: &OutcomeOf) -> impl IntoView + use<> {
    let (zone, application) = (shown.board.of.round.zone, outcome.application);
    let place = outcome.place.zip(outcome.points.as_deref()).map(|(place, points)| {
        let points = crate::ui::working::stored_points(points);
        view! { <div><dt>"Place"</dt><dd>{format!("{place}, with {points} of 100 points")}</dd></div> }
    });
    let told = outcome.told_at.map(|at| view! { <div><dt>"Told"</dt><dd>{at.say_in(zone)}</dd></div> });
    view! {
        <h2>"The decision"</h2>
        <dl class="al-facts">
            <div><dt>"Application"</dt><dd>{outcome.number.clone()}</dd></div>
            <div><dt>"Outcome"</dt><dd>{outcome_tag(outcome.outcome)}</dd></div>
            <div><dt>"Reason"</dt><dd>{outcome.reason.clone()}</dd></div>
            {place}
            {told}
        </dl>
        <p><a href=format!("/apply/{application}/outcome")>"How the points were reached, with the source of every figure"</a></p>
    }
}

fn open(call: &Call, shown: &Shown, outcome: &OutcomeOf, terms: &AppealTerms, until: Timestamp, may: bool, attempt: &Attempt) -> AnyView {
    let zone = shown.board.of.round.zone;
    let application = shown.found.application.id;
    let options = terms.grounds.iter().map(|ground| (ground.key.clone(), ground.name.clone(), ground.citation.clone())).collect();
    let new: Uuid = mint(call.now);
    let form = if may {
        view! {
            <form method="post" action=format!("/apply/{application}/appeal") novalidate="">
                <input type="hidden" name="id" value=new.to_string()/>
                <Radios name="ground" legend="What was wrong?" options=options attempt=attempt.clone()/>
                <TextArea name="statement" label="Say what was wrong, and what shows it" rows=8 attempt=attempt.clone()/>
                <p>"With the appeal the record is kept as it stands now: inputs, points, place, outcome and reason. One appeal can be made for an application."</p>
                <button class="usa-button" type="submit">"Submit the appeal"</button>
            </form>
        }
        .into_any()
    } else {
        view! { <p>"The applicant’s certifier can submit an appeal."</p> }.into_any()
    };
    view! {
        <p class="al-lede">"You can appeal until " <strong>{until.say_in(zone)}</strong> "."</p>
        <p>"Somebody rules on it who neither scored, ranked nor approved. " {terms.citation.clone()}</p>
        {record(shown, outcome)}
        <h2>"Your appeal"</h2>
        {form}
    }
    .into_any()
}

fn receipt(board: &Board, appeal: &Appeal, may: bool, attempt: &Attempt) -> AnyView {
    let zone = board.of.round.zone;
    let ruling = appeal.ruling.clone().map(|ruling| {
        let when = appeal.ruled_at.map(|at| at.say_in(zone)).unwrap_or_default();
        view! { <h2>"The ruling"</h2> <p>{ruling}</p> <p class="al-source">{format!("Ruled {when}")}</p> {super::appeals::effect(board, appeal)} }
    });
    let withdraw = (may && appeal.status == Status::Submitted).then(|| {
        view! {
            <details class="al-card" open=!attempt.problems.is_empty()>
                <summary>"Take the appeal back"</summary>
                <form method="post" action=format!("/apply/{}/appeal/withdraw", appeal.application)>
                    <Tick name="sure" label="The decision stands, and no other appeal can be made." attempt=attempt.clone()/>
                    <button class="usa-button usa-button--secondary" type="submit">"Take it back"</button>
                </form>
            </details>
        }
    });
    view! {
        <div class="al-receipt">
            <h2>"Appeal " {appeal.number.clone()}</h2>
            <p>{status_tag(appeal.status)}</p>
            <dl class="al-facts">
                <div><dt>"Received"</dt><dd>{appeal.submitted_at.say_in(zone)}</dd></div>
                <div><dt>"Submitted by"</dt><dd>{appeal.submitted_by_name.clone()}</dd></div>
                <div><dt>"Ground"</dt><dd>{ground_name(board, &appeal.ground)}</dd></div>
                <div>
                    <dt>"The record as it stood"</dt>
                    <dd>
                        <a href=format!("/apply/{}/appeal/record.json", appeal.application)>"Download it (JSON)"</a>
                        <span class="al-source">"SHA-256 " <code class="al-hash">{appeal.sha256.clone()}</code></span>
                    </dd>
                </div>
            </dl>
        </div>
        {ruling}
        <h2>"What you wrote"</h2>
        <p class="al-letter">{appeal.statement.clone()}</p>
        {withdraw}
    }
    .into_any()
}

/// The page to decline an award on.
///
/// # Errors
/// [`AppError::NotFound`] for somebody else's application.
pub async fn get_decline(call: Call, Path(application): Path<String>) -> Result<Response, AppError> {
    let shown = load(&call, id(&application)?, Action::DeclineAward).await?;
    Ok(show_decline(&call, &shown, Attempt::default()))
}

/// Declines.
///
/// # Errors
/// As [`work::decline`].
pub async fn post_decline(call: Call, Path(application): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let application: ApplicationId = id(&application)?;
    let done = if fields.ticked("sure") {
        work::decline(&call, application, fields.text("reason")).await
    } else {
        Err(AppError::field("sure", "Tick the box to decline: the money goes to others."))
    };
    let Err(error) = done else { return Ok(go(format!("/apply/{application}/outcome"))) };
    let status = error.status();
    let attempt = Attempt::of(fields, error)?;
    let mut response = show_decline(&call, &load(&call, application, Action::DeclineAward).await?, attempt);
    *response.status_mut() = status;
    Ok(response)
}

fn show_decline(call: &Call, shown: &Shown, attempt: Attempt) -> Response {
    let application = shown.found.application.id;
    let way = above(&shown.found);
    let head = Head::new(format!("Decline the award: {}", shown.found.applicant_name)).after(&attempt);
    let body = match (&shown.paid, &shown.outcome) {
        (Some(paid), Some(_)) => {
            let text = format!("Award {} to {} pays {} for you.", paid.awards, paid.recipient, paid.amount);
            view! {
                <p class="al-lede">{text}</p>
                <p>"When you decline, your part leaves the award at once, and its money is offered to the next on the list. It can’t be taken up again."</p>
                <form method="post" action=format!("/apply/{application}/decline") novalidate="">
                    <TextArea name="reason" label="Why do you decline?" rows=3 attempt=attempt.clone()/>
                    <Tick name="sure" label="We decline what we were awarded." attempt=attempt.clone()/>
                    <button class="usa-button usa-button--secondary" type="submit">"Decline the award"</button>
                </form>
            }
            .into_any()
        }
        _ => view! { <p class="al-empty">"Nothing is awarded to you that could be declined."</p> }.into_any(),
    };
    page(call, head, move || {
        view! {
            {crumbs(way, "Decline".to_owned())}
            <div class="al-narrow">
                <ErrorSummary attempt/>
                <h1>"Decline the award"</h1>
                {body}
            </div>
        }
    })
}
