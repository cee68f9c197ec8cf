//! What other numbers would change before a ranking is frozen: whose points, on which criterion, and whose place.

use super::pool::known_points;
use super::{Candidate, Pool, Standing};
use crate::exact::Exact;
use crate::ruleset::RuleSet;
use std::collections::BTreeMap;
use std::fmt;

/// One applicant whose points other numbers change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The public application number.
    pub number: String,
    /// The criteria whose points change, in the rules' order.
    pub criteria: Vec<CriterionShift>,
    /// Sum and place before and after; `None` while something else is missing that the ranking needs.
    pub standing: Option<((Exact, u32), (Exact, u32))>,
}

/// What one criterion gives before and after; `None` where its number is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CriterionShift {
    /// The criterion's name.
    pub name: String,
    /// The points before, on the criterion's own scale.
    pub before: Option<Exact>,
    /// The points after.
    pub after: Option<Exact>,
}

impl fmt::Display for Shift {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |points: &Option<Exact>| points.as_ref().map_or_else(|| "no points yet".to_owned(), Exact::to_string);
        let parts: Vec<String> =
            self.criteria.iter().map(|one| format!("{} {} → {}", one.name, told(&one.before), told(&one.after))).collect();
        write!(out, "{}: {}", self.number, parts.join("; "))?;
        match &self.standing {
            Some(((before, from), (after, to))) => write!(out, "; in all {before} → {after} points, place {from} → {to}"),
            None => Ok(()),
        }
    }
}

/// Compares the same applicants with the numbers before and after. Rubrics that nobody has scored yet don't stand in the way: each criterion
/// is compared for itself. Sorted by number.
#[must_use]
pub fn shifts(rules: &RuleSet, seed: &str, before: &[Candidate], after: &[Candidate]) -> Vec<Shift> {
    let (mut was, is) = (known_points(rules, before), known_points(rules, after));
    let standings = standings(rules, seed, before).zip(standings(rules, seed, after));
    let mut shifts = Vec::new();
    for (number, points) in is {
        let old = was.remove(number).unwrap_or_else(|| vec![None; rules.criteria.len()]);
        let pairs = rules.criteria.iter().zip(old.into_iter().zip(points)).filter(|(_, (before, after))| before != after);
        let criteria: Vec<_> =
            pairs.map(|(criterion, (before, after))| CriterionShift { name: criterion.name.clone(), before, after }).collect();
        if criteria.is_empty() {
            continue;
        }
        let standing = standings.as_ref().and_then(|(was, is)| Some((was.get(number)?.clone(), is.get(number)?.clone())));
        shifts.push(Shift { number: number.to_owned(), criteria, standing });
    }
    shifts
}

/// Sum and place by number, where the ranking has all it needs.
fn standings(rules: &RuleSet, seed: &str, candidates: &[Candidate]) -> Option<BTreeMap<String, (Exact, u32)>> {
    let pool = Pool::gather(rules, candidates).ok()?;
    Some(Standing::of(&pool, seed).places().into_iter().map(|place| (place.number, (place.points, place.place))).collect())
}
