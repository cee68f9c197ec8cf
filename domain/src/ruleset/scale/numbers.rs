//! A scale's numbers one by one, as a form shows them and takes them back changed.

use super::Scale;
use rust_decimal::Decimal;

/// One number of a scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScaleNumber {
    /// The word that a form knows it by, within the scale.
    pub word: String,
    /// What it is, to be read before the number.
    pub plain: String,
    /// The number.
    pub value: Decimal,
    /// Whether it is points; else it is a value of the applicant's.
    pub is_points: bool,
}

fn points(word: impl Into<String>, plain: impl Into<String>, value: Decimal) -> ScaleNumber {
    ScaleNumber { word: word.into(), plain: plain.into(), value, is_points: true }
}

fn value(word: impl Into<String>, plain: impl Into<String>, value: Decimal) -> ScaleNumber {
    ScaleNumber { word: word.into(), plain: plain.into(), value, is_points: false }
}

impl Scale {
    /// Its numbers, in the order that [`Scale::with_numbers`] takes them.
    #[must_use]
    pub fn numbers(&self) -> Vec<ScaleNumber> {
        match self {
            Self::YesNo { zero, nonzero } => {
                vec![points("zero", "Points when it is zero", *zero), points("nonzero", "Points when it is not", *nonzero)]
            }
            Self::Steps { steps, above } => {
                let step = |(nth, step): (usize, &super::ScaleStep)| {
                    [
                        value(format!("up_to{nth}"), format!("Step {nth}: up to"), step.up_to),
                        points(format!("points{nth}"), format!("Step {nth}: points"), step.points),
                    ]
                };
                (1..).zip(steps).flat_map(step).chain([points("above", "Points above that", *above)]).collect()
            }
            Self::Linear { from, to, from_points, to_points } => vec![
                value("from", "First end", *from),
                value("to", "Second end", *to),
                points("from_points", "Points at the first end", *from_points),
                points("to_points", "Points at the second end", *to_points),
            ],
            Self::Piecewise { bends } => {
                let bend = |(nth, bend): (usize, &super::Bend)| {
                    [
                        value(format!("at{nth}"), format!("Bend {nth}: at"), bend.at),
                        points(format!("points{nth}"), format!("Bend {nth}: points"), bend.points),
                    ]
                };
                (1..).zip(bends).flat_map(bend).collect()
            }
            Self::Percentile { lowest, highest } => {
                vec![points("lowest", "Points above none", *lowest), points("highest", "Points above all", *highest)]
            }
            Self::ZScore { middle, per_deviation, least, most } => vec![
                points("middle", "Points at the mean", *middle),
                value("per_deviation", "Points for each standard deviation", *per_deviation),
                points("least", "Fewest points", *least),
                points("most", "Most points", *most),
            ],
            Self::AsScored => Vec::new(),
        }
    }

    /// The same with other numbers, in the order of [`Scale::numbers`]; what is not given stays.
    #[must_use]
    pub fn with_numbers(&self, numbers: &[Decimal]) -> Self {
        let mut scale = self.clone();
        let all: Vec<&mut Decimal> = match &mut scale {
            Self::YesNo { zero, nonzero } => vec![zero, nonzero],
            Self::Steps { steps, above } => steps.iter_mut().flat_map(|step| [&mut step.up_to, &mut step.points]).chain([above]).collect(),
            Self::Linear { from, to, from_points, to_points } => vec![from, to, from_points, to_points],
            Self::Piecewise { bends } => bends.iter_mut().flat_map(|bend| [&mut bend.at, &mut bend.points]).collect(),
            Self::Percentile { lowest, highest } => vec![lowest, highest],
            Self::ZScore { middle, per_deviation, least, most } => vec![middle, per_deviation, least, most],
            Self::AsScored => Vec::new(),
        };
        all.into_iter().zip(numbers).for_each(|(own, number)| *own = *number);
        scale
    }

    /// What stands against its values, a sentence: ends that are the same, limits that do not rise.
    #[must_use]
    pub fn problem(&self) -> Option<&'static str> {
        match self {
            Self::Linear { from, to, .. } if from == to => Some("The two ends of the scale must differ."),
            Self::Steps { steps, .. } if steps.windows(2).any(|pair| pair[0].up_to >= pair[1].up_to) => {
                Some("The limits must rise from step to step.")
            }
            Self::Piecewise { bends } if bends.windows(2).any(|pair| pair[0].at >= pair[1].at) => {
                Some("The values must rise from bend to bend.")
            }
            Self::ZScore { least, most, .. } if least >= most => Some("The fewest points must be fewer than the most."),
            _ => None,
        }
    }
}
