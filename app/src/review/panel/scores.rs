//! What a panel's scores come to, raw and as used side by side, and each reviewer's scores in a table.

use super::super::parts::tag;
use super::work::rubrics;
use crate::review::work::Board;
use crate::ui::table::{OnPhone, Table};
use crate::ui::working::points;
use domain::panel::{Average, Stage};
use leptos::prelude::*;
use store::panels::{Review, Written};

/// An application's averages: raw and used.
pub fn averages(board: &Board, averages: &[Average], number: &str) -> AnyView {
    let own: Vec<&Average> = averages.iter().filter(|average| average.number == number).collect();
    if own.is_empty() {
        return view! { <p class="al-empty">"No review is handed in yet."</p> }.into_any();
    }
    let rows = rubrics(board)
        .into_iter()
        .filter_map(|criterion| {
            let average = own.iter().find(|average| average.criterion == criterion.key)?;
            let used = domain::exact::Exact::from(average.used);
            Some(view! {
                <tr>
                    <th scope="row">{criterion.name.clone()}</th>
                    <td class="num" data-label="Reviews">{average.reviews}</td>
                    <td class="num" data-label="Raw mean">{points(&average.raw)}</td>
                    <td class="num" data-label="As used">{points(&used)}</td>
                </tr>
            })
        })
        .collect_view();
    let how = board.file.ranking.panel.map(|how| format!("As used: {}. Computed exactly, then rounded once at nine places.", how.plain()));
    view! {
        <Table caption="What the scores come to, raw and as used" unseen=true>
            <thead><tr>
                <th scope="col">"Criterion"</th><th scope="col" class="num">"Reviews"</th>
                <th scope="col" class="num">"Raw mean"</th><th scope="col" class="num">"As used"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </Table>
        <p class="al-source">{how}</p>
    }
    .into_any()
}

/// One criterion of a review in a sentence: points, level, reason.
pub fn written(board: &Board, review: &std::collections::BTreeMap<String, Written>) -> impl IntoView + use<> {
    let items = rubrics(board)
        .into_iter()
        .map(|criterion| {
            let one = review.get(&criterion.key).cloned().unwrap_or_default();
            let said = one.points.map_or_else(|| "Not scored".to_owned(), |points| format!("{} points", points.normalize()));
            view! { <div><dt>{criterion.name.clone()}</dt><dd><strong>{said}</strong>{(!one.reason.is_empty()).then(|| format!(". {}", one.reason))}</dd></div> }
        })
        .collect_view();
    view! { <dl class="al-check-answers">{items}</dl> }
}

/// Several reviews of one application, criterion by criterion.
pub fn side_by_side(board: &Board, reviews: &[&Review]) -> AnyView {
    let criteria = rubrics(board);
    let heads = criteria.iter().map(|criterion| view! { <th scope="col" class="num">{criterion.name.clone()}</th> }).collect_view();
    let rows = reviews
        .iter()
        .map(|review| {
            let cells = criteria
                .iter()
                .map(|criterion| {
                    let said = review.written.get(&criterion.key).and_then(|one| one.points);
                    let said = said.map_or_else(|| "–".to_owned(), |points| points.normalize().to_string());
                    view! { <td class="num" data-label=criterion.name.clone()>{said}</td> }
                })
                .collect_view();
            view! { <tr><th scope="row">{review.person_name.clone()}</th>{cells}</tr> }
        })
        .collect_view();
    view! {
        <Table caption="Scores by reviewer and criterion" unseen=true on_phone=OnPhone::Cards>
            <thead><tr><th scope="col">"Reviewer"</th>{heads}</tr></thead>
            <tbody>{rows}</tbody>
        </Table>
    }
    .into_any()
}

/// A stage as a tag.
pub fn stage_tag(stage: Stage) -> impl IntoView {
    let kind = match stage {
        Stage::HandedIn => "good",
        Stage::AskedAgain => "warn",
        Stage::Recused => "bad",
        Stage::Assigned => "info",
        Stage::Removed => "plain",
    };
    tag(kind, stage.name())
}
