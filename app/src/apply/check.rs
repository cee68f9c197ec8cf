//! Check your answers: everything on one page with a way back to each, and for the certifier the signature and the button.

use super::{crumbs, deadline, id, is_open, work};
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields};
use crate::review::parts::alert;
use crate::ui::field::{ErrorSummary, TextField, Tick, signs_as};
use crate::ui::layout::{Head, go, page};
use axum::extract::{Path, Query};
use axum::response::Response;
use domain::ApplicationId;
use domain::access::Action;
use domain::answers::{self, SECTIONS, SectionAnswers};
use domain::application::{STATEMENT, State};
use leptos::prelude::*;
use std::collections::HashMap;
use store::applications::{self, Draft, Found, SavedSection};
use store::files::File;
use uuid::Uuid;

/// What the page shows.
struct Checked {
    found: Found,
    draft: Draft,
}

async fn load(call: &Call, application: &str) -> Result<Checked, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let found = work::opened(tx, call, id(application)?, Action::ReadApplication).await?;
    let draft = applications::draft(tx, found.application.id, found.application.applicant).await?;
    Ok(Checked { found, draft })
}

/// `/apply/{application}/check`.
pub async fn get_check(
    call: Call,
    Path(application): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, AppError> {
    let checked = load(&call, &application).await?;
    Ok(show(&call, checked, Attempt::default(), query.contains_key("asked")))
}

/// Signs and submits; sent again, it leads to the first receipt.
pub async fn post_check(call: Call, Path(application): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let key: ApplicationId = id(&application)?;
    let signing = work::Signing {
        submission: fields.hidden("submission")?,
        signature: fields.text("signature").to_owned(),
        stated: fields.ticked("stated"),
    };
    match work::submit(&call, key, &signing).await {
        Ok(_) => Ok(go(format!("/apply/{key}/receipt"))),
        Err(error) => {
            let status = error.status();
            let attempt = Attempt::of(fields, error)?;
            let checked = load(&call, &application).await?;
            let mut response = show(&call, checked, attempt, false);
            *response.status_mut() = status;
            Ok(response)
        }
    }
}

/// Asks the certifiers by mail.
pub async fn post_ask(call: Call, Path(application): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let key: ApplicationId = id(&application)?;
    match work::ask_certifier(&call, key).await {
        Ok(()) => Ok(go(format!("/apply/{key}/check?asked=yes"))),
        Err(error) => {
            let status = error.status();
            let attempt = Attempt::of(fields, error)?;
            let checked = load(&call, &application).await?;
            let mut response = show(&call, checked, attempt, false);
            *response.status_mut() = status;
            Ok(response)
        }
    }
}

fn show(call: &Call, checked: Checked, attempt: Attempt, asked: bool) -> Response {
    let subject = checked.found.subject();
    let open = is_open(&checked.found, call.now);
    let edits = open && call.actor.may(Action::EditApplication, subject);
    let signs = open && call.actor.may(Action::SubmitApplication, subject);
    let submission: Uuid = attempt.fields.text("submission").parse().unwrap_or_else(|_| work::form_id(call));
    let signer = call.actor.name.clone();
    let now = call.now;
    let head = Head::new(format!("Check your answers: {}", checked.found.applicant_name)).after(&attempt).with_islands();
    page(call, head, move || {
        let Checked { found, draft: Draft { sections, letters, .. } } = checked;
        let key = found.application.id;
        let agreed = sections.get("college").and_then(|saved| saved.answers.get("agreement")).is_some_and(|answer| answer == "yes");
        let missing: Vec<_> = SECTIONS.iter().filter(|section| !sections.get(section.key).is_some_and(|saved| saved.complete)).collect();
        let whole = missing.is_empty();
        let parts = SECTIONS.iter().map(|section| part(key, section, sections.get(section.key), edits)).collect_view();
        let to_do = (edits && !whole).then(|| {
            let items = missing
                .iter()
                .map(|section| view! { <li><a href=format!("/apply/{key}/sections/{}", section.key)>{section.title}</a></li> })
                .collect_view();
            view! {
                <div class="usa-alert usa-alert--info">
                    <div class="usa-alert__body">
                        <h2 class="usa-alert__heading">"Not ready to submit"</h2>
                        <p class="usa-alert__text">"These sections still need answers:"</p>
                        <ul>{items}</ul>
                    </div>
                </div>
            }
        });
        let end = if signs {
            sign(key, submission, &signer, attempt.clone(), whole).into_any()
        } else if edits {
            ask(key, asked).into_any()
        } else {
            ().into_any()
        };
        let title = if edits { "Check your answers" } else { "Your answers" };
        let receipt = matches!(found.application.state, State::Submitted(_))
            .then(|| view! { <p><a href=format!("/apply/{key}/receipt")>"Submitted: see the receipt"</a></p> });
        view! {
            {crumbs(&found)}
            <ErrorSummary attempt=attempt/>
            <h1>{title}</h1>
            <p class="al-lede">{found.applicant_name.clone()} ", " {found.of.program.name.clone()} ", " {found.of.round.name.clone()}</p>
            {receipt}
            {deadline(&found, now)}
            {to_do}
            {parts}
            {letters_part(key, letters, edits, agreed)}
            {end}
        }
    })
}

fn part(key: ApplicationId, section: &'static answers::Section, saved: Option<&SavedSection>, edits: bool) -> impl IntoView + use<> {
    let none = SectionAnswers::new();
    let given = saved.map_or(&none, |saved| &saved.answers);
    let rows = section
        .questions
        .iter()
        .map(|question| {
            let answer = given.get(question.key).map(|text| question.say(text)).filter(|text| !text.is_empty());
            let answer = match answer {
                Some(text) => view! { <span>{text}</span> }.into_any(),
                None => view! { <span class="usa-hint">"Not answered"</span> }.into_any(),
            };
            let change = edits.then(|| {
                let label = format!("Change: {}", question.label);
                view! { <dd><a href=format!("/apply/{key}/sections/{}#{}", section.key, question.key) aria-label=label>"Change"</a></dd> }
            });
            view! { <div><dt>{question.label}</dt><dd>{answer}</dd>{change}</div> }
        })
        .collect_view();
    view! {
        <section>
            <h2>{section.title}</h2>
            <dl class="al-check-answers">{rows}</dl>
        </section>
    }
}

/// `agreed` says whether the answers speak of a signed agreement.
fn letters_part(key: ApplicationId, letters: Vec<File>, edits: bool, agreed: bool) -> impl IntoView {
    let is_missing = agreed && edits && letters.iter().all(|file| file.kind != super::letters::AGREEMENT);
    let missing = is_missing.then(|| {
        alert(
            "warning",
            "No agreement is uploaded",
            "You answered that there is a signed agreement with the college. Upload it, or change the answer; you can submit either way.",
        )
    });
    let none = letters.is_empty().then(|| view! { <p>"No letters uploaded."</p> });
    let items = letters
        .into_iter()
        .map(|file| {
            let words = super::letters::KINDS.iter().find(|(kind, _)| *kind == file.kind).map_or("", |(_, words)| words);
            let synthetic = file.synthetic.then(|| view! { " " <span class="al-synthetic">"synthetic"</span> });
            view! { <li>{words} ": " <a href=format!("/files/{}", file.id)>{file.name}</a> {synthetic}</li> }
        })
        .collect_view();
    let change = edits.then(|| view! { <p><a href=format!("/apply/{key}/letters")>"Change the letters"</a></p> });
    view! {
        <section>
            <h2>"Letters"</h2>
            {none}
            <ul>{items}</ul>
            {missing}
            {change}
        </section>
    }
}

fn sign(key: ApplicationId, submission: Uuid, signer: &str, attempt: Attempt, whole: bool) -> impl IntoView + use<> {
    if !whole {
        return view! { <p class="al-source">"Once every section is completed, you sign and submit here."</p> }.into_any();
    }
    let hint = signs_as(signer);
    view! {
        <section class="al-narrow">
            <h2>"Sign and submit"</h2>
            <form method="post" action=format!("/apply/{key}/check") novalidate="">
                <input type="hidden" name="submission" value=submission.to_string() autocomplete="off"/>
                <Tick name="stated" label=STATEMENT attempt=attempt.clone()/>
                <TextField name="signature" label="Your full name" hint=hint attempt=attempt autocomplete="name"/>
                <button class="usa-button usa-button--big" type="submit">"Sign and submit"</button>
            </form>
        </section>
    }
    .into_any()
}

fn ask(key: ApplicationId, asked: bool) -> impl IntoView {
    let done = asked.then(|| {
        view! {
            <div class="usa-alert usa-alert--success" role="status">
                <div class="usa-alert__body"><p class="usa-alert__text">"We wrote to your certifier, with a link to this page."</p></div>
            </div>
        }
    });
    view! {
        <section class="al-narrow">
            <h2>"Ask your certifier"</h2>
            {done}
            <p>"Only your organization’s certifier can sign and submit. When all is ready, let them know."</p>
            <form method="post" action=format!("/apply/{key}/ask")>
                <button class="usa-button" type="submit">"Ask your certifier to sign"</button>
            </form>
        </section>
    }
}
