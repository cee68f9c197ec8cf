//! The smallest changes of everybody at once. What [`super::smallest_changes`] finds by ranking again after each change is computed here from
//! where an applicant's points meet those of the one at the line; a change that moves others as well is still tried one by one.

use super::{Asked, Change, MOST_WEIGHT, Of};
use crate::ranking::{Candidate, Columns, Pool, RankingProblem, Standing};
use crate::ruleset::{Criterion, RuleSet};
use rust_decimal::Decimal;

mod input;
mod weight;

/// What an applicant is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The applicant's id.
    pub candidate: String,
    /// The place as it is.
    pub place: u32,
    /// As of [`super::smallest_changes`].
    pub changes: Vec<Change>,
}

/// As [`super::smallest_changes`], for every applicant that is ranked, in the order of the places.
///
/// # Errors
/// As [`crate::ranking::rank`].
pub fn everybodys_changes(rules: &RuleSet, candidates: &[Candidate], seed: &str, line: u32) -> Result<Vec<Told>, Vec<RankingProblem>> {
    let pool = Pool::gather(rules, candidates)?;
    let field = Field::of(&pool, seed, line);
    let mut told: Vec<Told> = Vec::with_capacity(field.order.len());
    for (at, index) in field.order.iter().enumerate() {
        let Some(candidate) = pool.candidates().get(*index) else { continue };
        told.push(Told { candidate: candidate.id.clone(), place: place(at), changes: Vec::new() });
    }
    let asked = Asked { rules, candidates, seed, line, pool: &pool, order: &field.order, award: None };
    let numbers: Vec<usize> = (0..rules.criteria.len()).collect();
    let ways = crate::parallel::map(&numbers, |number| {
        let Some(criterion) = rules.criteria.get(*number) else { return Vec::new() };
        let weights = weight::changes(&field, *number, criterion);
        let curve = input::Curve::of(&field, *number, criterion);
        let mut ways = Vec::new();
        for (at, own) in field.order.iter().enumerate() {
            let change = |of: Of, from: Decimal, to: Decimal, place: u32| {
                let (criterion, name) = (criterion.key.clone(), criterion.name.clone());
                (at, Change { criterion, name, of, from: from.normalize(), to: to.normalize(), place })
            };
            if let Some(curve) = &curve {
                let of = || Of::Input { key: criterion.input_key().to_owned(), within: Vec::new() };
                ways.extend(curve.change(&field, at).map(|(from, to, place)| change(of(), from, to, place)));
            } else {
                let keys = asked.inputs_of(*number).into_iter();
                ways.extend(keys.filter_map(|key| asked.input(*own, *number, key)).map(|tried| (at, tried)));
            }
            let weight = i64::from(criterion.weight);
            let found = weights.get(*own).copied().flatten();
            ways.extend(found.map(|(by, place)| change(Of::Weight, weight.into(), (weight + by).into(), place)));
        }
        ways
    });
    let ties = asked.only_ties().into_iter().flat_map(|key| {
        let asked = &asked;
        field.order.iter().enumerate().filter_map(move |(at, own)| Some((at, asked.tie_break(*own, key)?)))
    });
    for (at, change) in ways.into_iter().flatten().chain(ties) {
        if let Some(told) = told.get_mut(at) {
            told.changes.push(change);
        }
    }
    Ok(told)
}

fn place(at: usize) -> u32 {
    u32::try_from(at + 1).unwrap_or(u32::MAX)
}

/// A pool in order, with everybody's sum in whole numbers.
struct Field<'a> {
    pool: &'a Pool<'a>,
    seed: &'a str,
    /// How many places have money.
    line: usize,
    /// The candidates, first place first.
    order: Vec<usize>,
    columns: Columns,
    /// Everybody's sum, 10,000 times.
    sums: Vec<i64>,
    /// The same by place.
    ordered: Vec<i64>,
    /// How far from the truth any sum may be; zero when all are exact.
    error: i64,
}

impl<'a> Field<'a> {
    fn of(pool: &'a Pool<'a>, seed: &'a str, line: u32) -> Self {
        // Sums with one weight up to its most, and room for the difference of two.
        let columns = Columns::of(pool, 4 * i128::from(MOST_WEIGHT));
        let mut sums = vec![0_i64; pool.candidates().len()];
        let mut error = 0_i64;
        for (criterion, (points, off)) in pool.rules().criteria.iter().zip(columns.points.iter().zip(&columns.errors)) {
            let weight = weight_of(criterion);
            sums.iter_mut().zip(points).for_each(|(sum, points)| *sum += weight * points);
            error = error.saturating_add(off.saturating_mul(weight));
        }
        let order = Standing::of(pool, seed).indices().to_vec();
        let ordered = order.iter().filter_map(|index| sums.get(*index).copied()).collect();
        Self { pool, seed, line: usize::try_from(line).unwrap_or(usize::MAX), order, columns, sums, ordered, error }
    }

    fn is_above(&self, at: usize) -> bool {
        at < self.line
    }
}

/// A criterion's weight in basis points; a bonus counts whole.
fn weight_of(criterion: &Criterion) -> i64 {
    if criterion.bonus { 10_000 } else { criterion.weight.into() }
}
