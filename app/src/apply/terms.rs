//! Accepting the terms of an award that the law names: by the recipient's certifier, for the application as handed in. The same form sent
//! again gives the first acceptance.

use super::work::find;
use crate::call::Call;
use crate::error::{AppError, Problem};
use domain::ApplicationId;
use domain::access::Action;
use domain::named::{AcceptProblem, Accepting, NamedTerms, Recipient, accept};
use domain::program::ProgramFile;
use store::{Tx, acceptances, applications, events, messages, programs};
use uuid::Uuid;

/// What a certifier types and ticks.
#[derive(Clone, Debug)]
pub struct TermsInput {
    /// Minted with the form.
    pub id: Uuid,
    /// The typed name.
    pub signature: String,
    /// Whether the statement was ticked.
    pub stated: bool,
}

/// The terms of a round of what the law names, and the recipient that an applicant is.
///
/// # Errors
/// [`AppError::NotFound`] in a competition; [`AppError::Conflict`] for an applicant that the law does not name.
pub fn named_of<'f>(file: &'f ProgramFile, applicant: &str) -> Result<(&'f NamedTerms, &'f Recipient), AppError> {
    let named = file.named.as_ref().ok_or(AppError::NotFound)?;
    let (_, recipient) = named.recipient_of(applicant).ok_or_else(|| not_named(file, applicant))?;
    Ok((named, recipient))
}

/// That the law does not name an applicant.
#[must_use]
pub fn not_named(file: &ProgramFile, applicant: &str) -> AppError {
    AppError::Conflict(format!(
        "{applicant} is not among those whom the law names, so it can’t apply in this round. {}",
        file.eligibility.text
    ))
}

/// Accepts the terms.
///
/// # Errors
/// [`AppError::Invalid`] without name or tick; [`AppError::Conflict`] for an application that is not handed in, or was found to be changed.
pub async fn accept_terms(call: &Call, id: ApplicationId, input: &TermsInput) -> Result<(), AppError> {
    let (call, input) = (call.clone(), input.clone());
    let writer = call.clone();
    writer
        .write(move |tx| {
            let (call, input) = (call.clone(), input.clone());
            Box::pin(async move { accept_in(tx, &call, id, &input).await })
        })
        .await
}

async fn accept_in(tx: &mut Tx<'_>, call: &Call, id: ApplicationId, input: &TermsInput) -> Result<(), AppError> {
    let found = find(tx, call, id, Action::AcceptTerms).await?;
    let file = programs::file_of(tx, &found.of).await?;
    let (named, recipient) = named_of(&file, &found.applicant_name)?;
    if acceptances::find_of(tx, id).await?.is_some() {
        return Ok(());
    }
    let accepting = Accepting {
        id: input.id,
        call: format!("{}/{}", found.of.program.slug, found.of.round.slug),
        rules_sha256: &found.of.file_sha256,
        terms: &named.terms,
        recipient,
        by: call.person()?,
        signature: &input.signature,
        name: &call.actor.name,
        stated: input.stated,
    };
    let acceptance = accept(&found.application, &accepting, call.now).map_err(refused)?;
    acceptances::add(tx, id, &acceptance).await.map_err(|failed| {
        if failed.is_unique_violation() {
            AppError::Conflict("The terms were accepted in another window just now. Look at the page again.".to_owned())
        } else {
            failed.into()
        }
    })?;
    let mut event = call.event(found.subject(), "application", id.0, "accepted the terms");
    event.facts = serde_json::json!({ "number": found.number, "recipient": recipient.key, "digest": acceptance.digest });
    events::add(tx, &event).await?;
    let subject = format!("Terms accepted: {}, {}", found.of.program.name, found.of.round.name);
    let body = format!(
        "{} has accepted the terms of its award for {}.\n\nNamed in law: {}\nSigned: {}\nDigest (SHA-256): {}\n\n{}/apply/{id}/terms\n",
        call.actor.name, found.applicant_name, recipient.citation, acceptance.signature, acceptance.digest, call.desk.house.base_url
    );
    for person in applications::addressees(tx, found.application.applicant).await? {
        messages::add(tx, &call.message(&person.email, subject.clone(), body.clone(), "application", id.0)).await?;
    }
    Ok(())
}

fn refused(problems: Vec<AcceptProblem>) -> AppError {
    let mut told = Vec::with_capacity(problems.len());
    for problem in problems {
        match &problem {
            AcceptProblem::NotSubmitted => return AppError::Conflict(problem.to_string()),
            AcceptProblem::NotSigned(_) => told.push(Problem::new("signature", problem.to_string())),
            AcceptProblem::NotStated => told.push(Problem::new("stated", problem.to_string())),
            AcceptProblem::Unwritable(_) | AcceptProblem::Money(_) => return AppError::internal(problem),
        }
    }
    AppError::Invalid(told)
}
