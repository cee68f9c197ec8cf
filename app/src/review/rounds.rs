//! `/review`: the rounds of the agencies where the reader is on the staff, with counts by state.

use crate::call::Call;
use crate::error::AppError;
use crate::ui::layout::{Head, page};
use axum::response::Response;
use domain::access::Action;
use domain::{Timestamp, Zone};
use leptos::prelude::*;
use store::reviews::{self, RoundCount};

/// The page.
///
/// # Errors
/// The store's failure.
pub async fn get(call: Call) -> Result<Response, AppError> {
    let person = call.person()?;
    let mut reader = call.reader().await?;
    let rounds = reviews::rounds_of_staff(&mut reader.tx(), person).await?;
    Ok(show(&call, rounds))
}

fn stage(round: &RoundCount, now: Timestamp) -> (&'static str, &'static str) {
    if round.published_at.is_some_and(|at| at <= now.utc()) {
        ("Results published", "al-tag al-tag--good")
    } else if round.allocation_status.as_deref() == Some("approved") {
        ("Awards approved", "al-tag al-tag--good")
    } else if round.allocation_status.is_some() {
        ("Allocation proposed", "al-tag al-tag--info")
    } else if round.frozen_at.is_some() {
        ("Ranking frozen", "al-tag al-tag--info")
    } else if now.utc() > round.closes_at {
        ("To screen and rank", "al-tag al-tag--warn")
    } else if round.opened_at.is_some() && now.utc() >= round.opens_at {
        ("Open for applications", "al-tag al-tag--info")
    } else {
        ("Not open yet", "al-tag al-tag--plain")
    }
}

fn show(call: &Call, rounds: Vec<RoundCount>) -> Response {
    let now = call.now;
    let desk = call.actor.must_somewhere(Action::ReviewForPanel).is_ok();
    let desk = desk.then(|| view! { <p><a class="usa-button usa-button--outline" href="/review/desk">"Your reviews for a panel"</a></p> });
    page(call, Head::new("Review"), move || {
        let empty = rounds.is_empty().then(|| view! { <p class="al-empty">"No round has been set up yet."</p> });
        let cards = rounds.into_iter().map(|round| card(&round, now)).collect_view();
        view! {
            <h1>"Review"</h1>
            <p class="al-lede">"Decide who is eligible, score what the rules ask staff to score, then rank. Decisions begin when a round has closed."</p>
            {desk}
            {empty}
            <ul class="al-cards">{cards}</ul>
        }
    })
}

fn card(round: &RoundCount, now: Timestamp) -> impl IntoView + use<> {
    let (words, class) = stage(round, now);
    let closes = match Zone::named(&round.zone) {
        Ok(zone) => Timestamp::new(round.closes_at).say_in(zone),
        Err(_) => Timestamp::new(round.closes_at).iso(),
    };
    let closed = now.utc() > round.closes_at;
    let undecided = round.submitted - round.eligible - round.ineligible;
    let address = format!("/review/{}", round.id);
    let ranking = (closed && round.submitted > 0).then(|| view! { <p><a href=format!("{address}/ranking")>"Ranking"</a></p> });
    view! {
        <li class="al-card">
            <h2><a href=address>{round.program_name.clone()}": "{round.name.clone()}</a></h2>
            <p><span class=class>{words}</span></p>
            <p>{if closed { "Closed " } else { "Closes " }}{closes}</p>
            <dl class="al-facts">
                <div><dt>"Handed in"</dt><dd>{round.submitted}</dd></div>
                <div><dt>"In progress, not handed in"</dt><dd>{round.drafts}</dd></div>
                <div><dt>"Eligibility to decide"</dt><dd>{undecided}</dd></div>
                <div><dt>"Eligible"</dt><dd>{round.eligible}</dd></div>
                <div><dt>"Not eligible"</dt><dd>{round.ineligible}</dd></div>
                <div><dt>"Withdrawn"</dt><dd>{round.withdrawn}</dd></div>
            </dl>
            {ranking}
            <p class="al-source">{round.agency_name.clone()}</p>
        </li>
    }
}
