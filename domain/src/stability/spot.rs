//! Where something happens on the way of a weight: a fraction, or a root of a quadratic, which no fraction is. Compared exactly.

use crate::exact::Exact;
use crate::ruleset::WHOLE;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive};
use std::borrow::Cow;
use std::cmp::Ordering;

/// A share of the whole weight, from 0 to 1.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    number: Number,
    /// The number in parts of [`FINE`], right to within [`BLUR`].
    key: i64,
}

#[derive(Clone, Debug)]
enum Number {
    Fraction(Exact),
    /// Numerator and denominator, which is above zero: long ones, not in lowest terms, since to find these takes longer than all else.
    Ratio(Box<(BigInt, BigInt)>),
    Irrational(Exact, Irrational),
}

/// `times × √root`, of a root that is no square.
#[derive(Clone, Debug)]
struct Irrational {
    times: Exact,
    root: Exact,
}

/// So many parts a key counts.
const FINE: i64 = 1 << 60;
/// Keys further apart than this are in the right order.
const BLUR: u64 = 8;
/// An irrational end is told between two neighbors of so many to a basis point.
const NARROW: i64 = 1_000_000;

impl Spot {
    /// A fraction.
    pub fn of(fraction: Exact) -> Self {
        let short = fraction.small().and_then(|(above, below)| Some(above.checked_mul(FINE.into())?.div_euclid(below)));
        let key = short.map_or_else(|| kept(&whole_parts(&fraction, FINE)), |key| kept(&key.into()));
        Self { key, number: Number::Fraction(fraction) }
    }

    /// A fraction of long numbers, of which the lower is above zero.
    pub fn ratio(above: BigInt, below: BigInt) -> Self {
        let key = kept(&(&above * FINE / &below));
        Self { key, number: Number::Ratio(Box::new((above, below))) }
    }

    fn irrational(plain: Exact, times: Exact, root: Exact) -> Self {
        let irrational = Irrational { times, root };
        let key = kept(&irrational.in_parts(&plain, FINE));
        Self { key, number: Number::Irrational(plain, irrational) }
    }

    /// The fraction, and what is added to it.
    fn plain(&self) -> (Cow<'_, Exact>, Option<&Irrational>) {
        match &self.number {
            Number::Fraction(fraction) => (Cow::Borrowed(fraction), None),
            Number::Ratio(parts) => (Cow::Owned(Exact::from_large(BigRational::new(parts.0.clone(), parts.1.clone()))), None),
            Number::Irrational(plain, irrational) => (Cow::Borrowed(plain), Some(irrational)),
        }
    }

    /// Where `q[0] + q[1]·x + q[2]·x²`, which is not zero everywhere, is zero: in rising order.
    pub fn roots(q: &[Exact; 3]) -> Vec<Self> {
        let [none, one, two] = q;
        let Ok(half) = Exact::ONE.over(&(&Exact::whole(2) * two)) else {
            return (-none).over(one).map(Self::of).into_iter().collect();
        };
        let under = &(one * one) - &(&Exact::whole(4) * &(two * none));
        let middle = -&(one * &half);
        let step = half.clone().max(-&half);
        match under.cmp(&Exact::ZERO) {
            Ordering::Less => Vec::new(),
            Ordering::Equal => vec![Self::of(middle)],
            Ordering::Greater => match under.whole_root() {
                Some(root) => [&middle - &(&step * &root), &middle + &(&step * &root)].map(Self::of).to_vec(),
                None => vec![Self::irrational(middle.clone(), -&step, under.clone()), Self::irrational(middle, step, under)],
            },
        }
    }

    /// The sign of `q[0] + q[1]·x + q[2]·x²` here.
    pub fn sign_of(&self, q: &[Exact; 3]) -> Ordering {
        let [none, one, two] = q;
        let (own, irrational) = self.plain();
        let plain = &(none + &(one * &own)) + &(two * &(&*own * &own));
        let Some(Irrational { times, root }) = irrational else { return plain.cmp(&Exact::ZERO) };
        let plain = &plain + &(two * &(&(times * times) * root));
        let times = &(one * times) + &(&(&Exact::whole(2) * two) * &(&*own * times));
        sign(&plain, &times, root)
    }

    /// As a fraction of whole numbers; `None` of no fraction, or of one too long.
    pub fn parts(&self) -> Option<(i128, i128)> {
        if let Number::Fraction(fraction) = &self.number { fraction.small() } else { None }
    }

    /// As a fraction of whole numbers of any length; `None` of no fraction.
    pub fn with_long_parts<T>(&self, of: impl FnOnce(&BigInt, &BigInt) -> T) -> Option<T> {
        match &self.number {
            Number::Fraction(fraction) => {
                let large = fraction.to_large();
                Some(of(large.numer(), large.denom()))
            }
            Number::Ratio(parts) => Some(of(&parts.0, &parts.1)),
            Number::Irrational(..) => None,
        }
    }

    /// The weight in basis points, between two that are equal where it is a fraction.
    pub fn between(&self) -> (Exact, Exact) {
        let whole = i64::from(WHOLE);
        let (plain, irrational) = self.plain();
        let Some(irrational) = irrational else {
            let exact = &*plain * &Exact::whole(whole);
            return (exact.clone(), exact);
        };
        let parts = whole * NARROW;
        let low = kept(&irrational.in_parts(&plain, parts));
        // Rounding plain part and root apart may be one too low.
        let weight = |part: i64| Exact::ratio(part.into(), parts.into()).unwrap_or(Exact::ZERO);
        let low = if Self::of(weight(low + 1)).cmp(self).is_lt() { low + 1 } else { low };
        let points = |part: i64| Exact::ratio(part.into(), NARROW.into()).unwrap_or(Exact::ZERO);
        (points(low), points(low + 1))
    }
}

impl Irrational {
    /// In so many parts of one, rounded down or to one part less.
    fn in_parts(&self, plain: &Exact, parts: i64) -> BigInt {
        let squared = &(&self.times * &self.times) * &self.root;
        let root = squared.root_in_parts(parts);
        let root = if self.times < Exact::ZERO { -root - 1 } else { root };
        whole_parts(plain, parts) + root
    }
}

fn whole_parts(number: &Exact, parts: i64) -> BigInt {
    (number.to_large() * BigRational::from_integer(parts.into())).floor().to_integer()
}

/// In 64 bits; what is too long is as far as they go.
fn kept(number: &BigInt) -> i64 {
    number.to_i64().unwrap_or(if number.is_negative() { i64::MIN } else { i64::MAX })
}

impl Ord for Spot {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.key.abs_diff(other.key) > BLUR {
            return self.key.cmp(&other.key);
        }
        if let (Number::Ratio(one), Number::Ratio(other)) = (&self.number, &other.number) {
            return (&one.0 * &other.1).cmp(&(&other.0 * &one.1));
        }
        let ((one, irrational), (other, other_irrational)) = (self.plain(), other.plain());
        let plain = &*one - &other;
        match (irrational, other_irrational) {
            (None, None) => plain.cmp(&Exact::ZERO),
            (Some(one), None) => sign(&plain, &one.times, &one.root),
            (None, Some(other)) => sign(&plain, &-&other.times, &other.root),
            (Some(one), Some(other)) => sign_of_two(&plain, one, other),
        }
    }
}

impl PartialOrd for Spot {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Spot {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Spot {}

/// The sign of `plain + times × √root`, of a root above zero.
fn sign(plain: &Exact, times: &Exact, root: &Exact) -> Ordering {
    let (own, other) = (plain.cmp(&Exact::ZERO), times.cmp(&Exact::ZERO));
    if own == other || other.is_eq() {
        return own;
    }
    if own.is_eq() {
        return other;
    }
    match (plain * plain).cmp(&(&(times * times) * root)) {
        Ordering::Greater => own,
        Ordering::Less => other,
        Ordering::Equal => Ordering::Equal,
    }
}

/// The sign of `plain + one − other`, of two irrational numbers.
fn sign_of_two(plain: &Exact, one: &Irrational, other: &Irrational) -> Ordering {
    let left = sign(plain, &one.times, &one.root);
    let right = other.times.cmp(&Exact::ZERO);
    if left != right {
        return left.cmp(&right);
    }
    // Both have one sign, so their squares tell which is farther from zero.
    let squares = &(plain * plain) + &(&(&(&one.times * &one.times) * &one.root) - &(&(&other.times * &other.times) * &other.root));
    let farther = sign(&squares, &(&(&Exact::whole(2) * plain) * &one.times), &one.root);
    if left.is_lt() { farther.reverse() } else { farther }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn q(none: i64, one: i64, two: i64) -> [Exact; 3] {
        [none, one, two].map(Exact::whole)
    }

    /// 2x² − 1 is zero at √½ = 0.70710678118…; 8x² − 8x + 1 at (2 ± √2)/4, 0.1464… and 0.8535…; 9x² − 6x + 1 at a third, twice.
    #[test]
    fn roots_are_where_they_are() {
        let half = Spot::roots(&q(-1, 0, 2));
        assert_eq!(half[1].between(), ("7071067811/1000000".parse().unwrap(), "7071067812/1000000".parse().unwrap()));
        let two = Spot::roots(&q(1, -8, 8));
        assert_eq!(two[0].between().0, "1464466094/1000000".parse().unwrap());
        assert!(two[0] < half[1] && half[1] < two[1] && two[1] == two[1].clone());
        assert_eq!(Spot::roots(&q(1, -6, 9)), [Spot::of("1/3".parse().unwrap())]);
        assert!(Spot::roots(&q(1, 0, 1)).is_empty() && Spot::roots(&q(1, 0, 0)).is_empty());
        assert_eq!(Spot::roots(&q(-1, 4, 0)), [Spot::of("1/4".parse().unwrap())]);
        assert_eq!(Spot::roots(&q(0, -1, 4)), [Spot::of(Exact::ZERO), Spot::of("1/4".parse().unwrap())]);
    }

    #[test]
    fn one_number_written_in_two_ways_is_one() {
        // (1 + √2)² = 3 + 2√2: both solve x² − 6x + 1 = 0 and, as the square, (x − 3)² = 8.
        let one = Spot::irrational(Exact::whole(3), Exact::whole(2), Exact::whole(2));
        let other = Spot::irrational(Exact::whole(3), Exact::ONE, Exact::whole(8));
        assert_eq!(one, other);
        assert_eq!(one.sign_of(&q(1, -6, 1)), Ordering::Equal);
        assert_eq!(one.sign_of(&q(0, -6, 1)), Ordering::Less);
    }

    /// Neighbors in 60 bits, told apart by squares alone.
    #[test]
    fn numbers_that_share_their_first_bits_are_told_apart() {
        let root = Spot::irrational(Exact::ZERO, Exact::ONE, "1/2".parse().unwrap());
        let near: Exact = "707106781186547524400844362104849039/1000000000000000000000000000000000000".parse().unwrap();
        let above: Exact = "707106781186547524400844362104849040/1000000000000000000000000000000000000".parse().unwrap();
        assert!(Spot::of(near) < root && root < Spot::of(above));
    }
}
