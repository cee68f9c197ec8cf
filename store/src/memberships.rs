//! Who holds which role where. A membership is ended, never removed.

use crate::db::{Tx, all, execute, one, optional};
use crate::error::{Error, Result, changed_one};
use chrono::{DateTime, Utc};
use domain::access::Role;
use domain::{MembershipId, OrganizationId, PersonId, Timestamp};
use uuid::Uuid;

/// A membership that holds now, with its person and organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its id.
    pub id: MembershipId,
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Where.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// As what.
    pub role: Role,
    /// Since when.
    pub since: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    person: Uuid,
    name: String,
    email: String,
    organization: Uuid,
    organization_name: String,
    role: String,
    since: DateTime<Utc>,
}

impl TryFrom<Row> for Held {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let role = Role::from_stored(&row.role).ok_or_else(|| Error::inconsistent("memberships", row.id, format!("role {}", row.role)))?;
        Ok(Self {
            id: MembershipId(row.id),
            person: PersonId(row.person),
            name: row.name,
            email: row.email,
            organization: OrganizationId(row.organization),
            organization_name: row.organization_name,
            role,
            since: row.since,
        })
    }
}

/// Gives a role, unless the person holds it there already. True when it is new.
///
/// # Errors
/// The store's failure.
pub async fn add(
    tx: &mut Tx<'_>,
    id: MembershipId,
    person: PersonId,
    organization: OrganizationId,
    role: Role,
    now: Timestamp,
) -> Result<bool> {
    let added = execute!(
        tx,
        "INSERT INTO memberships (id, person, organization, role, since)
         SELECT $1, $2, $3, $4, $5
         WHERE NOT EXISTS (SELECT 1 FROM memberships WHERE person = $2 AND organization = $3 AND role = $4 AND ended_at IS NULL)",
        id.0,
        person.0,
        organization.0,
        role.as_str(),
        now.utc()
    )?;
    Ok(added == 1)
}

/// A membership that holds now.
///
/// # Errors
/// The store's failure; [`Error::Inconsistent`] for an unknown role.
pub async fn find(tx: &mut Tx<'_>, id: MembershipId) -> Result<Option<Held>> {
    optional!(
        tx,
        Row,
        "SELECT m.id, m.person, p.name, p.email, m.organization, o.name AS organization_name, m.role, m.since
         FROM memberships m JOIN people p ON p.id = m.person JOIN organizations o ON o.id = m.organization
         WHERE m.id = $1 AND m.ended_at IS NULL",
        id.0
    )?
    .map(Held::try_from)
    .transpose()
}

/// Every membership that holds now, by organization, role and name.
///
/// # Errors
/// As [`find`].
pub async fn list(tx: &mut Tx<'_>) -> Result<Vec<Held>> {
    let rows = all!(
        tx,
        Row,
        "SELECT m.id, m.person, p.name, p.email, m.organization, o.name AS organization_name, m.role, m.since
         FROM memberships m JOIN people p ON p.id = m.person AND p.disabled_at IS NULL JOIN organizations o ON o.id = m.organization
         WHERE m.ended_at IS NULL ORDER BY o.kind, o.name_folded, m.role, p.name, m.id"
    )?;
    rows.into_iter().map(Held::try_from).collect()
}

/// The addresses of those who hold a role in an organization now, for mail to them.
///
/// # Errors
/// The store's failure.
pub async fn emails_of(tx: &mut Tx<'_>, organization: OrganizationId, role: Role) -> Result<Vec<String>> {
    let rows = all!(
        tx,
        (String,),
        "SELECT p.email FROM memberships m JOIN people p ON p.id = m.person AND p.disabled_at IS NULL
         WHERE m.organization = $1 AND m.role = $2 AND m.ended_at IS NULL ORDER BY p.email_folded, p.id",
        organization.0,
        role.as_str()
    )?;
    Ok(rows.into_iter().map(|(email,)| email).collect())
}

/// How many people hold a role in an organization now.
///
/// # Errors
/// The store's failure.
pub async fn count_of(tx: &mut Tx<'_>, organization: OrganizationId, role: Role) -> Result<i64> {
    let row = optional!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM memberships WHERE organization = $1 AND role = $2 AND ended_at IS NULL",
        organization.0,
        role.as_str()
    )?;
    Ok(row.map_or(0, |(count,)| count))
}

/// Ends a membership.
///
/// # Errors
/// The store's failure; [`Error::Conflict`] when it has ended already.
pub async fn record_end(tx: &mut Tx<'_>, id: MembershipId, now: Timestamp) -> Result<()> {
    let changed = execute!(tx, "UPDATE memberships SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL", id.0, now.utc())?;
    changed_one(changed, "role")
}

/// What waits in an organization, as counts; those that its kind has no part in are zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Waiting {
    /// Agency: submitted applications of closed rounds without a decision on eligibility.
    pub to_screen: i64,
    /// Agency: eligible applications without any score, in rounds that are not ranked yet.
    pub to_score: i64,
    /// Agency: allocations proposed and not decided.
    pub to_approve: i64,
    /// Agency: of these, signed at a step already and not at the last one.
    pub in_steps: i64,
    /// Agency: offers to the waiting list, or for an appeal, proposed and not decided.
    pub offers_to_approve: i64,
    /// Agency: amendments of a round's rules proposed and not decided.
    pub amendments_to_approve: i64,
    /// Agency: appeals not ruled on.
    pub appeals_to_rule: i64,
    /// Agency: draws requested and not decided.
    pub draws_to_decide: i64,
    /// Agency: draws approved and not paid.
    pub draws_to_pay: i64,
    /// Agency: reports submitted and not decided.
    pub reports_to_decide: i64,
    /// Agency: reviews that the person has to hand in for panels of its rounds.
    pub reviews: i64,
    /// Agency: panels on which the person has not said yet which organizations they have a tie to.
    pub undeclared: i64,
    /// Applicant: drafts in rounds that are open.
    pub drafts: i64,
    /// Applicant: of these, those for which a signature was asked.
    pub to_sign: i64,
    /// Applicant: applications withdrawn in rounds that are open.
    pub withdrawn: i64,
    /// Applicant: open rounds in which nothing has been started.
    pub open_rounds: i64,
    /// Applicant: rounds not ranked yet, in which it has a draft or an application, whose rules were amended.
    pub amended: i64,
    /// Applicant: applications submitted in rounds that are not yet published.
    pub submitted: i64,
    /// Region: draws returned with a question.
    pub questions: i64,
    /// Region: reports due or returned, whose quarter has ended.
    pub reports_due: i64,
    /// Region: awards held.
    pub awards: i64,
}

/// The act of asking an applicant's certifiers to sign, as the history names it.
pub const ASKED_TO_SIGN: &str = "asked for a signature";

/// Counts what waits in an organization for one of its people, in one statement.
///
/// # Errors
/// The store's failure.
pub async fn waiting(tx: &mut Tx<'_>, organization: OrganizationId, person: PersonId, now: Timestamp) -> Result<Waiting> {
    Ok(one!(
        tx,
        Waiting,
        "SELECT
            (SELECT COUNT(*) FROM applications a JOIN rounds r ON r.id = a.round JOIN programs g ON g.id = r.program
              LEFT JOIN eligibility_decisions e ON e.application = a.id
              WHERE g.agency = $1 AND a.status = 'submitted' AND r.closes_at < $2 AND e.application IS NULL) AS to_screen,
            (SELECT COUNT(*) FROM rounds r JOIN programs g ON g.id = r.program
              JOIN eligibility_decisions e ON e.round = r.id AND e.eligible JOIN applications a ON a.id = e.application AND a.status = 'submitted'
              WHERE g.agency = $1 AND NOT EXISTS (SELECT 1 FROM rankings k WHERE k.round = r.id)
              AND NOT EXISTS (SELECT 1 FROM rubric_scores s WHERE s.application = a.id)
              AND NOT EXISTS (SELECT 1 FROM panel_members w WHERE w.round = a.round)) AS to_score,
            (SELECT COUNT(*) FROM allocations l JOIN rounds r ON r.id = l.round JOIN programs g ON g.id = r.program
              WHERE g.agency = $1 AND l.status = 'proposed') AS to_approve,
            (SELECT COUNT(*) FROM allocations l JOIN rounds r ON r.id = l.round JOIN programs g ON g.id = r.program
              WHERE g.agency = $1 AND l.status = 'proposed' AND EXISTS (SELECT 1 FROM approvals v WHERE v.allocation = l.id)) AS in_steps,
            (SELECT COUNT(*) FROM refills f JOIN rounds r ON r.id = f.round JOIN programs g ON g.id = r.program
              WHERE g.agency = $1 AND f.status = 'proposed') AS offers_to_approve,
            (SELECT COUNT(*) FROM amendments n JOIN rounds r ON r.id = n.round JOIN programs g ON g.id = r.program
              WHERE g.agency = $1 AND n.status = 'proposed') AS amendments_to_approve,
            (SELECT COUNT(*) FROM appeals l JOIN applications a ON a.id = l.application JOIN rounds r ON r.id = a.round
              JOIN programs g ON g.id = r.program WHERE g.agency = $1 AND l.status = 'submitted') AS appeals_to_rule,
            (SELECT COUNT(*) FROM draws d JOIN awards w ON w.id = d.award JOIN rounds r ON r.id = w.round JOIN programs g ON g.id = r.program
              WHERE g.agency = $1 AND d.status = 'requested') AS draws_to_decide,
            (SELECT COUNT(*) FROM draws d JOIN awards w ON w.id = d.award JOIN rounds r ON r.id = w.round JOIN programs g ON g.id = r.program
              WHERE g.agency = $1 AND d.status = 'approved') AS draws_to_pay,
            (SELECT COUNT(*) FROM reports q JOIN awards w ON w.id = q.award JOIN rounds r ON r.id = w.round JOIN programs g ON g.id = r.program
              WHERE g.agency = $1 AND q.status = 'submitted') AS reports_to_decide,
            (SELECT COUNT(*) FROM panel_reviews v JOIN rounds r ON r.id = v.round JOIN programs g ON g.id = r.program
              JOIN panel_members m ON m.round = v.round AND m.person = v.person AND m.ended_at IS NULL
              WHERE g.agency = $1 AND v.person = $4 AND NOT v.practice AND v.stage IN ('assigned', 'asked_again')
              AND NOT EXISTS (SELECT 1 FROM rankings k WHERE k.round = r.id)) AS reviews,
            (SELECT COUNT(*) FROM panel_members m JOIN rounds r ON r.id = m.round JOIN programs g ON g.id = r.program
              WHERE g.agency = $1 AND m.person = $4 AND m.declared_at IS NULL AND m.ended_at IS NULL
              AND NOT EXISTS (SELECT 1 FROM rankings k WHERE k.round = r.id)) AS undeclared,
            (SELECT COUNT(*) FROM applications a JOIN rounds r ON r.id = a.round
              WHERE a.applicant = $1 AND a.status = 'draft' AND r.closes_at >= $2) AS drafts,
            (SELECT COUNT(*) FROM applications a JOIN rounds r ON r.id = a.round
              WHERE a.applicant = $1 AND a.status = 'draft' AND r.closes_at >= $2
              AND EXISTS (SELECT 1 FROM events v WHERE v.noun_id = a.id AND v.verb = $5)) AS to_sign,
            (SELECT COUNT(*) FROM applications a JOIN rounds r ON r.id = a.round
              WHERE a.applicant = $1 AND a.status = 'withdrawn' AND r.closes_at >= $2) AS withdrawn,
            (SELECT COUNT(*) FROM rounds r WHERE r.opened_at IS NOT NULL AND r.opens_at <= $2 AND r.closes_at >= $2
              AND NOT EXISTS (SELECT 1 FROM applications a WHERE a.round = r.id AND a.applicant = $1)) AS open_rounds,
            (SELECT COUNT(*) FROM applications a JOIN rounds r ON r.id = a.round
              WHERE a.applicant = $1 AND a.status IN ('draft', 'submitted') AND r.rules_version > 1
              AND NOT EXISTS (SELECT 1 FROM rankings k WHERE k.round = r.id)) AS amended,
            (SELECT COUNT(*) FROM applications a JOIN rounds r ON r.id = a.round
              WHERE a.applicant = $1 AND a.status = 'submitted' AND (r.published_at IS NULL OR r.published_at > $2)) AS submitted,
            (SELECT COUNT(*) FROM draws d JOIN awards w ON w.id = d.award WHERE w.recipient = $1 AND d.status = 'returned') AS questions,
            (SELECT COUNT(*) FROM reports q JOIN awards w ON w.id = q.award
              WHERE w.recipient = $1 AND q.status IN ('due', 'draft', 'returned') AND q.quarter_ends < $3) AS reports_due,
            (SELECT COUNT(*) FROM awards w WHERE w.recipient = $1) AS awards",
        organization.0,
        now.utc(),
        now.date_in(domain::Zone::CENTRAL),
        person.0,
        ASKED_TO_SIGN
    )?)
}
