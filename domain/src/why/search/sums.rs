//! An applicant's sum while some of its points move: what stands still is added up once.

use crate::exact::Exact;
use crate::ranking::Pool;
use crate::span::Span;

/// What stands still of one applicant's sum.
pub(super) struct Fixed {
    /// The weights that count.
    weight: u32,
    /// Points of no group.
    loose: Exact,
    /// Points of each group, before its cap.
    groups: Vec<Exact>,
}

/// An applicant's points where a number moves.
pub(super) struct Reached {
    /// On the criteria that move, by their places; none where one is left out.
    pub points: Vec<(usize, Option<Span>)>,
    /// The sum.
    pub total: Span,
}

impl Fixed {
    /// All but the points on some criteria.
    pub fn of(pool: &Pool<'_>, one: usize, moved: &[usize]) -> Self {
        let rules = pool.rules();
        let weight = pool.counted_weight(one);
        let (mut loose, mut groups) = (Exact::ZERO, vec![Exact::ZERO; rules.groups.len()]);
        for (at, criterion) in rules.criteria.iter().enumerate().filter(|(at, _)| !moved.contains(at)) {
            let Some(points) = pool.points(at, one) else { continue };
            let sum = rules.group_of(&criterion.key).and_then(|group| groups.get_mut(group)).unwrap_or(&mut loose);
            *sum = &*sum + &(&points * &pool.share(criterion, weight));
        }
        Self { weight, loose, groups }
    }

    /// The sum with these points on the others.
    pub fn total(&self, pool: &Pool<'_>, points: &[(usize, Option<Span>)]) -> Span {
        let rules = pool.rules();
        let mut loose = Span::one(self.loose.clone());
        let mut groups: Vec<Span> = self.groups.iter().cloned().map(Span::one).collect();
        for (at, points) in points {
            let (Some(criterion), Some(points)) = (rules.criteria.get(*at), points) else { continue };
            let product = points.times(&Span::one(pool.share(criterion, self.weight)));
            let sum = rules.group_of(&criterion.key).and_then(|group| groups.get_mut(group)).unwrap_or(&mut loose);
            *sum = sum.plus(&product);
        }
        let capped = rules.groups.iter().zip(groups).map(|(group, sum)| sum.least(&Span::one(group.cap.into())));
        capped.fold(loose, |total, sum| total.plus(&sum))
    }
}

impl Reached {
    /// The points on a criterion, whether it moves or not; `None` where it is left out.
    pub fn on(&self, pool: &Pool<'_>, criterion: usize, who: usize) -> Option<Span> {
        match self.points.iter().find(|(at, _)| *at == criterion) {
            Some((_, points)) => points.clone(),
            None => pool.points(criterion, who).map(Span::one),
        }
    }
}
