//! Points on a scale that compares applicants, while the number of one of them moves: its own points and everybody's.

use crate::exact::Exact;
use crate::ranking::Pool;
use crate::ruleset::Scale;
use crate::span::Span;
use std::cmp::Ordering;

/// The others' numbers on one criterion.
pub(super) struct Compared {
    /// The criterion's place.
    pub criterion: usize,
    /// Lowest first.
    sorted: Vec<Exact>,
    sum: Exact,
    squares: Exact,
}

/// The scale, as it stands while the applicant's number is in a span.
pub(super) struct Setting<'c> {
    compared: &'c Compared,
    own: Span,
    by: By,
}

enum By {
    Percentile { lowest: Exact, span: Exact },
    ZScore(Box<ZScore>),
}

/// A scale of standard deviations, and what the pool's mean and deviation can be.
struct ZScore {
    middle: Exact,
    per_deviation: Exact,
    least: Exact,
    most: Exact,
    mean: Span,
    deviation: Span,
}

impl Compared {
    /// `None` of a scale that compares nobody, or where the applicant is left out.
    pub fn of(pool: &Pool<'_>, criterion: usize, own: usize) -> Option<Self> {
        pool.rules().criteria.get(criterion).filter(|one| one.scale.needs_spread())?;
        let values = pool.values(criterion);
        values.get(own)?.as_ref()?;
        let others = values.iter().enumerate().filter(|(other, _)| *other != own);
        let mut sorted: Vec<Exact> = others.filter_map(|(_, value)| value.clone()).collect();
        sorted.sort_unstable();
        let squares = sorted.iter().fold(Exact::ZERO, |sum, number| &sum + &(number * number));
        Some(Self { criterion, sum: sorted.iter().sum(), squares, sorted })
    }

    /// Where the applicant scores something of a span; `None` of a scale that compares nobody.
    pub fn at(&self, scale: &Scale, own: Span) -> Option<Setting<'_>> {
        let by = match scale {
            Scale::Percentile { lowest, highest } => {
                let (lowest, highest) = (Exact::from(*lowest), Exact::from(*highest));
                By::Percentile { span: &highest - &lowest, lowest }
            }
            Scale::ZScore { middle, per_deviation, least, most } => By::ZScore(Box::new(ZScore {
                middle: (*middle).into(),
                per_deviation: (*per_deviation).into(),
                least: (*least).into(),
                most: (*most).into(),
                mean: own.rising(|number| self.mean(number)),
                deviation: self.deviation(&own)?,
            })),
            _ => return None,
        };
        Some(Setting { compared: self, own, by })
    }

    fn count(&self) -> Exact {
        Exact::whole(i64::try_from(self.sorted.len() + 1).unwrap_or(i64::MAX))
    }

    fn mean(&self, own: &Exact) -> Exact {
        (&self.sum + own).over(&self.count()).unwrap_or(Exact::ZERO)
    }

    /// Least where the applicant's own is the others' mean, and larger the further it is from there.
    fn deviation(&self, own: &Span) -> Option<Span> {
        let at = |number: &Exact| {
            let mean = self.mean(number);
            let squares = (&self.squares + &(number * number)).over(&self.count()).ok()?;
            (&squares - &(&mean * &mean)).square_root().ok()
        };
        let ends = Span::between(at(&own.low)?, at(&own.high)?);
        let others = Exact::whole(i64::try_from(self.sorted.len()).ok()?);
        match self.sum.over(&others) {
            Ok(mean) if own.low < mean && mean < own.high => Some(ends.with(&Span::one(at(&mean)?))),
            _ => Some(ends),
        }
    }

    fn below(&self, number: &Exact) -> usize {
        self.sorted.partition_point(|other| other < number)
    }

    fn up_to(&self, number: &Exact) -> usize {
        self.sorted.partition_point(|other| other <= number)
    }

    /// So many halves of the other applicants.
    fn share(&self, halves: usize) -> Exact {
        let number = |count: usize| i128::try_from(count).unwrap_or(i128::MAX);
        // Who is alone stands in the middle.
        let (above, below) = if self.sorted.is_empty() { (1, 2) } else { (number(halves), number(2 * self.sorted.len())) };
        Exact::ratio(above, below).unwrap_or(Exact::ZERO)
    }
}

impl Setting<'_> {
    /// The criterion's place.
    pub const fn criterion(&self) -> usize {
        self.compared.criterion
    }

    /// The applicant's points.
    pub fn own(&self) -> Span {
        match &self.by {
            By::Percentile { lowest, span } => {
                let halves = |number: &Exact| self.compared.below(number) + self.compared.up_to(number);
                by_share(lowest, span, &self.own.rising(|number| self.compared.share(halves(number))))
            }
            // The applicant's number less the mean, written so that it occurs once.
            By::ZScore(scale) => scale.points(&self.own.rising(|number| {
                let others = &self.compared.count() - &Exact::ONE;
                (&(&others * number) - &self.compared.sum).over(&self.compared.count()).unwrap_or(Exact::ZERO)
            })),
        }
    }

    /// The points of another, of this number.
    pub fn other(&self, number: &Exact) -> Span {
        match &self.by {
            By::Percentile { lowest, span } => {
                // All but itself, and the applicant: below it, equal or above.
                let halves = self.compared.below(number) + self.compared.up_to(number) - 1;
                let beside = |own: &Exact| match own.cmp(number) {
                    Ordering::Less => 2,
                    Ordering::Equal => 1,
                    Ordering::Greater => 0,
                };
                let share = |own: &Exact| self.compared.share(halves + beside(own));
                by_share(lowest, span, &Span::between(share(&self.own.low), share(&self.own.high)))
            }
            By::ZScore(scale) => scale.points(&Span::one(number.clone()).plus(&scale.mean.turned())),
        }
    }
}

fn by_share(lowest: &Exact, span: &Exact, share: &Span) -> Span {
    share.times(&Span::one(span.clone())).plus(&Span::one(lowest.clone()))
}

impl ZScore {
    /// The points of a number so far from the mean.
    fn points(&self, off: &Span) -> Span {
        let middle = Span::one(self.middle.clone());
        if self.deviation.high == Exact::ZERO || self.per_deviation == Exact::ZERO {
            return middle;
        }
        let (least, most) = (Span::one(self.least.clone()), Span::one(self.most.clone()));
        match off.over(&self.deviation) {
            Some(deviations) => deviations.times(&Span::one(self.per_deviation.clone())).plus(&middle).most(&least).least(&most),
            // Where nobody may differ, the middle may be all there is.
            None => least.with(&most).with(&middle),
        }
    }
}
