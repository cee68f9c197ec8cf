//! What a law names for a recipient, as pages show it: the clause, the amount, the terms and whether they are accepted.

use super::synthetic;
use domain::named::{Recipient, Term};
use domain::{Timestamp, Zone};
use leptos::prelude::*;

/// A recipient and how far it has come.
pub struct Standing<'a> {
    /// The recipient.
    pub recipient: &'a Recipient,
    /// When it accepted the terms.
    pub accepted: Option<Timestamp>,
    /// The round's zone.
    pub zone: Zone,
}

/// The clause, the amount and the terms as facts.
pub fn facts(standing: &Standing<'_>) -> impl IntoView + use<> {
    let recipient = standing.recipient;
    let accepted = match standing.accepted {
        Some(at) => format!("Accepted {}", at.say_in(standing.zone)),
        None => "Not accepted yet: no award can be made before".to_owned(),
    };
    view! {
        <dl class="al-facts">
            <div><dt>"Named in law"</dt><dd>{recipient.citation.clone()}</dd></div>
            <div><dt>"Amount"</dt><dd>{recipient.amount().unwrap_or_default().to_string()}{synthetic(recipient.synthetic)}</dd></div>
            <div><dt>"Terms"</dt><dd>{accepted}</dd></div>
            <div><dt>"Competition"</dt><dd>"None: nothing was ranked and no points were given."</dd></div>
        </dl>
    }
}

/// The terms, each with its clause.
pub fn terms_list(terms: &[Term]) -> impl IntoView + use<> {
    let items = terms
        .iter()
        .map(|term| {
            let source = format!("Source: {}", term.citation);
            view! { <li>{term.text.clone()}{synthetic(term.synthetic)}<span class="al-source">{source}</span></li> }
        })
        .collect_view();
    view! { <ol>{items}</ol> }
}
