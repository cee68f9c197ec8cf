//! `/report`: the quarters that are owed, the overdue first, then the rest by the day they are due.

use crate::call::Call;
use crate::error::AppError;
use crate::fund::parts::{due_words, report_tag};
use crate::ui::layout::{Head, page};
use crate::ui::table::Table;
use axum::response::Response;
use domain::access::Action;
use domain::report::ReportState;
use domain::{Date, Zone};
use leptos::prelude::*;
use store::draws::{self, AwardOf};
use store::reports::{self, Report};

/// One row: the award, the report, and today in its zone.
type Row = (AwardOf, Report, Date);

/// The page.
///
/// # Errors
/// The store's failure.
pub async fn get(call: Call) -> Result<Response, AppError> {
    let person = call.person()?;
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let awards = draws::awards_for(&mut tx, person).await?;
    let reports = reports::list_for(&mut tx, person).await?;
    drop(reader);
    let mut rows: Vec<Row> = Vec::with_capacity(reports.len());
    for report in reports {
        let Some(of) = awards.iter().find(|of| of.award.id == report.award.0) else { continue };
        let zone: Zone = of.award.zone()?;
        rows.push((of.award.clone(), report, call.now.date_in(zone)));
    }
    let mine = |row: &Row| match row.1.state {
        ReportState::Submitted => call.actor.may(Action::DecideReport, row.0.subject()),
        state => state.is_open() && row.2 > row.1.quarter.ends && call.actor.may(Action::EditReport, row.0.subject()),
    };
    let (waiting, rest): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| mine(row));
    let (overdue, rest): (Vec<Row>, Vec<Row>) = rest.into_iter().partition(|row| row.1.is_overdue(row.2));
    let (with_agency, rest): (Vec<Row>, Vec<Row>) = rest.into_iter().partition(|row| row.1.state == ReportState::Submitted);
    let (done, coming): (Vec<Row>, Vec<Row>) = rest.into_iter().partition(|row| row.1.state == ReportState::Accepted);
    Ok(page(&call, Head::new("Reports"), move || {
        let nothing = waiting.is_empty().then(|| view! { <p class="al-empty">"Nothing waits for you."</p> });
        view! {
            <h1>"Reports"</h1>
            <p class="al-lede">"Each quarter the recipient reports what was spent and what came of it, signed by its certifier."</p>
            <h2>"Waiting for you"</h2>
            {nothing}
            {table("Reports waiting for you", waiting)}
            {section("Overdue", overdue)}
            {section("Submitted", with_agency)}
            {section("Coming", coming)}
            {section("Accepted", done)}
        }
    }))
}

fn section(title: &'static str, rows: Vec<Row>) -> impl IntoView {
    (!rows.is_empty()).then(|| view! { <h2>{title}</h2> {table(title, rows)} })
}

fn table(caption: &'static str, rows: Vec<Row>) -> impl IntoView {
    if rows.is_empty() {
        return None;
    }
    let body = rows
        .into_iter()
        .map(|(award, report, today)| {
            view! {
                <tr>
                    <th scope="row" data-label="Quarter"><a href=format!("/report/{}", report.id)>{report.quarter.name()}</a></th>
                    <td data-label="Award"><a href=format!("/fund/awards/{}", award.id)>{award.number}</a></td>
                    <td data-label="Recipient">{award.recipient_name}</td>
                    <td data-label="Due">{due_words(&report, today)}</td>
                    <td data-label="State">{report_tag(&report, today)}</td>
                    <td class="num" data-label="Spending">{report.total.in_column()}</td>
                </tr>
            }
        })
        .collect_view();
    Some(view! {
        <Table caption unseen=true>
            <thead>
                <tr>
                    <th scope="col">"Quarter"</th>
                    <th scope="col">"Award"</th>
                    <th scope="col">"Recipient"</th>
                    <th scope="col">"Due"</th>
                    <th scope="col">"State"</th>
                    <th scope="col" class="num">"Spending"</th>
                </tr>
            </thead>
            <tbody>{body}</tbody>
        </Table>
    })
}
