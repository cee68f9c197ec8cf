//! `/fund/awards/{award}`: one award, to whom and for whom, where its money is, its draws, reports and ledger entries.

use super::parts::{draw_tag, due_words, entries_table, report_tag};
use super::work;
use crate::call::Call;
use crate::error::AppError;
use crate::form::id;
use crate::ui::capital;
use crate::ui::layout::{Head, page};
use crate::ui::money_line::{Station, money_line};
use crate::ui::table::Table;
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use domain::ledger::AccountKind;
use domain::time::say_date;
use domain::{AwardId, Date, Money, Zone};
use leptos::prelude::*;
use store::award_changes::{self, Change};
use store::draws::{self, AwardOf, Numbered};
use store::ledger::{self, Balances, EntryRow};
use store::reports::{self, Report};
use store::{awards, awards::Line, programs};

struct Shown {
    award: AwardOf,
    /// What is awarded: `Seats`.
    units: String,
    balances: Balances,
    lines: Vec<Line>,
    changes: Vec<Change>,
    draws: Vec<Numbered>,
    reports: Vec<Report>,
    entries: Vec<EntryRow>,
}

/// So many entries are shown here; the audit room shows all.
const ENTRIES: i64 = 100;

/// The page.
///
/// # Errors
/// [`AppError::NotFound`]; the store's failure.
pub async fn get(call: Call, Path(award): Path<String>) -> Result<Response, AppError> {
    let award: AwardId = id(&award)?;
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let of = work::award(&mut tx, &call, award).await?;
    let file = programs::file_by_hash(&mut tx, of.program_version.into(), &of.file_sha256).await?;
    let shown = Shown {
        award: of,
        units: capital(&file.award.units),
        balances: ledger::balances(&mut tx, award).await?,
        lines: awards::lines_of(&mut tx, award).await?,
        changes: award_changes::list_of(&mut tx, award).await?,
        draws: draws::list(&mut tx, award).await?,
        reports: reports::list(&mut tx, award).await?,
        entries: ledger::entries_of_award(&mut tx, award, ENTRIES, 0).await?,
    };
    drop(reader);
    let zone = shown.award.zone()?;
    let today = call.now.date_in(zone);
    let strip = stations(&shown.balances).map_err(AppError::internal)?;
    let may_draw = call.actor.may(Action::RequestDraw, shown.award.subject()) && shown.balances.left().is_positive();
    let lapsed = work::lapsed(&call, &shown.award)?;
    let title = format!("Award {}", shown.award.number);
    Ok(page(&call, Head::new(title), move || body(shown, strip, zone, today, may_draw, lapsed)))
}

/// What changed the award since it was made.
fn changed(changes: &[Change], zone: Zone) -> Option<AnyView> {
    let item = |change: &Change| {
        let words = match change.kind.as_str() {
            "declined" => "declined",
            "lapsed" => "lapsed",
            "added" => "added",
            _ => "increased",
        };
        let amount = Money::cents(change.amount_cents.abs());
        let text = format!("{} {} {words}: {amount}. {}", change.application_number, change.beneficiary_name, change.reason);
        let at = domain::Timestamp::new(change.changed_at).say_in(zone);
        view! { <li><p>{text}</p><p class="al-source">{format!("{}, {at}", change.changed_by_name)}</p></li> }
    };
    let items: Vec<_> = changes.iter().map(item).collect();
    (!items.is_empty()).then(|| view! { <h2 id="changes">"Changes since it was made"</h2> <ol class="al-history">{items}</ol> }.into_any())
}

fn stations(balances: &Balances) -> Result<Vec<Station>, domain::MoneyError> {
    let href = |to: &str| Some(format!("#{to}"));
    Ok(vec![
        Station { key: "awarded", name: "Awarded", help: "All that was granted.", amount: balances.awarded()?, href: href("entries") },
        Station { key: "drawn", name: "Drawn", help: "Paid to the recipient.", amount: balances.drawn()?, href: href("draws") },
        Station {
            key: "reported",
            name: "Reported",
            help: "Signed for as spent.",
            amount: balances.of(AccountKind::Spent),
            href: href("reports"),
        },
        Station { key: "left", name: "Left to draw", help: "Not yet asked for.", amount: balances.left(), href: href("entries") },
    ])
}

fn body(shown: Shown, strip: Vec<Station>, zone: Zone, today: Date, may_draw: bool, lapsed: Option<String>) -> impl IntoView {
    let Shown { award, units, balances, lines, changes, draws, reports, entries } = shown;
    let changed = changed(&changes, zone);
    let moving = balances.in_progress().unwrap_or_default();
    let unreported = balances.of(AccountKind::Advanced);
    let action = may_draw.then(|| match lapsed {
        Some(lapsed) => view! { <p class="al-empty">{lapsed}</p> }.into_any(),
        None => {
            view! { <p class="al-actions"><a class="usa-button" href=format!("/fund/awards/{}/draw", award.id)>"Request a draw"</a></p> }
                .into_any()
        }
    });
    view! {
        <p><a href="/fund">"Money"</a></p>
        <h1>{format!("Award {}", award.number)}</h1>
        <p class="al-lede">{award.recipient_name.clone()}": "{award.program_name.clone()}", "{award.round_name.clone()}</p>
        {money_line(strip)}
        <dl class="al-facts">
            <div><dt>"Requested or approved, not yet paid"</dt><dd>{moving.to_string()}</dd></div>
            <div><dt>"Paid, not yet reported as spent"</dt><dd>{unreported.to_string()}</dd></div>
            <div><dt>{units.clone()}</dt><dd>{award.units}</dd></div>
            <div><dt>"Paid from"</dt><dd>{award.bill.clone()}</dd></div>
            <div><dt>"Awarded on"</dt><dd>{say_date(domain::Timestamp::new(award.awarded_at).date_in(zone))}</dd></div>
        </dl>
        {action}
        <h2 id="draws">"Draws"</h2>
        {draws_table(draws, zone)}
        <h2 id="reports">"Reports"</h2>
        {reports_table(reports, today)}
        <h2 id="lines">"For whom"</h2>
        {lines_table(lines, award.units, award.amount_cents, units)}
        {changed}
        <h2 id="entries">"In the ledger"</h2>
        {entries_table("Ledger entries of this award, newest first", entries, zone)}
    }
}

fn lines_table(lines: Vec<Line>, units: i64, amount_cents: i64, noun: String) -> impl IntoView {
    let rows = lines
        .into_iter()
        .map(|line| {
            view! {
                <tr>
                    <th scope="row" data-label="District">{line.beneficiary_name}</th>
                    <td data-label="County">{line.county.unwrap_or_default()}</td>
                    <td data-label="Application">{line.application_number}</td>
                    <td class="num" data-label=noun.clone()>{line.units}</td>
                    <td class="num" data-label="Amount">{Money::cents(line.amount_cents).in_column()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Districts that this award serves">
            <thead>
                <tr>
                    <th scope="col">"District"</th>
                    <th scope="col">"County"</th>
                    <th scope="col">"Application"</th>
                    <th scope="col" class="num">{noun.clone()}</th>
                    <th scope="col" class="num">"Amount"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
            <tfoot>
                <tr>
                    <th scope="row" colspan="3">"Together"</th>
                    <td class="num" data-label=noun>{units}</td>
                    <td class="num" data-label="Amount">{Money::cents(amount_cents).in_column()}</td>
                </tr>
            </tfoot>
        </Table>
    }
}

fn draws_table(draws: Vec<Numbered>, zone: Zone) -> impl IntoView {
    if draws.is_empty() {
        return view! { <p class="al-empty">"No draw has been requested yet."</p> }.into_any();
    }
    let rows = draws
        .into_iter()
        .map(|numbered| {
            let draw = numbered.draw;
            view! {
                <tr>
                    <th scope="row" data-label="Draw"><a href=format!("/fund/draws/{}", draw.id)>{format!("Draw {}", numbered.number)}</a></th>
                    <td data-label="Requested">{say_date(draw.requested_at.date_in(zone))}</td>
                    <td data-label="Purpose">{draw.purpose}</td>
                    <td data-label="State">{draw_tag(&draw.state)}</td>
                    <td class="num" data-label="Amount">{draw.amount.in_column()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Draws of this award">
            <thead>
                <tr>
                    <th scope="col">"Draw"</th>
                    <th scope="col">"Requested"</th>
                    <th scope="col">"Purpose"</th>
                    <th scope="col">"State"</th>
                    <th scope="col" class="num">"Amount"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
    .into_any()
}

fn reports_table(reports: Vec<Report>, today: Date) -> impl IntoView {
    let rows = reports
        .into_iter()
        .map(|report| {
            view! {
                <tr>
                    <th scope="row" data-label="Quarter"><a href=format!("/report/{}", report.id)>{report.quarter.name()}</a></th>
                    <td data-label="Due">{due_words(&report, today)}</td>
                    <td data-label="State">{report_tag(&report, today)}</td>
                    <td class="num" data-label="Spending">{report.total.in_column()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Reports of this award">
            <thead>
                <tr>
                    <th scope="col">"Quarter"</th>
                    <th scope="col">"Due"</th>
                    <th scope="col">"State"</th>
                    <th scope="col" class="num">"Spending"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}
