//! Sign-in by email: one code and one link, single use, ten minutes, for the browser that asked. An address that nobody knows here gets the
//! same page in the same time, and no mail. Opening the link changes nothing (mail scanners do it); only the button on its page does.

use super::enter::{self, Key};
use crate::call::{Call, mint};
use crate::error::AppError;
use crate::form::DOUBLE_CLICK_SECONDS;
use crate::sessions::{fresh_secret, sha256_hex};
use crate::ui::layout::percent;
use domain::Timestamp;
use http::HeaderValue;
use store::people::fold_email;
use store::sign_in::{self, Code};
use store::{invitations, messages, people};
use uuid::Uuid;

/// A code holds so long.
pub const CODE_SECONDS: i64 = 10 * 60;
/// So many wrong codes end it.
pub const MOST_ATTEMPTS: i64 = 5;
/// So many mails go to one address in ten minutes.
const MOST_TO_ADDRESS: i64 = 3;
/// So many codes are given to one network in an hour: a school's whole staff may share one address.
const MOST_TO_NETWORK: i64 = 200;

/// Asks for a code.
///
/// # Errors
/// [`AppError::Invalid`] for what is no address, [`AppError::TooMany`] beyond the limits: alike for known and unknown addresses.
pub async fn ask(call: &Call, email: &str, browser: &str, network: &str, to: &str) -> Result<(), AppError> {
    let email = check_address(email)?;
    let id: Uuid = mint(call.now);
    let (code, link) = (fresh_code()?, fresh_secret()?);
    let address = format!("{}/sign-in/link?id={id}&key={link}&to={}", call.desk.house.base_url, percent(to));
    let row = Code {
        id,
        email_folded: fold_email(&email),
        code_sha256: hash_code(id, &code),
        link_sha256: sha256_hex(&link),
        browser_sha256: sha256_hex(browser),
        network: network.to_owned(),
        asked_at: call.now.utc(),
        expires_at: call.now.plus_seconds(CODE_SECONDS).utc(),
        attempts: 0,
        used_at: None,
    };
    let message = call.message(&email, format!("{code} is your code for Allotment"), letter(&code, &address), "sign_in_code", id);
    let now = call.now;
    call.write(move |tx| {
        let (mut row, message) = (row.clone(), message.clone());
        Box::pin(async move {
            let before = sign_in::find_latest_of_browser(tx, &row.browser_sha256).await?;
            if before.is_some_and(|before| is_the_same(&before, &row.email_folded, now)) {
                return Ok(());
            }
            let (of_address, of_network) =
                sign_in::count_since(tx, &row.email_folded, now.plus_seconds(-600), &row.network, now.plus_seconds(-3600)).await?;
            if of_address >= MOST_TO_ADDRESS || of_network >= MOST_TO_NETWORK {
                return Err(AppError::TooMany("Too many codes were asked for. Wait ten minutes, then try again.".to_owned()));
            }
            let account = people::find_by_email(tx, &row.email_folded).await?;
            let invited = !invitations::list_open_of(tx, &row.email_folded, now).await?.is_empty();
            if account.map_or(invited, |person| person.disabled_at.is_none()) {
                messages::add(tx, &message).await?;
            } else {
                row.code_sha256 = String::new();
                row.link_sha256 = String::new();
            }
            sign_in::add_code(tx, &row).await?;
            Ok(())
        })
    })
    .await
}

/// Whether a code was asked for just now, for this address, and still holds: a double click gets one mail, whose code is the one that counts.
fn is_the_same(before: &Code, email_folded: &str, now: Timestamp) -> bool {
    before.email_folded == email_folded && before.asked_at > now.plus_seconds(-DOUBLE_CLICK_SECONDS).utc() && !is_over(before, now)
}

/// The address as typed, when it looks like one.
///
/// # Errors
/// [`AppError::Invalid`] for the field `email`.
pub fn check_address(email: &str) -> Result<String, AppError> {
    let email = email.trim();
    let looks_right = email.len() <= 254
        && !email.chars().any(|c| c.is_whitespace() || c.is_control() || "<>,;\"".contains(c))
        && email.split_once('@').is_some_and(|(own, host)| !own.is_empty() && host.contains('.') && !host.contains('@'));
    if looks_right { Ok(email.to_owned()) } else { Err(AppError::field("email", "Enter an email address, such as name@district.org.")) }
}

/// Eight digits, each as likely as the other.
fn fresh_code() -> Result<String, AppError> {
    loop {
        let mut chance = [0_u8; 4];
        getrandom::fill(&mut chance).map_err(AppError::internal)?;
        let number = u32::from_be_bytes(chance);
        // Above the last whole multiple of a hundred million some codes would be likelier.
        if number < 4_200_000_000 {
            let code = number % 100_000_000;
            return Ok(format!("{:04} {:04}", code / 10_000, code % 10_000));
        }
    }
}

fn hash_code(id: Uuid, code: &str) -> String {
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    sha256_hex(format!("{id}:{digits}"))
}

fn letter(code: &str, address: &str) -> String {
    format!(
        "Your code is {code}.\n\nType it on the page where you asked for it, or open this link in the same browser:\n{address}\n\n\
         Both hold for ten minutes and work once. If you did not ask for a code, do nothing: nobody gets in without it.\n"
    )
}

/// What became of a code that was typed, or of a link's button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Signed in.
    In,
    /// The code is wrong; so many tries are left.
    Wrong(i64),
    /// It was used, tried too often, or is older than ten minutes.
    Over,
}

/// Signs in with the code that was typed, in the browser that asked for it.
///
/// # Errors
/// [`AppError::Invalid`] with what to do.
pub async fn enter_code(call: &Call, browser: &str, typed: &str) -> Result<HeaderValue, AppError> {
    if typed.chars().filter(char::is_ascii_digit).count() != 8 {
        return Err(AppError::field("code", "Enter the eight digits of the code."));
    }
    let key = Key::fresh()?;
    let (caller, browser, typed, fresh) = (call.clone(), sha256_hex(browser), typed.to_owned(), key.clone());
    let outcome = call
        .write(move |tx| {
            let (call, browser, typed, key) = (caller.clone(), browser.clone(), typed.clone(), fresh.clone());
            Box::pin(async move {
                let Some(code) = sign_in::find_latest_of_browser(tx, &browser).await? else { return Ok(Outcome::Over) };
                if is_over(&code, call.now) {
                    return Ok(Outcome::Over);
                }
                if hash_code(code.id, &typed) != code.code_sha256 {
                    sign_in::record_wrong_code(tx, code.id).await?;
                    return Ok(Outcome::Wrong(MOST_ATTEMPTS - code.attempts - 1));
                }
                use_up(tx, &call, &code, &key).await
            })
        })
        .await?;
    match outcome {
        Outcome::In => key.cookie(call),
        Outcome::Wrong(left) if left > 0 => Err(AppError::field("code", format!("This is not the code. You can try {left} more times."))),
        _ => Err(AppError::field("code", "This code does not hold any more. Ask for a new one.")),
    }
}

fn is_over(code: &Code, now: Timestamp) -> bool {
    code.used_at.is_some() || code.attempts >= MOST_ATTEMPTS || now.utc() >= code.expires_at
}

async fn use_up(tx: &mut store::Tx<'_>, call: &Call, code: &Code, key: &Key) -> Result<Outcome, AppError> {
    if !sign_in::record_code_used(tx, code.id, MOST_ATTEMPTS, call.now).await? {
        return Ok(Outcome::Over);
    }
    enter::enter_by_email(tx, call, &code.email_folded, key).await?;
    Ok(Outcome::In)
}

/// How a link stands, without changing anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// It can be used here.
    Ready,
    /// It was asked for in another browser.
    OtherBrowser,
    /// It was used, is older than ten minutes, or never was.
    Over,
}

/// Looks at a link.
///
/// # Errors
/// The store's failure.
pub async fn look_at(call: &Call, id: Uuid, link: &str, browser: Option<&str>) -> Result<Link, AppError> {
    let mut reader = call.reader().await?;
    let code = sign_in::find_code(&mut reader.tx(), id).await?;
    Ok(judge(code.as_ref(), link, browser, call.now))
}

fn judge(code: Option<&Code>, link: &str, browser: Option<&str>, now: Timestamp) -> Link {
    match code {
        Some(code) if code.link_sha256 == sha256_hex(link) && !is_over(code, now) => {
            if browser.is_some_and(|browser| sha256_hex(browser) == code.browser_sha256) { Link::Ready } else { Link::OtherBrowser }
        }
        _ => Link::Over,
    }
}

/// Signs in by the button on the link's page.
///
/// # Errors
/// [`AppError::Conflict`] when the link does not hold (any more), or not in this browser.
pub async fn enter_link(call: &Call, id: Uuid, link: &str, browser: &str) -> Result<HeaderValue, AppError> {
    let key = Key::fresh()?;
    let (caller, link, browser, fresh) = (call.clone(), link.to_owned(), browser.to_owned(), key.clone());
    let outcome = call
        .write(move |tx| {
            let (call, link, browser, key) = (caller.clone(), link.clone(), browser.clone(), fresh.clone());
            Box::pin(async move {
                match sign_in::find_code(tx, id).await? {
                    Some(code) if judge(Some(&code), &link, Some(&browser), call.now) == Link::Ready => {
                        use_up(tx, &call, &code, &key).await
                    }
                    _ => Ok::<_, AppError>(Outcome::Over),
                }
            })
        })
        .await?;
    match outcome {
        Outcome::In => key.cookie(call),
        _ => Err(AppError::Conflict("This link does not hold any more, or was asked for in another browser.".to_owned())),
    }
}
