//! An amendment: a new version of the rules while their round runs, as a whole program file with a reason, the authority it rests on and a
//! notice to the applicants. This file says what an amendment may not touch, when it comes late, and which rubric scores it makes void;
//! [`compare`] says field by field what it changes. Who may approve it is [`crate::approval`]'s.

mod compare;
#[cfg(test)]
mod tests;
mod words;

pub use compare::{Change, compare};

use crate::program::{ApplicantKind, ProgramFile};
use crate::ruleset::{Criterion, Source};
use crate::time::Timestamp;

/// The longest reason or notice, in characters.
pub const TEXT_MAX: usize = 5_000;
/// The longest citation, in characters.
pub const CITATION_MAX: usize = 500;

/// Somebody who has a draft or an application in the round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Who applies.
    pub name: String,
    /// What kind of applicant it is.
    pub kind: ApplicantKind,
    /// A district's NCES id.
    pub district: Option<String>,
    /// The county's FIPS code.
    pub county: Option<String>,
    /// The units asked for so far, if any.
    pub units: Option<i64>,
}

/// What stands in the round when an amendment is proposed or approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The server's clock.
    pub now: Timestamp,
    /// Whether the ranking is frozen.
    pub frozen: bool,
    /// Whether any application has a score, a staff member's or a panel's.
    pub scored: bool,
    /// Who has a draft or an application.
    pub applied: Vec<Applied>,
}

/// Why an amendment can't be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The ranking is frozen.
    #[error("The ranking is frozen, so the rules that made it can’t be amended any more.")]
    Frozen,
    /// Nothing would change.
    #[error("This file says the same as the rules in force, so there is nothing to amend.")]
    Same,
    /// The file is another agency's, program's or round's.
    #[error("{field}: an amendment keeps {what} “{old}”; the file says “{new}”. For another round, import the file as a new one.")]
    Other {
        /// The field.
        field: &'static str,
        /// What it names.
        what: &'static str,
        /// As it is.
        old: String,
        /// As the file has it.
        new: String,
    },
    /// The money that pays stands in the ledger.
    #[error(
        "round.appropriation: the money that pays for this round was entered in the ledger when it opened, so its bill, amount, days and source can’t change by an amendment of the rules."
    )]
    Money,
    /// The seed of the lots was given at the opening.
    #[error("round.seed: the seed of the lots was fixed when the round opened; an amendment can’t draw it anew.")]
    Seed,
    /// The opening has passed.
    #[error("round.opens: the round opened {0}; that can’t be changed afterwards.")]
    Opened(String),
    /// The deadline has passed.
    #[error("round.closes: the round closed {0}. A deadline that has passed stays as it is.")]
    Closed(String),
    /// The new deadline has passed.
    #[error("round.closes: {0} has passed. The new deadline must be still to come.")]
    ClosesBefore(String),
    /// Somebody asks for more than would be allowed.
    #[error("award.max_units: {name} asks for {units} already; the limit can’t be set below that.")]
    AskedForMore {
        /// Who.
        name: String,
        /// How many.
        units: i64,
    },
    /// A kind of applicant that has applied would be shut out.
    #[error("eligibility.applicants: {name} has begun to apply as a {kind}; that kind can’t be shut out now.")]
    ShutOut {
        /// Who.
        name: String,
        /// The kind.
        kind: &'static str,
    },
    /// An applicant would be in no region.
    #[error("regions: {0} has begun to apply and would belong to no region.")]
    NoRegion(String),
    /// Scores stand, and who gives them would change.
    #[error("review: scores are given already, so a panel can neither be brought in nor be done away with.")]
    Panel,
}

/// Everything that stands against an amendment from `old` to `new`, in the order of the file; empty when it may be made.
#[must_use]
pub fn refusals(old: &ProgramFile, new: &ProgramFile, standing: &Standing) -> Vec<Refusal> {
    if standing.frozen {
        return vec![Refusal::Frozen];
    }
    if old == new {
        return vec![Refusal::Same];
    }
    let mut refused = others(old, new);
    if refused.is_empty() {
        refused.extend(money_and_lots(old, new));
        refused.extend(dates(old, new, standing.now));
        refused.extend(applicants(old, new, &standing.applied));
    }
    if standing.scored && old.review.is_some() != new.review.is_some() {
        refused.push(Refusal::Panel);
    }
    refused
}

fn others(old: &ProgramFile, new: &ProgramFile) -> Vec<Refusal> {
    let fields = [
        ("agency.name", "the agency", &old.agency.name, &new.agency.name),
        ("agency.short_name", "the agency’s short name", &old.agency.short_name, &new.agency.short_name),
        ("program.slug", "the program", &old.program.slug, &new.program.slug),
        ("round.slug", "the round", &old.round.slug, &new.round.slug),
    ];
    let differ = fields.into_iter().filter(|(_, _, old, new)| old != new);
    differ.map(|(field, what, old, new)| Refusal::Other { field, what, old: old.clone(), new: new.clone() }).collect()
}

fn money_and_lots(old: &ProgramFile, new: &ProgramFile) -> Vec<Refusal> {
    let mut refused = Vec::new();
    if !old.paying().eq(new.paying()) {
        refused.push(Refusal::Money);
    }
    if old.round.seed != new.round.seed {
        refused.push(Refusal::Seed);
    }
    refused
}

fn dates(old: &ProgramFile, new: &ProgramFile, now: Timestamp) -> Vec<Refusal> {
    let mut refused = Vec::new();
    let (was, is) = (&old.round, &new.round);
    if was.opens != is.opens && was.opens <= now {
        refused.push(Refusal::Opened(was.opens.say_in(was.zone)));
    }
    if was.closes != is.closes && was.closes < now {
        refused.push(Refusal::Closed(was.closes.say_in(was.zone)));
    } else if was.closes != is.closes && is.closes <= now {
        refused.push(Refusal::ClosesBefore(is.closes.say_in(is.zone)));
    }
    refused
}

fn applicants(old: &ProgramFile, new: &ProgramFile, applied: &[Applied]) -> Vec<Refusal> {
    let mut refused = Vec::new();
    for one in applied {
        let region = |file: &ProgramFile| file.region_of(one.district.as_deref(), one.county.as_deref()).is_some();
        if !new.eligibility.applicants.contains(&one.kind) && old.eligibility.applicants.contains(&one.kind) {
            refused.push(Refusal::ShutOut { name: one.name.clone(), kind: one.kind.as_str() });
        }
        if region(old) && !region(new) {
            refused.push(Refusal::NoRegion(one.name.clone()));
        }
    }
    let most = applied.iter().filter_map(|one| Some((one.units?, &one.name))).max_by_key(|(units, _)| *units);
    if let Some((units, name)) = most.filter(|(units, _)| *units > new.award.max_units && old.award.max_units > new.award.max_units) {
        refused.push(Refusal::AskedForMore { name: name.clone(), units });
    }
    refused
}

/// Why an amendment that changes who gets what comes late. It may be made; the record says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// After the deadline.
    AfterClose,
    /// After scores were given.
    AfterScores,
}

impl Late {
    /// The warning in plain words, for whoever approves and for the public.
    #[must_use]
    pub const fn plain(self) -> &'static str {
        match self {
            Self::AfterClose => {
                "This amendment changes what decides after the deadline has passed, when the applications are known. Applicants could not apply by it."
            }
            Self::AfterScores => {
                "This amendment changes what decides after scores were given. Whoever changes rules then can know whom the change helps."
            }
        }
    }

    /// As the store writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AfterClose => "after_close",
            Self::AfterScores => "after_scores",
        }
    }

    /// The lateness of a stored name.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::AfterClose, Self::AfterScores].into_iter().find(|late| late.as_str() == text)
    }
}

/// Whether an amendment comes late: it changes what decides, after scores were given or after the deadline in force.
#[must_use]
pub fn late(old: &ProgramFile, changes: &[Change], standing: &Standing) -> Option<Late> {
    if !changes.iter().any(|change| change.decides) {
        None
    } else if standing.scored {
        Some(Late::AfterScores)
    } else {
        (standing.now > old.round.closes).then_some(Late::AfterClose)
    }
}

/// The keys of the rubric criteria whose scores, if any, are void under the new rules: what is asked or a written level is another. A change
/// of weight, scale or citation alone leaves the scores.
#[must_use]
pub fn to_score_anew(old: &ProgramFile, new: &ProgramFile) -> Vec<String> {
    fn asked(criterion: &Criterion) -> Option<(&str, &str, &[crate::ruleset::Anchor])> {
        match &criterion.source {
            Source::Rubric { anchors } => Some((&criterion.name, &criterion.plain, anchors)),
            Source::Fact { .. } | Source::Evidence { .. } | Source::Formula { .. } => None,
        }
    }
    let differs =
        |criterion: &&Criterion| asked(criterion).is_some() && old.ranking.criterion(&criterion.key).and_then(asked) != asked(criterion);
    new.ranking.criteria.iter().filter(differs).map(|criterion| criterion.key.clone()).collect()
}

/// Where a proposed amendment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Waiting for somebody else.
    Proposed,
    /// In force, or followed by a later one.
    Approved,
    /// Returned with a reason.
    Returned,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 3] = [Self::Proposed, Self::Approved, Self::Returned];

    /// As the store writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Returned => "returned",
        }
    }

    /// As people say it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "Waits for approval",
            Self::Approved => "Approved",
            Self::Returned => "Returned",
        }
    }

    /// The stage of a stored name.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text)
    }

    /// Approves it.
    ///
    /// # Errors
    /// [`NotWaiting`] when it was decided.
    pub const fn approve(self) -> Result<Self, NotWaiting> {
        match self {
            Self::Proposed => Ok(Self::Approved),
            Self::Approved | Self::Returned => Err(NotWaiting(self)),
        }
    }

    /// Returns it.
    ///
    /// # Errors
    /// [`NotWaiting`] when it was decided.
    pub const fn give_back(self) -> Result<Self, NotWaiting> {
        match self {
            Self::Proposed => Ok(Self::Returned),
            Self::Approved | Self::Returned => Err(NotWaiting(self)),
        }
    }
}

/// The amendment was decided before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This amendment is {} already.", .0.as_str())]
pub struct NotWaiting(pub Stage);
