//! An appeal against what became of an application: on one of the grounds that the program file lists, within its days, ruled on by somebody
//! who had no hand in the decision. What an upheld appeal brings goes through the same rules, paid from the reserve.

mod put_right;

pub use put_right::{Again, AgainError, Correction, PutRight, again};

use crate::approval::Hands;
use crate::money::Money;
use crate::time::{Timestamp, Zone};
use chrono::{Days, NaiveTime};
use serde::{Deserialize, Serialize};

/// A statement or a ruling may be so long.
pub const STATEMENT_MAX: usize = 5_000;

/// The appeals of a program file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppealTerms {
    /// Days after the applicant is told; the last one counts to 11:59 p.m.
    pub days: u32,
    /// Money set aside for appeals that are upheld, taken off the pot before it is laid out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve: Option<Money>,
    /// The grounds.
    pub grounds: Vec<Ground>,
    /// The clause it rests on.
    pub citation: String,
    /// Whether any of it was invented for a demonstration.
    pub synthetic: bool,
}

/// A ground for an appeal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// The key within the file.
    pub key: String,
    /// As people read it.
    pub name: String,
    /// The clause it rests on.
    pub citation: String,
}

impl AppealTerms {
    /// The last second at which an applicant who was told then can appeal: 11:59 p.m. of the last day, in the round's zone, as rounds close.
    #[must_use]
    pub fn until(&self, told: Timestamp, zone: Zone) -> Timestamp {
        let day = told.date_in(zone).checked_add_days(Days::new(self.days.into()));
        let last = NaiveTime::from_hms_opt(23, 59, 0);
        // Clocks are never turned at that minute where this runs; were they, whole days from the telling are as good.
        day.zip(last)
            .and_then(|(day, last)| zone.at(day.and_time(last)).ok())
            .unwrap_or_else(|| told.plus_seconds(i64::from(self.days) * 86_400))
    }
}

/// How an appeal ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waiting for a ruling.
    Submitted,
    /// The appellant was right.
    Upheld,
    /// The decision stands.
    Dismissed,
    /// The appellant took it back.
    Withdrawn,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Submitted, Self::Upheld, Self::Dismissed, Self::Withdrawn];

    /// As the store writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Upheld => "upheld",
            Self::Dismissed => "dismissed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// As people read it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Submitted => "Waiting for a ruling",
            Self::Upheld => "Upheld",
            Self::Dismissed => "Dismissed",
            Self::Withdrawn => "Withdrawn",
        }
    }

    /// The status of a stored name.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// What can be done with an appeal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// The ruling gives the appellant right.
    Uphold,
    /// The ruling lets the decision stand.
    Dismiss,
    /// The appellant takes it back.
    Withdraw,
}

impl Verb {
    /// Every verb.
    pub const ALL: [Self; 3] = [Self::Uphold, Self::Dismiss, Self::Withdraw];

    /// The verb in a word, as in the diagram.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uphold => "uphold",
            Self::Dismiss => "dismiss",
            Self::Withdraw => "withdraw",
        }
    }
}

/// Why an appeal can't be made, or not ruled on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppealError {
    /// The program has no appeals.
    #[error("This program's rules know no appeal.")]
    NoAppeals,
    /// There is nothing to appeal against yet.
    #[error("There is nothing to appeal against until the applicant is told of the decision.")]
    NotTold,
    /// Nothing was refused.
    #[error("The application is funded whole, so there is nothing to appeal against.")]
    FundedWhole,
    /// The days are over.
    #[error("Appeals could be made until {0}.")]
    TooLate(String),
    /// It is decided already.
    #[error("This appeal is {} already.", .0.name().to_lowercase())]
    Over(Status),
    /// Whoever decided can't rule on it.
    #[error("You {0} in this round, so somebody else must rule on its appeals.")]
    HadAHand(&'static str),
}

impl Status {
    /// The status after a verb.
    ///
    /// # Errors
    /// [`AppealError::Over`] unless it waits for a ruling.
    pub const fn after(self, verb: Verb) -> Result<Self, AppealError> {
        match (self, verb) {
            (Self::Submitted, Verb::Uphold) => Ok(Self::Upheld),
            (Self::Submitted, Verb::Dismiss) => Ok(Self::Dismissed),
            (Self::Submitted, Verb::Withdraw) => Ok(Self::Withdrawn),
            (over, _) => Err(AppealError::Over(over)),
        }
    }
}

/// Whether a person may rule: neither who ranked, screened, scored, proposed nor approved.
///
/// # Errors
/// [`AppealError::HadAHand`].
pub const fn may_rule(hands: Hands) -> Result<(), AppealError> {
    let had = if hands.ranked {
        "froze the ranking"
    } else if hands.scored {
        "scored applications"
    } else if hands.screened {
        "decided who is eligible"
    } else if hands.proposed {
        "proposed the awards"
    } else if hands.approved {
        "approved the awards"
    } else if hands.tied {
        "have a tie to an applicant or a recipient"
    } else {
        return Ok(());
    };
    Err(AppealError::HadAHand(had))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagrams::{arrows, found};

    fn at(text: &str) -> Timestamp {
        text.to_owned().try_into().unwrap()
    }

    #[test]
    fn the_last_day_counts_to_its_last_minute_in_the_rounds_zone() {
        let terms = AppealTerms { days: 10, reserve: None, grounds: Vec::new(), citation: "test".to_owned(), synthetic: true };
        // 11 p.m. in Mississippi on June 14 is the 15th in UTC; the tenth day is June 24.
        assert_eq!(terms.until(at("2023-06-15T04:00:00Z"), Zone::CENTRAL), at("2023-06-25T04:59:00Z"));
    }

    #[test]
    fn a_ruling_is_made_once() {
        assert_eq!(Status::Submitted.after(Verb::Uphold), Ok(Status::Upheld));
        for status in [Status::Upheld, Status::Dismissed, Status::Withdrawn] {
            for verb in Verb::ALL {
                assert_eq!(status.after(verb), Err(AppealError::Over(status)));
            }
        }
    }

    #[test]
    fn the_diagram_is_the_machine() {
        let all = Status::ALL.into_iter().flat_map(|status| Verb::ALL.into_iter().map(move |verb| (status, verb)));
        let found = found(all.map(|(status, verb)| (status.as_str(), verb.as_str(), status.after(verb).map_or("-", Status::as_str))));
        assert_eq!(found, arrows("appeal"));
    }

    #[test]
    fn whoever_had_a_hand_in_the_decision_does_not_rule() {
        assert_eq!(may_rule(Hands::default()), Ok(()));
        for hands in [
            Hands { proposed: true, ..Hands::default() },
            Hands { ranked: true, ..Hands::default() },
            Hands { scored: true, ..Hands::default() },
            Hands { screened: true, ..Hands::default() },
            Hands { approved: true, ..Hands::default() },
        ] {
            assert!(matches!(may_rule(hands), Err(AppealError::HadAHand(_))), "{hands:?}");
        }
    }

    #[test]
    fn stored_names_read_back() {
        for status in Status::ALL {
            assert_eq!(Status::from_stored(status.as_str()), Some(status));
        }
    }
}
