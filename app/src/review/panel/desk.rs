//! `/review/desk` and `/review/{round}/desk`: what a reviewer was given, and how far they have come.

use super::super::parts::{alert, count, crumbs, figures};
use super::scores::stage_tag;
use crate::call::Call;
use crate::error::AppError;
use crate::form::id;
use crate::review::work::Board;
use crate::ui::layout::{Head, go, page};
use crate::ui::table::{OnPhone, Table};
use crate::ui::working::points;
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use domain::panel::{Stage, total};
use leptos::prelude::*;
use store::panels::{self, OnDesk};

/// The rounds on whose panels one sits; straight to it where there is only one.
///
/// # Errors
/// The store's failure.
pub async fn get_rounds(call: Call) -> Result<Response, AppError> {
    let person = call.person()?;
    let mut reader = call.reader().await?;
    let sittings = panels::sittings(&mut reader.tx(), person).await?;
    drop(reader);
    if let [only] = sittings.as_slice() {
        return Ok(go(format!("/review/{}/desk", only.round)));
    }
    Ok(page(&call, Head::new("Your reviews"), move || {
        let empty =
            sittings.is_empty().then(|| view! { <p class="al-empty">"You are on no panel. A program manager puts reviewers on one."</p> });
        let cards = sittings
            .into_iter()
            .map(|one| {
                view! {
                    <li class="al-card">
                        <h2><a href=format!("/review/{}/desk", one.round)>{one.program_name}": "{one.name}</a></h2>
                        <p>{count(one.waiting, "review to hand in", "reviews to hand in")}", "{one.handed_in}" handed in"</p>
                    </li>
                }
            })
            .collect_view();
        view! { <h1>"Your reviews"</h1> {empty} <ul class="al-cards">{cards}</ul> }
    }))
}

/// One round's desk.
///
/// # Errors
/// [`AppError::NotFound`] for whoever is not on the round's panel; the store's failure.
pub async fn get(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    let person = call.person()?;
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let board = Board::load(&mut tx, id(&round)?).await?;
    call.must(Action::ReviewForPanel, board.subject())?;
    let members = panels::members(&mut tx, board.of.round.id).await?;
    let own = members.into_iter().find(|member| member.person == person.0 && member.ended_at.is_none());
    let (Some(own), Some(terms)) = (own, board.file.review.clone()) else { return Err(AppError::NotFound) };
    let round = board.of.round.id;
    if own.declared_at.is_none() {
        return Ok(go(format!("/review/{round}/conflicts")));
    }
    let mut reviews = panels::desk_in(&mut tx, round, person).await?;
    drop(reader);
    reviews.retain(|one| one.review.stage != Stage::Removed);
    let counting = || reviews.iter().map(|one| &one.review).filter(|review| !review.practice);
    let of = |what: fn(Stage) -> bool| counting().filter(|review| what(review.stage)).count();
    let (waiting, handed) = (of(Stage::waits), of(|stage| stage == Stage::HandedIn));
    let numbers = figures(vec![(waiting.to_string(), "to hand in".to_owned()), (handed.to_string(), "handed in".to_owned())]);
    let zone = board.of.round.zone;
    let due = terms.due.map(|due| view! { <p>{format!("Reviews are due {}.", due.say_in(zone))}</p> });
    let blind = terms.blind.then(|| view! { <p>"This review is blind: names and identifying answers are masked."</p> });
    let next = counting().find(|review| review.stage.waits()).map(|review| review.id);
    let go_on =
        next.map(|next| view! { <p><a class="usa-button" href=format!("/review/desk/{next}") accesskey="n">"Go on with the next"</a></p> });
    let done = (waiting == 0 && handed > 0)
        .then(|| alert("success", "All handed in", view! { "Thank you. The chair may still ask for another look." }));
    let empty = reviews.is_empty().then(|| view! { <p class="al-empty">"Nothing is on your desk yet."</p> });
    let opens = |one: &OnDesk| !one.review.practice && terms.shows_others(one.review.stage == Stage::HandedIn, call.now);
    let said = said(reviews.iter().filter(|one| opens(one) && one.since > 0));
    let rows = reviews.iter().map(|one| row(one, opens(one), &board, terms.blind)).collect_view();
    let title = format!("Your reviews, {}", board.of.round.name);
    let chair = own.chair.then(|| view! { <p><a href=format!("/review/{round}/panel")>"You lead this panel: see how it stands"</a></p> });
    Ok(page(&call, Head::new(title.clone()), move || {
        view! {
            {crumbs(vec![("/review/desk".to_owned(), "Your reviews".to_owned())], board.of.round.name.clone())}
            <h1>{title}</h1>
            {numbers}
            {due}
            {blind}
            {done}
            {said}
            {go_on}
            {empty}
            <Table caption="Applications on your desk" unseen=true on_phone=OnPhone::Lines>
                <thead><tr>
                    <th scope="col">"Application"</th><th scope="col">"Applicant"</th><th scope="col">"State"</th><th scope="col" class="num">"Your total"</th>
                    <th scope="col">"Discussion"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </Table>
            {chair}
            <p><a href=format!("/review/{round}/desk/scores")>"Score on a spreadsheet: export, fill in, bring back"</a></p>
            <p><a href=format!("/review/{round}/conflicts")>"Conflicts of interest: what you declared, and adding to it"</a></p>
        }
    }))
}

/// Where others have written since the reviewer last did.
fn said<'d>(spoken: impl Iterator<Item = &'d OnDesk>) -> Option<AnyView> {
    let links: Vec<_> = spoken
        .map(|one| {
            let (address, number) = (format!("/review/desk/{}/discussion", one.review.id), one.review.number.clone());
            view! { <li><a href=address>{number}</a>": "{count(one.since, "note", "notes")}</li> }
        })
        .collect();
    (!links.is_empty()).then(|| alert("info", "Others have written since you last did", view! { <ul>{links}</ul> }))
}

fn row(one: &OnDesk, opens: bool, board: &Board, blind: bool) -> impl IntoView + use<> {
    let review = &one.review;
    let own = total(super::work::scored(&board.file.ranking.criteria, &review.written));
    let total = own.map_or_else(|| "–".to_owned(), |own| points(&own));
    let barred = review.stage == Stage::Recused;
    let name = if barred {
        view! { {review.number.clone()} }.into_any()
    } else {
        view! { <a href=format!("/review/desk/{}", review.id)>{review.number.clone()}</a> }.into_any()
    };
    let talk = if opens {
        let address = format!("/review/desk/{}/discussion", review.id);
        let label = format!("Discussion of {}: {}", review.number, count(one.notes, "note", "notes"));
        view! { <a href=address aria-label=label>{count(one.notes, "note", "notes")}</a> }.into_any()
    } else {
        "–".into_any()
    };
    let practice = review.practice.then(|| view! { " " <span class="al-tag al-tag--plain">"Practice"</span> });
    view! {
        <tr>
            <th scope="row">{name}{practice}</th>
            <td data-label="Applicant" class="al-plain">{if blind { "Masked".to_owned() } else { review.applicant_name.clone() }}</td>
            <td data-label="State">{stage_tag(review.stage)}</td>
            <td class="num" data-label="Your total">{total}</td>
            <td data-label="Discussion">{talk}</td>
        </tr>
    }
}
