//! Who is on a panel, and which organizations they have a part in.

use crate::db::{Tx, all, execute};
use crate::error::{Result, changed_one};
use chrono::{DateTime, Utc};
use domain::panel::Part;
use domain::{OrganizationId, PersonId, RoundId, Timestamp};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Somebody on a panel.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Member {
    /// Who.
    pub person: Uuid,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Whether they lead it.
    pub chair: bool,
    /// When they last declared their ties.
    pub declared_at: Option<DateTime<Utc>>,
    /// When they left the panel.
    pub ended_at: Option<DateTime<Utc>>,
}

/// Everybody who is or was on the panel, in the order in which they came. That order also numbers them where names are not published.
///
/// # Errors
/// The store's failure.
pub async fn members(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Member>> {
    Ok(all!(
        tx,
        Member,
        "SELECT m.person, p.name, p.email, m.chair, m.declared_at, m.ended_at FROM panel_members m JOIN people p ON p.id = m.person
         WHERE m.round = $1 ORDER BY m.added_at, m.person",
        round.0
    )?)
}

/// People with the reviewer's role in an agency, by name: person and name.
///
/// # Errors
/// The store's failure.
pub async fn eligible_people(tx: &mut Tx<'_>, agency: OrganizationId) -> Result<Vec<(Uuid, String)>> {
    Ok(all!(
        tx,
        (Uuid, String),
        "SELECT p.id, p.name FROM memberships m JOIN people p ON p.id = m.person AND p.disabled_at IS NULL
         WHERE m.organization = $1 AND m.role = 'reviewer' AND m.ended_at IS NULL ORDER BY p.name, p.id",
        agency.0
    )?)
}

/// Puts somebody on the panel, or back on it.
///
/// # Errors
/// The store's failure.
pub async fn add_member(tx: &mut Tx<'_>, round: RoundId, person: PersonId, by: PersonId, at: Timestamp) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO panel_members (round, person, chair, added_by, added_at) VALUES ($1, $2, $5, $3, $4)
         ON CONFLICT (round, person) DO UPDATE SET ended_at = NULL",
        round.0,
        person.0,
        by.0,
        at.utc(),
        false
    )?;
    Ok(())
}

/// Takes somebody off the panel.
///
/// # Errors
/// [`crate::Error::Conflict`] when they are not on it; the store's failure.
pub async fn record_member_end(tx: &mut Tx<'_>, round: RoundId, person: PersonId, at: Timestamp) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE panel_members SET ended_at = $3, chair = $4 WHERE round = $1 AND person = $2 AND ended_at IS NULL",
        round.0,
        person.0,
        at.utc(),
        false
    )?;
    changed_one(changed, "panel")
}

/// Makes a member the chair; whoever was it before is not any more.
///
/// # Errors
/// [`crate::Error::Conflict`] when they are not on the panel; the store's failure.
pub async fn record_chair(tx: &mut Tx<'_>, round: RoundId, person: PersonId) -> Result<()> {
    execute!(tx, "UPDATE panel_members SET chair = $2 WHERE round = $1 AND chair", round.0, false)?;
    let changed =
        execute!(tx, "UPDATE panel_members SET chair = $3 WHERE round = $1 AND person = $2 AND ended_at IS NULL", round.0, person.0, true)?;
    changed_one(changed, "panel")
}

/// Records that a member has said which ties they have.
///
/// # Errors
/// [`crate::Error::Conflict`] when they are not on the panel; the store's failure.
pub async fn record_declaration(tx: &mut Tx<'_>, round: RoundId, person: PersonId, at: Timestamp) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE panel_members SET declared_at = $3 WHERE round = $1 AND person = $2 AND ended_at IS NULL",
        round.0,
        person.0,
        at.utc()
    )?;
    changed_one(changed, "panel")
}

/// Records a declared tie. A tie once declared stays; its reason may be written anew.
///
/// # Errors
/// The store's failure.
pub async fn add_conflict(
    tx: &mut Tx<'_>,
    round: RoundId,
    person: PersonId,
    organization: OrganizationId,
    why: &str,
    at: Timestamp,
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO panel_conflicts (round, person, organization, why, declared_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (round, person, organization) DO UPDATE SET why = excluded.why",
        round.0,
        person.0,
        organization.0,
        why,
        at.utc()
    )?;
    Ok(())
}

/// A declared tie.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Declared {
    /// To whom.
    pub organization: Uuid,
    /// Its name.
    pub name: String,
    /// In the member's words.
    pub why: String,
}

/// The ties that a person has declared in a round, by the organization's name.
///
/// # Errors
/// The store's failure.
pub async fn declared(tx: &mut Tx<'_>, round: RoundId, person: PersonId) -> Result<Vec<Declared>> {
    Ok(all!(
        tx,
        Declared,
        "SELECT c.organization, o.name, c.why FROM panel_conflicts c JOIN organizations o ON o.id = c.organization
         WHERE c.round = $1 AND c.person = $2 ORDER BY o.name, o.id",
        round.0,
        person.0
    )?)
}

/// A person's part in an organization, with the region that it lies in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartOf {
    /// Whose.
    pub person: PersonId,
    /// The part.
    pub part: Part,
    /// The regional organization that serves the organization, or the organization itself where it is one.
    pub region: Option<OrganizationId>,
}

#[derive(sqlx::FromRow)]
struct PartRow {
    person: Uuid,
    organization: Uuid,
    name: String,
    declared: Option<String>,
    region: Option<Uuid>,
}

impl From<PartRow> for PartOf {
    fn from(row: PartRow) -> Self {
        let part = Part { organization: row.organization.into(), name: row.name, declared: row.declared };
        Self { person: row.person.into(), part, region: row.region.map(OrganizationId) }
    }
}

// A role that has ended counts as well: who left an applicant last year is no stranger to it. A membership in an agency is no tie.
macro_rules! parts_sql {
    ($whose:literal) => {
        concat!(
            "SELECT q.person, q.organization, o.name, q.declared,
                    CASE WHEN o.kind = 'region' THEN o.id ELSE g.region END AS region
             FROM (SELECT m.person, m.organization, NULL AS declared FROM memberships m WHERE ",
            $whose,
            " UNION SELECT c.person, c.organization, c.why AS declared FROM panel_conflicts c WHERE c.round = $1 AND c.",
            $whose,
            ") q JOIN organizations o ON o.id = q.organization AND o.kind <> 'agency'
             LEFT JOIN region_members g ON g.round = $1 AND g.member = q.organization
             ORDER BY q.person, o.name, o.id, q.declared"
        )
    };
}

/// One person's parts: by membership, now or before, and by declaration in this round.
///
/// # Errors
/// The store's failure.
pub async fn parts_of(tx: &mut Tx<'_>, round: RoundId, person: PersonId) -> Result<Vec<PartOf>> {
    let rows = all!(tx, PartRow, parts_sql!("person = $2"), round.0, person.0)?;
    Ok(rows.into_iter().map(PartOf::from).collect())
}

/// The parts of everybody on the panel, and of whoever looks at it.
///
/// # Errors
/// The store's failure.
pub async fn parts_of_panel(tx: &mut Tx<'_>, round: RoundId, and: Option<PersonId>) -> Result<Vec<PartOf>> {
    let sql =
        parts_sql!("person IN (SELECT w.person FROM panel_members w WHERE w.round = $1 UNION SELECT p.id FROM people p WHERE p.id = $2)");
    let rows = all!(tx, PartRow, sql, round.0, and.map(|person| person.0))?;
    Ok(rows.into_iter().map(PartOf::from).collect())
}

/// The parts of everybody who decided on eligibility or scored as staff in a round.
///
/// # Errors
/// The store's failure.
pub async fn parts_of_judges(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<PartOf>> {
    let sql = parts_sql!(
        "person IN (SELECT e.decided_by FROM eligibility_decisions e WHERE e.round = $1
           UNION SELECT s.scored_by FROM applications a JOIN rubric_scores s ON s.application = a.id WHERE a.round = $1)"
    );
    let rows = all!(tx, PartRow, sql, round.0)?;
    Ok(rows.into_iter().map(PartOf::from).collect())
}

/// The handed in applications, of any round, that a person has a tie to, and the appeals of these: by membership, now or before, and by
/// declaration in the round.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn tied_records(tx: &mut Tx<'_>, person: PersonId) -> Result<BTreeSet<Uuid>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        application: Uuid,
        appeal: Option<Uuid>,
        name: String,
        near: bool,
        answers: Option<String>,
    }
    let rows = all!(
        tx,
        Row,
        "SELECT a.id AS application, y.id AS appeal, o.name, (a.applicant = o.id OR COALESCE(g.region = o.id, FALSE)) AS near, s.answers
         FROM (SELECT m.organization, NULL AS round FROM memberships m WHERE m.person = $1
               UNION SELECT c.organization, c.round FROM panel_conflicts c WHERE c.person = $1) q
         JOIN organizations o ON o.id = q.organization AND o.kind <> 'agency'
         JOIN applications a ON a.status = 'submitted' AND (q.round IS NULL OR q.round = a.round)
         LEFT JOIN region_members g ON g.round = a.round AND g.member = a.applicant
         LEFT JOIN application_sections s ON o.kind = 'college' AND s.application = a.id AND s.section = 'college'
         LEFT JOIN appeals y ON y.application = a.id
         WHERE a.applicant = o.id OR g.region = o.id OR s.answers IS NOT NULL
         ORDER BY a.id, o.id",
        person.0
    )?;
    let mut found = BTreeSet::new();
    for row in rows {
        if row.near || super::college(row.answers.as_deref(), row.application)?.as_ref() == Some(&row.name) {
            found.insert(row.application);
            found.extend(row.appeal);
        }
    }
    Ok(found)
}

/// A round on whose panel somebody sits, with what is on their desk.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Sitting {
    /// The round.
    pub round: Uuid,
    /// Its name.
    pub name: String,
    /// The program's name.
    pub program_name: String,
    /// Whether they lead the panel.
    pub chair: bool,
    /// Reviews to hand in.
    pub waiting: i64,
    /// Reviews handed in.
    pub handed_in: i64,
}

/// The rounds on whose panels a person sits, the latest deadline first.
///
/// # Errors
/// The store's failure.
pub async fn sittings(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Sitting>> {
    Ok(all!(
        tx,
        Sitting,
        "SELECT m.round, r.name, p.name AS program_name, m.chair,
                (SELECT count(*) FROM panel_reviews v WHERE v.round = m.round AND v.person = m.person AND NOT v.practice
                 AND v.stage IN ('assigned', 'asked_again')) AS waiting,
                (SELECT count(*) FROM panel_reviews v WHERE v.round = m.round AND v.person = m.person AND NOT v.practice
                 AND v.stage = 'handed_in') AS handed_in
         FROM panel_members m JOIN rounds r ON r.id = m.round JOIN programs p ON p.id = r.program
         WHERE m.person = $1 AND m.ended_at IS NULL ORDER BY r.closes_at DESC, r.id",
        person.0
    )?)
}
