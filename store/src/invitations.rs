//! Invitations to a role, keyed on an address: one waits for an account that is made later, and is taken up at once by one made before.

use crate::db::{Tx, all, execute, optional};
use crate::error::{Error, Result, changed_one};
use crate::people::fold_email;
use chrono::{DateTime, Utc};
use domain::access::Role;
use domain::{InvitationId, OrganizationId, PersonId, Timestamp};
use uuid::Uuid;

/// An invitation that is open: neither taken up, nor withdrawn, nor expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// To whom.
    pub email: String,
    /// Where.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// As what.
    pub role: Role,
    /// When.
    pub invited_at: DateTime<Utc>,
    /// Until when it can be taken up.
    pub expires_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    email: String,
    organization: Uuid,
    organization_name: String,
    role: String,
    invited_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl TryFrom<Row> for Invitation {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let role = Role::from_stored(&row.role).ok_or_else(|| Error::inconsistent("invitations", row.id, format!("role {}", row.role)))?;
        Ok(Self {
            id: InvitationId(row.id),
            email: row.email,
            organization: OrganizationId(row.organization),
            organization_name: row.organization_name,
            role,
            invited_at: row.invited_at,
            expires_at: row.expires_at,
        })
    }
}

/// A new invitation.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// Its id.
    pub id: InvitationId,
    /// To whom.
    pub email: String,
    /// Where.
    pub organization: OrganizationId,
    /// As what.
    pub role: Role,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Adds an invitation. False when this id is there already: the form was sent twice.
///
/// # Errors
/// The store's failure.
pub async fn add(tx: &mut Tx<'_>, new: &NewInvitation) -> Result<bool> {
    let added = execute!(
        tx,
        "INSERT INTO invitations (id, email, email_folded, organization, role, invited_by, invited_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING",
        new.id.0,
        new.email.trim(),
        fold_email(&new.email),
        new.organization.0,
        new.role.as_str(),
        new.by.0,
        new.at.utc(),
        new.expires_at.utc()
    )?;
    Ok(added == 1)
}

/// The open invitations of an address, oldest first.
///
/// # Errors
/// The store's failure; [`Error::Inconsistent`] for an unknown role.
pub async fn list_open_of(tx: &mut Tx<'_>, email: &str, now: Timestamp) -> Result<Vec<Invitation>> {
    let rows = all!(
        tx,
        Row,
        "SELECT i.id, i.email, i.organization, o.name AS organization_name, i.role, i.invited_at, i.expires_at
         FROM invitations i JOIN organizations o ON o.id = i.organization
         WHERE i.email_folded = $1 AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > $2 ORDER BY i.invited_at, i.id",
        fold_email(email),
        now.utc()
    )?;
    rows.into_iter().map(Invitation::try_from).collect()
}

/// All open invitations, by organization and address.
///
/// # Errors
/// As [`list_open_of`].
pub async fn list_open(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Invitation>> {
    let rows = all!(
        tx,
        Row,
        "SELECT i.id, i.email, i.organization, o.name AS organization_name, i.role, i.invited_at, i.expires_at
         FROM invitations i JOIN organizations o ON o.id = i.organization
         WHERE i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > $1 ORDER BY o.name_folded, i.email_folded, i.id",
        now.utc()
    )?;
    rows.into_iter().map(Invitation::try_from).collect()
}

/// An open invitation.
///
/// # Errors
/// As [`list_open_of`].
pub async fn find_open(tx: &mut Tx<'_>, id: InvitationId, now: Timestamp) -> Result<Option<Invitation>> {
    optional!(
        tx,
        Row,
        "SELECT i.id, i.email, i.organization, o.name AS organization_name, i.role, i.invited_at, i.expires_at
         FROM invitations i JOIN organizations o ON o.id = i.organization
         WHERE i.id = $1 AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > $2",
        id.0,
        now.utc()
    )?
    .map(Invitation::try_from)
    .transpose()
}

/// Writes down that an invitation was taken up.
///
/// # Errors
/// The store's failure; [`Error::Conflict`] when it is open no more.
pub async fn record_accepted(tx: &mut Tx<'_>, id: InvitationId, by: PersonId, now: Timestamp) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE invitations SET accepted_at = $3, accepted_by = $2 WHERE id = $1 AND accepted_at IS NULL AND withdrawn_at IS NULL",
        id.0,
        by.0,
        now.utc()
    )?;
    changed_one(changed, "invitation")
}

/// Withdraws an invitation.
///
/// # Errors
/// The store's failure; [`Error::Conflict`] when it is open no more.
pub async fn record_withdrawn(tx: &mut Tx<'_>, id: InvitationId, now: Timestamp) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE invitations SET withdrawn_at = $2 WHERE id = $1 AND accepted_at IS NULL AND withdrawn_at IS NULL",
        id.0,
        now.utc()
    )?;
    changed_one(changed, "invitation")
}
