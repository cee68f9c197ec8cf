//! Exact fractions for points: a linear scale gives thirds and sevenths, which no decimal holds. Nothing rounds and nothing overflows: what
//! 128 bits don't hold is kept in as many as it takes. Rounding happens only where a rule declares it or a number is shown.

use num_bigint::{BigInt, Sign};
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Mul, Neg, Sub};
use std::str::FromStr;

/// A fraction in lowest terms with a positive denominator. As text (and JSON) it is `2/3` or `17`; shown, it is a decimal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Exact(Kept);

/// How a fraction is kept. One value has one form: whatever fits in `Small` is never `Large`, so equality is equality of forms.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Kept {
    Small { numerator: i128, denominator: i128 },
    Large(Box<BigRational>),
}

/// Why a fraction could not be computed or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExactError {
    /// The result does not fit where it has to go.
    #[error("The number is too long to be kept there.")]
    TooLarge,
    /// The denominator is zero.
    #[error("Nothing can be divided by zero.")]
    DivisionByZero,
    /// The root of a negative number.
    #[error("A number below zero has no square root.")]
    NegativeRoot,
    /// The text is not a fraction.
    #[error("“{0}” is not a fraction such as 2/3.")]
    NotAFraction(String),
}

impl Exact {
    /// Nothing.
    pub const ZERO: Self = Self::whole(0);
    /// One.
    pub const ONE: Self = Self::whole(1);

    /// A whole number.
    #[must_use]
    pub const fn whole(number: i64) -> Self {
        Self(Kept::Small { numerator: number as i128, denominator: 1 })
    }

    /// The fraction `numerator / denominator`, in lowest terms.
    ///
    /// # Errors
    /// [`ExactError::DivisionByZero`].
    pub fn ratio(numerator: i128, denominator: i128) -> Result<Self, ExactError> {
        if denominator == 0 {
            return Err(ExactError::DivisionByZero);
        }
        Ok(lowest(numerator, denominator).unwrap_or_else(|| Self::from_large(BigRational::new(numerator.into(), denominator.into()))))
    }

    /// The fraction of one without a limit, which is in lowest terms.
    pub(crate) fn from_large(value: BigRational) -> Self {
        match (i128::try_from(value.numer()), i128::try_from(value.denom())) {
            (Ok(numerator), Ok(denominator)) => Self(Kept::Small { numerator, denominator }),
            _ => Self(Kept::Large(Box::new(value))),
        }
    }

    /// The fraction for arithmetic without a limit.
    #[must_use]
    pub fn to_large(&self) -> BigRational {
        match &self.0 {
            Kept::Small { numerator, denominator } => BigRational::new_raw((*numerator).into(), (*denominator).into()),
            Kept::Large(value) => (**value).clone(),
        }
    }

    /// The quotient.
    ///
    /// # Errors
    /// [`ExactError::DivisionByZero`].
    pub fn over(&self, other: &Self) -> Result<Self, ExactError> {
        let turned = match &other.0 {
            Kept::Small { numerator, denominator } => Self::ratio(*denominator, *numerator)?,
            Kept::Large(value) => Self::from_large(value.recip()),
        };
        Ok(self * &turned)
    }

    /// Rounded half to even at a number of decimal places.
    #[must_use]
    pub fn to_places(&self, places: u32) -> Self {
        let one = BigInt::from(10).pow(places);
        let scaled = self.to_large() * &one;
        Self::from_large(BigRational::new(half_to_even(&scaled), one))
    }

    /// The square root, rounded half to even at nine decimal places.
    ///
    /// # Errors
    /// [`ExactError::NegativeRoot`].
    pub fn square_root(&self) -> Result<Self, ExactError> {
        let billion = BigInt::from(1_000_000_000_i64);
        let scaled = self.to_large() * (&billion * &billion);
        if scaled.is_negative() {
            return Err(ExactError::NegativeRoot);
        }
        // The floor of the root is the root of the floor; whether the half above it is passed is asked in whole numbers.
        let floor = scaled.to_integer().sqrt();
        let half = BigRational::new(&floor * 2 + 1, 2.into());
        let up = match (&half * &half).cmp(&scaled) {
            Ordering::Less => true,
            Ordering::Equal => floor.bit(0),
            Ordering::Greater => false,
        };
        Ok(Self::from_large(BigRational::new(if up { floor + 1 } else { floor }, billion)))
    }

    /// The square root, where it is a fraction itself.
    #[must_use]
    pub(crate) fn whole_root(&self) -> Option<Self> {
        let large = self.to_large();
        let root = |square: &BigInt| Some(square.sqrt()).filter(|root| root * root == *square);
        if large.is_negative() { None } else { Some(Self::from_large(BigRational::new(root(large.numer())?, root(large.denom())?))) }
    }

    /// The greatest whole multiple of `1 / parts` that is not above the square root, in parts; zero of a number below zero.
    pub(crate) fn root_in_parts(&self, parts: i64) -> BigInt {
        let scaled = self.to_large() * (BigInt::from(parts) * BigInt::from(parts));
        if scaled.is_negative() { BigInt::zero() } else { scaled.to_integer().sqrt() }
    }

    /// The greatest whole number that is not above it.
    ///
    /// # Errors
    /// [`ExactError::TooLarge`] beyond 128 bits.
    pub fn floor(&self) -> Result<i128, ExactError> {
        match &self.0 {
            Kept::Small { numerator, denominator } => Ok(numerator.div_euclid(*denominator)),
            Kept::Large(value) => i128::try_from(value.floor().to_integer()).map_err(|_| ExactError::TooLarge),
        }
    }

    /// The numerator and the denominator, if 128 bits hold each.
    pub(crate) fn small(&self) -> Option<(i128, i128)> {
        match &self.0 {
            Kept::Small { numerator, denominator } => Some((*numerator, *denominator)),
            Kept::Large(_) => None,
        }
    }

    /// The least denominator that both `denominator` and this fraction fit, if 128 bits hold it.
    pub(crate) fn common_denominator(&self, denominator: i128) -> Option<i128> {
        let Kept::Small { denominator: own, .. } = &self.0 else { return None };
        let common = i128::try_from(gcd(own.unsigned_abs(), denominator.unsigned_abs())).ok()?.max(1);
        (own / common).checked_mul(denominator)
    }

    /// The numerator over a denominator that is a multiple of this fraction's own; `None` when it is not, or 128 bits don't hold it.
    pub(crate) fn over_denominator(&self, multiple: i128) -> Option<i128> {
        let Kept::Small { numerator, denominator } = &self.0 else { return None };
        if multiple.checked_rem(*denominator)? == 0 { numerator.checked_mul(multiple / denominator) } else { None }
    }

    /// The decimal nearest to it at nine places, for keeping beside the exact fraction.
    ///
    /// # Errors
    /// [`ExactError::TooLarge`] beyond 96 bits.
    pub fn to_decimal(&self) -> Result<Decimal, ExactError> {
        let scaled = self.to_large() * BigInt::from(1_000_000_000_i64);
        let mantissa = i128::try_from(half_to_even(&scaled)).map_err(|_| ExactError::TooLarge)?;
        Decimal::try_from_i128_with_scale(mantissa, 9).map(|value| value.normalize()).map_err(|_| ExactError::TooLarge)
    }

    /// The decimal rounded half to even at six places, without trailing zeros: for people's eyes only, never for comparing.
    #[must_use]
    pub fn shown(&self) -> String {
        self.rounded(6)
    }

    /// The decimal rounded half to even at `places`, without trailing zeros.
    #[must_use]
    pub fn rounded(&self, places: u32) -> String {
        let digits = half_to_even(&(self.to_large() * BigInt::from(10).pow(places)));
        let sign = if digits.sign() == Sign::Minus { "−" } else { "" };
        let width = places as usize;
        let digits = format!("{:0>least$}", digits.magnitude(), least = width + 1);
        let (whole, fraction) = digits.split_at(digits.len() - width);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{whole}{point}{fraction}")
    }
}

/// The nearest whole number; of two equally near, the even one.
fn half_to_even(value: &BigRational) -> BigInt {
    let floor = value.floor().to_integer();
    let over = value - BigRational::from_integer(floor.clone());
    let up = match (&over + &over).cmp(&BigRational::from_integer(1.into())) {
        Ordering::Less => false,
        Ordering::Equal => floor.bit(0),
        Ordering::Greater => true,
    };
    if up { floor + 1 } else { floor }
}

/// `numerator / denominator` in lowest terms; `None` at the very edge of 128 bits.
fn lowest(numerator: i128, denominator: i128) -> Option<Exact> {
    let common = i128::try_from(gcd(numerator.unsigned_abs(), denominator.unsigned_abs())).ok()?.max(1);
    let sign = denominator.signum();
    let (numerator, denominator) = ((numerator / common).checked_mul(sign)?, (denominator / common).checked_mul(sign)?);
    Some(Exact(Kept::Small { numerator, denominator }))
}

/// The greatest common divisor; in 64 bits as soon as both fit, where division is many times faster.
fn gcd(mut left: u128, mut right: u128) -> u128 {
    while right != 0 {
        if let (Ok(mut small), Ok(mut smaller)) = (u64::try_from(left), u64::try_from(right)) {
            while smaller != 0 {
                (small, smaller) = (smaller, small % smaller);
            }
            return small.into();
        }
        (left, right) = (right, left % right);
    }
    left
}

fn small_sum(a: i128, b: i128, c: i128, d: i128) -> Option<Exact> {
    if b == d {
        return lowest(a.checked_add(c)?, b);
    }
    let common = i128::try_from(gcd(b.unsigned_abs(), d.unsigned_abs())).ok()?;
    let numerator = a.checked_mul(d / common)?.checked_add(c.checked_mul(b / common)?)?;
    lowest(numerator, (b / common).checked_mul(d)?)
}

fn small_product(a: i128, b: i128, c: i128, d: i128) -> Option<Exact> {
    // Cancelled crosswise first, so that only a result that is too long overflows.
    let (Kept::Small { numerator: a, denominator: d }, Kept::Small { numerator: c, denominator: b }) = (lowest(a, d)?.0, lowest(c, b)?.0)
    else {
        return None;
    };
    Some(Exact(Kept::Small { numerator: a.checked_mul(c)?, denominator: b.checked_mul(d)? }))
}

impl Add for &Exact {
    type Output = Exact;
    fn add(self, other: Self) -> Exact {
        if let (Kept::Small { numerator: a, denominator: b }, Kept::Small { numerator: c, denominator: d }) = (&self.0, &other.0)
            && let Some(sum) = small_sum(*a, *b, *c, *d)
        {
            return sum;
        }
        Exact::from_large(self.to_large() + other.to_large())
    }
}

impl Mul for &Exact {
    type Output = Exact;
    fn mul(self, other: Self) -> Exact {
        if let (Kept::Small { numerator: a, denominator: b }, Kept::Small { numerator: c, denominator: d }) = (&self.0, &other.0)
            && let Some(product) = small_product(*a, *b, *c, *d)
        {
            return product;
        }
        Exact::from_large(self.to_large() * other.to_large())
    }
}

impl Neg for &Exact {
    type Output = Exact;
    fn neg(self) -> Exact {
        self * &Exact::whole(-1)
    }
}

impl Sub for &Exact {
    type Output = Exact;
    fn sub(self, other: Self) -> Exact {
        self + &-other
    }
}

impl<'a> Sum<&'a Self> for Exact {
    fn sum<I: Iterator<Item = &'a Self>>(parts: I) -> Self {
        parts.fold(Self::ZERO, |sum, part| &sum + part)
    }
}

impl From<Decimal> for Exact {
    fn from(value: Decimal) -> Self {
        let value = value.normalize();
        // A decimal has at most 28 places and 96 bits, so both parts fit.
        let below = 10_i128.pow(value.scale());
        lowest(value.mantissa(), below).unwrap_or(Self::ZERO)
    }
}

impl Ord for Exact {
    /// Small ones compare whole parts, then the reciprocals of what is left, as Euclid does: exact, and nothing can overflow.
    fn cmp(&self, other: &Self) -> Ordering {
        let (Kept::Small { numerator: a, denominator: b }, Kept::Small { numerator: c, denominator: d }) = (&self.0, &other.0) else {
            return self.to_large().cmp(&other.to_large());
        };
        let (mut a, mut b, mut c, mut d) = (*a, *b, *c, *d);
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
        let value = value.to_large();
        if value.is_integer() { value.numer().to_string() } else { format!("{}/{}", value.numer(), value.denom()) }
    }
}

/// The most digits that are read: more than any sum of products of decimals has.
const LONGEST: usize = 2_000;

impl FromStr for Exact {
    type Err = ExactError;
    fn from_str(text: &str) -> Result<Self, ExactError> {
        let bad = || ExactError::NotAFraction(text.chars().take(40).collect());
        if text.len() > LONGEST {
            return Err(bad());
        }
        let (above, below) = text.split_once('/').unwrap_or((text, "1"));
        let (above, below): (BigInt, BigInt) = (above.parse().map_err(|_| bad())?, below.parse().map_err(|_| bad())?);
        if below.is_zero() {
            return Err(ExactError::DivisionByZero);
        }
        Ok(Self::from_large(BigRational::new(above, below)))
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
        assert_eq!(&(&third + &third) + &third, Exact::ONE);
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
    fn rounding_to_places_is_half_to_even_below_zero_too() {
        for (value, places, rounded) in [
            ("1/2", 0, "0"),
            ("3/2", 0, "2"),
            ("-1/2", 0, "0"),
            ("-3/2", 0, "-2"),
            ("2/3", 2, "67/100"),
            ("-2/3", 2, "-67/100"),
            ("1/8", 2, "3/25"),
        ] {
            assert_eq!(exact(value).to_places(places), exact(rounded), "{value}");
        }
        assert_eq!(exact("2/3").to_decimal().unwrap().to_string(), "0.666666667");
    }

    #[test]
    fn what_128_bits_do_not_hold_is_kept_all_the_same_and_comes_back() {
        let big = Exact::ratio(i128::MAX, 2).unwrap();
        let square = &big * &big;
        assert!(square > big && matches!(square.0, Kept::Large(_)));
        assert_eq!(square.over(&big), Ok(big.clone()));
        assert!(matches!((&square - &square).0, Kept::Small { numerator: 0, denominator: 1 }));
        assert_eq!(String::from(square.clone()).parse(), Ok(square.clone()));
        assert_eq!(square.floor(), Err(ExactError::TooLarge));
        assert_eq!((-&square).cmp(&square), Ordering::Less);
        assert_eq!(Exact::ratio(i128::MIN, -1).unwrap().to_large(), BigRational::from_integer(-BigInt::from(i128::MIN)));
    }

    #[test]
    fn square_roots_are_rounded_at_nine_places() {
        for (value, root) in [("4", "2"), ("2", "1414213562/1000000000"), ("1/4", "1/2"), ("0", "0"), ("1/4000000000000000000", "0")] {
            assert_eq!(exact(value).square_root(), Ok(exact(root)), "{value}");
        }
        assert_eq!(exact("-1").square_root(), Err(ExactError::NegativeRoot));
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
            prop_assert_eq!(Exact::from(value).rounded(9).replace('−', "-"), value.normalize().to_string());
        }

        #[test]
        fn long_and_short_arithmetic_agree(a in any::<i64>(), b in 1_i64..i64::MAX, c in any::<i64>(), d in 1_i64..i64::MAX) {
            let (left, right) = (Exact::ratio(a.into(), b.into()).unwrap(), Exact::ratio(c.into(), d.into()).unwrap());
            prop_assert_eq!((&left + &right).to_large(), left.to_large() + right.to_large());
            prop_assert_eq!((&left * &right).to_large(), left.to_large() * right.to_large());
            prop_assert_eq!((&left - &right).to_large(), left.to_large() - right.to_large());
        }

        #[test]
        fn text_and_back_agree(a in any::<i64>(), b in 1_i64..i64::MAX) {
            let value = Exact::ratio(a.into(), b.into()).unwrap();
            prop_assert_eq!(String::from(value.clone()).parse::<Exact>().unwrap(), value);
        }
    }
}
