//! What stands against freezing a ranking, each with a link to where it is mended: an amendment, a seal, decisions on eligibility, contested figures, a panel's
//! reviews, figures and scores.

use super::super::parts::{alert, count, lacking};
use super::super::ties::Tainted;
use super::super::work::{AMENDING, Board, Gathered, waits_for_ruling};
use crate::ui::table::Table;
use domain::ranking::RankingProblem;
use leptos::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

/// All of it; nothing when the ranking can be frozen.
pub(super) fn waits_for(board: &Board, base: &str, gathered: &Gathered) -> impl IntoView + use<> {
    view! {
        {amending(board)} {hidden(gathered)} {undecided(gathered)} {contested(base, gathered)} {tainted(gathered)} {reviews(base, gathered)} {missing(gathered)}
    }
}

/// An amendment of the rules that waits for approval.
fn amending(board: &Board) -> Option<AnyView> {
    board.progress.amending.then(|| {
        let address = format!("/manage/rounds/{}", board.of.round.id);
        alert("warning", "An amendment waits", view! { {AMENDING}" "<a href=address>"The round"</a> })
    })
}

/// That the panel's scores are hidden from whoever looks.
fn hidden(gathered: &Gathered) -> Option<AnyView> {
    let why = gathered.hidden.clone()?;
    Some(alert("info", "The panel’s scores are hidden", view! { {why} }))
}

fn undecided(gathered: &Gathered) -> Option<AnyView> {
    (!gathered.undecided.is_empty()).then(|| {
        let items = gathered
            .undecided
            .iter()
            .map(|open| view! { <li><a href=format!("/review/applications/{}#eligibility", open.id)>{open.number.clone()}</a>" "{open.name.clone()}</li> })
            .collect_view();
        let heading = format!("Eligibility to decide: {}", count(i64::try_from(gathered.undecided.len()).unwrap_or(0), "application", "applications"));
        alert("warning", &heading, view! { <ul>{items}</ul> })
    })
}

/// Contested figures that wait for a ruling.
fn contested(base: &str, gathered: &Gathered) -> Option<AnyView> {
    (!gathered.contested.is_empty()).then(|| {
        let say = |(number, name, key): &(String, String, String)| format!("{number} {name}: {}", waits_for_ruling(key));
        let items = gathered.contested.iter().map(|open| view! { <li>{say(open)}</li> }).collect_view();
        let address = format!("{base}/contests");
        let body = view! { <ul>{items}</ul> <p><a href=address>"Rule on contested figures"</a></p> };
        alert("warning", "Contested figures to rule on", body)
    })
}

/// What people with a tie to the applicant judged.
fn tainted(gathered: &Gathered) -> Option<AnyView> {
    (!gathered.tainted.is_empty()).then(|| {
        let address = |judged: &Tainted| format!("/review/applications/{}", judged.application);
        let items = gathered.tainted.iter().map(|judged| view! { <li><a href=address(judged)>{judged.say()}</a></li> }).collect_view();
        alert("warning", "Conflicts of interest", view! { <ul>{items}</ul> })
    })
}

/// The panel's reviews that are still to come: on which application, by whom.
fn reviews(base: &str, gathered: &Gathered) -> Option<AnyView> {
    (!gathered.reviews.is_empty()).then(|| {
        let rows = gathered
            .reviews
            .iter()
            .map(|missing| {
                let who = missing.who.clone().unwrap_or_else(|| "To be assigned".to_owned());
                view! {
                    <tr>
                        <th scope="row"><a href=format!("/review/panel/{}", missing.application)>{missing.number.clone()}</a></th>
                        <td data-label="Who">{who}</td>
                        <td data-label="What is missing">{missing.what.clone()}</td>
                    </tr>
                }
            })
            .collect_view();
        let heading = format!("Missing: {}", count(i64::try_from(gathered.reviews.len()).unwrap_or(0), "review", "reviews"));
        view! {
            <h2>{heading}</h2>
            <p>"The official run takes place when every review is in. "<a href=format!("{base}/panel")>"The panel"</a></p>
            <Table caption="Reviews that are missing, and by whom" unseen=true>
                <thead><tr><th scope="col">"Application"</th><th scope="col">"Who"</th><th scope="col">"What is missing"</th></tr></thead>
                <tbody>{rows}</tbody>
            </Table>
        }
        .into_any()
    })
}

/// What is missing, by application and criterion, each with a link to where it is mended.
fn missing(gathered: &Gathered) -> Option<AnyView> {
    let problems = gathered.document.as_ref().err().filter(|problems| !problems.is_empty())?;
    let by_number: BTreeMap<&str, Uuid> = gathered.entrants.iter().map(|entrant| (entrant.number.as_str(), entrant.id)).collect();
    let rows = problems
        .iter()
        .map(|problem| {
            let number = match problem {
                RankingProblem::Rules(_) => "",
                RankingProblem::Twice { number }
                | RankingProblem::Missing { number, .. }
                | RankingProblem::OffAnchor { number, .. }
                | RankingProblem::NotACount { number, .. }
                | RankingProblem::Contested { number, .. }
                | RankingProblem::Formula { number, .. }
                | RankingProblem::NothingCounts { number }
                | RankingProblem::NamedTwice { number, .. }
                | RankingProblem::Gate { number, .. } => number,
            };
            let link = by_number.get(number).map(|application| view! { <a href=format!("/review/applications/{application}")>{number.to_owned()}</a> });
            let (criterion, what) = lacking(problem);
            view! { <tr><th scope="row">{link}</th><td data-label="Criterion">{criterion}</td><td data-label="What is missing">{what}</td></tr> }
        })
        .collect_view();
    let heading = format!("Missing: {}", count(i64::try_from(problems.len()).unwrap_or(0), "figure or score", "figures or scores"));
    Some(
        view! {
            <h2>{heading}</h2>
            <Table caption="What is missing, by application and criterion" unseen=true>
                <thead><tr><th scope="col">"Application"</th><th scope="col">"Criterion"</th><th scope="col">"What is missing"</th></tr></thead>
                <tbody>{rows}</tbody>
            </Table>
        }
        .into_any(),
    )
}
