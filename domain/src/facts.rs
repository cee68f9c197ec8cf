//! What a ranking draws on: named facts about a place, and the inputs that carry them with source, year and place. This file holds no
//! figures; the store keeps them and the edge fills them in.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A kind of fact that rules may draw on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The key in program files and inputs.
    pub key: &'static str,
    /// The name people read.
    pub name: &'static str,
    /// The unit, after the number: `%`, `km`, `students`.
    pub unit: &'static str,
}

/// The facts Allotment knows. A program file that names another is refused, so that a slip of the pen can't become a missing figure.
pub const FACTS: [Fact; 8] = [
    Fact { key: "coaches_in_place", name: "Career coaches already in place", unit: "coaches" },
    Fact { key: "county_unemployment_rate", name: "County unemployment rate", unit: "%" },
    Fact { key: "county_rural_urban_code", name: "Rural-urban continuum code of the county", unit: "" },
    Fact { key: "child_poverty_rate", name: "Children aged 5–17 in poverty", unit: "%" },
    Fact { key: "college_distance_km", name: "Distance to the nearest community college", unit: "km" },
    Fact { key: "enrollment", name: "Students enrolled", unit: "students" },
    Fact { key: "nces_locale", name: "NCES locale code", unit: "" },
    Fact { key: "students_per_counselor", name: "Students per school counselor", unit: "students" },
];

/// The fact of a key, if Allotment knows it.
#[must_use]
pub fn fact(key: &str) -> Option<Fact> {
    FACTS.into_iter().find(|fact| fact.key == key)
}

/// One number about one applicant, with where it comes from. A number without a source is not an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The number, in the fact's unit; a count for evidence; points for a rubric.
    #[serde(serialize_with = "crate::canonical::decimal")]
    pub value: Decimal,
    /// Who says so: a data set, the applicant's letters, or a reviewer with the reason given.
    pub source: String,
    /// The year the number speaks of, where it has one.
    pub year: Option<i32>,
    /// The place the number speaks of: a district, a county.
    pub place: String,
    /// Whether the number was invented for a demonstration.
    pub synthetic: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fact_keys_are_unique() {
        for (index, fact) in FACTS.iter().enumerate() {
            assert!(FACTS[index + 1..].iter().all(|other| other.key != fact.key), "{}", fact.key);
        }
    }

    #[test]
    fn equal_numbers_have_equal_bytes() {
        let input = |value: &str| Input {
            value: value.parse().unwrap(),
            source: "LAUS".to_owned(),
            year: Some(2019),
            place: "Bolivar County".to_owned(),
            synthetic: false,
        };
        assert_eq!(crate::canonical::canonical(&input("7.0")), crate::canonical::canonical(&input("7")));
    }
}
