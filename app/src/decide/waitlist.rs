//! `/decide/{round}/waitlist`: who waits, what came back, what the rule offers now, and every such offer so far; and the form by which a part of
//! an award lapses.

use super::page::said;
use super::pots::pots;
use super::steps::{Names, steps};
use super::work::{self, LaterYear, Waitlist, may_decide};
use crate::call::{Call, mint};
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::review::panel::work::staff_board;
use crate::review::parts::{alert, count, crumbs, figures, tag, under_awards};
use crate::review::work::Board;
use crate::ui::download::document;
use crate::ui::field::{ErrorSummary, Select, TextArea, Tick};
use crate::ui::layout::{Head, go, page};
use crate::ui::table::Table;
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use domain::allocation::AllocationDocument;
use domain::approval::{Hands, OwnWork};
use domain::{ApplicationId, Money, RefillId, RoundId};
use leptos::prelude::*;
use store::award_changes::{self, Change};
use store::awards::OutcomeOf;
use store::refills::{self, Refill};
use store::{awards, rankings};
use uuid::Uuid;

struct Shown {
    board: Board,
    list: Result<Waitlist, AppError>,
    refills: Vec<Refill>,
    later: Vec<LaterYear>,
    changes: Vec<Change>,
    outcomes: Vec<OutcomeOf>,
    names: Names,
    hands: Hands,
}

async fn load(call: &Call, round: RoundId) -> Result<Shown, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let board = staff_board(&mut tx, call, round).await?;
    let refills = refills::list_of(&mut tx, round).await?;
    let list = match work::waitlist(&mut tx, call, &board, &refills).await {
        Err(failed @ (AppError::Store(_) | AppError::Internal(_))) => return Err(failed),
        other => other,
    };
    let later = work::later_years(&mut tx, &board, &refills).await?;
    let changes = award_changes::list_of_round(&mut tx, round).await?;
    let outcomes = awards::outcomes(&mut tx, round).await?;
    let hands = work::hands(&mut tx, &board, call.person()?).await?;
    let applicants = rankings::entrants(&mut tx, round).await?.into_iter().map(|entrant| (entrant.id.to_string(), entrant.name)).collect();
    let names = Names::new(&board.file, applicants);
    Ok(Shown { board, list, refills, later, changes, outcomes, names, hands })
}

/// The page.
///
/// # Errors
/// [`AppError::NotFound`] for another agency's round; the store's failure.
pub async fn get(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    let shown = load(&call, id(&round)?).await?;
    Ok(show(&call, &shown, Attempt::default()))
}

async fn after(call: &Call, round: RoundId, fields: Fields, done: Result<(), AppError>) -> Result<Response, AppError> {
    let Err(error) = done else { return Ok(go(format!("/decide/{round}/waitlist"))) };
    let status = error.status();
    let attempt = Attempt::of(fields, error)?;
    let mut response = show(call, &load(call, round).await?, attempt);
    *response.status_mut() = status;
    Ok(response)
}

/// Proposes what the waiting list gets.
///
/// # Errors
/// As [`work::propose_refill`].
pub async fn post_propose(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let (round, new) = (id(&round)?, RefillId(fields.hidden("id")?));
    let done = work::propose_refill(&call, round, new).await;
    after(&call, round, fields, done).await
}

/// Proposes a later fiscal year of the awards.
///
/// # Errors
/// As [`work::propose_later`].
pub async fn post_later(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let (round, new): (_, RefillId) = (id(&round)?, RefillId(fields.hidden("id")?));
    // What is no id is no appropriation of the year, which is found out after whose round it is.
    let appropriation: Uuid = fields.text("appropriation").parse().unwrap_or_default();
    let done = work::propose_later(&call, round, new, appropriation.into()).await;
    after(&call, round, fields, done).await
}

/// Lets a part of an award lapse.
///
/// # Errors
/// As [`work::lapse`].
pub async fn post_lapse(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let round: RoundId = id(&round)?;
    let done = match fields.text("application").parse::<Uuid>() {
        Ok(application) => work::lapse(&call, ApplicationId(application), fields.text("reason")).await,
        Err(_) => Err(AppError::field("application", "Choose whose part lapses.")),
    };
    after(&call, round, fields, done).await
}

async fn round_of(call: &Call, refill: RefillId) -> Result<RoundId, AppError> {
    let mut reader = call.reader().await?;
    Ok(refills::find(&mut reader.tx(), refill).await?.ok_or(AppError::NotFound)?.round.into())
}

/// An offer's document, byte for byte: it replays as the allocation that it follows does.
///
/// # Errors
/// [`AppError::NotFound`] for another agency's.
pub async fn get_document(call: Call, Path(refill): Path<String>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let refill = refills::find(&mut tx, id(&refill)?).await?.ok_or(AppError::NotFound)?;
    let board = staff_board(&mut tx, &call, refill.round.into()).await?;
    let (program, round) = (&board.of.program.slug, &board.of.round.slug);
    Ok(document(&format!("allocation-{program}-{round}-{}", refill.id.simple()), refill.document))
}

/// Approves an offer.
///
/// # Errors
/// As [`work::approve_refill`].
pub async fn post_approve(call: Call, Path(refill): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let refill: RefillId = id(&refill)?;
    let round = round_of(&call, refill).await?;
    let seen = fields.hidden("version")?;
    let done = if fields.ticked("sure") {
        work::approve_refill(&call, refill, seen).await
    } else {
        Err(AppError::field("sure", "Tick the box to approve: awards grow and money is committed."))
    };
    after(&call, round, fields, done).await
}

/// Returns an offer with a reason.
///
/// # Errors
/// As [`work::return_refill`].
pub async fn post_return(call: Call, Path(refill): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let refill: RefillId = id(&refill)?;
    let round = round_of(&call, refill).await?;
    let seen = fields.hidden("version")?;
    // The lapse form on the same page has a reason, too.
    let done = work::return_refill(&call, refill, fields.text("return_reason"), seen).await.map_err(|error| match error {
        AppError::Invalid(problems) => {
            AppError::Invalid(problems.into_iter().map(|problem| crate::error::Problem::new("return_reason", problem.text)).collect())
        }
        other => other,
    });
    after(&call, round, fields, done).await
}

fn show(call: &Call, shown: &Shown, attempt: Attempt) -> Response {
    let board = &shown.board;
    let more = if board.file.award.years.is_some() { " and later years" } else { "" };
    let title = format!("Waiting list{more}, {}", board.of.round.name);
    let above = under_awards(board);
    let head = Head::new(title.clone()).after(&attempt);
    let waiting = waiting(shown);
    let open = shown
        .refills
        .iter()
        .filter(|refill| refill.status == "proposed")
        .enumerate()
        .map(|(index, refill)| proposed(call, shown, refill, index == 0, &attempt))
        .collect_view();
    let offer = offer(call, shown);
    let history = history(shown);
    let lede = match &board.file.named {
        Some(_) => {
            "What the law names for a recipient waits in the pot until it has accepted the terms. A manager proposes, somebody else approves."
        }
        None => {
            "Money that comes back is offered in the order of the frozen ranking, by the round’s own rule. A manager proposes, somebody else approves."
        }
    };
    let later = later(call, shown);
    let lapse = call.actor.may(Action::ProposeAllocation, board.subject()).then(|| lapse_form(shown, &attempt)).flatten();
    page(call, head, move || {
        view! {
            {crumbs(above, "Waiting list".to_owned())}
            <ErrorSummary attempt/>
            <h1>{title}</h1>
            <p class="al-lede">{lede}</p>
            {open}
            {offer}
            <h2>"Who waits"</h2>
            {waiting}
            {lapse}
            {later}
            {history}
        }
    })
}

fn waiting(shown: &Shown) -> AnyView {
    let Ok(list) = &shown.list else {
        return view! { <p class="al-empty">"There is no waiting list before the awards are approved."</p> }.into_any();
    };
    if list.waiting.is_empty() {
        return view! { <p class="al-empty">"Nobody waits."</p> }.into_any();
    }
    let rows = list
        .waiting
        .iter()
        .map(|claim| {
            let applicant = shown.names.applicants.get(&claim.id).cloned().unwrap_or_default();
            let cost = claim.unit_cost.unwrap_or(shown.board.file.award.unit_cost);
            let asks = cost.times(claim.units_requested).map(Money::in_column).unwrap_or_default();
            view! {
                <tr>
                    <td class="num" data-label="Place">{claim.place}</td>
                    <th scope="row">{claim.number.clone()}" "<span class="al-source">{applicant}</span></th>
                    <td class="num" data-label="Asks for">{claim.units_requested}</td>
                    <td class="num" data-label="Amount">{asks}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="The waiting list in the order of the frozen list" unseen=true>
            <thead><tr><th scope="col" class="num">"Place"</th><th scope="col">"Applicant"</th><th scope="col" class="num">"Asks for"</th><th scope="col" class="num">"Amount"</th></tr></thead>
            <tbody>{rows}</tbody>
        </Table>
    }
    .into_any()
}

/// What the rule would offer now, with the manager's button.
fn offer(call: &Call, shown: &Shown) -> AnyView {
    let Ok(list) = &shown.list else { return ().into_any() };
    if shown.refills.iter().any(|refill| refill.status == "proposed" && refill.appeal.is_none()) {
        return ().into_any();
    }
    let round = shown.board.of.round.id;
    let pot = list.pot.to_string();
    match &list.next {
        Err(refusal) => {
            let (_, text) = refusal.say();
            view! { {figures(vec![(pot, "to lay out again".to_owned())])} {alert("info", "Nothing to offer now", view! { {text} })} }
                .into_any()
        }
        Ok(document) => {
            let (result, new): (_, Uuid) = (&document.result, mint(call.now));
            let may = call.actor.may(Action::ProposeAllocation, shown.board.subject());
            let form = may.then(|| {
                view! {
                    <form method="post" action=format!("/decide/{round}/refill") class="al-card">
                        <p>{format!("Puts {} before an approver. Nothing is awarded by proposing.", result.granted)}</p>
                        <input type="hidden" name="id" value=new.to_string()/>
                        <button class="usa-button" type="submit">"Propose this offer"</button>
                    </form>
                }
            });
            view! {
                <h2>"What the rule offers now"</h2>
                {figures(vec![(pot, "to lay out again".to_owned()), (result.granted.to_string(), "would be offered".to_owned()), (result.rest.to_string(), "would be left".to_owned())])}
                {pots(&shown.board.file, result)}
                {steps(&round.to_string(), result, &shown.names)}
                {form}
            }
            .into_any()
        }
    }
}

/// A proposal that waits; the forms stand with the first one only, so that the page has each field once.
fn proposed(call: &Call, shown: &Shown, refill: &Refill, first: bool, attempt: &Attempt) -> AnyView {
    let zone = shown.board.of.round.zone;
    let what = if refill.appropriation.is_some() {
        "For a later fiscal year"
    } else if refill.appeal.is_some() {
        "For an appeal that was upheld"
    } else {
        "For the waiting list"
    };
    let table = serde_json::from_str::<AllocationDocument>(&refill.document)
        .ok()
        .map(|document| steps(&refill.round.to_string(), &document.result, &shown.names));
    let version = refill.version.to_string();
    let hidden = || view! { <input type="hidden" name="version" value=version.clone()/> };
    let forms = match may_decide(call, &shown.board, refill, shown.hands) {
        Err(OwnWork::Role(_)) => ().into_any(),
        Ok(()) if !first => view! { <p>"Decide on the one above first."</p> }.into_any(),
        Err(refusal) => alert("info", "Somebody else must approve", view! { {refusal.to_string()} }),
        Ok(()) => view! {
            <form method="post" action=format!("/refills/{}/approve", refill.id)>
                {hidden()}
                <Tick name="sure" label="I have read these steps, and approve them." attempt=attempt.clone()/>
                <button class="usa-button" type="submit">"Approve the offer"</button>
            </form>
            <form method="post" action=format!("/refills/{}/return", refill.id)>
                {hidden()}
                <TextArea name="return_reason" label="Or return it: what should be different?" rows=2 attempt=attempt.clone()/>
                <button class="usa-button usa-button--secondary" type="submit">"Return the offer"</button>
            </form>
        }
        .into_any(),
    };
    view! {
        <section class="al-card">
            <h2>{what}": "{Money::cents(refill.granted_cents).to_string()}</h2>
            <p class="al-source">{format!("Proposed by {}, {}", refill.proposed_by_name, said(refill.proposed_at, zone))}</p>
            {table}
            <p><a href=format!("/refills/{}/allocation.json", refill.id)>"The document of this offer, for anybody to replay"</a></p>
            {forms}
        </section>
    }
    .into_any()
}

/// The later fiscal years of awards that run for several, with what pays each and the manager's button.
fn later(call: &Call, shown: &Shown) -> Option<AnyView> {
    let years = shown.board.file.award.years.as_ref()?;
    let round = shown.board.of.round.id;
    let may = call.actor.may(Action::ProposeAllocation, shown.board.subject());
    let waits = shown.refills.iter().any(|refill| refill.status == "proposed" && refill.appeal.is_none());
    let items = shown.later.iter().map(|later| {
        let said = match (later.taken, later.money.is_empty()) {
            (true, _) => "Proposed or awarded; see above and the history.".to_owned(),
            (false, true) => "No appropriation of that year is on record yet. It comes with a program file that has it.".to_owned(),
            (false, false) if waits => "Decide on the proposal above first.".to_owned(),
            (false, false) => String::new(),
        };
        let forms = later.money.iter().filter(|_| may && !later.taken && !waits).map(|money| {
            let (new, words): (Uuid, _) = (
                mint(call.now),
                format!("Propose fiscal year {} from {} ({}, {})", later.year, money.amount, money.bill, money.fund_source),
            );
            view! {
                <form method="post" action=format!("/decide/{round}/later")>
                    <input type="hidden" name="id" value=new.to_string()/>
                    <input type="hidden" name="appropriation" value=money.id.to_string()/>
                    <button class="usa-button usa-button--outline" type="submit">{words}</button>
                </form>
            }
        });
        view! { <h3>{format!("Fiscal year {}", later.year)}</h3> <p>{said}</p> {forms.collect_view()} }
    });
    Some(view! { <h2>"Later fiscal years"</h2> <p>{years.plain()}</p> {items.collect_view()} }.into_any())
}

fn lapse_form(shown: &Shown, attempt: &Attempt) -> Option<AnyView> {
    let round = shown.board.of.round.id;
    let funded: Vec<&OutcomeOf> = shown.outcomes.iter().filter(|outcome| outcome.units > 0).collect();
    if funded.is_empty() {
        return None;
    }
    let mut options = vec![(String::new(), "Choose".to_owned())];
    options
        .extend(funded.iter().map(|outcome| (outcome.application.to_string(), format!("{} {}", outcome.number, outcome.applicant_name))));
    Some(
        view! {
            <details class="al-card" open=!attempt.problems.is_empty()>
                <summary>"Let a part of an award lapse"</summary>
                <form method="post" action=format!("/decide/{round}/lapse")>
                    <p>"When a funded applicant does not take its part up, or can’t: the part leaves the award, its money goes back to be awarded again, and the applicant, the recipient and you are written to."</p>
                    <Select name="application" label="Whose part?" options=options attempt=attempt.clone()/>
                    <TextArea name="reason" label="Why does it lapse?" rows=2 attempt=attempt.clone()/>
                    <button class="usa-button usa-button--secondary" type="submit">"Let it lapse"</button>
                </form>
            </details>
        }
        .into_any(),
    )
}

fn history(shown: &Shown) -> impl IntoView + use<> {
    let zone = shown.board.of.round.zone;
    let mut acts: Vec<(chrono::DateTime<chrono::Utc>, AnyView)> = Vec::new();
    for change in &shown.changes {
        let (kind, words) = match change.kind.as_str() {
            "declined" => ("warn", "Declined"),
            "lapsed" => ("warn", "Lapsed"),
            "added" => ("good", "Added"),
            _ => ("good", "Increased"),
        };
        let amount = Money::cents(change.amount_cents.abs());
        let units = count(change.units.abs(), &shown.board.file.award.unit, &shown.board.file.award.units);
        let text = format!("{} {}: {units}, {amount}. {}", change.application_number, change.beneficiary_name, change.reason);
        let source = format!("{}, {}", change.changed_by_name, said(change.changed_at, zone));
        acts.push((change.changed_at, view! { <li><p>{tag(kind, words)}" "{text}</p><p class="al-source">{source}</p></li> }.into_any()));
    }
    for refill in shown.refills.iter().filter(|refill| refill.status != "proposed") {
        let Some(at) = refill.decided_at else { continue };
        let amount = Money::cents(refill.granted_cents);
        let who = refill.decided_by_name.clone().unwrap_or_default();
        let text = match &refill.decision_reason {
            Some(why) => format!("Offer of {amount} returned: {why}"),
            None => format!("Offer of {amount} approved."),
        };
        let source = format!("Proposed by {}, decided by {who}, {}", refill.proposed_by_name, said(at, zone));
        acts.push((at, view! { <li><p>{text}</p><p class="al-source">{source}</p></li> }.into_any()));
    }
    acts.sort_by_key(|(at, _)| *at);
    let items: Vec<AnyView> = acts.into_iter().map(|(_, item)| item).collect();
    (!items.is_empty()).then(|| view! { <h2>"What changed since the awards were made"</h2> <ol class="al-history">{items}</ol> })
}
