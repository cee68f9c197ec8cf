//! The first step of a weight at which the set of awards with the most points holds another award of an applicant.
//!
//! While one weight moves, the sums follow straight lines, and so do the points of every set of awards. An award has turned where the best of
//! the sets that turn it has more points than the best of those that do not. The points of the best of a kind bend upwards only: between two
//! weights they lie below the straight line through both ends, and above that of each set which is the best at an end. So stretches of weights
//! on which the award surely stays are passed over at once, and the others are cut in two, the nearest first.

use crate::optimal::{Candidate, Effort, LIMIT, Problem, Proof, solve};
use crate::stability::Sets;
use std::mem::swap;

/// So often a best set is sought for one weight.
const MOST_SOLVED: u32 = 400;
/// So many steps on which both kinds of sets have as many points are looked at one by one.
const FEW: u64 = 8;
/// So hard each time.
const EFFORT: Effort = Effort { steps: 1_000_000, room: 20_000 };

/// Points over the steps of a weight: at none, and what each step adds.
type Line = (i128, i128);

fn at(line: Line, step: i64) -> i128 {
    line.0 + line.1 * i128::from(step)
}

/// The best sets at a step: of those that turn the award the points, and of those that do not the line of points.
#[derive(Clone, Copy)]
struct There {
    step: i64,
    turned: i128,
    stays: Line,
}

impl There {
    /// By how many points the sets that turn the award are ahead.
    fn ahead(&self) -> i128 {
        self.turned - at(self.stays, self.step)
    }
}

/// The best sets while one weight moves.
pub(super) struct Moving<'a, 's> {
    sets: &'s Sets<'a>,
    problem: Problem,
    /// What a unit of each of the problem's candidates counts.
    lines: Vec<Line>,
    /// Whose award is to turn, among the candidates.
    own: usize,
    /// The awards of it that are no turn, while the problem holds those that are; or the other way round.
    other: Candidate,
    /// Steps beyond this give numbers too large to be added up.
    last: i64,
    left: u32,
}

/// The search found nothing and can't say that there is nothing.
pub(super) struct GivenUp;

impl<'a, 's> Moving<'a, 's> {
    /// `lines` are everybody's sum at a step, in any parts of a point, by the pool's candidates; `turned` says which units turn the award of
    /// `own`, one of the pool. `None` where numbers are too large, or no award of it can be another.
    pub fn of(sets: &'s Sets<'a>, lines: &[Line], own: usize, turned: impl Fn(i64) -> bool) -> Option<Self> {
        let (mut problem, rows) = sets.problem()?;
        let own = rows.iter().position(|row| *row == own)?;
        let lines: Vec<Line> = rows.iter().map(|row| lines.get(*row).copied()).collect::<Option<_>>()?;
        let candidate = problem.candidates.get_mut(own)?;
        let only = |turns: bool| {
            let options = candidate.options.iter().filter(|option| turned(option.units) == turns).copied().collect();
            Candidate { options, must: candidate.must || turned(0) != turns, ..candidate.clone() }
        };
        let other = only(false);
        *candidate = only(true);
        if candidate.must && candidate.options.is_empty() {
            return None;
        }
        let mut whole = (0_i128, 0_i128);
        for (line, candidate) in lines.iter().zip(&problem.candidates) {
            let most = candidate.options.iter().chain(&other.options).map(|option| sets.counts(option.units)).max().unwrap_or(0);
            whole.0 = whole.0.checked_add(line.0.checked_abs()?.checked_mul(most.into())?)?;
            whole.1 = whole.1.checked_add(line.1.checked_abs()?.checked_mul(most.into())?)?;
        }
        let room = i128::from(LIMIT - 1).checked_sub(whole.0).filter(|room| *room >= 0)?;
        let last = i64::try_from(room / whole.1.max(1)).unwrap_or(i64::MAX);
        Some(Self { sets, problem, lines, own, other, last, left: MOST_SOLVED })
    }

    /// The first step after none, up to `most`, at which the award has turned; `way` is 1 or -1, the sign of the steps. Where both kinds of sets
    /// have as many points, `is_turned` lays out.
    pub fn first(&mut self, way: i64, most: i64, is_turned: &dyn Fn(i64) -> bool) -> Result<Option<i64>, GivenUp> {
        let last = most.min(self.last);
        if last < 1 {
            return if most < 1 { Ok(None) } else { Err(GivenUp) };
        }
        let (start, end) = (self.there(0)?, self.there(way * last)?);
        let found = self.between(start, end, is_turned)?;
        if found.is_none() && last < most { Err(GivenUp) } else { Ok(found) }
    }

    /// The first step after `near`, up to `far`.
    fn between(&mut self, near: There, far: There, is_turned: &dyn Fn(i64) -> bool) -> Result<Option<i64>, GivenUp> {
        if near.step.abs_diff(far.step) == 1 {
            let ahead = far.ahead();
            return Ok((ahead > 0 || ahead == 0 && is_turned(far.step)).then_some(far.step));
        }
        if stays(&near, &far) {
            return Ok(None);
        }
        // Whichever set is found first gets the money.
        let is_one_line = at(near.stays, far.step) == at(far.stays, far.step);
        if near.ahead() == 0 && far.ahead() == 0 && is_one_line && near.step.abs_diff(far.step) > FEW {
            return Err(GivenUp);
        }
        let middle = self.there(middle(near.step, far.step))?;
        if let Some(found) = self.between(near, middle, is_turned)? {
            return Ok(Some(found));
        }
        self.between(middle, far, is_turned)
    }

    fn there(&mut self, step: i64) -> Result<There, GivenUp> {
        let turned = self.best(step)?;
        self.change_kind();
        let stays = self.best(step);
        self.change_kind();
        Ok(There { step, turned: at(turned, step), stays: stays? })
    }

    fn change_kind(&mut self) {
        if let Some(own) = self.problem.candidates.get_mut(self.own) {
            swap(own, &mut self.other);
        }
    }

    /// The line of the best set at a step.
    fn best(&mut self, step: i64) -> Result<Line, GivenUp> {
        self.left = self.left.checked_sub(1).ok_or(GivenUp)?;
        for (candidate, line) in self.problem.candidates.iter_mut().zip(&self.lines) {
            let value = at(*line, step);
            for option in &mut candidate.options {
                option.value = i64::try_from(value * i128::from(self.sets.counts(option.units))).map_err(|_| GivenUp)?;
            }
        }
        let solution = solve(&self.problem, EFFORT).ok().filter(|solution| solution.proof == Proof::Optimal).ok_or(GivenUp)?;
        let mut sum = (0, 0);
        for ((candidate, line), chosen) in self.problem.candidates.iter().zip(&self.lines).zip(&solution.chosen) {
            let option = chosen.and_then(|chosen| candidate.options.get(chosen));
            let counts = option.map_or(0, |option| i128::from(self.sets.counts(option.units)));
            sum = (sum.0 + line.0 * counts, sum.1 + line.1 * counts);
        }
        Ok(sum)
    }
}

/// A step between two that are further apart than one: where stretches reach far, nearer to the nearer end.
fn middle(near: i64, far: i64) -> i64 {
    let way = (far - near).signum();
    let (near, far) = (near.abs(), far.abs());
    way * near.max(1).saturating_mul(far).isqrt().clamp(near + 1, far - 1)
}

/// Whether the award surely stays between two steps: there the sets that turn it have fewer points than the line through both ends, and the
/// others at least as many as the best of the ends. The one less the other is largest at an end, or next to where the lines of both ends meet.
fn stays(near: &There, far: &There) -> bool {
    let way = (far.step - near.step).signum();
    let length = i128::from(far.step.abs_diff(near.step));
    let behind = |by: i128| {
        let turned = near.turned.checked_mul(length - by)?.checked_add(far.turned.checked_mul(by)?)?;
        let step = near.step + way * i64::try_from(by).ok()?;
        Some(turned < at(near.stays, step).max(at(far.stays, step)).checked_mul(length)?)
    };
    // Where they meet: from there on the far one has more points.
    let (lead, gain) = (at(near.stays, near.step) - at(far.stays, near.step), i128::from(way) * (far.stays.1 - near.stays.1));
    let meet = if gain > 0 { (lead / gain).clamp(0, length - 1) } else { 0 };
    [0, meet, meet + 1, length].into_iter().all(|by| behind(by).unwrap_or(false))
}
