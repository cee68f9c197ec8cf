//! Applications: one for each applicant and round, with a row a section. Every change of an application, its sections or its letters adds
//! to its version, so that a submission can be guarded by the version it was judged at. Which change is allowed, the domain decides.

mod draft;
mod record;

pub use draft::{Draft, draft};
pub use record::{NewSection, record_section, record_start, record_submission, record_touch, record_withdrawal};

use crate::db::{Tx, all, optional};
use crate::error::{Error, Result};
use crate::programs::{RoundOf, RoundRow};
use crate::rankings::StoredWorking;
use chrono::{DateTime, Utc};
use domain::access::{OrganizationKind, Subject};
use domain::answers::SectionAnswers;
use domain::application::{Application, State, Submission};
use domain::ranking::Place;
use domain::{ApplicationId, OrganizationId, PersonId, RoundId, Timestamp};
use uuid::Uuid;

/// An application with its applicant and its round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The application.
    pub application: Application,
    /// Its round, with the program.
    pub of: RoundOf,
    /// The applicant's name.
    pub applicant_name: String,
    /// The applicant's kind.
    pub applicant_kind: OrganizationKind,
    /// The applicant's federal id, for districts.
    pub applicant_nces_id: Option<String>,
    /// The number, once it was submitted; it stays when it is withdrawn.
    pub number: Option<String>,
    /// Who signed, by name.
    pub submitted_by_name: Option<String>,
    /// When it was started.
    pub started_at: Timestamp,
    /// When anything in it was last saved.
    pub saved_at: Timestamp,
    /// Counts its changes.
    pub version: i64,
}

impl Found {
    /// Whose record it is, for the access table.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject { agency: Some(self.of.round.agency), owner: Some(self.application.applicant) }
    }
}

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    application: Uuid,
    applicant: Uuid,
    number: Option<String>,
    status: String,
    units_requested: Option<i64>,
    started_at: DateTime<Utc>,
    saved_at: DateTime<Utc>,
    submitted_by: Option<Uuid>,
    submitted_by_name: Option<String>,
    submitted_at: Option<DateTime<Utc>>,
    withdrawn_at: Option<DateTime<Utc>>,
    digest: Option<String>,
    submission: Option<Uuid>,
    application_version: i64,
    applicant_name: String,
    applicant_kind: String,
    applicant_nces_id: Option<String>,
    #[sqlx(flatten)]
    round: RoundRow,
}

impl TryFrom<Row> for Found {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let wrong = |problem: String| Error::inconsistent("applications", row.application, problem);
        let whole = (row.submission, row.number.clone(), row.submitted_by, row.submitted_at, row.units_requested, row.digest);
        let submission = match whole {
            (Some(id), Some(number), Some(by), Some(at), Some(units), Some(digest)) => {
                Some(Submission { id, number, by: PersonId(by), at: Timestamp::new(at), units, digest })
            }
            _ => None,
        };
        let state = match (row.status.as_str(), submission, row.withdrawn_at) {
            ("draft", None, None) => State::Draft,
            ("submitted", Some(submission), None) => State::Submitted(submission),
            ("withdrawn", Some(was), Some(at)) => State::Withdrawn { was, at: Timestamp::new(at) },
            (status, ..) => return Err(wrong(format!("status {status} without its facts"))),
        };
        let of = RoundOf::try_from(row.round)?;
        Ok(Self {
            application: Application { id: row.application.into(), round: of.round.id, applicant: row.applicant.into(), state },
            of,
            applicant_name: row.applicant_name,
            applicant_kind: OrganizationKind::from_stored(&row.applicant_kind)
                .ok_or_else(|| wrong(format!("kind {}", row.applicant_kind)))?,
            applicant_nces_id: row.applicant_nces_id,
            number: row.number,
            submitted_by_name: row.submitted_by_name,
            started_at: Timestamp::new(row.started_at),
            saved_at: Timestamp::new(row.saved_at),
            version: row.application_version,
        })
    }
}

/// An application where a row holds one, and nothing where an outer join found none.
pub(crate) struct Beside(pub Option<Row>);

impl<'r, R> sqlx::FromRow<'r, R> for Beside
where
    R: sqlx::Row,
    Row: sqlx::FromRow<'r, R>,
    &'static str: sqlx::ColumnIndex<R>,
    Option<Uuid>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        let is_there = row.try_get::<Option<Uuid>, _>("application")?.is_some();
        Ok(Self(if is_there { Some(Row::from_row(row)?) } else { None }))
    }
}

/// The one SELECT of applications, with the rest of the statement.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT a.id AS application, a.applicant, a.number, a.status, a.units_requested, a.started_at, a.saved_at, a.submitted_by,
                    a.submitted_at, a.withdrawn_at, a.digest, a.submission, a.version AS application_version,
                    s.name AS submitted_by_name, w.name AS applicant_name, w.kind AS applicant_kind, w.nces_id AS applicant_nces_id,
                    r.id, r.program, p.agency, r.program_version, r.appropriation, r.slug, r.name, r.zone, r.opens_at, r.closes_at,
                    r.questions_until, r.award_on, r.seed, r.opened_at, r.locked_sha256, r.rules_version, r.published_at, r.last_number, r.version,
                    p.slug AS program_slug, p.name AS program_name, p.summary AS program_summary, o.name AS agency_name,
                    m.amount_cents, m.fiscal_year, v.sha256 AS file_sha256, v.version AS file_version
             FROM applications a JOIN organizations w ON w.id = a.applicant LEFT JOIN people s ON s.id = a.submitted_by
             JOIN rounds r ON r.id = a.round JOIN programs p ON p.id = r.program JOIN organizations o ON o.id = p.agency
             JOIN appropriations m ON m.id = r.appropriation JOIN program_versions v ON v.id = r.program_version ",
            $rest
        )
    };
}

pub(crate) use select;

/// An application with its applicant and round.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn find(tx: &mut Tx<'_>, id: ApplicationId) -> Result<Option<Found>> {
    optional!(tx, Row, select!("WHERE a.id = $1"), id.0)?.map(Found::try_from).transpose()
}

/// An applicant's application to a round.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn find_of(tx: &mut Tx<'_>, round: RoundId, applicant: OrganizationId) -> Result<Option<Found>> {
    optional!(tx, Row, select!("WHERE a.round = $1 AND a.applicant = $2"), round.0, applicant.0)?.map(Found::try_from).transpose()
}

/// The applications of all organizations for which a person prepares or certifies now, the latest deadline first.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn list_of_person(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Found>> {
    let rows = all!(
        tx,
        Row,
        select!(
            "WHERE EXISTS (SELECT 1 FROM memberships h WHERE h.person = $1 AND h.organization = a.applicant AND h.ended_at IS NULL
                                  AND h.role IN ('preparer', 'certifier'))
             ORDER BY r.closes_at DESC, w.name_folded, a.id"
        ),
        person.0
    )?;
    rows.into_iter().map(Found::try_from).collect()
}

/// A round's submitted applications, by number.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn list_submitted(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Found>> {
    let rows = all!(tx, Row, select!("WHERE a.round = $1 AND a.status = 'submitted' ORDER BY a.number, a.id"), round.0)?;
    rows.into_iter().map(Found::try_from).collect()
}

/// What was submitted: the canonical JSON whose SHA-256 is the digest; none for a draft.
///
/// # Errors
/// The store's failure.
pub async fn document(tx: &mut Tx<'_>, id: ApplicationId) -> Result<Option<String>> {
    let row = optional!(tx, (Option<String>,), "SELECT document FROM applications WHERE id = $1", id.0)?;
    Ok(row.and_then(|(document,)| document))
}

/// A section as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedSection {
    /// Its key.
    pub section: String,
    /// Its answers.
    pub answers: SectionAnswers,
    /// Whether it had no problem when it was saved.
    pub complete: bool,
    /// Who saved it, by name.
    pub saved_by_name: String,
    /// When.
    pub saved_at: Timestamp,
    /// Counts its saves.
    pub version: i64,
}

#[derive(sqlx::FromRow)]
struct SectionRow {
    section: String,
    answers: String,
    complete: bool,
    saved_by_name: String,
    saved_at: DateTime<Utc>,
    version: i64,
}

impl TryFrom<SectionRow> for SavedSection {
    type Error = Error;

    fn try_from(row: SectionRow) -> Result<Self> {
        let answers =
            serde_json::from_str(&row.answers).map_err(|cause| Error::inconsistent("application_sections", &row.section, cause))?;
        let SectionRow { section, complete, saved_by_name, saved_at, version, .. } = row;
        Ok(Self { section, answers, complete, saved_by_name, saved_at: Timestamp::new(saved_at), version })
    }
}

/// One saved section.
///
/// # Errors
/// As [`draft`].
pub async fn section(tx: &mut Tx<'_>, id: ApplicationId, key: &str) -> Result<Option<SavedSection>> {
    optional!(
        tx,
        SectionRow,
        "SELECT s.section, s.answers, s.complete, p.name AS saved_by_name, s.saved_at, s.version
         FROM application_sections s JOIN people p ON p.id = s.saved_by WHERE s.application = $1 AND s.section = $2",
        id.0,
        key
    )?
    .map(SavedSection::try_from)
    .transpose()
}

/// Somebody of the applicant's, for mail.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Addressee {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Whether they certify.
    pub certifies: bool,
}

/// The applicant's preparers and certifiers now, each person once, certifiers first.
///
/// # Errors
/// The store's failure.
pub async fn addressees(tx: &mut Tx<'_>, applicant: OrganizationId) -> Result<Vec<Addressee>> {
    Ok(all!(
        tx,
        Addressee,
        "SELECT p.name, p.email, (count(*) FILTER (WHERE m.role = 'certifier')) > 0 AS certifies
         FROM memberships m JOIN people p ON p.id = m.person AND p.disabled_at IS NULL
         WHERE m.organization = $1 AND m.role IN ('preparer', 'certifier') AND m.ended_at IS NULL
         GROUP BY p.id, p.name, p.email, p.email_folded ORDER BY certifies DESC, p.email_folded, p.id",
        applicant.0
    )?)
}

/// What became of an application, as the applicant is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// `funded`, `partly_funded`, `waitlisted`, `not_funded` or `ineligible`.
    pub outcome: String,
    /// Units awarded.
    pub units: i64,
    /// Why, in a sentence.
    pub reason: String,
    /// When the applicant was told.
    pub told_at: Timestamp,
    /// The place on the frozen list with its working; none for who was not ranked.
    pub place: Option<Place>,
    /// How many were ranked.
    pub ranked: i64,
    /// The lowest place that got anything.
    pub line: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct ToldRow {
    outcome: String,
    units: i64,
    reason: String,
    told_at: DateTime<Utc>,
    working: Option<String>,
    ranked: i64,
    line: Option<i64>,
}

/// What the applicant was told; none before the second of the telling.
///
/// # Errors
/// The store's failure, or a working that can't be read.
pub async fn told(tx: &mut Tx<'_>, id: ApplicationId, now: Timestamp) -> Result<Option<Told>> {
    let row = optional!(
        tx,
        ToldRow,
        "SELECT t.outcome, t.units, t.reason, t.told_at, k.working,
                (SELECT count(*) FROM ranking_places n WHERE n.ranking = k.ranking) AS ranked,
                (SELECT max(n.place) FROM ranking_places n JOIN outcomes u ON u.application = n.application
                 WHERE n.ranking = k.ranking AND u.units > 0) AS line
         FROM outcomes t LEFT JOIN ranking_places k ON k.application = t.application
         WHERE t.application = $1 AND t.told_at <= $2",
        id.0,
        now.utc()
    )?;
    let Some(row) = row else { return Ok(None) };
    let read = |text: String| StoredWorking::read(id.0, &text).map(|stored| stored.place);
    Ok(Some(Told {
        outcome: row.outcome,
        units: row.units,
        reason: row.reason,
        told_at: Timestamp::new(row.told_at),
        place: row.working.map(read).transpose()?,
        ranked: row.ranked,
        line: row.line,
    }))
}
