//! Exact fractions for points: a linear scale gives thirds and sevenths, which no decimal holds. Comparison never rounds and never
//! overflows; arithmetic that would overflow is an error. Rounding happens only where a number is shown.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A fraction in lowest terms with a positive denominator. As text (and JSON) it is `2/3` or `17`; shown, it is a decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Exact {
    numerator: i128,
    denominator: i128,
}

/// Why a fraction could not be computed or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExactError {
    /// The exact result needs more than 128 bits.
    #[error("The numbers are too long to compute exactly; use fewer digits.")]
    TooLarge,
    /// The denominator is zero.
    #[error("Nothing can be divided by zero.")]
    DivisionByZero,
    /// The text is not a fraction.
    #[error("“{0}” is not a fraction such as 2/3.")]
    NotAFraction(String),
}

impl Exact {
    /// Nothing.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// A whole number.
    #[must_use]
    pub const fn whole(number: i64) -> Self {
        Self { numerator: number as i128, denominator: 1 }
    }

    /// The fraction `numerator / denominator`, in lowest terms.
    ///
    /// # Errors
    /// [`ExactError::DivisionByZero`]; [`ExactError::TooLarge`] at the edge of 128 bits.
    pub fn ratio(numerator: i128, denominator: i128) -> Result<Self, ExactError> {
        if denominator == 0 {
            return Err(ExactError::DivisionByZero);
        }
        let common = gcd(numerator.unsigned_abs(), denominator.unsigned_abs());
        let common = i128::try_from(common).map_err(|_| ExactError::TooLarge)?.max(1);
        let (numerator, denominator) = (numerator / common, denominator / common);
        if denominator > 0 {
            return Ok(Self { numerator, denominator });
        }
        let numerator = numerator.checked_neg().ok_or(ExactError::TooLarge)?;
        let denominator = denominator.checked_neg().ok_or(ExactError::TooLarge)?;
        Ok(Self { numerator, denominator })
    }

    /// The sum.
    ///
    /// # Errors
    /// [`ExactError::TooLarge`].
    pub fn plus(self, other: Self) -> Result<Self, ExactError> {
        let common =
            i128::try_from(gcd(self.denominator.unsigned_abs(), other.denominator.unsigned_abs())).map_err(|_| ExactError::TooLarge)?;
        let left = checked_mul(self.numerator, other.denominator / common)?;
        let right = checked_mul(other.numerator, self.denominator / common)?;
        let numerator = left.checked_add(right).ok_or(ExactError::TooLarge)?;
        Self::ratio(numerator, checked_mul(self.denominator / common, other.denominator)?)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`ExactError::TooLarge`].
    pub fn minus(self, other: Self) -> Result<Self, ExactError> {
        let numerator = other.numerator.checked_neg().ok_or(ExactError::TooLarge)?;
        self.plus(Self { numerator, denominator: other.denominator })
    }

    /// The product.
    ///
    /// # Errors
    /// [`ExactError::TooLarge`].
    pub fn times(self, other: Self) -> Result<Self, ExactError> {
        // Cancel crosswise first, so that the product overflows only when its lowest terms do.
        let left = Self::ratio(self.numerator, other.denominator)?;
        let right = Self::ratio(other.numerator, self.denominator)?;
        Ok(Self {
            numerator: checked_mul(left.numerator, right.numerator)?,
            denominator: checked_mul(left.denominator, right.denominator)?,
        })
    }

    /// The quotient.
    ///
    /// # Errors
    /// [`ExactError::DivisionByZero`] or [`ExactError::TooLarge`].
    pub fn over(self, other: Self) -> Result<Self, ExactError> {
        self.times(Self::ratio(other.denominator, other.numerator)?)
    }

    /// The decimal rounded half to even at six places, without trailing zeros: for people's eyes only, never for comparing.
    #[must_use]
    pub fn shown(self) -> String {
        self.rounded(6)
    }

    /// The decimal rounded half to even at `places` (at most 9), without trailing zeros.
    #[must_use]
    pub fn rounded(self, places: u32) -> String {
        let places = places.min(9);
        let sign = if self.numerator < 0 { "−" } else { "" };
        let (size, below) = (self.numerator.unsigned_abs(), self.denominator.unsigned_abs());
        let mut digits = (size / below).to_string();
        let mut rest = size % below;
        let mut kept = 0_u64;
        for _ in 0..places {
            let (digit, left) = ten_times_over(rest, below);
            kept = kept * 10 + digit;
            rest = left;
        }
        let (next, left) = ten_times_over(rest, below);
        let odd = if places == 0 { size / below % 2 == 1 } else { kept % 2 == 1 };
        if next > 5 || (next == 5 && (left > 0 || odd)) {
            kept += 1;
        }
        let one = 10_u64.pow(places);
        if kept >= one {
            digits = (size / below + 1).to_string();
            kept -= one;
        }
        let width = places as usize;
        let fraction = if places == 0 { String::new() } else { format!("{kept:0width$}") };
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        let sign = if digits == "0" && fraction.is_empty() { "" } else { sign };
        format!("{sign}{digits}{point}{fraction}")
    }
}

/// The next decimal digit of `rest / below` and what is left: ten doublings-and-subtractions' worth, without ever exceeding 128 bits.
fn ten_times_over(rest: u128, below: u128) -> (u64, u128) {
    let (mut digit, mut left) = (0, 0_u128);
    for _ in 0..10 {
        // `left` and `rest` are both below `below`, which fits 127 bits, so the sum fits 128.
        left += rest;
        if left >= below {
            left -= below;
            digit += 1;
        }
    }
    (digit, left)
}

fn checked_mul(left: i128, right: i128) -> Result<i128, ExactError> {
    left.checked_mul(right).ok_or(ExactError::TooLarge)
}

fn gcd(mut left: u128, mut right: u128) -> u128 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

impl TryFrom<Decimal> for Exact {
    type Error = ExactError;
    fn try_from(value: Decimal) -> Result<Self, ExactError> {
        let value = value.normalize();
        let below = 10_i128.checked_pow(value.scale()).ok_or(ExactError::TooLarge)?;
        Self::ratio(value.mantissa(), below)
    }
}

impl Ord for Exact {
    /// Compares whole parts, then the reciprocals of what is left, as Euclid does: exact, and nothing can overflow.
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut a, mut b, mut c, mut d) = (self.numerator, self.denominator, other.numerator, other.denominator);
        let mut flipped = false;
        loop {
            let order = a.div_euclid(b).cmp(&c.div_euclid(d));
            let (rest, other_rest) = (a.rem_euclid(b), c.rem_euclid(d));
            let order = match order {
                Ordering::Equal if rest == 0 || other_rest == 0 => rest.cmp(&other_rest),
                Ordering::Equal => {
                    (a, b, c, d) = (b, rest, d, other_rest);
                    flipped = !flipped;
                    continue;
                }
                decided => decided,
            };
            return if flipped { order.reverse() } else { order };
        }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Exact {
    /// As [`Exact::shown`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl From<Exact> for String {
    fn from(value: Exact) -> Self {
        if value.denominator == 1 { value.numerator.to_string() } else { format!("{}/{}", value.numerator, value.denominator) }
    }
}

impl FromStr for Exact {
    type Err = ExactError;
    fn from_str(text: &str) -> Result<Self, ExactError> {
        let bad = || ExactError::NotAFraction(text.to_owned());
        let (above, below) = text.split_once('/').unwrap_or((text, "1"));
        Self::ratio(above.parse().map_err(|_| bad())?, below.parse().map_err(|_| bad())?)
    }
}

impl TryFrom<String> for Exact {
    type Error = ExactError;
    fn try_from(text: String) -> Result<Self, ExactError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exact(text: &str) -> Exact {
        text.parse().unwrap()
    }

    #[test]
    fn a_fraction_is_kept_in_lowest_terms() {
        assert_eq!(Exact::ratio(6, -4), Ok(exact("-3/2")));
        assert_eq!(String::from(Exact::ratio(6, 3).unwrap()), "2");
        assert_eq!(Exact::ratio(1, 0), Err(ExactError::DivisionByZero));
    }

    #[test]
    fn thirds_add_up_to_one() {
        let third = exact("1/3");
        assert_eq!(third.plus(third).unwrap().plus(third), Ok(Exact::whole(1)));
    }

    #[test]
    fn numbers_are_shown_rounded_half_to_even() {
        for (value, shown) in [
            ("2/3", "0.666667"),
            ("1/3", "0.333333"),
            ("200/3", "66.666667"),
            ("100", "100"),
            ("-1/3", "−0.333333"),
            ("1/2000000", "0"),
            ("3/2000000", "0.000002"),
            ("5/2000000", "0.000002"),
            ("1999999999/1000000000", "2"),
            ("-1/9000000", "0"),
        ] {
            assert_eq!(exact(value).shown(), shown, "{value}");
        }
        for (value, shown) in [("1/2", "0"), ("3/2", "2"), ("5/2", "2"), ("7/2", "4")] {
            assert_eq!(exact(value).rounded(0), shown, "{value}");
        }
    }

    #[test]
    fn numbers_too_close_for_any_decimal_still_compare() {
        let big = i128::MAX;
        let (smaller, larger) = (Exact::ratio(big - 2, big - 1).unwrap(), Exact::ratio(big - 1, big).unwrap());
        assert!(smaller < larger);
        assert!(exact("-1/2") < exact("-1/3"));
    }

    #[test]
    fn overflow_is_an_error() {
        let big = Exact::ratio(i128::MAX, 2).unwrap();
        assert_eq!(big.times(big), Err(ExactError::TooLarge));
    }

    proptest! {
        #[test]
        fn order_agrees_with_cross_multiplication(a in -1_000_000_i128..1_000_000, b in 1_i128..1_000_000, c in -1_000_000_i128..1_000_000, d in 1_i128..1_000_000) {
            let (left, right) = (Exact::ratio(a, b).unwrap(), Exact::ratio(c, d).unwrap());
            prop_assert_eq!(left.cmp(&right), (a * d).cmp(&(c * b)));
        }

        #[test]
        fn a_decimal_survives(mantissa in -1_000_000_000_i64..1_000_000_000, scale in 0_u32..9) {
            let value = Decimal::new(mantissa, scale);
            prop_assert_eq!(Exact::try_from(value).unwrap().rounded(9).replace('−', "-"), value.normalize().to_string());
        }

        #[test]
        fn text_and_back_agree(a in any::<i64>(), b in 1_i64..i64::MAX) {
            let value = Exact::ratio(a.into(), b.into()).unwrap();
            prop_assert_eq!(String::from(value).parse::<Exact>().unwrap(), value);
        }
    }
}
