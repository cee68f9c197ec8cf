//! An applicant's points beside the pool's: for each criterion the best, the median and whoever stands at the line; and a tie at the line,
//! which decides between equals and is said as such.

use crate::exact::Exact;
use crate::ranking::{Place, Ranking, Separation};

/// One criterion's points, weighed, of an applicant and of the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The criterion's key.
    pub criterion: String,
    /// The criterion's name.
    pub name: String,
    /// The applicant's; `None` where the criterion is left out for it.
    pub own: Option<Exact>,
    /// The most that anybody has.
    pub best: Exact,
    /// As many have more as have less; between the two in the middle, halfway.
    pub median: Exact,
    /// What the applicant at the line has.
    pub line: Option<Exact>,
}

/// The applicant's sum beside the pool's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sums {
    /// The most.
    pub best: Exact,
    /// The median.
    pub median: Exact,
    /// The line's.
    pub line: Option<Exact>,
}

/// Equal points on both sides of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TieAtLine {
    /// The points that they share.
    pub points: Exact,
    /// The first place of the tie.
    pub from: u32,
    /// The last place of the tie.
    pub to: u32,
    /// What put the last above the line ahead of the first below it.
    pub by: Option<Separation>,
}

fn product(place: &Place, criterion: &str) -> Option<Exact> {
    place.parts.iter().find(|part| part.criterion == criterion).map(|part| part.product.clone())
}

/// The best and the median of numbers; zero when there are none.
fn best_and_median(mut numbers: Vec<Exact>) -> (Exact, Exact) {
    numbers.sort_unstable();
    let at = |index: usize| numbers.get(index).cloned().unwrap_or(Exact::ZERO);
    let middle = numbers.len() / 2;
    let median = if numbers.len() % 2 == 1 {
        at(middle)
    } else {
        (&at(middle.saturating_sub(1)) + &at(middle)).over(&Exact::whole(2)).unwrap_or(Exact::ZERO)
    };
    (at(numbers.len().saturating_sub(1)), median)
}

fn at_line(ranking: &Ranking, line: Option<u32>) -> Option<&Place> {
    line.and_then(|line| ranking.places.iter().find(|place| place.place == line))
}

/// Each criterion that counted for anybody, in the order of the first place's parts, then of what only others have.
#[must_use]
pub fn beside(ranking: &Ranking, own: &Place, line: Option<u32>) -> Vec<Beside> {
    let mut criteria: Vec<(&str, &str)> = Vec::new();
    // Nearly always the applicant's own parts and what was left out for it are all there is.
    let others = ranking.places.iter().flat_map(|place| &place.parts).map(|part| (part.criterion.as_str(), part.name.as_str()));
    for criterion in own.parts.iter().map(|part| (part.criterion.as_str(), part.name.as_str())).chain(others) {
        if !criteria.iter().any(|known| known.0 == criterion.0) {
            criteria.push(criterion);
        }
    }
    let line = at_line(ranking, line);
    let rows = criteria.into_iter().map(|(key, name)| {
        let (best, median) = best_and_median(ranking.places.iter().filter_map(|place| product(place, key)).collect());
        let line = line.and_then(|place| product(place, key));
        Beside { criterion: key.to_owned(), name: name.to_owned(), own: product(own, key), best, median, line }
    });
    rows.collect()
}

/// The sums of the pool.
#[must_use]
pub fn sums(ranking: &Ranking, line: Option<u32>) -> Sums {
    let (best, median) = best_and_median(ranking.places.iter().map(|place| place.points.clone()).collect());
    Sums { best, median, line: at_line(ranking, line).map(|place| place.points.clone()) }
}

/// The first and the last place of the equal points that a line runs through, if it does: those of the last above it, when the next below has
/// them too. `points` are of all places, the first place's first.
#[must_use]
pub fn equal_at_line<'a>(points: impl IntoIterator<Item = &'a Exact>, line: u32) -> Option<(u32, u32)> {
    let points: Vec<&Exact> = points.into_iter().collect();
    let below = usize::try_from(line).ok()?;
    let last = points.get(below.checked_sub(1)?).filter(|last| points.get(below) == Some(last))?;
    let first = points.iter().position(|one| one == last)?;
    let end = points.iter().rposition(|one| one == last)?;
    Some((u32::try_from(first + 1).ok()?, u32::try_from(end + 1).ok()?))
}

/// The tie that the line runs through, if it does.
#[must_use]
pub fn tie_at_line(ranking: &Ranking, line: u32) -> Option<TieAtLine> {
    let (from, to) = equal_at_line(ranking.places.iter().map(|place| &place.points), line)?;
    let last = at_line(ranking, Some(line))?;
    let by = last.tie.as_ref().and_then(|tie| tie.before.clone());
    Some(TieAtLine { points: last.points.clone(), from, to, by })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        text.parse().unwrap()
    }

    #[test]
    fn the_median_of_an_even_number_lies_halfway() {
        let of = |numbers: &[&str]| best_and_median(numbers.iter().map(|text| exact(text)).collect());
        assert_eq!(of(&["3", "1", "2"]), (exact("3"), exact("2")));
        assert_eq!(of(&["3", "1", "2", "10/3"]), (exact("10/3"), exact("5/2")));
        assert_eq!(of(&[]), (Exact::ZERO, Exact::ZERO));
    }
}
