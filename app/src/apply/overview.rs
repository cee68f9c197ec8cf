//! My applications, the rounds that are open to my organizations, and the page before the start.

use super::{id, state_tag, work};
use crate::call::{Call, mint};
use crate::error::AppError;
use crate::form::{Attempt, Fields};
use crate::ui::field::{ErrorSummary, Radios};
use crate::ui::layout::{Head, go, page};
use crate::ui::table::Table;
use axum::extract::Path;
use axum::response::Response;
use domain::access::{Membership, Role};
use domain::application::State;
use domain::program::ProgramFile;
use domain::round::Phase;
use domain::{ApplicationId, OrganizationId, RoundId, Timestamp};
use leptos::prelude::*;
use std::sync::Arc;
use store::applications::{self, Found};
use store::programs::{self, RoundOf};

/// A round open to some of the person's organizations.
struct Opening {
    of: RoundOf,
    applicants: Vec<(OrganizationId, String)>,
}

/// The organizations for which the person applies, each once.
fn own(call: &Call) -> Vec<&Membership> {
    let mut own: Vec<&Membership> = Vec::new();
    for membership in &call.actor.memberships {
        let applies = matches!(membership.role, Role::Preparer | Role::Certifier);
        if applies && !own.iter().any(|other| other.organization == membership.organization) {
            own.push(membership);
        }
    }
    own
}

fn may_apply(call: &Call, file: &ProgramFile, started: &[OrganizationId]) -> Vec<(OrganizationId, String)> {
    own(call)
        .into_iter()
        .filter(|own| file.eligibility.applicants.iter().any(|kind| kind.as_str() == own.kind.as_str()))
        .filter(|own| file.named.as_ref().is_none_or(|named| named.recipient_of(&own.organization_name).is_some()))
        .filter(|own| !started.contains(&own.organization))
        .map(|own| (own.organization, own.organization_name.clone()))
        .collect()
}

/// `/apply`.
pub async fn get_overview(call: Call) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let mine = applications::list_of_person(tx, call.person()?).await?;
    let mut openings = Vec::new();
    if !own(&call).is_empty() {
        for of in programs::list_rounds(tx).await? {
            if of.round.phase(call.now) != Phase::Open {
                continue;
            }
            let started: Vec<_> =
                mine.iter().filter(|found| found.of.round.id == of.round.id).map(|found| found.application.applicant).collect();
            let file = programs::file_of(tx, &of).await?;
            let applicants = may_apply(&call, &file, &started);
            if !applicants.is_empty() {
                openings.push(Opening { of, applicants });
            }
        }
    }
    drop(reader);
    let now = call.now;
    let nobody = own(&call).is_empty();
    Ok(page(&call, Head::new("Applications"), move || {
        let empty = (mine.is_empty() && openings.is_empty()).then(|| nothing(nobody));
        let rows = (!mine.is_empty()).then(|| table(mine, now));
        let cards = (!openings.is_empty()).then(|| {
            let cards = openings.into_iter().map(card).collect_view();
            view! { <section><h2>"Open for applications"</h2><ul class="al-cards">{cards}</ul></section> }
        });
        view! {
            <h1>"Applications"</h1>
            {empty}
            {rows}
            {cards}
        }
    }))
}

fn nothing(nobody: bool) -> impl IntoView {
    let text = if nobody {
        "You don’t prepare or sign applications for an organization yet. Ask the agency’s program manager to invite you; the invitation comes by email."
    } else {
        "No round is open to your organization now, and you have not applied before. The program pages say when the next one opens."
    };
    view! { <div class="al-empty"><p>{text}</p><p><a href="/">"See all programs"</a></p></div> }
}

fn table(mine: Vec<Found>, now: Timestamp) -> impl IntoView {
    let rows = mine
        .into_iter()
        .map(|found| {
            let id = found.application.id;
            let next = match (&found.application.state, found.of.round.phase(now)) {
                (State::Submitted(_), _) => "Receipt and outcome",
                (_, Phase::Open) => "Go on",
                _ => "Look at it",
            };
            let number = found.number.clone().unwrap_or_else(|| "–".to_owned());
            let label = format!("{next}: {}, {}", found.applicant_name, found.of.round.name);
            view! {
                <tr>
                    <th scope="row">{found.applicant_name.clone()}</th>
                    <td data-label="Program">{found.of.program.name.clone()} ", " {found.of.round.name.clone()}</td>
                    <td data-label="Closes">{found.of.round.deadline()}</td>
                    <td data-label="Number">{number}</td>
                    <td data-label="State">{state_tag(&found, now)}</td>
                    <td><a href=format!("/apply/{id}") aria-label=label>{next}</a></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Your applications">
            <thead>
                <tr>
                    <th scope="col">"Applicant"</th>
                    <th scope="col">"Program"</th>
                    <th scope="col">"Closes"</th>
                    <th scope="col">"Number"</th>
                    <th scope="col">"State"</th>
                    <th scope="col"><span class="usa-sr-only">"Open"</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

fn card(opening: Opening) -> impl IntoView {
    let Opening { of, applicants } = opening;
    let names = applicants.into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(", ");
    let label = format!("Before you start: {}, {}", of.program.name, of.round.name);
    view! {
        <li class="al-card">
            <h3>{of.program.name.clone()}</h3>
            <p>{of.round.name.clone()} ", closes " <strong>{of.round.deadline()}</strong></p>
            <p>"Open to " {names}</p>
            <a class="usa-button" href=format!("/apply/start/{}", of.round.id) aria-label=label>"Before you start"</a>
        </li>
    }
}

/// What the page before the start needs.
struct Start {
    of: RoundOf,
    file: Arc<ProgramFile>,
    mine: Vec<Found>,
    applicants: Vec<(OrganizationId, String)>,
}

async fn load_start(call: &Call, round: RoundId) -> Result<Start, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let of = programs::find_round_of(tx, round).await?.ok_or(AppError::NotFound)?;
    let file = programs::file_of(tx, &of).await?;
    let mut mine = applications::list_of_person(tx, call.person()?).await?;
    mine.retain(|found| found.of.round.id == round);
    let started: Vec<_> = mine.iter().map(|found| found.application.applicant).collect();
    let applicants = may_apply(call, &file, &started);
    Ok(Start { of, file, mine, applicants })
}

/// `/apply/start/{round}`.
pub async fn get_start(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    let start = load_start(&call, id(&round)?).await?;
    if let ([one], []) = (start.mine.as_slice(), start.applicants.as_slice()) {
        return Ok(go(format!("/apply/{}", one.application.id)));
    }
    Ok(show_start(&call, start, Attempt::default()))
}

/// Starts, or goes to what was started.
pub async fn post_start(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let round: RoundId = id(&round)?;
    let start = load_start(&call, round).await?;
    let applicant: OrganizationId = match (fields.text("applicant"), start.applicants.as_slice(), start.mine.as_slice()) {
        ("", [], [one]) => return Ok(go(format!("/apply/{}", one.application.id))),
        ("", [(only, _)], []) => *only,
        ("", [], []) => {
            return Err(AppError::Forbidden(format!(
                "None of your organizations can apply in this round. {}",
                start.file.eligibility.text
            )));
        }
        ("", ..) => {
            let attempt = Attempt::of(fields, AppError::field("applicant", "Choose for whom you apply."))?;
            return Ok(show_start(&call, start, attempt));
        }
        (chosen, ..) => id(chosen)?,
    };
    let application: ApplicationId = fields.text("id").parse().unwrap_or_else(|_| mint(call.now));
    let application = work::start(&call, round, applicant, application).await?;
    Ok(go(format!("/apply/{application}")))
}

fn show_start(call: &Call, start: Start, attempt: Attempt) -> Response {
    let new: ApplicationId = mint(call.now);
    let now = call.now;
    let head = Head::new(format!("Before you start: {}", start.of.program.name)).after(&attempt);
    page(call, head, move || {
        let Start { of, file, mine, applicants } = start;
        let open = of.round.phase(now) == Phase::Open;
        let existing = mine
            .iter()
            .map(|found| view! { <li><a href=format!("/apply/{}", found.application.id)>"Go to the application of " {found.applicant_name.clone()}</a></li> })
            .collect_view();
        let who = match applicants.as_slice() {
            [] => None,
            [(only, name)] => Some(
                view! { <input type="hidden" name="applicant" value=only.to_string()/> <p>"You apply for " <strong>{name.clone()}</strong> "."</p> }.into_any(),
            ),
            several => {
                let options = several.iter().map(|(id, name)| (id.to_string(), name.clone(), String::new())).collect();
                Some(view! { <Radios name="applicant" legend="For whom do you apply?" attempt=attempt.clone() options=options/> }.into_any())
            }
        };
        let form = who.filter(|_| open).map(|who| {
            view! {
                <form method="post" action=format!("/apply/start/{}", of.round.id)>
                    <input type="hidden" name="id" value=new.to_string()/>
                    {who}
                    <button class="usa-button usa-button--big" type="submit">"Start"</button>
                </form>
            }
        });
        let closed = (!open).then(|| match of.round.phase(now) {
            Phase::NotOpened => format!("This round opens on {}.", of.round.opens_at.say_in(of.round.zone)),
            _ => format!("This round closed on {}.", of.round.deadline()),
        });
        let award = &file.award;
        let announced = of.round.award_on.map(|day| view! { <div><dt>"Awards announced"</dt><dd>{domain::time::say_date(day)}</dd></div> });
        view! {
            <div class="al-narrow">
                <ErrorSummary attempt/>
                <h1>"Before you start"</h1>
                <p class="al-lede">{of.program.name.clone()} ", " {of.round.name.clone()}</p>
                <dl class="al-facts">
                    <div><dt>"Closes"</dt><dd>{of.round.deadline()}</dd></div>
                    <div><dt>"Who may apply"</dt><dd>{file.eligibility.text.clone()}</dd></div>
                    <div>
                        <dt>"What is awarded"</dt>
                        <dd>"Up to " {award.max_units} " " {award.units.clone()} ", at " {award.unit_cost.to_string()} " each"</dd>
                    </div>
                    {announced}
                </dl>
                <h2>"What you need at hand"</h2>
                <ul>
                    <li>"About an hour, at once or in pieces: each page is saved."</li>
                    <li>"Why you need coaches, which high schools they would work in, and about how many students they would reach."</li>
                    <li>"Letters of support and, if there is one, your agreement with a community college, as PDF, Word document or picture."</li>
                    <li>"Your certifier: the person who signs for your organization and submits."</li>
                </ul>
                <p>"Public facts about your district are filled in for you. "<a href=format!("/programs/{}/{}", of.program.slug, of.round.slug)>"How applications are ranked"</a></p>
                <ul class="usa-list usa-list--unstyled">{existing}</ul>
                {closed.map(|text| view! { <p><strong>{text}</strong></p> })}
                {form}
            </div>
        }
    })
}
