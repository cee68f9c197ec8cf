//! The demo's ground: organizations with their public figures, and the people.

use super::cast::{APPLICANTS, Cast, PANEL, Player, RECIPIENTS, TIED};
use super::synthetic::coaches_before_2023;
use super::tables::{District, colleges, districts};
use super::{at, id};
use app::call::Desk;
use app::error::AppError;
use chrono::NaiveDate;
use domain::access::{OrganizationKind, Role};
use domain::program::ProgramFile;
use domain::{OrganizationId, PersonId, Timestamp};
use store::facts::Fact;
use store::organizations::{self, Organization};
use store::{memberships, people};

/// The finished round's program file.
pub const FINISHED: &str = include_str!("../../../programs/acceleratems-2023-24.toml");
/// The open round's program file.
pub const OPEN: &str = include_str!("../../../programs/acceleratems-2024-25.toml");

/// The program file of the round that a panel reviews.
pub const PANELED: &str = include_str!("../../../programs/acceleratems-2024-bridge.toml");

const CCD: &str = "NCES Common Core of Data, 2023-24";
const LAUS: &str = "US Bureau of Labor Statistics, Local Area Unemployment Statistics, annual average";
const SAIPE: &str = "US Census Bureau, Small Area Income and Poverty Estimates, school districts";
const SAIPE_COUNTY: &str = "US Census Bureau, Small Area Income and Poverty Estimates, county (the school has no territory of its own)";
const ERS: &str = "USDA Economic Research Service, Rural-Urban Continuum Codes";
const IPEDS: &str = "NCES IPEDS 2020-21 (main campus), great-circle distance computed";
const INVENTED: &str = "Invented for the demonstration";

/// Whether the demo is loaded already.
///
/// # Errors
/// The store's failure.
pub async fn is_laid(desk: &Desk) -> Result<bool, AppError> {
    let mut reader = desk.db.reader().await?;
    Ok(organizations::find(&mut reader.tx(), id("agency")).await?.is_some())
}

/// Lays organizations, facts and people.
///
/// # Errors
/// The store's failure; an internal error when a program file or a table is faulty.
pub async fn lay(desk: &Desk) -> Result<Cast, AppError> {
    let file = ProgramFile::parse(FINISHED).map_err(|problems| AppError::internal(format!("{problems:?}")))?;
    let early = at("2023-03-01T09:00:00")?;
    let organizations = all_organizations(&file);
    let facts = all_facts()?;
    let cast = all_people(&file);
    let seats = with_desk(&cast);
    let hidden = cast
        .certifiers
        .iter()
        .chain(cast.regions.iter().flat_map(|(preparer, certifier)| [preparer, certifier]))
        .cloned()
        .collect::<Vec<_>>();
    desk.db
        .write(move |tx| {
            let (organizations, facts, seats, hidden) = (organizations.clone(), facts.clone(), seats.clone(), hidden.clone());
            Box::pin(async move {
                for organization in &organizations {
                    organizations::add(tx, organization).await?;
                }
                for fact in &facts {
                    store::facts::add(tx, fact, early).await?;
                }
                for player in &seats {
                    add_person(tx, player, early).await?;
                    let membership = id(&format!("membership {} {}", player.person, player.role.as_str()));
                    memberships::add(tx, membership, player.person, player.organization, player.role, early).await?;
                }
                for player in &hidden {
                    add_person(tx, player, early).await?;
                }
                Ok::<_, AppError>(())
            })
        })
        .await?;
    Ok(cast)
}

pub(super) async fn add_person(tx: &mut store::Tx<'_>, player: &Player, at: Timestamp) -> Result<(), AppError> {
    if people::find(tx, player.person).await?.is_none() {
        people::add(tx, player.person, &player.name, &player.email, at).await?;
    }
    Ok(())
}

pub(super) fn plain(key: &str, kind: OrganizationKind, name: &str, source: &str) -> Organization {
    Organization {
        id: id(key),
        kind,
        name: name.to_owned(),
        nces_id: None,
        ipeds_id: None,
        county_fips: None,
        county_name: None,
        planning_district: None,
        latitude: None,
        longitude: None,
        source: source.to_owned(),
    }
}

fn all_organizations(file: &ProgramFile) -> Vec<Organization> {
    let mut all = vec![plain("agency", OrganizationKind::Agency, &file.agency.name, "acceleratems.org")];
    all.extend(file.regions.iter().map(|region| plain(&region.key, OrganizationKind::Region, &region.name, &region.citation)));
    all.extend(districts().iter().map(|district| Organization {
        nces_id: Some(district.nces_id.to_owned()),
        county_fips: Some(district.county_fips.to_owned()),
        county_name: Some(district.county_name.to_owned()),
        planning_district: Some(district.planning_district.to_owned()),
        latitude: Some(district.latitude.to_owned()),
        longitude: Some(district.longitude.to_owned()),
        ..plain(district.nces_id, OrganizationKind::District, district.name, CCD)
    }));
    all.extend(colleges().iter().map(|college| Organization {
        ipeds_id: Some(college.ipeds_id.to_owned()),
        county_fips: Some(college.county_fips.to_owned()),
        latitude: Some(college.latitude.to_owned()),
        longitude: Some(college.longitude.to_owned()),
        ..plain(college.ipeds_id, OrganizationKind::College, college.name, "NCES IPEDS, HD2020")
    }));
    all.push(Organization {
        county_fips: Some("28063".to_owned()),
        county_name: Some("Jefferson".to_owned()),
        planning_district: Some("Southwest Mississippi PDD".to_owned()),
        ..plain("community", OrganizationKind::Community, "Fayette Community Workforce Alliance", INVENTED)
    });
    all
}

/// A district's figures for an organization that lies there: itself, or one without figures of its own.
fn facts_of(organization: &str, district: &District) -> Result<Vec<Fact>, AppError> {
    let name = district.name;
    let county = format!("{} County", district.county_name);
    let (lea, fips) = (format!("LEAID {}", district.nces_id), format!("county FIPS {}", district.county_fips));
    // The agricultural high school has no territory, so no estimate of its own.
    let (year, place, poverty) = if district.nces_id == "2801510" {
        (2019, county.as_str(), (SAIPE_COUNTY, fips.clone()))
    } else {
        (2020, name, (SAIPE, lea.clone()))
    };
    let college = format!("UNITID {}", district.college);
    Ok(vec![
        fact(organization, "enrollment", district.enrollment, 2023, name, (CCD, lea))?,
        fact(organization, "county_unemployment_rate", district.county_unemployment, 2019, &county, (LAUS, fips.clone()))?,
        fact(organization, "county_rural_urban_code", district.county_rural_urban, 2013, &county, (ERS, fips))?,
        fact(organization, "child_poverty_rate", district.child_poverty, year, place, poverty)?,
        fact(organization, "college_distance_km", district.college_km, 2020, name, (IPEDS, college))?,
    ])
}

fn all_facts() -> Result<Vec<Fact>, AppError> {
    let districts = districts();
    let mut facts = Vec::new();
    for district in &districts {
        facts.extend(facts_of(district.nces_id, district)?);
    }
    // The alliance is invented; the figures are its county's, as its school district has them.
    if let Some(county) = districts.iter().find(|district| district.county_fips == "28063") {
        facts.extend(facts_of("community", county)?);
    }
    Ok(facts)
}

/// A public figure, as it stood in the tables of `server/data` on the day that they were made.
fn fact(organization: &str, key: &str, value: &str, year: i32, place: &str, (source, row): (&str, String)) -> Result<Fact, AppError> {
    Ok(Fact {
        id: id(&format!("fact {organization} {key}")),
        organization: id(organization),
        key: key.to_owned(),
        value: value.parse().map_err(|_| AppError::internal(format!("{organization}: {key} is {value}")))?,
        year: Some(year),
        place: place.to_owned(),
        source: source.to_owned(),
        row: Some(row),
        retrieved: NaiveDate::from_ymd_opt(2026, 11, 22),
        synthetic: false,
        round: None,
    })
}

/// How many coaches a district had before the finished round.
#[must_use]
pub fn coaches_fact(district: &District, round: domain::RoundId) -> Fact {
    let (coaches, named) = coaches_before_2023(district);
    Fact {
        id: id(&format!("fact {} coaches {round}", district.nces_id)),
        organization: id(district.nces_id),
        key: "coaches_in_place".to_owned(),
        value: coaches.into(),
        year: Some(2023),
        place: district.name.to_owned(),
        source: named.unwrap_or(INVENTED).to_owned(),
        row: None,
        retrieved: None,
        synthetic: named.is_none(),
        round: Some(round),
    }
}

pub(super) fn player(name: &str, organization: &str, organization_name: &str, kind: OrganizationKind, role: Role) -> Player {
    let address: String = name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '.' }).collect();
    let email = format!("{address}@demo.invalid");
    let person: PersonId = id(&format!("person {email}"));
    let organization: OrganizationId = id(organization);
    Player { person, name: name.to_owned(), email, organization, organization_name: organization_name.to_owned(), kind, role }
}

fn all_people(file: &ProgramFile) -> Cast {
    let staff = |name: &str, role: Role| player(name, "agency", &file.agency.name, OrganizationKind::Agency, role);
    let certifiers = districts()
        .iter()
        .map(|district| {
            let name = APPLICANTS
                .iter()
                .find(|(nces_id, ..)| *nces_id == district.nces_id)
                .map_or_else(|| format!("Superintendent of {}", district.name), |(_, _, certifier)| (*certifier).to_owned());
            player(&name, district.nces_id, district.name, OrganizationKind::District, Role::Certifier)
        })
        .collect();
    let regions = file
        .regions
        .iter()
        .map(|region| {
            let (preparer, certifier) = RECIPIENTS.iter().find(|(key, ..)| *key == region.key).map_or_else(
                || (format!("Grants officer of {}", region.name), format!("Director of {}", region.name)),
                |(_, preparer, certifier)| ((*preparer).to_owned(), (*certifier).to_owned()),
            );
            let kind = OrganizationKind::Region;
            (
                player(&preparer, &region.key, &region.name, kind, Role::RegionalPreparer),
                player(&certifier, &region.key, &region.name, kind, Role::RegionalCertifier),
            )
        })
        .collect();
    Cast {
        manager: staff("Dana Whitfield", Role::ProgramManager),
        reviewer: staff("Marcus Reed", Role::Reviewer),
        panel: PANEL.iter().map(|name| staff(name, Role::Reviewer)).collect(),
        approver: staff("Ellen Park", Role::Approver),
        umpire: staff("Naomi Ellis", Role::Approver),
        fiscal: staff("Tomas Rivera", Role::FiscalAgent),
        certifiers,
        regions,
    }
}

/// The people with a desk: those whom a visitor can be, with one click.
fn with_desk(cast: &Cast) -> Vec<Player> {
    let agency = &cast.manager;
    let mut all = vec![cast.manager.clone(), cast.reviewer.clone(), cast.approver.clone(), cast.umpire.clone(), cast.fiscal.clone()];
    all.push(player("Ruth Okafor", "agency", &agency.organization_name, OrganizationKind::Agency, Role::Auditor));
    all.extend(cast.panel.iter().cloned());
    if let Some((preparer, _)) = cast.regions.iter().find(|(preparer, _)| preparer.organization == id(TIED.1)) {
        all.push(player(TIED.0, TIED.1, &preparer.organization_name, OrganizationKind::Region, Role::RegionalPreparer));
    }
    let districts = districts();
    for (key, preparer, certifier) in APPLICANTS {
        let district = districts.iter().find(|district| district.nces_id == key);
        let (name, kind) = district.map_or(("Fayette Community Workforce Alliance", OrganizationKind::Community), |district| {
            (district.name, OrganizationKind::District)
        });
        all.push(player(preparer, key, name, kind, Role::Preparer));
        all.push(player(certifier, key, name, kind, Role::Certifier));
    }
    for (preparer, certifier) in &cast.regions {
        if RECIPIENTS.iter().any(|(_, name, _)| *name == preparer.name) {
            all.push(preparer.clone());
            all.push(certifier.clone());
        }
    }
    all
}
