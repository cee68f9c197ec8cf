//! `/decide/{round}/letters`: every letter as it goes out, for the manager to read before telling; and `/apply/{application}/letter`, one
//! letter on a page that prints, with the same letter as a PDF file beside it.

use super::letter::{self, Paid, Standing};
use super::letter_file::{self, Letter};
use crate::call::Call;
use crate::error::AppError;
use crate::form::id;
use crate::review::panel::work::{free_to_read, staff_board};
use crate::review::parts::{crumbs, outcome_tag, under_awards};
use crate::ui::download::download;
use crate::ui::layout::{Head, page};
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use domain::award::Outcome;
use domain::{ApplicationId, RoundId, Timestamp};
use leptos::prelude::*;
use store::awards::{self, OutcomeOf};
use store::programs::RoundOf;
use store::{applications, programs};

/// The letters of a round, by outcome, each kind's first one whole and the others as links.
///
/// # Errors
/// [`AppError::NotFound`] for another agency's round; [`AppError::Conflict`] before the awards are approved.
pub async fn get_all(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    let round: RoundId = id(&round)?;
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let board = staff_board(&mut tx, &call, round).await?;
    let outcomes = awards::outcomes(&mut tx, round).await?;
    let lines = awards::lines_with_recipients(&mut tx, round).await?;
    drop(reader);
    let paid = Paid::by_application(&lines);
    let standing = Standing::of(&outcomes);
    let title = format!("Letters, {}", board.of.round.name);
    let above = under_awards(&board);
    let whose = if board.file.letters.is_some() {
        "the program file’s own texts"
    } else {
        "the portal’s own texts, for the program file has none"
    };
    let lede = format!("Written from {whose}, filled in with what is on record. One of each kind stands here whole.");
    let none = outcomes.is_empty().then(|| view! { <p class="al-empty">"There is no letter before the awards are approved."</p> });
    let groups = Outcome::ALL
        .into_iter()
        .filter_map(|kind| {
            let of: Vec<&OutcomeOf> = outcomes.iter().filter(|outcome| outcome.outcome == kind).collect();
            let first = *of.first()?;
            let at = first.told_at.unwrap_or(call.now);
            let whole = letter::text(&board.of, &board.file, first, paid.get(&first.application.0), standing, at);
            let others = of
                .iter()
                .map(|outcome| {
                    let address = format!("/decide/{round}/letters/{}", outcome.application);
                    view! { <li><a href=address>{outcome.number.clone()}</a>" "{outcome.applicant_name.clone()}</li> }
                })
                .collect_view();
            Some(view! {
                <section>
                    <h2>{outcome_tag(kind)}" "{of.len()}</h2>
                    <div class="al-letter">{paragraphs(&whole)}</div>
                    <details><summary>"All of these letters"</summary><ul>{others}</ul></details>
                </section>
            })
        })
        .collect_view();
    Ok(page(&call, Head::new(title.clone()), move || {
        view! {
            {crumbs(above, "Letters".to_owned())}
            <h1>{title}</h1>
            <p class="al-lede">{lede}</p>
            {none}
            {groups}
        }
    }))
}

/// A letter's paragraphs; the style keeps the breaks within one.
fn paragraphs(text: &str) -> impl IntoView + use<> {
    text.split("\n\n").map(|paragraph| view! { <p>{paragraph.to_owned()}</p> }).collect_view()
}

/// A letter with what stands round it.
struct Found {
    of: RoundOf,
    outcome: OutcomeOf,
    text: String,
    /// The instant from which it is shown.
    at: Timestamp,
}

/// One letter as staff see it, also before it is told.
///
/// # Errors
/// [`AppError::NotFound`] for another round's or agency's application, and before the awards are approved.
pub async fn get_one(call: Call, Path((round, application)): Path<(String, String)>) -> Result<Response, AppError> {
    let found = find_one(&call, id(&round)?, id(&application)?).await?;
    let above = vec![(format!("/decide/{round}"), found.of.round.name.clone()), (format!("/decide/{round}/letters"), "Letters".to_owned())];
    Ok(sheet(&call, above, &found, format!("/decide/{round}/letters/{application}/letter.pdf")))
}

/// The same as a file.
///
/// # Errors
/// As [`get_one`].
pub async fn get_one_file(call: Call, Path((round, application)): Path<(String, String)>) -> Result<Response, AppError> {
    file(&find_one(&call, id(&round)?, id(&application)?).await?)
}

/// The applicant's own letter, from the second at which they are told.
///
/// # Errors
/// [`AppError::NotFound`] before that, and for somebody else's application.
pub async fn get_own(call: Call, Path(application): Path<String>) -> Result<Response, AppError> {
    let found = find_own(&call, id(&application)?).await?;
    let above =
        vec![(format!("/apply/{application}"), "Application".to_owned()), (format!("/apply/{application}/outcome"), "Outcome".to_owned())];
    Ok(sheet(&call, above, &found, format!("/apply/{application}/letter.pdf")))
}

/// The same as a file.
///
/// # Errors
/// As [`get_own`].
pub async fn get_own_file(call: Call, Path(application): Path<String>) -> Result<Response, AppError> {
    file(&find_own(&call, id(&application)?).await?)
}

async fn find_one(call: &Call, round: RoundId, application: ApplicationId) -> Result<Found, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let board = staff_board(&mut tx, call, round).await?;
    free_to_read(&mut tx, call, &board, application).await?;
    let outcomes = awards::outcomes(&mut tx, round).await?;
    let outcome = outcomes.iter().find(|outcome| outcome.application == application).cloned().ok_or(AppError::NotFound)?;
    let paid = Paid::of(awards::lines_for(&mut tx, application).await?.iter());
    let at = outcome.told_at.unwrap_or(call.now);
    let text = letter::text(&board.of, &board.file, &outcome, paid.as_ref(), Standing::of(&outcomes), at);
    Ok(Found { of: board.of, outcome, text, at })
}

async fn find_own(call: &Call, application: ApplicationId) -> Result<Found, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let found = crate::apply::work::find(&mut tx, call, application, Action::ReadApplication).await?;
    let outcome = awards::outcome_of(&mut tx, application).await?.ok_or(AppError::NotFound)?;
    let told = applications::told(&mut tx, application, call.now).await?.ok_or(AppError::NotFound)?;
    let paid = Paid::of(awards::lines_for(&mut tx, application).await?.iter());
    let file = programs::file_of(&mut tx, &found.of).await?;
    let standing = Standing { ranked: told.ranked, line: told.line };
    let text = letter::text(&found.of, &file, &outcome, paid.as_ref(), standing, told.told_at);
    Ok(Found { of: found.of, outcome, text, at: told.told_at })
}

fn sheet(call: &Call, above: Vec<(String, String)>, found: &Found, file: String) -> Response {
    let title = format!("Letter to {}", found.outcome.applicant_name);
    let letter = paragraphs(&found.text);
    page(call, Head::new(title.clone()), move || {
        view! {
            {crumbs(above, "Letter".to_owned())}
            <h1 class="al-unprinted">{title}</h1>
            <p class="al-unprinted"><a href=file>"This letter as a PDF file"</a></p>
            <article class="al-letter">{letter}</article>
        }
    })
}

fn file(found: &Found) -> Result<Response, AppError> {
    let Found { of, outcome, text, at } = found;
    let bytes = letter_file::pdf(&Letter {
        from: of.program.agency_name.clone(),
        title: format!("{}, {}: application {}", of.program.name, of.round.name, outcome.number),
        paragraphs: text.split("\n\n").map(str::to_owned).collect(),
        footer: format!("{} to {}", outcome.number, outcome.applicant_name),
        dated: at.date_in(of.round.zone),
    })
    .map_err(AppError::internal)?;
    Ok(download(&format!("Letter {}.pdf", outcome.number), "application/pdf".to_owned(), bytes))
}
