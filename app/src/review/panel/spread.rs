//! `/review/{round}/panel/spread`: the chair's view. How far the reviewers of each application are apart, the widest first, and how lenient
//! each reviewer is.

use super::super::parts::{alert, crumbs, figures, tag};
use super::work::{Panel, is_masked, may_lead, may_see_scores};
use crate::call::Call;
use crate::error::AppError;
use crate::form::id;
use crate::review::work::Board;
use crate::ui::layout::{Head, page};
use crate::ui::table::Table;
use crate::ui::working::points;
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use domain::panel::{Aggregation, FAR, Spread, WIDE, aggregate};
use leptos::prelude::*;
use std::cmp::Reverse;

/// The page.
///
/// # Errors
/// [`AppError::NotFound`] for a round without a panel; [`AppError::Forbidden`] for a reviewer who does not lead it.
pub async fn get(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let board = Board::load(&mut tx, id(&round)?).await?;
    call.must(Action::ReadPanel, board.subject())?;
    let panel = Panel::need(&mut tx, &call, &board).await?;
    drop(reader);
    may_lead(&call, &board, &panel, true)?;
    may_see_scores(&call, &panel, None)?;
    let masked = is_masked(&call, &board, &panel);
    let person = call.person()?;
    let criteria = &board.file.ranking.criteria;
    let mut all: Vec<_> = panel
        .applications
        .iter()
        .filter(|application| {
            application.eligible == Some(true)
                && panel.conflicts(person, application).is_empty()
                && may_see_scores(&call, &panel, Some(application)).is_ok()
        })
        .map(|application| {
            let totals = panel.totals(application, criteria);
            let spread = if totals.len() > 1 { Spread::of(&totals) } else { None };
            (application, totals, spread)
        })
        .collect();
    all.sort_by_key(|(application, _, spread)| (Reverse(spread.as_ref().map(Spread::width)), application.number.clone()));
    let wide = all.iter().filter(|(.., spread)| spread.as_ref().is_some_and(Spread::is_wide)).count();
    let rows = all
        .iter()
        .map(|(application, totals, spread)| {
            let said =
                |one: fn(&Spread) -> &domain::exact::Exact| spread.as_ref().map_or_else(|| "–".to_owned(), |spread| points(one(spread)));
            let each = totals.iter().map(|total| format!("{} {}", total.reviewer, points(&total.points))).collect::<Vec<_>>().join("; ");
            let width = spread.as_ref().map_or_else(|| "–".to_owned(), |spread| points(&spread.width()));
            let mark = spread.as_ref().filter(|spread| spread.is_wide()).map(|_| tag("warn", "Wide"));
            let far = spread.as_ref().map(|spread| spread.outliers.join(", ")).unwrap_or_default();
            view! {
                <tr>
                    <th scope="row"><a href=format!("/review/panel/{}", application.id)>{application.number.clone()}</a></th>
                    <td data-label="Applicant">{if masked { "Masked".to_owned() } else { application.applicant_name.clone() }}</td>
                    <td data-label="Totals">{each}</td>
                    <td class="num" data-label="Lowest">{said(|spread| &spread.least)}</td>
                    <td class="num" data-label="Middle">{said(|spread| &spread.middle)}</td>
                    <td class="num" data-label="Highest">{said(|spread| &spread.most)}</td>
                    <td class="num" data-label="Apart">{width}" "{mark}</td>
                    <td data-label="Far from the middle">{far}</td>
                </tr>
            }
        })
        .collect_view();
    let lenient = leniency(&board, &panel);
    let numbers =
        figures(vec![(all.len().to_string(), "applications".to_owned()), (wide.to_string(), format!("with totals {WIDE} or more apart"))]);
    let round = &board.of.round;
    let above =
        vec![("/review".to_owned(), "Review".to_owned()), (format!("/review/{}/panel", round.id), format!("Panel, {}", round.name))];
    let title = format!("Spread, {}", round.name);
    Ok(page(&call, Head::new(title.clone()), move || {
        view! {
            {crumbs(above, "Spread".to_owned())}
            <h1>{title}</h1>
            <p class="al-lede">"The widest first. A reviewer’s total is of 100, by the rubrics’ weights."</p>
            {numbers}
            <p class="al-source">{format!("Wide: totals {WIDE} points or more apart. Far: {FAR} points or more from the middle one. Neither changes a score; they say where to talk.")}</p>
            <Table caption="Spread by application, the widest first" unseen=true>
                <thead><tr>
                    <th scope="col">"Application"</th><th scope="col">"Applicant"</th><th scope="col">"Totals"</th><th scope="col" class="num">"Lowest"</th>
                    <th scope="col" class="num">"Middle"</th><th scope="col" class="num">"Highest"</th><th scope="col" class="num">"Apart"</th><th scope="col">"Far from the middle"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </Table>
            <h2>"How lenient each reviewer is"</h2>
            {lenient}
        }
    }))
}

/// Each reviewer's leniency by the linear model, for every criterion; shown whether or not the file takes it off.
fn leniency(board: &Board, panel: &Panel) -> AnyView {
    let rules = &board.file.ranking;
    let given = panel.given(&rules.criteria);
    let all = match aggregate(Aggregation::Adjusted, &given, &rules.rubric_ends()) {
        Ok(all) if !all.leniency.is_empty() => all.leniency,
        Ok(_) => return view! { <p class="al-empty">"No review is handed in yet."</p> }.into_any(),
        Err(problem) => return alert("error", "The scores can’t be compared", view! { {problem.to_string()} }),
    };
    let criteria = super::work::rubrics(board);
    let heads = criteria.iter().map(|criterion| view! { <th scope="col" class="num">{criterion.name.clone()}</th> }).collect_view();
    let rows = panel
        .members
        .iter()
        .filter_map(|member| {
            let alias = panel.alias(member.person.into());
            let own: Vec<_> = all.iter().filter(|one| one.reviewer == alias).collect();
            if own.is_empty() {
                return None;
            }
            let cells = criteria
                .iter()
                .map(|criterion| {
                    let one = own.iter().find(|one| one.criterion == criterion.key);
                    let said = one.map_or_else(
                        || "–".to_owned(),
                        |one| {
                            if one.points > domain::exact::Exact::ZERO { format!("+{}", points(&one.points)) } else { points(&one.points) }
                        },
                    );
                    view! { <td class="num" data-label=criterion.name.clone()>{said}</td> }
                })
                .collect_view();
            Some(view! { <tr><th scope="row">{member.name.clone()}</th>{cells}</tr> })
        })
        .collect_view();
    let used = match rules.panel {
        Some(Aggregation::Adjusted) => "By the program file this is taken off the scores.",
        _ => "By the program file the scores are used without it; this is for looking only.",
    };
    view! {
        <p>"Points above (+) or below (−) the others on the same applications. "{used}</p>
        <Table caption="Leniency by reviewer and criterion" unseen=true>
            <thead><tr><th scope="col">"Reviewer"</th>{heads}</tr></thead>
            <tbody>{rows}</tbody>
        </Table>
    }
    .into_any()
}
