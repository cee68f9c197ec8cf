//! Applying: start, fill in section by section, check, sign and submit, keep the receipt. Every page works without script; letters are a
//! plain upload. What staff do with an application is the review room's.

mod check;
pub mod contest;
pub mod figures;
mod letter_pages;
pub mod letters;
mod overview;
mod receipt;
mod section;
mod tasks;
pub mod terms;
mod terms_page;
pub mod work;

use crate::call::Call;
use crate::doors::Doors;
use crate::error::AppError;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use domain::access::Action;
use domain::application::State;
use domain::round::Phase;
use domain::{ApplicationId, Timestamp};
use leptos::prelude::*;
use std::str::FromStr;
use store::applications::Found;

/// The doors of this room.
#[must_use]
pub fn doors(doors: Doors) -> Doors {
    let contest = figures::post_contest.layer(DefaultBodyLimit::max(letters::FILE_BYTES + 64 * 1024));
    let upload = letter_pages::post_letters.layer(DefaultBodyLimit::max(letters::UPLOAD_BYTES));
    doors
        .get("/apply", Action::UseAccount, overview::get_overview)
        .get("/apply/start/{round}", Action::StartApplication, overview::get_start)
        .post("/apply/start/{round}", Action::StartApplication, overview::post_start)
        .get("/apply/{application}", Action::ReadApplication, tasks::get_tasks)
        .get("/apply/{application}/sections/{section}", Action::EditApplication, section::get_section)
        .post("/apply/{application}/sections/{section}", Action::EditApplication, section::post_section)
        .get("/apply/{application}/letters", Action::EditApplication, letter_pages::get_letters)
        .post("/apply/{application}/letters", Action::EditApplication, upload)
        .post("/apply/{application}/letters/{file}/remove", Action::EditApplication, letter_pages::post_remove)
        .get("/apply/{application}/figures", Action::ReadApplication, figures::get_figures)
        .get("/apply/{application}/figures/{key}", Action::EditApplication, figures::get_contest)
        .post("/apply/{application}/figures/{key}", Action::EditApplication, contest)
        .post("/contests/{contest}/withdraw", Action::EditApplication, figures::post_withdraw)
        .get("/contests/{contest}/evidence", Action::ReadApplication, figures::get_evidence)
        .get("/files/{file}", Action::ReadApplication, letter_pages::get_file)
        .get("/apply/{application}/check", Action::ReadApplication, check::get_check)
        .post("/apply/{application}/check", Action::SubmitApplication, check::post_check)
        .post("/apply/{application}/ask", Action::EditApplication, check::post_ask)
        .get("/apply/{application}/receipt", Action::ReadApplication, receipt::get_receipt)
        .get("/apply/{application}/terms", Action::ReadApplication, terms_page::get_terms)
        .post("/apply/{application}/terms", Action::AcceptTerms, terms_page::post_terms)
        .get("/apply/{application}/terms.json", Action::ReadApplication, terms_page::get_document)
        .get("/apply/{application}/withdraw", Action::SubmitApplication, receipt::get_withdraw)
        .post("/apply/{application}/withdraw", Action::SubmitApplication, receipt::post_withdraw)
        .get("/apply/{application}/outcome", Action::ReadApplication, receipt::get_outcome)
}

/// An id in an address; whatever is none names no page.
fn id<I: FromStr>(text: &str) -> Result<I, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// Loads an application for reading, behind the access table.
async fn load(call: &Call, application: ApplicationId, action: Action) -> Result<Found, AppError> {
    work::opened(&mut call.reader().await?.tx(), call, application, action).await
}

/// Whether the draft can be changed now.
fn is_open(found: &Found, now: Timestamp) -> bool {
    found.of.round.phase(now) == Phase::Open && !matches!(found.application.state, State::Submitted(_))
}

/// The way back: applications, then this one.
fn crumbs(found: &Found) -> impl IntoView + use<> {
    let id = found.application.id;
    let name = format!("{}, {}", found.applicant_name, found.of.round.name);
    view! {
        <nav class="usa-breadcrumb" aria-label="Where you are">
            <ol class="usa-breadcrumb__list">
                <li class="usa-breadcrumb__list-item"><a href="/apply">"Applications"</a></li>
                <li class="usa-breadcrumb__list-item"><a href=format!("/apply/{id}")>{name}</a></li>
            </ol>
        </nav>
    }
}

/// The deadline with its zone, and what is left of it.
fn deadline(found: &Found, now: Timestamp) -> impl IntoView + use<> {
    let round = &found.of.round;
    let said = round.deadline();
    match round.phase(now) {
        Phase::Open => {
            let left_seconds = round.seconds_left(now);
            view! {
                <p>"Closes " <strong>{said}</strong></p>
                <p><crate::islands::Countdown left_seconds/></p>
            }
            .into_any()
        }
        Phase::Closed => view! {
            <div class="al-countdown al-countdown--closed">
                <p>"The round closed on " <strong>{said}</strong></p>
            </div>
        }
        .into_any(),
        Phase::NotOpened => {
            let opens = round.opens_at.say_in(round.zone);
            view! { <div class="al-countdown"><p>"Opens " <strong>{opens}</strong></p></div> }.into_any()
        }
    }
}

/// An application's state as its people read it.
fn state_tag(found: &Found, now: Timestamp) -> impl IntoView + use<> {
    let (class, words) = match &found.application.state {
        State::Submitted(_) => ("al-tag al-tag--good", "Submitted"),
        State::Withdrawn { .. } => ("al-tag al-tag--warn", "Withdrawn"),
        State::Draft if found.of.round.phase(now) == Phase::Closed => ("al-tag", "Draft, not submitted"),
        State::Draft => ("al-tag al-tag--info", "Draft"),
    };
    view! { <span class=class>{words}</span> }
}
