//! The parts of the award pages that only a round of what the law names has: the gates that each recipient passed, who has no award and why,
//! and the form that declares a tie.

use super::acts::after;
use super::page::Whole;
use super::steps::Names;
use super::work;
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::review::parts::tag;
use crate::review::work::Board;
use crate::ui::field::{Select, TextArea};
use crate::ui::table::Table;
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use domain::allocation::{AllocationDocument, Claim};
use domain::named::{NamedClaim, Unclaimed};
use domain::{OrganizationId, PersonId, RoundId};
use leptos::prelude::*;
use store::Tx;
use store::panels::{self, Declared};
use uuid::Uuid;

/// The organizations that a tie can be to, and the reader's own ties.
pub(super) struct Ties {
    organizations: Vec<(OrganizationId, String)>,
    declared: Vec<Declared>,
}

impl Ties {
    /// Of a round of what the law names; none in a competition.
    pub(super) async fn load(tx: &mut Tx<'_>, board: &Board, person: PersonId) -> Result<Option<Self>, AppError> {
        if board.file.named.is_none() {
            return Ok(None);
        }
        let round = board.of.round.id;
        let organizations = work::organizations(tx, round).await?;
        Ok(Some(Self { organizations, declared: panels::declared(tx, round, person).await? }))
    }
}

/// Declares a tie.
///
/// # Errors
/// As [`work::declare_tie`].
pub async fn post_tie(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let round: RoundId = id(&round)?;
    let organization = fields.text("organization").parse::<Uuid>().ok().map(OrganizationId);
    let done = work::declare_tie(&call, round, organization, fields.text("why")).await;
    after(&call, round, fields, done).await
}

/// The reader's ties, and the form for one more.
pub(super) fn ties(call: &Call, whole: &Whole, attempt: &Attempt) -> Option<AnyView> {
    let ties = whole.ties.as_ref()?;
    let round = whole.board.of.round.id;
    let items: Vec<_> = ties.declared.iter().map(|tie| view! { <li>{tie.name.clone()}": "{tie.why.clone()}</li> }).collect();
    let known = (!items.is_empty()).then(|| view! { <p>"You have declared:"</p> <ul>{items}</ul> });
    let options = ties.organizations.iter().map(|(id, name)| (id.to_string(), name.clone()));
    let options = std::iter::once((String::new(), "Choose one".to_owned())).chain(options).collect();
    let form = call.actor.may(Action::DeclareTie, whole.board.subject()).then(|| {
        view! {
            <form method="post" action=format!("/decide/{round}/ties")>
                <Select name="organization" label="Organization" attempt=attempt.clone() options=options/>
                <TextArea name="why" label="What the tie is" rows=2 attempt=attempt.clone()/>
                <button class="usa-button usa-button--outline" type="submit">"Declare a tie"</button>
            </form>
        }
    });
    Some(
        view! {
            <section class="al-card" aria-labelledby="ties">
                <h2 id="ties">"Ties to those whom the law names"</h2>
                <p>"Whoever holds or held a role in one of these organizations, or declares a tie to one, reads no application of it, and neither proposes nor approves these awards. A tie once declared stays."</p>
                {known}
                {form}
            </section>
        }
        .into_any(),
    )
}

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
