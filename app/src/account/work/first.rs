//! The first program manager of an agency, whom nobody inside the portal can invite. Whoever runs the server gives the role, from the
//! command line; everybody else comes by invitation from then on. Where no manager can sign in any more, it is given once again, with a reason.

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
    /// Why, although the agency has a program manager.
    pub reason: Option<String>,
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
/// [`AppError::Invalid`] for a name, a reason or an address that cannot be; [`AppError::Conflict`] when the agency has a program manager and no
/// reason is given.
pub async fn give(call: &Call, wanted: &Wanted) -> Result<Given, AppError> {
    let agency = wanted.agency.split_whitespace().collect::<Vec<_>>().join(" ");
    if agency.is_empty() || agency.chars().count() > 200 {
        return Err(AppError::field("agency", "Give the agency's name, in at most 200 characters."));
    }
    let email = check_address(&wanted.email)?;
    let name = wanted.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
    let reason = wanted.reason.as_deref().map(str::trim).map(str::to_owned);
    if reason.as_ref().is_some_and(|reason| reason.is_empty() || reason.chars().count() > 1_000) {
        return Err(AppError::field("reason", "Give the reason, in at most 1,000 characters."));
    }
    let whose = call.clone();
    let wanted = Wanted { agency, email, name, reason };
    call.write(move |tx| {
        let (call, wanted) = (whose.clone(), wanted.clone());
        Box::pin(async move { record(tx, &call, wanted).await })
    })
    .await
}

async fn record(tx: &mut Tx<'_>, call: &Call, wanted: Wanted) -> Result<Given, AppError> {
    let Wanted { agency, email, name, reason } = wanted;
    let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or(&email).to_owned());
    let folded = agency.to_lowercase();
    let known = agencies_named(tx, &folded, &folded).await?.into_iter().next();
    let new_agency = known.is_none();
    let (organization, agency) = match known {
        Some(known) => known,
        None => (add_agency(tx, call, &agency).await?, agency),
    };
    let there = memberships::emails_of(tx, organization, Role::ProgramManager).await?;
    if reason.is_none() && !there.is_empty() {
        return Err(AppError::Conflict(format!(
            "{agency} has a program manager already. Program managers invite others on the page “People”. Where none of them can sign in any \
             more, say why with --reason; it is kept in the history, and they are told."
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
    event.why = Some(match &reason {
        None => "The agency's first program manager, given from the server's command line.".to_owned(),
        Some(reason) => format!("Given from the server's command line: {reason}"),
    });
    events::add(tx, &event).await?;
    let base = &call.desk.house.base_url;
    let body = format!(
        "You are {first}program manager of {agency} in Allotment, the portal for the state's education grants.\n\n\
         Sign in with this address to begin: {base}/sign-in?to=/home\n\n\
         No password is needed. You invite everybody else on the page People: {base}/people\n",
        first = if there.is_empty() { "the first " } else { "a " }
    );
    let mut mails = vec![call.message(&email, format!("You are program manager of {agency}"), body, "person", person.0)];
    let told = format!(
        "{email} was made program manager of {agency} from the server's command line. The reason given: {}\n\n\
         If this is not right, end the role on the page People: {base}/people\n",
        reason.unwrap_or_default()
    );
    let others = there.iter().filter(|known| !known.eq_ignore_ascii_case(&email));
    mails.extend(others.map(|known| call.message(known, format!("A program manager more for {agency}"), told.clone(), "person", person.0)));
    messages::add_all(tx, &mails).await?;
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
