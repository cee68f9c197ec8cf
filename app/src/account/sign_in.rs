//! The ways in: the list of providers, the address, the code, the link's page; and the way out.

use super::Network;
use super::work::{codes, enter};
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields};
use crate::sessions;
use crate::ui::field::{ErrorSummary, TextField};
use crate::ui::layout::{Head, go, page, percent};
use axum::Extension;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, StatusCode};
use leptos::prelude::*;

/// What sign-in pages read from their address.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    to: String,
    id: String,
    key: String,
}

fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// `/sign-in`. The browser is known by its cookie before the form comes, so that a form sent twice is the same browser's.
///
/// # Errors
/// As [`enter::browser`].
pub async fn get_page(call: Call, headers: HeaderMap, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let (_, cookie) = enter::browser(&call, &headers)?;
    Ok(with_cookie(show(&call, &Attempt::fresh(vec![("to", asked.to)])), cookie))
}

/// Asks for a code. The answer is the same whether the address is known here or not.
pub async fn post_page(call: Call, network: Option<Extension<Network>>, headers: HeaderMap, fields: Fields) -> Result<Response, AppError> {
    let (browser, cookie) = enter::browser(&call, &headers)?;
    let network = network.map_or_else(|| "unknown".to_owned(), |Extension(Network(name))| name);
    let to = enter::local(fields.text("to"));
    match codes::ask(&call, fields.text("email"), &browser, &network, &to).await {
        Ok(()) => Ok(with_cookie(go(format!("/sign-in/code?to={}", percent(&to))), cookie)),
        Err(error) => Ok(show(&call, &Attempt::of(fields, error)?)),
    }
}

fn show(call: &Call, attempt: &Attempt) -> Response {
    let to = enter::local(attempt.fields.text("to"));
    let providers = call.desk.house.providers.clone();
    let demo = call.desk.house.demo;
    let attempt = attempt.clone();
    page(call, Head::new("Sign in").after(&attempt), move || {
        let by_code = (!providers.is_empty()).then(|| view! { <h2>"Or by a code"</h2> });
        let buttons = providers
            .into_iter()
            .map(|(key, label)| {
                let address = format!("/sign-in/oidc/{key}?to={}", percent(&to));
                view! { <p><a class="usa-button" href=address>{format!("Sign in with {label}")}</a></p> }
            })
            .collect_view();
        view! {
            <div class="al-narrow al-sign-in">
                <ErrorSummary attempt=attempt.clone()/>
                <h1>"Sign in"</h1>
                {demo.then(|| view! {
                    <div class="usa-alert usa-alert--info"><div class="usa-alert__body">
                        <p class="usa-alert__text">"This is the demonstration. " <a href="/demo">"Sign in as any of its people with one click"</a> "."</p>
                    </div></div>
                })}
                {buttons}
                {by_code}
                <form method="post" action="/sign-in">
                    <input type="hidden" name="to" value=to/>
                    <TextField
                        name="email"
                        label="Email address"
                        hint="Use the address that was invited. We send a code; no password is needed."
                        kind="email"
                        autocomplete="email"
                        attempt=attempt
                    />
                    <p class="al-actions"><button class="usa-button" type="submit">"Send me a code"</button></p>
                </form>
                <p>"Nobody has invited you yet? Ask the program’s manager at the agency. Public pages need no account: " <a href="/">"see all programs"</a> "."</p>
            </div>
        }
    })
}

/// `/sign-in/code`.
pub async fn get_code(call: Call, Query(asked): Query<Asked>) -> Response {
    show_code(&call, &Attempt::fresh(vec![("to", asked.to)]))
}

/// Signs in with the code.
pub async fn post_code(call: Call, headers: HeaderMap, fields: Fields) -> Result<Response, AppError> {
    let (browser, cookie) = enter::browser(&call, &headers)?;
    match codes::enter_code(&call, &browser, fields.text("code")).await {
        Ok(session) => Ok(with_cookie(go(enter::local(fields.text("to"))), Some(session))),
        Err(error) => Ok(with_cookie(show_code(&call, &Attempt::of(fields, error)?), cookie)),
    }
}

fn show_code(call: &Call, attempt: &Attempt) -> Response {
    let to = enter::local(attempt.fields.text("to"));
    let attempt = attempt.clone();
    let until = sessions::say_time(call.now.plus_seconds(codes::CODE_SECONDS));
    page(call, Head::new("Enter your code").after(&attempt), move || {
        let again = format!("/sign-in?to={}", percent(&to));
        view! {
            <div class="al-narrow al-sign-in">
                <ErrorSummary attempt=attempt.clone()/>
                <h1>"Enter your code"</h1>
                <p>"If your address is known here, a message with a code is on its way. The code holds for ten minutes, until about " {until} "."</p>
                <form method="post" action="/sign-in/code">
                    <input type="hidden" name="to" value=to/>
                    <TextField
                        name="code"
                        label="Code"
                        hint="Eight digits, such as 1234 5678."
                        mode="numeric"
                        autocomplete="one-time-code"
                        attempt=attempt
                    />
                    <p class="al-actions"><button class="usa-button" type="submit">"Sign in"</button></p>
                </form>
                <h2>"No message?"</h2>
                <p>"It can take a minute, and may lie among unwanted mail. Only an address that was invited gets one. "
                    <a href=again>"Ask for another code"</a> "."</p>
            </div>
        }
    })
}

/// `/sign-in/link`: looking at it changes nothing, so that mail scanners do no harm.
pub async fn get_link(call: Call, headers: HeaderMap, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let base = &call.desk.house.base_url;
    let browser = sessions::cookie(&headers, sessions::browser_cookie_name(base));
    let stands = match asked.id.parse() {
        Ok(id) => codes::look_at(&call, id, &asked.key, browser.as_deref()).await?,
        Err(_) => codes::Link::Over,
    };
    Ok(show_link(&call, &stands, asked))
}

/// The link's button.
pub async fn post_link(call: Call, headers: HeaderMap, fields: Fields) -> Result<Response, AppError> {
    let (browser, _) = enter::browser(&call, &headers)?;
    let session = codes::enter_link(&call, fields.hidden("id")?, fields.text("key"), &browser).await?;
    Ok(with_cookie(go(enter::local(fields.text("to"))), Some(session)))
}

fn show_link(call: &Call, stands: &codes::Link, asked: Asked) -> Response {
    let mut head = Head::new("Sign in by link");
    let Asked { to, id, key } = asked;
    let body = match stands {
        codes::Link::Ready => view! {
            <h1>"Sign in"</h1>
            <p>"Press the button to go on. The link works once."</p>
            <form method="post" action="/sign-in/link">
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="key" value=key/>
                <input type="hidden" name="to" value=to/>
                <p class="al-actions"><button class="usa-button" type="submit">"Sign in"</button></p>
            </form>
        }
        .into_any(),
        codes::Link::OtherBrowser => view! {
            <h1>"Go back to the other browser"</h1>
            <p class="al-lede">"This link was asked for in another browser or on another device, and works only there."</p>
            <p>"Type the code from the same message on the page where you asked for it. Or "
                <a href="/sign-in">"ask for a new code in this browser"</a> "."</p>
        }
        .into_any(),
        codes::Link::Over => {
            head.status = StatusCode::GONE;
            view! {
                <h1>"This link does not hold any more"</h1>
                <p class="al-lede">"A link works once, and for ten minutes."</p>
                <p><a href="/sign-in">"Ask for a new one"</a> "."</p>
            }
            .into_any()
        }
    };
    page(call, head, move || view! { <div class="al-narrow al-sign-in">{body}</div> })
}

/// Ends this session.
pub async fn post_sign_out(call: Call) -> Result<Response, AppError> {
    let gone = enter::leave(&call, false).await?;
    Ok(with_cookie(go("/").into_response(), Some(gone)))
}

/// Ends all of the person's sessions.
pub async fn post_sign_out_everywhere(call: Call) -> Result<Response, AppError> {
    let gone = enter::leave(&call, true).await?;
    Ok(with_cookie(go("/sign-in"), Some(gone)))
}
