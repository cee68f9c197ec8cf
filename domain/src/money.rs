//! Money in whole cents. There is no `/` here: money is split, never divided, and a fraction of a cent is refused, never rounded.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in United States cents; negative amounts are legal (a balance may owe).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(i64);

/// Why an amount could not be read or computed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The text is not a number of dollars.
    #[error("“{0}” is not an amount in dollars. Write it like 1,234.50.")]
    NotAnAmount(String),
    /// The text holds a fraction of a cent.
    #[error("“{0}” has a fraction of a cent. Use at most two decimal places.")]
    FractionOfACent(String),
    /// The sum does not fit in 64 bits of cents.
    #[error("The amount is too large.")]
    TooLarge,
    /// A split needs at least one weight above zero, and none below.
    #[error("Money can't be split by these weights: one must be above zero and none below.")]
    NoWeights,
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount of whole cents.
    #[must_use]
    pub const fn cents(cents: i64) -> Self {
        Self(cents)
    }

    /// The amount in whole cents.
    #[must_use]
    pub const fn in_cents(self) -> i64 {
        self.0
    }

    /// Reads dollars as people type them: `1234`, `1,234.5`, `$1,234.50`, with surrounding blanks. A leading minus is read. A comma or a blank that
    /// does not part off three digits is refused: `12,50` may be twelve dollars fifty, or a number with a digit left out.
    ///
    /// # Errors
    /// [`MoneyError::NotAnAmount`], [`MoneyError::FractionOfACent`] or [`MoneyError::TooLarge`].
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        let not_an_amount = || MoneyError::NotAnAmount(text.trim().to_owned());
        let (minus, bare) = signed(text.trim());
        let (minus_too, bare) = signed(bare.strip_prefix('$').unwrap_or(bare).trim_start());
        let (whole, part) = bare.split_once('.').unwrap_or((bare, ""));
        let whole = ungrouped(whole).filter(|whole| !(whole.is_empty() && part.is_empty())).ok_or_else(not_an_amount)?;
        let sign = if minus || minus_too { "-" } else { "" };
        let is_number = !(minus && minus_too) && part.chars().all(|c| c.is_ascii_digit());
        let dollars: Option<Decimal> = is_number.then(|| format!("{sign}{whole}.{part}0").parse().ok()).flatten();
        let dollars = dollars.ok_or_else(not_an_amount)?;
        let cents = dollars.checked_mul(Decimal::ONE_HUNDRED).ok_or(MoneyError::TooLarge)?;
        if !cents.fract().is_zero() {
            return Err(MoneyError::FractionOfACent(text.trim().to_owned()));
        }
        cents.to_i64().map(Self).ok_or(MoneyError::TooLarge)
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] when it does not fit.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_add(other.0).map(Self).ok_or(MoneyError::TooLarge)
    }

    /// The difference; it may be negative.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] when it does not fit.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_sub(other.0).map(Self).ok_or(MoneyError::TooLarge)
    }

    /// The amount `count` times, as for seats at a unit cost.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] when it does not fit.
    pub fn times(self, count: i64) -> Result<Self, MoneyError> {
        self.0.checked_mul(count).map(Self).ok_or(MoneyError::TooLarge)
    }

    /// The sum of many.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] when it does not fit.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// Splits the amount by whole weights with the largest-remainder (Hamilton) method: the parts sum to the whole, to the cent. Equal
    /// remainders go to the earlier part.
    ///
    /// # Errors
    /// [`MoneyError::NoWeights`] unless one weight is above zero and none is below; [`MoneyError::TooLarge`] on overflow.
    pub fn split(self, weights: &[i64]) -> Result<Vec<Self>, MoneyError> {
        let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
        if total <= 0 || weights.iter().any(|w| *w < 0) {
            return Err(MoneyError::NoWeights);
        }
        let whole = i128::from(self.0);
        let mut parts = Vec::with_capacity(weights.len());
        let mut remainders = Vec::with_capacity(weights.len());
        for (index, weight) in weights.iter().enumerate() {
            let product = whole.checked_mul(i128::from(*weight)).ok_or(MoneyError::TooLarge)?;
            parts.push(product.div_euclid(total));
            remainders.push((product.rem_euclid(total), index));
        }
        let short = whole - parts.iter().sum::<i128>();
        remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        for (_, index) in remainders.iter().take(usize::try_from(short).map_err(|_| MoneyError::TooLarge)?) {
            parts[*index] += 1;
        }
        parts.into_iter().map(|part| i64::try_from(part).map(Self).map_err(|_| MoneyError::TooLarge)).collect()
    }

    /// Whether the amount is above zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// `1234.50`: no sign of currency, no grouping; for files.
    #[must_use]
    pub fn plain(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        format!("{sign}{}.{:02}", cents / 100, cents % 100)
    }

    /// For a column of figures, where whole dollars show their cents, too: `$1,234.00`.
    #[must_use]
    pub fn in_column(self) -> String {
        format!("{self:#}")
    }
}

impl fmt::Display for Money {
    /// `$1,234.50`, or `−$1,234.50`; whole dollars show no cents, unless asked to by `{:#}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "−" } else { "" };
        let cents = self.0.unsigned_abs();
        let digits = (cents / 100).to_string();
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        write!(f, "{sign}${grouped}")?;
        if cents.is_multiple_of(100) && !f.alternate() { Ok(()) } else { write!(f, ".{:02}", cents % 100) }
    }
}

fn signed(text: &str) -> (bool, &str) {
    text.strip_prefix('-').map_or((false, text), |rest| (true, rest.trim_start()))
}

/// The digits of a whole number, whose groups of three may be parted by commas or blanks; `None` for anything else. No digits are none.
pub(crate) fn ungrouped(text: &str) -> Option<String> {
    let is_digits = |group: &str| group.chars().all(|c| c.is_ascii_digit());
    let mut groups = text.split([',', ' ', '\u{a0}', '\u{202f}']);
    let first = groups.next().filter(|first| is_digits(first))?;
    let others: Vec<&str> = groups.collect();
    let parted = others.iter().all(|group| group.len() == 3 && is_digits(group)) && (others.is_empty() || (1..=3).contains(&first.len()));
    parted.then(|| [first, &others.concat()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dollars_are_read_as_people_type_them() {
        for (text, cents) in [("1234", 123_400), (" $1,234.50 ", 123_450), ("0.01", 1), ("-5", -500), ("12 000", 1_200_000)] {
            assert_eq!(Money::parse(text), Ok(Money::cents(cents)), "{text}");
        }
    }

    #[test]
    fn a_fraction_of_a_cent_is_refused() {
        assert!(matches!(Money::parse("1.005"), Err(MoneyError::FractionOfACent(_))));
    }

    #[test]
    fn words_are_refused() {
        for text in ["", "ten", "1e5", "0x10", "-", "--5", "1.2.3", "$", ".", "12,50", "$ 1,0", "1,2345", ",123", "1,23,456", "1 2"] {
            assert!(matches!(Money::parse(text), Err(MoneyError::NotAnAmount(_))), "{text}");
        }
    }

    #[test]
    fn amounts_print_with_grouping() {
        assert_eq!(Money::cents(1_200_000_000).to_string(), "$12,000,000");
        assert_eq!(Money::cents(-123_456).to_string(), "−$1,234.56");
        assert_eq!((Money::cents(500).to_string(), Money::cents(500).in_column()), ("$5".to_owned(), "$5.00".to_owned()));
        assert_eq!(Money::cents(5).plain(), "0.05");
    }

    proptest! {
        #[test]
        fn the_parts_of_a_split_sum_to_the_whole(cents in 0_i64..=i64::MAX / 4, weights in prop::collection::vec(0_i64..1_000_000, 1..40)) {
            prop_assume!(weights.iter().any(|w| *w > 0));
            let parts = Money::cents(cents).split(&weights).unwrap();
            prop_assert_eq!(Money::sum(parts).unwrap(), Money::cents(cents));
        }

        #[test]
        fn printing_and_reading_agree(cents in any::<i64>().prop_filter("not the least", |c| *c != i64::MIN)) {
            prop_assert_eq!(Money::parse(&Money::cents(cents).plain()), Ok(Money::cents(cents)));
        }
    }
}
