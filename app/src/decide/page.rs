//! `/decide` and `/decide/{round}`: the money laid down the frozen list, step by step, and the acts that follow one another: propose,
//! approve or return, tell, publish.

use super::steps::{Names, regions, steps};
use super::work;
use crate::call::{Call, mint};
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::review::parts::{alert, count, crumbs, figures, tag};
use crate::review::work::Board;
use crate::ui::field::{ErrorSummary, TextArea, Tick};
use crate::ui::layout::{Head, go, page};
use crate::ui::table::Table;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use domain::access::Action;
use domain::allocation::AllocationDocument;
use domain::award::may_approve;
use domain::{AllocationId, Money, RoundId, Timestamp, Zone};
use leptos::prelude::*;
use std::collections::BTreeMap;
use store::allocations::{self, Allocation};
use store::awards::{self, Award, OutcomeOf};
use store::reviews::{self, RoundCount};
use store::{Tx, rankings};
use uuid::Uuid;

/// `/decide`: the rounds with where each stands.
///
/// # Errors
/// The store's failure.
pub async fn get_rounds(call: Call) -> Result<Response, AppError> {
    let person = call.person()?;
    let mut reader = call.reader().await?;
    let rounds = reviews::rounds_of_staff(&mut reader.tx(), person).await?;
    drop(reader);
    Ok(page(&call, Head::new("Awards"), move || {
        let empty = rounds.is_empty().then(|| view! { <p class="al-empty">"No round has been set up yet."</p> });
        let items = rounds.iter().map(round_card).collect_view();
        view! {
            <h1>"Awards"</h1>
            <p class="al-lede">"A manager proposes how the money goes down the frozen ranking; somebody else approves. Then the applicants are told, then the public."</p>
            {empty}
            <ul class="al-cards">{items}</ul>
        }
    }))
}

fn round_card(round: &RoundCount) -> impl IntoView + use<> {
    let state = match (round.frozen_at, round.allocation_status.as_deref(), round.published_at) {
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
struct Whole {
    board: Board,
    allocations: Vec<Allocation>,
    /// The live allocation's document, or what would be proposed now.
    document: Option<AllocationDocument>,
    /// Why nothing can be proposed.
    refusal: Option<AppError>,
    applicants: BTreeMap<String, String>,
    awards: Vec<Award>,
    outcomes: Vec<OutcomeOf>,
}

async fn load(call: &Call, round: RoundId) -> Result<Whole, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let board = Board::load(&mut tx, round).await?;
    call.must(Action::ReadReviews, board.subject())?;
    let allocations = allocations::list_of(&mut tx, round).await?;
    let live = allocations.first().filter(|allocation| allocation.status != "returned");
    let (document, refusal) = match live {
        Some(allocation) => (Some(serde_json::from_str(&allocation.document).map_err(AppError::internal)?), None),
        None => preview(&mut tx, &board).await?,
    };
    let approved = live.is_some_and(|allocation| allocation.status == "approved");
    let (awards, outcomes) =
        if approved { (awards::list(&mut tx, round).await?, awards::outcomes(&mut tx, round).await?) } else { (Vec::new(), Vec::new()) };
    let applicants = rankings::entrants(&mut tx, round).await?.into_iter().map(|entrant| (entrant.id.to_string(), entrant.name)).collect();
    Ok(Whole { board, allocations, document, refusal, applicants, awards, outcomes })
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
    let whole = load(&call, id(&round)?).await?;
    Ok(show(&call, whole, Attempt::default()))
}

/// The live allocation's document, byte for byte.
///
/// # Errors
/// [`AppError::NotFound`] while nothing is proposed.
pub async fn get_document(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let board = Board::load(&mut tx, id(&round)?).await?;
    call.must(Action::ReadReviews, board.subject())?;
    let live = board.progress.allocation.ok_or(AppError::NotFound)?;
    let allocation = allocations::find(&mut tx, live.id).await?.ok_or(AppError::NotFound)?;
    let name = format!("attachment; filename=\"allocation-{}-{}.json\"", board.of.program.slug, board.of.round.slug);
    let headers = [(http::header::CONTENT_TYPE, "application/json".to_owned()), (http::header::CONTENT_DISPOSITION, name)];
    Ok((headers, allocation.document).into_response())
}

/// After an act: back to the page, or the page again with what is wrong and what was typed. A conflict answers 409.
async fn after<T>(call: &Call, round: RoundId, fields: Fields, done: Result<T, AppError>) -> Result<Response, AppError> {
    let error = match done {
        Ok(_) => return Ok(go(format!("/decide/{round}"))),
        Err(error) => error,
    };
    let conflict = matches!(error, AppError::Conflict(_));
    let attempt = Attempt::of(fields, error)?;
    let whole = load(call, round).await?;
    let mut response = show(call, whole, attempt);
    if conflict {
        *response.status_mut() = http::StatusCode::CONFLICT;
    }
    Ok(response)
}

/// Proposes.
///
/// # Errors
/// As [`work::propose`].
pub async fn post_propose(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let (round, new) = (id(&round)?, AllocationId(fields.hidden("id")?));
    let done = work::propose(&call, round, new).await;
    after(&call, round, fields, done).await
}

/// Approves.
///
/// # Errors
/// As [`work::approve`].
pub async fn post_approve(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let (round, allocation, seen) = (id(&round)?, AllocationId(fields.hidden("allocation")?), fields.hidden("version")?);
    let done = if fields.ticked("sure") {
        work::approve(&call, allocation, seen).await
    } else {
        Err(AppError::field("sure", "Tick the box to approve: awards are made and money is committed."))
    };
    after(&call, round, fields, done).await
}

/// Returns with a reason.
///
/// # Errors
/// As [`work::return_it`].
pub async fn post_return(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let (round, allocation, seen) = (id(&round)?, AllocationId(fields.hidden("allocation")?), fields.hidden("version")?);
    let done = work::return_it(&call, allocation, fields.text("reason"), seen).await;
    after(&call, round, fields, done).await
}

/// Tells the applicants.
///
/// # Errors
/// As [`work::tell`].
pub async fn post_tell(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let round = id(&round)?;
    let done = work::tell(&call, round).await;
    after(&call, round, fields, done).await
}

/// Publishes the results.
///
/// # Errors
/// As [`work::publish`].
pub async fn post_publish(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let round = id(&round)?;
    let done = work::publish(&call, round).await;
    after(&call, round, fields, done).await
}

fn show(call: &Call, whole: Whole, attempt: Attempt) -> Response {
    let board = &whole.board;
    let title = format!("Awards, {}", board.of.round.name);
    let round = board.of.round.id.to_string();
    let above = vec![("/decide".to_owned(), "Awards".to_owned())];
    let program = board.of.program.name.clone();
    let names = Names::new(&board.file, whole.applicants.clone());
    let head = Head::new(title.clone()).after(&attempt);
    let act = act(call, &whole, &attempt);
    let standing = standing(&whole);
    let returned = returned(&whole);
    let awards = awards_table(&whole);
    let laid = whole.document.as_ref().map(|document| {
        let units = board.file.award.units.clone();
        let result = &document.result;
        let unfunded = result.steps.iter().any(|step| step.units_granted < step.units_requested);
        view! {
            {figures(vec![
                (document.pot.to_string(), "to lay down the list".to_owned()),
                (result.granted.to_string(), "granted".to_owned()),
                (result.rest.to_string(), if unfunded { "left, less than the next request" } else { "left when every request is met" }.to_owned()),
                (result.units.to_string(), units),
                (result.line.map_or_else(|| "–".to_owned(), |line| line.to_string()), "the lowest place funded".to_owned()),
            ])}
            <p>{board.file.allocation.plain()}" "{format!("One unit costs {}.", document.unit_cost)}</p>
            <h2>"By region"</h2>
            {regions(result, &names)}
            <h2>"Down the list"</h2>
            {steps(&round, result, &names)}
        }
    });
    let refusal = whole.refusal.as_ref().map(|refusal| {
        let (_, text) = refusal.say();
        alert("info", "Nothing to propose yet", view! { {text} })
    });
    let document_at =
        (!whole.allocations.is_empty() && whole.board.progress.allocation.is_some()).then(|| format!("/decide/{round}/allocation.json"));
    let ranking_at = format!("/review/{round}/ranking");
    page(call, head, move || {
        view! {
            {crumbs(above, title.clone())}
            <ErrorSummary attempt/>
            <h1>{program}": "{title}</h1>
            {standing}
            {refusal}
            {act}
            {awards}
            {laid}
            {returned}
            <p>
                <a href=ranking_at>"The ranking"</a>
                " · "<a href=format!("/decide/{round}/equity")>"Who is reached: by region, locale, poverty and size"</a>
                " · "<a href=format!("/bench/{round}")>"The bench, and the scenarios tried on it"</a>
                {document_at.map(|address| view! { " · " <a href=address>"Download the allocation (JSON)"</a> })}
            </p>
        }
    })
}

fn said(at: chrono::DateTime<chrono::Utc>, zone: Zone) -> String {
    Timestamp::new(at).say_in(zone)
}

/// Where the round stands, in a sentence.
fn standing(whole: &Whole) -> impl IntoView + use<> {
    let zone = whole.board.of.round.zone;
    let text = match whole.allocations.first().filter(|allocation| allocation.status != "returned") {
        None if whole.document.is_some() => "This is how the money would go down the frozen list. Nothing is proposed yet.".to_owned(),
        None => "Awards begin with a frozen ranking.".to_owned(),
        Some(live) if live.status == "proposed" => {
            format!("Proposed by {}, {}. It waits for an approver.", live.proposed_by_name, said(live.proposed_at, zone))
        }
        Some(live) => {
            let approver = live.decided_by_name.clone().unwrap_or_default();
            let approved = live.decided_at.map(|at| said(at, zone)).unwrap_or_default();
            let published =
                whole.board.of.round.published_at.map(|at| format!(" Results were published {}.", at.say_in(zone))).unwrap_or_default();
            format!("Proposed by {}, approved by {approver}, {approved}.{published}", live.proposed_by_name)
        }
    };
    view! { <p class="al-lede">{text}</p> }
}

/// The next act, for whoever may do it.
fn act(call: &Call, whole: &Whole, attempt: &Attempt) -> AnyView {
    let board = &whole.board;
    let round = board.of.round.id;
    let live = whole.allocations.first().filter(|allocation| allocation.status != "returned");
    match live {
        None => match &whole.document {
            Some(document) if call.actor.may(Action::ProposeAllocation, board.subject()) => {
                propose_form(call, round, document.result.granted)
            }
            _ => ().into_any(),
        },
        Some(live) if live.status == "proposed" => {
            if !call.actor.may(Action::DecideAllocation, board.subject()) {
                return ().into_any();
            }
            let refused = call
                .actor
                .person
                .and_then(|person| may_approve(person, live.proposed_by.into(), live.frozen_by.into()).err())
                .map(|refusal| refusal.to_string());
            decide_forms(round, live, refused, attempt)
        }
        Some(_) => release_forms(call, whole),
    }
}

fn propose_form(call: &Call, round: RoundId, granted: Money) -> AnyView {
    let new: Uuid = mint(call.now);
    view! {
        <form method="post" action=format!("/decide/{round}/propose") class="al-card">
            <h2>"Propose"</h2>
            <p>{format!("Puts these steps, {granted} in all, before an approver. Nothing is awarded by proposing.")}</p>
            <input type="hidden" name="id" value=new.to_string()/>
            <button class="usa-button" type="submit">"Propose this allocation"</button>
        </form>
    }
    .into_any()
}

fn decide_forms(round: RoundId, live: &Allocation, refused: Option<String>, attempt: &Attempt) -> AnyView {
    let hidden = || {
        view! {
            <input type="hidden" name="allocation" value=live.id.to_string()/>
            <input type="hidden" name="version" value=live.version.to_string()/>
        }
    };
    let approve = match refused {
        Some(text) => alert("info", "Somebody else must approve", view! { {text} }),
        None => view! {
            <form method="post" action=format!("/decide/{round}/approve") class="al-card">
                <h2>"Approve"</h2>
                <p>"Makes the awards to the regional organizations, commits the money and sets the reports due. It can’t be undone here."</p>
                {hidden()}
                <Tick name="sure" label="I have read the steps below, and approve them." attempt=attempt.clone()/>
                <button class="usa-button" type="submit">"Approve the awards"</button>
            </form>
        }
        .into_any(),
    };
    view! {
        {approve}
        <form method="post" action=format!("/decide/{round}/return") class="al-card">
            <h2>"Or return it"</h2>
            {hidden()}
            <TextArea name="reason" label="What should be different?" rows=3 attempt=attempt.clone()/>
            <button class="usa-button usa-button--secondary" type="submit">"Return the proposal"</button>
        </form>
    }
    .into_any()
}

fn release_forms(call: &Call, whole: &Whole) -> AnyView {
    let board = &whole.board;
    let round = board.of.round.id;
    let untold = whole.outcomes.iter().filter(|outcome| outcome.told_at.is_none()).count();
    let told = whole.outcomes.len() - untold;
    if !call.actor.may(Action::PublishResults, board.subject()) {
        return view! { <p>{format!("{told} of {} applicants have been told.", whole.outcomes.len())}</p> }.into_any();
    }
    if untold > 0 {
        return view! {
            <form method="post" action=format!("/decide/{round}/tell") class="al-card">
                <h2>"Tell the applicants"</h2>
                <p>{format!("{untold} of {} applicants have not been told. Each gets a message with place, points, the line and the reason, and sees the working on their own page.", whole.outcomes.len())}</p>
                <button class="usa-button" type="submit">"Tell the applicants"</button>
            </form>
        }
        .into_any();
    }
    if board.of.round.published_at.is_none() {
        return view! {
            <form method="post" action=format!("/decide/{round}/publish") class="al-card">
                <h2>"Publish the results"</h2>
                <p>{format!("All {told} applicants have been told. Publishing shows awards, ranking and working to everybody.")}</p>
                <button class="usa-button" type="submit">"Publish the results"</button>
            </form>
        }
        .into_any();
    }
    let results = format!("/programs/{}/{}/results", board.of.program.slug, board.of.round.slug);
    view! { <p><a href=results>"The public results"</a></p> }.into_any()
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
