//! The first page: every program and round, open ones first.

use super::parts::{phase_tag, when};
use crate::call::Call;
use crate::error::AppError;
use crate::islands::Countdown;
use crate::ui::layout::{Head, page};
use axum::extract::Path;
use axum::response::Response;
use domain::round::Phase;
use domain::{Money, RoundId, Timestamp};
use leptos::prelude::*;
use std::collections::BTreeMap;
use store::programs::{self, RoundOf};

/// `/`
pub async fn home(call: Call) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let mut rounds = programs::list_rounds(tx).await?;
    let pots = programs::held_in_pots(tx).await?;
    drop(reader);
    // What nobody has opened is the agency's own business still.
    rounds.retain(|of| of.round.opened.is_some());
    rounds.sort_by_key(|of| match of.round.phase(call.now) {
        Phase::Open => 0,
        Phase::NotOpened => 1,
        Phase::Closed => 2,
    });
    let (now, open) = (call.now, rounds.iter().any(|of| of.round.phase(call.now) == Phase::Open));
    let head = if open { Head::new("Programs").with_islands() } else { Head::new("Programs") };
    Ok(page(&call, head, move || {
        let list = if rounds.is_empty() {
            view! { <p class="al-empty">"No program has an open round yet. Come back soon."</p> }.into_any()
        } else {
            view! { <ul class="usa-card-group">{rounds.iter().map(|of| card(of, &pots, now)).collect_view()}</ul> }.into_any()
        };
        view! {
            <h1>"Education programs funded by the legislature"</h1>
            <p class="al-lede">
                "Each program shows the law behind it, how much money there is, who may apply and how applications are ranked; and later who got it and where every dollar went."
            </p>
            {list}
            <p><a href="/help">"How this works"</a>" · "<a href="/open">"Open data: everything on these pages as files"</a></p>
        }
    }))
}

/// `pots`: what is in those of each round that other appropriations pay for before its own.
fn card(of: &RoundOf, pots: &BTreeMap<RoundId, Money>, now: Timestamp) -> impl IntoView + use<> {
    let round = &of.round;
    let amount = pots.get(&round.id).map_or(Ok(of.amount), |pots| of.amount.plus(*pots)).unwrap_or(of.amount);
    let address = format!("/programs/{}/{}", of.program.slug, round.slug);
    let open = round.phase(now) == Phase::Open;
    let left = open.then(|| view! { <p><Countdown left_seconds=round.seconds_left(now)/></p> });
    let onward = if round.published(now).is_some() {
        view! { <p><a href=format!("{address}/results")>"See who was funded"</a></p> }.into_any()
    } else if open {
        view! { <p><a class="usa-button" href=address.clone()>"See the call and apply"</a></p> }.into_any()
    } else {
        ().into_any()
    };
    view! {
        <li class="usa-card">
            <h2><a href=address>{of.program.name.clone()}", "{round.name.clone()}</a></h2>
            <p>{phase_tag(round, now)}</p>
            <p>{of.program.summary.clone()}</p>
            <p class="al-figure"><strong>{amount.to_string()}</strong>" fiscal year "{of.fiscal_year}", "{of.program.agency_name.clone()}</p>
            <p>{when(round, now)}</p>
            {left}
            {onward}
        </li>
    }
}

/// `/programs/{slug}`
pub async fn program(call: Call, Path(slug): Path<String>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let program = programs::find_program(&mut tx, &slug).await?.ok_or(AppError::NotFound)?;
    let mut rounds = programs::rounds_of(&mut tx, program.id).await?;
    let pots = programs::held_in_pots(&mut tx).await?;
    drop(reader);
    rounds.retain(|of| of.round.opened.is_some());
    let now = call.now;
    let open = rounds.iter().any(|of| of.round.phase(now) == Phase::Open);
    let head = if open { Head::new(program.name.clone()).with_islands() } else { Head::new(program.name.clone()) };
    Ok(page(&call, head, move || {
        let rounds = if rounds.is_empty() {
            view! { <p class="al-empty">"This program has no open round yet."</p> }.into_any()
        } else {
            view! { <ul class="usa-card-group">{rounds.iter().map(|of| card(of, &pots, now)).collect_view()}</ul> }.into_any()
        };
        view! {
            {super::parts::crumbs(vec![("/".to_owned(), "Programs".to_owned())], program.name.clone())}
            <h1>{program.name.clone()}</h1>
            <p class="al-lede">{program.summary.clone()}</p>
            <p>"Run by "{program.agency_name.clone()}"."</p>
            <h2>"Rounds"</h2>
            {rounds}
        }
    }))
}
