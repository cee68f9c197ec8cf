//! The smallest change of one weight, the others as they are, that takes each applicant across the line. Sums are straight lines over the
//! weight. The weights are halved again and again; in each part, whoever is above or below the line throughout is told apart by both ends
//! and left out of its halves, so that few are left where it matters.

use super::{Field, MOST_WEIGHT, place};
use crate::exact::Exact;
use crate::ranking::by_ties;
use crate::ruleset::Criterion;
use std::cmp::{Ordering, Reverse};

/// So many steps are looked at first, and each stretch is so many times as long as all before.
const FIRST_STRETCH: i64 = 4_096;
const LONGER: i64 = 16;
/// So few are followed from one change to the next rather than by halving.
const FEW: usize = 8;

/// A change in basis points and the place that comes of it.
pub(super) type Found = Option<(i64, u32)>;

/// For each of the pool, the change of the weight of a criterion.
pub(super) fn changes(field: &Field<'_>, criterion: usize, own: &Criterion) -> Vec<Found> {
    let count = field.order.len();
    let mut found: Vec<Found> = vec![None; count];
    if own.bonus || !field.pool.is_even() || field.line == 0 || field.line >= count {
        return found;
    }
    let weight = i64::from(own.weight);
    for (up, most) in [(false, weight), (true, MOST_WEIGHT - weight)] {
        let mut sweep = Sweep { field, criterion, up, above: vec![false; count], found: vec![None; count], gates: Vec::new() };
        field.order.iter().take(field.line).for_each(|index| sweep.mark(*index));
        // Near the weights as they are most is decided, and a short stretch leaves few to look at again.
        let (mut from, mut to) = (1, FIRST_STRETCH);
        while from <= most {
            sweep.part(from, to.min(most), &field.order, 0);
            (from, to) = (to + 1, to.saturating_mul(LONGER));
        }
        for (best, other) in found.iter_mut().zip(sweep.found) {
            // Down goes first, as it is taken of two equally small.
            let smaller = other.is_some_and(|(by, _)| best.is_none_or(|(before, _)| by.abs() < before.abs()));
            if smaller {
                *best = other;
            }
        }
    }
    found
}

/// A sweep of one weight in one direction.
struct Sweep<'a> {
    field: &'a Field<'a>,
    criterion: usize,
    up: bool,
    /// Who is above the line at the weights as they are.
    above: Vec<bool>,
    found: Vec<Found>,
    /// Of the part that is looked at and of those that it is a part of: whom they left out.
    gates: Vec<Gate>,
}

/// Whom a part leaves out, and how near to the line they are, against the straight line by which it looks at spans.
struct Gate {
    /// Two points of that line: a step and a sum.
    first: (i64, i64),
    last: (i64, i64),
    /// Who is above throughout, and the least that one of them has more than it.
    above: (Vec<usize>, i64),
    /// Who is below throughout, and the most that one of them has more than it.
    below: (Vec<usize>, i64),
    /// How far sums may be off.
    blur: i64,
}

impl Gate {
    /// Whether one with this sum, which is on this side, is nearer to the line than everybody who was left out on that side.
    fn passes(&self, above: bool, sum: i64, step: i64) -> bool {
        let [(from, first), (to, last)] = [self.first, self.last].map(|(step, sum)| (i128::from(step), i128::from(sum)));
        let length = to - from;
        let own = (i128::from(sum) - first) * length - (last - first) * (i128::from(step) - from);
        let bound = |bound: i64| i128::from(bound) * length;
        let blur = i128::from(self.blur) * 2 * length;
        if above { own + blur < bound(self.above.1) } else { own - blur > bound(self.below.1) }
    }
}

impl Sweep<'_> {
    fn mark(&mut self, index: usize) {
        self.above.get_mut(index).into_iter().for_each(|above| *above = true);
    }

    fn by(&self, step: i64) -> i64 {
        if self.up { step } else { -step }
    }

    /// The sum after so many steps.
    fn sum(&self, index: usize, step: i64) -> i64 {
        let points = self.field.columns.points.get(self.criterion).and_then(|points| points.get(index)).copied().unwrap_or(0);
        self.field.sums.get(index).copied().unwrap_or(0) + self.by(step) * points
    }

    /// Sums further apart than this are in the right order.
    fn blur(&self, step: i64) -> i64 {
        let own = self.field.columns.errors.get(self.criterion).copied().unwrap_or(0);
        own.saturating_mul(step).saturating_add(self.field.error).saturating_mul(2)
    }

    /// Looks at the steps from one to another, of some applicants; so many others are above the line throughout, and the rest below it.
    fn part(&mut self, from: i64, to: i64, some: &[usize], others: usize) {
        // Nothing is left to find where everybody's first change is known.
        if from > to || some.iter().all(|index| self.found.get(*index).is_none_or(Option::is_some)) {
            return;
        }
        let room = self.field.line - others;
        if from == to || some.len() <= FEW && self.blur(to) == 0 {
            return self.follow(from, to, some, others);
        }
        // Against the straight line of the last above at both ends, which changes no order, spans are short.
        let (first, last) = (self.nth(some, from, room), self.nth(some, to, room));
        let spans: Vec<(i64, i64)> = some
            .iter()
            .map(|index| {
                let (start, end) = (self.sum(*index, from) - first, self.sum(*index, to) - last);
                (start.min(end), start.max(end))
            })
            .collect();
        let blur = self.blur(to);
        // Above whoever could be the first below; below whoever is surely the last above.
        let high = nth(spans.iter().map(|(_, most)| *most).collect(), room + 1).map(|most| most.saturating_add(blur));
        let low = nth(spans.iter().map(|(least, _)| *least).collect(), room).map(|least| least.saturating_sub(blur));
        let mut left = Vec::new();
        let mut surely_above = 0;
        let mut crossed = Vec::new();
        let mut gate = Gate { first: (from, first), last: (to, last), above: (Vec::new(), i64::MAX), below: (Vec::new(), i64::MIN), blur };
        for (index, (least, most)) in some.iter().zip(&spans) {
            let above = high.is_none_or(|high| *least > high);
            let below = low.is_none_or(|low| *most < low);
            if above || below {
                surely_above += usize::from(above);
                if above {
                    gate.above.0.push(*index);
                    gate.above.1 = gate.above.1.min(*least);
                } else {
                    gate.below.0.push(*index);
                    gate.below.1 = gate.below.1.max(*most);
                }
                if self.above.get(*index).is_some_and(|before| *before != above) && self.found.get(*index).is_some_and(Option::is_none) {
                    crossed.push((*index, above));
                }
            } else {
                left.push(*index);
            }
        }
        for (index, above) in crossed {
            let ahead = some.iter().filter(|other| **other != index && self.compare(**other, index, from).is_lt()).count();
            self.note(index, above, from, others + ahead);
        }
        self.gates.push(gate);
        // Where halves would leave out hardly anybody, some may be alike: straight lines in the same order at both ends cross nowhere between.
        let alike = (left.len() * 2 > some.len()).then(|| self.order(&left, from)).filter(|order| *order == self.order(&left, to));
        if let Some(order) = alike {
            for (at, index) in order.iter().enumerate() {
                self.note(*index, at + surely_above < room, from, others + surely_above + at);
            }
            self.gates.pop();
            return;
        }
        let middle = from + (to - from) / 2;
        self.part(from, middle, &left, others + surely_above);
        self.part(middle + 1, to, &left, others + surely_above);
        self.gates.pop();
    }

    /// As [`Self::part`], from one change of who is above the line to the next; where there is more than one step, sums are to be exact.
    fn follow(&mut self, from: i64, to: i64, some: &[usize], others: usize) {
        let room = self.field.line - others;
        let mut step = from;
        loop {
            let order = self.order(some, step);
            for (at, index) in order.iter().enumerate() {
                self.note(*index, at < room, step, others + at);
            }
            if step == to {
                return;
            }
            let (above, below) = order.split_at(room.min(order.len()));
            let pairs = above.iter().flat_map(|ahead| below.iter().map(move |behind| (*ahead, *behind)));
            match pairs.filter_map(|(ahead, behind)| self.passes(ahead, behind, step)).min() {
                Some(next) if next <= to => step = next,
                _ => return,
            }
        }
    }

    /// The first step after this one at which somebody passes another who is ahead, if ever.
    fn passes(&self, ahead: usize, behind: usize, step: i64) -> Option<i64> {
        let gap = self.sum(ahead, step) - self.sum(behind, step);
        let gain = gap - (self.sum(ahead, step + 1) - self.sum(behind, step + 1));
        if gain <= 0 {
            return None;
        }
        let level = step + gap.div_euclid(gain);
        let at_once = gap.rem_euclid(gain) == 0 && self.compare(behind, ahead, level).is_lt();
        Some(if at_once { level } else { level + 1 })
    }

    /// Notes a first change of sides; `at` are before it, where nobody who was left out comes nearer to the line.
    fn note(&mut self, index: usize, above: bool, step: i64, at: usize) {
        if self.above.get(index).is_none_or(|before| *before == above) || self.found.get(index).is_none_or(Option::is_some) {
            return;
        }
        let sum = self.sum(index, step);
        let mut at = at;
        for gate in self.gates.iter().filter(|gate| !gate.passes(above, sum, step)) {
            if above {
                at -= gate.above.0.iter().filter(|other| self.compare(**other, index, step).is_gt()).count();
            } else {
                at += gate.below.0.iter().filter(|other| self.compare(**other, index, step).is_lt()).count();
            }
        }
        let by = self.by(step);
        if let Some(found) = self.found.get_mut(index) {
            *found = Some((by, place(at)));
        }
    }

    /// The sum of the last that is above the line.
    fn nth(&self, some: &[usize], step: i64, room: usize) -> i64 {
        nth(some.iter().map(|index| self.sum(*index, step)).collect(), room).unwrap_or(0)
    }

    fn order(&self, some: &[usize], step: i64) -> Vec<usize> {
        let mut keyed: Vec<(Reverse<i64>, usize)> = some.iter().map(|index| (Reverse(self.sum(*index, step)), *index)).collect();
        keyed.sort_unstable();
        let blur = self.blur(step).unsigned_abs();
        for run in keyed.chunk_by_mut(|a, b| a.0.0.abs_diff(b.0.0) <= blur).filter(|run| run.len() > 1) {
            run.sort_by(|a, b| self.compare(a.1, b.1, step));
        }
        keyed.into_iter().map(|(_, index)| index).collect()
    }

    /// Who of two goes first after so many steps.
    fn compare(&self, a: usize, b: usize, step: i64) -> Ordering {
        let (one, other) = (self.sum(a, step), self.sum(b, step));
        let blur = self.blur(step);
        let order = if blur == 0 || one.abs_diff(other) > blur.unsigned_abs() {
            other.cmp(&one)
        } else {
            let exact = |index: usize| {
                let points = self.field.pool.points(self.criterion, index).unwrap_or(Exact::ZERO);
                let by = &points * &Exact::ratio(self.by(step).into(), 10_000).unwrap_or(Exact::ZERO);
                &self.field.pool.total(index) + &by
            };
            exact(b).cmp(&exact(a))
        };
        order.then_with(|| by_ties(self.field.pool, self.field.seed, a, b))
    }
}

/// The nth largest, counted from 1; `None` when there are fewer, or for the 0th.
fn nth(mut numbers: Vec<i64>, nth: usize) -> Option<i64> {
    let at = nth.checked_sub(1).filter(|at| *at < numbers.len())?;
    Some(*numbers.select_nth_unstable_by_key(at, |number| Reverse(*number)).1)
}
