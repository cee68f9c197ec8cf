//! The demo's public figures, embedded. Where each column comes from stands in `server/data/README.md`.

const DISTRICTS: &str = include_str!("../../data/mississippi_districts.tsv");
const COLLEGES: &str = include_str!("../../data/mississippi_colleges.tsv");

/// A school district with its public figures. Numbers stay text: they are read as exact decimals where they are used.
#[derive(Clone, Copy, Debug)]
pub struct District {
    /// NCES LEA id, 7 digits.
    pub nces_id: &'static str,
    /// As the Census Bureau writes it.
    pub name: &'static str,
    /// Students, 2023-24.
    pub enrollment: &'static str,
    /// County code, 5 digits.
    pub county_fips: &'static str,
    /// County name.
    pub county_name: &'static str,
    /// Planning and Development District.
    pub planning_district: &'static str,
    /// Degrees north.
    pub latitude: &'static str,
    /// Degrees east.
    pub longitude: &'static str,
    /// Percent of children aged 5–17.
    pub child_poverty: &'static str,
    /// Percent of the labor force, annual average 2019.
    pub county_unemployment: &'static str,
    /// Rural-urban continuum code of the county, 2013.
    pub county_rural_urban: &'static str,
    /// IPEDS id of the nearest public two-year college.
    pub college: &'static str,
    /// Kilometers to its main campus.
    pub college_km: &'static str,
}

/// A public two-year college.
#[derive(Clone, Copy, Debug)]
pub struct College {
    /// IPEDS unit id, 6 digits.
    pub ipeds_id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// County code.
    pub county_fips: &'static str,
    /// Degrees north.
    pub latitude: &'static str,
    /// Degrees east.
    pub longitude: &'static str,
}

fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().skip(1).filter_map(|line| line.split('\t').collect::<Vec<_>>().try_into().ok())
}

/// The 138 local districts, by NCES id.
#[must_use]
pub fn districts() -> Vec<District> {
    rows::<13>(DISTRICTS)
        .map(|row| {
            let [
                nces_id,
                name,
                enrollment,
                county_fips,
                county_name,
                planning_district,
                latitude,
                longitude,
                child_poverty,
                county_unemployment,
                county_rural_urban,
                college,
                college_km,
            ] = row;
            District {
                nces_id,
                name,
                enrollment,
                county_fips,
                county_name,
                planning_district,
                latitude,
                longitude,
                child_poverty,
                county_unemployment,
                county_rural_urban,
                college,
                college_km,
            }
        })
        .collect()
}

/// The 15 colleges, by IPEDS id.
#[must_use]
pub fn colleges() -> Vec<College> {
    rows::<6>(COLLEGES)
        .map(|[ipeds_id, name, _city, county_fips, latitude, longitude]| College { ipeds_id, name, county_fips, latitude, longitude })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn there_are_138_districts_and_15_colleges() {
        let districts = districts();
        assert_eq!(districts.len(), 138);
        assert_eq!(districts.iter().map(|district| district.nces_id).collect::<BTreeSet<_>>().len(), 138);
        assert_eq!(colleges().len(), 15);
    }

    #[test]
    fn every_figure_of_every_district_is_a_number() {
        for district in districts() {
            for figure in [
                district.enrollment,
                district.latitude,
                district.longitude,
                district.child_poverty,
                district.county_unemployment,
                district.college_km,
            ] {
                assert!(figure.parse::<rust_decimal::Decimal>().is_ok(), "{}: {figure}", district.name);
            }
        }
    }
}
