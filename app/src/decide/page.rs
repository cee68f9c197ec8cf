//! `/decide` and `/decide/{round}`: the money laid down the frozen list, step by step, with who has approved it and what it came to. The acts
//! that follow one another stand in [`super::acts`].

use super::acts::act;
use super::pots::pots;
use super::steps::{Names, regions, steps};
use super::ties::Ties;
use super::work::{self, Steps};
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, id};
use crate::review::panel::work::staff_board;
use crate::review::parts::{alert, count, crumbs, figures, tag};
use crate::review::work::Board;
use crate::ui::download::document;
use crate::ui::field::ErrorSummary;
use crate::ui::layout::{Head, page};
use crate::ui::table::Table;
use axum::extract::Path;
use axum::response::Response;
use domain::allocation::{AllocationDocument, Method};
use domain::approval::Hands;
use domain::{RoundId, Timestamp, Zone};
use leptos::prelude::*;
use store::Tx;
use store::allocations::{self, Allocation};
use store::approvals::{self, Approval};
use store::awards::{self, Award, OutcomeOf};
use store::rankings::{self, Entrant};
use store::reviews::{self, RoundCount};

/// `/decide`: the rounds with where each stands.
///
/// # Errors
/// The store's failure.
pub async fn get_rounds(call: Call) -> Result<Response, AppError> {
    let person = call.person()?;
    let mut reader = call.reader().await?;
    let rounds = reviews::rounds_of_staff(&mut reader.tx(), person).await?;
    drop(reader);
    let now = call.now;
    Ok(page(&call, Head::new("Awards"), move || {
        let empty = rounds.is_empty().then(|| view! { <p class="al-empty">"No round has been set up yet."</p> });
        let items = rounds.iter().map(|round| round_card(round, now)).collect_view();
        view! {
            <h1>"Awards"</h1>
            <p class="al-lede">"A manager proposes how the money goes down the frozen ranking; somebody else approves. Then the applicants are told, then the public."</p>
            {empty}
            <ul class="al-cards">{items}</ul>
        }
    }))
}

fn round_card(round: &RoundCount, now: Timestamp) -> impl IntoView + use<> {
    let published = round.published_at.filter(|at| *at <= now.utc());
    let state = match (round.frozen_at, round.allocation_status.as_deref(), published) {
        (_, _, Some(_)) => tag("good", "Published"),
        (_, Some("approved"), None) => tag("good", "Approved"),
        (_, Some(_), None) => tag("warn", "Waiting for approval"),
        (Some(_), None, None) => tag("info", "To propose"),
        (None, None, None) => tag("plain", "Not ranked yet"),
    };
    view! {
        <li class="al-card">
            <h2><a href=format!("/decide/{}", round.id)>{round.program_name.clone()}": "{round.name.clone()}</a></h2>
            <p>{state}</p>
            <p>{count(round.eligible, "eligible application", "eligible applications")}</p>
            <p class="al-source">{round.agency_name.clone()}</p>
        </li>
    }
}

/// What the page shows.
pub(crate) struct Whole {
    pub board: Board,
    pub allocations: Vec<Allocation>,
    /// Steps signed, of all the allocations.
    pub approvals: Vec<Approval>,
    /// The live allocation's steps of approval.
    pub steps: Option<Steps>,
    /// What the reader has done towards the decision.
    pub hands: Hands,
    /// The live allocation's document, or what would be proposed now.
    pub document: Option<AllocationDocument>,
    /// Why nothing can be proposed.
    pub refusal: Option<AppError>,
    pub entrants: Vec<Entrant>,
    pub awards: Vec<Award>,
    pub outcomes: Vec<OutcomeOf>,
    /// The organizations that a tie can be to, and the reader's own ties, on the page that declares them.
    pub(super) ties: Option<Ties>,
}

impl Whole {
    /// What applicants and regions are called.
    pub(crate) fn names(&self) -> Names {
        Names::new(&self.board.file, self.entrants.iter().map(|entrant| (entrant.id.to_string(), entrant.name.clone())).collect())
    }

    /// The proposed or approved allocation.
    pub(crate) fn live(&self) -> Option<&Allocation> {
        self.allocations.first().filter(|allocation| allocation.status != "returned")
    }
}

/// Loads a round's decision; with the ties, for the award page itself.
pub(super) async fn load_with_ties(call: &Call, round: RoundId) -> Result<Whole, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let mut whole = load_in(&mut tx, call, round).await?;
    whole.ties = Some(Ties::load(&mut tx, &whole.board, call.person()?, &whole.entrants).await?);
    Ok(whole)
}

/// Loads a round's decision.
pub(crate) async fn load(call: &Call, round: RoundId) -> Result<Whole, AppError> {
    let mut reader = call.reader().await?;
    load_in(&mut reader.tx(), call, round).await
}

async fn load_in(tx: &mut Tx<'_>, call: &Call, round: RoundId) -> Result<Whole, AppError> {
    let board = staff_board(tx, call, round).await?;
    let allocations = allocations::list_of(tx, round).await?;
    let live = allocations.first().filter(|allocation| allocation.status != "returned");
    let (document, refusal) = match live {
        Some(allocation) => (Some(serde_json::from_str(&allocation.document).map_err(AppError::internal)?), None),
        None => preview(tx, &board).await?,
    };
    let approvals = approvals::list_of_round(tx, round).await?;
    let steps = live.zip(document.as_ref()).map(|(live, document)| Steps::of(&board, live.id.into(), document.result.granted, &approvals));
    let hands = work::hands(tx, &board, call.person()?).await?;
    let approved = live.is_some_and(|allocation| allocation.status == "approved");
    let (awards, outcomes) =
        if approved { (awards::list(tx, round).await?, awards::outcomes(tx, round).await?) } else { (Vec::new(), Vec::new()) };
    let entrants = rankings::entrants(tx, round).await?;
    Ok(Whole { board, allocations, approvals, steps, hands, document, refusal, entrants, awards, outcomes, ties: None })
}

/// What would be proposed now, or why nothing can be.
async fn preview(tx: &mut Tx<'_>, board: &Board) -> Result<(Option<AllocationDocument>, Option<AppError>), AppError> {
    match work::compute(tx, board).await {
        Ok(document) => Ok((Some(document), None)),
        Err(refusal @ (AppError::Conflict(_) | AppError::Invalid(_))) => Ok((None, Some(refusal))),
        Err(failed) => Err(failed),
    }
}

/// The page.
///
/// # Errors
/// [`AppError::NotFound`] for another agency's round; the store's failure.
pub async fn get(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    let whole = load_with_ties(&call, id(&round)?).await?;
    Ok(show(&call, whole, Attempt::default()))
}

/// The live allocation's document, byte for byte.
///
/// # Errors
/// [`AppError::NotFound`] while nothing is proposed.
pub async fn get_document(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let board = staff_board(&mut tx, &call, id(&round)?).await?;
    let live = board.progress.allocation.ok_or(AppError::NotFound)?;
    let allocation = allocations::find(&mut tx, live.id).await?.ok_or(AppError::NotFound)?;
    Ok(document(&format!("allocation-{}-{}", board.of.program.slug, board.of.round.slug), allocation.document))
}

pub(super) fn show(call: &Call, whole: Whole, attempt: Attempt) -> Response {
    let board = &whole.board;
    let title = format!("Awards, {}", board.of.round.name);
    let round = board.of.round.id.to_string();
    let above = vec![("/decide".to_owned(), "Awards".to_owned())];
    let program = board.of.program.name.clone();
    let names = whole.names();
    let head = Head::new(title.clone()).after(&attempt);
    let act = act(call, &whole, &attempt);
    let standing = standing(call, &whole);
    let signed = signatures(&whole);
    let returned = returned(&whole);
    let awards = awards_table(&whole);
    let laid = whole.document.as_ref().map(|document| {
        let units = board.file.award.units.clone();
        let result = &document.result;
        let (down, in_law) = (board.file.allocation.method == Method::DownTheList, board.file.named.is_some());
        let proof = result.proof.clone().map(|proof| view! { <p>{proof}</p> });
        let heading = if down {
            "Down the list"
        } else if in_law {
            "Each recipient named in law"
        } else {
            "Each ranked request"
        };
        let unfunded = result.steps.iter().any(|step| step.units_granted < step.units_requested);
        let left = if !down {
            "left"
        } else if unfunded {
            "left, less than the next request"
        } else {
            "left when every request is met"
        };
        let mut sums = vec![
            (
                document.pot.to_string(),
                if in_law {
                    "in the pot"
                } else if document.rule.walks_once() {
                    "to lay down the list"
                } else {
                    "to lay out"
                }
                .to_owned(),
            ),
            (result.granted.to_string(), "granted".to_owned()),
            (result.rest.to_string(), left.to_owned()),
            (result.units.to_string(), units),
        ];
        if !in_law {
            sums.push((result.line.map_or_else(|| "–".to_owned(), |line| line.to_string()), "the lowest place funded".to_owned()));
        }
        let unit = (!in_law).then(|| format!(" One unit costs {}.", document.unit_cost));
        let unclaimed = super::named::unclaimed(document);
        view! {
            {figures(sums)}
            <p>{board.file.plain_allocation()}{unit}</p>
            {proof}
            {pots(&board.file, result)}
            <h2>"By region"</h2>
            {regions(result, &names)}
            <h2>{heading}</h2>
            {steps(&round, result, &names)}
            {unclaimed}
        }
    });
    let ties = super::ties::ties(call, &whole, &attempt);
    let (in_law, years) = (board.file.named.is_some(), board.file.award.years.is_some());
    let refusal = whole.refusal.as_ref().map(|refusal| {
        let (_, text) = refusal.say();
        alert("info", "Nothing to propose yet", view! { {text} })
    });
    let document_at =
        (!whole.allocations.is_empty() && whole.board.progress.allocation.is_some()).then(|| format!("/decide/{round}/allocation.json"));
    let approved = whole.live().is_some_and(|live| live.status == "approved");
    let ranking_at = format!("/review/{round}/ranking");
    page(call, head, move || {
        view! {
            {crumbs(above, title.clone())}
            <ErrorSummary attempt/>
            <h1>{program}": "{title}</h1>
            {standing}
            {signed}
            {refusal}
            {act}
            {awards}
            {laid}
            {returned}
            {ties}
            <p>
                <a href=ranking_at>{if in_law { "Those whom the law names" } else { "The ranking" }}</a>
                " · "<a href=format!("/decide/{round}/equity")>"Who is reached: by region, locale, poverty and size"</a>
                {(!in_law).then(|| view! { " · " <a href=format!("/bench/{round}")>"The bench, and the scenarios tried on it"</a> })}
                {approved.then(|| view! {
                    " · " <a href=format!("/decide/{round}/letters")>"Letters"</a> " · " <a href=format!("/decide/{round}/waitlist")>{if years { "Waiting list and later years" } else { "Waiting list" }}</a>
                    " · " <a href=format!("/decide/{round}/appeals")>"Appeals"</a>
                })}
                {document_at.map(|address| view! { " · " <a href=format!("/decide/{round}/packet")>"The packet for approvers"</a> " · " <a href=address>"Download the allocation (JSON)"</a> })}
            </p>
        }
    })
}

pub(crate) fn said(at: chrono::DateTime<chrono::Utc>, zone: Zone) -> String {
    Timestamp::new(at).say_in(zone)
}

/// Where the round stands, in a sentence.
fn standing(call: &Call, whole: &Whole) -> impl IntoView + use<> {
    let zone = whole.board.of.round.zone;
    let text = match whole.live() {
        None if whole.document.is_some() && whole.board.file.named.is_some() => {
            "This is what the recipients would get as the law names it. Nothing is proposed yet.".to_owned()
        }
        None if whole.document.is_some() => "This is how the money would go down the frozen list. Nothing is proposed yet.".to_owned(),
        None => "Awards begin with a frozen list.".to_owned(),
        Some(live) if live.status == "proposed" => {
            let waits = match whole.steps.as_ref().and_then(Steps::next) {
                Some(step) if !whole.board.file.approvals.is_empty() => format!("It waits for “{}”.", step.name),
                _ => "It waits for an approver.".to_owned(),
            };
            format!("Proposed by {}, {}. {waits}", live.proposed_by_name, said(live.proposed_at, zone))
        }
        Some(live) => {
            let approver = live.decided_by_name.clone().unwrap_or_default();
            let approved = live.decided_at.map(|at| said(at, zone)).unwrap_or_default();
            let published = whole
                .board
                .of
                .round
                .published(call.now)
                .map(|at| format!(" Results were published {}.", at.say_in(zone)))
                .unwrap_or_default();
            format!("Proposed by {}, approved by {approver}, {approved}.{published}", live.proposed_by_name)
        }
    };
    view! { <p class="al-lede">{text}</p> }
}

/// The steps of approval with who signed them; nothing for a file that declares none.
fn signatures(whole: &Whole) -> Option<AnyView> {
    let steps = whole.steps.as_ref().filter(|_| !whole.board.file.approvals.is_empty())?;
    let zone = whole.board.of.round.zone;
    let items = steps
        .all
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let state = match steps.signed.get(index) {
                Some(signed) => format!("Approved by {}, {}", signed.approved_by_name, said(signed.approved_at, zone)),
                None if index == steps.signed.len() => "Now".to_owned(),
                None => "After that".to_owned(),
            };
            view! { <li><p>{step.plain()}</p><p class="al-source">{state}</p></li> }
        })
        .collect_view();
    Some(view! { <h2>"Approval in steps"</h2> <ol class="al-history">{items}</ol> }.into_any())
}

fn awards_table(whole: &Whole) -> Option<AnyView> {
    (!whole.awards.is_empty()).then(|| {
        let rows = whole
            .awards
            .iter()
            .map(|award| {
                view! {
                    <tr>
                        <th scope="row"><a href=format!("/fund/awards/{}", award.id)>{award.number.clone()}</a></th>
                        <td data-label="Recipient">{award.recipient_name.clone()}</td>
                        <td class="num" data-label="Applications">{award.lines}</td>
                        <td class="num" data-label="Granted">{award.units}</td>
                        <td class="num" data-label="Amount">{award.amount().in_column()}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <h2>"Awards"</h2>
            <Table caption="Awards to regional organizations" unseen=true>
                <thead>
                    <tr>
                        <th scope="col">"Award"</th><th scope="col">"Recipient"</th><th scope="col" class="num">"Applications"</th>
                        <th scope="col" class="num">"Granted"</th><th scope="col" class="num">"Amount"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        }
        .into_any()
    })
}

fn returned(whole: &Whole) -> Option<AnyView> {
    let zone = whole.board.of.round.zone;
    let mut items = Vec::new();
    for allocation in whole.allocations.iter().filter(|allocation| allocation.status == "returned") {
        let when = allocation.decided_at.map(|at| said(at, zone)).unwrap_or_default();
        let who = allocation.decided_by_name.clone().unwrap_or_default();
        let why = allocation.decision_reason.clone().unwrap_or_default();
        items.push(view! { <li><p>{why}</p><p class="al-source">{format!("Proposed by {}, returned by {who}, {when}", allocation.proposed_by_name)}</p></li> });
    }
    (!items.is_empty()).then(|| view! { <h2>"Returned before"</h2> <ol class="al-history">{items}</ol> }.into_any())
}
