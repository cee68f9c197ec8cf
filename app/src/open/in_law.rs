//! The public's view of what a law names: who, how much, by which clause, on what terms, and what came of it. There is no ranking to show.

use super::results::outcome;
use crate::error::AppError;
use crate::ui::named::terms_list;
use crate::ui::table::Table;
use crate::ui::{source, synthetic};
use domain::allocation::AllocationDocument;
use domain::named::{NamedTerms, Recipient};
use leptos::prelude::*;
use store::Tx;
use store::open_data::{self, PlaceOf};

/// The section of a round's page that stands in the place of criteria and weights.
pub(super) fn rules(named: &NamedTerms) -> impl IntoView + use<> {
    let rows = named
        .recipients
        .iter()
        .map(|one| {
            view! {
                <tr>
                    <th scope="row" data-label="Recipient">{one.name.clone()}<span class="al-source">{format!("Source: {}", one.citation)}</span></th>
                    <td class="num" data-label="Amount"><span>{one.amount().unwrap_or_default().in_column()}{synthetic(one.synthetic)}</span></td>
                </tr>
            }
        })
        .collect_view();
    let total = named.total().unwrap_or_default().in_column();
    view! {
        <section aria-labelledby="ranking">
            <h2 id="ranking">"Named in law"</h2>
            <p>
                "The law names who receives this money, and how much. There is no competition: nothing is ranked and no points are given. Each recipient still applies, is found eligible by staff without a tie to it, and accepts the terms; then the awards are approved. Without any of these there is no award, and the money stays in the pot."
            </p>
            {source(&named.citation)}
            <Table caption="Those whom the law names, in its order">
                <thead><tr><th scope="col">"Recipient"</th><th scope="col" class="num">"Amount"</th></tr></thead>
                <tbody>{rows}</tbody>
                <tfoot><tr><th scope="row">"In all"</th><td class="num" data-label="Amount">{total}</td></tr></tfoot>
            </Table>
            <h3>"What a recipient accepts"</h3>
            {terms_list(&named.terms)}
        </section>
    }
}

/// The approved allocation of what a law names.
///
/// # Errors
/// The store's failure, or a stored document that is none.
pub(super) async fn approved(tx: &mut Tx<'_>, round: domain::RoundId) -> Result<Option<AllocationDocument>, AppError> {
    let text = open_data::allocation_document(tx, round).await?;
    text.map(|text| serde_json::from_str(&text)).transpose().map_err(AppError::internal)
}

/// The recipient that an application of the approved allocation is.
pub(super) fn recipient_of<'n>(named: &'n NamedTerms, document: &AllocationDocument, number: &str) -> Option<&'n Recipient> {
    let key = document.claims.iter().find(|claim| claim.number == number)?.named.as_ref()?.recipient.as_str();
    named.recipients.iter().find(|one| one.key == key)
}

/// The list of results: each recipient with its clause, the law's amount and what came of it.
pub(super) fn results(named: &NamedTerms, document: &AllocationDocument, places: &[PlaceOf], address: &str) -> impl IntoView + use<> {
    let rows: Vec<AnyView> = named.recipients.iter().map(|one| row(one, document, places, address)).collect();
    view! {
        <section aria-labelledby="ranked">
            <h2 id="ranked">"Named in law"</h2>
            <p>"The law names who receives this money, and how much; nothing was ranked. Each name opens what it rests on."</p>
            <Table caption="Those whom the law names, in its order, and what came of it">
                <thead>
                    <tr>
                        <th scope="col">"Recipient"</th><th scope="col">"Named in"</th>
                        <th scope="col" class="num">"Amount in law"</th><th scope="col">"Outcome"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </section>
    }
}

fn row(recipient: &Recipient, document: &AllocationDocument, places: &[PlaceOf], address: &str) -> AnyView {
    let claim = document.claims.iter().find(|claim| claim.named.as_ref().is_some_and(|named| named.recipient == recipient.key));
    let place = claim.and_then(|claim| places.iter().find(|place| place.number == claim.number));
    let (name, came) = match place {
        Some(place) => {
            let (class, words) = outcome(place.outcome.as_deref());
            let words = if place.outcome.as_deref() == Some("waitlisted") { "Waits for its terms" } else { words };
            let at = format!("{address}/results/{}", place.number);
            (
                view! { <a href=at>{recipient.name.clone()}</a> <span class="al-source">{place.number.clone()}</span> }.into_any(),
                view! { <span class=class>{words}</span> }.into_any(),
            )
        }
        None => {
            let why = document.unclaimed.iter().find(|one| one.recipient == recipient.key).map(|one| one.reason.clone());
            (
                view! { {recipient.name.clone()} }.into_any(),
                view! { <span><span class="al-tag al-tag--plain">"No award"</span><span class="al-source">{why}</span></span> }.into_any(),
            )
        }
    };
    view! {
        <tr>
            <th scope="row" data-label="Recipient">{name}</th>
            <td data-label="Named in">{recipient.citation.clone()}</td>
            <td class="num" data-label="Amount in law"><span>{recipient.amount().unwrap_or_default().in_column()}{synthetic(recipient.synthetic)}</span></td>
            <td class="al-plain" data-label="Outcome">{came}</td>
        </tr>
    }
    .into_any()
}
