//! What the pages of money share: tags, the ledger's rows as a table, names of accounts.

use crate::ui::table::Table;
use domain::draw::DrawState;
use domain::ledger::{AccountKind, EntryKind};
use domain::report::ReportState;
use domain::time::say_date;
use domain::{Date, Money, Timestamp, Zone};
use leptos::prelude::*;
use store::ledger::EntryRow;
use store::reports::Report;

/// The tag of a draw's state.
pub fn draw_tag(state: &DrawState) -> impl IntoView + use<> {
    let class = match state {
        DrawState::Requested | DrawState::Returned { .. } => "al-tag al-tag--warn",
        DrawState::Approved { .. } => "al-tag al-tag--info",
        DrawState::Paid { .. } => "al-tag al-tag--good",
        DrawState::Withdrawn => "al-tag al-tag--plain",
    };
    view! { <span class=class>{state.name()}</span> }
}

/// The tag of a report's state, and of its being overdue.
pub fn report_tag(report: &Report, today: Date) -> impl IntoView + use<> {
    let class = match report.state {
        ReportState::Due | ReportState::Draft => "al-tag al-tag--plain",
        ReportState::Submitted => "al-tag al-tag--info",
        ReportState::Returned => "al-tag al-tag--warn",
        ReportState::Accepted => "al-tag al-tag--good",
    };
    let late = report.is_overdue(today).then(|| view! { " " <span class="al-tag al-tag--bad">"Overdue"</span> });
    view! { <span class=class>{report.state.name()}</span> {late} }
}

/// `Due October 30, 2023, 5 days ago`, in words that a screen reader says as they stand.
#[must_use]
pub fn due_words(report: &Report, today: Date) -> String {
    let day = say_date(report.quarter.due);
    let days = (today - report.quarter.due).num_days();
    match (report.state.is_open(), days) {
        (false, _) => day,
        (true, 0) => format!("{day}: today"),
        (true, 1) => format!("{day}: 1 day overdue"),
        (true, late) if late > 1 => format!("{day}: {late} days overdue"),
        (true, -1) => format!("{day}: tomorrow"),
        (true, early) => format!("{day}: in {} days", -early),
    }
}

/// An account in words, with its award's number.
fn account(kind: &str, award: Option<&str>) -> String {
    let name = AccountKind::from_stored(kind).map_or_else(|| kind.to_owned(), |kind| kind.name().to_owned());
    award.map_or_else(|| name.clone(), |award| format!("{award}: {name}"))
}

/// Ledger entries as a table.
pub fn entries_table(caption: &'static str, rows: Vec<EntryRow>, zone: Zone) -> impl IntoView {
    let body = rows
        .into_iter()
        .map(|row| {
            let kind = EntryKind::from_stored(&row.kind).map_or(row.kind.clone(), |kind| kind.name().to_owned());
            let from = account(&row.from_kind, row.from_award.as_deref());
            let to = account(&row.to_kind, row.to_award.as_deref());
            let who = row.person_name.unwrap_or_else(|| "The system".to_owned());
            view! {
                <tr id=format!("entry-{}", row.id)>
                    <td data-label="When">{Timestamp::new(row.at).say_in(zone)}</td>
                    <th scope="row" data-label="What">{kind}<br/><span class="al-source">{row.memo}</span></th>
                    <td data-label="From">{from}</td>
                    <td data-label="To">{to}</td>
                    <td data-label="By">{who}</td>
                    <td class="num" data-label="Amount">{Money::cents(row.amount_cents).in_column()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption>
            <thead>
                <tr>
                    <th scope="col">"When"</th>
                    <th scope="col">"What"</th>
                    <th scope="col">"From"</th>
                    <th scope="col">"To"</th>
                    <th scope="col">"By"</th>
                    <th scope="col" class="num">"Amount"</th>
                </tr>
            </thead>
            <tbody>{body}</tbody>
        </Table>
    }
}
