//! Sign-in through OpenID Connect: authorization code with PKCE, state, nonce and issuer check, for any number of providers. A journey is
//! single use and bound to the browser that began it. What a provider vouches for becomes a session in `app::account::work::enter`.
//!
//! Absent: access and refresh tokens are thrown away at once, no user-info request is made, and nobody gets a role from a claim.

pub use crate::vouch::Providers;
use app::account::uninvited;
use app::account::work::enter;
use app::call::Call;
use app::doors::Doors;
use app::error::AppError;
use app::sessions::{browser_cookie_name, cookie, fresh_secret, sha256_hex};
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use domain::access::Action;
use http::HeaderMap;
use http::header::SET_COOKIE;
use store::sign_in::{self, Journey};

/// A journey takes at most so long.
const JOURNEY_SECONDS: i64 = 15 * 60;

/// Where to go after sign-in.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Asked {
    to: String,
}

/// What a provider sends back.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Answer {
    code: String,
    state: String,
    iss: Option<String>,
    error: Option<String>,
}

/// The doors of this way in.
#[must_use]
pub fn doors(doors: Doors, providers: &Providers) -> Doors {
    let (there, back) = (providers.clone(), providers.clone());
    doors
        .get("/sign-in/oidc/{provider}", Action::SignIn, move |call: Call, Path(key): Path<String>, Query(asked), headers: HeaderMap| {
            let providers = there.clone();
            async move { depart(&providers, &call, &key, asked, &headers).await }
        })
        .get("/sign-in/oidc/callback", Action::SignIn, move |call: Call, Query(answer), headers: HeaderMap| {
            let providers = back.clone();
            async move { arrive(&providers, &call, answer, &headers).await }
        })
}

async fn depart(providers: &Providers, call: &Call, key: &str, asked: Asked, headers: &HeaderMap) -> Result<Response, AppError> {
    let provider = providers.find(key).ok_or(AppError::NotFound)?;
    let (browser, cookie) = enter::browser(call, headers)?;
    let departure = provider.depart(fresh_secret()?, fresh_secret()?, call.now).await.map_err(|doubt| {
        tracing::error!(%doubt, provider = key, "a sign-in provider cannot be used");
        AppError::Bad(format!("{} cannot be reached just now. Sign in by email, or try again later.", provider.label()))
    })?;
    let journey = Journey {
        state_sha256: sha256_hex(&departure.state),
        provider: key.to_owned(),
        nonce: departure.nonce,
        pkce_verifier: departure.verifier,
        browser_sha256: sha256_hex(browser),
        return_to: enter::local(&asked.to),
        started_at: call.now.utc(),
        expires_at: call.now.plus_seconds(JOURNEY_SECONDS).utc(),
    };
    call.write(move |tx| {
        let journey = journey.clone();
        Box::pin(async move { Ok::<_, AppError>(sign_in::add_journey(tx, &journey).await?) })
    })
    .await?;
    let mut response = Redirect::to(&departure.address).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn arrive(providers: &Providers, call: &Call, answer: Answer, headers: &HeaderMap) -> Result<Response, AppError> {
    let again =
        || AppError::Bad("This sign-in took too long, was used before, or began in another browser. Please begin again.".to_owned());
    let browser = cookie(headers, browser_cookie_name(&call.desk.house.base_url)).ok_or_else(again)?;
    let (state, browser, now) = (sha256_hex(&answer.state), sha256_hex(browser), call.now);
    let journey = call
        .write(move |tx| {
            let (state, browser) = (state.clone(), browser.clone());
            Box::pin(async move { Ok::<_, AppError>(sign_in::take_journey(tx, &state, &browser, now).await?) })
        })
        .await?
        .ok_or_else(again)?;
    let provider = providers.find(&journey.provider).ok_or(AppError::NotFound)?;
    if let Some(error) = &answer.error {
        tracing::info!(error, provider = journey.provider, "a provider answered with an error");
        return Err(AppError::Bad(format!("{} did not sign you in. Nothing was changed; you can try again.", provider.label())));
    }
    let vouched = provider.arrive(answer.code, answer.iss.as_deref(), &journey.nonce, journey.pkce_verifier, call.now).await;
    let vouched = vouched.map_err(|doubt| {
        tracing::warn!(%doubt, provider = journey.provider, "a provider's answer was refused");
        AppError::Bad(format!("What {} answered could not be confirmed, so nobody was signed in. Please begin again.", provider.label()))
    })?;
    match enter::enter_vouched(call, &vouched).await? {
        Some(session) => {
            let mut response = Redirect::to(&journey.return_to).into_response();
            response.headers_mut().append(SET_COOKIE, session);
            Ok(response)
        }
        None => Ok(uninvited(call, provider.label(), vouched.verified_email.as_deref())),
    }
}
