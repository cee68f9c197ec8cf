//! How far a panel's reviewers are apart on one application: for the chair's eyes. Nothing here changes a score.

use crate::exact::Exact;
use crate::ruleset::Criterion;
use rust_decimal::Decimal;

/// Totals so far apart are shown as wide, in points of 100.
pub const WIDE: i64 = 25;
/// A total so far from the middle one is shown as an outlier, in points of 100.
pub const FAR: i64 = 20;

/// One reviewer's total of one application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// The reviewer, by any name.
    pub reviewer: String,
    /// Points of 100, by the rubrics' weights.
    pub points: Exact,
}

/// How far the totals of an application are apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    /// The lowest total.
    pub least: Exact,
    /// The middle one.
    pub middle: Exact,
    /// The highest total.
    pub most: Exact,
    /// Who is far from the middle.
    pub outliers: Vec<String>,
}

/// The total of a review: its points on each rubric criterion, weighed as the rules weigh these criteria among each other, of 100. Bonus
/// criteria count as they are. What is not scored is left out; none when nothing weighted is scored.
#[must_use]
pub fn total<'c>(scored: impl IntoIterator<Item = (&'c Criterion, Decimal)>) -> Option<Exact> {
    let (mut sum, mut weights, mut bonus) = (Exact::ZERO, Exact::ZERO, Exact::ZERO);
    for (criterion, points) in scored {
        let points: Exact = points.into();
        if criterion.bonus {
            bonus = &bonus + &points;
        } else {
            let weight = Exact::whole(criterion.weight.into());
            sum = &sum + &(&points * &weight);
            weights = &weights + &weight;
        }
    }
    sum.over(&weights).ok().map(|mean| &mean + &bonus)
}

/// The middle of some values, the mean of the two in the middle where their number is even; none of none.
#[must_use]
pub fn median(values: &[Exact]) -> Option<Exact> {
    let mut sorted = values.to_vec();
    sorted.sort();
    let half = sorted.len() / 2;
    let upper = sorted.get(half)?;
    if sorted.len() % 2 == 1 {
        return Some(upper.clone());
    }
    let lower = sorted.get(half.checked_sub(1)?)?;
    (lower + upper).over(&Exact::whole(2)).ok()
}

impl Spread {
    /// Of the totals of one application; none of none.
    #[must_use]
    pub fn of(totals: &[Total]) -> Option<Self> {
        let points: Vec<Exact> = totals.iter().map(|total| total.points.clone()).collect();
        let middle = median(&points)?;
        let far = Exact::whole(FAR);
        let is_far = |points: &Exact| {
            let away = points - &middle;
            away >= far || -&away >= far
        };
        let outliers = totals.iter().filter(|total| is_far(&total.points)).map(|total| total.reviewer.clone()).collect();
        Some(Self { least: points.iter().min()?.clone(), most: points.iter().max()?.clone(), middle, outliers })
    }

    /// From the lowest to the highest.
    #[must_use]
    pub fn width(&self) -> Exact {
        &self.most - &self.least
    }

    /// Whether the chair should look.
    #[must_use]
    pub fn is_wide(&self) -> bool {
        self.width() >= Exact::whole(WIDE)
    }
}
