//! The ledger as files: CSV that no spreadsheet runs as a formula, and a journal that plain-text accounting programs check.

use super::ledger::find;
use crate::call::Call;
use crate::error::AppError;
use crate::form::id;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use domain::ledger::EntryKind;
use domain::{AppropriationId, Money, Timestamp, Zone};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use std::collections::BTreeSet;
use std::fmt::Write;
use store::audit::Appropriation;
use store::ledger::{self, EntryRow};

/// More entries than this are not exported at once; one state's appropriation has some thousands.
const MOST: i64 = 200_000;

async fn load(call: &Call, appropriation: &str) -> Result<(Appropriation, Vec<EntryRow>, Zone), AppError> {
    let appropriation: AppropriationId = id(appropriation)?;
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let found = find(&mut tx, call, appropriation).await?;
    let entries = ledger::entries_of_appropriation(&mut tx, appropriation, MOST, 0).await?;
    let zone = found.zone()?;
    Ok((found, entries, zone))
}

fn file(kind: &'static str, name: &'static str, text: String) -> Response {
    ([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name)], text).into_response()
}

/// `…/entries.csv`
///
/// # Errors
/// [`AppError::NotFound`]; the store's failure.
pub async fn get_csv(call: Call, Path(appropriation): Path<String>) -> Result<Response, AppError> {
    let (_, entries, _) = load(&call, &appropriation).await?;
    Ok(file("text/csv; charset=utf-8", "attachment; filename=\"ledger.csv\"", csv(&entries)))
}

/// `…/journal`
///
/// # Errors
/// [`AppError::NotFound`]; the store's failure.
pub async fn get_journal(call: Call, Path(appropriation): Path<String>) -> Result<Response, AppError> {
    let (found, entries, zone) = load(&call, &appropriation).await?;
    Ok(file("text/plain; charset=utf-8", "inline; filename=\"ledger.journal\"", journal(&found, &entries, zone)))
}

/// A cell, quoted; a text that a spreadsheet would run gets an apostrophe before it.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// An account's name: `Appropriation:Available`, `Awards:AW-2024-01:Undrawn`.
fn account(kind: &str, award: Option<&str>) -> String {
    let mut letters = kind.chars();
    let kind: String = letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect();
    award.map_or_else(|| format!("Appropriation:{kind}"), |award| format!("Awards:{award}:{kind}"))
}

fn csv(entries: &[EntryRow]) -> String {
    let mut out = String::from("at,entry,kind,memo,by,record,record_id,reverses,from,to,amount_usd\r\n");
    for row in entries {
        let reverses = row.reverses.map(|id| id.to_string()).unwrap_or_default();
        let cells = [
            Timestamp::new(row.at).iso(),
            row.id.to_string(),
            row.kind.clone(),
            row.memo.clone(),
            row.person_name.clone().unwrap_or_default(),
            row.noun.clone(),
            row.noun_id.to_string(),
            reverses,
            account(&row.from_kind, row.from_award.as_deref()),
            account(&row.to_kind, row.to_award.as_deref()),
            Money::cents(row.amount_cents).plain(),
        ];
        out.push_str(&cells.map(|text| cell(&text)).join(","));
        out.push_str("\r\n");
    }
    out
}

/// One line, without what ends a description or begins a comment.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, ';' | '|') { ' ' } else { c }).collect()
}

fn journal(found: &Appropriation, entries: &[EntryRow], zone: Zone) -> String {
    let mut accounts: BTreeSet<String> = BTreeSet::new();
    for row in entries {
        accounts.insert(account(&row.from_kind, row.from_award.as_deref()));
        accounts.insert(account(&row.to_kind, row.to_award.as_deref()));
    }
    let mut out =
        format!("; {}: {}, fiscal year {}\n", line(&found.program_name), line(found.bill.trim_end_matches('.')), found.fiscal_year);
    out.push_str("; Check it with: hledger check --strict -f FILE\n\ncommodity 1000.00 USD\n");
    for account in &accounts {
        let _ = writeln!(out, "account {account}");
    }
    for row in entries {
        let kind = EntryKind::from_stored(&row.kind).map_or_else(|| row.kind.clone(), |kind| kind.name().to_owned());
        let amount = Money::cents(row.amount_cents).plain();
        let day = Timestamp::new(row.at).date_in(zone);
        let _ = writeln!(out, "\n{day} {kind} | {}  ; entry: {}", line(&row.memo), row.id);
        let _ = writeln!(out, "    {}  {amount} USD", account(&row.to_kind, row.to_award.as_deref()));
        let _ = writeln!(out, "    {}  -{amount} USD", account(&row.from_kind, row.from_award.as_deref()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        assert_eq!(cell("say \"hi\", now"), "\"say \"\"hi\"\", now\"");
    }

    #[test]
    fn accounts_are_named_for_plain_text_accounting() {
        assert_eq!(account("undrawn", Some("AW-2024-01")), "Awards:AW-2024-01:Undrawn");
        assert_eq!(account("available", None), "Appropriation:Available");
    }
}
