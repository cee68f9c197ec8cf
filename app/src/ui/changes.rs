//! What an amendment changes, field by field in plain words, and how late it comes: the same for who proposes, who approves and the public. And
//! by which version of the rules a result came about.

use super::table::Table;
use domain::amendment::{Change, Late};
use leptos::prelude::*;
use store::programs::RoundOf;

/// The table of changes: what, as it was, as it is, and the clause.
pub fn changes_table(changes: &[Change]) -> impl IntoView + use<> {
    let said = |text: &Option<String>, none: &'static str| match text {
        Some(text) => view! { {text.clone()} }.into_any(),
        None => view! { <em>{none}</em> }.into_any(),
    };
    let rows = changes
        .iter()
        .map(|change| {
            view! {
                <tr>
                    <th scope="row" data-label="What">{change.what.clone()}<span class="al-source">{change.field.clone()}</span></th>
                    <td data-label="Before"><span>{said(&change.old, "Was not there")}</span></td>
                    <td data-label="Now"><span>{said(&change.new, "Is gone")}</span></td>
                    <td data-label="Source"><span>{change.citation.clone().unwrap_or_else(|| "–".to_owned())}</span></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="What changes, field by field">
            <thead>
                <tr><th scope="col">"What"</th><th scope="col">"Before"</th><th scope="col">"Now"</th><th scope="col">"Source"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

/// The warning of an amendment that comes late.
pub fn late_alert(late: Late) -> impl IntoView {
    view! {
        <div class="usa-alert usa-alert--warning">
            <div class="usa-alert__body">
                <h3 class="usa-alert__heading">"A late amendment"</h3>
                <p class="usa-alert__text">{late.plain()}" The record says so."</p>
            </div>
        </div>
    }
}

/// By which rules a result came about, with the way to all versions: `by version 2 of the rules, SHA-256 …`.
pub fn by_rules(of: &RoundOf) -> Option<impl IntoView + use<>> {
    let opened = of.round.opened.as_ref()?;
    let (rules, sha256) = (opened.rules(), opened.sha256.clone());
    let address = format!("/programs/{}/{}/rules", of.program.slug, of.round.slug);
    Some(view! { <p class="al-source">"By "<a href=address>{rules}</a>", SHA-256 "<code class="al-hash">{sha256}</code></p> })
}
