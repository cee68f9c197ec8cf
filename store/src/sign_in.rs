//! Sign-in under way: email codes with their links, and journeys to OpenID Connect providers. Secrets are stored as SHA-256 only, except
//! nonce and PKCE verifier, which are worth nothing without the provider's answer to this one journey.

use crate::db::{Tx, execute, one, optional};
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::Timestamp;
use uuid::Uuid;

/// One code and link that somebody asked for.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Code {
    /// Its id.
    pub id: Uuid,
    /// For which address.
    pub email_folded: String,
    /// SHA-256 of the id and the code; empty when the address is unknown, so that nothing matches.
    pub code_sha256: String,
    /// SHA-256 of the link's key; empty likewise.
    pub link_sha256: String,
    /// SHA-256 of the asking browser's cookie.
    pub browser_sha256: String,
    /// From which network it was asked.
    pub network: String,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// Until when it holds.
    pub expires_at: DateTime<Utc>,
    /// Wrong codes typed.
    pub attempts: i64,
    /// When it was used.
    pub used_at: Option<DateTime<Utc>>,
}

/// Adds a code.
///
/// # Errors
/// The store's failure.
pub async fn add_code(tx: &mut Tx<'_>, code: &Code) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO sign_in_codes (id, email_folded, code_sha256, link_sha256, browser_sha256, network, asked_at, expires_at, attempts)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)",
        code.id,
        code.email_folded.as_str(),
        code.code_sha256.as_str(),
        code.link_sha256.as_str(),
        code.browser_sha256.as_str(),
        code.network.as_str(),
        code.asked_at,
        code.expires_at
    )?;
    Ok(())
}

/// A code by its id.
///
/// # Errors
/// The store's failure.
pub async fn find_code(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Code>> {
    Ok(optional!(
        tx,
        Code,
        "SELECT id, email_folded, code_sha256, link_sha256, browser_sha256, network, asked_at, expires_at, attempts, used_at
         FROM sign_in_codes WHERE id = $1",
        id
    )?)
}

/// The latest code that a browser asked for.
///
/// # Errors
/// The store's failure.
pub async fn find_latest_of_browser(tx: &mut Tx<'_>, browser_sha256: &str) -> Result<Option<Code>> {
    Ok(optional!(
        tx,
        Code,
        "SELECT id, email_folded, code_sha256, link_sha256, browser_sha256, network, asked_at, expires_at, attempts, used_at
         FROM sign_in_codes WHERE browser_sha256 = $1 ORDER BY asked_at DESC, id DESC LIMIT 1",
        browser_sha256
    )?)
}

/// How many codes were asked for since then: for an address, and from a network.
///
/// # Errors
/// The store's failure.
pub async fn count_since(
    tx: &mut Tx<'_>,
    email_folded: &str,
    of_email: Timestamp,
    network: &str,
    of_network: Timestamp,
) -> Result<(i64, i64)> {
    Ok(one!(
        tx,
        (i64, i64),
        "SELECT (SELECT COUNT(*) FROM sign_in_codes WHERE email_folded = $1 AND asked_at > $2),
                (SELECT COUNT(*) FROM sign_in_codes WHERE network = $3 AND asked_at > $4)",
        email_folded,
        of_email.utc(),
        network,
        of_network.utc()
    )?)
}

/// Uses up a code. False when it was used already, has expired, or was tried too often.
///
/// # Errors
/// The store's failure.
pub async fn record_code_used(tx: &mut Tx<'_>, id: Uuid, most_attempts: i64, now: Timestamp) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE sign_in_codes SET used_at = $3 WHERE id = $1 AND used_at IS NULL AND attempts < $2 AND expires_at > $3",
        id,
        most_attempts,
        now.utc()
    )?;
    Ok(changed == 1)
}

/// Counts a wrong code.
///
/// # Errors
/// The store's failure.
pub async fn record_wrong_code(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    execute!(tx, "UPDATE sign_in_codes SET attempts = attempts + 1 WHERE id = $1", id)?;
    Ok(())
}

/// One journey to a provider and back.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Journey {
    /// SHA-256 of the state parameter.
    pub state_sha256: String,
    /// The provider's key.
    pub provider: String,
    /// The nonce that the identity token must carry.
    pub nonce: String,
    /// The PKCE verifier.
    pub pkce_verifier: String,
    /// SHA-256 of the browser's cookie.
    pub browser_sha256: String,
    /// Where to go afterwards.
    pub return_to: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// Until when it can end.
    pub expires_at: DateTime<Utc>,
}

/// Adds a journey.
///
/// # Errors
/// The store's failure.
pub async fn add_journey(tx: &mut Tx<'_>, journey: &Journey) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO oidc_attempts (state_sha256, provider, nonce, pkce_verifier, browser_sha256, return_to, started_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        journey.state_sha256.as_str(),
        journey.provider.as_str(),
        journey.nonce.as_str(),
        journey.pkce_verifier.as_str(),
        journey.browser_sha256.as_str(),
        journey.return_to.as_str(),
        journey.started_at,
        journey.expires_at
    )?;
    Ok(())
}

/// Takes a journey, once: none when there is no such state for this browser, or it was taken already, or has expired.
///
/// # Errors
/// The store's failure.
pub async fn take_journey(tx: &mut Tx<'_>, state_sha256: &str, browser_sha256: &str, now: Timestamp) -> Result<Option<Journey>> {
    Ok(optional!(
        tx,
        Journey,
        "UPDATE oidc_attempts SET used_at = $3
         WHERE state_sha256 = $1 AND browser_sha256 = $2 AND used_at IS NULL AND expires_at > $3
         RETURNING state_sha256, provider, nonce, pkce_verifier, browser_sha256, return_to, started_at, expires_at",
        state_sha256,
        browser_sha256,
        now.utc()
    )?)
}

/// Forgets sign-ins that ended before `before`.
///
/// # Errors
/// The store's failure.
pub async fn sweep(tx: &mut Tx<'_>, before: Timestamp) -> Result<()> {
    execute!(tx, "DELETE FROM sign_in_codes WHERE asked_at < $1", before.utc())?;
    execute!(tx, "DELETE FROM oidc_attempts WHERE started_at < $1", before.utc())?;
    Ok(())
}
