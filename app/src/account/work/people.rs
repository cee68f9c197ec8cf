//! Giving and ending roles. A program manager does it for their own agency, and for the districts, communities and regional organizations
//! that deal with it; another agency's people are not theirs to see or to change.

use super::codes::check_address;
use super::enter;
use crate::call::Call;
use crate::error::{AppError, Problem};
use crate::form::Fields;
use domain::access::{Action, OrganizationKind, Role, Subject};
use domain::{InvitationId, MembershipId, OrganizationId};
use store::invitations::{self, Invitation, NewInvitation};
use store::memberships::{self, Held};
use store::organizations::{self, Organization};
use store::{Tx, events, messages, people};

/// An invitation can be taken up for so long.
const INVITATION_SECONDS: i64 = 30 * 24 * 60 * 60;

/// Whose people the page is about.
#[derive(Clone, Debug)]
pub struct Roster {
    /// Who holds what now.
    pub held: Vec<Held>,
    /// Who is invited.
    pub invited: Vec<Invitation>,
    /// Where one can invite to.
    pub organizations: Vec<Organization>,
}

/// Another agency's organization is out of reach; all others are shared by the agencies that deal with them.
fn subject(call: &Call, organization: &Organization) -> Subject {
    if organization.kind == OrganizationKind::Agency {
        Subject { agency: Some(organization.id), owner: None }
    } else {
        let agency = call.actor.organizations_as(&[Role::ProgramManager]).first().copied();
        Subject { agency, owner: Some(organization.id) }
    }
}

/// All that a manager sees of people.
///
/// # Errors
/// A refusal, or the store's failure.
pub async fn roster(call: &Call) -> Result<Roster, AppError> {
    call.actor.must_somewhere(Action::ManagePeople)?;
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let organizations: Vec<Organization> = organizations::list(&mut tx)
        .await?
        .into_iter()
        .filter(|organization| organization.kind != OrganizationKind::College)
        .filter(|organization| call.actor.may(Action::ManagePeople, subject(call, organization)))
        .collect();
    let ours = |id: OrganizationId| organizations.iter().any(|organization| organization.id == id);
    let held = memberships::list(&mut tx).await?.into_iter().filter(|held| ours(held.organization)).collect();
    let invited = invitations::list_open(&mut tx, call.now).await?.into_iter().filter(|open| ours(open.organization)).collect();
    Ok(Roster { held, invited, organizations })
}

/// A form's invitation, checked as far as it can be without the database.
struct Asked {
    id: InvitationId,
    email: String,
    organization: OrganizationId,
    role: Role,
}

fn read(fields: &Fields) -> Result<Asked, AppError> {
    let email = check_address(fields.text("email"));
    let mut problems = email.as_ref().err().and_then(AppError::problems).unwrap_or_default();
    let organization = fields.text("organization").parse();
    if organization.is_err() {
        problems.push(Problem::new("organization", "Choose an organization."));
    }
    let role = Role::from_stored(fields.text("role"));
    if role.is_none() {
        problems.push(Problem::new("role", "Choose a role."));
    }
    match (email, organization, role) {
        (Ok(email), Ok(organization), Some(role)) => Ok(Asked { id: fields.hidden("id")?, email, organization, role }),
        _ => Err(AppError::Invalid(problems)),
    }
}

/// What an invitation led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invited {
    /// A mail is on its way.
    Waiting,
    /// The person had an account: they hold the role now.
    AtOnce,
}

/// Invites an address to a role. Sent twice with one id, it is done once.
///
/// # Errors
/// [`AppError::Invalid`] for a role that cannot be held there; a refusal.
pub async fn invite(call: &Call, fields: &Fields) -> Result<Invited, AppError> {
    let Asked { id, email, organization, role } = read(fields)?;
    give(call, id, &email, organization, role).await
}

/// Invites an address to a role, as [`invite`] does, from parts already read.
///
/// # Errors
/// As [`invite`].
pub async fn give(call: &Call, id: InvitationId, email: &str, organization: OrganizationId, role: Role) -> Result<Invited, AppError> {
    let by = call.person()?;
    let new = NewInvitation {
        id,
        email: email.to_owned(),
        organization,
        role,
        by,
        at: call.now,
        expires_at: call.now.plus_seconds(INVITATION_SECONDS),
    };
    let caller = call.clone();
    call.write(move |tx| {
        let (call, new) = (caller.clone(), new.clone());
        Box::pin(async move { record(tx, &call, new).await })
    })
    .await
}

async fn record(tx: &mut Tx<'_>, call: &Call, new: NewInvitation) -> Result<Invited, AppError> {
    let organization = organizations::find(tx, new.organization).await?.ok_or(AppError::NotFound)?;
    call.must(Action::ManagePeople, subject(call, &organization))?;
    if !new.role.held_in().contains(&organization.kind) {
        let text = format!("{} is not a role in {}. Choose another role or organization.", new.role.name(), organization.name);
        return Err(AppError::field("role", text));
    }
    let account = people::find_by_email(tx, &new.email).await?;
    let known = account.is_some();
    if !invitations::add(tx, &new).await? {
        return Ok(if known { Invited::AtOnce } else { Invited::Waiting });
    }
    let mut event = call.event(subject(call, &organization), "organization", organization.id.0, "invited");
    event.to = Some(new.role.as_str().to_owned());
    event.facts = serde_json::json!({ "email": new.email, "invitation": new.id });
    events::add(tx, &event).await?;
    if let Some(person) = account {
        enter::take_up(tx, call, person.id(), &new.email).await?;
    }
    messages::add(tx, &letter(call, &new, &organization.name)).await?;
    Ok(if known { Invited::AtOnce } else { Invited::Waiting })
}

fn letter(call: &Call, new: &NewInvitation, organization: &str) -> store::messages::NewMessage {
    let (base, by, role) = (&call.desk.house.base_url, &call.actor.name, new.role.name().to_lowercase());
    let body = format!(
        "{by} asks you to act as {role} for {organization} in Allotment, the portal for the state's education grants.\n\n\
         Sign in with this address to begin: {base}/sign-in?to=/home\n\n\
         No password is needed. The invitation holds until {}.\n",
        new.expires_at.say_in(domain::Zone::CENTRAL)
    );
    call.message(&new.email, format!("You are invited: {role} for {organization}"), body, "invitation", new.id.0)
}

/// Withdraws an invitation that nobody has taken up.
///
/// # Errors
/// [`AppError::NotFound`] when it is open no more, or not this agency's.
pub async fn withdraw(call: &Call, id: InvitationId) -> Result<(), AppError> {
    let caller = call.clone();
    call.write(move |tx| {
        let call = caller.clone();
        Box::pin(async move {
            let open = invitations::find_open(tx, id, call.now).await?.ok_or(AppError::NotFound)?;
            let organization = organizations::find(tx, open.organization).await?.ok_or(AppError::NotFound)?;
            call.must(Action::ManagePeople, subject(&call, &organization))?;
            invitations::record_withdrawn(tx, id, call.now).await?;
            let mut event = call.event(subject(&call, &organization), "organization", organization.id.0, "withdrew an invitation");
            event.from = Some(open.role.as_str().to_owned());
            event.facts = serde_json::json!({ "email": open.email, "invitation": id });
            events::add(tx, &event).await?;
            Ok(())
        })
    })
    .await
}

/// A membership that the actor may end.
///
/// # Errors
/// [`AppError::NotFound`] when it has ended, or is not this agency's.
pub async fn find_held(call: &Call, tx: &mut Tx<'_>, id: MembershipId) -> Result<(Held, Subject), AppError> {
    let held = memberships::find(tx, id).await?.ok_or(AppError::NotFound)?;
    let organization = organizations::find(tx, held.organization).await?.ok_or(AppError::NotFound)?;
    let on = subject(call, &organization);
    call.must(Action::ManagePeople, on)?;
    Ok((held, on))
}

/// Ends a role, with a reason. The last program manager of an agency cannot be ended: nobody could invite the next.
///
/// # Errors
/// [`AppError::Invalid`] without a reason or for the last manager; [`AppError::NotFound`] when it has ended already.
pub async fn end(call: &Call, id: MembershipId, reason: &str) -> Result<(), AppError> {
    if reason.trim().is_empty() {
        return Err(AppError::field("reason", "Say why: the reason stands in the record."));
    }
    let (caller, reason) = (call.clone(), reason.trim().to_owned());
    call.write(move |tx| {
        let (call, reason) = (caller.clone(), reason.clone());
        Box::pin(async move {
            let (held, on) = find_held(&call, tx, id).await?;
            if held.role == Role::ProgramManager && memberships::count_of(tx, held.organization, held.role).await? <= 1 {
                let text = format!("{} is the last program manager of {}. Invite another one first.", held.name, held.organization_name);
                return Err(AppError::Invalid(vec![Problem::whole(text)]));
            }
            memberships::record_end(tx, id, call.now).await?;
            let mut event = call.event(on, "person", held.person.0, "role ended");
            event.organization = Some(held.organization);
            event.from = Some(held.role.as_str().to_owned());
            event.why = Some(reason.clone());
            events::add(tx, &event).await?;
            let (role, organization) = (held.role.name().to_lowercase(), &held.organization_name);
            let body =
                format!("{} ended your role as {role} for {organization} in Allotment.\n\nThe reason given: {reason}\n", call.actor.name);
            let message = call.message(&held.email, format!("Your role as {role} for {organization} has ended"), body, "membership", id.0);
            messages::add(tx, &message).await?;
            Ok(())
        })
    })
    .await
}
