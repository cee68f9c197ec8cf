//! Who holds which role where. A membership is ended, never removed.

use crate::db::{Tx, all, execute, optional};
use crate::error::{Error, Result, changed_one};
use chrono::{DateTime, Utc};
use domain::access::Role;
use domain::{MembershipId, OrganizationId, PersonId, Timestamp};
use uuid::Uuid;

/// A membership that holds now, with its person and organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its id.
    pub id: MembershipId,
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Where.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// As what.
    pub role: Role,
    /// Since when.
    pub since: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    person: Uuid,
    name: String,
    email: String,
    organization: Uuid,
    organization_name: String,
    role: String,
    since: DateTime<Utc>,
}

impl TryFrom<Row> for Held {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let role = Role::from_stored(&row.role).ok_or_else(|| Error::inconsistent("memberships", row.id, format!("role {}", row.role)))?;
        Ok(Self {
            id: MembershipId(row.id),
            person: PersonId(row.person),
            name: row.name,
            email: row.email,
            organization: OrganizationId(row.organization),
            organization_name: row.organization_name,
            role,
            since: row.since,
        })
    }
}

/// Gives a role, unless the person holds it there already. True when it is new.
///
/// # Errors
/// The store's failure.
pub async fn add(
    tx: &mut Tx<'_>,
    id: MembershipId,
    person: PersonId,
    organization: OrganizationId,
    role: Role,
    now: Timestamp,
) -> Result<bool> {
    let added = execute!(
        tx,
        "INSERT INTO memberships (id, person, organization, role, since)
         SELECT $1, $2, $3, $4, $5
         WHERE NOT EXISTS (SELECT 1 FROM memberships WHERE person = $2 AND organization = $3 AND role = $4 AND ended_at IS NULL)",
        id.0,
        person.0,
        organization.0,
        role.as_str(),
        now.utc()
    )?;
    Ok(added == 1)
}

/// A membership that holds now.
///
/// # Errors
/// The store's failure; [`Error::Inconsistent`] for an unknown role.
pub async fn find(tx: &mut Tx<'_>, id: MembershipId) -> Result<Option<Held>> {
    optional!(
        tx,
        Row,
        "SELECT m.id, m.person, p.name, p.email, m.organization, o.name AS organization_name, m.role, m.since
         FROM memberships m JOIN people p ON p.id = m.person JOIN organizations o ON o.id = m.organization
         WHERE m.id = $1 AND m.ended_at IS NULL",
        id.0
    )?
    .map(Held::try_from)
    .transpose()
}

/// Every membership that holds now, by organization, role and name.
///
/// # Errors
/// As [`find`].
pub async fn list(tx: &mut Tx<'_>) -> Result<Vec<Held>> {
    let rows = all!(
        tx,
        Row,
        "SELECT m.id, m.person, p.name, p.email, m.organization, o.name AS organization_name, m.role, m.since
         FROM memberships m JOIN people p ON p.id = m.person AND p.disabled_at IS NULL JOIN organizations o ON o.id = m.organization
         WHERE m.ended_at IS NULL ORDER BY o.kind, o.name_folded, m.role, p.name, m.id"
    )?;
    rows.into_iter().map(Held::try_from).collect()
}

/// The addresses of those who hold a role in an organization now, for mail to them.
///
/// # Errors
/// The store's failure.
pub async fn emails_of(tx: &mut Tx<'_>, organization: OrganizationId, role: Role) -> Result<Vec<String>> {
    let rows = all!(
        tx,
        (String,),
        "SELECT p.email FROM memberships m JOIN people p ON p.id = m.person AND p.disabled_at IS NULL
         WHERE m.organization = $1 AND m.role = $2 AND m.ended_at IS NULL ORDER BY p.email_folded, p.id",
        organization.0,
        role.as_str()
    )?;
    Ok(rows.into_iter().map(|(email,)| email).collect())
}

/// How many people hold a role in an organization now.
///
/// # Errors
/// The store's failure.
pub async fn count_of(tx: &mut Tx<'_>, organization: OrganizationId, role: Role) -> Result<i64> {
    let row = optional!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM memberships WHERE organization = $1 AND role = $2 AND ended_at IS NULL",
        organization.0,
        role.as_str()
    )?;
    Ok(row.map_or(0, |(count,)| count))
}

/// Ends a membership.
///
/// # Errors
/// The store's failure; [`Error::Conflict`] when it has ended already.
pub async fn record_end(tx: &mut Tx<'_>, id: MembershipId, now: Timestamp) -> Result<()> {
    let changed = execute!(tx, "UPDATE memberships SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL", id.0, now.utc())?;
    changed_one(changed, "role")
}
