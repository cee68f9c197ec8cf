//! One applicant's public working: what gave the points, how ties were broken, what came of it and why.

use super::in_law;
use super::parts::crumbs;
use super::results::outcome;
use super::round::{PublicRound, find};
use crate::call::Call;
use crate::error::AppError;
use crate::ui::layout::{Head, page};
use crate::ui::named::{Standing, facts, terms_list};
use crate::ui::working::Working;
use axum::extract::Path;
use axum::response::Response;
use domain::ApplicationId;
use domain::named::NamedTerms;
use leptos::prelude::*;
use store::open_data::{self, OutcomeOf};
use store::{Tx, acceptances, rankings};

/// `/programs/{slug}/{round}/results/{number}`
pub async fn show(call: Call, Path((program, round, number)): Path<(String, String, String)>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let round = find(&mut tx, &program, &round).await?;
    if round.of.round.published(call.now).is_none() {
        return Err(AppError::NotFound);
    }
    let working = rankings::working_of_number(&mut tx, round.id(), &number).await?.ok_or(AppError::NotFound)?;
    let came = open_data::outcome(&mut tx, round.id(), &number).await?.ok_or(AppError::NotFound)?;
    let named = match &round.file.named {
        Some(named) => in_law(&mut tx, &round, named, working.application, &number).await?,
        None => None,
    };
    drop(reader);
    if let Some(named) = named {
        let title = format!("{}: {}", working.place.number, working.applicant_name);
        return Ok(page(&call, Head::new(title), move || named_body(&round, &working, &came, named)));
    }
    let title = format!("Working of {}: {}", working.place.number, working.applicant_name);
    Ok(page(&call, Head::new(title), move || body(&round, working, &came)))
}

/// What the law names for an application, and when its terms were accepted.
async fn in_law(
    tx: &mut Tx<'_>,
    round: &PublicRound,
    named: &NamedTerms,
    application: ApplicationId,
    number: &str,
) -> Result<Option<AnyView>, AppError> {
    let Some(document) = in_law::approved(tx, round.id()).await? else { return Ok(None) };
    let Some(recipient) = in_law::recipient_of(named, &document, number) else { return Ok(None) };
    let accepted = acceptances::find_of(tx, application).await?;
    let standing = Standing { recipient, accepted: accepted.as_ref().map(acceptances::Accepted::at), zone: round.of.round.zone };
    let digest = accepted.map(|accepted| {
        view! { <p>"Fingerprint of the accepted terms: "<code class="al-hash">{accepted.digest}</code></p> }
    });
    let view = view! {
        {facts(&standing)}
        {digest}
        <h2>"The terms"</h2>
        {terms_list(&named.terms)}
    };
    Ok(Some(view.into_any()))
}

fn named_body(round: &PublicRound, found: &rankings::Working, came: &OutcomeOf, named: AnyView) -> impl IntoView + use<> {
    let mut way = round.way();
    let results = format!("{}/results", round.address());
    way.push((results.clone(), "Results".to_owned()));
    let (class, words) = outcome(came.outcome.as_deref());
    let number = found.place.number.clone();
    view! {
        {crumbs(way, number)}
        <h1>{found.applicant_name.clone()}</h1>
        <p><span class=class>{words}</span></p>
        {came.reason.clone().map(|reason| view! { <p>{reason}</p> })}
        {named}
        <p>
            <a href=format!("{}#ranking", round.address())>"What the law names"</a>
            " · "
            <a href=format!("{results}#ranked")>"The whole list"</a>
        </p>
    }
}

fn body(round: &PublicRound, found: rankings::Working, came: &OutcomeOf) -> impl IntoView + use<> {
    let mut way = round.way();
    let results = format!("{}/results", round.address());
    way.push((results.clone(), "Results".to_owned()));
    let (class, words) = outcome(came.outcome.as_deref());
    let given = format!("{} of {} {} asked for", came.units, came.units_requested, round.file.award.units);
    let (lot, number) = (found.place.lot.clone(), found.place.number.clone());
    let drawn_from = format!("{}:{number}", round.of.round.seed);
    view! {
        {crumbs(way, number.clone())}
        <h1>{found.applicant_name}</h1>
        <p><span class=class>{words}</span>" "{given}</p>
        {came.reason.clone().map(|reason| view! { <p>{reason}</p> })}
        <Working place=found.place units=found.units of=found.of line=found.line/>
        <p><a class="usa-button usa-button--outline" href=format!("{results}/{number}/why")>"Why, beside the pool and the line"</a></p>
        <h2>"The lot"</h2>
        <p>"Should all else be equal, the smaller lot goes first. This application’s lot is the SHA-256 of “"<code>{drawn_from}</code>"”:"</p>
        <p><code class="al-hash">{lot}</code></p>
        <p>
            <a href=format!("{}#ranking", round.address())>"The rules and weights"</a>
            " · "
            <a href=format!("{results}#ranked")>"The whole list"</a>
        </p>
    }
}
