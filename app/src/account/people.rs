//! People and roles: who holds what where, who is invited, and the forms that change it.

use super::work::people::{self as work, Roster};
use crate::call::{Call, mint};
use crate::error::AppError;
use crate::form::{self, Attempt, Fields};
use crate::ui::field::{ErrorSummary, Select, TextArea, TextField};
use crate::ui::layout::{Head, go, page};
use crate::ui::table::{OnPhone, Table};
use axum::extract::Path;
use axum::response::Response;
use domain::access::Role;
use domain::{InvitationId, MembershipId, Timestamp, Zone};
use leptos::prelude::*;
use store::memberships::Held;

/// `/people`.
pub async fn get_page(call: Call) -> Result<Response, AppError> {
    let id: InvitationId = mint(call.now);
    let roster = work::roster(&call).await?;
    Ok(show(&call, roster, Attempt::fresh(vec![("id", id.to_string())])))
}

/// Invites.
pub async fn post_page(call: Call, fields: Fields) -> Result<Response, AppError> {
    match work::invite(&call, &fields).await {
        Ok(_) => Ok(go("/people")),
        Err(error) => {
            let attempt = Attempt::of(fields, error)?;
            let roster = work::roster(&call).await?;
            Ok(show(&call, roster, attempt))
        }
    }
}

fn show(call: &Call, roster: Roster, attempt: Attempt) -> Response {
    page(call, Head::new("People and roles").after(&attempt), move || {
        let Roster { held, invited, organizations } = roster;
        let nobody = invited.is_empty();
        let held = held.into_iter().map(held_row).collect_view();
        let invited = invited.into_iter().map(invited_row).collect_view();
        let choose = || std::iter::once((String::new(), "Choose".to_owned()));
        let places = choose().chain(organizations.into_iter().map(|place| (place.id.to_string(), place.name))).collect();
        let roles = choose().chain(Role::ALL.into_iter().map(|role| (role.as_str().to_owned(), role.name().to_owned()))).collect();
        view! {
            <ErrorSummary attempt=attempt.clone()/>
            <h1>"People and roles"</h1>
            <section>
                <h2>"Invite somebody"</h2>
                <p>"They get a message, and hold the role as soon as they sign in with this address. Who has an account already holds it at once."</p>
                <form method="post" action="/people" class="al-narrow">
                    <input type="hidden" name="id" value=attempt.fields.text("id").to_owned()/>
                    <TextField name="email" label="Email address" kind="email" attempt=attempt.clone()/>
                    <Select name="organization" label="Organization" options=places attempt=attempt.clone()/>
                    <Select
                        name="role"
                        label="Role"
                        hint="Staff roles are held in the agency; preparer and certifier in a district or community; regional roles in a regional organization."
                        options=roles
                        attempt=attempt.clone()
                    />
                    <p class="al-actions"><button class="usa-button" type="submit">"Invite"</button></p>
                </form>
            </section>
            <section>
                <h2>"Invited"</h2>
                {nobody.then(|| view! { <p class="al-empty">"No invitation is waiting."</p> })}
                {(!nobody).then(|| view! {
                    <Table caption="Invitations that wait to be taken up" on_phone=OnPhone::Table>
                        <thead><tr><th scope="col">"Address"</th><th scope="col">"Role"</th><th scope="col">"Organization"</th>
                            <th scope="col">"Until"</th><th scope="col">"Change"</th></tr></thead>
                        <tbody>{invited}</tbody>
                    </Table>
                })}
            </section>
            <section>
                <h2>"Roles held now"</h2>
                <Table caption="Who holds which role where" on_phone=OnPhone::Table>
                    <thead><tr><th scope="col">"Name"</th><th scope="col">"Role"</th><th scope="col">"Organization"</th>
                        <th scope="col">"Since"</th><th scope="col">"Change"</th></tr></thead>
                    <tbody>{held}</tbody>
                </Table>
            </section>
        }
    })
}

fn held_row(held: Held) -> impl IntoView {
    let says = format!("End the role of {} as {}", held.name, held.role.name());
    view! {
        <tr>
            <th scope="row">{held.name} <br/> <span class="al-source">{held.email}</span></th>
            <td>{held.role.name()}</td>
            <td>{held.organization_name}</td>
            <td>{domain::time::say_date(Timestamp::new(held.since).date_in(Zone::CENTRAL))}</td>
            <td><a href=format!("/people/roles/{}", held.id) aria-label=says>"End"</a></td>
        </tr>
    }
}

fn invited_row(open: store::invitations::Invitation) -> impl IntoView {
    let says = format!("Withdraw the invitation of {} as {}", open.email, open.role.name());
    view! {
        <tr>
            <th scope="row">{open.email}</th>
            <td>{open.role.name()}</td>
            <td>{open.organization_name}</td>
            <td>{domain::time::say_date(Timestamp::new(open.expires_at).date_in(Zone::CENTRAL))}</td>
            <td>
                <form method="post" action=format!("/people/invitations/{}/withdraw", open.id)>
                    <button class="usa-button usa-button--unstyled" type="submit" aria-label=says>"Withdraw"</button>
                </form>
            </td>
        </tr>
    }
}

/// Withdraws an invitation.
pub async fn post_withdraw(call: Call, Path(id): Path<String>) -> Result<Response, AppError> {
    work::withdraw(&call, form::id(&id)?).await?;
    Ok(go("/people"))
}

/// `/people/roles/{membership}`: asks before a role ends.
pub async fn get_role(call: Call, Path(id): Path<String>) -> Result<Response, AppError> {
    show_role(&call, form::id(&id)?, Attempt::default()).await
}

/// Ends a role.
pub async fn post_role(call: Call, Path(id): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let id: MembershipId = form::id(&id)?;
    match work::end(&call, id, fields.text("reason")).await {
        Ok(()) => Ok(go("/people")),
        Err(error) => show_role(&call, id, Attempt::of(fields, error)?).await,
    }
}

async fn show_role(call: &Call, id: MembershipId, attempt: Attempt) -> Result<Response, AppError> {
    let (held, _) = work::find_held(call, &mut call.reader().await?.tx(), id).await?;
    Ok(page(call, Head::new("End a role").after(&attempt), move || {
        view! {
            <div class="al-narrow">
                <ErrorSummary attempt=attempt.clone()/>
                <h1>"End the role of " {held.name} "?"</h1>
                <p class="al-lede">{held.role.name()} " in " {held.organization_name} "."</p>
                <p>"It ends at once; what was done in it stays in the record. The person is told, with the reason."</p>
                <form method="post" action=format!("/people/roles/{id}")>
                    <TextArea name="reason" label="Reason" rows=3 attempt=attempt/>
                    <p class="al-actions">
                        <button class="usa-button usa-button--secondary" type="submit">"End the role"</button>
                        <a href="/people">"Keep it"</a>
                    </p>
                </form>
            </div>
        }
    }))
}
