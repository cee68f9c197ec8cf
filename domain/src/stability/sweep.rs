//! The order of a pool while one weight goes from where it is to an end: it changes only where neighbors meet, and at a meeting itself the
//! tie-breaks decide. Every order on the way is shown once, in turn.

use super::Unsteady;
use super::curves::{Curves, Height, Points, Way};
use super::spot::Spot;
use crate::exact::Exact;
use crate::ranking::{Pool, by_ties};
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::ops::{ControlFlow, Range};

/// An order on the way.
pub(super) struct Seen<'s> {
    /// The pool's candidates by their places in it, most points first.
    pub order: &'s [usize],
    /// The places, from 0, that may be another's than in the order before.
    pub changed: &'s [Range<usize>],
    /// Where: at this spot alone, or from it on.
    pub spot: &'s Spot,
    /// Whether only at the spot.
    pub only_there: bool,
}

/// How much may be looked at before a page has waited too long: a second or two.
pub(super) struct Effort(u32);

impl Effort {
    /// Of one answer.
    pub const fn new() -> Self {
        Self(4_000_000)
    }

    fn spend(&mut self, cost: u32) -> Result<(), Unsteady> {
        self.0 = self.0.checked_sub(cost).ok_or(Unsteady::Long)?;
        Ok(())
    }
}

/// Two neighbors who meet.
#[derive(PartialEq, Eq)]
struct Meeting {
    at: Spot,
    ahead: usize,
    behind: usize,
}

impl Ord for Meeting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.at.cmp(&other.at).then_with(|| (self.ahead, self.behind).cmp(&(other.ahead, other.behind)))
    }
}

impl PartialOrd for Meeting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

struct Sweep<'a, 's> {
    pool: &'a Pool<'a>,
    seed: &'s str,
    curves: Curves,
    order: Vec<usize>,
    places: Vec<usize>,
    meetings: BinaryHeap<Reverse<Meeting>>,
}

/// How far a sweep goes, as a share of the whole counted from where the way begins.
pub(super) enum Until {
    /// Up to it, itself left out.
    Before(Exact),
    /// Up to it, itself included.
    With(Exact),
}

/// Goes from a share of the whole, counted from where the way begins, and shows each order in turn: that at the first spot, the one just beyond
/// it, and two more for each meeting. Stops where it is told to.
///
/// # Errors
/// [`Unsteady::Long`] when the effort is spent.
pub(super) fn sweep(
    points: &Points<'_>,
    seed: &str,
    (criterion, way): (usize, Way),
    from: &Exact,
    until: &Until,
    effort: &mut Effort,
    mut seen: impl FnMut(Seen<'_>) -> ControlFlow<()>,
) -> Result<(), Unsteady> {
    let (Until::Before(last) | Until::With(last)) = until;
    let end = Spot::of(last.clone());
    let curves = Curves::of(points, criterion, way);
    let cost = curves.cost();
    // Putting ten in order costs about as much as one more order.
    effort.spend(cost.saturating_mul(u32::try_from(points.pool.candidates().len() / 10).unwrap_or(u32::MAX)))?;
    let (mut sweep, everybody) = Sweep::at(points.pool, seed, curves, from);
    let mut next = Some((Spot::of(from.clone()), everybody));
    while let Some((spot, runs)) = next {
        if spot > end || spot == end && matches!(until, Until::Before(_)) {
            return Ok(());
        }
        for only_there in [true, false] {
            if spot == end && !only_there {
                return Ok(());
            }
            effort.spend(cost)?;
            sweep.arrange(&runs, &spot, only_there);
            if seen(Seen { order: &sweep.order, changed: &runs, spot: &spot, only_there }).is_break() {
                return Ok(());
            }
        }
        let mut done = 0;
        for run in &runs {
            let with_neighbors = run.start.saturating_sub(1).max(done)..(run.end + 1).min(sweep.order.len());
            done = with_neighbors.end.saturating_sub(1);
            sweep.expect(&with_neighbors, &spot);
        }
        next = sweep.next();
    }
    Ok(())
}

impl<'a, 's> Sweep<'a, 's> {
    /// Everybody by their sums at a spot, and the runs of equal ones, also of one alone.
    fn at(pool: &'a Pool<'a>, seed: &'s str, curves: Curves, from: &Exact) -> (Self, Vec<Range<usize>>) {
        let mut keyed: Vec<(Reverse<Height>, usize)> =
            (0..pool.candidates().len()).map(|one| (Reverse(curves.height(one, from)), one)).collect();
        keyed.sort();
        let mut runs: Vec<Range<usize>> = Vec::new();
        for equal in keyed.chunk_by(|a, b| a.0 == b.0) {
            let first = runs.last().map_or(0, |run| run.end);
            runs.push(first..first + equal.len());
        }
        let order: Vec<usize> = keyed.into_iter().map(|(_, one)| one).collect();
        (Self { pool, seed, curves, places: vec![0; order.len()], order, meetings: BinaryHeap::new() }, runs)
    }

    /// Puts those who meet in order: at the spot by the tie-breaks, beyond it by their sums.
    fn arrange(&mut self, runs: &[Range<usize>], spot: &Spot, only_there: bool) {
        let Self { pool, seed, curves, order, places, .. } = self;
        for run in runs {
            let Some(some) = order.get_mut(run.clone()) else { continue };
            some.sort_by(|a, b| {
                let sums = if only_there { Ordering::Equal } else { curves.beyond(*a, *b, spot) };
                sums.then_with(|| by_ties(pool, seed, *a, *b))
            });
            for (place, one) in run.clone().zip(some) {
                if let Some(known) = places.get_mut(*one) {
                    *known = place;
                }
            }
        }
    }

    /// Notes where neighbors among these places meet next.
    fn expect(&mut self, among: &Range<usize>, now: &Spot) {
        let Some(some) = self.order.get(among.clone()) else { return };
        for (ahead, behind) in some.iter().zip(some.iter().skip(1)) {
            if let Some(at) = self.curves.next_meeting(*ahead, *behind, now) {
                self.meetings.push(Reverse(Meeting { at, ahead: *ahead, behind: *behind }));
            }
        }
    }

    /// The next spot where neighbors meet, and the runs of places of those who do.
    fn next(&mut self) -> Option<(Spot, Vec<Range<usize>>)> {
        loop {
            let Reverse(first) = self.meetings.pop()?;
            let spot = first.at.clone();
            let mut met: Vec<usize> = self.pair(&first).into_iter().collect();
            while self.meetings.peek().is_some_and(|next| next.0.at == spot) {
                let next = self.meetings.pop().and_then(|Reverse(next)| self.pair(&next));
                met.extend(next);
            }
            met.sort_unstable();
            let runs = self.runs(&met, &spot);
            if !runs.is_empty() {
                return Some((spot, runs));
            }
        }
    }

    /// The runs of places whose holders are equal at a spot, around neighbors who meet there. Some of them may be equal before and after it,
    /// and so not have met.
    fn runs(&self, met: &[usize], spot: &Spot) -> Vec<Range<usize>> {
        let equal = |place: usize| {
            let pair = self.order.get(place).zip(self.order.get(place + 1));
            pair.is_some_and(|(ahead, behind)| self.curves.meet_at(*ahead, *behind, spot))
        };
        let mut runs: Vec<Range<usize>> = Vec::new();
        for at in met {
            if runs.last().is_some_and(|run| run.contains(at)) {
                continue;
            }
            let (mut first, mut last) = (*at, at + 1);
            while first > 0 && equal(first - 1) {
                first -= 1;
            }
            while equal(last) {
                last += 1;
            }
            runs.push(first..last + 1);
        }
        runs
    }

    /// The place of the first of two, if they are neighbors still.
    fn pair(&self, meeting: &Meeting) -> Option<usize> {
        let place = *self.places.get(meeting.ahead)?;
        (self.order.get(place + 1) == Some(&meeting.behind)).then_some(place)
    }
}
