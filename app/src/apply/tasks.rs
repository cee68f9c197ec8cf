//! One application's task list: what is done, what is to do, and until when.

use super::{crumbs, deadline, id, is_open, state_tag, work};
use crate::call::Call;
use crate::error::AppError;
use crate::ui::layout::{Head, page};
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use domain::answers::SECTIONS;
use domain::application::State;
use leptos::prelude::*;
use std::collections::BTreeMap;
use store::amendments::{self, Latest};
use store::applications::{self, Draft, Found, SavedSection};
use store::{acceptances, programs};

/// `/apply/{application}`.
pub async fn get_tasks(call: Call, Path(application): Path<String>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let found = work::opened(tx, &call, id(&application)?, Action::ReadApplication).await?;
    let Draft { sections, letters, .. } = applications::draft(tx, found.application.id, found.application.applicant).await?;
    let letters = letters.len();
    let in_law = programs::file_of(tx, &found.of).await?.named.is_some();
    let accepted = in_law && acceptances::find_of(tx, found.application.id).await?.is_some();
    let amended = if found.of.round.rules_version() > 1 { amendments::latest_for(tx, found.application.id).await? } else { None };
    drop(reader);
    let edits = call.actor.may(Action::EditApplication, found.subject()) && is_open(&found, call.now);
    let signs = call.actor.may(Action::SubmitApplication, found.subject());
    let now = call.now;
    let title = format!("{}: {}", found.of.program.name, found.applicant_name);
    Ok(page(&call, Head::new(title).with_islands(), move || {
        let done = SECTIONS.iter().filter(|section| sections.get(section.key).is_some_and(|saved| saved.complete)).count();
        let state = banner(&found, signs && found.of.round.phase(now) == domain::round::Phase::Open);
        view! {
            {crumbs(&found)}
            <h1>{found.applicant_name.clone()}</h1>
            <p class="al-lede">{found.of.program.name.clone()} ", " {found.of.round.name.clone()} " " {state_tag(&found, now)}</p>
            {state}
            {amended.map(|latest| rules_amended(&found, latest))}
            {deadline(&found, now)}
            <h2>"Your application"</h2>
            <p>{done} " of " {SECTIONS.len()} " sections completed."</p>
            {list(&found, &sections, letters, edits, done == SECTIONS.len())}
            {if in_law { terms(&found, accepted).into_any() } else { figures(&found).into_any() }}
            <p class="al-source">"Started " {found.started_at.say_in(found.of.round.zone)} "; last saved " {found.saved_at.say_in(found.of.round.zone)} "."</p>
        }
    }))
}

fn figures(found: &Found) -> impl IntoView + use<> {
    let address = format!("/apply/{}/figures", found.application.id);
    view! { <p>"The ranking also draws on "<a href=address>"figures about you"</a>". Look at them, and say so when one is wrong."</p> }
}

/// Where the law names the applicant, the terms take the place of figures.
fn terms(found: &Found, accepted: bool) -> impl IntoView + use<> {
    let address = format!("/apply/{}/terms", found.application.id);
    let said = if accepted { "Your organization has accepted them." } else { "No award can be made before your certifier accepts them." };
    view! { <p>"The law names what you receive, on "<a href=address>"terms"</a>". "{said}</p> }
}

/// What the latest amendment of the rules means for an applicant.
fn rules_amended(found: &Found, latest: Latest) -> impl IntoView + use<> {
    let heading = format!("The rules were amended {}", latest.at.say_in(found.of.round.zone));
    let address = format!("/programs/{}/{}/rules", found.of.program.slug, found.of.round.slug);
    view! {
        <div class="usa-alert usa-alert--info">
            <div class="usa-alert__body">
                <h2 class="usa-alert__heading">{heading}</h2>
                <p class="usa-alert__text al-letter">{latest.notice}</p>
                <p class="usa-alert__text"><a href=address>{format!("What changed and why: version {} of the rules", latest.number)}</a></p>
            </div>
        </div>
    }
}

fn banner(found: &Found, may_withdraw: bool) -> Option<AnyView> {
    let id = found.application.id;
    match &found.application.state {
        State::Draft => None,
        State::Submitted(submission) => {
            let withdraw = may_withdraw.then(|| view! { " · " <a href=format!("/apply/{id}/withdraw")>"Withdraw it"</a> });
            Some(
                view! {
                    <div class="usa-alert usa-alert--success">
                        <div class="usa-alert__body">
                            <h2 class="usa-alert__heading">"Submitted as " {submission.number.clone()}</h2>
                            <p class="usa-alert__text">
                                "Received " {submission.at.say_in(found.of.round.zone)} ". "
                                <a href=format!("/apply/{id}/receipt")>"Receipt"</a> " · " <a href=format!("/apply/{id}/outcome")>"Outcome"</a>
                                {withdraw}
                            </p>
                        </div>
                    </div>
                }
                .into_any(),
            )
        }
        State::Withdrawn { at, .. } => Some(
            view! {
                <div class="usa-alert usa-alert--warning">
                    <div class="usa-alert__body">
                        <h2 class="usa-alert__heading">"Withdrawn"</h2>
                        <p class="usa-alert__text">
                            "It was withdrawn on " {at.say_in(found.of.round.zone)}
                            ". Until the round closes you can change it and submit it again, under the same number."
                        </p>
                    </div>
                </div>
            }
            .into_any(),
        ),
    }
}

fn list(found: &Found, sections: &BTreeMap<String, SavedSection>, letters: usize, edits: bool, whole: bool) -> impl IntoView + use<> {
    let application = found.application.id;
    let submitted = matches!(found.application.state, State::Submitted(_));
    let items = SECTIONS
        .iter()
        .map(|section| {
            let (class, words) = match sections.get(section.key) {
                Some(saved) if saved.complete => ("al-tag al-tag--good", "Completed"),
                Some(_) => ("al-tag al-tag--info", "In progress"),
                None => ("al-tag", "Not started"),
            };
            let name = if edits {
                view! { <a href=format!("/apply/{application}/sections/{}", section.key)>{section.title}</a> }.into_any()
            } else {
                view! { <span>{section.title}</span> }.into_any()
            };
            view! { <li>{name} <span class=class>{words}</span></li> }
        })
        .collect_view();
    let count = match letters {
        0 => "None yet".to_owned(),
        1 => "1 file".to_owned(),
        more => format!("{more} files"),
    };
    let letters_name = if edits {
        view! { <a href=format!("/apply/{application}/letters")>"Letters"</a> }.into_any()
    } else {
        view! { <span>"Letters"</span> }.into_any()
    };
    let (class, words) = if submitted {
        ("al-tag al-tag--good", "Completed")
    } else if whole && edits {
        ("al-tag al-tag--info", "Ready")
    } else {
        ("al-tag", "Cannot start yet")
    };
    let hint = (!whole && edits).then(|| view! { <span class="usa-hint">"You can look at your answers at any time; all sections must be completed before it can be submitted."</span> });
    let letters_class = if letters > 0 { "al-tag al-tag--good" } else { "al-tag" };
    view! {
        <ul class="al-task-list">
            {items}
            <li>{letters_name} <span class=letters_class>{count}</span></li>
            <li><a href=format!("/apply/{application}/check")>"Check your answers and submit"</a> <span class=class>{words}</span> {hint}</li>
        </ul>
    }
}
