//! What the public may read of a round once its results are out: names of organizations, places, points and amounts. No person's name or
//! address is selected here, and nothing is written.

use crate::db::{Tx, all, one, optional};
use crate::error::{Error, Result};
use chrono::{DateTime, NaiveDate, Utc};
use domain::exact::Exact;
use domain::{Money, RoundId, Timestamp};
use uuid::Uuid;

/// The money line of a round, in whole cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MoneyLine {
    /// What the legislature set aside.
    pub appropriated: Money,
    /// Awarded in this round.
    pub awarded: Money,
    /// Awarded from the same appropriation in other rounds.
    pub awarded_elsewhere: Money,
    /// Paid out on draws.
    pub drawn: Money,
    /// Reported as spent, in reports submitted or accepted.
    pub reported: Money,
}

/// An award to a regional organization, with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwardOf {
    /// Its id.
    pub id: Uuid,
    /// The award's public number.
    pub number: String,
    /// Whether it continues an award into a later fiscal year.
    pub later: bool,
    /// The regional organization.
    pub region: String,
    /// Units awarded.
    pub units: i64,
    /// How many districts and communities they go to.
    pub districts: i64,
    /// The amount.
    pub amount: Money,
    /// Paid out so far.
    pub drawn: Money,
    /// Reported as spent so far.
    pub reported: Money,
}

/// One district's part of an award.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineOf {
    /// The award's number.
    pub award: String,
    /// Whether the award continues another into a later fiscal year.
    pub later: bool,
    /// The regional organization.
    pub region: String,
    /// The district or community.
    pub beneficiary: String,
    /// Its planning district, where known.
    pub planning_district: Option<String>,
    /// Its application's public number.
    pub application: String,
    /// Units.
    pub units: i64,
    /// The amount.
    pub amount: Money,
}

/// A draw that was paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawOf {
    /// The award's number.
    pub award: String,
    /// The regional organization.
    pub region: String,
    /// The draw's number within the award.
    pub number: i64,
    /// The day of payment.
    pub paid_on: Option<NaiveDate>,
    /// The amount.
    pub amount: Money,
}

/// One category of one report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpentOf {
    /// The award's number.
    pub award: String,
    /// The regional organization.
    pub region: String,
    /// The quarter's first day.
    pub quarter_begins: NaiveDate,
    /// The quarter's last day.
    pub quarter_ends: NaiveDate,
    /// `submitted` or `accepted`.
    pub status: String,
    /// The category's key in the program file.
    pub category: String,
    /// The amount.
    pub amount: Money,
}

/// A place in the published ranking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceOf {
    /// 1 for the first.
    pub place: i64,
    /// The points, exactly.
    pub points: Exact,
    /// The application's public number.
    pub number: String,
    /// The applicant's name.
    pub applicant: String,
    /// Units asked for.
    pub units_requested: i64,
    /// `funded`, `partly_funded`, `waitlisted` or `not_funded`; none before it is decided.
    pub outcome: Option<String>,
    /// Units given.
    pub units: i64,
}

/// What came of one application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeOf {
    /// As [`PlaceOf::outcome`].
    pub outcome: Option<String>,
    /// Why, as the applicant was told.
    pub reason: Option<String>,
    /// Units asked for.
    pub units_requested: i64,
    /// Units given.
    pub units: i64,
}

/// The frozen ranking's marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenOf {
    /// When it was frozen.
    pub at: Timestamp,
    /// SHA-256 of the rules' canonical form.
    pub rules_sha256: String,
    /// SHA-256 of the inputs.
    pub inputs_sha256: String,
    /// SHA-256 of the result.
    pub result_sha256: String,
    /// The lowest place that got money; none until awards are approved.
    pub line: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct LineRow {
    appropriated: i64,
    awarded: i64,
    awarded_elsewhere: i64,
    drawn: i64,
    reported: i64,
}

/// A round's money line.
///
/// # Errors
/// The store's failure.
pub async fn money_line(tx: &mut Tx<'_>, round: RoundId) -> Result<MoneyLine> {
    let row = one!(
        tx,
        LineRow,
        "SELECT CAST(p.amount_cents + (SELECT COALESCE(SUM(m.amount_cents), 0) FROM round_pots k JOIN appropriations m ON m.id = k.appropriation
                                       WHERE k.round = r.id)
                     + (SELECT COALESCE(SUM(n.amount_cents), 0) FROM awards_now n JOIN awards w ON w.id = n.id
                        WHERE w.round = r.id AND w.continues IS NOT NULL) AS BIGINT) AS appropriated,
                CAST((SELECT COALESCE(SUM(a.amount_cents), 0) FROM awards_now a WHERE a.round = r.id) AS BIGINT) AS awarded,
                CAST((SELECT COALESCE(SUM(a.amount_cents), 0) FROM awards_now a
                      WHERE a.round <> r.id AND (a.appropriation = r.appropriation
                            OR a.appropriation IN (SELECT k.appropriation FROM round_pots k WHERE k.round = r.id))) AS BIGINT) AS awarded_elsewhere,
                CAST((SELECT COALESCE(SUM(d.amount_cents), 0) FROM draws d JOIN awards a ON a.id = d.award
                      WHERE a.round = r.id AND d.status = 'paid') AS BIGINT) AS drawn,
                CAST((SELECT COALESCE(SUM(l.amount_cents), 0) FROM report_lines l JOIN reports q ON q.id = l.report
                      JOIN awards a ON a.id = q.award
                      WHERE a.round = r.id AND q.status IN ('submitted', 'accepted')) AS BIGINT) AS reported
         FROM rounds r JOIN appropriations p ON p.id = r.appropriation WHERE r.id = $1",
        round.0
    )?;
    Ok(MoneyLine {
        appropriated: Money::cents(row.appropriated),
        awarded: Money::cents(row.awarded),
        awarded_elsewhere: Money::cents(row.awarded_elsewhere),
        drawn: Money::cents(row.drawn),
        reported: Money::cents(row.reported),
    })
}

/// What a later fiscal year pays for a round's awards.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LaterOf {
    /// The bill.
    pub bill: String,
    /// Its section.
    pub section: String,
    /// The fund.
    pub fund_source: String,
    /// The fiscal year.
    pub fiscal_year: i64,
    /// Where this stands.
    pub citation: String,
    /// What it pays, in cents.
    pub amount_cents: i64,
}

/// What later fiscal years pay for a round's awards, by appropriation.
///
/// # Errors
/// The store's failure.
pub async fn later(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<LaterOf>> {
    Ok(all!(
        tx,
        LaterOf,
        "SELECT m.bill, m.section, m.fund_source, m.fiscal_year, m.citation, CAST(SUM(n.amount_cents) AS BIGINT) AS amount_cents
         FROM awards w JOIN awards_now n ON n.id = w.id JOIN appropriations m ON m.id = w.appropriation
         WHERE w.round = $1 AND w.continues IS NOT NULL
         GROUP BY m.id, m.bill, m.section, m.fund_source, m.fiscal_year, m.citation ORDER BY m.fiscal_year, m.id",
        round.0
    )?)
}

#[derive(sqlx::FromRow)]
struct AwardRow {
    id: Uuid,
    number: String,
    later: bool,
    region: String,
    units: i64,
    districts: i64,
    amount_cents: i64,
    drawn: i64,
    reported: i64,
}

/// A round's awards, by the regional organization's name.
///
/// # Errors
/// The store's failure.
pub async fn awards(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<AwardOf>> {
    let rows = all!(
        tx,
        AwardRow,
        "SELECT a.id, a.number, w.continues IS NOT NULL AS later, o.name AS region, a.units, a.amount_cents,
                (SELECT count(*) FROM award_lines_now l WHERE l.award = a.id) AS districts,
                CAST((SELECT COALESCE(SUM(d.amount_cents), 0) FROM draws d WHERE d.award = a.id AND d.status = 'paid') AS BIGINT) AS drawn,
                CAST((SELECT COALESCE(SUM(l.amount_cents), 0) FROM report_lines l JOIN reports q ON q.id = l.report
                      WHERE q.award = a.id AND q.status IN ('submitted', 'accepted')) AS BIGINT) AS reported
         FROM awards_now a JOIN awards w ON w.id = a.id JOIN organizations o ON o.id = a.recipient WHERE a.round = $1 ORDER BY o.name, a.id",
        round.0
    )?;
    let award = |row: AwardRow| AwardOf {
        id: row.id,
        number: row.number,
        later: row.later,
        region: row.region,
        units: row.units,
        districts: row.districts,
        amount: Money::cents(row.amount_cents),
        drawn: Money::cents(row.drawn),
        reported: Money::cents(row.reported),
    };
    Ok(rows.into_iter().map(award).collect())
}

#[derive(sqlx::FromRow)]
struct AwardLineRow {
    award: String,
    later: bool,
    region: String,
    beneficiary: String,
    planning_district: Option<String>,
    application: Option<String>,
    units: i64,
    amount_cents: i64,
}

/// Every district's part of a round's awards, by award and name.
///
/// # Errors
/// The store's failure.
pub async fn award_lines(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<LineOf>> {
    let rows = all!(
        tx,
        AwardLineRow,
        "SELECT a.number AS award, a.continues IS NOT NULL AS later, o.name AS region, b.name AS beneficiary, b.planning_district, p.number AS application, l.units,
                l.amount_cents
         FROM award_lines_now l JOIN awards a ON a.id = l.award JOIN organizations o ON o.id = a.recipient
         JOIN organizations b ON b.id = l.beneficiary JOIN applications p ON p.id = l.application
         WHERE a.round = $1 ORDER BY o.name, b.name, l.id",
        round.0
    )?;
    let line = |row: AwardLineRow| LineOf {
        award: row.award,
        later: row.later,
        region: row.region,
        beneficiary: row.beneficiary,
        planning_district: row.planning_district,
        application: row.application.unwrap_or_default(),
        units: row.units,
        amount: Money::cents(row.amount_cents),
    };
    Ok(rows.into_iter().map(line).collect())
}

#[derive(sqlx::FromRow)]
struct DrawRow {
    award: String,
    region: String,
    number: i64,
    paid_on: Option<NaiveDate>,
    amount_cents: i64,
}

/// A round's paid draws, by day.
///
/// # Errors
/// The store's failure.
pub async fn paid_draws(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<DrawOf>> {
    let rows = all!(
        tx,
        DrawRow,
        "SELECT a.number AS award, o.name AS region, d.number, d.paid_on, d.amount_cents
         FROM draws d JOIN awards a ON a.id = d.award JOIN organizations o ON o.id = a.recipient
         WHERE a.round = $1 AND d.status = 'paid' ORDER BY d.paid_on, o.name, d.id",
        round.0
    )?;
    let draw = |row: DrawRow| {
        let DrawRow { award, region, number, paid_on, amount_cents } = row;
        DrawOf { award, region, number, paid_on, amount: Money::cents(amount_cents) }
    };
    Ok(rows.into_iter().map(draw).collect())
}

#[derive(sqlx::FromRow)]
struct SpentRow {
    award: String,
    region: String,
    quarter_begins: NaiveDate,
    quarter_ends: NaiveDate,
    status: String,
    category: String,
    amount_cents: i64,
}

/// What recipients of a round reported as spent, by quarter; lines of nothing are left out.
///
/// # Errors
/// The store's failure.
pub async fn reported_lines(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<SpentOf>> {
    let rows = all!(
        tx,
        SpentRow,
        "SELECT a.number AS award, o.name AS region, q.quarter_begins, q.quarter_ends, q.status, l.category, l.amount_cents
         FROM report_lines l JOIN reports q ON q.id = l.report JOIN awards a ON a.id = q.award JOIN organizations o ON o.id = a.recipient
         WHERE a.round = $1 AND q.status IN ('submitted', 'accepted') AND l.amount_cents > 0
         ORDER BY q.quarter_begins, o.name, l.category, q.id",
        round.0
    )?;
    let spent = |row: SpentRow| SpentOf {
        award: row.award,
        region: row.region,
        quarter_begins: row.quarter_begins,
        quarter_ends: row.quarter_ends,
        status: row.status,
        category: row.category,
        amount: Money::cents(row.amount_cents),
    };
    Ok(rows.into_iter().map(spent).collect())
}

#[derive(sqlx::FromRow)]
struct PlaceRow {
    application: Uuid,
    place: i64,
    points: String,
    number: Option<String>,
    applicant: String,
    units_requested: Option<i64>,
    outcome: Option<String>,
    units: Option<i64>,
}

impl TryFrom<PlaceRow> for PlaceOf {
    type Error = Error;

    fn try_from(row: PlaceRow) -> Result<Self> {
        let points = row.points.parse().map_err(|_| Error::inconsistent("ranking_places", row.application, "its points are no number"))?;
        Ok(Self {
            place: row.place,
            points,
            number: row.number.unwrap_or_default(),
            applicant: row.applicant,
            units_requested: row.units_requested.unwrap_or_default(),
            outcome: row.outcome,
            units: row.units.unwrap_or_default(),
        })
    }
}

/// A round's frozen ranking, first place first.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn places(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<PlaceOf>> {
    let rows = all!(
        tx,
        PlaceRow,
        "SELECT k.application, k.place, k.points, p.number, o.name AS applicant, p.units_requested, u.outcome, u.units
         FROM rankings r JOIN ranking_places k ON k.ranking = r.id JOIN applications p ON p.id = k.application
         JOIN organizations o ON o.id = p.applicant LEFT JOIN outcomes u ON u.application = p.id
         WHERE r.round = $1 ORDER BY k.place, k.application",
        round.0
    )?;
    rows.into_iter().map(PlaceOf::try_from).collect()
}

#[derive(sqlx::FromRow)]
struct OutcomeRow {
    outcome: Option<String>,
    reason: Option<String>,
    units_requested: Option<i64>,
    units: Option<i64>,
}

/// What came of the application of a number in a round; none when it was not ranked.
///
/// # Errors
/// The store's failure.
pub async fn outcome(tx: &mut Tx<'_>, round: RoundId, number: &str) -> Result<Option<OutcomeOf>> {
    let row = optional!(
        tx,
        OutcomeRow,
        "SELECT u.outcome, u.reason, p.units_requested, u.units
         FROM rankings r JOIN ranking_places k ON k.ranking = r.id JOIN applications p ON p.id = k.application
         LEFT JOIN outcomes u ON u.application = p.id
         WHERE r.round = $1 AND p.number = $2",
        round.0,
        number
    )?;
    Ok(row.map(|row| OutcomeOf {
        outcome: row.outcome,
        reason: row.reason,
        units_requested: row.units_requested.unwrap_or_default(),
        units: row.units.unwrap_or_default(),
    }))
}

#[derive(sqlx::FromRow)]
struct FrozenRow {
    frozen_at: DateTime<Utc>,
    rules_sha256: String,
    inputs_sha256: String,
    result_sha256: String,
    line: Option<i64>,
}

/// The marks of a round's frozen ranking.
///
/// # Errors
/// The store's failure.
pub async fn frozen(tx: &mut Tx<'_>, round: RoundId) -> Result<Option<FrozenOf>> {
    let row = optional!(
        tx,
        FrozenRow,
        "SELECT frozen_at, rules_sha256, inputs_sha256, result_sha256,
                (SELECT l.line FROM allocations l WHERE l.round = rankings.round AND l.status = 'approved') AS line
         FROM rankings WHERE round = $1",
        round.0
    )?;
    Ok(row.map(|row| FrozenOf {
        at: Timestamp::new(row.frozen_at),
        rules_sha256: row.rules_sha256,
        inputs_sha256: row.inputs_sha256,
        result_sha256: row.result_sha256,
        line: row.line,
    }))
}

/// The frozen ranking as the canonical JSON that anybody can replay.
///
/// # Errors
/// The store's failure.
pub async fn ranking_document(tx: &mut Tx<'_>, round: RoundId) -> Result<Option<String>> {
    let row = optional!(tx, (String,), "SELECT document FROM rankings WHERE round = $1", round.0)?;
    Ok(row.map(|(document,)| document))
}

/// The approved allocation as the canonical JSON that anybody can replay.
///
/// # Errors
/// The store's failure.
pub async fn allocation_document(tx: &mut Tx<'_>, round: RoundId) -> Result<Option<String>> {
    let row = optional!(tx, (String,), "SELECT document FROM allocations WHERE round = $1 AND status = 'approved'", round.0)?;
    Ok(row.map(|(document,)| document))
}
