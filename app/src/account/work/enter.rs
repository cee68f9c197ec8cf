//! Coming in and going out. Whatever the way in (email, OpenID Connect, the demo's buttons), it ends here: the old session ends, a new key is
//! made, and the invitations that wait for the proven address are taken up.

use crate::call::{Call, mint};
use crate::error::AppError;
use crate::sessions::{self, ABSOLUTE_SECONDS};
use domain::access::{Action, Subject};
use domain::{PersonId, Timestamp};
use http::HeaderValue;
use store::people::{self, Person};
use store::{Tx, events, invitations, memberships};

/// A new session's key, for the cookie; the database gets its hash only.
#[derive(Clone, Debug)]
pub struct Key {
    secret: String,
    hash: String,
}

impl Key {
    /// A fresh key.
    ///
    /// # Errors
    /// An internal error when there is no chance to be had.
    pub fn fresh() -> Result<Self, AppError> {
        let secret = sessions::fresh_secret()?;
        let hash = sessions::sha256_hex(&secret);
        Ok(Self { secret, hash })
    }

    /// The cookie that carries it.
    ///
    /// # Errors
    /// An internal error.
    pub fn cookie(&self, call: &Call) -> Result<HeaderValue, AppError> {
        let base = &call.desk.house.base_url;
        sessions::set_cookie(base, sessions::cookie_name(base), &self.secret, ABSOLUTE_SECONDS)
    }
}

/// Who an OpenID Connect provider says this is. Everything here has been verified against the provider's key.
#[derive(Clone, Debug)]
pub struct Vouched {
    /// The issuer.
    pub issuer: String,
    /// Its name for the person, which never changes.
    pub subject: String,
    /// The address, only when the provider says that it verified it.
    pub verified_email: Option<String>,
    /// The person's name.
    pub name: Option<String>,
}

/// Signs in whom a provider vouches for. None when nobody has invited them: they have no role here.
///
/// # Errors
/// [`AppError::Forbidden`] for a closed account, or an account that another identity of the same issuer holds.
pub async fn enter_vouched(call: &Call, vouched: &Vouched) -> Result<Option<HeaderValue>, AppError> {
    let key = Key::fresh()?;
    let (caller, whom, hash) = (call.clone(), vouched.clone(), key.hash.clone());
    let entered = call
        .write(move |tx| {
            let (call, vouched, hash) = (caller.clone(), whom.clone(), hash.clone());
            Box::pin(async move {
                let known = people::find_by_identity(tx, &vouched.issuer, &vouched.subject).await?;
                let person = match (known, &vouched.verified_email) {
                    (Some(person), _) => Some(person),
                    (None, Some(email)) => link(tx, &call, &vouched, email).await?,
                    (None, None) => None,
                };
                let Some(person) = person else { return Ok(false) };
                if let Some(email) = &vouched.verified_email {
                    take_up(tx, &call, person.id(), email).await?;
                }
                begin(tx, &call, &person, "oidc", &hash).await?;
                Ok(true)
            })
        })
        .await?;
    entered.then(|| key.cookie(call)).transpose()
}

/// Links an identity seen for the first time to the account, or the invitation, of its verified address.
async fn link(tx: &mut Tx<'_>, call: &Call, vouched: &Vouched, email: &str) -> Result<Option<Person>, AppError> {
    let Some(person) = find_or_make(tx, call, email, vouched.name.as_deref()).await? else { return Ok(None) };
    if people::has_identity_from(tx, &vouched.issuer, person.id()).await? {
        return Err(AppError::Forbidden(
            "This address belongs to an account here that signs in with another identity of the same provider. Sign in by email instead."
                .to_owned(),
        ));
    }
    people::add_identity(tx, &vouched.issuer, &vouched.subject, person.id(), call.now).await?;
    let mut event = call.event(Subject::default(), "person", person.id, "linked an identity");
    event.person = Some(person.id());
    event.facts = serde_json::json!({ "issuer": vouched.issuer });
    events::add(tx, &event).await?;
    Ok(Some(person))
}

/// The account of a proven address; made now when an invitation waits for it; none when the address is unknown here.
///
/// # Errors
/// The store's failure.
pub async fn find_or_make(tx: &mut Tx<'_>, call: &Call, email: &str, name: Option<&str>) -> Result<Option<Person>, AppError> {
    if let Some(person) = people::find_by_email(tx, email).await? {
        return Ok(Some(person));
    }
    if invitations::list_open_of(tx, email, call.now).await?.is_empty() {
        return Ok(None);
    }
    let id: PersonId = mint(call.now);
    let own = email.split('@').next().unwrap_or(email);
    people::add(tx, id, name.filter(|name| !name.trim().is_empty()).unwrap_or(own), email, call.now).await?;
    let mut event = call.event(Subject::default(), "person", id.0, "made an account");
    event.person = Some(id);
    events::add(tx, &event).await?;
    Ok(people::find(tx, id).await?)
}

/// Takes up the open invitations of an address that the person has proven to be theirs.
///
/// # Errors
/// The store's failure.
pub async fn take_up(tx: &mut Tx<'_>, call: &Call, person: PersonId, email: &str) -> Result<(), AppError> {
    for invitation in invitations::list_open_of(tx, email, call.now).await? {
        invitations::record_accepted(tx, invitation.id, person, call.now).await?;
        memberships::add(tx, mint(call.now), person, invitation.organization, invitation.role, call.now).await?;
        let mut event = call.event(Subject::default(), "person", person.0, "took up a role");
        event.person = Some(person);
        event.organization = Some(invitation.organization);
        event.to = Some(invitation.role.as_str().to_owned());
        event.facts = serde_json::json!({ "invitation": invitation.id });
        events::add(tx, &event).await?;
    }
    Ok(())
}

/// Begins a session and ends the one that the request came with.
///
/// # Errors
/// [`AppError::Forbidden`] when the account is closed.
pub async fn begin(tx: &mut Tx<'_>, call: &Call, person: &Person, method: &'static str, key_sha256: &str) -> Result<(), AppError> {
    if person.disabled_at.is_some() {
        return Err(AppError::Forbidden("This account is closed. Ask the program's manager if that is a mistake.".to_owned()));
    }
    if let Some(live) = &call.session {
        store::sessions::record_end(tx, &live.key_sha256, call.now).await?;
    }
    store::sessions::add(tx, key_sha256, person.id(), method, call.now, call.now.plus_seconds(ABSOLUTE_SECONDS)).await?;
    let mut event = call.event(Subject::default(), "person", person.id, "signed in");
    event.person = Some(person.id());
    event.facts = serde_json::json!({ "method": method });
    events::add(tx, &event).await?;
    Ok(())
}

/// Signs in one of the demo's people.
///
/// # Errors
/// [`AppError::NotFound`] outside the demo, or when there is no such person.
pub async fn enter_demo(call: &Call, person: PersonId) -> Result<HeaderValue, AppError> {
    call.must(Action::UseDemo, Subject::default())?;
    if !call.desk.house.demo {
        return Err(AppError::NotFound);
    }
    let key = Key::fresh()?;
    let (caller, hash) = (call.clone(), key.hash.clone());
    call.write(move |tx| {
        let (call, hash) = (caller.clone(), hash.clone());
        Box::pin(async move {
            let person = people::find(tx, person).await?.ok_or(AppError::NotFound)?;
            begin(tx, &call, &person, "demo", &hash).await
        })
    })
    .await?;
    key.cookie(call)
}

/// Signs in the owner of a proven address; the code's own transaction calls it.
///
/// # Errors
/// [`AppError::NotFound`] when the address is unknown by now.
pub async fn enter_by_email(tx: &mut Tx<'_>, call: &Call, email: &str, key: &Key) -> Result<(), AppError> {
    let person = find_or_make(tx, call, email, None).await?.ok_or(AppError::NotFound)?;
    take_up(tx, call, person.id(), email).await?;
    begin(tx, call, &person, "email", &key.hash).await
}

/// Ends this session, or all of the person's.
///
/// # Errors
/// The store's failure.
pub async fn leave(call: &Call, everywhere: bool) -> Result<HeaderValue, AppError> {
    let base = &call.desk.house.base_url;
    let gone = sessions::set_cookie(base, sessions::cookie_name(base), "", 0)?;
    let Some(live) = call.session.clone() else { return Ok(gone) };
    let person = call.person()?;
    let caller = call.clone();
    call.write(move |tx| {
        let (call, live) = (caller.clone(), live.clone());
        Box::pin(async move {
            if everywhere {
                store::sessions::record_end_all(tx, person, call.now).await?;
            } else {
                store::sessions::record_end(tx, &live.key_sha256, call.now).await?;
            }
            let verb = if everywhere { "signed out everywhere" } else { "signed out" };
            events::add(tx, &call.event(Subject::default(), "person", person.0, verb)).await?;
            Ok::<(), AppError>(())
        })
    })
    .await?;
    Ok(gone)
}

/// Changes one's own name.
///
/// # Errors
/// [`AppError::Invalid`] when it is empty or longer than 100 characters.
pub async fn rename(call: &Call, name: &str) -> Result<(), AppError> {
    call.must(Action::UseAccount, Subject::default())?;
    let person = call.person()?;
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(AppError::field("name", "Enter your name, in at most 100 characters."));
    }
    let caller = call.clone();
    call.write(move |tx| {
        let (call, name) = (caller.clone(), name.clone());
        Box::pin(async move {
            people::record_name(tx, person, &name).await?;
            let mut event = call.event(Subject::default(), "person", person.0, "changed the name");
            event.from = Some(call.actor.name.clone());
            event.to = Some(name);
            events::add(tx, &event).await?;
            Ok(())
        })
    })
    .await
}

/// A path of this site to go to after sign-in; anything else leads to one's own work. A foreign address would make sign-in a springboard.
#[must_use]
pub fn local(path: &str) -> String {
    let ours = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\') && !path.chars().any(char::is_control);
    if ours && !path.starts_with("/sign-") { path.to_owned() } else { "/home".to_owned() }
}

/// When one's sessions count as idle.
#[must_use]
pub fn idle_since(now: Timestamp) -> Timestamp {
    now.plus_seconds(-sessions::IDLE_SECONDS)
}

/// A browser's own secret: the one it showed, or a fresh one with the cookie that keeps it for a day.
///
/// # Errors
/// An internal error.
pub fn browser(call: &Call, headers: &http::HeaderMap) -> Result<(String, Option<HeaderValue>), AppError> {
    let base = &call.desk.house.base_url;
    let name = sessions::browser_cookie_name(base);
    if let Some(shown) = sessions::cookie(headers, name).filter(|shown| shown.len() == 43) {
        return Ok((shown, None));
    }
    let fresh = sessions::fresh_secret()?;
    let cookie = sessions::set_cookie(base, name, &fresh, 24 * 60 * 60)?;
    Ok((fresh, Some(cookie)))
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn sign_in_never_leads_away_from_this_site() {
        for path in ["https://evil.example", "//evil.example", "/\\evil.example", "", "javascript:alert(1)", "/\t/evil.example", "/sign-in"]
        {
            assert_eq!(local(path), "/home", "{path}");
        }
        assert_eq!(local("/apply/1?x=2"), "/apply/1?x=2");
    }
}
