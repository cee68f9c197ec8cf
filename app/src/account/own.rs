//! One's own account: name, roles, sessions, and the ways out.

use super::work::enter;
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields};
use crate::sessions::say_time;
use crate::ui::field::{ErrorSummary, TextField};
use crate::ui::layout::{Head, go, page};
use crate::ui::table::{OnPhone, Table};
use axum::response::Response;
use domain::{Timestamp, Zone};
use leptos::prelude::*;
use store::sessions::Listed;

/// `/account`.
pub async fn get_page(call: Call) -> Result<Response, AppError> {
    let attempt = Attempt::fresh(vec![("name", call.actor.name.clone())]);
    show(&call, attempt).await
}

/// Changes the name.
pub async fn post_page(call: Call, fields: Fields) -> Result<Response, AppError> {
    match enter::rename(&call, fields.text("name")).await {
        Ok(()) => Ok(go("/account")),
        Err(error) => show(&call, Attempt::of(fields, error)?).await,
    }
}

async fn show(call: &Call, attempt: Attempt) -> Result<Response, AppError> {
    let person = call.person()?;
    let sessions = store::sessions::list_live(&mut call.reader().await?.tx(), person, call.now, enter::idle_since(call.now)).await?;
    let (email, memberships) = (call.actor.email.clone(), call.actor.memberships.clone());
    let this = call.session.as_ref().map(|live| live.key_sha256.clone()).unwrap_or_default();
    let ends = call.session.as_ref().map(|live| say_time(live.expires_at));
    Ok(page(call, Head::new("My account").after(&attempt), move || {
        let roles = memberships
            .into_iter()
            .map(|held| view! { <li><strong>{held.role.name()}</strong> " in " {held.organization_name}</li> })
            .collect_view();
        let rows = sessions.into_iter().map(|session| row(session, &this)).collect_view();
        view! {
            <div class="al-narrow">
                <ErrorSummary attempt=attempt.clone()/>
                <h1>"My account"</h1>
                <dl class="al-facts"><dt>"Address"</dt><dd>{email}</dd></dl>
                <form method="post" action="/account">
                    <TextField name="name" label="Name" hint="As others see it beside what you do." autocomplete="name" attempt=attempt/>
                    <p class="al-actions"><button class="usa-button usa-button--outline" type="submit">"Save the name"</button></p>
                </form>
                <h2>"Roles"</h2>
                <ul>{roles}</ul>
                <h2>"Where you are signed in"</h2>
                <Table caption="Browsers signed in to your account now" on_phone=OnPhone::Table>
                    <thead><tr><th scope="col">"Signed in"</th><th scope="col">"By"</th><th scope="col">"Last used"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </Table>
                {ends.map(|ends| view! { <p>"In any case you will be asked to sign in again after " {ends} "."</p> })}
                <form method="post" action="/sign-out"><button class="usa-button" type="submit">"Sign out"</button></form>
                <form method="post" action="/sign-out/everywhere">
                    <button class="usa-button usa-button--outline" type="submit">"Sign out everywhere"</button>
                </form>
            </div>
        }
    }))
}

fn row(session: Listed, this: &str) -> impl IntoView + use<> {
    let here = session.key_sha256 == this;
    let by = match session.method.as_str() {
        "oidc" => "another account",
        "email" => "email code",
        _ => "the demo desk",
    };
    view! {
        <tr>
            <th scope="row">
                {Timestamp::new(session.started_at).say_in(Zone::CENTRAL)}
                {here.then(|| view! { " " <span class="al-tag al-tag--info">"This browser"</span> })}
            </th>
            <td>{by}</td>
            <td>{Timestamp::new(session.seen_at).say_in(Zone::CENTRAL)}</td>
        </tr>
    }
}
