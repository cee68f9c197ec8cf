//! The order of a pool, and for each place the whole working: parts, caps, what was left out, and how a tie was broken.

use super::pool::{Pool, drawn};
use super::totals::Totals;
use super::{Candidate, Capped, LeftOut, Part, Place, Separation, TieNote, lot};
use crate::exact::Exact;
use crate::facts::Input;
use crate::ruleset::{Criterion, Source, TieStep};
use rust_decimal::Decimal;
use std::cmp::Ordering;

/// A pool in order.
#[derive(Clone, Debug)]
pub struct Standing<'a> {
    pool: &'a Pool<'a>,
    seed: &'a str,
    totals: Totals,
    order: Vec<usize>,
}

impl<'a> Standing<'a> {
    /// Puts a pool in order; `seed` decides the lots.
    #[must_use]
    pub fn of(pool: &'a Pool<'a>, seed: &'a str) -> Self {
        let totals = Totals::of(pool);
        let order = totals.order(pool, |a, b| by_ties(pool, seed, a, b));
        Self { pool, seed, totals, order }
    }

    /// The candidates, first place first.
    pub fn in_order(&self) -> impl Iterator<Item = &'a Candidate> {
        self.order.iter().filter_map(|index| self.pool.candidates.get(*index).copied())
    }

    /// The candidates' places in the pool, first place first.
    pub(crate) fn indices(&self) -> &[usize] {
        &self.order
    }

    /// Every place with its working.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        (0..self.order.len()).filter_map(|at| self.place(at)).collect()
    }

    /// One place with its working, counted from 0.
    #[must_use]
    pub fn place(&self, at: usize) -> Option<Place> {
        let own = *self.order.get(at)?;
        let candidate = *self.pool.candidates.get(own)?;
        let equal = |other: &usize| self.totals.compare(self.pool, own, *other).is_eq();
        let above = at.checked_sub(1).and_then(|above| self.order.get(above)).copied().filter(equal);
        let below = self.order.get(at + 1).copied().filter(equal);
        let tie = (above.is_some() || below.is_some()).then(|| TieNote {
            others: u32::try_from(self.sharing(own) - 1).unwrap_or(u32::MAX),
            after: above.and_then(|other| self.separation(own, other)),
            before: below.and_then(|other| self.separation(own, other)),
        });
        let weight = self.pool.counted_weight(own);
        let mut parts = Vec::with_capacity(self.pool.rules.criteria.len());
        let mut left_out = Vec::new();
        for (criterion, column) in self.pool.rules.criteria.iter().zip(&self.pool.columns) {
            match column.values.get(own)?.as_ref().zip(column.points(own)) {
                Some((value, points)) => parts.push(part(criterion, candidate, value, points, &self.pool.share(criterion, weight))?),
                None => left_out.push(LeftOut {
                    criterion: criterion.key.clone(),
                    name: criterion.name.clone(),
                    input: criterion.inputs().into_iter().find(|key| !candidate.inputs.contains_key(*key)).unwrap_or_default().to_owned(),
                }),
            }
        }
        Some(Place {
            place: u32::try_from(at + 1).unwrap_or(u32::MAX),
            candidate: candidate.id.clone(),
            number: candidate.number.clone(),
            points: self.pool.total(own),
            capped: capped(self.pool, &parts),
            parts,
            left_out,
            tie,
            lot: lot(self.seed, &candidate.number),
        })
    }

    /// How many share the points of a candidate, itself included. The list is in order, so they are found by halving.
    fn sharing(&self, own: usize) -> usize {
        let compare = |other: &usize| self.totals.compare(self.pool, *other, own);
        self.order.partition_point(|other| compare(other).is_ge()) - self.order.partition_point(|other| compare(other).is_gt())
    }

    fn separation(&self, own: usize, other: usize) -> Option<Separation> {
        let (step, _) = separate(self.pool, self.seed, own, other)?;
        let tie = self.pool.rules.ties.get(usize::try_from(step).ok()?.checked_sub(1)?)?;
        let shown = |index: usize| {
            let candidate = self.pool.candidates.get(index)?;
            Some(match tie {
                TieStep::Points(key) => points_on(self.pool, index, key).map_or_else(String::new, |points| points.shown()),
                TieStep::Higher(key) | TieStep::Lower(key) => {
                    value_of(candidate, key).map_or_else(String::new, |value| value.normalize().to_string())
                }
                TieStep::Lot => lot(self.seed, &candidate.number),
            })
        };
        let number = self.pool.candidates.get(other)?.number.clone();
        Some(Separation { number, step, how: self.pool.rules.plain_tie(tie), own: shown(own)?, other: shown(other)? })
    }
}

fn part(criterion: &Criterion, candidate: &Candidate, value: &Exact, points: Exact, share: &Exact) -> Option<Part> {
    let (input, counted, exact, drawn) = match &criterion.source {
        Source::Formula { formula } => {
            let drawn = drawn(formula, candidate);
            let rounded = value.to_decimal().unwrap_or_default();
            let synthetic = drawn.values().any(|input| input.synthetic);
            let source = format!("Computed: {}", formula.text());
            let input = Input { value: rounded, source, year: None, place: String::new(), synthetic };
            (input, rounded, Some(value.clone()), drawn)
        }
        Source::Fact { .. } | Source::Evidence { .. } | Source::Rubric { .. } => {
            let input = candidate.inputs.get(criterion.input_key())?.clone();
            let counted = criterion.counted(input.value);
            (input, counted, None, std::collections::BTreeMap::new())
        }
    };
    Some(Part {
        criterion: criterion.key.clone(),
        name: criterion.name.clone(),
        input,
        counted,
        product: &points * share,
        points,
        weight: criterion.weight,
        exact,
        drawn,
    })
}

fn capped(pool: &Pool<'_>, parts: &[Part]) -> Vec<Capped> {
    let over = pool.rules.groups.iter().filter_map(|group| {
        let members = parts.iter().filter(|part| group.criteria.contains(&part.criterion));
        let (sum, cap) = (members.map(|part| &part.product).sum::<Exact>(), Exact::from(group.cap));
        (sum > cap).then(|| Capped { group: group.key.clone(), name: group.name.clone(), sum, cap })
    });
    over.collect()
}

/// The first step of the chain at which two candidates differ, counted from 1, and which way. Whoever has a number goes before who has none.
fn separate(pool: &Pool<'_>, seed: &str, a: usize, b: usize) -> Option<(u32, Ordering)> {
    let (one, other) = (pool.candidates.get(a)?, pool.candidates.get(b)?);
    (1..).zip(&pool.rules.ties).find_map(|(step, tie)| {
        let order = match tie {
            TieStep::Points(key) => points_on(pool, b, key).cmp(&points_on(pool, a, key)),
            TieStep::Higher(key) => value_of(other, key).cmp(&value_of(one, key)),
            TieStep::Lower(key) => match (value_of(one, key), value_of(other, key)) {
                (Some(one), Some(other)) => one.cmp(&other),
                (one, other) => other.is_some().cmp(&one.is_some()),
            },
            TieStep::Lot => lot(seed, &one.number).cmp(&lot(seed, &other.number)),
        };
        order.is_ne().then_some((step, order))
    })
}

/// Who of two goes first by the chain alone.
pub(crate) fn by_ties(pool: &Pool<'_>, seed: &str, a: usize, b: usize) -> Ordering {
    separate(pool, seed, a, b).map_or(Ordering::Equal, |(_, order)| order)
}

fn points_on(pool: &Pool<'_>, candidate: usize, key: &str) -> Option<Exact> {
    let criterion = pool.rules.criteria.iter().position(|criterion| criterion.key == key)?;
    pool.columns.get(criterion)?.points(candidate)
}

fn value_of(candidate: &Candidate, key: &str) -> Option<Decimal> {
    candidate.inputs.get(key).map(|input| input.value)
}
