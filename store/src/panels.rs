//! A round's panel, as rows: its members, their ties to organizations, what each reads and writes, and what they note in discussion. Which stage may
//! follow which, and who has a conflict, the domain says.

mod members;
mod reviews;

pub use members::{
    Declared, Member, PartOf, Sitting, add_conflict, add_member, declared, eligible_people, members, parts_of, parts_of_judges,
    parts_of_panel, record_chair, record_declaration, record_member_end, sittings, tied_records,
};
pub use reviews::{
    Counted, Handed, NewReview, Note, OnDesk, Review, Written, add, add_history, add_note, counted, desk_in, desk_of, history, notes,
    of_application, of_desk, of_round, record_given_again, record_stage, record_written,
};

use crate::db::{Tx, all};
use crate::error::{Error, Result};
use domain::answers::SectionAnswers;
use domain::panel::Ties;
use domain::{ApplicationId, OrganizationId, RoundId};
use uuid::Uuid;

/// A submitted application, as a panel has it.
#[derive(Clone, Debug)]
pub struct Application {
    /// The application.
    pub id: ApplicationId,
    /// Its number.
    pub number: String,
    /// The applicant's name.
    pub applicant_name: String,
    /// The applicant's county.
    pub county: Option<String>,
    /// Whether it was found eligible, if anybody decided.
    pub eligible: Option<bool>,
    /// What it is tied to.
    pub ties: Ties,
    /// The regional organization's name.
    pub region_name: Option<String>,
    /// The college's name, where it is one on record.
    pub college_name: Option<String>,
}

#[derive(sqlx::FromRow)]
struct ApplicationRow {
    id: Uuid,
    number: String,
    applicant: Uuid,
    applicant_name: String,
    county: Option<String>,
    eligible: Option<bool>,
    region: Option<Uuid>,
    region_name: Option<String>,
    answers: Option<String>,
}

#[derive(sqlx::FromRow)]
struct College {
    id: Uuid,
    name: String,
}

macro_rules! application_sql {
    ($condition:literal) => {
        concat!(
            "SELECT a.id, a.number, a.applicant, o.name AS applicant_name, o.county_name AS county, e.eligible, m.region,
                    h.name AS region_name, s.answers
             FROM applications a JOIN organizations o ON o.id = a.applicant
             LEFT JOIN eligibility_decisions e ON e.application = a.id
             LEFT JOIN region_members m ON m.round = a.round AND m.member = a.applicant
             LEFT JOIN organizations h ON h.id = m.region
             LEFT JOIN application_sections s ON s.application = a.id AND s.section = 'college'
             WHERE a.status = 'submitted' AND ",
            $condition,
            " ORDER BY a.number, a.id"
        )
    };
}

/// The round's submitted applications with their ties, by number.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn applications(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Application>> {
    let rows = all!(tx, ApplicationRow, application_sql!("a.round = $1"), round.0)?;
    tied(tx, rows).await
}

/// One submitted application with its ties.
///
/// # Errors
/// As [`applications`].
pub async fn application(tx: &mut Tx<'_>, application: ApplicationId) -> Result<Option<Application>> {
    let rows = all!(tx, ApplicationRow, application_sql!("a.id = $1"), application.0)?;
    Ok(tied(tx, rows).await?.pop())
}

async fn tied(tx: &mut Tx<'_>, rows: Vec<ApplicationRow>) -> Result<Vec<Application>> {
    let colleges = all!(tx, College, "SELECT id, name FROM organizations WHERE kind = 'college' ORDER BY name, id")?;
    rows.into_iter().map(|row| tie(row, &colleges)).collect()
}

/// The college that the answers of an application's section name.
fn college(answers: Option<&str>, application: Uuid) -> Result<Option<String>> {
    let mut answers: SectionAnswers = match answers {
        None => SectionAnswers::new(),
        Some(text) => serde_json::from_str(text).map_err(|cause| Error::inconsistent("application_sections", application, cause))?,
    };
    Ok(answers.remove("college"))
}

fn tie(row: ApplicationRow, colleges: &[College]) -> Result<Application> {
    let named = college(row.answers.as_deref(), row.id)?;
    let college = colleges.iter().find(|college| Some(&college.name) == named.as_ref());
    let ties = Ties {
        applicant: row.applicant.into(),
        region: row.region.map(OrganizationId),
        college: college.map(|college| OrganizationId(college.id)),
    };
    Ok(Application {
        id: row.id.into(),
        number: row.number,
        applicant_name: row.applicant_name,
        county: row.county,
        eligible: row.eligible,
        ties,
        region_name: row.region_name,
        college_name: college.map(|college| college.name.clone()),
    })
}
