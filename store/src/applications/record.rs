//! What the domain decided about applications, written down behind guards.

use crate::db::{Tx, execute, together};
use crate::error::{Error, Result, changed_each, changed_one};
use crate::events::{NewEvent, insert, with_event};
use crate::messages::{NewMessage, in_json, queue};
use domain::answers::SectionAnswers;
use domain::application::{Application, State, Submitted};
use domain::{ApplicationId, PersonId, Timestamp};

/// Adds a draft.
///
/// # Errors
/// A unique violation when the applicant has one in this round; the store's failure.
pub async fn record_start(tx: &mut Tx<'_>, application: &Application, by: PersonId, at: Timestamp) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO applications (id, round, applicant, status, started_by, started_at, saved_at, version)
         VALUES ($1, $2, $3, 'draft', $4, $5, $5, 1)",
        application.id.0,
        application.round.0,
        application.applicant.0,
        by.0,
        at.utc()
    )?;
    Ok(())
}

/// The UPDATE by which a draft is changed: its id and the time stand at these places.
macro_rules! touch {
    ($id:literal, $at:literal) => {
        concat!("UPDATE applications SET saved_at = ", $at, ", version = version + 1 WHERE id = ", $id, " AND status <> 'submitted'")
    };
}

/// A section to save.
#[derive(Clone, Debug)]
pub struct NewSection {
    /// Of which application.
    pub application: ApplicationId,
    /// Its key.
    pub section: &'static str,
    /// Its answers.
    pub answers: SectionAnswers,
    /// Whether nothing is wrong or missing.
    pub complete: bool,
    /// The version that the writer saw; 0 when there was none.
    pub seen: i64,
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// Writes a section over the version that the writer saw, with the event of it, and that the draft changed. Gives the new version.
///
/// # Errors
/// [`Error::Conflict`] when somebody saved it meanwhile, or submitted the application; the store's failure.
pub async fn record_section(tx: &mut Tx<'_>, new: &NewSection, event: &NewEvent) -> Result<i64> {
    let text = serde_json::to_string(&new.answers).map_err(|cause| Error::inconsistent("application_sections", new.section, cause))?;
    // One text for the first save and for the later ones. The first is judged by the row's absence, so that of two first saves
    // one is a conflict and not an overwrite.
    let changed = with_event!(
        together,
        tx,
        {
            touched: touch!("$12", "$17"),
            logged: insert!(),
            saved: "INSERT INTO application_sections (application, section, answers, complete, saved_by, saved_at, version)
                    SELECT $12, $13, $14, $15, $16, $17, 1
                    WHERE $18 = 0 OR EXISTS (SELECT 1 FROM application_sections s WHERE s.application = $12 AND s.section = $13)
                    ON CONFLICT (application, section) DO UPDATE
                    SET answers = excluded.answers, complete = excluded.complete, saved_by = excluded.saved_by, saved_at = excluded.saved_at,
                        version = application_sections.version + 1
                    WHERE application_sections.version = $18",
        },
        event,
        new.application.0,
        new.section,
        text,
        new.complete,
        new.by.0,
        new.at.utc(),
        new.seen
    )?;
    changed_each(changed, 3, "section")?;
    Ok(new.seen + 1)
}

/// Writes down that something in a draft changed.
///
/// # Errors
/// [`Error::Conflict`] when it was submitted meanwhile; the store's failure.
pub async fn record_touch(tx: &mut Tx<'_>, id: ApplicationId, at: Timestamp) -> Result<()> {
    let changed = execute!(tx, touch!("$1", "$2"), id.0, at.utc())?;
    changed_one(changed, "application")
}

/// Records a submission, judged at a version, with the event of it and the mail that tells of it.
///
/// # Errors
/// [`Error::Conflict`] when anything in the application changed since; the store's failure.
pub async fn record_submission(tx: &mut Tx<'_>, submitted: &Submitted, judged: i64, event: &NewEvent, mails: &[NewMessage]) -> Result<()> {
    let submission = &submitted.submission;
    let changed = with_event!(
        together,
        tx,
        {
            logged: insert!(),
            submitted: "UPDATE applications SET status = 'submitted', number = $14, units_requested = $15, submitted_by = $16, submitted_at = $17,
                               withdrawn_at = NULL, document = $18, digest = $19, submission = $20, version = version + 1
                        WHERE id = $12 AND version = $13 AND status <> 'submitted' AND (number IS NULL OR number = $14)";
            queued: sqlite queue!(sqlite "$21", "$17", "$17"), postgres queue!(postgres "$21", "$17", "$17")
        },
        event,
        submitted.application.id.0,
        judged,
        submission.number.as_str(),
        submission.units,
        submission.by.0,
        submission.at.utc(),
        submitted.document.as_str(),
        submission.digest.as_str(),
        submission.id,
        in_json(mails).to_string()
    )?;
    changed_each(changed, 2 + mails.len(), "application")
}

/// Records that an application was taken back.
///
/// # Errors
/// [`Error::Conflict`] when it changed meanwhile; the store's failure.
pub async fn record_withdrawal(tx: &mut Tx<'_>, application: &Application, judged: i64) -> Result<()> {
    let State::Withdrawn { at, .. } = &application.state else {
        return Err(Error::inconsistent("applications", application.id, "it was not withdrawn"));
    };
    let changed = execute!(
        tx,
        "UPDATE applications SET status = 'withdrawn', withdrawn_at = $3, version = version + 1
         WHERE id = $1 AND version = $2 AND status = 'submitted'",
        application.id.0,
        judged,
        at.utc()
    )?;
    changed_one(changed, "application")
}
