//! The first program manager of an agency, whom nobody inside the portal can invite. Whoever runs the server gives the role, from the
//! command line; everybody else comes by invitation from then on.

use super::codes::check_address;
use crate::call::{Call, mint};
use crate::error::AppError;
use domain::access::{OrganizationKind, Role, Subject};
use domain::{OrganizationId, PersonId};
use store::organizations::{self, Organization};
use store::programs::agencies_named;
use store::{Tx, events, memberships, messages, people};

/// Who is to run which agency's programs.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The agency, as its program files name it.
    pub agency: String,
    /// The person's address.
    pub email: String,
    /// The person's name; without one, what stands before the @.
    pub name: Option<String>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The agency's name on record.
    pub agency: String,
    /// Whether the agency is new.
    pub new_agency: bool,
    /// The address that can sign in now.
    pub email: String,
}

/// Gives an agency its first program manager: makes the agency and the account when they are missing, gives the role, and queues the
/// letter. It asks no access table: only a command of the machine's owner calls it, never a page.
///
/// # Errors
/// [`AppError::Invalid`] for a name or an address that cannot be; [`AppError::Conflict`] when the agency has a program manager.
pub async fn give(call: &Call, wanted: &Wanted) -> Result<Given, AppError> {
    let agency = wanted.agency.split_whitespace().collect::<Vec<_>>().join(" ");
    if agency.is_empty() || agency.chars().count() > 200 {
        return Err(AppError::field("agency", "Give the agency's name, in at most 200 characters."));
    }
    let email = check_address(&wanted.email)?;
    let name = wanted.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or(&email)).to_owned();
    let whose = call.clone();
    call.write(move |tx| {
        let (call, agency, email, name) = (whose.clone(), agency.clone(), email.clone(), name.clone());
        Box::pin(async move { record(tx, &call, agency, email, name).await })
    })
    .await
}

async fn record(tx: &mut Tx<'_>, call: &Call, agency: String, email: String, name: String) -> Result<Given, AppError> {
    let folded = agency.to_lowercase();
    let known = agencies_named(tx, &folded, &folded).await?.into_iter().next();
    let new_agency = known.is_none();
    let (organization, agency) = match known {
        Some(known) => known,
        None => (add_agency(tx, call, &agency).await?, agency),
    };
    if memberships::count_of(tx, organization, Role::ProgramManager).await? > 0 {
        return Err(AppError::Conflict(format!(
            "{agency} has a program manager already. Program managers invite others on the page “People”."
        )));
    }
    let person = match people::find_by_email(tx, &email).await? {
        Some(person) => person.id(),
        None => {
            let id: PersonId = mint(call.now);
            people::add(tx, id, &name, &email, call.now).await?;
            events::add(tx, &call.event(Subject::default(), "person", id.0, "made an account")).await?;
            id
        }
    };
    memberships::add(tx, mint(call.now), person, organization, Role::ProgramManager, call.now).await?;
    let mut event = call.event(Subject::default(), "person", person.0, "was given a role");
    event.organization = Some(organization);
    event.to = Some(Role::ProgramManager.as_str().to_owned());
    event.why = Some("The agency's first program manager, given from the server's command line.".to_owned());
    events::add(tx, &event).await?;
    let base = &call.desk.house.base_url;
    let body = format!(
        "You are the first program manager of {agency} in Allotment, the portal for the state's education grants.\n\n\
         Sign in with this address to begin: {base}/sign-in?to=/home\n\n\
         No password is needed. You invite everybody else on the page People: {base}/people\n"
    );
    messages::add(tx, &call.message(&email, format!("You are program manager of {agency}"), body, "person", person.0)).await?;
    Ok(Given { agency, new_agency, email })
}

async fn add_agency(tx: &mut Tx<'_>, call: &Call, name: &str) -> Result<OrganizationId, AppError> {
    let id: OrganizationId = mint(call.now);
    let agency = Organization {
        id,
        kind: OrganizationKind::Agency,
        name: name.to_owned(),
        nces_id: None,
        ipeds_id: None,
        county_fips: None,
        county_name: None,
        planning_district: None,
        latitude: None,
        longitude: None,
        source: "Named from the server's command line".to_owned(),
    };
    organizations::add(tx, &agency).await?;
    let mut event = call.event(Subject::default(), "organization", id.0, "added");
    event.organization = Some(id);
    events::add(tx, &event).await?;
    Ok(id)
}
