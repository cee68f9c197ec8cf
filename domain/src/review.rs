//! Screening: who may be found eligible, and what a rubric score must be. A decision is a noun with its reason; nothing is decided while
//! applicants may still change their minds, nor after the ranking is frozen. Ranking itself is [`crate::ranking`].

use crate::ruleset::{Anchor, Criterion, Source};
use crate::time::{Timestamp, Zone};
use rust_decimal::Decimal;

/// The longest reason kept, in characters.
pub const REASON_MAX: usize = 2_000;

/// Where an application stands when staff want to decide on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is handed in and not withdrawn.
    pub submitted: bool,
    /// The last second at which an application is in time.
    pub closes_at: Timestamp,
    /// Whether the round's ranking is frozen.
    pub frozen: bool,
    /// Whether it was found ineligible.
    pub ineligible: bool,
}

/// Why nothing can be decided on an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// Applicants may still change or withdraw.
    #[error("The round is still open: this application may still be changed or withdrawn. Decide after it closes.")]
    StillOpen,
    /// It was withdrawn, or never handed in.
    #[error("This application is not handed in, so there is nothing to decide.")]
    NotSubmitted,
    /// The ranking rests on the decisions as they were.
    #[error("The ranking is frozen, so decisions and scores can no longer change.")]
    Frozen,
    /// Scores of an ineligible application count nowhere.
    #[error("This application was found ineligible, so it is not scored.")]
    Ineligible,
}

/// Why a decision or a score can't be taken as written; each belongs to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreasoned {
    /// No answer was chosen.
    #[error("Choose whether the application is eligible.")]
    NoChoice,
    /// No reason was given.
    #[error("Give the reason in a sentence. The applicant will read it.")]
    NoReason,
    /// The reason is too long to read.
    #[error("The reason is longer than {REASON_MAX} characters. Shorten it.")]
    TooLong,
    /// No level was chosen.
    #[error("Choose the written level that fits best.")]
    NoLevel,
    /// The points are none of the written levels.
    #[error("Choose one of the written levels.")]
    OffAnchor,
    /// The criterion is not scored by people.
    #[error("This criterion is not scored by staff.")]
    NotARubric,
}

/// A decision on eligibility.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EligibilityDecision {
    /// Whether it is eligible.
    pub eligible: bool,
    /// Why.
    pub reason: String,
}

/// A score on one rubric criterion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RubricScore {
    /// The criterion's key.
    pub criterion: String,
    /// The points of the chosen level.
    pub points: Decimal,
    /// Why.
    pub reason: String,
}

impl Standing {
    /// Whether eligibility can be decided.
    ///
    /// # Errors
    /// [`NotNow`].
    pub fn may_decide(self, now: Timestamp) -> Result<(), NotNow> {
        if self.frozen {
            return Err(NotNow::Frozen);
        }
        // The closing second itself still belongs to the applicants.
        if now <= self.closes_at {
            return Err(NotNow::StillOpen);
        }
        if self.submitted { Ok(()) } else { Err(NotNow::NotSubmitted) }
    }

    /// Whether the application can be scored.
    ///
    /// # Errors
    /// [`NotNow`].
    pub fn may_score(self, now: Timestamp) -> Result<(), NotNow> {
        self.may_decide(now)?;
        if self.ineligible { Err(NotNow::Ineligible) } else { Ok(()) }
    }
}

impl NotNow {
    /// The refusal with the deadline in it, for the person who waits for it.
    #[must_use]
    pub fn say(self, closes_at: Timestamp, zone: Zone) -> String {
        match self {
            Self::StillOpen => format!(
                "The round is open until {}: this application may still be changed or withdrawn. Decide after it closes.",
                closes_at.say_in(zone)
            ),
            other => other.to_string(),
        }
    }
}

fn reasoned(reason: &str) -> Result<String, Unreasoned> {
    let reason = reason.trim();
    if reason.is_empty() {
        Err(Unreasoned::NoReason)
    } else if reason.chars().count() > REASON_MAX {
        Err(Unreasoned::TooLong)
    } else {
        Ok(reason.to_owned())
    }
}

impl EligibilityDecision {
    /// A decision; both halves are required.
    ///
    /// # Errors
    /// Every [`Unreasoned`] at once.
    pub fn new(eligible: Option<bool>, reason: &str) -> Result<Self, Vec<Unreasoned>> {
        match (eligible.ok_or(Unreasoned::NoChoice), reasoned(reason)) {
            (Ok(eligible), Ok(reason)) => Ok(Self { eligible, reason }),
            (choice, reason) => Err(choice.err().into_iter().chain(reason.err()).collect()),
        }
    }

    /// The state's name in the event log.
    #[must_use]
    pub const fn state(eligible: bool) -> &'static str {
        if eligible { "eligible" } else { "ineligible" }
    }
}

impl RubricScore {
    /// A score on one of the criterion's written levels, with its reason.
    ///
    /// # Errors
    /// Every [`Unreasoned`] at once.
    pub fn new(criterion: &Criterion, points: Option<Decimal>, reason: &str) -> Result<Self, Vec<Unreasoned>> {
        let anchors = anchors_of(criterion).ok_or_else(|| vec![Unreasoned::NotARubric])?;
        let level = match points {
            None => Err(Unreasoned::NoLevel),
            Some(points) if anchors.iter().any(|anchor| anchor.points == points) => Ok(points),
            Some(_) => Err(Unreasoned::OffAnchor),
        };
        match (level, reasoned(reason)) {
            (Ok(points), Ok(reason)) => Ok(Self { criterion: criterion.key.clone(), points, reason }),
            (level, reason) => Err(level.err().into_iter().chain(reason.err()).collect()),
        }
    }
}

/// A rubric criterion's written levels; none for a criterion that people don't score.
#[must_use]
pub fn anchors_of(criterion: &Criterion) -> Option<&[Anchor]> {
    match &criterion.source {
        Source::Rubric { anchors } => Some(anchors),
        Source::Fact { .. } | Source::Evidence { .. } | Source::Formula { .. } => None,
    }
}

/// What is counted among the uploaded files: the evidence's key, the kind of file as the store writes it, and the unit shown.
pub const EVIDENCE: [(&str, &str, &str); 2] = [("letters", "support_letter", "letters"), ("agreements", "college_agreement", "agreements")];

/// The kind of uploaded file that evidence of this key counts; none for a key that nothing is counted for, which leaves the criterion
/// without a figure: a problem to resolve, not a zero.
#[must_use]
pub fn evidence_kind(key: &str) -> Option<&'static str> {
    EVIDENCE.into_iter().find(|(evidence, ..)| *evidence == key).map(|(_, kind, _)| kind)
}

/// The unit that a criterion's number is in, for showing it; rubrics and formulas have none.
#[must_use]
pub fn unit_of(criterion: &Criterion) -> Option<&'static str> {
    match &criterion.source {
        Source::Fact { key } => crate::facts::fact(key).map(|fact| fact.unit),
        Source::Evidence { key, .. } => EVIDENCE.into_iter().find(|(evidence, ..)| evidence == key).map(|(.., unit)| unit),
        Source::Rubric { .. } | Source::Formula { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ruleset::Scale;

    const CLOSES: i64 = 1_000;

    fn standing() -> Standing {
        Standing { submitted: true, closes_at: Timestamp::from_unix(CLOSES), frozen: false, ineligible: false }
    }

    fn rubric() -> Criterion {
        Criterion {
            key: "ties".to_owned(),
            name: "Ties".to_owned(),
            plain: String::new(),
            weight: 10_000,
            citation: String::new(),
            synthetic: true,
            source: Source::Rubric {
                anchors: vec![
                    Anchor { points: Decimal::ZERO, text: "None".to_owned() },
                    Anchor { points: Decimal::from(50), text: "Some".to_owned() },
                ],
            },
            scale: Scale::AsScored,
            bonus: false,
            missing: crate::ruleset::Missing::Error,
        }
    }

    #[test]
    fn nothing_is_decided_in_the_closing_second() {
        assert_eq!(standing().may_decide(Timestamp::from_unix(CLOSES)), Err(NotNow::StillOpen));
        assert_eq!(standing().may_decide(Timestamp::from_unix(CLOSES + 1)), Ok(()));
    }

    #[test]
    fn every_standing_gives_its_own_refusal() {
        let after = Timestamp::from_unix(CLOSES + 1);
        assert_eq!(Standing { frozen: true, ..standing() }.may_decide(after), Err(NotNow::Frozen));
        assert_eq!(Standing { submitted: false, ..standing() }.may_decide(after), Err(NotNow::NotSubmitted));
        assert_eq!(Standing { ineligible: true, ..standing() }.may_decide(after), Ok(()));
        assert_eq!(Standing { ineligible: true, ..standing() }.may_score(after), Err(NotNow::Ineligible));
    }

    #[test]
    fn a_decision_needs_a_choice_and_a_reason() {
        assert_eq!(EligibilityDecision::new(None, "  "), Err(vec![Unreasoned::NoChoice, Unreasoned::NoReason]));
        let decided = EligibilityDecision::new(Some(true), " A district. ").unwrap();
        assert_eq!(decided, EligibilityDecision { eligible: true, reason: "A district.".to_owned() });
        assert_eq!(EligibilityDecision::new(Some(false), &"x".repeat(REASON_MAX + 1)), Err(vec![Unreasoned::TooLong]));
    }

    #[test]
    fn a_score_stands_on_a_written_level() {
        assert_eq!(RubricScore::new(&rubric(), Some(Decimal::from(49)), "Why"), Err(vec![Unreasoned::OffAnchor]));
        assert_eq!(RubricScore::new(&rubric(), None, ""), Err(vec![Unreasoned::NoLevel, Unreasoned::NoReason]));
        assert_eq!(RubricScore::new(&rubric(), Some(Decimal::new(500, 1)), "Why").unwrap().points, Decimal::from(50));
    }

    #[test]
    fn a_fact_is_not_scored_by_staff() {
        let fact = Criterion { source: Source::Fact { key: "enrollment".to_owned() }, ..rubric() };
        assert_eq!(RubricScore::new(&fact, Some(Decimal::ZERO), "Why"), Err(vec![Unreasoned::NotARubric]));
    }
}
