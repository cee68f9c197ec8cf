//! What a rule may ask for besides its method: money kept back, limits for each organization or district, awards held harmless.

use super::AllocationRule;
use super::Bid;
use crate::money::Money;
use serde::{Deserialize, Serialize};

/// Money kept back before anything is allocated, as for appeals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetAside {
    /// What for, such as `appeals`.
    pub purpose: String,
    /// How much, in cents.
    pub amount: Money,
    /// The clause it rests on.
    pub citation: String,
    /// Whether it was invented for a demonstration.
    pub synthetic: bool,
}

/// The most that any one organization, or any one district, gets in all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Of what each is limited.
    pub of: Limited,
    /// The most each gets, in cents.
    pub cap: Money,
    /// The clause it rests on.
    pub citation: String,
    /// Whether it was invented for a demonstration.
    pub synthetic: bool,
}

/// What a limit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limited {
    /// Each organization: what it can carry out.
    Organization,
    /// Each district.
    District,
}

impl Limited {
    /// The word for one of them, which is the table's column as well.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::District => "district",
        }
    }

    /// The name of a bid's.
    pub(super) fn of(self, bid: &Bid) -> &str {
        match self {
            Self::Organization => &bid.organization,
            Self::District => &bid.district,
        }
    }
}

/// No award is smaller than this: a part of a request that is too little to be of use goes to others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeastAward {
    /// The fewest units of an award; whoever asks for fewer gets all of them or nothing.
    pub units: i64,
    /// The clause it rests on.
    pub citation: String,
    /// Whether it was invented for a demonstration.
    pub synthetic: bool,
}

/// A pot that is filled before the round's own appropriation, by a rule of its own. An application is paid by one pot: whoever it pays, even in
/// part, is not in the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pot {
    /// The key of the appropriation that pays.
    pub appropriation: String,
    /// What it is called.
    pub name: String,
    /// The most that it pays: as the file says, and in a frozen document what of that is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The regions whose claims it pays; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// How it is laid out.
    pub rule: AllocationRule,
}

/// Nobody gets less than a share of the last award.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldHarmless {
    /// The share in percent, 1 to 100; a fraction of a cent counts as a cent.
    pub percent: u32,
    /// The clause it rests on.
    pub citation: String,
    /// Whether it was invented for a demonstration.
    pub synthetic: bool,
}

impl HoldHarmless {
    /// The least that one with this award the last time must get; `None` where it had none.
    pub(super) fn least(&self, last: Option<Money>) -> Option<Money> {
        let last = i128::from(last?.in_cents());
        let least = (last * i128::from(self.percent) + 99).div_euclid(100);
        i64::try_from(least).ok().filter(|cents| *cents > 0).map(Money::cents)
    }
}
