//! `/review/{round}/conflicts`: which organizations of the round a member of its panel has a tie to. Asked before anything can be read; the
//! list names everybody who applies, so it does not tell who is on whose desk.

use super::super::parts::{alert, crumbs};
use super::work::{self, Panel};
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::review::work::Board;
use crate::ui::field::ErrorSummary;
use crate::ui::layout::{Head, go, page};
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use domain::{OrganizationId, RoundId};
use leptos::prelude::*;
use std::collections::BTreeMap;
use store::panels::{self, Declared};

struct Shown {
    board: Board,
    panel: Panel,
    declared: Vec<Declared>,
    before: bool,
}

async fn load(call: &Call, round: RoundId) -> Result<Shown, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let board = Board::load(&mut tx, round).await?;
    call.must(Action::ReviewForPanel, board.subject())?;
    let panel = Panel::need(&mut tx, call, &board).await?;
    let person = call.person()?;
    let before = panel.sitting().find(|member| member.person == person.0).ok_or(AppError::NotFound)?.declared_at.is_some();
    let declared = panels::declared(&mut tx, round, person).await?;
    Ok(Shown { board, panel, declared, before })
}

/// The page.
///
/// # Errors
/// [`AppError::NotFound`] for whoever is not on the panel; the store's failure.
pub async fn get(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    let shown = load(&call, id(&round)?).await?;
    Ok(show(&call, shown, Attempt::default()))
}

/// Takes a declaration.
///
/// # Errors
/// As [`work::declare`]; what a form can mend is shown on the page again.
pub async fn post(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let round: RoundId = id(&round)?;
    let ties: Vec<(OrganizationId, String)> = fields
        .0
        .iter()
        .filter(|(name, _)| name == "organization")
        .map(|(_, value)| Ok((id::<OrganizationId>(value)?, fields.text("why").to_owned())))
        .collect::<Result<_, AppError>>()?;
    let declared = if ties.is_empty() && !fields.ticked("none") {
        Err(AppError::field("none", "Tick the organizations that you have a tie to, or say that there is none."))
    } else if !ties.is_empty() && fields.ticked("none") {
        Err(AppError::field("none", "You ticked organizations and also that there is none. Take one of them back."))
    } else {
        work::declare(&call, round, &ties).await
    };
    match declared {
        Ok(_) => Ok(go(format!("/review/{round}/desk"))),
        Err(error) => {
            let attempt = Attempt::of(fields, error)?;
            Ok(show(&call, load(&call, round).await?, attempt))
        }
    }
}

fn show(call: &Call, shown: Shown, attempt: Attempt) -> Response {
    let Shown { board, panel, declared, before } = shown;
    let round = &board.of.round;
    let action = format!("/review/{}/conflicts", round.id);
    let title = format!("Conflicts of interest, {}", round.name);
    let head = Head::new(title.clone()).after(&attempt);
    let mut named: BTreeMap<String, (OrganizationId, &'static str)> = BTreeMap::new();
    for application in &panel.applications {
        let ties = &application.ties;
        named.insert(application.applicant_name.clone(), (ties.applicant, "applies"));
        if let (Some(region), Some(name)) = (ties.region, &application.region_name) {
            named.insert(name.clone(), (region, "regional organization"));
        }
        if let (Some(college), Some(name)) = (ties.college, &application.college_name) {
            named.insert(name.clone(), (college, "college named in an application"));
        }
    }
    let typed: Vec<String> = attempt.fields.0.iter().filter(|(name, _)| name == "organization").map(|(_, value)| value.clone()).collect();
    let boxes = named
        .into_iter()
        .filter(|(_, (organization, _))| declared.iter().all(|tie| tie.organization != organization.0))
        .map(|(name, (organization, what))| {
            let field = format!("o-{organization}");
            let checked = typed.contains(&organization.to_string());
            view! {
                <div class="usa-checkbox">
                    <input class="usa-checkbox__input" type="checkbox" id=field.clone() name="organization" value=organization.to_string() checked=checked/>
                    <label class="usa-checkbox__label" for=field>{name}<span class="usa-checkbox__label-description">{what}</span></label>
                </div>
            }
        })
        .collect_view();
    let ties = declared.into_iter().map(|tie| view! { <li>{tie.name}": "{tie.why}</li> }).collect::<Vec<_>>();
    let known = (!ties.is_empty()).then(|| view! { <h2>"What you have declared"</h2> <ul>{ties}</ul> });
    let done = before
        .then(|| alert("info", "You have declared already", view! { "You can add ties that have come up since. What is declared stays." }));
    let above = vec![("/review/desk".to_owned(), "Your reviews".to_owned())];
    page(call, head, move || {
        view! {
            {crumbs(above, "Conflicts of interest".to_owned())}
            <div class="al-narrow">
                <ErrorSummary attempt=attempt.clone()/>
                <h1>{title}</h1>
                <p class="al-lede">"Before you can read anything: do you, or does somebody close to you, work for one of these organizations, sit on its board, do business with it, or stand to gain from its award?"</p>
                {done}
                {known}
                <p>"What you tick here, and every role that you hold or held in one of them, keeps their applications from your desk. The program’s manager sees it."</p>
                <form method="post" action=action>
                    <crate::ui::field::Tick name="none" label="I have no tie to any of them." attempt=attempt.clone()/>
                    <fieldset class="usa-fieldset">
                        <legend class="usa-legend">"I have a tie to:"</legend>
                        <div class="al-ticks">{boxes}</div>
                    </fieldset>
                    <crate::ui::field::TextArea name="why" label="What the tie is" hint="Only if you ticked one. A few words will do." rows=2 attempt=attempt.clone()/>
                    <button class="usa-button" type="submit">"Declare"</button>
                </form>
            </div>
        }
    })
}
