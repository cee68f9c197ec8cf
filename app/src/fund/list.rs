//! `/fund`: what waits for the reader, and every award that they may see with its balances.

use super::parts::draw_tag;
use crate::call::Call;
use crate::error::AppError;
use crate::ui::layout::{Head, page};
use crate::ui::table::Table;
use axum::response::Response;
use domain::Money;
use domain::access::Action;
use domain::draw::DrawState;
use domain::time::say_date;
use leptos::prelude::*;
use store::draws::{self, AwardSums, Numbered};

/// The page.
///
/// # Errors
/// The store's failure.
pub async fn get(call: Call) -> Result<Response, AppError> {
    let person = call.person()?;
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let awards = draws::awards_for(&mut tx, person).await?;
    let open = draws::list_open(&mut tx, person).await?;
    drop(reader);
    let mut tasks = Vec::new();
    for numbered in open {
        let Some(of) = awards.iter().find(|of| of.award.id == numbered.draw.award.0) else { continue };
        let mine = match numbered.draw.state {
            DrawState::Requested => call.actor.may(Action::DecideDraw, of.award.subject()),
            DrawState::Approved { .. } => call.actor.may(Action::RecordPayment, of.award.subject()),
            DrawState::Returned { .. } => call.actor.may(Action::RequestDraw, of.award.subject()),
            DrawState::Paid { .. } | DrawState::Withdrawn => false,
        };
        tasks.push((mine, of.award.clone(), numbered));
    }
    Ok(show(&call, awards, tasks))
}

type Task = (bool, draws::AwardOf, Numbered);

fn task((_, award, numbered): Task) -> impl IntoView {
    let draw = numbered.draw;
    let zone = award.zone().unwrap_or(domain::Zone::CENTRAL);
    view! {
        <li>
            <p>
                <a href=format!("/fund/draws/{}", draw.id)>{format!("Draw {} of {}", numbered.number, award.number)}</a>
                ", "{award.recipient_name}": "<strong>{draw.amount.to_string()}</strong>" "{draw_tag(&draw.state)}
            </p>
            <p class="al-source">{draw.purpose}<br/>"Requested by "{numbered.requested_by}" on "{say_date(draw.requested_at.date_in(zone))}"."</p>
        </li>
    }
}

fn show(call: &Call, awards: Vec<AwardSums>, tasks: Vec<Task>) -> Response {
    page(call, Head::new("Money"), move || {
        let (mine, others): (Vec<_>, Vec<_>) = tasks.into_iter().partition(|(mine, _, _)| *mine);
        let waiting = if mine.is_empty() {
            view! { <p class="al-empty">"Nothing waits for you."</p> }.into_any()
        } else {
            view! { <ul class="al-task-list al-task-list--plain">{mine.into_iter().map(task).collect_view()}</ul> }.into_any()
        };
        let elsewhere = (!others.is_empty()).then(|| {
            view! {
                <h2>"With somebody else"</h2>
                <ul class="al-task-list al-task-list--plain">{others.into_iter().map(task).collect_view()}</ul>
            }
        });
        view! {
            <h1>"Money"</h1>
            <p class="al-lede">"Draws are requested by the recipient, approved by a second person and paid once. What is not there can’t be drawn."</p>
            <h2>"Waiting for you"</h2>
            {waiting}
            {elsewhere}
            <h2>"Awards"</h2>
            {table(awards)}
        }
    })
}

fn table(awards: Vec<AwardSums>) -> impl IntoView {
    if awards.is_empty() {
        return view! { <p class="al-empty">"No award has been made yet."</p> }.into_any();
    }
    let rows = awards
        .into_iter()
        .map(|row| {
            let award = row.award;
            let cents = |cents: i64| Money::cents(cents).in_column();
            view! {
                <tr>
                    <th scope="row" data-label="Award"><a href=format!("/fund/awards/{}", award.id)>{award.number}</a></th>
                    <td data-label="Recipient">{award.recipient_name}<br/><span class="al-source">{award.round_name}</span></td>
                    <td class="num" data-label="Awarded">{cents(award.amount_cents)}</td>
                    <td class="num" data-label="Drawn">{cents(row.drawn_cents)}</td>
                    <td class="num" data-label="Reported">{cents(row.reported_cents)}</td>
                    <td class="num" data-label="In progress">{cents(row.in_progress_cents)}</td>
                    <td class="num" data-label="Left to draw">{cents(row.left_cents)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Awards and their balances" unseen=true>
            <thead>
                <tr>
                    <th scope="col">"Award"</th>
                    <th scope="col">"Recipient"</th>
                    <th scope="col" class="num">"Awarded"</th>
                    <th scope="col" class="num">"Drawn"</th>
                    <th scope="col" class="num">"Reported"</th>
                    <th scope="col" class="num">"In progress"</th>
                    <th scope="col" class="num">"Left to draw"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
    .into_any()
}
