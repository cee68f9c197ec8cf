//! People with an account, and the identities by which OpenID Connect knows them.

use crate::db::{Tx, execute, optional};
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::{PersonId, Timestamp};
use uuid::Uuid;

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Person {
    /// The id.
    pub id: Uuid,
    /// As pages and the log show it.
    pub name: String,
    /// As typed.
    pub email: String,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When it was closed.
    pub disabled_at: Option<DateTime<Utc>>,
}

impl Person {
    /// The id as the domain has it.
    #[must_use]
    pub const fn id(&self) -> PersonId {
        PersonId(self.id)
    }
}

/// The key of an address: trimmed and in lower case.
#[must_use]
pub fn fold_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// A person.
///
/// # Errors
/// The store's failure.
pub async fn find(tx: &mut Tx<'_>, id: PersonId) -> Result<Option<Person>> {
    Ok(optional!(tx, Person, "SELECT id, name, email, created_at, disabled_at FROM people WHERE id = $1", id.0)?)
}

/// The person with an address, however it is capitalised.
///
/// # Errors
/// The store's failure.
pub async fn find_by_email(tx: &mut Tx<'_>, email: &str) -> Result<Option<Person>> {
    Ok(optional!(tx, Person, "SELECT id, name, email, created_at, disabled_at FROM people WHERE email_folded = $1", fold_email(email))?)
}

/// The person whom an OpenID Connect issuer knows by this subject.
///
/// # Errors
/// The store's failure.
pub async fn find_by_identity(tx: &mut Tx<'_>, issuer: &str, subject: &str) -> Result<Option<Person>> {
    Ok(optional!(
        tx,
        Person,
        "SELECT p.id, p.name, p.email, p.created_at, p.disabled_at
         FROM identities i JOIN people p ON p.id = i.person WHERE i.issuer = $1 AND i.subject = $2",
        issuer,
        subject
    )?)
}

/// Adds a person.
///
/// # Errors
/// The store's failure; a unique violation when the address has a person already.
pub async fn add(tx: &mut Tx<'_>, id: PersonId, name: &str, email: &str, now: Timestamp) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO people (id, name, email, email_folded, created_at) VALUES ($1, $2, $3, $4, $5)",
        id.0,
        name,
        email.trim(),
        fold_email(email),
        now.utc()
    )?;
    Ok(())
}

/// Links an identity to a person.
///
/// # Errors
/// The store's failure; a unique violation when the identity is linked already.
pub async fn add_identity(tx: &mut Tx<'_>, issuer: &str, subject: &str, person: PersonId, now: Timestamp) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO identities (issuer, subject, person, linked_at) VALUES ($1, $2, $3, $4)",
        issuer,
        subject,
        person.0,
        now.utc()
    )?;
    Ok(())
}

/// Changes a person's name.
///
/// # Errors
/// The store's failure.
pub async fn record_name(tx: &mut Tx<'_>, id: PersonId, name: &str) -> Result<()> {
    execute!(tx, "UPDATE people SET name = $2 WHERE id = $1", id.0, name)?;
    Ok(())
}

/// Whether an issuer vouches for the person already, under any subject.
///
/// # Errors
/// The store's failure.
pub async fn has_identity_from(tx: &mut Tx<'_>, issuer: &str, person: PersonId) -> Result<bool> {
    let found = optional!(tx, (String,), "SELECT subject FROM identities WHERE issuer = $1 AND person = $2 LIMIT 1", issuer, person.0)?;
    Ok(found.is_some())
}
