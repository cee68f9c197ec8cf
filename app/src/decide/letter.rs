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
use uuid::Uuid;

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

/// What pays for an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    /// How much.
    pub amount: Money,
    /// Who receives it.
    pub recipient: String,
    /// The number of the award, or of all.
    pub awards: String,
}

impl Paid {
    /// Out of an application's lines of the round's own fiscal year; none of none.
    #[must_use]
    pub fn of<'l>(lines: impl Iterator<Item = &'l LineOf>) -> Option<Self> {
        let more = |paid: Self, line: &LineOf| Self {
            amount: paid.amount.plus(Money::cents(line.amount_cents)).unwrap_or(paid.amount),
            awards: format!("{} and {}", paid.awards, line.award_number),
            ..paid
        };
        let one = |line: &LineOf| Self {
            amount: Money::cents(line.amount_cents),
            recipient: line.recipient_name.clone(),
            awards: line.award_number.clone(),
        };
        lines.filter(|line| !line.later).fold(None, |paid, line| Some(paid.map_or_else(|| one(line), |paid| more(paid, line))))
    }

    /// Out of a round's lines, by application.
    #[must_use]
    pub fn by_application(lines: &[LineOf]) -> BTreeMap<Uuid, Self> {
        let own = lines.chunk_by(|a, b| a.application == b.application);
        own.filter_map(|own| Some((own.first()?.application, Self::of(own.iter())?))).collect()
    }
}

/// The letter's text, told at an instant.
#[must_use]
pub fn text(of: &RoundOf, file: &ProgramFile, outcome: &OutcomeOf, paid: Option<&Paid>, standing: Standing, at: Timestamp) -> String {
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
        ("amount", paid.map_or(Money::ZERO, |paid| paid.amount).to_string()),
        ("recipient", paid.map(|paid| paid.recipient.clone()).unwrap_or_default()),
        ("award", paid.map(|paid| paid.awards.clone()).unwrap_or_default()),
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
