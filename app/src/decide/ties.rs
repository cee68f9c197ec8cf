//! The part of the award page that declares ties: whom one can have a tie to, what one has declared, and the form.

use super::acts::after;
use super::page::Whole;
use super::work;
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::review::work::Board;
use crate::ui::field::{Select, TextArea};
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use domain::{OrganizationId, PersonId, RoundId};
use leptos::prelude::*;
use store::Tx;
use store::panels::{self, Declared};
use store::rankings::Entrant;
use uuid::Uuid;

/// The organizations that a tie can be to, and the reader's own ties.
pub(super) struct Ties {
    organizations: Vec<(OrganizationId, String)>,
    declared: Vec<Declared>,
}

impl Ties {
    /// Of a round.
    pub(super) async fn load(tx: &mut Tx<'_>, board: &Board, person: PersonId, entrants: &[Entrant]) -> Result<Self, AppError> {
        let round = board.of.round.id;
        let organizations = work::organizations(tx, round, entrants).await?;
        Ok(Self { organizations, declared: panels::declared(tx, round, person).await? })
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
    let (heading, rule) = if whole.board.file.named.is_some() {
        ("Ties to those whom the law names", "reads no application of it, and neither proposes nor approves these awards")
    } else {
        ("Ties to those who apply", "reads no application of it, judges none, and neither approves these awards nor rules on appeals")
    };
    let rule =
        format!("Whoever holds or held a role in one of these organizations, or declares a tie to one, {rule}. A tie once declared stays.");
    Some(
        view! {
            <section class="al-card" aria-labelledby="ties">
                <h2 id="ties">{heading}</h2>
                <p>{rule}</p>
                {known}
                {form}
            </section>
        }
        .into_any(),
    )
}
