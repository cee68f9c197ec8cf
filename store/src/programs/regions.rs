//! Regions of a round: the organizations that receive awards, and the districts and communities each serves.

use super::files::file_of_round;
use crate::db::{Tx, all, execute, optional};
use crate::error::Result;
use domain::{OrganizationId, RoundId};
use uuid::Uuid;

/// A regional organization in a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// The organization.
    pub organization: OrganizationId,
    /// Its key in the program file.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Whether its members were invented for a demonstration.
    pub synthetic: bool,
    /// How many districts and communities it serves.
    pub members: i64,
}

/// A member of a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The district or community.
    pub organization: OrganizationId,
    /// Its name.
    pub name: String,
    /// The regional organization that serves it.
    pub region: OrganizationId,
    /// That region's key.
    pub key: String,
}

/// A district or community as an import matches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The organization.
    pub organization: OrganizationId,
    /// Its name.
    pub name: String,
    /// Its NCES id, for districts.
    pub nces_id: Option<String>,
    /// Its county.
    pub county_fips: Option<String>,
}

#[derive(sqlx::FromRow)]
struct RegionRow {
    organization: Uuid,
    key: String,
    name: String,
    synthetic: bool,
    members: i64,
}

#[derive(sqlx::FromRow)]
struct MemberRow {
    organization: Uuid,
    name: String,
    region: Uuid,
    key: String,
}

#[derive(sqlx::FromRow)]
struct KnownRow {
    id: Uuid,
    name: String,
    nces_id: Option<String>,
    county_fips: Option<String>,
}

/// The regional organization that serves a district or community in a round; none when nobody does. A community that came after the
/// import belongs where its county is listed.
///
/// # Errors
/// The store's failure.
pub async fn region_of(tx: &mut Tx<'_>, round: RoundId, organization: OrganizationId) -> Result<Option<OrganizationId>> {
    let member = optional!(tx, (Uuid,), "SELECT region FROM region_members WHERE round = $1 AND member = $2", round.0, organization.0)?;
    if let Some((region,)) = member {
        return Ok(Some(region.into()));
    }
    let known = optional!(tx, KnownRow, "SELECT id, name, nces_id, county_fips FROM organizations WHERE id = $1", organization.0)?;
    let Some(known) = known else { return Ok(None) };
    let file = file_of_round(tx, round).await?;
    let Some(region) = file.region_of(known.nces_id.as_deref(), known.county_fips.as_deref()) else { return Ok(None) };
    let row = optional!(tx, (Uuid,), "SELECT organization FROM regions WHERE round = $1 AND key = $2", round.0, region.key.as_str())?;
    Ok(row.map(|(region,)| region.into()))
}

/// A round's regions, by name.
///
/// # Errors
/// The store's failure.
pub async fn regions(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Region>> {
    let rows = all!(
        tx,
        RegionRow,
        "SELECT g.organization, g.key, o.name, g.synthetic,
                (SELECT count(*) FROM region_members m WHERE m.round = g.round AND m.region = g.organization) AS members
         FROM regions g JOIN organizations o ON o.id = g.organization WHERE g.round = $1 ORDER BY o.name, o.id",
        round.0
    )?;
    let region = |row: RegionRow| {
        let RegionRow { organization, key, name, synthetic, members } = row;
        Region { organization: organization.into(), key, name, synthetic, members }
    };
    Ok(rows.into_iter().map(region).collect())
}

/// All members of a round's regions, by name.
///
/// # Errors
/// The store's failure.
pub async fn members(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Member>> {
    let rows = all!(
        tx,
        MemberRow,
        "SELECT m.member AS organization, o.name, m.region, g.key
         FROM region_members m JOIN organizations o ON o.id = m.member
         JOIN regions g ON g.round = m.round AND g.organization = m.region
         WHERE m.round = $1 ORDER BY o.name, o.id",
        round.0
    )?;
    let member = |row: MemberRow| {
        let MemberRow { organization, name, region, key } = row;
        Member { organization: organization.into(), name, region: region.into(), key }
    };
    Ok(rows.into_iter().map(member).collect())
}

/// Every district and community, for matching a file's members.
///
/// # Errors
/// The store's failure.
pub async fn known_members(tx: &mut Tx<'_>) -> Result<Vec<Known>> {
    let rows =
        all!(tx, KnownRow, "SELECT id, name, nces_id, county_fips FROM organizations WHERE kind IN ('district', 'community') ORDER BY id")?;
    let known = |row: KnownRow| {
        let KnownRow { id, name, nces_id, county_fips } = row;
        Known { organization: id.into(), name, nces_id, county_fips }
    };
    Ok(rows.into_iter().map(known).collect())
}

/// The agencies of either name, folded: id and name.
///
/// # Errors
/// The store's failure.
pub async fn agencies_named(tx: &mut Tx<'_>, name: &str, short_name: &str) -> Result<Vec<(OrganizationId, String)>> {
    let rows = all!(
        tx,
        (Uuid, String),
        "SELECT id, name FROM organizations WHERE kind = 'agency' AND name_folded IN ($1, $2) ORDER BY name, id",
        name,
        short_name
    )?;
    Ok(rows.into_iter().map(|(id, name)| (id.into(), name)).collect())
}

/// Every regional organization: id and folded name.
///
/// # Errors
/// The store's failure.
pub async fn regions_named(tx: &mut Tx<'_>) -> Result<Vec<(OrganizationId, String)>> {
    let rows = all!(tx, (Uuid, String), "SELECT id, name_folded FROM organizations WHERE kind = 'region' ORDER BY name_folded, id")?;
    Ok(rows.into_iter().map(|(id, folded)| (id.into(), folded)).collect())
}

/// Adds a region to a round.
///
/// # Errors
/// The store's failure.
pub async fn add_region(tx: &mut Tx<'_>, round: RoundId, organization: OrganizationId, key: &str, synthetic: bool) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO regions (round, organization, key, synthetic) VALUES ($1, $2, $3, $4)",
        round.0,
        organization.0,
        key,
        synthetic
    )?;
    Ok(())
}

/// Adds a member to a region.
///
/// # Errors
/// The store's failure.
pub async fn add_member(tx: &mut Tx<'_>, round: RoundId, region: OrganizationId, member: OrganizationId) -> Result<()> {
    execute!(tx, "INSERT INTO region_members (round, region, member) VALUES ($1, $2, $3)", round.0, region.0, member.0)?;
    Ok(())
}

/// Takes a round's regions away, for an import that replaces them.
///
/// # Errors
/// The store's failure.
pub async fn clear_regions(tx: &mut Tx<'_>, round: RoundId) -> Result<()> {
    execute!(tx, "DELETE FROM region_members WHERE round = $1", round.0)?;
    execute!(tx, "DELETE FROM regions WHERE round = $1", round.0)?;
    Ok(())
}
