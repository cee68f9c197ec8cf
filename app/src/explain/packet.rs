//! `/decide/{round}/packet`: what an approver signs for, on one printable page: the ranked list with its awards, every exception to the order
//! with its reason, what each constraint cost where the best set was sought within some, whom the awards reach, the scenarios that were
//! tried, totals to the cent, hashes, and who did what when.

use super::equity::{by_application, how_to_read, sections};
use super::{bench, scenarios};
use crate::call::Call;
use crate::decide::work::not_laid;
use crate::decide::{Names, Whole, gates, load, pots, regions, said, steps, unclaimed};
use crate::error::AppError;
use crate::form::id;
use crate::review::parts::{crumbs, figures, outcome_tag, under_awards};
use crate::review::work::last_awards;
use crate::ui::layout::{Head, page};
use crate::ui::table::Table;
use crate::ui::working::points;
use axum::extract::Path;
use axum::response::Response;
use domain::allocation::{Allocation, AllocationDocument, AllocationDocumentError, Cost, Step, exceptions};
use domain::award::Outcome;
use domain::ranking::RankingDocument;
use domain::{Money, RoundId};
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::rankings::{self, Entrant, Frozen};
use store::scenarios::Scenario;

/// What a packet says besides the allocation itself.
struct Beside {
    costs: Vec<Cost>,
    frozen: Frozen,
    ranking: RankingDocument,
    reached: Vec<AnyView>,
    /// Of a competition: where the law names, nothing can be tried.
    scenarios: Option<AnyView>,
}

/// The packet.
///
/// # Errors
/// [`AppError::NotFound`] for another agency's round, and while there is neither a proposal nor anything to propose.
pub async fn get(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    let round: RoundId = id(&round)?;
    let whole = load(&call, round).await?;
    let document = Arc::new(whole.document.clone().ok_or(AppError::NotFound)?);
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let frozen = rankings::of_round(tx, round).await?.ok_or(AppError::NotFound)?;
    let reached = sections(tx, &whole.board, &by_application(&document)).await?;
    let saved = if whole.board.file.named.is_none() { Some(store::scenarios::list(tx, round).await?) } else { None };
    let last = last_awards(tx, &whole.board).await?;
    drop(reader);
    let ranking: RankingDocument = serde_json::from_str(&frozen.document).map_err(AppError::internal)?;
    let tried = |saved: Vec<Scenario>| {
        let bench = bench::bench_of(&whole.board, document.rule.clone(), ranking.clone(), &whole.entrants, &last);
        scenarios::log(&bench, &saved, whole.board.of.round.zone)
    };
    let scenarios = saved.map(tried);
    // As many searches as there are constraints: not on a thread that others wait for.
    let (searched, names) = (Arc::clone(&document), whole.names());
    let costs = tokio::task::spawn_blocking(move || searched.costs(|key| names.region(key))).await.map_err(AppError::internal)?;
    let costs = costs.map_err(|problems| not_laid(AllocationDocumentError::Problems(problems)))?;
    Ok(show(&call, &whole, &document, Beside { costs, frozen, ranking, reached, scenarios }))
}

fn show(call: &Call, whole: &Whole, document: &AllocationDocument, beside: Beside) -> Response {
    let Beside { costs, frozen, ranking, reached, scenarios } = beside;
    let board = &whole.board;
    let names = whole.names();
    let title = format!("Recommendation packet, {}", board.of.round.name);
    let above = under_awards(board);
    let program = board.of.program.name.clone();
    let result = &document.result;
    let state = match whole.live() {
        None => "Not proposed yet: this is what would be proposed now.",
        Some(live) if live.status == "proposed" => "Proposed, waiting for approval.",
        Some(_) => "Approved.",
    };
    let in_law = board.file.named.is_some();
    let set_aside = document.set_aside.unwrap_or(Money::ZERO);
    let head = Head::new(title.clone());
    let money = totals(document);
    let departures = departures(result, &names);
    let list =
        if in_law { steps(&board.of.round.id.to_string(), result, &names).into_any() } else { list(result, &ranking, &names).into_any() };
    let departures = (!in_law).then(|| view! { <h2>"Exceptions to rank order"</h2> {departures} });
    let scenarios = scenarios.map(|log| view! { <h2>"Scenarios tried"</h2> {log} });
    let unclaimed = unclaimed(document);
    let named_by = gates(document, &names);
    let costs = costs_of(&costs);
    let regions = regions(result, &names);
    let left_out = left_out(&whole.entrants, in_law);
    let hashes = hashes(document, &frozen, whole);
    let by_pot = pots(&board.file, result);
    let history = history(whole, &frozen);
    let unit = if in_law { String::new() } else { format!(" One unit costs {}.", document.unit_cost) };
    let rule = format!("{}{unit} {}", board.file.plain_allocation(), board.file.allocation.citation);
    let mut sums = vec![
        (document.pot.plus(set_aside).unwrap_or(document.pot).to_string(), "available".to_owned()),
        (result.granted.to_string(), "recommended".to_owned()),
        (result.units.to_string(), board.file.award.units.clone()),
    ];
    sums.push(if in_law {
        let without = result.steps.iter().filter(|step| step.units_granted == 0).count() + document.unclaimed.len();
        (without.to_string(), "named in law and without an award".to_owned())
    } else {
        (exceptions(result).len().to_string(), "exceptions to rank order".to_owned())
    });
    let summary = figures(sums);
    let (list_heading, left_out_heading) = if in_law {
        ("What each recipient gets", "Applications found not eligible")
    } else {
        ("The ranked list with its awards", "Not ranked")
    };
    page(call, head, move || {
        view! {
            {crumbs(above, "Packet".to_owned())}
            <h1>{program}": "{title}</h1>
            <p class="al-lede">{state}</p>
            {summary}
            <h2>"The rule"</h2>
            <p>{rule}</p>
            <h2>"The money, to the cent"</h2>
            {money}
            {by_pot}
            {departures}
            {costs}
            {named_by}
            <h2>"By region"</h2>
            {regions}
            <h2>{list_heading}</h2>
            {list}
            {unclaimed}
            <h2>"Whom it reaches"</h2>
            {how_to_read()}
            {reached}
            {scenarios}
            <h2>{left_out_heading}</h2>
            {left_out}
            <h2>"Who did what"</h2>
            {history}
            <h2>"Fingerprints"</h2>
            {hashes}
        }
    })
}

fn totals(document: &AllocationDocument) -> impl IntoView + use<> {
    let (granted, rest) = (document.result.granted.in_column(), document.result.rest.in_column());
    let set_aside = document.set_aside.map(|amount| {
        view! { <tr><th scope="row">"Set aside for appeals"</th><td class="num" data-label="Amount">{amount.in_column()}</td></tr> }
    });
    let available = document.pot.plus(document.set_aside.unwrap_or(Money::ZERO)).unwrap_or(document.pot).in_column();
    view! {
        <Table caption="Where the money goes" unseen=true>
            <thead><tr><th scope="col">"What"</th><th scope="col" class="num">"Amount"</th></tr></thead>
            <tbody>
                <tr><th scope="row">"Recommended awards"</th><td class="num" data-label="Amount">{granted}</td></tr>
                <tr><th scope="row">"Left in the pot"</th><td class="num" data-label="Amount">{rest}</td></tr>
                {set_aside}
            </tbody>
            <tfoot><tr><th scope="row">"Available"</th><td class="num" data-label="Amount">{available}</td></tr></tfoot>
        </Table>
    }
}

fn departures(result: &Allocation, names: &Names) -> AnyView {
    let found = exceptions(result);
    if found.is_empty() {
        return view! { <p class="al-empty">"None: the money goes down the list in the order of the places, each request whole, to where it ends."</p> }
            .into_any();
    }
    let rows = found
        .iter()
        .map(|exception| {
            let step = exception.step;
            let applicant = names.applicants.get(&step.id).cloned().unwrap_or_default();
            view! {
                <tr>
                    <td class="num" data-label="Place">{step.place}</td>
                    <th scope="row">{step.number.clone()}" "<span class="al-source">{applicant}</span></th>
                    <td data-label="Exception">{exception.plain()}</td>
                    <td data-label="Reason">{step.reason.clone()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Each departure from the order of the places, with its reason" unseen=true>
            <thead><tr><th scope="col" class="num">"Place"</th><th scope="col">"Applicant"</th><th scope="col">"Exception"</th><th scope="col">"Reason"</th></tr></thead>
            <tbody>{rows}</tbody>
        </Table>
    }
    .into_any()
}

/// What each floor, cap and limit cost, where the best set was sought within some.
fn costs_of(costs: &[Cost]) -> Option<impl IntoView + use<>> {
    let items: Vec<_> =
        costs.iter().map(|cost| view! { <li><p>{cost.plain()}</p><p class="al-source">{cost.citation.clone()}</p></li> }).collect();
    (!items.is_empty()).then(|| view! { <h2>"What each constraint cost"</h2><ul>{items}</ul> })
}

fn list(result: &Allocation, ranking: &RankingDocument, names: &Names) -> impl IntoView + use<> {
    let reached: BTreeMap<&str, String> =
        ranking.result.places.iter().map(|place| (place.candidate.as_str(), points(&place.points))).collect();
    let row = |step: &Step| {
        let applicant = names.applicants.get(&step.id).cloned().unwrap_or_default();
        let reached = reached.get(step.id.as_str()).cloned().unwrap_or_default();
        view! {
            <tr>
                <td class="num" data-label="Place">{step.place}</td>
                <th scope="row">{step.number.clone()}" "<span class="al-source">{applicant}</span></th>
                <td class="num" data-label="Points">{reached}</td>
                <td class="num" data-label="Asked for">{step.requested.in_column()}</td>
                <td class="num" data-label="Recommended">{step.granted.in_column()}</td>
                <td data-label="Outcome">{outcome_tag(Outcome::from(step.outcome))}</td>
            </tr>
        }
    };
    let rows = result.steps.iter().map(row).collect_view();
    let asked = Money::sum(result.steps.iter().map(|step| step.requested)).map(Money::in_column).unwrap_or_default();
    let granted = result.granted.in_column();
    view! {
        <Table caption="Every ranked application, first place first" unseen=true>
            <thead>
                <tr>
                    <th scope="col" class="num">"Place"</th><th scope="col">"Applicant"</th><th scope="col" class="num">"Points"</th>
                    <th scope="col" class="num">"Asked for"</th><th scope="col" class="num">"Recommended"</th><th scope="col">"Outcome"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
            <tfoot>
                <tr>
                    <td></td><th scope="row">"In all"</th><td></td>
                    <td class="num" data-label="Asked for">{asked}</td><td class="num" data-label="Recommended">{granted}</td><td></td>
                </tr>
            </tfoot>
        </Table>
    }
}

fn left_out(entrants: &[Entrant], in_law: bool) -> AnyView {
    let items: Vec<_> = entrants
        .iter()
        .filter(|entrant| entrant.eligible == Some(false))
        .map(|entrant| {
            view! { <li><strong>{entrant.number.clone()}" "{entrant.name.clone()}</strong>": "{entrant.reason.clone().unwrap_or_default()}</li> }
        })
        .collect();
    if items.is_empty() {
        let none = if in_law { "None." } else { "Every application handed in was ranked." };
        view! { <p>{none}</p> }.into_any()
    } else {
        view! { <ul>{items}</ul> }.into_any()
    }
}

fn hashes(document: &AllocationDocument, frozen: &Frozen, whole: &Whole) -> impl IntoView + use<> {
    let proposal = whole.live().map_or_else(|| "Not proposed yet".to_owned(), |live| live.sha256.clone());
    let line = |term: &'static str, hash: String| view! { <div><dt>{term}</dt><dd><code class="al-hash">{hash}</code></dd></div> };
    view! {
        <dl class="al-facts">
            {line("Program file", document.file_sha256.clone())}
            {line("Rules of the ranking", frozen.rules_sha256.clone())}
            {line("Inputs", frozen.inputs_sha256.clone())}
            {line("Result of the ranking", frozen.result_sha256.clone())}
            {line("Ranking, whole", document.ranking_sha256.clone())}
            {line("Result of the allocation", document.result_sha256.clone())}
            {line("Allocation, whole", proposal)}
        </dl>
    }
}

fn history(whole: &Whole, frozen: &Frozen) -> impl IntoView + use<> {
    let zone = whole.board.of.round.zone;
    let mut acts = vec![(frozen.frozen_at, format!("{} froze the ranking.", frozen.frozen_by_name))];
    if let Some(opened) = &whole.board.of.round.opened {
        acts.push((opened.at.utc(), "The round was opened, and its program file locked.".to_owned()));
    }
    acts.push((whole.board.of.round.closes_at.utc(), "Applications closed.".to_owned()));
    for allocation in &whole.allocations {
        acts.push((allocation.proposed_at, format!("{} proposed the allocation.", allocation.proposed_by_name)));
        if let (Some(at), Some(who), "returned") = (allocation.decided_at, &allocation.decided_by_name, allocation.status.as_str()) {
            let why = allocation.decision_reason.clone().unwrap_or_default();
            acts.push((at, format!("{who} returned it: {why}")));
        }
    }
    acts.extend(
        whole
            .approvals
            .iter()
            .map(|step| (step.approved_at, format!("{} approved step {}, “{}”.", step.approved_by_name, step.step, step.name))),
    );
    acts.sort();
    let items = acts.into_iter().map(|(at, text)| view! { <li><p>{text}</p><p class="al-source">{said(at, zone)}</p></li> }).collect_view();
    view! { <ol class="al-history">{items}</ol> }
}
