//! `/audit/ledger/{appropriation}`: the accounts with their balances, which sum to zero, and every entry.

use crate::call::Call;
use crate::error::AppError;
use crate::form::id;
use crate::fund::parts::entries_table;
use crate::ui::layout::{Head, page};
use crate::ui::table::Table;
use axum::extract::{Path, Query};
use axum::response::Response;
use domain::ledger::AccountKind;
use domain::time::say_date;
use domain::{AppropriationId, Money, Zone};
use leptos::prelude::*;
use std::collections::BTreeMap;
use store::Tx;
use store::audit::{self, Appropriation};
use store::ledger::{self, AccountRow, EntryRow};

/// Entries on one page.
const PER_PAGE: i64 = 100;

/// The appropriation, if its ledger is the reader's to read.
pub(super) async fn find(tx: &mut Tx<'_>, call: &Call, appropriation: AppropriationId) -> Result<Appropriation, AppError> {
    let all = audit::appropriations_for(tx, call.person()?).await?;
    all.into_iter().find(|found| found.id == appropriation.0).ok_or(AppError::NotFound)
}

/// The page.
///
/// # Errors
/// [`AppError::NotFound`]; the store's failure.
pub async fn get(
    call: Call,
    Path(appropriation): Path<String>,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Result<Response, AppError> {
    let appropriation: AppropriationId = id(&appropriation)?;
    let number = asked.get("page").and_then(|page| page.parse::<i64>().ok()).unwrap_or(1).clamp(1, 100_000);
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let found = find(&mut tx, &call, appropriation).await?;
    let accounts = ledger::accounts_of_appropriation(&mut tx, appropriation).await?;
    let entries = ledger::entries_of_appropriation(&mut tx, appropriation, PER_PAGE + 1, (number - 1) * PER_PAGE).await?;
    drop(reader);
    let zone = found.zone()?;
    let sum = Money::sum(accounts.iter().map(|account| Money::cents(account.balance_cents))).map_err(AppError::internal)?;
    if sum != Money::ZERO {
        return Err(AppError::internal(format!("the accounts of {appropriation} sum to {sum}")));
    }
    Ok(show(&call, found, accounts, entries, (zone, number)))
}

fn show(call: &Call, found: Appropriation, accounts: Vec<AccountRow>, mut entries: Vec<EntryRow>, at: (Zone, i64)) -> Response {
    let (zone, number) = at;
    let title = format!("Ledger of fiscal year {}", found.fiscal_year);
    page(call, Head::new(title.clone()), move || {
        let more = i64::try_from(entries.len()).unwrap_or(i64::MAX) > PER_PAGE;
        entries.truncate(usize::try_from(PER_PAGE).unwrap_or(usize::MAX));
        let address = format!("/audit/ledger/{}", found.id);
        let (newer, older) = (format!("{address}?page={}", number - 1), format!("{address}?page={}", number + 1));
        view! {
            <p><a href="/audit">"Audit"</a></p>
            <h1>{title}</h1>
            <p class="al-lede">{found.program_name.clone()}", "{found.fund_source.clone()}</p>
            <dl class="al-facts">
                <div><dt>"Bill"</dt><dd>{found.bill.clone()}</dd></div>
                <div><dt>"Appropriated"</dt><dd>{Money::cents(found.amount_cents).to_string()}</dd></div>
                <div><dt>"May be spent from"</dt><dd>{say_date(found.begins_on)}</dd></div>
                <div><dt>"Lapses on"</dt><dd>{say_date(found.lapses_on)}</dd></div>
            </dl>
            <p>
                <a href=format!("{address}/entries.csv")>"Entries as CSV"</a>
                " · "
                <a href=format!("{address}/journal")>"Journal for hledger"</a>
                " (check it yourself: hledger check --strict -f FILE)"
            </p>
            <h2>"Accounts"</h2>
            {balances(accounts)}
            <h2>"Entries"</h2>
            {entries_table("Entries, oldest first", entries, zone)}
            <nav class="al-actions" aria-label="Pages of entries">
                {(number > 1).then(|| view! { <a href=newer>"Earlier"</a> })}
                {more.then(|| view! { <a href=older>"Later"</a> })}
            </nav>
        }
    })
}

fn balances(accounts: Vec<AccountRow>) -> impl IntoView {
    let rows = accounts
        .into_iter()
        .map(|account| {
            let kind = AccountKind::from_stored(&account.kind).map_or_else(|| account.kind.clone(), |kind| kind.name().to_owned());
            let whose = match (account.award, account.award_number) {
                (Some(award), Some(number)) => view! { <a href=format!("/fund/awards/{award}")>{number}</a> }.into_any(),
                _ => view! { "The appropriation" }.into_any(),
            };
            view! {
                <tr>
                    <td data-label="Whose">{whose}" "<span class="al-source">{account.recipient_name}</span></td>
                    <th scope="row" data-label="Account">{kind}</th>
                    <td class="num" data-label="Balance">{Money::cents(account.balance_cents).in_column()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Trial balance: what each account holds now">
            <thead>
                <tr>
                    <th scope="col">"Whose"</th>
                    <th scope="col">"Account"</th>
                    <th scope="col" class="num">"Balance"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
            <tfoot>
                <tr>
                    <th scope="row" colspan="2">"Together: every dollar is somewhere"</th>
                    <td class="num" data-label="Balance">{Money::ZERO.in_column()}</td>
                </tr>
            </tfoot>
        </Table>
    }
}
