//! Sessions, and with each the person's roles now: a role that ended a second ago is gone from the next request.

use crate::applications::{self, Found};
use crate::db::{Tx, all, execute};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::access::{Actor, Membership, OrganizationKind, Role};
use domain::{ApplicationId, OrganizationId, PersonId, Timestamp};
use uuid::Uuid;

/// A session as stored, with its person.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who it is, with the roles held now.
    pub actor: Actor,
    /// How they signed in.
    pub method: String,
    /// The last request written down.
    pub seen_at: DateTime<Utc>,
    /// When it ends in any case.
    pub expires_at: DateTime<Utc>,
    /// When it was ended.
    pub ended_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    method: String,
    seen_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    person: Uuid,
    person_name: String,
    person_email: String,
    role: Option<String>,
    organization: Option<Uuid>,
    organization_name: Option<String>,
    kind: Option<String>,
}

#[derive(sqlx::FromRow)]
struct RowBeside {
    #[sqlx(flatten)]
    session: Row,
    #[sqlx(flatten)]
    application: applications::Beside,
}

/// The one SELECT of a session, which has a row for each role; what is joined to it has columns and rows of its own.
macro_rules! select {
    ($columns:literal, $joined:expr) => {
        concat!(
            "SELECT s.method, s.seen_at, s.expires_at, s.ended_at, p.id AS person, p.name AS person_name, p.email AS person_email,
                    m.role, o.id AS organization, o.name AS organization_name, o.kind",
            $columns,
            " FROM sessions s JOIN people p ON p.id = s.person AND p.disabled_at IS NULL
             LEFT JOIN memberships m ON m.person = p.id AND m.ended_at IS NULL
             LEFT JOIN organizations o ON o.id = m.organization ",
            $joined,
            " WHERE s.key_sha256 = $1 ORDER BY o.name, m.role, m.id"
        )
    };
}

/// The session of a key's SHA-256 with the person's roles, unless the person is disabled.
///
/// # Errors
/// The store's failure; [`Error::Inconsistent`] for a role or kind that is not known.
pub async fn find(tx: &mut Tx<'_>, key_sha256: &str) -> Result<Option<Session>> {
    session(all!(tx, Row, select!("", ""), key_sha256)?)
}

/// As [`find`], with the application that is asked for, in one journey to the engine: nearly every request of an applicant needs both.
///
/// # Errors
/// As [`find`] and [`applications::find`].
pub async fn find_with_application(tx: &mut Tx<'_>, key_sha256: &str, id: ApplicationId) -> Result<Option<(Session, Option<Found>)>> {
    let text = select!(", x.*", concat!("LEFT JOIN (", applications::select!("WHERE a.id = $2"), ") x ON TRUE"));
    let rows = all!(tx, RowBeside, text, key_sha256, id.0)?;
    let (rows, mut besides): (Vec<Row>, Vec<_>) = rows.into_iter().map(|row| (row.session, row.application)).unzip();
    let application = besides.pop().and_then(|beside| beside.0).map(Found::try_from).transpose()?;
    Ok(session(rows)?.map(|session| (session, application)))
}

/// A session of its rows, one for each role.
fn session(rows: Vec<Row>) -> Result<Option<Session>> {
    let Some(first) = rows.first() else { return Ok(None) };
    let mut actor = Actor {
        person: Some(PersonId(first.person)),
        name: first.person_name.clone(),
        email: first.person_email.clone(),
        memberships: Vec::with_capacity(rows.len()),
    };
    let (method, seen_at, expires_at, ended_at) = (first.method.clone(), first.seen_at, first.expires_at, first.ended_at);
    for row in rows {
        if let (Some(role), Some(organization), Some(organization_name), Some(kind)) =
            (row.role, row.organization, row.organization_name, row.kind)
        {
            actor.memberships.push(Membership {
                organization: OrganizationId(organization),
                organization_name,
                kind: OrganizationKind::from_stored(&kind)
                    .ok_or_else(|| Error::inconsistent("organizations", organization, format!("kind {kind}")))?,
                role: Role::from_stored(&role).ok_or_else(|| Error::inconsistent("memberships", row.person, format!("role {role}")))?,
            });
        }
    }
    Ok(Some(Session { actor, method, seen_at, expires_at, ended_at }))
}

/// Starts a session.
///
/// # Errors
/// The store's failure.
pub async fn add(tx: &mut Tx<'_>, key_sha256: &str, person: PersonId, method: &str, now: Timestamp, expires_at: Timestamp) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO sessions (key_sha256, person, method, started_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $4, $5)",
        key_sha256,
        person.0,
        method,
        now.utc(),
        expires_at.utc()
    )?;
    Ok(())
}

/// Writes down that a session was used.
///
/// # Errors
/// The store's failure.
pub async fn record_seen(tx: &mut Tx<'_>, key_sha256: &str, at: DateTime<Utc>) -> Result<()> {
    execute!(tx, "UPDATE sessions SET seen_at = $2 WHERE key_sha256 = $1 AND ended_at IS NULL", key_sha256, at)?;
    Ok(())
}

/// Ends one session.
///
/// # Errors
/// The store's failure.
pub async fn record_end(tx: &mut Tx<'_>, key_sha256: &str, now: Timestamp) -> Result<()> {
    execute!(tx, "UPDATE sessions SET ended_at = $2 WHERE key_sha256 = $1 AND ended_at IS NULL", key_sha256, now.utc())?;
    Ok(())
}

/// Ends all of a person's sessions.
///
/// # Errors
/// The store's failure.
pub async fn record_end_all(tx: &mut Tx<'_>, person: PersonId, now: Timestamp) -> Result<u64> {
    Ok(execute!(tx, "UPDATE sessions SET ended_at = $2 WHERE person = $1 AND ended_at IS NULL", person.0, now.utc())?)
}

/// A live session as its person sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Listed {
    /// SHA-256 of its key.
    pub key_sha256: String,
    /// How it was begun.
    pub method: String,
    /// When.
    pub started_at: DateTime<Utc>,
    /// Last used.
    pub seen_at: DateTime<Utc>,
    /// When it ends in any case.
    pub expires_at: DateTime<Utc>,
}

/// A person's sessions that hold now: used since `idle_since` and not past their end; the latest first.
///
/// # Errors
/// The store's failure.
pub async fn list_live(tx: &mut Tx<'_>, person: PersonId, now: Timestamp, idle_since: Timestamp) -> Result<Vec<Listed>> {
    Ok(all!(
        tx,
        Listed,
        "SELECT key_sha256, method, started_at, seen_at, expires_at FROM sessions
         WHERE person = $1 AND ended_at IS NULL AND expires_at > $2 AND seen_at > $3 ORDER BY seen_at DESC, key_sha256",
        person.0,
        now.utc(),
        idle_since.utc()
    )?)
}

/// After the demo's clock has been moved: live sessions move along, so that nobody is signed out by it.
///
/// # Errors
/// The store's failure.
pub async fn record_clock_moved(tx: &mut Tx<'_>, before: Timestamp, now: Timestamp, expires_at: Timestamp) -> Result<()> {
    execute!(
        tx,
        "UPDATE sessions SET seen_at = $2, expires_at = $3 WHERE ended_at IS NULL AND expires_at > $1",
        before.utc(),
        now.utc(),
        expires_at.utc()
    )?;
    Ok(())
}
