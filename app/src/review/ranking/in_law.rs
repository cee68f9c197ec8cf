//! The list of those whom the law names, in place of a ranking: each with its clause, its amount, and the gates that it has passed.

use super::Shown;
use super::parts::{freeze_form, hashes, not_yet};
use super::waits::waits_for;
use crate::call::Call;
use crate::form::Attempt;
use crate::review::parts::{eligibility_tag, figures, tag};
use crate::review::work::Board;
use crate::ui::table::Table;
use crate::ui::{source, synthetic};
use domain::Timestamp;
use domain::named::{NamedTerms, Recipient};
use leptos::prelude::*;
use store::acceptances::Accepted;
use store::rankings::Entrant;

/// What the page shows under its heading.
pub(super) fn body(call: &Call, board: &Board, base: &str, shown: &Shown, accepted: &[Accepted], attempt: &Attempt) -> AnyView {
    let Some(named) = &board.file.named else { return ().into_any() };
    let decide = format!("/decide/{}", board.of.round.id);
    match shown {
        Shown::Open(gathered) => {
            let form = freeze_form(call, board, gathered, base, "list", attempt);
            view! {
                <p class="al-lede">"The law names who receives the money and how much, so nothing is ranked. Each still applies, is found eligible, and accepts the terms; then the awards are approved."</p>
                {summary(named, &gathered.entrants, accepted)}
                {not_yet(call, board)}
                {waits_for(board, base, gathered)}
                {table(named, &gathered.entrants, accepted, board)}
                {source(&named.citation)}
                {form}
            }
            .into_any()
        }
        Shown::Frozen { frozen, document, entrants } => {
            let when = Timestamp::new(frozen.frozen_at).say_in(board.of.round.zone);
            let lede = format!(
                "Frozen by {}, {when}. Who is on the list does not change any more; terms can still be accepted.",
                frozen.frozen_by_name
            );
            view! {
                <p class="al-lede">{lede}</p>
                <div class="al-actions">
                    <a class="usa-button" href=decide.clone()>"Awards"</a>
                    <a class="usa-button usa-button--outline" href=format!("{base}/ranking/replay")>"Replay"</a>
                    <a href=format!("{base}/ranking.json")>"Download the list (JSON)"</a>
                    <a href=format!("{decide}/decision.json")>"Download the decision (JSON)"</a>
                </div>
                {summary(named, entrants, accepted)}
                {table(named, entrants, accepted, board)}
                {source(&named.citation)}
                {hashes(board, frozen, document)}
            }
            .into_any()
        }
    }
}

fn summary(named: &NamedTerms, entrants: &[Entrant], accepted: &[Accepted]) -> impl IntoView + use<> {
    let eligible = entrants.iter().filter(|entrant| entrant.eligible == Some(true)).count();
    figures(vec![
        (named.recipients.len().to_string(), "named in law".to_owned()),
        (named.total().unwrap_or_default().to_string(), "named in all".to_owned()),
        (entrants.len().to_string(), "handed in".to_owned()),
        (eligible.to_string(), "eligible".to_owned()),
        (accepted.len().to_string(), "accepted the terms".to_owned()),
    ])
}

fn table(named: &NamedTerms, entrants: &[Entrant], accepted: &[Accepted], board: &Board) -> impl IntoView + use<> {
    let rows = named.recipients.iter().map(|recipient| row(named, recipient, entrants, accepted, board)).collect_view();
    view! {
        <Table caption="Those whom the law names, in its order" unseen=true>
            <thead>
                <tr>
                    <th scope="col">"Recipient"</th><th scope="col" class="num">"Amount in law"</th>
                    <th scope="col">"Application"</th><th scope="col">"Eligibility"</th><th scope="col">"Terms"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

fn row(named: &NamedTerms, recipient: &Recipient, entrants: &[Entrant], accepted: &[Accepted], board: &Board) -> impl IntoView + use<> {
    let entrant = entrants.iter().find(|entrant| named.means(recipient, &entrant.name));
    let application = match entrant {
        Some(one) => view! { <a href=format!("/review/applications/{}", one.id)>{one.number.clone()}</a> }.into_any(),
        None => tag("warn", "Not handed in").into_any(),
    };
    let eligible = entrant.map(|one| eligibility_tag(one.eligible));
    let terms = entrant.map(|one| match accepted.iter().find(|accepted| accepted.application == one.id) {
        Some(accepted) => {
            let when = accepted.at().say_in(board.of.round.zone);
            view! { <span>{tag("good", "Accepted")}<span class="al-source">{when}</span></span> }.into_any()
        }
        None => tag("warn", "Not accepted").into_any(),
    });
    view! {
        <tr>
            <th scope="row">{recipient.name.clone()}<span class="al-source">{recipient.citation.clone()}</span></th>
            <td class="num" data-label="Amount in law"><span>{recipient.amount().unwrap_or_default().in_column()}{synthetic(recipient.synthetic)}</span></td>
            <td data-label="Application">{application}</td>
            <td data-label="Eligibility">{eligible}</td>
            <td data-label="Terms">{terms}</td>
        </tr>
    }
}
