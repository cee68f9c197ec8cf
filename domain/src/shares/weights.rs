//! Weights that are fractions, brought to whole numbers in the same proportions.

use crate::exact::{Exact, ExactError};

/// The smallest whole numbers in the same proportions as `weights`: all are multiplied by their common denominator and divided by their
/// common factor, which changes no share.
///
/// # Errors
/// [`ExactError::TooLarge`] when a whole number would need more than 128 bits.
pub fn whole_weights(weights: &[Exact]) -> Result<Vec<i128>, ExactError> {
    let mut parted = Vec::with_capacity(weights.len());
    for weight in weights {
        parted.push(weight.small().ok_or(ExactError::TooLarge)?);
    }
    let mut common = 1_i128;
    for (_, below) in &parted {
        common = (common / factor(common, *below)).checked_mul(*below).ok_or(ExactError::TooLarge)?;
    }
    let mut whole = Vec::with_capacity(parted.len());
    for (above, below) in parted {
        whole.push(above.checked_mul(common / below).ok_or(ExactError::TooLarge)?);
    }
    let shared = whole.iter().fold(0, |shared, weight| factor(shared, *weight));
    if shared > 1 {
        for weight in &mut whole {
            *weight /= shared;
        }
    }
    Ok(whole)
}

/// The greatest common factor, never negative unless one side is the least number there is.
fn factor(mut left: i128, mut right: i128) -> i128 {
    while right != 0 {
        (left, right) = (right, left.checked_rem(right).unwrap_or(0));
    }
    left.checked_abs().unwrap_or(1)
}
