//! The session behind the cookie: found once a request, with the person and all their roles, in one statement.

use crate::call::Desk;
use crate::error::AppError;
use domain::access::Actor;
use domain::{ApplicationId, Timestamp};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};
use store::applications::Found;
use store::{Db, sessions as rows};

/// Signed out after so many seconds without a request.
pub const IDLE_SECONDS: i64 = 60 * 60;
/// Signed out after so many seconds in any case.
pub const ABSOLUTE_SECONDS: i64 = 12 * 60 * 60;
/// The last request is written down at most this often.
const SEEN_EVERY_SECONDS: i64 = 60;

/// A session that holds now.
#[derive(Clone, Debug)]
pub struct Live {
    /// SHA-256 of the cookie's key: the row's id.
    pub key_sha256: String,
    /// Who it is.
    pub actor: Actor,
    /// How they signed in: `oidc`, `email` or `demo`.
    pub method: String,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// When it ends if nothing more is asked.
    pub idle_at: Timestamp,
}

/// The cookie's name: `__Host-` needs https, which a plain loopback address does not have.
#[must_use]
pub fn cookie_name(base_url: &str) -> &'static str {
    if base_url.starts_with("https://") { "__Host-session" } else { "session" }
}

/// SHA-256 as lower-case hex.
#[must_use]
pub fn sha256_hex(bytes: impl AsRef<[u8]>) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes.as_ref()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A cookie's value.
#[must_use]
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';')).find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then(|| value.to_owned())
    })
}

/// The live session of a request, if its cookie names one, and the application that its address names, read with it. Writes down that the
/// session was seen, at most once a minute.
///
/// # Errors
/// The store's failure.
pub async fn find_live(
    desk: &Desk,
    headers: &HeaderMap,
    application: Option<ApplicationId>,
    now: Timestamp,
) -> Result<Option<(Live, Option<Found>)>, AppError> {
    let Some(key) = cookie(headers, cookie_name(&desk.house.base_url)) else { return Ok(None) };
    let key_sha256 = sha256_hex(key);
    let mut reader = desk.db.reader().await?;
    let tx = &mut reader.tx();
    let found = match application {
        Some(id) => rows::find_with_application(tx, &key_sha256, id).await?,
        None => rows::find(tx, &key_sha256).await?.map(|session| (session, None)),
    };
    drop(reader);
    let Some((found, application)) = found else { return Ok(None) };
    let seen = Timestamp::new(found.seen_at);
    let idle_at = seen.plus_seconds(IDLE_SECONDS);
    let expires_at = Timestamp::new(found.expires_at);
    if found.ended_at.is_some() || now >= expires_at || now >= idle_at {
        return Ok(None);
    }
    if now.seconds_since(seen) >= SEEN_EVERY_SECONDS {
        tokio::spawn(write_seen(desk.db.clone(), key_sha256.clone(), now));
    }
    let idle_at = now.plus_seconds(IDLE_SECONDS).min(expires_at);
    Ok(Some((Live { key_sha256, actor: found.actor, method: found.method, expires_at, idle_at }, application)))
}

/// Nobody waits for it: were it lost, the session would be idle from a minute earlier.
async fn write_seen(db: Db, key_sha256: String, now: Timestamp) {
    let written: Result<(), store::Error> = db
        .write(move |tx| {
            let key = key_sha256.clone();
            Box::pin(async move { rows::record_seen(tx, &key, now.utc()).await })
        })
        .await;
    if let Err(failed) = written {
        tracing::warn!(%failed, "a session's last use was not written down");
    }
}

/// The name of the cookie by which a browser is told from another while it signs in.
#[must_use]
pub fn browser_cookie_name(base_url: &str) -> &'static str {
    if base_url.starts_with("https://") { "__Host-browser" } else { "browser" }
}

/// A fresh secret of 256 bits, as text.
///
/// # Errors
/// An internal error when the operating system gives no chance: a guessable secret is worse than none.
pub fn fresh_secret() -> Result<String, AppError> {
    let mut chance = [0_u8; 32];
    getrandom::fill(&mut chance).map_err(AppError::internal)?;
    Ok(base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, chance))
}

/// A cookie that scripts cannot read and other sites cannot send with a form; `seconds` of zero removes it.
///
/// # Errors
/// An internal error when the value does not fit into a header.
pub fn set_cookie(base_url: &str, name: &str, value: &str, seconds: i64) -> Result<HeaderValue, AppError> {
    let secure = if base_url.starts_with("https://") { "; Secure" } else { "" };
    let line = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&line).map_err(AppError::internal)
}

/// `4:30 p.m. CDT`, rounded down to the minute.
#[must_use]
pub fn say_time(at: Timestamp) -> String {
    let whole = Timestamp::from_unix(at.unix() - at.unix().rem_euclid(60)).say_in(domain::Zone::CENTRAL);
    whole.rsplit(", ").next().map_or_else(|| whole.clone(), str::to_owned)
}
