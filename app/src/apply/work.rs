//! The use cases of applying. Every check is here, so that a page, an upload and the demonstration go through the same door. What a draft
//! holds is judged at the version it was read at: the write is refused, and judged again, when anything changed meanwhile.

use crate::call::{Call, mint};
use crate::error::{AppError, Problem};
use crate::form::DOUBLE_CLICK_SECONDS;
use crate::review::panel::work::staff_may_read;
use domain::access::{Action, Subject};
use domain::answers::{self, Answers, Limits, SectionAnswers};
use domain::application::{self, Application, Filing, Letter, Refusal, State, Submission, SubmitProblem};
use domain::program::ProgramFile;
use domain::round::Phase;
use domain::{ApplicationId, OrganizationId, RoundId, Timestamp};
use std::sync::Arc;
use store::applications::{self, Addressee, Found, NewSection};
use store::memberships::ASKED_TO_SIGN;
use store::messages::NewMessage;
use store::{Tx, events, files, messages, organizations, programs};
use uuid::Uuid;

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        Self::Conflict(refusal.to_string())
    }
}

/// What the program file says about the answers.
#[must_use]
pub fn limits(file: &ProgramFile) -> Limits {
    Limits { max_units: file.award.max_units, unit: file.award.unit.clone(), units: file.award.units.clone() }
}

/// Finds an application and asks the access table; staff read what is handed in, and not against a panel's rules or a conflict.
///
/// # Errors
/// [`AppError::NotFound`] when there is none or it is not this person's; the refusal.
pub async fn find(tx: &mut Tx<'_>, call: &Call, id: ApplicationId, action: Action) -> Result<Found, AppError> {
    let found = applications::find(tx, id).await?.ok_or(AppError::NotFound)?;
    may(tx, call, found, action).await
}

/// As [`find`], of the application that the request's address names, for reading: what was read with the session is not read again. A write
/// looks for itself.
///
/// # Errors
/// As [`find`].
pub async fn opened(tx: &mut Tx<'_>, call: &Call, id: ApplicationId, action: Action) -> Result<Found, AppError> {
    match call.opened.take(id) {
        Some(found) => may(tx, call, found, action).await,
        None => find(tx, call, id, action).await,
    }
}

async fn may(tx: &mut Tx<'_>, call: &Call, found: Found, action: Action) -> Result<Found, AppError> {
    call.must(action, found.subject())?;
    if action == Action::ReadApplication {
        staff_may_read(tx, call, &found).await?;
    }
    Ok(found)
}

/// Starts an application for an applicant, or finds the one it has in this round. `id` is minted with the form.
///
/// # Errors
/// Not this person's organization, not of a kind that may apply, or the round is not open.
pub async fn start(call: &Call, round: RoundId, applicant: OrganizationId, id: ApplicationId) -> Result<ApplicationId, AppError> {
    let call = call.clone();
    let mover = call.clone();
    mover
        .write(move |tx| {
            let call = call.clone();
            Box::pin(async move {
                let of = programs::find_round_of(tx, round).await?.ok_or(AppError::NotFound)?;
                let subject = Subject { agency: Some(of.round.agency), owner: Some(applicant) };
                call.must(Action::StartApplication, subject)?;
                if let Some(found) = applications::find_of(tx, round, applicant).await? {
                    return Ok(found.application.id);
                }
                let organization = organizations::find(tx, applicant).await?.ok_or(AppError::NotFound)?;
                let file = programs::file_of(tx, &of).await?;
                if !file.eligibility.applicants.iter().any(|kind| kind.as_str() == organization.kind.as_str()) {
                    return Err(AppError::Conflict(format!("{} can’t apply in this round. {}", organization.name, file.eligibility.text)));
                }
                if let Some(named) = &file.named
                    && named.recipient_of(&organization.name).is_none()
                {
                    return Err(super::terms::not_named(&file, &organization.name));
                }
                let application = Application::start(id, &of.round, applicant, call.now)?;
                applications::record_start(tx, &application, call.person()?, call.now).await?;
                let mut event = call.event(subject, "application", id.0, "started");
                event.to = Some(application.state.as_str().to_owned());
                events::add(tx, &event).await?;
                Ok(id)
            })
        })
        .await
}

/// A save's result.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The section's new version.
    pub version: i64,
    /// When, in the round's zone.
    pub at: String,
    /// What is missing or wrong; the save is made all the same.
    pub problems: Vec<Problem>,
}

/// Saves a section over the version that was seen (0: none yet). Whatever is in it is kept; problems are told and not a bar.
///
/// # Errors
/// [`AppError::Conflict`] when somebody else saved it meanwhile, it was submitted, or the round has closed.
pub async fn save_section(call: &Call, id: ApplicationId, section: &str, typed: &SectionAnswers, seen: i64) -> Result<Saved, AppError> {
    let section = answers::section(section).ok_or(AppError::NotFound)?;
    let (found, file) = editable(call, id).await?;
    let (kept, wrong) = section.check(typed, &limits(&file));
    let new = NewSection {
        application: id,
        section: section.key,
        answers: kept,
        complete: wrong.is_empty(),
        seen,
        by: call.person()?,
        at: call.now,
    };
    let mut event = call.event(found.subject(), "application", id.0, "saved");
    event.facts = serde_json::json!({ "section": section.key, "version": seen + 1, "complete": new.complete });
    // What was judged is guarded by the section's version, and by the application not being submitted meanwhile.
    let new = Arc::new((new, event));
    let saved = call
        .write(move |tx| {
            let new = Arc::clone(&new);
            Box::pin(async move { Ok(applications::record_section(tx, &new.0, &new.1).await?) })
        })
        .await;
    if matches!(saved, Err(AppError::Conflict(_))) {
        editable(call, id).await?;
    }
    let problems = wrong.into_iter().map(|problem| Problem::new(problem.question, problem.text)).collect();
    Ok(Saved { version: saved?, at: clock_of(call.now, found.of.round.zone), problems })
}

/// Finds an application whose sections may be changed now, with the program file.
async fn editable(call: &Call, id: ApplicationId) -> Result<(Found, Arc<ProgramFile>), AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let found = opened(tx, call, id, Action::EditApplication).await?;
    let file = programs::file_of(tx, &found.of).await?;
    found.application.clone().save_section(&found.of.round, call.now)?;
    Ok((found, file))
}

/// The time of day of an instant, in a zone: `3:12 p.m. CDT`.
fn clock_of(at: Timestamp, zone: domain::Zone) -> String {
    let said = at.say_in(zone);
    said.rsplit(", ").next().unwrap_or(&said).to_owned()
}

/// What a certifier types and ticks.
#[derive(Clone, Debug)]
pub struct Signing {
    /// Minted with the form: the same again is the same submission.
    pub submission: Uuid,
    /// The typed name.
    pub signature: String,
    /// Whether the statement was ticked.
    pub stated: bool,
}

/// Told when the draft changed between reading and writing; then it is judged again.
const CHANGED: &str = "The application was changed while it was being submitted. Check it once more, then submit.";

/// Submits the stored draft. Sent again, by a second press or from a second window, it gives the first receipt.
///
/// # Errors
/// [`AppError::Invalid`] with everything missing; [`AppError::Conflict`] when the round has closed.
pub async fn submit(call: &Call, id: ApplicationId, signing: &Signing) -> Result<Submission, AppError> {
    for _ in 0..5 {
        match judge_and_submit(call, id, signing).await {
            Err(AppError::Conflict(text)) if text == CHANGED => {}
            done => return done,
        }
    }
    Err(AppError::Conflict(CHANGED.to_owned()))
}

async fn judge_and_submit(call: &Call, id: ApplicationId, signing: &Signing) -> Result<Submission, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let found = opened(tx, call, id, Action::SubmitApplication).await?;
    match &found.application.state {
        State::Submitted(first) => return Ok(first.clone()),
        State::Withdrawn { was, .. } if was.id == signing.submission => {
            return Err(AppError::Conflict(
                "This form was sent before, and the application was withdrawn since. Reload the page to submit it again.".to_owned(),
            ));
        }
        State::Withdrawn { .. } | State::Draft => {}
    }
    let file = programs::file_of(tx, &found.of).await?;
    let applications::Draft { sections, letters, people } = applications::draft(tx, id, found.application.applicant).await?;
    drop(reader);

    let answers: Answers = sections.into_iter().map(|(key, saved)| (key, saved.answers)).collect();
    let letter = |file: files::File| Letter { name: file.name, kind: file.kind, bytes: file.bytes, sha256: file.sha256 };
    let draft = Draft { found, limits: limits(&file), answers, letters: letters.into_iter().map(letter).collect(), people };
    let (call, signing) = (call.clone(), signing.clone());
    let mover = call.clone();
    let draft = Arc::new(draft);
    mover
        .write(move |tx| {
            let (call, draft, signing) = (call.clone(), draft.clone(), signing.clone());
            Box::pin(async move { record(tx, &call, &draft, &signing).await })
        })
        .await
}

/// A draft as it was read, to be judged.
struct Draft {
    found: Found,
    limits: Limits,
    answers: Answers,
    letters: Vec<Letter>,
    people: Vec<Addressee>,
}

async fn record(tx: &mut Tx<'_>, call: &Call, draft: &Draft, signing: &Signing) -> Result<Submission, AppError> {
    let found = &draft.found;
    let round = &found.of.round;
    let number = match &found.number {
        Some(number) => number.clone(),
        None => application::number(found.of.fiscal_year, programs::next_number(tx, round.id).await?),
    };
    let filing = Filing {
        id: signing.submission,
        number,
        call: format!("{}/{}", found.of.program.slug, round.slug),
        rules_sha256: found.of.file_sha256.clone(),
        applicant_name: found.applicant_name.clone(),
        applicant_nces_id: found.applicant_nces_id.clone(),
        answers: &draft.answers,
        letters: draft.letters.clone(),
        by: call.person()?,
        name: &call.actor.name,
        signature: &signing.signature,
        stated: signing.stated,
    };
    let submitted = found.application.clone().submit(round, &draft.limits, filing, call.now).map_err(refused)?;
    let submission = &submitted.submission;
    let subject = found.subject();
    let mut event = call.event(subject, "application", found.application.id.0, "submitted");
    event.from = Some(found.application.state.as_str().to_owned());
    event.to = Some("submitted".to_owned());
    event.facts = serde_json::json!({ "number": submission.number, "digest": submission.digest, "units": submission.units });
    let (subject_line, body) = receipt_mail(call, found, submission);
    let mails = mails_to(call, &draft.people, found.application.id, &subject_line, &body);
    match applications::record_submission(tx, &submitted, found.version, &event, &mails).await {
        Err(store::Error::Conflict { .. }) => return Err(AppError::Conflict(CHANGED.to_owned())),
        other => other?,
    }
    Ok(submitted.submission)
}

fn refused(problems: Vec<SubmitProblem>) -> AppError {
    let mut told = Vec::with_capacity(problems.len());
    for problem in problems {
        match &problem {
            SubmitProblem::Refused(refusal) => return refusal.clone().into(),
            SubmitProblem::Answer(answer) => {
                let title = answers::section(&answer.section).map_or("", |section| section.title);
                told.push(Problem::whole(format!("{title}: {}", answer.text)));
            }
            SubmitProblem::NotSigned(_) => told.push(Problem::new("signature", problem.to_string())),
            SubmitProblem::NotStated => told.push(Problem::new("stated", problem.to_string())),
            SubmitProblem::Unwritable(cause) => return AppError::internal(cause),
        }
    }
    AppError::Invalid(told)
}

/// The same mail about an application to each of these people.
fn mails_to<'a>(
    call: &Call,
    people: impl IntoIterator<Item = &'a Addressee>,
    id: ApplicationId,
    subject: &str,
    body: &str,
) -> Vec<NewMessage> {
    let to = |person: &Addressee| call.message(&person.email, subject.to_owned(), body.to_owned(), "application", id.0);
    people.into_iter().map(to).collect()
}

fn receipt_mail(call: &Call, found: &Found, submission: &Submission) -> (String, String) {
    let round = &found.of.round;
    let id = found.application.id;
    let subject = format!("Received: application {} for {}", submission.number, found.of.program.name);
    let body = format!(
        "{applicant} has submitted its application.\n\nNumber: {number}\nReceived: {at}, by our clock\nSigned by: {signer}\nDigest (SHA-256): {digest}\n\n\
         The receipt: {base}/apply/{id}/receipt\n\nYou can withdraw it, change it and submit it again until {deadline}.\n",
        applicant = found.applicant_name,
        number = submission.number,
        at = submission.at.say_in(round.zone),
        signer = call.actor.name,
        digest = submission.digest,
        base = call.desk.house.base_url,
        deadline = round.deadline(),
    );
    (subject, body)
}

/// Takes a submitted application back, with a reason, until the close.
///
/// # Errors
/// [`AppError::Invalid`] without a reason; [`AppError::Conflict`] when it is not submitted or the round has closed.
pub async fn withdraw(call: &Call, id: ApplicationId, reason: &str) -> Result<(), AppError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(AppError::field("reason", "Write in a few words why you withdraw it."));
    }
    if reason.chars().count() > 1_000 {
        return Err(AppError::field("reason", "Say it in at most 1,000 characters."));
    }
    let (call, reason) = (call.clone(), reason.to_owned());
    let mover = call.clone();
    mover
        .write(move |tx| {
            let (call, reason) = (call.clone(), reason.clone());
            Box::pin(async move {
                let found = find(tx, &call, id, Action::SubmitApplication).await?;
                if matches!(found.application.state, State::Withdrawn { .. }) {
                    return Ok(());
                }
                let subject = found.subject();
                let (number, deadline) = (found.number.clone().unwrap_or_default(), found.of.round.deadline());
                let applicant = found.application.applicant;
                let application = found.application.withdraw(&found.of.round, call.now)?;
                applications::record_withdrawal(tx, &application, found.version).await?;
                let mut event = call.event(subject, "application", id.0, "withdrew");
                event.from = Some("submitted".to_owned());
                event.to = Some("withdrawn".to_owned());
                event.why = Some(reason);
                events::add(tx, &event).await?;
                let body = format!(
                    "{} has withdrawn application {number}. It is kept and can be changed and submitted again until {deadline}.\n\n{}/apply/{id}\n",
                    call.actor.name, call.desk.house.base_url
                );
                let people = applications::addressees(tx, applicant).await?;
                let mails = mails_to(&call, &people, id, &format!("Withdrawn: application {number}"), &body);
                Ok(messages::add_all(tx, &mails).await?)
            })
        })
        .await
}

/// Asks the applicant's certifiers by mail to sign; a double click asks once.
///
/// # Errors
/// [`AppError::Conflict`] when nobody certifies for the applicant, it is submitted, or the round is not open.
pub async fn ask_certifier(call: &Call, id: ApplicationId) -> Result<(), AppError> {
    let call = call.clone();
    let mover = call.clone();
    mover
        .write(move |tx| {
            let call = call.clone();
            Box::pin(async move {
                let found = find(tx, &call, id, Action::EditApplication).await?;
                if found.of.round.phase(call.now) != Phase::Open {
                    return Err(Refusal::Closed(found.of.round.deadline()).into());
                }
                if matches!(found.application.state, State::Submitted(_)) {
                    return Err(Refusal::Submitted.into());
                }
                let just_now = call.now.plus_seconds(-DOUBLE_CLICK_SECONDS).utc();
                if events::list_of(tx, id.0).await?.iter().any(|event| event.verb == ASKED_TO_SIGN && event.at > just_now) {
                    return Ok(());
                }
                let people = applications::addressees(tx, found.application.applicant).await?;
                let certifiers: Vec<&Addressee> = people.iter().filter(|person| person.certifies).collect();
                if certifiers.is_empty() {
                    let who = &found.applicant_name;
                    return Err(AppError::Conflict(format!("Nobody signs for {who} yet. Ask the agency to invite your certifier.")));
                }
                let body = format!(
                    "{} has prepared the application of {} for {}, and asks you to check it, sign it and submit it.\n\nIt must be submitted by {}.\n\n{}/apply/{id}/check\n",
                    call.actor.name,
                    found.applicant_name,
                    found.of.program.name,
                    found.of.round.deadline(),
                    call.desk.house.base_url
                );
                let subject = format!("Please sign: {}, {}", found.of.program.name, found.of.round.name);
                let mails = mails_to(&call, certifiers.iter().copied(), id, &subject, &body);
                messages::add_all(tx, &mails).await?;
                let mut event = call.event(found.subject(), "application", id.0, ASKED_TO_SIGN);
                event.facts = serde_json::json!({ "asked": certifiers.len() });
                events::add(tx, &event).await?;
                Ok(())
            })
        })
        .await
}

/// An id for a form about to be shown.
#[must_use]
pub fn form_id(call: &Call) -> Uuid {
    mint(call.now)
}
