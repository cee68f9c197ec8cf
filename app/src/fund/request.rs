//! `/fund/awards/{award}/draw`: asking for money. The id is minted with the form, so sending it twice asks once.

use super::work::{self, Wanted};
use crate::call::{Call, mint};
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::ui::field::{ErrorSummary, TextArea, TextField};
use crate::ui::layout::{Head, go, page};
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use domain::{AwardId, DrawId, Money};
use leptos::prelude::*;
use store::draws::AwardOf;
use store::ledger;

struct Shown {
    award: AwardOf,
    left: Money,
    warning: Option<String>,
}

async fn load(call: &Call, id: AwardId) -> Result<Shown, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let award = work::award(&mut tx, call, id).await?;
    call.must(Action::RequestDraw, award.subject())?;
    let left = ledger::balances(&mut tx, id).await?.left();
    let warning = match work::lapsed(call, &award)? {
        Some(lapsed) => Some(lapsed),
        None => {
            let overdue = work::overdue(&mut tx, call, &award).await?;
            overdue.map(|overdue| format!("{overdue} You can request a draw now; it can be approved once that report is submitted."))
        }
    };
    Ok(Shown { award, left, warning })
}

/// The form.
///
/// # Errors
/// [`AppError::NotFound`]; the store's failure.
pub async fn get(call: Call, Path(award): Path<String>) -> Result<Response, AppError> {
    let shown = load(&call, id(&award)?).await?;
    let draw: DrawId = mint(call.now);
    Ok(show(&call, shown, Attempt::fresh(vec![("id", draw.to_string())])))
}

/// Asks.
///
/// # Errors
/// As [`work::request_draw`], when the form can't mend it.
pub async fn post(call: Call, Path(award): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let award: AwardId = id(&award)?;
    match take(&call, award, &fields).await {
        Ok(draw) => Ok(go(format!("/fund/draws/{draw}"))),
        Err(error) => {
            let attempt = Attempt::of(fields, error)?;
            Ok(show(&call, load(&call, award).await?, attempt))
        }
    }
}

async fn take(call: &Call, award: AwardId, fields: &Fields) -> Result<DrawId, AppError> {
    let wanted = Wanted { id: fields.hidden("id")?, amount: fields.money("amount")?, purpose: fields.text("purpose").to_owned() };
    work::request_draw(call, award, &wanted).await
}

fn show(call: &Call, shown: Shown, attempt: Attempt) -> Response {
    page(call, Head::new("Request a draw").after(&attempt), move || {
        let Shown { award, left, warning } = shown;
        let warning = warning.map(|warning| {
            view! {
                <div class="usa-alert usa-alert--warning">
                    <div class="usa-alert__body">
                        <p class="usa-alert__text">{warning}</p>
                    </div>
                </div>
            }
        });
        let draw = attempt.fields.text("id").to_owned();
        view! {
            <div class="al-narrow">
                <p><a href=format!("/fund/awards/{}", award.id)>{format!("Award {}", award.number)}</a></p>
                <h1>"Request a draw"</h1>
                <ErrorSummary attempt=attempt.clone()/>
                {warning}
                <p class="al-lede">{award.recipient_name}" has "<strong>{left.to_string()}</strong>" left to draw on this award."</p>
                <p>"The amount is held for you until the fiscal agent decides."</p>
                <form method="post" action=format!("/fund/awards/{}/draw", award.id) novalidate="">
                    <input type="hidden" name="id" value=draw/>
                    <TextField
                        name="amount"
                        label="Amount in dollars"
                        hint=format!("At most {left}. For example 12,500.00")
                        attempt=attempt.clone()
                        mode="decimal"
                        short=true
                    />
                    <TextArea name="purpose" label="What is it for?" hint="Which costs, and of which months" attempt=attempt rows=3/>
                    <p class="al-actions">
                        <button class="usa-button" type="submit">"Request the draw"</button>
                        <a href=format!("/fund/awards/{}", award.id)>"Cancel"</a>
                    </p>
                </form>
            </div>
        }
    })
}
