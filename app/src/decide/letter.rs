//! The letter to an applicant: the program file's text for the outcome, filled in with what is on record. The same text on the page, in print
//! and in the mail.

use crate::call::Call;
use domain::award::Outcome;
use domain::letter::{Basis, Letters, fill};
use domain::program::ProgramFile;
use domain::{Money, Timestamp, time::say_date};
use std::collections::BTreeMap;
use store::awards::{LineOf, OutcomeOf};
use store::programs::RoundOf;

/// How a round's list came out: what every letter speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many were ranked.
    pub ranked: i64,
    /// The lowest place that got money.
    pub line: Option<i64>,
}

impl Standing {
    /// Out of all outcomes of a round.
    #[must_use]
    pub fn of(outcomes: &[OutcomeOf]) -> Self {
        let ranked = i64::try_from(outcomes.iter().filter(|outcome| outcome.place.is_some()).count()).unwrap_or(i64::MAX);
        Self { ranked, line: outcomes.iter().filter(|outcome| outcome.units > 0).filter_map(|outcome| outcome.place).max() }
    }
}

/// The letter's text, told at an instant.
#[must_use]
pub fn text(of: &RoundOf, file: &ProgramFile, outcome: &OutcomeOf, line: Option<&LineOf>, standing: Standing, at: Timestamp) -> String {
    let zone = of.round.zone;
    let units = |count: i64| format!("{count} {}", if count == 1 { &file.award.unit } else { &file.award.units });
    let appeal = match &file.appeals {
        Some(terms) if outcome.outcome != Outcome::Funded => {
            format!("You can appeal against this decision until {}. The application’s page says how.", terms.until(at, zone).say_in(zone))
        }
        _ => String::new(),
    };
    let number = |number: Option<i64>| number.map_or_else(|| "–".to_owned(), |number| number.to_string());
    let values: BTreeMap<&'static str, String> = BTreeMap::from([
        ("date", say_date(at.date_in(zone))),
        ("applicant", outcome.applicant_name.clone()),
        ("number", outcome.number.clone()),
        ("program", of.program.name.clone()),
        ("round", of.round.name.clone()),
        ("agency", of.program.agency_name.clone()),
        ("requested", units(outcome.units_requested)),
        ("reason", outcome.reason.clone()),
        ("appeal", appeal),
        ("place", number(outcome.place)),
        ("ranked", standing.ranked.to_string()),
        ("points", outcome.points.as_deref().map_or_else(|| "–".to_owned(), crate::ui::working::stored_points)),
        ("line", number(standing.line)),
        ("granted", units(outcome.units)),
        ("amount", line.map_or(Money::ZERO, |line| Money::cents(line.amount_cents)).to_string()),
        ("recipient", line.map(|line| line.recipient_name.clone()).unwrap_or_default()),
        ("award", line.map(|line| line.award_number.clone()).unwrap_or_default()),
    ]);
    let silent = Letters::default();
    let basis = if file.named.is_some() { Basis::Law } else { Basis::Ranking };
    fill(file.letters.as_ref().unwrap_or(&silent).text(outcome.outcome, basis), &values)
}

/// The letter as mail to one person: subject and body.
#[must_use]
pub fn mail(call: &Call, of: &RoundOf, outcome: &OutcomeOf, name: &str, letter: &str) -> (String, String) {
    let subject = format!("{}: {} ({})", of.program.name, outcome.outcome.name().to_lowercase(), outcome.number);
    let base = &call.desk.house.base_url;
    let body = format!(
        "Dear {name},\n\n{letter}\n\nHow this came about:\n{base}/apply/{}/outcome\n\nThis letter for printing:\n{base}/apply/{}/letter\n",
        outcome.application, outcome.application
    );
    (subject, body)
}
