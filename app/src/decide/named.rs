//! The parts of the award pages that only a round of what the law names has: the gates that each recipient passed, and who has no
//! award and why.

use super::steps::Names;
use crate::review::parts::tag;
use crate::ui::table::Table;
use domain::allocation::{AllocationDocument, Claim};
use domain::named::{NamedClaim, Unclaimed};
use leptos::prelude::*;

/// The gates that each recipient on the list has passed; nothing in a competition.
pub(crate) fn gates(document: &AllocationDocument, names: &Names) -> Option<AnyView> {
    let rows: Vec<_> = document.claims.iter().filter_map(|claim| Some(gate(claim, claim.named.as_ref()?, names))).collect();
    (!rows.is_empty()).then(|| {
        view! {
            <h2>"The gates"</h2>
            <Table caption="Each recipient that is named in law and applied, with the gates it has passed" unseen=true>
                <thead>
                    <tr>
                        <th scope="col">"Recipient"</th><th scope="col">"Named in law"</th><th scope="col">"Eligibility"</th><th scope="col">"Terms"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        }
        .into_any()
    })
}

fn gate(claim: &Claim, named: &NamedClaim, names: &Names) -> impl IntoView + use<> {
    let applicant = names.applicants.get(&claim.id).cloned().unwrap_or_default();
    let terms = match &named.accepted {
        Some(digest) => {
            let digest = digest.clone();
            view! { <span>{tag("good", "Accepted")}" "<code class="al-hash">{digest}</code></span> }.into_any()
        }
        None => tag("warn", "Not accepted").into_any(),
    };
    view! {
        <tr>
            <th scope="row">{claim.number.clone()}" "<span class="al-source">{applicant}</span></th>
            <td data-label="Named in law">{named.citation.clone()}</td>
            <td data-label="Eligibility">{tag("good", "Eligible")}</td>
            <td data-label="Terms">{terms}</td>
        </tr>
    }
}

/// Those whom the law names and who have no claim, each with the reason.
pub(crate) fn unclaimed(document: &AllocationDocument) -> Option<AnyView> {
    let row = |one: &Unclaimed| {
        let number = one.number.clone().unwrap_or_else(|| "None".to_owned());
        view! {
            <tr>
                <th scope="row">{one.name.clone()}<span class="al-source">{one.citation.clone()}</span></th>
                <td data-label="Application">{number}</td>
                <td class="num" data-label="Amount in law">{one.amount.in_column()}</td>
                <td data-label="Why">{one.reason.clone()}</td>
            </tr>
        }
    };
    let rows: Vec<_> = document.unclaimed.iter().map(row).collect();
    (!rows.is_empty()).then(|| {
        view! {
            <h2>"Named in law and without an award"</h2>
            <Table caption="Recipients that the law names and that get no award, with the reason" unseen=true>
                <thead>
                    <tr>
                        <th scope="col">"Recipient"</th><th scope="col">"Application"</th>
                        <th scope="col" class="num">"Amount in law"</th><th scope="col">"Why"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        }
        .into_any()
    })
}
