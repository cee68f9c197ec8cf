//! What recipients and the fiscal agent do with draws. Every check stands here, in the domain and in the database; a page only shows the
//! answer. The demo's loader goes through the same functions. An act posted twice on the same version is taken once.

use crate::call::{Call, mint};
use crate::error::AppError;
use domain::access::{Action, Role, Subject};
use domain::draw::{Ask, Draw, DrawError, DrawState, Step};
use domain::ledger::AccountKind;
use domain::{AwardId, Date, DrawId, Money, OrganizationId, PersonId};
use futures::future::BoxFuture;
use store::draws::{self, AwardOf, Numbered};
use store::ledger::{self, Stamp};
use store::{Tx, events, memberships, messages, reports};

/// A draw as asked for on the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Minted with the form: sending it again gives the first draw.
    pub id: DrawId,
    /// How much.
    pub amount: Money,
    /// For what.
    pub purpose: String,
}

/// A draw with its award, as found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The draw.
    pub numbered: Numbered,
    /// Its award.
    pub award: AwardOf,
}

/// Longer texts are refused, so that a page stays readable.
const LONGEST: usize = 2_000;

fn text(field: &str, typed: &str, missing: &str) -> Result<String, AppError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(AppError::field(field, missing));
    }
    if typed.chars().count() > LONGEST {
        return Err(AppError::field(field, format!("Keep it within {LONGEST} characters.")));
    }
    Ok(typed.to_owned())
}

fn refused(error: DrawError) -> AppError {
    match error {
        DrawError::State(_) => AppError::Conflict(error.to_string()),
        DrawError::Amount(_) | DrawError::OverLimit { .. } => AppError::field("amount", error.to_string()),
        DrawError::OwnRequest => AppError::Forbidden(error.to_string()),
        DrawError::PaidOn(_) | DrawError::TooEarly { .. } => AppError::field("paid_on", error.to_string()),
        DrawError::ReportOverdue(_) | DrawError::Lapsed { .. } => AppError::Invalid(vec![crate::error::Problem::whole(error.to_string())]),
    }
}

/// Loads an award that the asker may see.
///
/// # Errors
/// [`AppError::NotFound`] when there is none, or none for them.
pub async fn award(tx: &mut Tx<'_>, call: &Call, id: AwardId) -> Result<AwardOf, AppError> {
    let award = draws::award(tx, id).await?.ok_or(AppError::NotFound)?;
    call.must(Action::ReadAwards, award.subject())?;
    Ok(award)
}

/// Loads a draw that the asker may see.
///
/// # Errors
/// [`AppError::NotFound`] when there is none, or none for them.
pub async fn find(tx: &mut Tx<'_>, call: &Call, id: DrawId) -> Result<Found, AppError> {
    let numbered = draws::find(tx, id).await?.ok_or(AppError::NotFound)?;
    let award = award(tx, call, numbered.draw.award).await?;
    Ok(Found { numbered, award })
}

/// A sentence about the award's oldest overdue report, if one is.
///
/// # Errors
/// The store's failure.
pub async fn overdue(tx: &mut Tx<'_>, call: &Call, award: &AwardOf) -> Result<Option<String>, AppError> {
    let today = call.now.date_in(award.zone()?);
    let late = reports::list(tx, AwardId(award.id)).await?.into_iter().find(|report| report.is_overdue(today));
    Ok(late.map(|report| {
        let quarter = report.quarter.name();
        format!("The report for {quarter} was due on {} and is overdue.", domain::time::say_date(report.quarter.due))
    }))
}

/// Whether the award's money can still be asked for and approved.
///
/// # Errors
/// [`AppError::Invalid`] with the day of the lapse; the store's failure.
pub fn must_stand(call: &Call, award: &AwardOf) -> Result<(), AppError> {
    award.term().may_encumber(call.now.date_in(award.zone()?)).map_err(refused)
}

/// The sentence about the lapse of an award's money, once it has lapsed.
///
/// # Errors
/// The store's failure.
pub fn lapsed(call: &Call, award: &AwardOf) -> Result<Option<String>, AppError> {
    Ok(award.term().may_encumber(call.now.date_in(award.zone()?)).err().map(|lapsed| lapsed.to_string()))
}

/// Enters a step in the ledger; an amount that is no longer there is told with the figure.
async fn enter(tx: &mut Tx<'_>, call: &Call, award: &AwardOf, number: i64, step: &Step, left: Money) -> Result<(), AppError> {
    let Some(entry) = &step.entry else { return Ok(()) };
    let now = call.now;
    let make = move || mint(now);
    let memo = format!("Draw {number} of {}: {}", award.number, step.draw.purpose);
    let stamp = Stamp { mint: &make, by: call.actor.person, at: now };
    match ledger::post(tx, entry, &memo, &stamp).await {
        Ok(_) => Ok(()),
        Err(cause) if cause.is_check_violation() => Err(refused(DrawError::OverLimit { asked: step.draw.amount, left })),
        Err(cause) => Err(cause.into()),
    }
}

/// An act to write down.
struct Act {
    verb: &'static str,
    from: Option<&'static str>,
    why: Option<String>,
    /// Who is told, and in which words.
    told: Option<(OrganizationId, &'static [Role], String)>,
}

async fn tell(tx: &mut Tx<'_>, call: &Call, award: &AwardOf, number: i64, draw: &Draw, act: Act) -> Result<(), AppError> {
    let on: Subject = award.subject();
    let mut event = call.event(on, "draw", draw.id.0, act.verb);
    event.from = act.from.map(str::to_owned);
    event.to = Some(draw.state.as_str().to_owned());
    event.why = act.why;
    event.facts = serde_json::json!({
        "award": award.number, "number": number, "amount_cents": draw.amount.in_cents(), "recipient": award.recipient_name,
    });
    events::add(tx, &event).await?;
    let Some((organization, roles, words)) = act.told else { return Ok(()) };
    let mut to: Vec<String> = Vec::new();
    for role in roles {
        to.extend(memberships::emails_of(tx, organization, *role).await?);
    }
    to.sort();
    to.dedup();
    let subject = format!("Draw {number} of {}: {}", award.number, draw.state.name().to_lowercase());
    let body = format!(
        "{words}\n\nAward: {} ({})\nDraw: {number}\nAmount: {}\nPurpose: {}\n\n{}/fund/draws/{}\n",
        award.number, award.recipient_name, draw.amount, draw.purpose, call.desk.house.base_url, draw.id
    );
    let to: Vec<_> = to.into_iter().map(|address| call.message(&address, subject.clone(), body.clone(), "draw", draw.id.0)).collect();
    Ok(messages::add_all(tx, &to).await?)
}

const RECIPIENTS: &[Role] = &[Role::RegionalPreparer, Role::RegionalCertifier];

fn to_agent(award: &AwardOf, words: String) -> Option<(OrganizationId, &'static [Role], String)> {
    Some((OrganizationId(award.agency), &[Role::FiscalAgent], words))
}

fn to_recipient(award: &AwardOf, words: String) -> Option<(OrganizationId, &'static [Role], String)> {
    Some((OrganizationId(award.recipient), RECIPIENTS, words))
}

async fn write<T, F>(call: &Call, work: F) -> Result<T, AppError>
where
    T: Send + 'static,
    F: for<'a> Fn(&'a mut Tx<'_>, Call) -> BoxFuture<'a, Result<T, AppError>> + Send + 'static,
{
    let inner = call.clone();
    call.write(move |tx| work(tx, inner.clone())).await
}

/// Asks for money under an award; the amount is held until it is decided. Asking again with the same id gives the first draw.
///
/// # Errors
/// [`AppError::Invalid`] for nothing, less than nothing, more than is left (with the figure), no purpose, or money that has lapsed.
pub async fn request_draw(call: &Call, id: AwardId, wanted: &Wanted) -> Result<DrawId, AppError> {
    let wanted = wanted.clone();
    write(call, move |tx, call| {
        let wanted = wanted.clone();
        Box::pin(async move { request_in(tx, &call, id, wanted).await })
    })
    .await
}

async fn request_in(tx: &mut Tx<'_>, call: &Call, id: AwardId, wanted: Wanted) -> Result<DrawId, AppError> {
    let award = award(tx, call, id).await?;
    call.must(Action::RequestDraw, award.subject())?;
    let by = call.person()?;
    if let Some(first) = draws::find(tx, wanted.id).await? {
        // Somebody else's draw under this id would be somebody else's page: say nothing of it.
        return if first.draw.award == id { Ok(first.draw.id) } else { Err(AppError::NotFound) };
    }
    must_stand(call, &award)?;
    let purpose = text("purpose", &wanted.purpose, "Say what the money is for.")?;
    let left = ledger::balances(tx, id).await?.left();
    let ask = Ask { amount: wanted.amount, purpose, by, at: call.now };
    let step = Draw::request(wanted.id, id, ask, left).map_err(refused)?;
    let number = draws::add(tx, &step.draw).await?;
    enter(tx, call, &award, number, &step, left).await?;
    let told = to_agent(&award, format!("{} requests a draw. It waits for your decision.", award.recipient_name));
    tell(tx, call, &award, number, &step.draw, Act { verb: "requested", from: None, why: None, told }).await?;
    Ok(wanted.id)
}

/// Whether this act was taken already, by this person, on this version: a second click, or a page sent again.
fn is_repeat(found: &Draw, seen: i64, person: PersonId, state: &'static str) -> bool {
    let by = match &found.state {
        DrawState::Returned { by, .. } | DrawState::Approved { by, .. } | DrawState::Paid { by, .. } => *by,
        DrawState::Requested => found.requested_by,
        DrawState::Withdrawn => person,
    };
    found.version == seen + 1 && found.state.as_str() == state && by == person
}

const STALE: &str = "This draw was changed by somebody else meanwhile. Look at it again, then decide.";

/// Takes one step on a found draw: access, repeat, version, then the domain's decision.
async fn step(
    tx: &mut Tx<'_>,
    call: &Call,
    (id, seen): (DrawId, i64),
    action: Action,
    (verb, to): (&'static str, &'static str),
    decide: impl FnOnce(Draw, &AwardOf, PersonId, Money, Option<String>) -> Result<(Step, Act), AppError> + Send,
) -> Result<(), AppError> {
    let Found { numbered, award } = find(tx, call, id).await?;
    call.must(action, award.subject())?;
    let person = call.person()?;
    if is_repeat(&numbered.draw, seen, person, to) {
        return Ok(());
    }
    if numbered.draw.version != seen {
        return Err(AppError::Conflict(STALE.to_owned()));
    }
    let from = numbered.draw.state.as_str();
    let left = ledger::balances(tx, numbered.draw.award).await?.of(AccountKind::Undrawn);
    let late = if action == Action::DecideDraw { overdue(tx, call, &award).await? } else { None };
    let (step, mut act) = decide(numbered.draw, &award, person, left, late)?;
    act.verb = verb;
    act.from = Some(from);
    draws::record_step(tx, &step.draw).await?;
    enter(tx, call, &award, numbered.number, &step, left).await?;
    tell(tx, call, &award, numbered.number, &step.draw, act).await
}

fn act(why: Option<String>, told: Option<(OrganizationId, &'static [Role], String)>) -> Act {
    Act { verb: "", from: None, why, told }
}

/// Approves a draw, by somebody other than who asked for it. Nothing is approved while a report of the award is overdue.
///
/// # Errors
/// [`AppError::Forbidden`] for one's own request; [`AppError::Invalid`] with the reason while a report is overdue or once the money has lapsed;
/// [`AppError::Conflict`].
pub async fn approve_draw(call: &Call, id: DrawId, seen: i64) -> Result<(), AppError> {
    write(call, move |tx, call| {
        Box::pin(async move {
            let now = call.now;
            let caller = call.clone();
            step(tx, &call, (id, seen), Action::DecideDraw, ("approved", "approved"), move |draw, award, by, _, late| {
                must_stand(&caller, award)?;
                let step = draw.approve(by, now, late).map_err(refused)?;
                let told = to_recipient(award, "Your draw was approved. The payment follows.".to_owned());
                Ok((step, act(None, told)))
            })
            .await
        })
    })
    .await
}

/// Returns a draw with a question; what it held can be drawn again.
///
/// # Errors
/// [`AppError::Invalid`] without a question; [`AppError::Forbidden`] for one's own request; [`AppError::Conflict`].
pub async fn return_draw(call: &Call, id: DrawId, seen: i64, question: &str) -> Result<(), AppError> {
    let typed = question.to_owned();
    write(call, move |tx, call| {
        let typed = typed.clone();
        Box::pin(async move {
            let now = call.now;
            step(tx, &call, (id, seen), Action::DecideDraw, ("returned with a question", "returned"), move |draw, award, by, _, _| {
                let question = text("question", &typed, "Write the question that the recipient is to answer.")?;
                let step = draw.return_with(question.clone(), by, now).map_err(refused)?;
                let told = to_recipient(award, format!("Your draw came back with a question:\n\n{question}"));
                Ok((step, act(Some(question), told)))
            })
            .await
        })
    })
    .await
}

/// Sends a returned draw again, answered or changed.
///
/// # Errors
/// [`AppError::Invalid`] for an amount that is not there, without purpose or answer, or once the money has lapsed; [`AppError::Conflict`].
pub async fn resend_draw(call: &Call, id: DrawId, seen: i64, amount: Money, purpose: &str, answer: &str) -> Result<(), AppError> {
    let (purpose, answer) = (purpose.to_owned(), answer.to_owned());
    write(call, move |tx, call| {
        let (purpose, answer) = (purpose.clone(), answer.clone());
        Box::pin(async move {
            let at = call.now;
            let caller = call.clone();
            step(tx, &call, (id, seen), Action::RequestDraw, ("sent again", "requested"), move |draw, award, by, left, _| {
                must_stand(&caller, award)?;
                let purpose = text("purpose", &purpose, "Say what the money is for.")?;
                let answer = text("answer", &answer, "Answer the question.")?;
                let step = draw.resend(Ask { amount, purpose, by, at }, left).map_err(refused)?;
                let told = to_agent(award, format!("{} answered your question:\n\n{answer}", award.recipient_name));
                Ok((step, act(Some(answer), told)))
            })
            .await
        })
    })
    .await
}

/// Takes a draw back before it is decided.
///
/// # Errors
/// [`AppError::Conflict`] once it is decided.
pub async fn withdraw_draw(call: &Call, id: DrawId, seen: i64) -> Result<(), AppError> {
    write(call, move |tx, call| {
        Box::pin(async move {
            step(tx, &call, (id, seen), Action::RequestDraw, ("withdrew", "withdrawn"), move |draw, award, _, _, _| {
                let step = draw.withdraw().map_err(refused)?;
                Ok((step, act(None, to_agent(award, format!("{} withdrew this draw.", award.recipient_name)))))
            })
            .await
        })
    })
    .await
}

/// Records that an approved draw was paid: once, with its day and its warrant's or transfer's number.
///
/// # Errors
/// [`AppError::Invalid`] without a reference, for a day to come or before the money's first; [`AppError::Conflict`] unless it is approved.
pub async fn record_payment(call: &Call, id: DrawId, seen: i64, paid_on: Date, reference: &str) -> Result<(), AppError> {
    let reference = reference.to_owned();
    write(call, move |tx, call| {
        let reference = reference.clone();
        Box::pin(async move {
            let now = call.now;
            step(tx, &call, (id, seen), Action::RecordPayment, ("paid", "paid"), move |draw, award, by, _, _| {
                let reference = text("reference", &reference, "Enter the warrant’s or transfer’s number.")?;
                let zone = award.zone()?;
                award.term().may_pay(paid_on).map_err(refused)?;
                let step = draw.pay(reference.clone(), paid_on, by, now.date_in(zone), zone).map_err(refused)?;
                let day = domain::time::say_date(paid_on);
                let told = to_recipient(award, format!("Your draw was paid on {day}, reference {reference}."));
                Ok((step, act(Some(format!("Paid on {day}, reference {reference}")), told)))
            })
            .await
        })
    })
    .await
}
