//! Reads the `[review]` section, which a file may leave out: then staff score.

use super::read::{Fields, Spot};
use super::sections::choice;
use crate::answers;
use crate::panel::{Aggregation, Chair, PanelTerms};
use crate::ruleset::{RuleSet, Source};
use crate::time::{Timestamp, Zone};

const WAYS: [(&str, Aggregation); 4] =
    [("mean", Aggregation::Mean), ("median", Aggregation::Median), ("trimmed", Aggregation::Trimmed), ("adjusted", Aggregation::Adjusted)];

/// The section's one word that the ranking itself rests on.
pub(super) fn aggregation(fields: &Fields<'_>) -> Option<Aggregation> {
    choice(fields, "aggregation", &WAYS)
}

/// The `[review]` section of a whole file. `closes` is the round's own close, where it could be read.
pub(super) fn review(fields: Fields<'_>, zone: Option<Zone>, closes: Option<Timestamp>, rules: Option<&mut RuleSet>) -> Option<PanelTerms> {
    let count = |key, most| u32::try_from(fields.integer(key, 1..=most)).unwrap_or(1);
    let (reviewers, load) = (count("reviewers", 20), count("load", 10_000));
    let aggregation = aggregation(&fields);
    let note = |key, problem: &str| {
        if let Some(spot) = fields.optional(key) {
            spot.note(problem);
        }
    };
    if aggregation == Some(Aggregation::Trimmed) && reviewers < 3 {
        note("aggregation", "A trimmed mean leaves out one highest and one lowest score, so it takes at least 3 reviewers.");
    }
    let blind = fields.flag("blind");
    let identifying = identifying(&fields, blind);
    let due = fields.optional("due");
    let due = due.and_then(|spot| {
        let at = zone?.at(spot.wall()?).map_err(|problem| spot.note(problem.to_string())).ok()?;
        if closes.is_some_and(|closes| at <= closes) {
            spot.note("Reviews are due after the round closes.");
        }
        Some(at)
    });
    let sealed = fields.flag("sealed");
    if sealed && fields.optional("due").is_none() {
        note("sealed", "Sealed until when? Say when the reviews are due.");
    }
    let chair = choice(&fields, "chair", &[("manager", Chair::Manager), ("appointed", Chair::Appointed)]);
    if let Some(rules) = rules {
        rules.panel = aggregation;
        if !rules.criteria.iter().any(|criterion| matches!(criterion.source, Source::Rubric { .. })) {
            fields.note("No criterion is a rubric, so there is nothing for a panel to score.");
        }
    }
    let practice = fields.flag("practice");
    let (citation, synthetic) = (fields.text("citation"), fields.flag("synthetic"));
    fields.end();
    Some(PanelTerms { reviewers, load, practice, blind, identifying, due, sealed, chair: chair?, citation, synthetic })
}

fn identifying(fields: &Fields<'_>, blind: bool) -> Vec<String> {
    let Some(spot) = fields.optional("identifying") else {
        if blind && let Some(spot) = fields.optional("blind") {
            spot.note("Which answers would give an applicant away? List them as identifying, such as \"district.contact_name\".");
        }
        return Vec::new();
    };
    if !blind {
        spot.note("Answers are masked in a blind review only. Say blind = true, or leave this out.");
    }
    let mut all: Vec<String> = spot.list().iter().filter_map(known).collect();
    all.sort();
    all.dedup();
    all
}

fn known(spot: &Spot<'_>) -> Option<String> {
    let name = spot.text();
    let found = name
        .split_once('.')
        .and_then(|(section, question)| answers::section(section)?.questions.iter().find(|known| known.key == question));
    if found.is_none() && !name.is_empty() {
        spot.note(format!("“{name}” is no question of the form. Write section.question, such as district.contact_name."));
    }
    found.map(|_| name)
}
