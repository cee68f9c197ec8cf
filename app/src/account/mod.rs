//! One's own account, what there is to do, and the people of an organization; the ways in and out. Sign-in through OpenID Connect has its
//! doors in the server, which alone talks to providers; it ends in this room's [`work::enter`] like every other way in.

mod demo;
mod home;
mod own;
mod people;
mod sign_in;
pub mod work;

use crate::call::Call;
use crate::doors::Doors;
use crate::ui::layout::{Head, page};
use axum::response::Response;
use domain::access::Action;
use leptos::prelude::*;

/// From which network a request comes, as the server's layer found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network(pub String);

/// The doors of this room.
#[must_use]
pub fn doors(doors: Doors) -> Doors {
    doors
        .get("/sign-in", Action::SignIn, sign_in::get_page)
        .post("/sign-in", Action::SignIn, sign_in::post_page)
        .get("/sign-in/code", Action::SignIn, sign_in::get_code)
        .post("/sign-in/code", Action::SignIn, sign_in::post_code)
        .get("/sign-in/link", Action::SignIn, sign_in::get_link)
        .post("/sign-in/link", Action::SignIn, sign_in::post_link)
        .post("/sign-out", Action::SignIn, sign_in::post_sign_out)
        .post("/sign-out/everywhere", Action::SignIn, sign_in::post_sign_out_everywhere)
        .get("/home", Action::UseAccount, home::get_page)
        .get("/account", Action::UseAccount, own::get_page)
        .post("/account", Action::UseAccount, own::post_page)
        .get("/people", Action::ManagePeople, people::get_page)
        .post("/people", Action::ManagePeople, people::post_page)
        .post("/people/invitations/{invitation}/withdraw", Action::ManagePeople, people::post_withdraw)
        .get("/people/roles/{membership}", Action::ManagePeople, people::get_role)
        .post("/people/roles/{membership}", Action::ManagePeople, people::post_role)
        .get("/demo", Action::UseDemo, demo::get_page)
        .post("/demo/sign-in", Action::UseDemo, demo::post_sign_in)
        .get("/demo/mail", Action::UseDemo, demo::get_mail)
        .post("/demo/clock", Action::UseDemo, demo::post_clock)
}

/// For somebody whom a provider knows and nobody here has invited: no account is made of a stranger.
pub fn uninvited(call: &Call, provider: &str, email: Option<&str>) -> Response {
    let provider = provider.to_owned();
    let email = email.map(str::to_owned);
    page(call, Head::new("No role yet"), move || {
        let advice = match email {
            Some(email) => view! { <p>"Ask the program’s manager at the agency to invite " <strong>{email}</strong> ", then sign in again."</p> }.into_any(),
            None => view! {
                <p>{provider.clone()} " did not confirm an email address for you, so we cannot tell whether you were invited. Confirm your address
                    there, or " <a href="/sign-in">"sign in by email"</a> " instead."</p>
            }
            .into_any(),
        };
        view! {
            <div class="al-narrow">
                <h1>"You have no role here yet"</h1>
                <p class="al-lede">{provider.clone()} " signed you in, but nobody has invited you to Allotment yet."</p>
                {advice}
                <p>"Public pages need no account: " <a href="/">"see all programs"</a> "."</p>
            </div>
        }
    })
}
