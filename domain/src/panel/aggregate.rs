//! From a panel's scores to one number for each application and criterion, exactly.
//!
//! Adjusted: a score is taken to be what the application deserves plus the reviewer's leniency. Both are found by least squares, criterion by
//! criterion: the sum of the squares of what the model leaves over is as small as it can be. Leniency shows only between reviewers who read
//! the same applications, so each group of reviewers that is linked by shared applications is solved by itself, and within it leniency is
//! counted from the group's mean: the scores' own mean stays what it was.

use super::Aggregation;
use super::spread::median;
use crate::exact::Exact;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One reviewer's score on one criterion of one application.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// The criterion's key.
    pub criterion: String,
    /// The application's public number.
    pub number: String,
    /// The reviewer, by a number within the round: `R3`. Names stay out of what is published.
    pub reviewer: String,
    /// The points of the level chosen.
    #[serde(serialize_with = "crate::canonical::decimal")]
    pub points: Decimal,
}

/// One application's number on one criterion, raw and as it is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Average {
    /// The criterion's key.
    pub criterion: String,
    /// The application's public number.
    pub number: String,
    /// How many scores.
    pub reviews: u32,
    /// Their mean, exactly.
    pub raw: Exact,
    /// What the ranking takes: rounded half to even at nine decimal places, and kept between the lowest and the highest written level.
    #[serde(serialize_with = "crate::canonical::decimal")]
    pub used: Decimal,
}

/// How much higher a reviewer scores on one criterion than the others on the same applications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leniency {
    /// The criterion's key.
    pub criterion: String,
    /// The reviewer.
    pub reviewer: String,
    /// In points; below zero for a strict one.
    pub points: Exact,
}

/// What a panel's scores come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aggregated {
    /// By criterion, then number.
    pub averages: Vec<Average>,
    /// Where the reviewers' leniency is taken off: each reviewer's, by criterion, then reviewer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leniency: Vec<Leniency>,
}

/// Why scores can't be made one number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unaveraged {
    /// A reviewer scored the same twice.
    #[error("{reviewer} scored {number} twice on “{criterion}”.")]
    Twice {
        /// The criterion's key.
        criterion: String,
        /// The application's number.
        number: String,
        /// The reviewer.
        reviewer: String,
    },
    /// A score on a criterion that no panel scores.
    #[error("“{0}” is no criterion that a panel scores.")]
    NoRubric(String),
    /// The numbers are out of all bounds.
    #[error("The scores on “{0}” can’t be averaged: a number is too large.")]
    TooLarge(String),
}

type Sheet<'s> = BTreeMap<&'s str, BTreeMap<&'s str, Exact>>;

/// Makes one number of the scores on each application and criterion. `ends` holds each rubric criterion's lowest and highest level. The
/// order of the scores changes nothing.
///
/// # Errors
/// [`Unaveraged`], the first by criterion and number.
pub fn aggregate(how: Aggregation, scores: &[Given], ends: &BTreeMap<String, (Decimal, Decimal)>) -> Result<Aggregated, Unaveraged> {
    let mut sheets: BTreeMap<&str, Sheet<'_>> = BTreeMap::new();
    let mut sorted: Vec<&Given> = scores.iter().collect();
    sorted.sort();
    for one in sorted {
        let row = sheets.entry(&one.criterion).or_default().entry(&one.number).or_default();
        if row.insert(&one.reviewer, one.points.into()).is_some() {
            let Given { criterion, number, reviewer, .. } = one.clone();
            return Err(Unaveraged::Twice { criterion, number, reviewer });
        }
    }
    let mut out = Aggregated::default();
    for (criterion, sheet) in sheets {
        let (least, most) = ends.get(criterion).ok_or_else(|| Unaveraged::NoRubric(criterion.to_owned()))?;
        let too_large = |_| Unaveraged::TooLarge(criterion.to_owned());
        let leniency = if how == Aggregation::Adjusted { leniency(&sheet) } else { BTreeMap::new() };
        for (number, row) in &sheet {
            let points: Vec<Exact> = row.values().cloned().collect();
            let raw = mean(&points);
            let used = match how {
                Aggregation::Mean => raw.clone(),
                Aggregation::Median => median(&points).unwrap_or(Exact::ZERO),
                Aggregation::Trimmed => trimmed(points),
                Aggregation::Adjusted => {
                    let off: Vec<Exact> = row.keys().filter_map(|reviewer| leniency.get(reviewer).cloned()).collect();
                    &raw - &mean(&off)
                }
            };
            let used = used.clamp((*least).into(), (*most).into()).to_decimal().map_err(too_large)?;
            let reviews = u32::try_from(row.len()).unwrap_or(u32::MAX);
            out.averages.push(Average { criterion: criterion.to_owned(), number: (*number).to_owned(), reviews, raw, used });
        }
        out.leniency.extend(leniency.into_iter().map(|(reviewer, points)| Leniency {
            criterion: criterion.to_owned(),
            reviewer: reviewer.to_owned(),
            points,
        }));
    }
    Ok(out)
}

/// The mean; zero of none, which nothing here asks for.
fn mean(points: &[Exact]) -> Exact {
    let count = i64::try_from(points.len()).unwrap_or(i64::MAX);
    points.iter().sum::<Exact>().over(&Exact::whole(count)).unwrap_or(Exact::ZERO)
}

fn trimmed(mut points: Vec<Exact>) -> Exact {
    points.sort();
    let inner = points.len().checked_sub(1).and_then(|last| points.get(1..last)).filter(|inner| !inner.is_empty());
    mean(inner.unwrap_or(&points))
}

/// Each reviewer's leniency on one criterion.
fn leniency<'s>(sheet: &Sheet<'s>) -> BTreeMap<&'s str, Exact> {
    let mut all = BTreeMap::new();
    for group in groups(sheet) {
        let reviewers: Vec<&str> = group.into_iter().collect();
        let solved = solve(equations(sheet, &reviewers));
        all.extend(reviewers.into_iter().zip(solved));
    }
    all
}

/// The reviewers in groups that are linked by shared applications.
fn groups<'s>(sheet: &Sheet<'s>) -> Vec<BTreeSet<&'s str>> {
    let mut groups: Vec<BTreeSet<&str>> = Vec::new();
    for row in sheet.values() {
        let own: BTreeSet<&str> = row.keys().copied().collect();
        let (linked, apart): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| !group.is_disjoint(&own));
        groups = apart;
        groups.push(linked.into_iter().flatten().chain(own).collect());
    }
    groups
}

/// The normal equations of a group with the applications' own values eliminated: a row for each reviewer, the last column the right-hand
/// side. They leave one degree of freedom, which is spent in the last row: leniency, weighed by how much each has scored, sums to zero.
fn equations(sheet: &Sheet<'_>, reviewers: &[&str]) -> Vec<Vec<Exact>> {
    let size = reviewers.len();
    let mut rows = vec![vec![Exact::ZERO; size + 1]; size];
    let mut scored = vec![Exact::ZERO; size + 1];
    let mut add = |row: usize, column: usize, value: &Exact| {
        if let Some(cell) = rows.get_mut(row).and_then(|row| row.get_mut(column)) {
            *cell = &*cell + value;
        }
    };
    for row in sheet.values() {
        let own: Vec<(usize, &Exact)> =
            row.iter().filter_map(|(name, points)| Some((reviewers.iter().position(|other| other == name)?, points))).collect();
        if own.is_empty() {
            continue;
        }
        let part = Exact::ratio(1, i128::try_from(row.len()).unwrap_or(i128::MAX)).unwrap_or(Exact::ZERO);
        let middle = mean(&row.values().cloned().collect::<Vec<_>>());
        for (one, points) in &own {
            add(*one, *one, &Exact::ONE);
            add(*one, size, &(*points - &middle));
            if let Some(count) = scored.get_mut(*one) {
                *count = &*count + &Exact::ONE;
            }
            for (other, _) in &own {
                add(*one, *other, &-&part);
            }
        }
    }
    if let Some(last) = rows.last_mut() {
        *last = scored;
    }
    rows
}

/// Solves linear equations by elimination, exactly. They have one solution each time: the last row lifts the one freedom that a linked group
/// leaves.
fn solve(mut rows: Vec<Vec<Exact>>) -> Vec<Exact> {
    let size = rows.len();
    for column in 0..size {
        let found = (column..size).find(|row| cell(&rows, *row, column) != Exact::ZERO);
        let Some(pivot) = found else { continue };
        rows.swap(column, pivot);
        let Some(own) = rows.get(column).cloned() else { continue };
        let Some(lead) = own.get(column).cloned() else { continue };
        for (_, row) in rows.iter_mut().enumerate().filter(|(index, _)| *index != column) {
            let Some(times) = row.get(column).and_then(|value| value.over(&lead).ok()).filter(|times| *times != Exact::ZERO) else {
                continue;
            };
            for (value, pivot) in row.iter_mut().zip(&own).skip(column) {
                *value = &*value - &(&times * pivot);
            }
        }
    }
    (0..size).map(|index| cell(&rows, index, size).over(&cell(&rows, index, index)).unwrap_or(Exact::ZERO)).collect()
}

fn cell(rows: &[Vec<Exact>], row: usize, column: usize) -> Exact {
    rows.get(row).and_then(|row| row.get(column)).cloned().unwrap_or(Exact::ZERO)
}
