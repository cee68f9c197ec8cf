//! `/fund/draws/{draw}`: one draw, what became of it, and what its reader may do about it now.

use super::parts::{draw_tag, entries_table};
use super::work::{self, Found};
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::ui::field::{ErrorSummary, TextArea, TextField};
use crate::ui::layout::{Head, go, page};
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use domain::draw::DrawState;
use domain::time::say_date;
use domain::{Date, DrawId, Money, Timestamp, Zone};
use leptos::prelude::*;
use store::Tx;
use store::draws::AwardOf;
use store::events::{self, Event};
use store::ledger::{self, EntryRow};

struct Shown {
    found: Found,
    left: Money,
    /// Why it can't be approved now.
    stopped: Option<String>,
    history: Vec<Event>,
    entries: Vec<EntryRow>,
}

async fn load(call: &Call, id: DrawId) -> Result<Shown, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let found = work::find(&mut tx, call, id).await?;
    Ok(Shown {
        left: ledger::balances(&mut tx, found.numbered.draw.award).await?.left(),
        stopped: stopped(&mut tx, call, &found.award).await?,
        history: events::list_of(&mut tx, id.0).await?,
        entries: ledger::entries_of_noun(&mut tx, id.0).await?,
        found,
    })
}

/// What stands against approving a draw of this award today: its money has lapsed, or a report is overdue.
async fn stopped(tx: &mut Tx<'_>, call: &Call, award: &AwardOf) -> Result<Option<String>, AppError> {
    if let Some(lapsed) = work::lapsed(call, award)? {
        return Ok(Some(lapsed));
    }
    let overdue = work::overdue(tx, call, award).await?;
    Ok(overdue.map(|overdue| format!("{overdue} Draws of this award are approved again once it is submitted.")))
}

/// The page.
///
/// # Errors
/// [`AppError::NotFound`]; the store's failure.
pub async fn get(call: Call, Path(draw): Path<String>) -> Result<Response, AppError> {
    let shown = load(&call, id(&draw)?).await?;
    let zone = shown.found.award.zone()?;
    let draw = &shown.found.numbered.draw;
    let attempt = Attempt::fresh(vec![
        ("amount", draw.amount.plain()),
        ("purpose", draw.purpose.clone()),
        ("paid_on", call.now.date_in(zone).to_string()),
    ]);
    Ok(show(&call, shown, attempt, zone))
}

async fn answer(call: Call, id: DrawId, fields: Fields, taken: Result<(), AppError>) -> Result<Response, AppError> {
    match taken {
        Ok(()) => Ok(go(format!("/fund/draws/{id}"))),
        Err(error) => {
            let stale = matches!(error, AppError::Conflict(_));
            let attempt = Attempt::of(fields, error)?;
            let shown = load(&call, id).await?;
            let zone = shown.found.award.zone()?;
            let mut response = show(&call, shown, attempt, zone);
            if stale {
                *response.status_mut() = http::StatusCode::CONFLICT;
            }
            Ok(response)
        }
    }
}

/// Approves.
///
/// # Errors
/// As [`work::approve_draw`], when the page can't show it.
pub async fn post_approve(call: Call, Path(draw): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let (id, seen) = (id(&draw)?, fields.hidden("version")?);
    let taken = work::approve_draw(&call, id, seen).await;
    answer(call, id, fields, taken).await
}

/// Returns with a question.
///
/// # Errors
/// As [`work::return_draw`], when the page can't show it.
pub async fn post_return(call: Call, Path(draw): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let (id, seen) = (id(&draw)?, fields.hidden("version")?);
    let taken = work::return_draw(&call, id, seen, fields.text("question")).await;
    answer(call, id, fields, taken).await
}

/// Records the payment.
///
/// # Errors
/// As [`work::record_payment`], when the page can't show it.
pub async fn post_pay(call: Call, Path(draw): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let (id, seen) = (id(&draw)?, fields.hidden("version")?);
    let taken = match fields.text("paid_on").parse::<Date>() {
        Ok(on) => work::record_payment(&call, id, seen, on, fields.text("reference")).await,
        Err(_) => Err(AppError::field("paid_on", "Enter the day of the payment as year, month and day, like 2024-01-31.")),
    };
    answer(call, id, fields, taken).await
}

/// Sends again.
///
/// # Errors
/// As [`work::resend_draw`], when the page can't show it.
pub async fn post_resend(call: Call, Path(draw): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let (id, seen) = (id(&draw)?, fields.hidden("version")?);
    let taken = match fields.money("amount") {
        Ok(amount) => work::resend_draw(&call, id, seen, amount, fields.text("purpose"), fields.text("answer")).await,
        Err(error) => Err(error),
    };
    answer(call, id, fields, taken).await
}

/// Withdraws.
///
/// # Errors
/// As [`work::withdraw_draw`], when the page can't show it.
pub async fn post_withdraw(call: Call, Path(draw): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let (id, seen) = (id(&draw)?, fields.hidden("version")?);
    let taken = if fields.ticked("sure") {
        work::withdraw_draw(&call, id, seen).await
    } else {
        Err(AppError::field("sure", "Tick the box to withdraw the draw."))
    };
    answer(call, id, fields, taken).await
}

fn show(call: &Call, shown: Shown, attempt: Attempt, zone: Zone) -> Response {
    let title = format!("Draw {} of {}", shown.found.numbered.number, shown.found.award.number);
    let actor = call.actor.clone();
    page(call, Head::new(title.clone()).after(&attempt), move || {
        let Shown { found, left, stopped, history, entries } = shown;
        let Found { numbered, award } = found;
        let on = award.subject();
        let may = |action| actor.may(action, on);
        let own = actor.person == Some(numbered.draw.requested_by);
        let actions = match numbered.draw.state {
            DrawState::Requested if may(Action::DecideDraw) && own => {
                view! { <p class="al-empty">"You requested this draw, so another person must decide it."</p> }.into_any()
            }
            DrawState::Requested if may(Action::DecideDraw) => decide(&numbered.draw, stopped, attempt.clone()).into_any(),
            DrawState::Approved { .. } if may(Action::RecordPayment) => pay(&numbered.draw, attempt.clone()).into_any(),
            DrawState::Returned { .. } if may(Action::RequestDraw) => resend(&numbered.draw, left, attempt.clone()).into_any(),
            DrawState::Requested if may(Action::RequestDraw) => withdraw(&numbered.draw, attempt.clone()).into_any(),
            _ => ().into_any(),
        };
        let question = match &numbered.draw.state {
            DrawState::Returned { question, at, .. } => Some(view! {
                <div class="usa-alert usa-alert--warning">
                    <div class="usa-alert__body">
                        <p class="usa-alert__text">
                            <strong>{numbered.decided_by.clone().unwrap_or_default()}" asked on "{say_date(at.date_in(zone))}": "</strong>
                            {question.clone()}
                        </p>
                    </div>
                </div>
            }),
            _ => None,
        };
        let paid = match &numbered.draw.state {
            DrawState::Paid { on, reference, .. } => Some(view! {
                <div><dt>"Paid on"</dt><dd>{say_date(*on)}</dd></div>
                <div><dt>"Payment reference"</dt><dd>{reference.clone()}</dd></div>
                <div><dt>"Recorded by"</dt><dd>{numbered.paid_by.clone().unwrap_or_default()}</dd></div>
            }),
            _ => None,
        };
        view! {
            <p><a href=format!("/fund/awards/{}", award.id)>{format!("Award {}", award.number)}</a></p>
            <h1>{title}</h1>
            <ErrorSummary attempt=attempt/>
            {question}
            <dl class="al-facts">
                <div><dt>"State"</dt><dd>{draw_tag(&numbered.draw.state)}</dd></div>
                <div><dt>"Amount"</dt><dd><strong>{numbered.draw.amount.to_string()}</strong></dd></div>
                <div><dt>"Purpose"</dt><dd>{numbered.draw.purpose.clone()}</dd></div>
                <div><dt>"Recipient"</dt><dd>{award.recipient_name.clone()}</dd></div>
                <div><dt>"Requested by"</dt><dd>{numbered.requested_by.clone()}", "{numbered.draw.requested_at.say_in(zone)}</dd></div>
                {paid}
                <div><dt>"Left to draw on the award"</dt><dd>{left.to_string()}</dd></div>
            </dl>
            {actions}
            <h2>"What happened"</h2>
            {history_list(history, zone)}
            <h2>"In the ledger"</h2>
            {entries_table("Ledger entries of this draw", entries, zone)}
        }
    })
}

fn version(draw: &domain::draw::Draw) -> impl IntoView + use<> {
    view! { <input type="hidden" name="version" value=draw.version.to_string()/> }
}

fn decide(draw: &domain::draw::Draw, stopped: Option<String>, attempt: Attempt) -> impl IntoView + use<> {
    let address = format!("/fund/draws/{}", draw.id);
    let approve = match stopped {
        Some(stopped) => view! {
            <div class="usa-alert usa-alert--warning">
                <div class="usa-alert__body">
                    <p class="usa-alert__text">{stopped}" You can still return this one with a question."</p>
                </div>
            </div>
        }
        .into_any(),
        None => view! {
            <form method="post" action=format!("{address}/approve")>
                {version(draw)}
                <p class="al-actions"><button class="usa-button" type="submit">{format!("Approve {}", draw.amount)}</button></p>
            </form>
        }
        .into_any(),
    };
    view! {
        <section aria-labelledby="decide">
            <h2 id="decide">"Decide"</h2>
            {approve}
            <form method="post" action=format!("{address}/return") novalidate="">
                {version(draw)}
                <TextArea name="question" label="Or ask a question" hint="The draw goes back to the recipient, who answers and sends it again." attempt=attempt rows=3/>
                <p class="al-actions"><button class="usa-button usa-button--outline" type="submit">"Return with this question"</button></p>
            </form>
        </section>
    }
}

fn pay(draw: &domain::draw::Draw, attempt: Attempt) -> impl IntoView + use<> {
    view! {
        <section class="al-narrow" aria-labelledby="pay">
            <h2 id="pay">"Record the payment"</h2>
            <form method="post" action=format!("/fund/draws/{}/pay", draw.id) novalidate="">
                {version(draw)}
                <TextField name="paid_on" label="Paid on" kind="date" attempt=attempt.clone() short=true/>
                <TextField name="reference" label="Warrant or transfer number" attempt=attempt/>
                <p class="al-actions"><button class="usa-button" type="submit">{format!("Record that {} was paid", draw.amount)}</button></p>
            </form>
        </section>
    }
}

fn resend(draw: &domain::draw::Draw, left: Money, attempt: Attempt) -> impl IntoView + use<> {
    view! {
        <section class="al-narrow" aria-labelledby="answer-title">
            <h2 id="answer-title">"Answer and send again"</h2>
            <form method="post" action=format!("/fund/draws/{}/resend", draw.id) novalidate="">
                {version(draw)}
                <TextArea name="answer" label="Your answer" attempt=attempt.clone() rows=3/>
                <TextField name="amount" label="Amount in dollars" hint=format!("At most {left}") attempt=attempt.clone() mode="decimal" short=true/>
                <TextArea name="purpose" label="What is it for?" attempt=attempt.clone() rows=3/>
                <p class="al-actions"><button class="usa-button" type="submit">"Send it again"</button></p>
            </form>
            <h3>"Or take it back"</h3>
            {withdraw(draw, attempt)}
        </section>
    }
}

fn withdraw(draw: &domain::draw::Draw, attempt: Attempt) -> impl IntoView + use<> {
    view! {
        <form method="post" action=format!("/fund/draws/{}/withdraw", draw.id)>
            {version(draw)}
            <crate::ui::field::Tick name="sure" label="I want to take this draw back; the amount can be drawn again." attempt=attempt/>
            <p class="al-actions"><button class="usa-button usa-button--secondary" type="submit">"Withdraw the draw"</button></p>
        </form>
    }
}

/// A record's acts, oldest first.
pub(crate) fn history_list(history: Vec<Event>, zone: Zone) -> impl IntoView {
    let items = history
        .into_iter()
        .map(|event| {
            let who = event.person_name.unwrap_or_else(|| "The system".to_owned());
            let from = event.organization_name.map(|name| format!(" ({name})"));
            let why = event.why.map(|why| view! { <p class="al-source">{why}</p> });
            view! {
                <li>
                    <p><strong>{who}</strong>{from}" "{event.verb}", "{Timestamp::new(event.at).say_in(zone)}</p>
                    {why}
                </li>
            }
        })
        .collect_view();
    view! { <ol class="al-history">{items}</ol> }
}
