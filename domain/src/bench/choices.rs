//! What the methods leave open besides the pot and the regions' bounds: by what shares are taken and how they are rounded, what a best set has
//! the most of, limits, and awards held harmless. What is not chosen is as the program file says.

use crate::allocation::{AllocationRule, HoldHarmless, Limit, Limited, Objective};
use crate::money::Money;
use crate::shares;
use serde::{Deserialize, Serialize};

/// What is chosen other than declared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choices {
    /// What the best set has as much of as possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective: Option<Objective>,
    /// Whether shares are by requests instead of points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_request: Option<bool>,
    /// How shares are rounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounding: Option<shares::Method>,
    /// The part of the last award that is held harmless, 1 to 100 percent; where the file holds any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u32>,
    /// The most for each organization; where the file limits it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<Money>,
    /// The most for each district; where the file limits it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub district: Option<Money>,
}

/// What a best set may have the most of, by the words of program files, with what they say.
pub const OBJECTIVES: [(&str, Objective, &str); 2] = [
    ("points", Objective::Points, "points of requests funded whole"),
    ("points_per_seat", Objective::PointsPerSeat, "points times units, any number of units each"),
];
/// By what shares are taken, likewise: whether by requests.
pub const BY: [(&str, bool, &str); 2] = [("points", false, "points"), ("request", true, "what is asked for")];
/// How shares are rounded, likewise.
pub const ROUNDINGS: [(&str, shares::Method, &str); 2] = [
    ("largest_remainder", shares::Method::LargestRemainder, "largest remainders (Hamilton)"),
    ("webster", shares::Method::Webster, "nearest whole units (Webster)"),
];

/// The word of a value and what it says.
fn word<T: Copy + PartialEq>(all: &[(&'static str, T, &'static str)], value: T) -> (&'static str, &'static str) {
    all.iter().find(|one| one.1 == value).map_or(("", ""), |one| (one.0, one.2))
}

/// The objective, by what shares are taken and how they are rounded, as a rule has them or as is usual.
fn usual(rule: &AllocationRule) -> (Objective, bool, shares::Method) {
    let rounding = rule.rounding.unwrap_or(shares::Method::LargestRemainder);
    (rule.objective.unwrap_or(Objective::Points), rule.by_request, rounding)
}

/// The field of a limit.
const fn limit_field(of: Limited) -> &'static str {
    match of {
        Limited::Organization => "limit-organization",
        Limited::District => "limit-district",
    }
}

impl Choices {
    /// Whether all is as declared.
    #[must_use]
    pub fn is_declared(&self) -> bool {
        *self == Self::default()
    }

    const fn limit(&self, of: Limited) -> Option<Money> {
        match of {
            Limited::Organization => self.organization,
            Limited::District => self.district,
        }
    }

    /// The declared rule with what is chosen, for any method.
    pub(super) fn applied(&self, declared: &AllocationRule) -> AllocationRule {
        let (objective, by_request, rounding) = usual(declared);
        let limits = declared.limits.iter().map(|limit| Limit { cap: self.limit(limit.of).unwrap_or(limit.cap), ..limit.clone() });
        let hold = declared.hold_harmless.clone();
        AllocationRule {
            objective: Some(self.objective.unwrap_or(objective)),
            by_request: self.by_request.unwrap_or(by_request),
            rounding: Some(self.rounding.unwrap_or(rounding)),
            limits: limits.collect(),
            hold_harmless: hold.map(|hold| HoldHarmless { percent: self.percent.unwrap_or(hold.percent), ..hold }),
            ..declared.clone()
        }
    }

    /// Reads `objective`, `by` and `rounding`, a word each, `percent` a whole number, `limit-organization` and `limit-district` in dollars.
    pub(super) fn read<'a>(
        declared: &AllocationRule,
        field: impl Fn(&str) -> Option<&'a str>,
        note: &mut impl FnMut(&str, String),
    ) -> Self {
        let (objective, by_request, rounding) = usual(declared);
        let mut choices = Self {
            objective: chosen("objective", &OBJECTIVES, objective, &field, note),
            by_request: chosen("by", &BY, by_request, &field, note),
            rounding: chosen("rounding", &ROUNDINGS, rounding, &field, note),
            ..Self::default()
        };
        if let (Some(hold), Some(text)) = (&declared.hold_harmless, field("percent")) {
            match text.trim().trim_end_matches('%').trim().parse::<u32>() {
                Ok(percent) if (1..=100).contains(&percent) => choices.percent = Some(percent).filter(|percent| *percent != hold.percent),
                _ => note("percent", "The part held harmless is a whole number of percent from 1 to 100.".to_owned()),
            }
        }
        for limit in &declared.limits {
            let name = limit_field(limit.of);
            let read = match field(name).map(Money::parse) {
                None => continue,
                Some(Ok(amount)) if amount >= Money::ZERO => Some(amount).filter(|amount| *amount != limit.cap),
                Some(Ok(_)) => {
                    note(name, "The amount can’t be below zero.".to_owned());
                    continue;
                }
                Some(Err(problem)) => {
                    note(name, problem.to_string());
                    continue;
                }
            };
            match limit.of {
                Limited::Organization => choices.organization = read,
                Limited::District => choices.district = read,
            }
        }
        choices
    }

    /// The fields that give what is chosen again.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let words = [
            self.objective.map(|value| ("objective", word(&OBJECTIVES, value).0.to_owned())),
            self.by_request.map(|value| ("by", word(&BY, value).0.to_owned())),
            self.rounding.map(|value| ("rounding", word(&ROUNDINGS, value).0.to_owned())),
            self.percent.map(|percent| ("percent", percent.to_string())),
            self.organization.map(|cap| (limit_field(Limited::Organization), cap.plain())),
            self.district.map(|cap| (limit_field(Limited::District), cap.plain())),
        ];
        words.into_iter().flatten().collect()
    }

    /// What each field holds where nothing is chosen; fields that the file has no need of are left out.
    #[must_use]
    pub fn declared_fields(declared: &AllocationRule) -> Vec<(&'static str, String)> {
        let (objective, by_request, rounding) = usual(declared);
        let all = Self {
            objective: Some(objective),
            by_request: Some(by_request),
            rounding: Some(rounding),
            percent: declared.hold_harmless.as_ref().map(|hold| hold.percent),
            ..Self::default()
        };
        let limits = declared.limits.iter().map(|limit| (limit_field(limit.of), limit.cap.plain()));
        all.fields().into_iter().chain(limits).collect()
    }

    /// What is chosen, a few words each.
    #[must_use]
    pub fn plain(&self) -> Vec<String> {
        let words = [
            self.objective.map(|value| format!("the set with the most {}", word(&OBJECTIVES, value).1)),
            self.by_request.map(|value| format!("shares by {}", word(&BY, value).1)),
            self.rounding.map(|value| format!("shares rounded by {}", word(&ROUNDINGS, value).1)),
            self.percent.map(|percent| format!("{percent}% of the last award held harmless")),
            self.organization.map(|cap| format!("at most {cap} for an organization")),
            self.district.map(|cap| format!("at most {cap} for a district")),
        ];
        words.into_iter().flatten().collect()
    }
}

/// The value of a field's word, where it is not the declared one.
fn chosen<'a, T: Copy + PartialEq>(
    name: &str,
    all: &[(&'static str, T, &'static str)],
    declared: T,
    field: impl Fn(&str) -> Option<&'a str>,
    note: &mut impl FnMut(&str, String),
) -> Option<T> {
    let text = field(name)?;
    let found = all.iter().find(|one| one.0 == text).map(|one| one.1);
    if found.is_none() {
        note(name, "Choose one of those on the list.".to_owned());
    }
    found.filter(|value| *value != declared)
}
