//! Whose award hangs on the presence of somebody who gets nothing.

use crate::ranking::{Pool, Standing};
use serde::Serialize;
use std::collections::BTreeSet;

/// What would change if one applicant below the line withdrew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reversal {
    /// The id of the applicant below the line.
    pub withdrawn: String,
    /// The ids of those who would come above the line, by place.
    pub rises: Vec<String>,
    /// The ids of those who would fall below it, by place.
    pub falls: Vec<String>,
}

/// Each applicant below the line whose withdrawal would change who stands above it, in the order of the places. Only scales that compare
/// applicants (percentile and z-score) make that possible; without them nothing is computed. With them the pool is ranked once for each
/// applicant below the line: a second for a thousand applicants, minutes for ten thousand.
#[must_use]
pub fn reversals(pool: &Pool<'_>, seed: &str, line: u32) -> Vec<Reversal> {
    if !pool.rules().criteria.iter().any(|criterion| criterion.scale.needs_spread()) {
        return Vec::new();
    }
    let standing = Standing::of(pool, seed);
    let ids: Vec<&str> = standing.in_order().map(|candidate| candidate.id.as_str()).collect();
    let line = usize::try_from(line).unwrap_or(usize::MAX).min(ids.len());
    let (above, _) = ids.split_at(line);
    let funded: BTreeSet<&str> = above.iter().copied().collect();
    let reversal = |index: &usize| {
        let withdrawn = pool.candidates().get(*index)?.id.clone();
        let left = pool.without(*index)?;
        let then: Vec<&str> = Standing::of(&left, seed).in_order().take(line).map(|candidate| candidate.id.as_str()).collect();
        let still: BTreeSet<&str> = then.iter().copied().collect();
        let owned = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let rises = owned(then.into_iter().filter(|id| !funded.contains(id)).collect());
        let falls = owned(above.iter().copied().filter(|id| !still.contains(id)).collect());
        (!rises.is_empty()).then_some(Reversal { withdrawn, rises, falls })
    };
    standing.indices().iter().skip(line).filter_map(reversal).collect()
}
