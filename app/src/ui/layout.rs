//! The frame round every page: the demo's band, the header with what this person can go to, the page, the foot.

use super::session;
use crate::call::Call;
use crate::error::AppError;
use crate::render::{Page, html};
use axum::response::{IntoResponse, Redirect, Response};
use domain::access::{Action, Role};
use http::StatusCode;
use leptos::prelude::*;

/// What a page says of itself.
#[derive(Clone, Debug)]
pub struct Head {
    /// The title, which is also what a screen reader says first.
    pub title: String,
    /// 200, or 422 when a refused form is shown again.
    pub status: StatusCode,
    /// The islands that the page holds, if any.
    pub islands: Option<Islands>,
}

/// Which of the two modules a page's islands are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Islands {
    /// The light one.
    Light,
    /// The one that ranks and allocates.
    Reckoning,
}

impl Head {
    /// A page without script.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), status: StatusCode::OK, islands: None }
    }

    /// A page with islands.
    #[must_use]
    pub const fn with_islands(mut self) -> Self {
        self.islands = Some(Islands::Light);
        self
    }

    /// A page with islands that rank and allocate.
    #[must_use]
    pub const fn with_reckoning(mut self) -> Self {
        self.islands = Some(Islands::Reckoning);
        self
    }

    /// A page that shows a refused form again: 422 when the attempt has problems.
    #[must_use]
    pub fn after(mut self, attempt: &crate::form::Attempt) -> Self {
        if !attempt.problems.is_empty() {
            self.status = StatusCode::UNPROCESSABLE_ENTITY;
            self.title = format!("Problem: {}", self.title);
        }
        self
    }
}

/// Renders a page in the frame: `page(&call, Head::new("My applications"), || view! { … })`.
pub fn page<V: IntoView + 'static>(call: &Call, head: Head, body: impl FnOnce() -> V) -> Response {
    let body = html(body);
    let notice = session::notice(call, &body);
    let scripted = head.islands.is_some() || notice.is_some();
    Page::render(head.status, scripted, |nonce| document(call, &head, nonce, body, notice)).into_response()
}

fn document<N: IntoView + 'static>(
    call: &Call,
    head: &Head,
    nonce: Option<String>,
    body: String,
    notice: Option<N>,
) -> impl IntoView + use<N> {
    let house = &call.desk.house;
    let title = format!("{} – Allotment", head.title);
    let scripts = nonce.map(|nonce| {
        let site = &house.site;
        let (js, wasm) = match head.islands {
            Some(Islands::Reckoning) => (&site.reckon_js, &site.reckon_wasm),
            Some(Islands::Light) | None => (&site.js, &site.wasm),
        };
        view! {
            <script
                nonce=nonce
                type="module"
                src=format!("/site/{}", site.loader)
                data-js=format!("/site/{js}")
                data-wasm=format!("/site/{wasm}")
            ></script>
        }
    });
    let band = house.demo.then(|| demo_band(call));
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <title>{title}</title>
                <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%23162e51' d='M1 1h6v6H1zM9 1h6v6H9zM1 9h6v6H1z'/%3E%3Cpath fill='%23c2850c' d='M9 9h6v6H9z'/%3E%3C/svg%3E"/>
                <link rel="stylesheet" href=format!("/site/{}", house.site.css)/>
                {scripts}
            </head>
            <body>
                <a class="usa-skipnav" href="#main">"Skip to the page"</a>
                {band}
                {header(call)}
                <main id="main" class="al-page" tabindex="-1" inner_html=body></main>
                {notice}
                {foot()}
            </body>
        </html>
    }
}

/// Where a page with a large module says that it is on its way, or that it did not come.
pub fn waiting(wait: &'static str) -> impl IntoView {
    view! { <p class="al-waiting" role="status" data-wait=wait data-failed="The code could not be fetched. Reload the page to try again."></p> }
}

fn demo_band(call: &Call) -> impl IntoView + use<> {
    let now = call.now.say_in(domain::Zone::CENTRAL);
    view! {
        <div class="al-band" role="region" aria-label="Demonstration notice">
            <strong>"Demonstration. "</strong>
            "Real districts and public figures; applications, weights, letters and awards are synthetic. "
            "The demo plays in the spring of 2024; its clock says " {now} ". "
            <a href="/demo">"Demo desk: people, mail, clock"</a>
        </div>
    }
}

/// The places that this person's roles lead to: address and words.
fn places(call: &Call) -> Vec<(&'static str, &'static str)> {
    let actor = &call.actor;
    let mut places = vec![("/", "Programs")];
    if actor.person.is_none() {
        return places;
    }
    let holds = |roles: &[Role]| !actor.organizations_as(roles).is_empty();
    places.push(("/home", "My work"));
    if holds(&[Role::Preparer, Role::Certifier]) {
        places.push(("/apply", "Applications"));
    }
    if actor.must_somewhere(Action::ReadReviews).is_ok() {
        places.push(("/review", "Review"));
        places.push(("/decide", "Awards"));
    }
    if actor.must_somewhere(Action::ReadAwards).is_ok() {
        places.push(("/fund", "Money"));
        places.push(("/report", "Reports"));
    }
    if actor.must_somewhere(Action::RunPrograms).is_ok() {
        places.push(("/manage", "Set-up"));
    }
    if actor.must_somewhere(Action::ReadHistory).is_ok() {
        places.push(("/audit", "Audit"));
    }
    places
}

fn header(call: &Call) -> impl IntoView + use<> {
    let path = call.path.clone();
    let items = places(call)
        .into_iter()
        .map(|(address, words)| {
            let here = if address == "/" { path == "/" || path.starts_with("/programs") } else { path.starts_with(address) };
            let current = here.then_some("page");
            view! { <li><a href=address aria-current=current>{words}</a></li> }
        })
        .collect_view();
    let account = if call.actor.person.is_some() {
        view! { <a class="al-header__account" href="/account">{call.actor.name.clone()}</a> }.into_any()
    } else {
        view! { <a class="al-header__account" href="/sign-in">"Sign in"</a> }.into_any()
    };
    view! {
        <header class="al-header">
            <div class="al-header__inner">
                <a class="al-header__name" href="/">"Allotment"</a>
                <nav class="al-nav" aria-label="Main"><ul>{items}</ul></nav>
                {account}
            </div>
        </header>
    }
}

fn foot() -> impl IntoView {
    view! {
        <footer class="al-footer">
            <div class="al-footer__inner">
                <p>"Allotment: from the law to the number, and every dollar accounted for."</p>
                <p><a href="/help">"Help"</a> " · " <a href="/accessibility">"Accessibility"</a> " · " <a href="/open">"Open data"</a></p>
            </div>
        </footer>
    }
}

/// Marks a response as a refusal still to be told to its reader.
#[derive(Clone, Debug)]
pub struct Told(pub AppError);

/// A refusal before anybody knows who reads it: the gate turns it into a page.
pub fn error_page(error: &AppError) -> Response {
    let (title, text) = error.say();
    let mut response = (error.status(), format!("{title}. {text}")).into_response();
    let told = match error {
        AppError::Store(cause) => AppError::internal(cause),
        other => other.clone(),
    };
    response.extensions_mut().insert(Told(told));
    response
}

/// Tells a refusal on a page, or sends to sign-in and back.
pub fn refuse(call: &Call, error: &AppError) -> Response {
    if matches!(error, AppError::SignIn) {
        return Redirect::to(&format!("/sign-in?to={}", percent(&call.path))).into_response();
    }
    let (title, text) = error.say();
    let mut head = Head::new(title);
    head.status = error.status();
    page(call, head, move || {
        view! {
            <div class="al-narrow">
                <h1>{title}</h1>
                <p class="al-lede">{text}</p>
                <p><a href="/home">"Go to my work"</a> " or " <a href="/">"see all programs"</a> "."</p>
            </div>
        }
    })
}

/// A form that arrived after its session had ended: nothing of it is lost. The reader signs in beside it and sends it again as it stands.
pub fn keep_typed(call: &Call, fields: crate::form::Fields) -> Response {
    let mut head = Head::new("You were signed out");
    head.status = StatusCode::UNAUTHORIZED;
    let (address, sign_in) = (call.path.clone(), format!("/sign-in?to={}", percent(&call.path)));
    let shown = fields
        .0
        .iter()
        .filter(|(_, text)| text.chars().count() > 40)
        .map(|(_, text)| view! { <blockquote class="al-kept">{text.clone()}</blockquote> })
        .collect_view();
    let hidden = fields.0.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    page(call, head, move || {
        view! {
            <div class="al-narrow">
                <h1>"You were signed out"</h1>
                <p class="al-lede">"Nothing was saved yet, and nothing is lost: what you typed is on this page."</p>
                <ol>
                    <li><a href=sign_in target="_blank" rel="noopener">"Sign in, in a new tab"</a></li>
                    <li>"Come back to this tab and send it again."</li>
                </ol>
                <form method="post" action=address>
                    {hidden}
                    <button class="usa-button" type="submit">"Send it again"</button>
                </form>
                {shown}
            </div>
        }
    })
}

/// Percent-encodes a path for use in a query.
#[must_use]
pub fn percent(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// After a form that was taken: go there with a GET.
#[must_use]
pub fn go(to: impl AsRef<str>) -> Response {
    Redirect::to(to.as_ref()).into_response()
}
