//! The numbers of scales that a setting moves.

use super::{Bench, Setting};
use crate::ruleset::{BONUS_POINTS, Criterion, PLAIN_POINTS, ScaleNumber};
use rust_decimal::Decimal;

/// Values beyond this are slips of the pen.
const FARTHEST: i64 = 1_000_000_000;

impl Setting {
    /// Reads `WORD-KEY` for each number of each criterion's scale.
    pub(super) fn read_scales<'a>(&mut self, bench: &Bench, field: impl Fn(&str) -> Option<&'a str>, note: &mut impl FnMut(&str, String)) {
        for criterion in &bench.rules.criteria {
            let declared = criterion.scale.numbers();
            let mut numbers = Vec::with_capacity(declared.len());
            for number in &declared {
                let name = format!("{}-{}", number.word, criterion.key);
                let read = field(&name).map(|text| text.trim().parse::<Decimal>().ok().filter(|value| fits(criterion, number, *value)));
                if read == Some(None) {
                    note(&name, wrong(criterion, number));
                }
                numbers.push(read.flatten().unwrap_or(number.value));
            }
            if numbers.iter().zip(&declared).all(|(now, was)| *now == was.value) {
                continue;
            }
            match (criterion.scale.with_numbers(&numbers).problem(), declared.first()) {
                (Some(problem), Some(first)) => {
                    note(&format!("{}-{}", first.word, criterion.key), format!("“{}”: {problem}", criterion.name));
                }
                _ => {
                    self.scales.insert(criterion.key.clone(), numbers);
                }
            }
        }
    }

    /// The numbers that are not as declared, with what they are now.
    #[must_use]
    pub fn moved_numbers<'a>(&self, bench: &'a Bench) -> Vec<(&'a Criterion, ScaleNumber)> {
        let moved = bench.rules.criteria.iter().filter_map(|criterion| {
            let numbers = criterion.scale.with_numbers(self.scales.get(&criterion.key)?).numbers();
            let pairs = numbers.into_iter().zip(criterion.scale.numbers());
            let changed = pairs.filter(|(now, was)| now.value != was.value).map(|(now, _)| (criterion, now));
            Some(changed.collect::<Vec<_>>())
        });
        moved.flatten().collect()
    }
}

fn ends(criterion: &Criterion) -> (i64, i64) {
    if criterion.bonus { BONUS_POINTS } else { PLAIN_POINTS }
}

fn fits(criterion: &Criterion, number: &ScaleNumber, value: Decimal) -> bool {
    let (least, most) = if number.is_points { ends(criterion) } else { (-FARTHEST, FARTHEST) };
    (Decimal::from(least)..=Decimal::from(most)).contains(&value)
}

fn wrong(criterion: &Criterion, number: &ScaleNumber) -> String {
    let (least, most) = ends(criterion);
    if number.is_points {
        format!("Points of “{}” are a number from {least} to {most}.", criterion.name)
    } else {
        format!("The end or the limit on the scale of “{}” is a number such as 12.5.", criterion.name)
    }
}
