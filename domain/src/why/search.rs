//! The nearest value of one of an applicant's numbers that takes it across the line or turns its award, whatever draws on the number: criteria,
//! formulas, capped groups, scales that compare applicants, conditions and tie-breaks. Whole stretches of values are looked at together, the
//! nearest first. A stretch on which everything that the sums can be keeps the applicant on its side is passed over; one that leaves it open is
//! cut in two. So nothing nearer is missed, and the value found is tried by ranking again.

mod compared;
mod sums;

use super::Asked;
use crate::formula::Doubt;
use crate::ranking::lot;
use crate::ruleset::{Source, TieStep, reach};
use crate::span::Span;
use compared::{Compared, Setting};
use rust_decimal::Decimal;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::rc::Rc;
use sums::{Fixed, Reached};

/// So many steps away nothing is looked for.
const FAR: i128 = 1 << 50;
/// So much is looked at, in stretches and in other applicants on each, before the search gives up: some seconds.
const EFFORT: usize = 3_000_000;
/// So many values that only ranking again can judge are tried.
const TRIES: usize = 50;

/// Steps away from the value that is, from `near` to `far`, up or down.
struct Stretch {
    near: i128,
    far: i128,
    down: bool,
    /// How many of the others are ahead on all of it.
    ahead: usize,
    /// Those who may be ahead or behind.
    open: Rc<[usize]>,
}

impl Stretch {
    /// The nearest goes first; of two as near, the way up.
    fn key(&self) -> Reverse<(i128, bool)> {
        Reverse((self.near, self.down))
    }
}

impl Ord for Stretch {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Stretch {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Stretch {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Stretch {}

/// What is sure on a stretch.
enum Verdict {
    Crosses,
    Stays,
    Open { ahead: usize, open: Rc<[usize]> },
}

/// One number of one applicant.
pub(super) struct Search<'a, 's> {
    asked: &'s Asked<'a>,
    key: &'s str,
    own: usize,
    above: bool,
    now: Decimal,
    /// The criteria that draw on the number.
    moved: Vec<usize>,
    /// Those among them whose scale compares applicants, so that others move as well.
    compared: Vec<Compared>,
    fixed: Fixed,
    /// The sums of the others who may be passed, without what moves, by the pool's order.
    others: Vec<Option<Fixed>>,
    /// The applicant is above the line while fewer than this many of them are ahead.
    room: usize,
}

impl<'a, 's> Search<'a, 's> {
    /// `None` where the applicant has no such number, or there is nobody to pass.
    pub fn of(asked: &'s Asked<'a>, own: usize, key: &'s str) -> Option<Self> {
        let pool = asked.pool;
        let criteria = &asked.rules.criteria;
        let moved: Vec<usize> = (0..criteria.len()).filter(|at| criteria.get(*at).is_some_and(|one| one.inputs().contains(&key))).collect();
        let compared: Vec<Compared> = moved.iter().filter_map(|at| Compared::of(pool, *at, own)).collect();
        let moved_of_others: Vec<usize> = compared.iter().map(|one| one.criterion).collect();
        // Where an award is to turn, only the applicant's own sum may move.
        let turns = asked.award.is_some();
        if turns && !compared.is_empty() {
            return None;
        }
        let rival = if turns { None } else { Some(asked.rival(own)?) };
        let now = pool.candidates().get(own)?.inputs.get(key)?.value;
        let matters = |other: usize| other != own && (Some(other) == rival || !compared.is_empty());
        let others = (0..pool.candidates().len()).map(|other| matters(other).then(|| Fixed::of(pool, other, &moved_of_others)));
        Some(Self {
            asked,
            key,
            own,
            above: asked.is_above(own)?,
            now: if asked.is_count(key) { now.normalize() } else { now },
            others: others.collect(),
            room: if compared.is_empty() { 1 } else { asked.line_at()? },
            fixed: Fixed::of(pool, own, &moved),
            moved,
            compared,
        })
    }

    /// The nearest value that crosses the line, and the place that comes of it.
    pub fn nearest(&self) -> Option<(Decimal, u32)> {
        let mut stretches: BinaryHeap<Stretch> = self.everywhere().into();
        let (mut effort, mut tries) = (EFFORT, TRIES);
        while let Some(stretch) = stretches.pop() {
            effort = effort.checked_sub(1 + stretch.open.len())?;
            let (ahead, open) = match self.judge(&stretch)? {
                Verdict::Stays => continue,
                Verdict::Open { ahead, open } if stretch.near < stretch.far => (ahead, open),
                Verdict::Crosses | Verdict::Open { .. } => {
                    tries = tries.checked_sub(1)?;
                    let value = self.value(stretch.near, stretch.down)?;
                    if let Some(place) = self.asked.crosses(self.own, self.key, value, self.above) {
                        return Some((value, place));
                    }
                    if stretch.near == stretch.far {
                        continue;
                    }
                    (stretch.ahead, stretch.open.clone())
                }
            };
            let Stretch { near, far, down, .. } = stretch;
            // Far out by doubling, then in the middle.
            let middle = if far / 2 > near { near * 2 } else { near + (far - near) / 2 };
            stretches.push(Stretch { near, far: middle, down, ahead, open: open.clone() });
            stretches.push(Stretch { near: middle + 1, far, down, ahead, open });
        }
        None
    }

    /// All values that the number may take: a count is whole, and counts up to its cap; nothing goes below zero where nobody's does.
    fn everywhere(&self) -> Vec<Stretch> {
        let cap = self.asked.cap(self.key);
        let now = self.now.mantissa();
        let mut numbers = self.asked.pool.candidates().iter().filter_map(|one| one.inputs.get(self.key));
        let least = if numbers.all(|input| input.value >= Decimal::ZERO) { now } else { FAR };
        let open: Rc<[usize]> = (0..self.others.len()).filter(|other| self.others.get(*other).is_some_and(Option::is_some)).collect();
        let up = cap.map_or(FAR, |cap| i128::from(cap) - now);
        let down = cap.map_or(1, |cap| (now - i128::from(cap)).max(1));
        let stretches = [(1, up.min(FAR), false), (down, least.min(FAR), true)];
        let stretches = stretches.into_iter().filter(|(near, far, _)| near <= far);
        stretches.map(|(near, far, down)| Stretch { near, far, down, ahead: 0, open: open.clone() }).collect()
    }

    fn value(&self, steps: i128, down: bool) -> Option<Decimal> {
        let by = if down { -steps } else { steps };
        Decimal::try_from_i128_with_scale(self.now.mantissa().checked_add(by)?, self.now.scale()).ok()
    }

    fn judge(&self, stretch: &Stretch) -> Option<Verdict> {
        let at = |steps: i128| self.value(steps, stretch.down);
        let number = Span::between(at(stretch.near)?.into(), at(stretch.far)?.into());
        let unsure = Verdict::Open { ahead: stretch.ahead, open: stretch.open.clone() };
        match self.is_in(&number) {
            Some(true) => {}
            // Who is shut out has no place.
            Some(false) => return Some(Verdict::Stays),
            None => return Some(unsure),
        }
        let Ok((own, settings)) = self.reached(&number) else { return Some(unsure) };
        if let Some(award) = &self.asked.award {
            return Some(award.side(&own.total).map_or(unsure, |turned| if turned { Verdict::Crosses } else { Verdict::Stays }));
        }
        let (mut ahead, mut open) = (stretch.ahead, Vec::new());
        for other in stretch.open.iter() {
            match self.compare(&number, &own, &settings, *other) {
                Some(Ordering::Less) => {}
                Some(_) => ahead += 1,
                None => open.push(*other),
            }
        }
        let above = if ahead >= self.room { Some(false) } else { (ahead + open.len() < self.room).then_some(true) };
        Some(match above {
            None => Verdict::Open { ahead, open: open.into() },
            Some(above) if above == self.above => Verdict::Stays,
            Some(_) => Verdict::Crosses,
        })
    }

    /// Whether the applicant meets all conditions; `None` where it depends, or may not be told.
    fn is_in(&self, number: &Span) -> Option<bool> {
        for gate in &self.asked.rules.gates {
            if !gate.must.reached(&|name| self.span_of(name, number)).ok()?? {
                return Some(false);
            }
        }
        Some(true)
    }

    /// One of the applicant's numbers.
    fn span_of(&self, key: &str, number: &Span) -> Option<Span> {
        if key == self.key {
            return Some(number.clone());
        }
        let input = self.asked.pool.candidates().get(self.own)?.inputs.get(key)?;
        Some(Span::one(input.value.into()))
    }

    /// The applicant's points where its number is in a span, and where the others stand to it then on scales that compare.
    fn reached(&self, number: &Span) -> Result<(Reached, Vec<Setting<'_>>), Doubt> {
        let (mut points, mut settings) = (Vec::with_capacity(self.moved.len()), Vec::new());
        for at in &self.moved {
            let Some(value) = self.scored(*at, number)? else {
                points.push((*at, None));
                continue;
            };
            let own = if let Some(compared) = self.compared.iter().find(|one| one.criterion == *at) {
                let scale = self.asked.rules.criteria.get(*at).map(|criterion| &criterion.scale);
                let setting = scale.and_then(|scale| compared.at(scale, value)).ok_or(Doubt::Unsure)?;
                let own = setting.own();
                settings.push(setting);
                own
            } else {
                reach(self.asked.pool.pieces(*at), &value).ok_or(Doubt::Unsure)?
            };
            points.push((*at, Some(own)));
        }
        let total = self.fixed.total(self.asked.pool, &points);
        Ok((Reached { points, total }, settings))
    }

    /// What a criterion that draws on the number scores; none where it is left out, now and then.
    fn scored(&self, at: usize, number: &Span) -> Result<Option<Span>, Doubt> {
        let counts_now = self.asked.pool.values(at).get(self.own).is_some_and(Option::is_some);
        let value = match self.asked.rules.criteria.get(at).map(|criterion| &criterion.source) {
            Some(Source::Formula { formula }) => formula.reach(&|name| self.span_of(name, number)),
            Some(Source::Evidence { cap, .. }) => Ok(number.least(&Span::one(Decimal::from(*cap).into()))),
            Some(Source::Fact { .. } | Source::Rubric { .. }) => Ok(number.clone()),
            None => Err(Doubt::Unsure),
        };
        match value {
            Ok(value) if counts_now => Ok(Some(value)),
            Err(Doubt::Missing) if !counts_now => Ok(None),
            _ => Err(Doubt::Unsure),
        }
    }

    /// Whether another goes before the applicant, `Greater`, or behind it; `None` where it depends.
    fn compare(&self, number: &Span, own: &Reached, settings: &[Setting<'_>], other: usize) -> Option<Ordering> {
        let fixed = self.others.get(other)?.as_ref()?;
        let points = settings.iter().map(|setting| {
            let value = self.asked.pool.values(setting.criterion()).get(other).and_then(Option::as_ref);
            (setting.criterion(), value.map(|value| setting.other(value)))
        });
        let points: Vec<_> = points.collect();
        let theirs = Reached { total: fixed.total(self.asked.pool, &points), points };
        match theirs.total.compare(&own.total)? {
            Ordering::Equal => self.tie(number, own, &theirs, other),
            order => Some(order),
        }
    }

    fn tie(&self, number: &Span, own: &Reached, theirs: &Reached, other: usize) -> Option<Ordering> {
        let pool = self.asked.pool;
        let (one, two) = (pool.candidates().get(self.own)?, pool.candidates().get(other)?);
        let value = |key: &str| two.inputs.get(key).map(|input| Span::one(input.value.into()));
        for step in &self.asked.rules.ties {
            let order = match step {
                TieStep::Points(key) => {
                    let at = self.asked.rules.criteria.iter().position(|criterion| criterion.key == *key);
                    let points = |reached: &Reached, who: usize| reached.on(pool, at?, who);
                    larger_first(points(own, self.own), points(theirs, other))?
                }
                TieStep::Higher(key) => larger_first(self.span_of(key, number), value(key))?,
                TieStep::Lower(key) => {
                    larger_first(self.span_of(key, number).map(|span| span.turned()), value(key).map(|span| span.turned()))?
                }
                TieStep::Lot => lot(self.asked.seed, &one.number).cmp(&lot(self.asked.seed, &two.number)),
            };
            if order.is_ne() {
                return Some(order);
            }
        }
        Some(Ordering::Equal)
    }
}

/// Whoever has a number goes before who has none.
fn larger_first(own: Option<Span>, other: Option<Span>) -> Option<Ordering> {
    match (own, other) {
        (Some(own), Some(other)) => other.compare(&own),
        (own, other) => Some(other.is_some().cmp(&own.is_some())),
    }
}
