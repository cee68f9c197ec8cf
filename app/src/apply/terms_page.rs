//! `/apply/{application}/terms`: what the law names for the recipient, the terms, and for its certifier the signature.

use super::terms::{self, TermsInput, named_of};
use super::{crumbs, id, work};
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields};
use crate::review::parts::alert;
use crate::ui::download::document;
use crate::ui::field::{ErrorSummary, TextField, Tick, signs_as};
use crate::ui::layout::{Head, go, page};
use crate::ui::named::{Standing, facts, terms_list};
use axum::extract::Path;
use axum::response::Response;
use domain::ApplicationId;
use domain::access::Action;
use domain::application::State;
use domain::named::STATEMENT;
use domain::program::ProgramFile;
use leptos::prelude::*;
use std::sync::Arc;
use store::acceptances::{self, Accepted};
use store::applications::Found;
use store::programs;
use uuid::Uuid;

struct Shown {
    found: Found,
    file: Arc<ProgramFile>,
    accepted: Option<Accepted>,
}

async fn load(call: &Call, application: ApplicationId) -> Result<Shown, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let found = work::opened(tx, call, application, Action::ReadApplication).await?;
    let file = programs::file_of(tx, &found.of).await?;
    let accepted = acceptances::find_of(tx, application).await?;
    Ok(Shown { found, file, accepted })
}

/// The page.
pub async fn get_terms(call: Call, Path(application): Path<String>) -> Result<Response, AppError> {
    let shown = load(&call, id(&application)?).await?;
    show(&call, &shown, Attempt::default())
}

/// Accepts the terms; sent again, it leads to the first acceptance.
pub async fn post_terms(call: Call, Path(application): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let key: ApplicationId = id(&application)?;
    let input = TermsInput { id: fields.hidden("id")?, signature: fields.text("signature").to_owned(), stated: fields.ticked("stated") };
    match terms::accept_terms(&call, key, &input).await {
        Ok(()) => Ok(go(format!("/apply/{key}/terms"))),
        Err(error) => {
            let status = error.status();
            let attempt = Attempt::of(fields, error)?;
            let mut response = show(&call, &load(&call, key).await?, attempt)?;
            *response.status_mut() = status;
            Ok(response)
        }
    }
}

/// What was accepted, byte for byte.
pub async fn get_document(call: Call, Path(application): Path<String>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let found = work::opened(tx, &call, id(&application)?, Action::ReadApplication).await?;
    let accepted = acceptances::find_of(tx, found.application.id).await?.ok_or(AppError::NotFound)?;
    let text = acceptances::document(tx, found.application.id, &accepted.digest).await?.ok_or(AppError::NotFound)?;
    Ok(document(&format!("terms-{}", found.number.unwrap_or_default()), text))
}

fn show(call: &Call, shown: &Shown, attempt: Attempt) -> Result<Response, AppError> {
    let found = &shown.found;
    let (named, recipient) = named_of(&shown.file, &found.applicant_name)?;
    let signs = call.actor.may(Action::AcceptTerms, found.subject());
    let submitted = matches!(found.application.state, State::Submitted(_));
    let zone = found.of.round.zone;
    let standing = Standing { recipient, accepted: shown.accepted.as_ref().map(Accepted::at), zone };
    let about = facts(&standing);
    let list = terms_list(&named.terms);
    let key = found.application.id;
    let end = match &shown.accepted {
        Some(accepted) => {
            let text = format!("Signed “{}” by {}, {}.", accepted.signature, accepted.accepted_by_name, accepted.at().say_in(zone));
            let digest = accepted.digest.clone();
            alert(
                "success",
                "The terms are accepted",
                view! {
                    <p>{text}</p>
                    <p>"Digest (SHA-256) "<span class="al-hash">{digest}</span></p>
                    <p><a href=format!("/apply/{key}/terms.json")>"Download what was accepted (JSON)"</a></p>
                },
            )
        }
        None if !submitted => {
            alert("info", "Submit the application first", view! { "The terms are accepted for an application that is handed in." })
        }
        None if !signs => {
            alert("info", "The certifier accepts", view! { "Your certifier signs this page. Until then no award can be made." })
        }
        None => sign(call, key, &attempt),
    };
    let name = format!("{}, {}", found.of.program.name, found.of.round.name);
    let crumbs = crumbs(found);
    let head = Head::new(format!("Terms: {}", found.applicant_name)).after(&attempt);
    Ok(page(call, head, move || {
        view! {
            {crumbs}
            <div class="al-narrow">
                <ErrorSummary attempt/>
                <h1>"The terms of the award"</h1>
                <p class="al-lede">{name}</p>
                {about}
                <h2>"What you accept"</h2>
                {list}
                {end}
            </div>
        }
    }))
}

fn sign(call: &Call, key: ApplicationId, attempt: &Attempt) -> AnyView {
    let new: Uuid = attempt.fields.text("id").parse().unwrap_or_else(|_| work::form_id(call));
    let hint = signs_as(&call.actor.name);
    view! {
        <form method="post" action=format!("/apply/{key}/terms") novalidate="">
            <h2>"Accept the terms"</h2>
            <input type="hidden" name="id" value=new.to_string() autocomplete="off"/>
            <Tick name="stated" label=STATEMENT attempt=attempt.clone()/>
            <TextField name="signature" label="Your full name" hint=hint attempt=attempt.clone() autocomplete="name"/>
            <button class="usa-button usa-button--big" type="submit">"Accept the terms"</button>
        </form>
    }
    .into_any()
}
