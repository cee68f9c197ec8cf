//! Organizations: agencies, districts, community organizations, regional organizations and colleges.

use crate::db::{Tx, all, execute, optional};
use crate::error::{Error, Result, changed_one};
use domain::OrganizationId;
use domain::access::OrganizationKind;
use uuid::Uuid;

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its kind.
    pub kind: OrganizationKind,
    /// Its name, as its source writes it.
    pub name: String,
    /// Seven digits; districts only.
    pub nces_id: Option<String>,
    /// Six digits; colleges only.
    pub ipeds_id: Option<String>,
    /// Five digits.
    pub county_fips: Option<String>,
    /// The county's name, without the word.
    pub county_name: Option<String>,
    /// The planning and development district.
    pub planning_district: Option<String>,
    /// Degrees north, an exact decimal as text.
    pub latitude: Option<String>,
    /// Degrees east, an exact decimal as text.
    pub longitude: Option<String>,
    /// Where these facts come from.
    pub source: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    kind: String,
    name: String,
    nces_id: Option<String>,
    ipeds_id: Option<String>,
    county_fips: Option<String>,
    county_name: Option<String>,
    planning_district: Option<String>,
    latitude: Option<String>,
    longitude: Option<String>,
    source: String,
}

impl TryFrom<Row> for Organization {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let kind = OrganizationKind::from_stored(&row.kind)
            .ok_or_else(|| Error::inconsistent("organizations", row.id, format!("kind {}", row.kind)))?;
        Ok(Self {
            id: OrganizationId(row.id),
            kind,
            name: row.name,
            nces_id: row.nces_id,
            ipeds_id: row.ipeds_id,
            county_fips: row.county_fips,
            county_name: row.county_name,
            planning_district: row.planning_district,
            latitude: row.latitude,
            longitude: row.longitude,
            source: row.source,
        })
    }
}

/// An organization, if there is such a one.
///
/// # Errors
/// The store's failure; [`Error::Inconsistent`] for an unknown kind.
pub async fn find(tx: &mut Tx<'_>, id: OrganizationId) -> Result<Option<Organization>> {
    optional!(
        tx,
        Row,
        "SELECT id, kind, name, nces_id, ipeds_id, county_fips, county_name, planning_district, latitude, longitude, source
         FROM organizations WHERE id = $1",
        id.0
    )?
    .map(Organization::try_from)
    .transpose()
}

/// All organizations of a kind, by name.
///
/// # Errors
/// As [`find`].
pub async fn list_of_kind(tx: &mut Tx<'_>, kind: OrganizationKind) -> Result<Vec<Organization>> {
    let rows = all!(
        tx,
        Row,
        "SELECT id, kind, name, nces_id, ipeds_id, county_fips, county_name, planning_district, latitude, longitude, source
         FROM organizations WHERE kind = $1 ORDER BY name_folded, id",
        kind.as_str()
    )?;
    rows.into_iter().map(Organization::try_from).collect()
}

/// All organizations, by kind and name.
///
/// # Errors
/// As [`find`].
pub async fn list(tx: &mut Tx<'_>) -> Result<Vec<Organization>> {
    let rows = all!(
        tx,
        Row,
        "SELECT id, kind, name, nces_id, ipeds_id, county_fips, county_name, planning_district, latitude, longitude, source
         FROM organizations ORDER BY kind, name_folded, id"
    )?;
    rows.into_iter().map(Organization::try_from).collect()
}

/// Adds an organization.
///
/// # Errors
/// The store's failure; a unique violation for an NCES or IPEDS id that is there already.
pub async fn add(tx: &mut Tx<'_>, organization: &Organization) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO organizations (id, kind, name, name_folded, nces_id, ipeds_id, county_fips, county_name, planning_district,
                                    latitude, longitude, source)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        organization.id.0,
        organization.kind.as_str(),
        organization.name.as_str(),
        organization.name.to_lowercase(),
        organization.nces_id.as_deref(),
        organization.ipeds_id.as_deref(),
        organization.county_fips.as_deref(),
        organization.county_name.as_deref(),
        organization.planning_district.as_deref(),
        organization.latitude.as_deref(),
        organization.longitude.as_deref(),
        organization.source.as_str()
    )?;
    Ok(())
}

/// Writes what a newer table says of an organization: all but its id and its kind.
///
/// # Errors
/// The store's failure; a unique violation for an NCES or IPEDS id that another organization has; [`Error::Conflict`] when there is no
/// such organization of this kind.
pub async fn record_particulars(tx: &mut Tx<'_>, organization: &Organization) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE organizations SET name = $3, name_folded = $4, nces_id = $5, ipeds_id = $6, county_fips = $7, county_name = $8,
                planning_district = $9, latitude = $10, longitude = $11, source = $12
         WHERE id = $1 AND kind = $2",
        organization.id.0,
        organization.kind.as_str(),
        organization.name.as_str(),
        organization.name.to_lowercase(),
        organization.nces_id.as_deref(),
        organization.ipeds_id.as_deref(),
        organization.county_fips.as_deref(),
        organization.county_name.as_deref(),
        organization.planning_district.as_deref(),
        organization.latitude.as_deref(),
        organization.longitude.as_deref(),
        organization.source.as_str()
    )?;
    changed_one(changed, "organization")
}
