//! `/replay`, and a round's own: whoever has a decision's file computes it again in the browser, or by the command where no script runs.

use super::decision::published;
use crate::call::Call;
use crate::error::AppError;
use crate::islands::replay::ReplayDesk;
use crate::open::parts::crumbs;
use crate::open::round::find;
use crate::ui::changes::by_rules;
use crate::ui::layout::{Head, page, waiting};
use axum::extract::Path;
use axum::response::Response;
use domain::answers::count_with_commas;
use domain::canonical::sha256_hex;
use leptos::prelude::*;

/// What is said while the module is on its way.
const COMING: &str = "Fetching the code that computes, 0.4 MB, once…";

/// `/replay`: for any document.
pub async fn get(call: Call) -> Result<Response, AppError> {
    Ok(page(&call, Head::new("Compute a decision again").with_reckoning(), || {
        view! {
            {crumbs(vec![("/".to_owned(), "Programs".to_owned()), ("/open".to_owned(), "Open data".to_owned())], "Compute again")}
            <h1>"Compute a decision again"</h1>
            <p class="al-lede">
                "A decision’s file holds the rules, every figure and the result. This page computes the result again, in your browser, by the same code that decided, and says whether the same bytes come out. The file does not leave your machine."
            </p>
            <ReplayDesk published=String::new()/>
            {by_hand("decision.json")}
            {waiting(COMING)}
        }
    }))
}

/// `/programs/{program}/{round}/replay`: with the published file at hand.
pub async fn get_of_round(call: Call, Path((program, round)): Path<(String, String)>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let round = find(tx, &program, &round).await?;
    let document = published(tx, &round, call.now).await?;
    drop(reader);
    let (bytes, sha256) = (document.len(), sha256_hex(document.as_bytes()));
    let title = format!("Compute again: {}, {}", round.of.program.name, round.of.round.name);
    Ok(page(&call, Head::new(title.clone()).with_reckoning(), move || {
        let mut way = round.way();
        way.push((format!("{}/results", round.address()), "Results".to_owned()));
        let file = format!("{}/decision.json", round.address());
        let name = format!("decision-{}-{}.json", round.of.program.slug, round.of.round.slug);
        view! {
            {crumbs(way, "Compute again")}
            <h1>{title}</h1>
            <p class="al-lede">
                "The decision is one file: the rules, every figure, the ranked list, and each step of the money down it. This page computes all of it again, in your browser, by the same code that decided, and says whether the same bytes come out."
            </p>
            <p><a href=file.clone() download=name.clone()>"Download the decision"</a>{format!(" ({} bytes of JSON). Its SHA-256:", count_with_commas(bytes))}</p>
            <p class="al-hash">{sha256}</p>
            {by_rules(&round.of)}
            <ReplayDesk published=file/>
            {by_hand(&name)}
            {waiting(COMING)}
        }
    }))
}

fn by_hand(name: &str) -> impl IntoView + use<> {
    let command = format!("allotment replay {name}");
    let sum = format!("sha256sum {name}");
    view! {
        <h2>"Without this page’s script"</h2>
        <p>"The program that runs this portal does the same on any machine, without a network or a database. It ends with 0 for the same bytes, and else with 2 and says where they first differ:"</p>
        <pre tabindex="0"><code>{command}</code></pre>
        <p>"The SHA-256 alone (Mac: "<code>"shasum -a 256"</code>", Windows: "<code>"certutil -hashfile"</code>"):"</p>
        <pre tabindex="0"><code>{sum}</code></pre>
        <p>"The file’s format, and how to rank and allocate a table of your own, are described in docs/FORMATS.md of the program’s source."</p>
    }
}
