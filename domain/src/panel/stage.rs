//! What one reviewer's review of one application goes through. A draft is saved as often as one likes; handed in it is closed, until the
//! chair asks for another look. What was handed in before is kept.

use crate::review::{REASON_MAX, Unreasoned, anchors_of};
use crate::ruleset::Criterion;
use rust_decimal::Decimal;

/// Where a review stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Given to the reviewer.
    Assigned,
    /// Handed in: the scores count.
    HandedIn,
    /// Handed in once; the chair asks for another look.
    AskedAgain,
    /// The reviewer has a conflict; whatever was scored does not count.
    Recused,
    /// Taken from the reviewer.
    Removed,
}

/// Why a review can't go where somebody wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotNow {
    /// It is handed in.
    #[error("This review is handed in. The chair can ask for another look; until then it stays as it is.")]
    HandedIn,
    /// It is not handed in.
    #[error("This review is not handed in yet.")]
    NotHandedIn,
    /// The reviewer has a conflict.
    #[error("There is a conflict of interest between this reviewer and the applicant, so there is no review.")]
    Recused,
    /// It was taken from the reviewer.
    #[error("This review was given to somebody else.")]
    Removed,
}

/// One reviewer's review of one application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Review {
    /// Where it stands.
    pub stage: Stage,
}

/// One criterion of a review as written so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The points of the level chosen, if any.
    pub points: Option<Decimal>,
    /// The reason, perhaps empty still.
    pub reason: String,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 5] = [Self::Assigned, Self::HandedIn, Self::AskedAgain, Self::Recused, Self::Removed];

    /// As the store writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::HandedIn => "handed_in",
            Self::AskedAgain => "asked_again",
            Self::Recused => "recused",
            Self::Removed => "removed",
        }
    }

    /// As people say it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Assigned => "To review",
            Self::HandedIn => "Handed in",
            Self::AskedAgain => "Another look asked for",
            Self::Recused => "Conflict of interest",
            Self::Removed => "Taken away",
        }
    }

    /// The stage of a stored name.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text)
    }

    /// Whether the reviewer has, or had, the application on the desk, and is to hand it in or has done so.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Assigned | Self::HandedIn | Self::AskedAgain)
    }

    /// Whether the reviewer has something left to do.
    #[must_use]
    pub const fn waits(self) -> bool {
        matches!(self, Self::Assigned | Self::AskedAgain)
    }
}

impl Review {
    /// Whether what is written may be saved.
    ///
    /// # Errors
    /// [`CannotNow`].
    pub const fn save(self) -> Result<Self, CannotNow> {
        match self.stage {
            Stage::Assigned | Stage::AskedAgain => Ok(self),
            Stage::HandedIn => Err(CannotNow::HandedIn),
            Stage::Recused => Err(CannotNow::Recused),
            Stage::Removed => Err(CannotNow::Removed),
        }
    }

    /// Hands the review in.
    ///
    /// # Errors
    /// [`CannotNow`].
    pub fn hand_in(self) -> Result<Self, CannotNow> {
        self.save().map(|_| Self { stage: Stage::HandedIn })
    }

    /// The chair asks for another look.
    ///
    /// # Errors
    /// [`CannotNow`].
    pub const fn ask_again(self) -> Result<Self, CannotNow> {
        match self.stage {
            Stage::HandedIn => Ok(Self { stage: Stage::AskedAgain }),
            Stage::Assigned | Stage::AskedAgain => Err(CannotNow::NotHandedIn),
            Stage::Recused => Err(CannotNow::Recused),
            Stage::Removed => Err(CannotNow::Removed),
        }
    }

    /// A conflict has come to light: the reviewer steps back, whatever was done.
    ///
    /// # Errors
    /// [`CannotNow`].
    pub const fn recuse(self) -> Result<Self, CannotNow> {
        match self.stage {
            Stage::Assigned | Stage::HandedIn | Stage::AskedAgain => Ok(Self { stage: Stage::Recused }),
            Stage::Recused => Err(CannotNow::Recused),
            Stage::Removed => Err(CannotNow::Removed),
        }
    }

    /// Takes the review from the reviewer. What is handed in stays.
    ///
    /// # Errors
    /// [`CannotNow`].
    pub const fn remove(self) -> Result<Self, CannotNow> {
        match self.stage {
            Stage::Assigned | Stage::AskedAgain => Ok(Self { stage: Stage::Removed }),
            Stage::HandedIn => Err(CannotNow::HandedIn),
            Stage::Recused => Err(CannotNow::Recused),
            Stage::Removed => Err(CannotNow::Removed),
        }
    }

    /// Gives a review that was taken away back to its reviewer.
    ///
    /// # Errors
    /// [`CannotNow`].
    pub const fn give_again(self) -> Result<Self, CannotNow> {
        match self.stage {
            Stage::Removed => Ok(Self { stage: Stage::Assigned }),
            Stage::Recused => Err(CannotNow::Recused),
            Stage::Assigned | Stage::AskedAgain | Stage::HandedIn => Err(CannotNow::HandedIn),
        }
    }
}

impl Written {
    /// What is wrong with it as a draft: points on no written level, or a reason too long. What is missing may come later.
    #[must_use]
    pub fn draft_problems(&self, criterion: &Criterion) -> Vec<Unreasoned> {
        let Some(anchors) = anchors_of(criterion) else { return vec![Unreasoned::NotARubric] };
        let off = self.points.is_some_and(|points| anchors.iter().all(|anchor| anchor.points != points));
        let long = self.reason.chars().count() > REASON_MAX;
        off.then_some(Unreasoned::OffAnchor).into_iter().chain(long.then_some(Unreasoned::TooLong)).collect()
    }
}
