//! The versions of a round's rules, for everybody: what each amendment changed, why, on whose authority and how late; every version's file.
//! Who proposed and approved stands in the agency's records, not here.

use super::files::answer;
use super::parts::crumbs;
use super::round::{PublicRound, find};
use crate::call::Call;
use crate::error::AppError;
use crate::ui::changes::{changes_table, late_alert};
use crate::ui::layout::{Head, page};
use crate::ui::synthetic;
use axum::extract::Path;
use axum::response::Response;
use domain::amendment::{Change, compare};
use domain::round::Opened;
use leptos::prelude::*;
use store::amendments::{self, Amendment};
use store::programs;

/// The notices of a round's amendments on its page, the latest first.
pub(super) fn notices(round: &PublicRound, amended: &[Amendment]) -> impl IntoView + use<> {
    let (address, zone) = (format!("{}/rules", round.address()), round.of.round.zone);
    amended
        .iter()
        .rev()
        .map(|amendment| {
            let number = amendment.number.unwrap_or_default();
            let on = amendment.decided_at.map(|at| at.say_in(zone)).unwrap_or_default();
            let late =
                amendment.late.map(|late| view! { <p class="usa-alert__text"><strong>"A late amendment. "</strong>{late.plain()}</p> });
            view! {
                <section class="usa-alert usa-alert--info" aria-label=format!("Amendment: version {number} of the rules")>
                    <div class="usa-alert__body">
                        <h2 class="usa-alert__heading">{format!("Rules amended {on}")}{synthetic(amendment.synthetic)}</h2>
                        <p class="usa-alert__text al-letter">{amendment.notice.clone()}</p>
                        {late}
                        <p class="usa-alert__text">
                            <a href=format!("{address}#version-{number}")>"What changed and why"</a>
                            {format!(": version {number}, SHA-256 ")}<code class="al-hash">{amendment.sha256.clone()}</code>
                            {format!("; version {} stays readable.", number - 1)}
                        </p>
                    </div>
                </section>
            }
        })
        .collect_view()
}

/// `/programs/{slug}/{round}/rules`
pub async fn show(call: Call, Path((program, round)): Path<(String, String)>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let round = find(tx, &program, &round).await?;
    let mut versions = Vec::new();
    for amendment in amendments::approved_of(tx, round.id()).await? {
        let old = programs::file_by_hash(tx, amendment.base, &amendment.base_sha256).await?;
        let new = programs::file_by_hash(tx, amendment.file, &amendment.sha256).await?;
        versions.push((amendment, compare(&old, &new)));
    }
    drop(reader);
    let opened = round.of.round.opened.clone().ok_or(AppError::NotFound)?;
    let title = format!("The rules and their versions: {}, {}", round.of.program.name, round.of.round.name);
    Ok(page(&call, Head::new(title.clone()), move || {
        let address = round.address();
        let first = versions.first().map_or_else(|| opened.sha256.clone(), |(amendment, _)| amendment.base_sha256.clone());
        let now = versions.len() + 1;
        let later = versions.iter().rev().map(|(amendment, changes)| version(&round, amendment, changes)).collect_view();
        view! {
            {crumbs(round.way(), "The rules and their versions")}
            <h1>{title}</h1>
            <p class="al-lede">{format!("Version {now} is in force. Each version is a whole program file, kept as it was: nothing on record is changed, a new version is added.")}</p>
            {later}
            {original(&round, &opened, &first, &address)}
        }
    }))
}

fn files(address: &str, number: i64) -> impl IntoView + use<> {
    let base = format!("{address}/rules/{number}");
    view! {
        <p>
            <a href=format!("{base}/file")>{format!("Version {number} as people read it")}</a>" (TOML) · "
            <a href=format!("{base}/file.json")>{format!("Version {number} in canonical form")}</a>" (JSON; the fingerprint is of these bytes)"
        </p>
    }
}

fn version(round: &PublicRound, amendment: &Amendment, changes: &[Change]) -> impl IntoView + use<> {
    let number = amendment.number.unwrap_or_default();
    let since = amendment.decided_at.map(|at| at.say_in(round.of.round.zone)).unwrap_or_default();
    let (id, heading) = (format!("version-{number}"), format!("version-{number}"));
    view! {
        <section aria-labelledby=heading>
            <h2 id=id>{format!("Version {number}, in force since {since}")}{synthetic(amendment.synthetic)}</h2>
            {amendment.late.map(late_alert)}
            <p><strong>"Why: "</strong><span class="al-letter">{amendment.reason.clone()}</span></p>
            <p><strong>"Authority: "</strong>{amendment.citation.clone()}</p>
            <p><strong>"What applicants were told: "</strong><span class="al-letter">{amendment.notice.clone()}</span></p>
            {changes_table(changes)}
            <p>"Fingerprint (SHA-256):"</p>
            <p><code class="al-hash">{amendment.sha256.clone()}</code></p>
            {files(&round.address(), number)}
        </section>
    }
}

fn original(round: &PublicRound, opened: &Opened, sha256: &str, address: &str) -> impl IntoView + use<> {
    let since = opened.at.say_in(round.of.round.zone);
    view! {
        <section aria-labelledby="version-1">
            <h2 id="version-1">{format!("Version 1, locked when the round opened, {since}")}</h2>
            <p>"Fingerprint (SHA-256):"</p>
            <p><code class="al-hash">{sha256.to_owned()}</code></p>
            {files(address, 1)}
        </section>
    }
}

/// A version's file: as it was sent, and its canonical form.
async fn of_version(call: &Call, (program, round, version): (String, String, String)) -> Result<(String, String), AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let round = find(tx, &program, &round).await?;
    let number: i64 = version.parse().map_err(|_| AppError::NotFound)?;
    let file = amendments::file_of_version(tx, round.id(), number).await?.ok_or(AppError::NotFound)?;
    Ok(programs::source_of_version(tx, file).await?)
}

/// `/programs/{slug}/{round}/rules/{version}/file`
pub async fn source(call: Call, Path(address): Path<(String, String, String)>) -> Result<Response, AppError> {
    let (source, _) = of_version(&call, address).await?;
    Ok(answer(source, "text/plain; charset=utf-8", "inline; filename=\"program.toml\""))
}

/// `/programs/{slug}/{round}/rules/{version}/file.json`: the SHA-256 of these bytes is the version's.
pub async fn canonical(call: Call, Path(address): Path<(String, String, String)>) -> Result<Response, AppError> {
    let (_, canonical) = of_version(&call, address).await?;
    Ok(answer(canonical, "application/json", "inline; filename=\"file.json\""))
}
