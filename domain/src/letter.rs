//! Letters that tell an applicant what became of it: plain text with fields in braces, `{amount}`, from the program file or, where it is
//! silent, from here. Checked when the file is read, so that no letter goes out with a hole in it. `{{` and `}}` stand for the braces.

use crate::award::Outcome;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The letters of a program file. A letter that is silent has the text of [`Letters::default_text`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letters {
    /// To whoever is funded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funded: Option<String>,
    /// To whoever is funded in part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partly_funded: Option<String>,
    /// To whoever waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waitlisted: Option<String>,
    /// To whoever is not funded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_funded: Option<String>,
    /// To whoever was not ranked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ineligible: Option<String>,
    /// Whether any of it was invented for a demonstration.
    pub synthetic: bool,
}

/// What a round's awards rest on, which its letters speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// A ranking: places and points.
    Ranking,
    /// A law that names the recipients: neither.
    Law,
}

impl Basis {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ranking, Self::Law];
}

/// Fields of every letter, with what each stands for.
pub const ALWAYS: [(&str, &str); 9] = [
    ("date", "the day the letter is shown from"),
    ("applicant", "who applied"),
    ("number", "the application's number"),
    ("program", "the program's name"),
    ("round", "the round's name"),
    ("agency", "the agency's name"),
    ("requested", "what was asked for, in units"),
    ("reason", "why, in a sentence"),
    ("appeal", "how and until when the decision can be appealed; empty where the program has no appeals"),
];
/// Fields of letters to those who were ranked.
pub const RANKED: [(&str, &str); 4] = [
    ("place", "the place in the ranking"),
    ("ranked", "how many were ranked"),
    ("points", "the points of 100"),
    ("line", "the lowest place that got money"),
];
/// Fields of letters to those who are funded.
pub const FUNDED: [(&str, &str); 4] = [
    ("granted", "what is granted, in units"),
    ("amount", "what is granted, in dollars"),
    ("recipient", "the organization that receives the money for it"),
    ("award", "the award's number"),
];

/// The fields that a letter of this outcome may hold.
#[must_use]
pub fn fields_of(outcome: Outcome, basis: Basis) -> Vec<(&'static str, &'static str)> {
    let ranked = if outcome == Outcome::Ineligible || basis == Basis::Law { &[][..] } else { &RANKED[..] };
    let funded = if outcome.is_funded() { &FUNDED[..] } else { &[][..] };
    ALWAYS.iter().chain(ranked).chain(funded).copied().collect()
}

impl Letters {
    /// The text for an outcome.
    #[must_use]
    pub fn text(&self, outcome: Outcome, basis: Basis) -> &str {
        let own = match outcome {
            Outcome::Funded => &self.funded,
            Outcome::PartlyFunded => &self.partly_funded,
            Outcome::Waitlisted => &self.waitlisted,
            Outcome::NotFunded => &self.not_funded,
            Outcome::Ineligible => &self.ineligible,
        };
        own.as_deref().unwrap_or_else(|| match basis {
            Basis::Ranking => Self::default_text(outcome),
            Basis::Law => Self::default_text_by_law(outcome),
        })
    }

    /// The text where a file is silent.
    #[must_use]
    pub const fn default_text(outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Funded => {
                "{date}\n\n{applicant}\nApplication {number}\n\nThe awards for {program}, {round}, have been decided. Your application is funded: {granted}, {amount}. The money goes to {recipient}, which serves you, under award {award}.\n\nYou reached place {place} of {ranked}, with {points} of 100 points. {reason}\n\n{agency}"
            }
            Outcome::PartlyFunded => {
                "{date}\n\n{applicant}\nApplication {number}\n\nThe awards for {program}, {round}, have been decided. Your application is funded in part: {granted} of the {requested} asked for, {amount}. The money goes to {recipient}, which serves you, under award {award}.\n\nYou reached place {place} of {ranked}, with {points} of 100 points. {reason}\n\n{appeal}\n\n{agency}"
            }
            Outcome::Waitlisted => {
                "{date}\n\n{applicant}\nApplication {number}\n\nThe awards for {program}, {round}, have been decided. Your application is on the waiting list. If money comes back, it is offered in ranked order; you need do nothing.\n\nYou reached place {place} of {ranked}, with {points} of 100 points. Money reached as far as place {line}. {reason}\n\n{appeal}\n\n{agency}"
            }
            Outcome::NotFunded => {
                "{date}\n\n{applicant}\nApplication {number}\n\nThe awards for {program}, {round}, have been decided. Your application is not funded.\n\nYou reached place {place} of {ranked}, with {points} of 100 points. Money reached as far as place {line}. {reason}\n\n{appeal}\n\n{agency}"
            }
            Outcome::Ineligible => {
                "{date}\n\n{applicant}\nApplication {number}\n\nThe awards for {program}, {round}, have been decided. Your application was found not eligible, so it was not ranked.\n\nThe reason: {reason}\n\n{appeal}\n\n{agency}"
            }
        }
    }
}

impl Letters {
    /// The text where a file is silent, and a law names the recipients. No part of an amount is ever granted.
    #[must_use]
    pub const fn default_text_by_law(outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Funded | Outcome::PartlyFunded => {
                "{date}\n\n{applicant}\nApplication {number}\n\nThe awards for {program}, {round}, have been decided. You receive what the law names for you: {amount}. The money goes to {recipient} under award {award}.\n\n{reason}\n\n{agency}"
            }
            Outcome::Waitlisted => {
                "{date}\n\n{applicant}\nApplication {number}\n\nThe awards for {program}, {round}, have been decided, and yours waits. Your certifier accepts the terms on the application’s page; the award is then proposed and approved like the others.\n\n{reason}\n\n{appeal}\n\n{agency}"
            }
            Outcome::NotFunded => {
                "{date}\n\n{applicant}\nApplication {number}\n\nThe awards for {program}, {round}, have been decided. There is none for you.\n\n{reason}\n\n{appeal}\n\n{agency}"
            }
            Outcome::Ineligible => {
                "{date}\n\n{applicant}\nApplication {number}\n\nThe awards for {program}, {round}, have been decided. Your application was found not eligible, so there is no award, although the law names you.\n\nThe reason: {reason}\n\n{appeal}\n\n{agency}"
            }
        }
    }
}

/// A part of a template.
enum Part<'t> {
    Text(&'t str),
    Brace(char),
    Field(&'t str),
}

/// Takes a template apart; each problem with the character it stands at, from 0.
fn parts(text: &str) -> Result<Vec<Part<'_>>, (usize, String)> {
    let mut parts = Vec::new();
    let mut rest = text;
    let at = |rest: &str| text.chars().count() - rest.chars().count();
    while let Some(found) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at(found);
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        let brace = if after.starts_with('{') { '{' } else { '}' };
        if let Some(doubled) = after.strip_prefix(if brace == '{' { "{{" } else { "}}" }) {
            parts.push(Part::Brace(brace));
            rest = doubled;
        } else if let Some(inner) = after.strip_prefix('{') {
            let Some((name, behind)) = inner.split_once('}').filter(|(name, _)| !name.contains('{')) else {
                return Err((at(after), "This brace is never closed. Write {{ for a brace itself.".to_owned()));
            };
            parts.push(Part::Field(name));
            rest = behind;
        } else {
            return Err((at(after), "This brace was never opened. Write }} for a brace itself.".to_owned()));
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    Ok(parts)
}

/// Everything wrong with a letter's text, each with the character it stands at, from 0.
#[must_use]
pub fn problems(text: &str, outcome: Outcome, basis: Basis) -> Vec<(usize, String)> {
    let parts = match parts(text) {
        Ok(parts) => parts,
        Err(problem) => return vec![problem],
    };
    let known = fields_of(outcome, basis);
    let mut at = 0;
    let mut problems = Vec::new();
    for part in parts {
        at += match part {
            Part::Text(text) => text.chars().count(),
            Part::Brace(_) => 2,
            Part::Field(name) => {
                if !known.iter().any(|(field, _)| *field == name) {
                    let names: Vec<&str> = known.iter().map(|(field, _)| *field).collect();
                    problems.push((at, format!("This letter has no field “{name}”. The fields are: {}.", names.join(", "))));
                }
                name.chars().count() + 2
            }
        };
    }
    problems
}

/// Fills in a letter. A paragraph that is empty once its fields are filled in is left out.
#[must_use]
pub fn fill(text: &str, values: &BTreeMap<&'static str, String>) -> String {
    let Ok(parts) = parts(text) else { return text.to_owned() };
    let mut out = String::with_capacity(text.len() * 2);
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Brace(brace) => out.push(brace),
            Part::Field(name) => out.push_str(values.get(name).map_or("", String::as_str)),
        }
    }
    out.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()).collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_texts_of_a_silent_file_hold_only_fields_that_there_are() {
        for outcome in Outcome::ALL {
            for basis in Basis::ALL {
                let silent = Letters::default();
                assert!(problems(silent.text(outcome, basis), outcome, basis).is_empty(), "{outcome:?}, {basis:?}");
            }
        }
    }

    #[test]
    fn a_slip_is_found_where_it_stands() {
        let found = problems("Dear {aplicant}, ü {amount}", Outcome::NotFunded, Basis::Ranking);
        assert_eq!(found.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [5, 19]);
        assert!(found[0].1.contains("no field “aplicant”") && found[1].1.contains("place, ranked"), "{found:?}");
        assert_eq!(problems("Dear {applicant", Outcome::Funded, Basis::Ranking)[0].0, 5);
        assert_eq!(problems("Dear applicant}", Outcome::Funded, Basis::Ranking)[0].0, 14);
        assert!(problems("{{braces}} and {amount}", Outcome::Funded, Basis::Ranking).is_empty());
        assert_eq!(problems("{place}", Outcome::Ineligible, Basis::Ranking).len(), 1, "who was not ranked has no place");
        assert_eq!(problems("{place} with {points}", Outcome::Funded, Basis::Law).len(), 2, "nor has anybody whom a law names");
    }

    #[test]
    fn fields_are_filled_in_and_empty_paragraphs_go() {
        let values = BTreeMap::from([("applicant", "West".to_owned()), ("appeal", String::new())]);
        assert_eq!(fill("Dear {applicant}, {{x}}\n\n{appeal}\n\nYours", &values), "Dear West, {x}\n\nYours");
    }

    proptest! {
        #[test]
        fn what_has_no_problem_is_filled_without_a_brace_left(text in "[a-z {}\n]{0,60}") {
            if problems(&text, Outcome::Funded, Basis::Ranking).is_empty() && !text.contains("{{") && !text.contains("}}") {
                let filled = fill(&text, &BTreeMap::new());
                let braces = filled.matches(['{', '}']).count();
                prop_assert_eq!(braces, 0);
            }
        }
    }
}
