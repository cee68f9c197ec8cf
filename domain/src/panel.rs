//! A panel of reviewers: how a program file asks for one, who may not read what, who reads what ([`balance`]), what a review goes through
//! ([`Review`]), how scores become one number ([`aggregate`]), and what hides an applicant's name ([`Mask`]). Without a panel staff score, as
//! [`crate::review`] has it.

mod aggregate;
mod assign;
mod conflict;
mod mask;
mod spread;
mod stage;

pub use aggregate::{Aggregated, Average, Given, Leniency, Unaveraged, aggregate};
pub use assign::{Pair, Plan, Seat, Short, Wanted, balance};
pub use conflict::{Conflict, Part, Tie, Ties, conflicts};
pub use mask::Mask;
pub use spread::{FAR, Spread, Total, WIDE, median, total};
pub use stage::{CannotNow, Review, Stage, Written};

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How a round's applications are reviewed by a panel: the `[review]` section of a program file. How its scores become one number stands
/// with the rules ([`crate::ruleset::RuleSet::panel`]), since the ranking rests on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PanelTerms {
    /// How many reviewers each application needs.
    pub reviewers: u32,
    /// The most applications that one reviewer is given.
    pub load: u32,
    /// Whether reviewers may try their hand on an application whose scores never count.
    pub practice: bool,
    /// Whether reviewers are not told who applies.
    pub blind: bool,
    /// Of a blind review, the answers that would give the applicant away: `section.question`, sorted.
    pub identifying: Vec<String>,
    /// When reviews are due, if a time is set.
    pub due: Option<Timestamp>,
    /// Whether nobody, on the panel or of staff, sees another's scores before [`PanelTerms::due`], their own handed in or not.
    pub sealed: bool,
    /// Who leads the panel.
    pub chair: Chair,
    /// Where this stands.
    pub citation: String,
    /// Whether any of this was invented for a demonstration.
    pub synthetic: bool,
}

/// Who leads a panel: sees the spread, leads the discussion, asks for another look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chair {
    /// Any program manager.
    Manager,
    /// The member of the panel whom a program manager appoints.
    Appointed,
}

/// How the scores of a panel become the number that the ranking takes. Every way is computed exactly and rounded once, half to even, at nine
/// decimal places: what is equal there is equal, and goes to the tie-breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    /// The mean.
    Mean,
    /// The middle score; of an even number, the mean of the two in the middle.
    Median,
    /// The mean without one highest and one lowest score; of fewer than three, the plain mean.
    Trimmed,
    /// The mean after each reviewer's leniency is taken off.
    Adjusted,
}

impl Aggregation {
    /// In plain words, after “The panel's scores become one number by”.
    #[must_use]
    pub const fn plain(self) -> &'static str {
        match self {
            Self::Mean => "their mean",
            Self::Median => "their median: the middle score, or the mean of the two in the middle",
            Self::Trimmed => "their mean without one highest and one lowest score",
            Self::Adjusted => {
                "their mean after each reviewer’s leniency is taken off: how much higher or lower a reviewer scores than the others on the same applications"
            }
        }
    }
}

impl PanelTerms {
    /// Whether a member of the panel, with their own review handed in or not, may see the others' scores of the same application.
    #[must_use]
    pub fn shows_others(&self, own_in: bool, now: Timestamp) -> bool {
        own_in && !self.is_sealed(now)
    }

    /// Whether the file still seals the panel's scores: until the reviews are due, that second included.
    #[must_use]
    pub fn is_sealed(&self, now: Timestamp) -> bool {
        self.sealed && self.due.is_none_or(|due| now <= due)
    }

    /// How many reviews an application needs, when so many on the panel have no conflict with it.
    #[must_use]
    pub fn quorum(&self, free: usize) -> usize {
        free.min(self.reviewers as usize)
    }

    /// The terms in plain sentences.
    #[must_use]
    pub fn plain(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{} reviewers read each application; nobody reads more than {}. Who has a tie to an applicant neither reads nor scores it.",
            self.reviewers, self.load
        )];
        if self.blind {
            lines.push("Reviewers are not told who applies: names and identifying answers are masked.".to_owned());
        }
        lines.push(if self.sealed {
            "Scores stay sealed until the reviews are due: till then everybody sees their own only, the chair and staff as well.".to_owned()
        } else {
            "A reviewer sees the others’ scores once their own are handed in.".to_owned()
        });
        if self.practice {
            lines.push("There is a practice application; its scores never count.".to_owned());
        }
        lines
    }
}

#[cfg(test)]
mod tests;
