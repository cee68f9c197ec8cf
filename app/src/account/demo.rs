//! The demo desk: everybody with one click each, their mail, and the clock. Outside the demo none of these doors exists.

use super::work::enter;
use crate::call::Call;
use crate::error::AppError;
use crate::form::Fields;
use crate::sessions::ABSOLUTE_SECONDS;
use crate::ui::layout::{Head, go, page};
use crate::ui::table::{OnPhone, Table};
use axum::response::Response;
use domain::access::{Action, Role, Subject};
use domain::{Timestamp, Zone};
use http::header::SET_COOKIE;
use leptos::prelude::*;
use store::memberships::{self, Held};
use store::messages::{self, Message};
use store::{events, programs};
use uuid::Uuid;

fn only_here(call: &Call) -> Result<(), AppError> {
    call.must(Action::UseDemo, Subject::default())?;
    if call.desk.house.demo { Ok(()) } else { Err(AppError::NotFound) }
}

/// The deadline that the clock's buttons are about: the last one of the rounds that have been opened.
async fn deadline(call: &Call) -> Result<Option<(String, Timestamp)>, AppError> {
    let rounds = programs::list_rounds(&mut call.reader().await?.tx()).await?;
    let opened = rounds.into_iter().filter(|of| of.round.opened.is_some());
    Ok(opened.max_by_key(|of| of.round.closes_at).map(|of| (of.round.name, of.round.closes_at)))
}

/// `/demo`.
pub async fn get_page(call: Call) -> Result<Response, AppError> {
    only_here(&call)?;
    let mut held = memberships::list(&mut call.reader().await?.tx()).await?;
    let place = |role: Role| Role::ALL.iter().position(|other| *other == role);
    held.sort_by_key(|held| (place(held.role), held.organization_name.clone(), held.name.clone()));
    let deadline = deadline(&call).await?;
    let (now, shifted) = (call.now, call.desk.clock.shifted_by());
    let roles = Role::ALL.into_iter().filter(|role| held.iter().any(|held| held.role == *role)).collect::<Vec<_>>();
    Ok(page(&call, Head::new("Demo desk"), move || {
        let people = roles.into_iter().map(|role| people_of(role, &held)).collect_view();
        view! {
            <h1>"Demo desk"</h1>
            <p class="al-lede">"Sign in as anybody with one click, read their mail, and move the clock to see what happens at a deadline."</p>
            <p><a href="/demo/mail">"Read the demo’s mail"</a></p>
            <section>
                <h2>"People"</h2>
                {people}
            </section>
            {clock(now, shifted, deadline)}
        }
    }))
}

/// One line: what a role can do.
const fn does(role: Role) -> &'static str {
    match role {
        Role::ProgramManager => "imports programs, opens rounds, screens, ranks, proposes awards, tells applicants",
        Role::Reviewer => "scores applications against the rubric, with reasons",
        Role::Approver => "approves or returns what a manager proposes",
        Role::FiscalAgent => "decides on draws and records payments",
        Role::Auditor => "reads everything, changes nothing",
        Role::Preparer => "fills in a district’s application",
        Role::Certifier => "signs and submits a district’s application",
        Role::RegionalPreparer => "prepares draws and reports of a regional organization",
        Role::RegionalCertifier => "requests draws, signs reports of a regional organization",
    }
}

fn people_of(role: Role, held: &[Held]) -> impl IntoView + use<> {
    let rows = held
        .iter()
        .filter(|held| held.role == role)
        .map(|held| {
            let says = format!("Sign in as {}, {} in {}", held.name, role.name(), held.organization_name);
            view! {
                <tr>
                    <th scope="row">{held.name.clone()}</th>
                    <td>{held.organization_name.clone()}</td>
                    <td>
                        <form method="post" action="/demo/sign-in">
                            <input type="hidden" name="person" value=held.person.to_string()/>
                            <button class="usa-button usa-button--outline" type="submit" aria-label=says>"Sign in"</button>
                        </form>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption=format!("{}: {}", role.name(), does(role)) on_phone=OnPhone::Table>
            <thead><tr><th scope="col">"Name"</th><th scope="col">"Organization"</th><th scope="col">"Go"</th></tr></thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

fn clock(now: Timestamp, shifted: i64, deadline: Option<(String, Timestamp)>) -> impl IntoView {
    let button = |to: &'static str, words: &'static str| {
        view! { <button class="usa-button usa-button--outline" type="submit" name="to" value=to>{words}</button> }
    };
    let around = deadline.map(|(round, at)| {
        view! {
            <p>"The deadline of " {round} " is " {at.say_in(Zone::CENTRAL)} "."</p>
            <p class="al-actions">
                {button("before", "One minute before the deadline")}
                {button("after", "Just after the deadline")}
            </p>
        }
    });
    view! {
        <section>
            <h2>"The clock"</h2>
            <p>"The demo’s clock says " <strong>{now.say_in(Zone::CENTRAL)}</strong>
                {if shifted == 0 { "; it shows the real time." } else { "; it has been moved." }}</p>
            <form method="post" action="/demo/clock">
                {around}
                <p class="al-actions">{button("day", "One day on")} {button("month", "Thirty days on")} {button("real", "Back to the real time")}</p>
            </form>
        </section>
    }
}

/// Signs in one of the demo's people.
pub async fn post_sign_in(call: Call, fields: Fields) -> Result<Response, AppError> {
    only_here(&call)?;
    let cookie = enter::enter_demo(&call, fields.hidden("person")?).await?;
    let mut response = go(enter::local(fields.text("to")));
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

/// Moves the clock.
pub async fn post_clock(call: Call, fields: Fields) -> Result<Response, AppError> {
    only_here(&call)?;
    let clock = &call.desk.clock;
    let no_deadline = || AppError::Bad("No round has been opened, so there is no deadline to move to.".to_owned());
    let seconds = match fields.text("to") {
        "before" => deadline(&call).await?.ok_or_else(no_deadline)?.1.plus_seconds(-60).seconds_since(call.now),
        // The door is open to the deadline's own second.
        "after" => deadline(&call).await?.ok_or_else(no_deadline)?.1.plus_seconds(1).seconds_since(call.now),
        "day" => 24 * 60 * 60,
        "month" => 30 * 24 * 60 * 60,
        "real" => -clock.shifted_by(),
        _ => return Err(AppError::Bad("The clock cannot go there.".to_owned())),
    };
    clock.shift(seconds);
    let (before, now) = (call.now, clock.now());
    let mut event = call.event(Subject::default(), "demo", Uuid::nil(), "moved the demo’s clock");
    // So that whoever audits an agency finds it among the acts of its people.
    event.organization = call.actor.memberships.first().map(|membership| membership.organization);
    (event.from, event.to) = (Some(before.iso()), Some(now.iso()));
    call.write(move |tx| {
        let event = event.clone();
        Box::pin(async move {
            store::sessions::record_clock_moved(tx, before, now, now.plus_seconds(ABSOLUTE_SECONDS)).await?;
            Ok::<(), AppError>(events::add(tx, &event).await?)
        })
    })
    .await?;
    Ok(go("/demo"))
}

/// `/demo/mail`.
pub async fn get_mail(call: Call) -> Result<Response, AppError> {
    only_here(&call)?;
    let mail = messages::list_latest(&mut call.reader().await?.tx(), 100).await?;
    Ok(page(&call, Head::new("Demo mail"), move || {
        let none = mail.is_empty();
        let mail = mail.into_iter().map(letter).collect_view();
        view! {
            <div class="al-narrow">
                <h1>"Demo mail"</h1>
                <p class="al-lede">"What the portal would have sent, the newest first. The demo sends nothing."</p>
                {none.then(|| view! { <p class="al-empty">"Nothing has been written yet."</p> })}
                {mail}
            </div>
        }
    }))
}

fn letter(message: Message) -> impl IntoView {
    view! {
        <article>
            <h2>{message.subject}</h2>
            <p class="al-source">"To " {message.to_email} ", " {Timestamp::new(message.queued_at).say_in(Zone::CENTRAL)}</p>
            <pre class="al-letter">{message.body}</pre>
        </article>
    }
}
