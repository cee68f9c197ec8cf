//! The forms of `/decide/{round}`, one for each act in its turn, and the doors that they post to.

use super::page::{Whole, load_with_ties, show};
use super::work::{self, Release, roles_in};
use crate::call::{Call, mint};
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::review::parts::alert;
use crate::ui::field::{TextArea, TextField, Tick};
use crate::ui::layout::go;
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use domain::approval::{OwnWork, may_approve};
use domain::{AllocationId, Money, RoundId};
use leptos::prelude::*;
use store::allocations::Allocation;
use uuid::Uuid;

/// After an act: back to the page, or the page again with what is wrong and what was typed. A conflict answers 409.
pub(super) async fn after<T>(call: &Call, round: RoundId, fields: Fields, done: Result<T, AppError>) -> Result<Response, AppError> {
    let error = match done {
        Ok(_) => return Ok(go(format!("/decide/{round}"))),
        Err(error) => error,
    };
    let conflict = matches!(error, AppError::Conflict(_));
    let attempt = Attempt::of(fields, error)?;
    let whole = load_with_ties(call, round).await?;
    let mut response = show(call, whole, attempt);
    if conflict {
        *response.status_mut() = http::StatusCode::CONFLICT;
    }
    Ok(response)
}

/// Proposes.
///
/// # Errors
/// As [`work::propose`].
pub async fn post_propose(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let (round, new) = (id(&round)?, AllocationId(fields.hidden("id")?));
    let done = work::propose(&call, round, new).await;
    after(&call, round, fields, done).await
}

/// Signs a step.
///
/// # Errors
/// As [`work::approve`].
pub async fn post_approve(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let (round, allocation, seen) = (id(&round)?, AllocationId(fields.hidden("allocation")?), fields.hidden("version")?);
    let done = if fields.ticked("sure") {
        work::approve(&call, allocation, seen).await
    } else {
        Err(AppError::field("sure", "Tick the box to approve: you sign for what the packet shows."))
    };
    after(&call, round, fields, done).await
}

/// Returns with a reason.
///
/// # Errors
/// As [`work::return_it`].
pub async fn post_return(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let (round, allocation, seen) = (id(&round)?, AllocationId(fields.hidden("allocation")?), fields.hidden("version")?);
    let done = work::return_it(&call, allocation, fields.text("reason"), seen).await;
    after(&call, round, fields, done).await
}

/// Tells the applicants.
///
/// # Errors
/// As [`work::tell`].
pub async fn post_tell(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let round = id(&round)?;
    let done = work::tell(&call, round, &Release::typed(fields.text("at"))).await;
    after(&call, round, fields, done).await
}

/// Publishes the results.
///
/// # Errors
/// As [`work::publish`].
pub async fn post_publish(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let round = id(&round)?;
    let done = work::publish(&call, round, &Release::typed(fields.text("at"))).await;
    after(&call, round, fields, done).await
}

/// Holds back what waits for its second.
///
/// # Errors
/// As [`work::hold_back`].
pub async fn post_hold(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let round = id(&round)?;
    let done = work::hold_back(&call, round).await;
    after(&call, round, fields, done).await
}

/// The next act, for whoever may do it.
pub(super) fn act(call: &Call, whole: &Whole, attempt: &Attempt) -> AnyView {
    let board = &whole.board;
    let round = board.of.round.id;
    match whole.live() {
        None => match &whole.document {
            Some(_) if whole.hands.tied && board.file.named.is_some() => {
                alert("info", "Somebody else must propose", view! { {OwnWork::Tied.to_string()} })
            }
            Some(document) if call.actor.may(Action::ProposeAllocation, board.subject()) => {
                propose_form(call, round, document.result.granted)
            }
            _ => ().into_any(),
        },
        Some(live) if live.status == "proposed" => decide_forms(call, whole, live, attempt),
        Some(_) => release_forms(call, whole, attempt),
    }
}

fn propose_form(call: &Call, round: RoundId, granted: Money) -> AnyView {
    let new: Uuid = mint(call.now);
    view! {
        <form method="post" action=format!("/decide/{round}/propose") class="al-card">
            <h2>"Propose"</h2>
            <p>{format!("Puts these steps, {granted} in all, before an approver. Nothing is awarded by proposing.")}</p>
            <input type="hidden" name="id" value=new.to_string()/>
            <button class="usa-button" type="submit">"Propose this allocation"</button>
        </form>
    }
    .into_any()
}

fn decide_forms(call: &Call, whole: &Whole, live: &Allocation, attempt: &Attempt) -> AnyView {
    let round = whole.board.of.round.id;
    let Some(step) = whole.steps.as_ref().and_then(|steps| steps.next().cloned()) else { return ().into_any() };
    let roles = roles_in(call, &whole.board);
    let refused = may_approve(&step, &roles, whole.hands).err();
    if matches!(refused, Some(OwnWork::Role(_))) {
        // Whose turn it is stands in the list of steps above.
        return ().into_any();
    }
    let hidden = || {
        view! {
            <input type="hidden" name="allocation" value=live.id.to_string()/>
            <input type="hidden" name="version" value=live.version.to_string()/>
        }
    };
    let last = whole.steps.as_ref().is_some_and(|steps| steps.signed.len() + 1 == steps.all.len());
    let (meaning, button) = if last {
        (
            "Makes the awards to the regional organizations, commits the money and sets the reports due. It can’t be undone here.",
            "Approve the awards".to_owned(),
        )
    } else {
        ("Passes the proposal on to the next step. The awards are made at the last one.", format!("Approve: {}", step.name))
    };
    let approve = match refused {
        Some(refusal) => alert("info", "Somebody else must approve", view! { {refusal.to_string()} }),
        None => view! {
            <form method="post" action=format!("/decide/{round}/approve") class="al-card">
                <h2>"Approve"</h2>
                <p>{meaning}</p>
                {hidden()}
                <Tick name="sure" label="I have read the steps below, and approve them." attempt=attempt.clone()/>
                <button class="usa-button" type="submit">{button}</button>
            </form>
        }
        .into_any(),
    };
    view! {
        {approve}
        <form method="post" action=format!("/decide/{round}/return") class="al-card">
            <h2>"Or return it"</h2>
            {hidden()}
            <TextArea name="reason" label="What should be different?" rows=3 attempt=attempt.clone()/>
            <button class="usa-button usa-button--secondary" type="submit">"Return the proposal"</button>
        </form>
    }
    .into_any()
}

fn release_forms(call: &Call, whole: &Whole, attempt: &Attempt) -> AnyView {
    let board = &whole.board;
    let (round, zone) = (board.of.round.id, board.of.round.zone);
    let all = whole.outcomes.len();
    let untold = whole.outcomes.iter().filter(|outcome| outcome.told_at.is_none()).count();
    let waiting = whole.outcomes.iter().filter_map(|outcome| outcome.told_at).filter(|at| *at > call.now).max();
    let told = if waiting.is_some() { 0 } else { all - untold };
    let may = call.actor.may(Action::PublishResults, board.subject());
    let held = (waiting.is_some() || board.of.round.embargoed_until(call.now).is_some()).then(|| {
        let applicants = waiting.map(|at| view! { <p>{format!("The applicants are told {}.", at.say_in(zone))}</p> });
        let public =
            board.of.round.embargoed_until(call.now).map(|at| view! { <p>{format!("The results are published {}.", at.say_in(zone))}</p> });
        let hold = may.then(|| {
            view! {
                <form method="post" action=format!("/decide/{round}/hold")>
                    <button class="usa-button usa-button--secondary" type="submit">"Hold it back"</button>
                </form>
            }
        });
        alert("info", "Waiting for its time", view! { {applicants} {public} <p>"The server’s clock decides."</p> {hold} })
    });
    let at = || {
        let hint = format!("Day and time in {}. Left empty, it happens at once.", zone.name());
        view! { <TextField name="at" label="Not before (optional)" hint=hint kind="datetime-local" attempt=attempt.clone()/> }
    };
    let form = if !may {
        view! { <p>{format!("{told} of {all} applicants have been told.")}</p> }.into_any()
    } else if untold > 0 {
        view! {
            <form method="post" action=format!("/decide/{round}/tell") class="al-card">
                <h2>"Tell the applicants"</h2>
                <p>{format!("{untold} of {all} applicants have not been told. Each gets their letter by mail, with the reason, and sees the working on their own page.")}</p>
                <p><a href=format!("/decide/{round}/letters")>"Read the letters first"</a></p>
                {at()}
                <button class="usa-button" type="submit">"Tell the applicants"</button>
            </form>
        }
        .into_any()
    } else if board.of.round.published_at.is_none() {
        view! {
            <form method="post" action=format!("/decide/{round}/publish") class="al-card">
                <h2>"Publish the results"</h2>
                <p>{format!("{told} of {all} applicants have been told. Publishing shows awards, ranking and working to everybody.")}</p>
                {at()}
                <button class="usa-button" type="submit">"Publish the results"</button>
            </form>
        }
        .into_any()
    } else {
        let results = format!("/programs/{}/{}/results", board.of.program.slug, board.of.round.slug);
        view! { <p><a href=results>"The public results"</a></p> }.into_any()
    };
    view! { {held} {form} }.into_any()
}
