//! Where money does not end at one place, since requests are passed over, several pots pay or points are weighed: the place or the sum of points at
//! which an applicant's own award would be another, and the smallest changes that would have brought it there. Each was tried: ranked and laid
//! out again.

use super::by_points::{Award, MOST_BY_POINTS, is_smallest};
use super::{Asked, Change, Of, smallest_changes, with_input, with_weight};
use crate::allocation::{AllocationRule, Method};
use crate::exact::Exact;
use crate::ranking::{Candidate, Pool, RankingProblem, Standing};
use crate::ruleset::RuleSet;
use crate::stability::{Laying, Walk};
use serde::Serialize;

/// The nearest place or sum of points at which an applicant's award would be another, all others as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// Units granted as it is.
    pub now: i64,
    /// Units granted there: more; fewer where the applicant has all that it asks for, or could not have more.
    pub then: i64,
    /// Where.
    pub at: At,
}

/// Where an award turns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// Where money goes down the list: the place.
    Place(u32),
    /// Where points are weighed: the sum, to a ten-thousandth of a point, and the applicant's own.
    Points {
        /// The sum.
        sum: Exact,
        /// What it has.
        own: Exact,
    },
}

/// What an award is, and which way it is to turn.
#[derive(Clone, Copy)]
pub(super) struct Way {
    /// Units as it is.
    pub now: i64,
    /// Whether it is to become larger.
    pub gains: bool,
}

impl Way {
    /// Whether an award of so many units has turned.
    pub const fn turned(self, units: i64) -> bool {
        if self.gains { units > self.now } else { units < self.now }
    }
}

impl Turn {
    const fn way(&self) -> Way {
        Way { now: self.now, gains: self.gains() }
    }

    /// Of what is granted at each place, first place first, to one who stands at `at`.
    fn of(offers: &[i64], at: usize, asks: i64) -> Option<Self> {
        let now = *offers.get(at)?;
        let turn = |(at, then): (usize, &i64)| Some(Self { now, then: *then, at: At::Place(u32::try_from(at + 1).ok()?) });
        let better = || offers.iter().enumerate().take(at).rev().find(|(_, then)| **then > now).and_then(turn);
        let worse = || offers.iter().enumerate().skip(at + 1).find(|(_, then)| **then < now).and_then(turn);
        if now < asks { better().or_else(worse) } else { worse().or_else(better) }
    }

    /// Whether the award there is larger.
    #[must_use]
    pub const fn gains(&self) -> bool {
        self.then > self.now
    }

    /// What an applicant reads of it; `units` is what the units are called, with a space before, or nothing.
    #[must_use]
    pub fn plain(&self, units: &str) -> String {
        let Self { now, then, at } = self;
        match at {
            At::Place(place) => {
                let way = if self.gains() { "up" } else { "down" };
                format!("With the others in their order, it would have got {then}{units} instead of {now} from place {place} {way}.")
            }
            At::Points { sum, own } => {
                let way = if self.gains() { "more" } else { "fewer" };
                let own = own.shown();
                if *sum == Exact::ZERO && !self.gains() {
                    return format!(
                        "With the others as they are, it would have got {then}{units} instead of {now} only without any points; it has {own}."
                    );
                }
                let sum = sum.shown();
                format!(
                    "With the others as they are, it would have got {then}{units} instead of {now} from {sum} points and {way}; it has {own}."
                )
            }
        }
    }
}

/// Whether it is told where awards turn: of money that goes down the list, and of points that are weighed among not too many; what an act names
/// turns by nothing.
#[must_use]
pub fn turns_are_told(rule: &AllocationRule, applicants: usize) -> bool {
    rule.goes_down() || (rule.method != Method::Named && applicants <= MOST_BY_POINTS)
}

/// What one reads whose award nothing of the kind turns.
#[must_use]
pub fn same_anyway(rule: &AllocationRule) -> &'static str {
    if rule.goes_down() {
        "At any place in this list, the others in their order, it would have got the same."
    } else if is_smallest(rule) {
        "With the others as they are, no sum of points of its own would have brought it another award."
    } else {
        "With the others as they are, neither the most points nor none would have brought it another award."
    }
}

/// Where an applicant's award turns, and the smallest changes that would have turned it, as of [`smallest_changes`]. Nothing where the applicant
/// is not ranked or asks for nothing, or would get the same at any place or with any points, or it is not told ([`turns_are_told`]).
///
/// # Errors
/// As [`crate::ranking::rank`].
pub fn award_changes(
    rules: &RuleSet,
    candidates: &[Candidate],
    seed: &str,
    id: &str,
    laying: &Laying<'_>,
) -> Result<Option<(Turn, Vec<Change>)>, Vec<RankingProblem>> {
    let pool = Pool::gather(rules, candidates)?;
    if !turns_are_told(laying.rule, candidates.len()) {
        return Ok(None);
    }
    if !laying.rule.goes_down() {
        return Ok(by_points(&pool, rules, candidates, seed, id, laying));
    }
    let Some(turn) = turn(&pool, seed, id, laying) else { return Ok(None) };
    let At::Place(place) = turn.at else { return Ok(None) };
    // The lowest place on the better side.
    let line = if turn.gains() { place } else { place - 1 };
    let mut changes = smallest_changes(rules, candidates, seed, id, line)?;
    // Others may move as well, and more of a place is not always more of an award.
    changes.retain(|change| {
        let then = match &change.of {
            Of::Input { key, .. } => {
                with_input(candidates, id, key, change.to).and_then(|changed| units(rules, &changed, seed, id, laying))
            }
            Of::Weight => u32::try_from(change.to)
                .ok()
                .and_then(|weight| with_weight(rules, &change.criterion, weight))
                .and_then(|changed| units(&changed, candidates, seed, id, laying)),
        };
        then.is_some_and(|then| turn.way().turned(then))
    });
    Ok(Some((turn, changes)))
}

fn by_points(
    pool: &Pool<'_>,
    rules: &RuleSet,
    candidates: &[Candidate],
    seed: &str,
    id: &str,
    laying: &Laying<'_>,
) -> Option<(Turn, Vec<Change>)> {
    let own = pool.candidates().iter().position(|candidate| candidate.id == id)?;
    let (award, turn) = Award::of(pool, seed, own, laying)?;
    let standing = Standing::of(pool, seed);
    let asked = Asked { rules, candidates, seed, line: 0, pool, order: standing.indices(), award: Some(award) };
    Some((turn, asked.changes(own)))
}

fn turn(pool: &Pool<'_>, seed: &str, id: &str, laying: &Laying<'_>) -> Option<Turn> {
    let own = pool.candidates().iter().position(|candidate| candidate.id == id)?;
    let standing = Standing::of(pool, seed);
    let at = standing.indices().iter().position(|one| *one == own)?;
    let walk = Walk::of(pool, laying);
    let asks = walk.asks(own)?.units_requested;
    let others = standing.indices().iter().copied().filter(|one| *one != own);
    Turn::of(&walk.offers(others, own), at, asks)
}

fn units(rules: &RuleSet, candidates: &[Candidate], seed: &str, id: &str, laying: &Laying<'_>) -> Option<i64> {
    let pool = Pool::gather_weighing_anything(rules, candidates).ok()?;
    let own = pool.candidates().iter().position(|candidate| candidate.id == id)?;
    Walk::of(&pool, laying).units(Standing::of(&pool, seed).indices()).get(own).copied()
}
