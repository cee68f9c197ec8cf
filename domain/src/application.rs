//! An application's states: draft, submitted, withdrawn. Each transition consumes the application and refuses with every reason at once.
//! Whether the round is open is judged here by the instant handed in; what staff decide about an application lies in other machines.

use crate::answers::{self, AnswerProblem, Answers, FORM_VERSION, Limits};
use crate::canonical::{CanonicalError, canonical, sha256_hex};
use crate::round::{Phase, Round};
use crate::signature::{NotSigned, signature};
use crate::{ApplicationId, OrganizationId, PersonId, RoundId, Timestamp};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

fn must_be_open(round: &Round, now: Timestamp) -> Result<(), Refusal> {
    match round.phase(now) {
        Phase::Open => Ok(()),
        Phase::NotOpened => Err(Refusal::NotOpen(round.opens_at.say_in(round.zone))),
        Phase::Closed => Err(Refusal::Closed(round.deadline())),
    }
}

/// An application's state, with the facts that come with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Being filled in.
    Draft,
    /// Signed and sent.
    Submitted(Submission),
    /// Taken back before the close. It can be changed and submitted again, under the same number.
    Withdrawn {
        /// What had been submitted.
        was: Submission,
        /// When it was taken back.
        at: Timestamp,
    },
}

impl State {
    /// As the store writes it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted(_) => "submitted",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}

/// What was submitted, as the receipt shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Minted with the form: the same id again is the same submission.
    pub id: Uuid,
    /// `A-2025-0001`.
    pub number: String,
    /// Who signed.
    pub by: PersonId,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// Units asked for.
    pub units: i64,
    /// SHA-256 of the document.
    pub digest: String,
}

/// One applicant's application to one round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Which.
    pub id: ApplicationId,
    /// To which round.
    pub round: RoundId,
    /// Whose.
    pub applicant: OrganizationId,
    /// Where it stands.
    pub state: State,
}

/// Why a transition is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The round takes no applications yet; it opens then.
    NotOpen(String),
    /// The round has closed, at that time.
    Closed(String),
    /// It has been submitted: it can be changed only after it is withdrawn.
    Submitted,
    /// It has not been submitted, so there is nothing to withdraw.
    NotSubmitted,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotOpen(when) => write!(f, "The round opens on {when}."),
            Self::Closed(when) => write!(f, "The round closed on {when}. Your draft is kept."),

            Self::Submitted => f.write_str(
                "This application has been submitted. To change it, withdraw it first; you can submit it again until the round closes.",
            ),
            Self::NotSubmitted => f.write_str("This application has not been submitted, so there is nothing to withdraw."),
        }
    }
}

/// Why a draft can't be submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubmitProblem {
    /// State or time stand against it.
    Refused(Refusal),
    /// An answer is missing or can't be taken.
    Answer(AnswerProblem),
    /// The certifier has not signed.
    NotSigned(NotSigned),
    /// The certifier has not ticked the statement.
    NotStated,
    /// The document could not be written. Answers are text, so this does not happen.
    Unwritable(CanonicalError),
}

impl std::fmt::Display for SubmitProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Answer(problem) => f.write_str(&problem.text),
            Self::NotSigned(cause) => cause.fmt(f),
            Self::NotStated => f.write_str("Tick the statement to confirm that it is true."),
            Self::Unwritable(cause) => cause.fmt(f),
        }
    }
}

/// The statement that a certifier confirms.
pub const STATEMENT: &str =
    "I am authorized to submit this application for the applicant. To the best of my knowledge what it says is true and complete.";

/// All that a submission is made of.
#[derive(Clone, Debug)]
pub struct Filing<'a> {
    /// Minted with the form.
    pub id: Uuid,
    /// The number, given before.
    pub number: String,
    /// The program's and the round's names in addresses: `career-coaches/2024-25`.
    pub call: String,
    /// SHA-256 of the locked program file.
    pub rules_sha256: String,
    /// The applicant's name.
    pub applicant_name: String,
    /// The applicant's federal id, where it has one.
    pub applicant_nces_id: Option<String>,
    /// The stored answers.
    pub answers: &'a Answers,
    /// The uploaded files.
    pub letters: Vec<Letter>,
    /// The certifier.
    pub by: PersonId,
    /// The certifier's name.
    pub name: &'a str,
    /// The name the certifier typed.
    pub signature: &'a str,
    /// Whether the statement was ticked.
    pub stated: bool,
}

/// An uploaded file, as the document names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// The file's name.
    pub name: String,
    /// `support_letter` or `college_agreement`.
    pub kind: String,
    /// Its size.
    pub bytes: i64,
    /// SHA-256 of its content.
    pub sha256: String,
}

/// A submission, with the document to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// The application in its new state.
    pub application: Application,
    /// The submission.
    pub submission: Submission,
    /// The canonical document whose SHA-256 is the submission's digest.
    pub document: String,
}

impl Application {
    /// Starts a draft.
    ///
    /// # Errors
    /// [`Refusal::NotOpen`] or [`Refusal::Closed`].
    pub fn start(id: ApplicationId, round: &Round, applicant: OrganizationId, now: Timestamp) -> Result<Self, Refusal> {
        must_be_open(round, now)?;
        Ok(Self { id, round: round.id, applicant, state: State::Draft })
    }

    /// Lets a section, or the letters, be changed.
    ///
    /// # Errors
    /// [`Refusal::Submitted`]; [`Refusal::Closed`] after the close.
    pub fn save_section(self, round: &Round, now: Timestamp) -> Result<Self, Refusal> {
        if matches!(self.state, State::Submitted(_)) {
            return Err(Refusal::Submitted);
        }
        must_be_open(round, now)?;
        Ok(self)
    }

    /// Signs and submits.
    ///
    /// # Errors
    /// Every reason against it: state and time first, then answers in the order of the form, then the signature.
    pub fn submit(self, round: &Round, limits: &Limits, filing: Filing<'_>, now: Timestamp) -> Result<Submitted, Vec<SubmitProblem>> {
        if matches!(self.state, State::Submitted(_)) {
            return Err(vec![SubmitProblem::Refused(Refusal::Submitted)]);
        }
        must_be_open(round, now).map_err(|refusal| vec![SubmitProblem::Refused(refusal)])?;
        let mut problems: Vec<_> = answers::problems(filing.answers, limits).into_iter().map(SubmitProblem::Answer).collect();
        let signature = signature(filing.signature, filing.name).map_err(|cause| problems.push(SubmitProblem::NotSigned(cause)));
        if !filing.stated {
            problems.push(SubmitProblem::NotStated);
        }
        let units = filing.answers.get("coaches").and_then(|section| section.get("seats")).and_then(|seats| seats.parse().ok());
        let (Some(units), Ok(signature), true) = (units, signature, problems.is_empty()) else { return Err(problems) };
        let document = json!({
            "form": FORM_VERSION,
            "application": self.id,
            "number": filing.number,
            "call": filing.call,
            "rules_sha256": filing.rules_sha256,
            "applicant": { "id": self.applicant, "name": filing.applicant_name, "nces_id": filing.applicant_nces_id },
            "answers": filing.answers,
            "letters": filing.letters,
            "units_requested": units,
            "submission": filing.id,
            "submitted_at": now,
            "certified": { "by": filing.by, "signature": signature, "statement": STATEMENT },
        });
        let document = canonical(&document).map_err(|cause| vec![SubmitProblem::Unwritable(cause)])?;
        let submission =
            Submission { id: filing.id, number: filing.number, by: filing.by, at: now, units, digest: sha256_hex(document.as_bytes()) };
        let application = Self { state: State::Submitted(submission.clone()), ..self };
        Ok(Submitted { application, submission, document })
    }

    /// Takes a submitted application back.
    ///
    /// # Errors
    /// [`Refusal::NotSubmitted`]; [`Refusal::Closed`] after the close.
    pub fn withdraw(self, round: &Round, now: Timestamp) -> Result<Self, Refusal> {
        let State::Submitted(was) = self.state else { return Err(Refusal::NotSubmitted) };
        must_be_open(round, now)?;
        Ok(Self { state: State::Withdrawn { was, at: now }, ..self })
    }

    /// What was submitted, now or before it was withdrawn.
    #[must_use]
    pub const fn submission(&self) -> Option<&Submission> {
        match &self.state {
            State::Draft => None,
            State::Submitted(submission) | State::Withdrawn { was: submission, .. } => Some(submission),
        }
    }
}

/// An application's number: `A-2025-0001`, by the appropriation's fiscal year.
#[must_use]
pub fn number(fiscal_year: i64, nth: i64) -> String {
    format!("A-{fiscal_year}-{nth:04}")
}

#[cfg(test)]
mod tests;
