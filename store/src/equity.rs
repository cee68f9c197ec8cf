//! Everybody who could apply in a round, with what groups them: for the views of whom a decision reaches.

use crate::db::{Tx, all};
use crate::error::{Error, Result};
use domain::RoundId;
use rust_decimal::Decimal;
use uuid::Uuid;

/// An organization that could apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Could {
    /// Its submitted application, if it has one.
    pub application: Option<Uuid>,
    /// The kind: `district` or `community`.
    pub kind: String,
    /// The key of the region that serves it, where the round's members name it.
    pub region: Option<String>,
    /// Its federal id.
    pub nces_id: Option<String>,
    /// Its county's code.
    pub county_fips: Option<String>,
    /// Percent of children in poverty.
    pub poverty: Option<Decimal>,
    /// Students enrolled.
    pub students: Option<Decimal>,
    /// NCES locale code.
    pub locale: Option<Decimal>,
    /// Rural-urban continuum code of its county.
    pub rural_urban: Option<Decimal>,
}

#[derive(sqlx::FromRow)]
struct CouldRow {
    id: Uuid,
    application: Option<Uuid>,
    kind: String,
    region: Option<String>,
    nces_id: Option<String>,
    county_fips: Option<String>,
    poverty: Option<String>,
    students: Option<String>,
    locale: Option<String>,
    rural_urban: Option<String>,
}

/// All districts and communities, by id, in one statement. Of several figures of a key, the round's own counts, then the latest.
///
/// # Errors
/// The store's failure, or a figure that is no number.
pub async fn list(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Could>> {
    let rows = all!(
        tx,
        CouldRow,
        "WITH ranked AS (
             SELECT organization, key, value,
                    row_number() OVER (PARTITION BY organization, key
                                       ORDER BY CASE WHEN round IS NULL THEN 1 ELSE 0 END, year DESC NULLS LAST, loaded_at DESC, id) AS nth
             FROM facts
             WHERE key IN ('child_poverty_rate', 'enrollment', 'nces_locale', 'county_rural_urban_code') AND (round IS NULL OR round = $1)
         )
         SELECT o.id, a.id AS application, o.kind, g.key AS region, o.nces_id, o.county_fips,
                p.value AS poverty, e.value AS students, l.value AS locale, c.value AS rural_urban
         FROM organizations o
         LEFT JOIN applications a ON a.applicant = o.id AND a.round = $1 AND a.status = 'submitted'
         LEFT JOIN region_members m ON m.round = $1 AND m.member = o.id
         LEFT JOIN regions g ON g.round = m.round AND g.organization = m.region
         LEFT JOIN ranked p ON p.organization = o.id AND p.key = 'child_poverty_rate' AND p.nth = 1
         LEFT JOIN ranked e ON e.organization = o.id AND e.key = 'enrollment' AND e.nth = 1
         LEFT JOIN ranked l ON l.organization = o.id AND l.key = 'nces_locale' AND l.nth = 1
         LEFT JOIN ranked c ON c.organization = o.id AND c.key = 'county_rural_urban_code' AND c.nth = 1
         WHERE o.kind IN ('district', 'community') ORDER BY o.id",
        round.0
    )?;
    rows.into_iter().map(read).collect()
}

fn read(row: CouldRow) -> Result<Could> {
    let number = |text: Option<String>| -> Result<Option<Decimal>> {
        text.map(|text| text.parse().map_err(|_| Error::inconsistent("facts", row.id, "a value is no number"))).transpose()
    };
    Ok(Could {
        poverty: number(row.poverty)?,
        students: number(row.students)?,
        locale: number(row.locale)?,
        rural_urban: number(row.rural_urban)?,
        application: row.application,
        kind: row.kind,
        region: row.region,
        nces_id: row.nces_id,
        county_fips: row.county_fips,
    })
}
