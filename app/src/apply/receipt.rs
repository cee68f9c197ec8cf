//! After submitting: the receipt, which stays; taking the application back until the close; and what was decided.

use super::{crumbs, id, work};
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields};
use crate::review::parts::alert;
use crate::ui::field::{ErrorSummary, TextArea};
use crate::ui::layout::{Head, go, page};
use crate::ui::working::Working;
use axum::extract::Path;
use axum::response::Response;
use domain::ApplicationId;
use domain::access::Action;
use domain::application::State;
use domain::facts::fact;
use domain::round::Phase;
use domain::ruleset::Source;
use domain::time::say_date;
use leptos::prelude::*;
use std::collections::BTreeMap;
use store::applications::{self, Found, Told};
use store::programs;

/// `/apply/{application}/receipt`.
pub async fn get_receipt(call: Call, Path(application): Path<String>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let found = work::opened(tx, &call, id(&application)?, Action::ReadApplication).await?;
    let named = programs::file_of(tx, &found.of).await?.named.is_some();
    drop(reader);
    let Some(submission) = found.application.submission().cloned() else {
        return Ok(go(format!("/apply/{}", found.application.id)));
    };
    let withdraws = call.actor.may(Action::SubmitApplication, found.subject())
        && matches!(found.application.state, State::Submitted(_))
        && found.of.round.phase(call.now) == Phase::Open;
    Ok(page(&call, Head::new(format!("Receipt {}", submission.number)), move || {
        let round = &found.of.round;
        let key = found.application.id;
        let withdrawn = match &found.application.state {
            State::Withdrawn { at, .. } => Some(view! {
                <div class="usa-alert usa-alert--warning">
                    <div class="usa-alert__body">
                        <p class="usa-alert__text">"This application was withdrawn on " {at.say_in(round.zone)} ". The receipt shows what had been submitted."</p>
                    </div>
                </div>
            }),
            State::Draft | State::Submitted(_) => None,
        };
        let units = submission.units;
        let signer = found.submitted_by_name.clone().unwrap_or_default();
        let way_back = withdraws.then(|| {
            view! {
                <li>
                    "Until " {round.deadline()} " you can "
                    <a href=format!("/apply/{key}/withdraw")>"withdraw it, change it and submit it again"</a> "."
                </li>
            }
        });
        let announced = round.award_on.map(|day| format!("Awards are to be announced on {}. ", say_date(day)));
        view! {
            {crumbs(&found)}
            {withdrawn}
            <div class="al-receipt">
                <h1>"Application received"</h1>
                <p>"Your number is " <strong>{submission.number.clone()}</strong></p>
                <dl class="al-facts">
                    <div><dt>"Applicant"</dt><dd>{found.applicant_name.clone()}</dd></div>
                    <div><dt>"Program"</dt><dd>{found.of.program.name.clone()} ", " {round.name.clone()}</dd></div>
                    <div><dt>"Received"</dt><dd>{submission.at.say_in(round.zone)} <span class="al-source">{submission.at.iso()} ", by the server’s clock"</span></dd></div>
                    <div><dt>"Asked for"</dt><dd>{units} {if units == 1 { " coach" } else { " coaches" }}</dd></div>
                    <div><dt>"Signed by"</dt><dd>{signer}</dd></div>
                    <div>
                        <dt>"Digest (SHA-256)"</dt>
                        <dd><span class="al-hash">{submission.digest.clone()}</span> <span class="al-source">"It names exactly what you submitted: the answers, the letters and the time."</span></dd>
                    </div>
                </dl>
            </div>
            <h2>"What happens next"</h2>
            <ol>
                {way_back}
                {next(&found, named, announced)}
            </ol>
            <div class="al-actions">
                <a class="usa-button usa-button--outline" href=format!("/apply/{key}/check")>"See what you submitted"</a>
            </div>
            <p class="al-source">"You can come back to this page at any time, or print it. A copy went to your organization’s preparers and certifiers."</p>
        }
    }))
}

/// What follows the submission, in a competition or where the law names the recipients.
fn next(found: &Found, named: bool, announced: Option<String>) -> impl IntoView + use<> {
    let round = &found.of.round;
    let (key, rules) = (found.application.id, format!("/programs/{}/{}", found.of.program.slug, round.slug));
    let outcome = format!("/apply/{key}/outcome");
    if named {
        return view! {
            <li>"The certifier reads and " <a href=format!("/apply/{key}/terms")>"accepts the terms of the award"</a> ". No award can be made before."</li>
            <li>"After the round closes on " {round.deadline()} ", staff without a tie to you check that your application can be considered."</li>
            <li>"The awards are approved as " <a href=rules>"the law names them"</a> ". " {announced} "You are told by mail and on your " <a href=outcome>"outcome page"</a> "."</li>
        }
        .into_any();
    }
    view! {
        <li>"After the round closes on " {round.deadline()} ", staff check that each application can be considered, and score what the rules ask them to score."</li>
        <li>"All applications are then ranked by the " <a href=rules>"published rules"</a> ". " {announced}</li>
        <li>"You are told by mail, and your " <a href=outcome>"outcome page"</a> " shows how your points were reached."</li>
    }
    .into_any()
}

/// `/apply/{application}/withdraw`.
pub async fn get_withdraw(call: Call, Path(application): Path<String>) -> Result<Response, AppError> {
    let found = super::load(&call, id(&application)?, Action::SubmitApplication).await?;
    if !matches!(found.application.state, State::Submitted(_)) {
        return Ok(go(format!("/apply/{}", found.application.id)));
    }
    Ok(show_withdraw(&call, found, Attempt::default()))
}

/// Takes the application back.
pub async fn post_withdraw(call: Call, Path(application): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let key: ApplicationId = id(&application)?;
    match work::withdraw(&call, key, fields.text("reason")).await {
        Ok(()) => Ok(go(format!("/apply/{key}"))),
        Err(error) => {
            let status = error.status();
            let attempt = Attempt::of(fields, error)?;
            let found = super::load(&call, key, Action::SubmitApplication).await?;
            let mut response = show_withdraw(&call, found, attempt);
            *response.status_mut() = status;
            Ok(response)
        }
    }
}

fn show_withdraw(call: &Call, found: Found, attempt: Attempt) -> Response {
    let open = found.of.round.phase(call.now) == Phase::Open;
    let head = Head::new(format!("Withdraw {}", found.number.clone().unwrap_or_default())).after(&attempt);
    page(call, head, move || {
        let key = found.application.id;
        let body = if open {
            view! {
                <form method="post" action=format!("/apply/{key}/withdraw") novalidate="">
                    <TextArea name="reason" label="Why do you withdraw it?" hint="Staff see this. A few words are enough." rows=3 attempt=attempt.clone()/>
                    <div class="al-actions">
                        <button class="usa-button usa-button--secondary" type="submit">"Withdraw the application"</button>
                        <a href=format!("/apply/{key}")>"Keep it"</a>
                    </div>
                </form>
            }
            .into_any()
        } else {
            view! { <p>"The round closed on " {found.of.round.deadline()} ", so the application can’t be withdrawn here any more. Write to the agency if it should not be considered."</p> }.into_any()
        };
        view! {
            {crumbs(&found)}
            <div class="al-narrow">
                <ErrorSummary attempt/>
                <h1>"Withdraw application " {found.number.clone()}</h1>
                <p class="al-lede">"A withdrawn application is not considered. Nothing is lost: until " {found.of.round.deadline()} " you can change it and submit it again, under the same number."</p>
                {body}
            </div>
        }
    })
}

/// `/apply/{application}/outcome`.
pub async fn get_outcome(call: Call, Path(application): Path<String>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let found = work::opened(tx, &call, id(&application)?, Action::ReadApplication).await?;
    let told = applications::told(tx, found.application.id, call.now).await?;
    let file = programs::file_of(tx, &found.of).await?;
    drop(reader);
    let units: BTreeMap<String, String> = file
        .ranking
        .criteria
        .iter()
        .filter_map(|criterion| match &criterion.source {
            Source::Fact { key } => Some((criterion.key.clone(), fact(key)?.unit.to_owned())),
            _ => None,
        })
        .collect();
    let names = (file.award.unit.clone(), file.award.units.clone());
    let named = file.named.is_some();
    let title = format!("Outcome: {}", found.applicant_name);
    Ok(page(&call, Head::new(title), move || {
        let said = match told {
            Some(told) if named => decided_by_law(&found, told).into_any(),
            Some(told) => decided(&found, told, units, &names).into_any(),
            None => undecided(&found).into_any(),
        };
        view! {
            {crumbs(&found)}
            <h1>"Outcome"</h1>
            {said}
        }
    }))
}

fn undecided(found: &Found) -> impl IntoView + use<> {
    let text = match &found.application.state {
        State::Submitted(_) => "Not decided yet.",
        State::Draft => "This application was not submitted, so there is nothing to decide.",
        State::Withdrawn { .. } => "This application is withdrawn, so there is nothing to decide.",
    };
    let when =
        found.of.round.award_on.map(|day| view! { <p>"Awards are to be announced on " {say_date(day)} ". You are told by mail."</p> });
    view! { <div class="al-empty"><p><strong>{text}</strong></p>{when}</div> }
}

/// What became of a recipient that the law names: no points, no pool and no line.
fn decided_by_law(found: &Found, told: Told) -> impl IntoView + use<> {
    let id = found.application.id;
    let (kind, heading) = match told.outcome.as_str() {
        "funded" => ("success", "Awarded as the law names it"),
        "waitlisted" => ("warning", "Waits for your terms"),
        "ineligible" => ("info", "Could not be considered"),
        _ => ("info", "No award"),
    };
    let onward = match told.outcome.as_str() {
        "funded" => view! { <p><a href=format!("/apply/{id}/decline")>"Decline the award"</a></p> }.into_any(),
        "waitlisted" => view! { <p><a class="usa-button" href=format!("/apply/{id}/terms")>"Read and accept the terms"</a></p> }.into_any(),
        _ => view! { <p><a href=format!("/apply/{id}/appeal")>"Appeal against the decision"</a></p> }.into_any(),
    };
    view! {
        {alert(kind, heading, view! { {told.reason} })}
        <p class="al-source">"Told on " {told.told_at.say_in(found.of.round.zone)} ". "<a href=format!("/apply/{id}/letter")>"The letter"</a></p>
        {onward}
        <p>
            <a href=format!("/apply/{id}/terms")>"What the law names, and the terms"</a>" · "
            <a href=format!("/programs/{}/{}/results", found.of.program.slug, found.of.round.slug)>"Results of the whole round"</a>
        </p>
    }
}

fn decided(found: &Found, told: Told, units: BTreeMap<String, String>, names: &(String, String)) -> impl IntoView + use<> {
    let count = format!("{} {}", told.units, if told.units == 1 { &names.0 } else { &names.1 });
    let (class, heading) = match told.outcome.as_str() {
        "funded" => ("usa-alert usa-alert--success", format!("Funded: {count}")),
        "partly_funded" => ("usa-alert usa-alert--success", format!("Funded in part: {count}")),
        "waitlisted" => ("usa-alert usa-alert--warning", "On the waiting list".to_owned()),
        "ineligible" => ("usa-alert usa-alert--info", "Could not be considered".to_owned()),
        _ => ("usa-alert usa-alert--info", "Not funded".to_owned()),
    };
    let why = format!("/apply/{}/why", found.application.id);
    let working = told
        .place
        .map(|place| view! { <h2>"How your points were reached"</h2> <Working place=place units=units of=told.ranked line=told.line/> });
    let id = found.application.id;
    let onward = match told.outcome.as_str() {
        "funded" => view! { <p><a href=format!("/apply/{id}/decline")>"Decline the award"</a></p> }.into_any(),
        "partly_funded" => view! {
            <p><a href=format!("/apply/{id}/appeal")>"Appeal against the decision"</a>" · "<a href=format!("/apply/{id}/decline")>"Decline the award"</a></p>
        }
        .into_any(),
        _ => view! { <p><a href=format!("/apply/{id}/appeal")>"Appeal against the decision"</a></p> }.into_any(),
    };
    view! {
        <div class=class>
            <div class="usa-alert__body">
                <h2 class="usa-alert__heading">{heading}</h2>
                <p class="usa-alert__text">{told.reason}</p>
            </div>
        </div>
        <p class="al-source">"Told on " {told.told_at.say_in(found.of.round.zone)} ". "<a href=format!("/apply/{}/letter", found.application.id)>"The letter"</a></p>
        {working}
        <p><a class="usa-button usa-button--outline" href=why>"Why, beside the pool and the line"</a></p>
        {onward}
        <p><a href=format!("/programs/{}/{}/results", found.of.program.slug, found.of.round.slug)>"Results of the whole round"</a></p>
    }
}
