//! What a ranking is made of, and the frozen ranking itself. The document is the canonical JSON of [`domain::ranking::RankingDocument`],
//! kept as bytes that anybody can replay; a trigger refuses to change it. Each place also stands as a row of its own.
//!
//! `ranking_places.working` is the canonical JSON of a [`StoredWorking`]:
//! `{"place": {place, candidate, number, points, parts: [{criterion, name, input: {value, source, year, place, synthetic}, counted, points,
//! weight, product}], tie, lot}, "units": {criterion key: unit}}`, points being exact fractions as text (see [`domain::exact::Exact`]).

use crate::db::{Tx, all, execute, optional};
use crate::error::{Error, Result};
use crate::many::{cell, each, execute_many, hex};
use crate::reviews::Score;
use chrono::{DateTime, Utc};
use domain::canonical::canonical;
use domain::ranking::{Place, RankingDocument};
use domain::{ApplicationId, OrganizationId, PersonId, RankingId, RoundId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A submitted application, as ranking and allocation take it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Entrant {
    /// The application.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// Who applies.
    pub applicant: Uuid,
    /// Their name.
    pub name: String,
    /// Their federal id.
    pub nces_id: Option<String>,
    /// Their county's code.
    pub county_fips: Option<String>,
    /// Their county.
    pub county: Option<String>,
    /// The key of the region that serves them, where the round's members name them.
    pub region: Option<String>,
    /// Units asked for.
    pub units: i64,
    /// The decision on eligibility.
    pub eligible: Option<bool>,
    /// Why.
    pub reason: Option<String>,
    /// The key of a fact that the applicant contests and nobody has ruled on, the first of them.
    pub contested: Option<String>,
}

/// The round's submitted applications, by number.
///
/// # Errors
/// The store's failure.
pub async fn entrants(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Entrant>> {
    Ok(all!(
        tx,
        Entrant,
        "SELECT a.id, a.number, a.applicant, o.name, o.nces_id, o.county_fips, o.county_name AS county, g.key AS region,
                a.units_requested AS units, e.eligible, e.reason,
                (SELECT min(c.key) FROM fact_contests c WHERE c.application = a.id AND c.state = 'open') AS contested
         FROM applications a JOIN organizations o ON o.id = a.applicant
         LEFT JOIN eligibility_decisions e ON e.application = a.id
         LEFT JOIN region_members m ON m.round = a.round AND m.member = a.applicant
         LEFT JOIN regions g ON g.round = m.round AND g.organization = m.region
         WHERE a.round = $1 AND a.status = 'submitted' ORDER BY a.number, a.id",
        round.0
    )?)
}

/// Evidence counted for one application.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct EvidenceCount {
    /// The application.
    pub application: Uuid,
    /// `support_letter` or `college_agreement`.
    pub kind: String,
    /// How many, the same content under two names counted once.
    pub files: i64,
    /// Whether any was invented for a demonstration.
    pub any_synthetic: bool,
}

/// Letters and agreements of the round's submitted applications, counted by kind; an application with none has no row.
///
/// # Errors
/// The store's failure.
pub async fn evidence(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<EvidenceCount>> {
    Ok(all!(
        tx,
        EvidenceCount,
        "SELECT f.application, f.kind, count(DISTINCT f.sha256) AS files, (count(*) FILTER (WHERE f.synthetic)) > 0 AS any_synthetic
         FROM files f JOIN applications a ON a.id = f.application
         WHERE a.round = $1 AND a.status = 'submitted' AND f.removed_at IS NULL
         GROUP BY f.application, f.kind ORDER BY f.application, f.kind",
        round.0
    )?)
}

/// The rubric scores of the round's submitted applications.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn scores_of_round(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Score>> {
    let rows = all!(
        tx,
        crate::reviews::ScoreRow,
        "SELECT s.application, s.criterion, s.points, s.reason, p.name AS scored_by, s.scored_at, s.synthetic, s.version
         FROM rubric_scores s JOIN people p ON p.id = s.scored_by JOIN applications a ON a.id = s.application
         WHERE a.round = $1 AND a.status = 'submitted' ORDER BY s.application, s.criterion",
        round.0
    )?;
    rows.into_iter().map(Score::try_from).collect()
}

/// A ranking to freeze.
#[derive(Clone, Debug)]
pub struct NewRanking<'a> {
    /// Its id, minted with the form.
    pub id: RankingId,
    /// Its round.
    pub round: RoundId,
    /// What was ranked, and how.
    pub document: &'a RankingDocument,
    /// Units of the criteria's inputs, by criterion.
    pub units: &'a BTreeMap<String, String>,
    /// Who freezes it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// What a row of `ranking_places` holds of the working.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredWorking {
    /// The place, as in the document.
    pub place: Place,
    /// Units of the inputs, by criterion: `%`, `km`; a criterion without one has none.
    pub units: BTreeMap<String, String>,
}

impl StoredWorking {
    /// Reads the column's text.
    ///
    /// # Errors
    /// [`Error::Inconsistent`] when it is not what [`add`] wrote.
    pub fn read(application: Uuid, text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|cause| Error::inconsistent("ranking_places", application, cause))
    }
}

macro_rules! places_sql {
    ($engine:ident) => {
        concat!(
            "INSERT INTO ranking_places (ranking, application, place, points, working) SELECT $2, ",
            cell!($engine uuid "application"), ", ", cell!($engine bigint "place"), ", ", cell!($engine text "points"), ", ",
            cell!($engine text "working"), " FROM ", each!($engine "$1")
        )
    };
}

/// Freezes a ranking: the document, and a row for each place.
///
/// # Errors
/// A unique violation when the round's ranking is frozen already; the store's failure.
pub async fn add(tx: &mut Tx<'_>, ranking: &NewRanking<'_>) -> Result<()> {
    let wrong = |cause: domain::canonical::CanonicalError| Error::inconsistent("rankings", ranking.id, cause);
    let text = canonical(ranking.document).map_err(wrong)?;
    execute!(
        tx,
        "INSERT INTO rankings (id, round, document, rules_sha256, inputs_sha256, result_sha256, frozen_by, frozen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        ranking.id.0,
        ranking.round.0,
        text,
        ranking.document.rules_sha256.as_str(),
        ranking.document.inputs_sha256.as_str(),
        ranking.document.result_sha256.as_str(),
        ranking.by.0,
        ranking.at.utc()
    )?;
    let row = |place: &Place| {
        let application: Uuid = place.candidate.parse().map_err(|_| Error::inconsistent("rankings", ranking.id, "a candidate is no id"))?;
        let working = canonical(&StoredWorking { place: place.clone(), units: ranking.units.clone() }).map_err(wrong)?;
        let points = String::from(place.points.clone());
        Ok(serde_json::json!({ "application": hex(application), "place": place.place, "points": points, "working": working }))
    };
    let places = ranking.document.result.places.iter().map(row).collect::<Result<Vec<_>>>()?;
    execute_many!(tx, places_sql, places, ranking.id.0)?;
    Ok(())
}

/// A frozen ranking.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Frozen {
    /// Its id.
    pub id: Uuid,
    /// The document, byte for byte.
    pub document: String,
    /// SHA-256 of the rules.
    pub rules_sha256: String,
    /// SHA-256 of the inputs.
    pub inputs_sha256: String,
    /// SHA-256 of the result.
    pub result_sha256: String,
    /// Who froze it.
    pub frozen_by: Uuid,
    /// By name.
    pub frozen_by_name: String,
    /// When.
    pub frozen_at: DateTime<Utc>,
}

/// The round's frozen ranking.
///
/// # Errors
/// The store's failure.
pub async fn of_round(tx: &mut Tx<'_>, round: RoundId) -> Result<Option<Frozen>> {
    Ok(optional!(
        tx,
        Frozen,
        "SELECT k.id, k.document, k.rules_sha256, k.inputs_sha256, k.result_sha256, k.frozen_by, p.name AS frozen_by_name, k.frozen_at
         FROM rankings k JOIN people p ON p.id = k.frozen_by WHERE k.round = $1",
        round.0
    )?)
}

/// One line of a frozen ranking's list.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PlaceRow {
    /// The application.
    pub application: Uuid,
    /// Its number.
    pub number: String,
    /// The applicant.
    pub applicant: String,
    /// Their county.
    pub county: Option<String>,
    /// The place.
    pub place: i64,
    /// The points, an exact fraction.
    pub points: String,
}

/// The frozen list, first place first, with the applicants' names.
///
/// # Errors
/// The store's failure.
pub async fn places(tx: &mut Tx<'_>, ranking: RankingId) -> Result<Vec<PlaceRow>> {
    Ok(all!(
        tx,
        PlaceRow,
        "SELECT k.application, a.number, o.name AS applicant, o.county_name AS county, k.place, k.points
         FROM ranking_places k JOIN applications a ON a.id = k.application JOIN organizations o ON o.id = a.applicant
         WHERE k.ranking = $1 ORDER BY k.place, k.application",
        ranking.0
    )?)
}

/// An application's working in the frozen ranking: what its page, its applicant and the public read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Working {
    /// The application.
    pub application: ApplicationId,
    /// The applicant.
    pub applicant: OrganizationId,
    /// Their name.
    pub applicant_name: String,
    /// The place with its parts, its tie-break and its lot, as in the document.
    pub place: Place,
    /// Units of the inputs, by criterion: `%`, `km`.
    pub units: BTreeMap<String, String>,
    /// How many were ranked.
    pub of: i64,
    /// The lowest place that got money; none until awards are approved.
    pub line: Option<i64>,
    /// When the ranking was frozen.
    pub frozen_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct WorkingRow {
    application: Uuid,
    applicant: Uuid,
    applicant_name: String,
    working: String,
    ranked: i64,
    line: Option<i64>,
    frozen_at: DateTime<Utc>,
}

impl TryFrom<WorkingRow> for Working {
    type Error = Error;
    fn try_from(row: WorkingRow) -> Result<Self> {
        let stored = StoredWorking::read(row.application, &row.working)?;
        Ok(Self {
            application: row.application.into(),
            applicant: row.applicant.into(),
            applicant_name: row.applicant_name,
            place: stored.place,
            units: stored.units,
            of: row.ranked,
            line: row.line,
            frozen_at: Timestamp::new(row.frozen_at),
        })
    }
}

macro_rules! working_sql {
    ($condition:literal) => {
        concat!(
            "SELECT w.application, a.applicant, o.name AS applicant_name, w.working,
                    (SELECT max(c.place) FROM ranking_places c WHERE c.ranking = w.ranking) AS ranked,
                    (SELECT l.line FROM allocations l WHERE l.round = a.round AND l.status = 'approved') AS line, k.frozen_at
             FROM applications a JOIN organizations o ON o.id = a.applicant JOIN rankings k ON k.round = a.round
             JOIN ranking_places w ON w.ranking = k.id AND w.application = a.id WHERE ",
            $condition
        )
    };
}

/// An application's working; none while the ranking is not frozen, or when it was not ranked.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn working_of(tx: &mut Tx<'_>, application: ApplicationId) -> Result<Option<Working>> {
    optional!(tx, WorkingRow, working_sql!("a.id = $1"), application.0)?.map(Working::try_from).transpose()
}

/// The working of an application's number in a round.
///
/// # Errors
/// As [`working_of`].
pub async fn working_of_number(tx: &mut Tx<'_>, round: RoundId, number: &str) -> Result<Option<Working>> {
    optional!(tx, WorkingRow, working_sql!("a.round = $1 AND a.number = $2"), round.0, number)?.map(Working::try_from).transpose()
}
