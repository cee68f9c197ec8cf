//! What each member of a panel reads and writes.

use crate::db::{Tx, all, execute};
use crate::error::{Error, Result, changed_one};
use chrono::{DateTime, Utc};
use domain::panel::Stage;
use domain::{ApplicationId, PersonId, ReviewId, RoundId, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What a reviewer has written on one criterion: the points of the level chosen, if any, and the reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// The points of the level chosen, if any, as text.
    pub points: Option<Decimal>,
    /// The reason, perhaps empty still.
    pub reason: String,
}

/// One reviewer's review of one application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Its id.
    pub id: ReviewId,
    /// Its round.
    pub round: RoundId,
    /// The application.
    pub application: ApplicationId,
    /// Its number.
    pub number: String,
    /// The applicant's name; a blind panel is not shown it.
    pub applicant_name: String,
    /// Who reviews.
    pub person: PersonId,
    /// By name.
    pub person_name: String,
    /// Their address.
    pub person_email: String,
    /// Whether it is for practice: its scores never count.
    pub practice: bool,
    /// Where it stands.
    pub stage: Stage,
    /// When it was given.
    pub assigned_at: Timestamp,
    /// When it was last saved.
    pub saved_at: Option<Timestamp>,
    /// When it was last handed in.
    pub handed_in_at: Option<Timestamp>,
    /// Whether it was invented for a demonstration.
    pub synthetic: bool,
    /// The row's version.
    pub version: i64,
    /// Why another look, a conflict, or taken away; empty else.
    pub said: String,
    /// What is written, by criterion.
    pub written: BTreeMap<String, Written>,
}

#[derive(sqlx::FromRow)]
struct ReviewRow {
    id: Uuid,
    round: Uuid,
    application: Uuid,
    number: String,
    applicant_name: String,
    person: Uuid,
    person_name: String,
    person_email: String,
    practice: bool,
    stage: String,
    assigned_at: DateTime<Utc>,
    saved_at: Option<DateTime<Utc>>,
    handed_in_at: Option<DateTime<Utc>>,
    synthetic: bool,
    version: i64,
    said: String,
    written: String,
}

fn read_written(review: Uuid, text: &str) -> Result<BTreeMap<String, Written>> {
    serde_json::from_str(text).map_err(|cause| Error::inconsistent("panel_reviews", review, cause))
}

fn write(review: ReviewId, written: &BTreeMap<String, Written>) -> Result<String> {
    serde_json::to_string(written).map_err(|cause| Error::inconsistent("panel_reviews", review, cause))
}

impl TryFrom<ReviewRow> for Review {
    type Error = Error;
    fn try_from(row: ReviewRow) -> Result<Self> {
        let stage = Stage::from_stored(&row.stage).ok_or_else(|| Error::inconsistent("panel_reviews", row.id, &row.stage))?;
        Ok(Self {
            written: read_written(row.id, &row.written)?,
            id: row.id.into(),
            round: row.round.into(),
            application: row.application.into(),
            number: row.number,
            applicant_name: row.applicant_name,
            person: row.person.into(),
            person_name: row.person_name,
            person_email: row.person_email,
            practice: row.practice,
            stage,
            assigned_at: Timestamp::new(row.assigned_at),
            saved_at: row.saved_at.map(Timestamp::new),
            handed_in_at: row.handed_in_at.map(Timestamp::new),
            synthetic: row.synthetic,
            version: row.version,
            said: row.said,
        })
    }
}

macro_rules! review_sql {
    ($condition:literal) => {
        review_sql!("", $condition)
    };
    ($more:literal, $condition:literal) => {
        concat!(
            "SELECT v.id, v.round, v.application, a.number, o.name AS applicant_name, v.person, p.name AS person_name,
                    p.email AS person_email, v.practice, v.stage, v.assigned_at, v.saved_at, v.handed_in_at, v.synthetic, v.version, v.said,
                    v.written",
            $more,
            " FROM panel_reviews v JOIN applications a ON a.id = v.application JOIN organizations o ON o.id = a.applicant
             JOIN people p ON p.id = v.person WHERE a.status = 'submitted' AND ",
            $condition,
            " ORDER BY v.practice DESC, a.number, p.name, v.id"
        )
    };
}

fn read(rows: Vec<ReviewRow>) -> Result<Vec<Review>> {
    rows.into_iter().map(Review::try_from).collect()
}

/// Every review of a round, practice first, by number and reviewer. Those of applications withdrawn since are left out.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn of_round(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Review>> {
    read(all!(tx, ReviewRow, review_sql!("v.round = $1"), round.0)?)
}

/// How many reviews of an application were given out, and how many of these are handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Counted {
    /// The application.
    pub application: Uuid,
    /// Given out, without those in practice and of whoever had to leave.
    pub given: i64,
    /// Handed in.
    pub handed_in: i64,
}

/// How far the reviews of a round's applications have come.
///
/// # Errors
/// The store's failure.
pub async fn counted(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Counted>> {
    Ok(all!(
        tx,
        Counted,
        "SELECT application, COUNT(*) AS given, COUNT(CASE WHEN stage = 'handed_in' THEN 1 END) AS handed_in
         FROM panel_reviews WHERE round = $1 AND NOT practice AND stage NOT IN ('recused', 'removed') GROUP BY application",
        round.0
    )?)
}

/// Every review of an application.
///
/// # Errors
/// As [`of_round`].
pub async fn of_application(tx: &mut Tx<'_>, application: ApplicationId) -> Result<Vec<Review>> {
    read(all!(tx, ReviewRow, review_sql!("v.application = $1"), application.0)?)
}

/// Every review of a person, in all rounds.
///
/// # Errors
/// As [`of_round`].
pub async fn desk_of(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Review>> {
    read(all!(tx, ReviewRow, review_sql!("v.person = $1"), person.0)?)
}

/// A review on a desk, with how far the discussion of its application has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnDesk {
    /// The review.
    pub review: Review,
    /// Notes in the discussion, whoever wrote them.
    pub notes: i64,
    /// Those that others wrote since the reviewer last did.
    pub since: i64,
}

#[derive(sqlx::FromRow)]
struct OnDeskRow {
    #[sqlx(flatten)]
    review: ReviewRow,
    notes: i64,
    since: i64,
}

/// Every review of a person in a round, with the notes on each application: one statement.
///
/// # Errors
/// As [`of_round`].
pub async fn desk_in(tx: &mut Tx<'_>, round: RoundId, person: PersonId) -> Result<Vec<OnDesk>> {
    let rows = all!(
        tx,
        OnDeskRow,
        review_sql!(
            ", (SELECT count(*) FROM panel_notes n WHERE n.application = v.application) AS notes,
               (SELECT count(*) FROM panel_notes n WHERE n.application = v.application AND n.person <> v.person AND NOT EXISTS (
                    SELECT 1 FROM panel_notes w WHERE w.application = n.application AND w.person = v.person AND w.at >= n.at)) AS since",
            "v.round = $1 AND v.person = $2"
        ),
        round.0,
        person.0
    )?;
    rows.into_iter().map(|row| Ok(OnDesk { review: row.review.try_into()?, notes: row.notes, since: row.since })).collect()
}

/// A review and the others of its reviewer in its round; empty when there is no such review.
///
/// # Errors
/// As [`of_round`].
pub async fn of_desk(tx: &mut Tx<'_>, review: ReviewId) -> Result<Vec<Review>> {
    let rows = all!(
        tx,
        ReviewRow,
        review_sql!(
            "v.round = (SELECT w.round FROM panel_reviews w WHERE w.id = $1) AND v.person = (SELECT w.person FROM panel_reviews w WHERE w.id = $1)"
        ),
        review.0
    )?;
    read(rows)
}

/// A review to be given to somebody.
#[derive(Clone, Copy, Debug)]
pub struct NewReview {
    /// Its id.
    pub id: ReviewId,
    /// Its round.
    pub round: RoundId,
    /// The application.
    pub application: ApplicationId,
    /// To whom.
    pub person: PersonId,
    /// Whether it is for practice.
    pub practice: bool,
    /// Whether it is invented for a demonstration.
    pub synthetic: bool,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// Gives a review to somebody.
///
/// # Errors
/// [`Error::Conflict`] when they have it already; the store's failure.
pub async fn add(tx: &mut Tx<'_>, review: &NewReview) -> Result<()> {
    let added = execute!(
        tx,
        "INSERT INTO panel_reviews (id, round, application, person, practice, stage, assigned_by, assigned_at, synthetic, version, said, written)
         VALUES ($1, $2, $3, $4, $5, 'assigned', $6, $7, $8, 1, '', '{}') ON CONFLICT (application, person, practice) DO NOTHING",
        review.id.0,
        review.round.0,
        review.application.0,
        review.person.0,
        review.practice,
        review.by.0,
        review.at.utc(),
        review.synthetic
    )?;
    changed_one(added, "assignment")
}

/// Gives a review back to the reviewer from whom it was taken.
///
/// # Errors
/// [`Error::Conflict`] when it was not taken away; the store's failure.
pub async fn record_given_again(tx: &mut Tx<'_>, review: ReviewId, by: PersonId, at: Timestamp) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE panel_reviews SET stage = 'assigned', said = '', assigned_by = $2, assigned_at = $3, version = version + 1
         WHERE id = $1 AND stage = 'removed'",
        review.0,
        by.0,
        at.utc()
    )?;
    changed_one(changed, "assignment")
}

/// Records a review's next stage. `handed_in` is set when it is handed in.
///
/// # Errors
/// [`Error::Conflict`] when it changed since version `seen`; the store's failure.
pub async fn record_stage(
    tx: &mut Tx<'_>,
    review: ReviewId,
    stage: Stage,
    said: &str,
    handed_in: Option<Timestamp>,
    seen: i64,
) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE panel_reviews SET stage = $2, said = $3, handed_in_at = COALESCE($4, handed_in_at), version = version + 1
         WHERE id = $1 AND version = $5",
        review.0,
        stage.as_str(),
        said,
        handed_in.map(Timestamp::utc),
        seen
    )?;
    changed_one(changed, "review")
}

/// Saves what is written.
///
/// # Errors
/// [`Error::Conflict`] when it changed since version `seen`, or is not on the desk; the store's failure.
pub async fn record_written(
    tx: &mut Tx<'_>,
    review: ReviewId,
    written: &BTreeMap<String, Written>,
    at: Timestamp,
    seen: i64,
) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE panel_reviews SET written = $2, saved_at = $3, version = version + 1
         WHERE id = $1 AND version = $4 AND stage IN ('assigned', 'asked_again')",
        review.0,
        write(review, written)?,
        at.utc(),
        seen
    )?;
    changed_one(changed, "review")
}

/// Keeps what was handed in, for good.
///
/// # Errors
/// The store's failure.
pub async fn add_history(
    tx: &mut Tx<'_>,
    review: ReviewId,
    version: i64,
    written: &BTreeMap<String, Written>,
    at: Timestamp,
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO panel_history (review, version, written, handed_in_at) VALUES ($1, $2, $3, $4)",
        review.0,
        version,
        write(review, written)?,
        at.utc()
    )?;
    Ok(())
}

/// What was handed in once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// The review.
    pub review: ReviewId,
    /// When.
    pub at: Timestamp,
    /// What was written.
    pub written: BTreeMap<String, Written>,
}

/// What was handed in on an application, each time, first to last.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn history(tx: &mut Tx<'_>, application: ApplicationId) -> Result<Vec<Handed>> {
    let rows = all!(
        tx,
        (Uuid, DateTime<Utc>, String),
        "SELECT h.review, h.handed_in_at, h.written FROM panel_history h JOIN panel_reviews v ON v.id = h.review
         WHERE v.application = $1 ORDER BY h.handed_in_at, h.version, h.review",
        application.0
    )?;
    rows.into_iter()
        .map(|(review, at, text)| Ok(Handed { review: review.into(), at: Timestamp::new(at), written: read_written(review, &text)? }))
        .collect()
}

/// A note in a panel's discussion of an application.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Note {
    /// Its id.
    pub id: Uuid,
    /// Who wrote it.
    pub person: Uuid,
    /// By name.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub note: String,
}

/// Adds a note, under the id minted with its form; whether it was added, or that id is taken.
///
/// # Errors
/// The store's failure.
pub async fn add_note(tx: &mut Tx<'_>, id: Uuid, application: ApplicationId, by: PersonId, note: &str, at: Timestamp) -> Result<bool> {
    let added = execute!(
        tx,
        "INSERT INTO panel_notes (id, application, person, at, note) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
        id,
        application.0,
        by.0,
        at.utc(),
        note
    )?;
    Ok(added == 1)
}

/// The notes on an application, first to last.
///
/// # Errors
/// The store's failure.
pub async fn notes(tx: &mut Tx<'_>, application: ApplicationId) -> Result<Vec<Note>> {
    Ok(all!(
        tx,
        Note,
        "SELECT n.id, n.person, p.name AS by, n.at, n.note FROM panel_notes n JOIN people p ON p.id = n.person
         WHERE n.application = $1 ORDER BY n.at, n.id",
        application.0
    )?)
}
