//! A round: one call for applications. Its phase follows from the clock, so no job has to close it at midnight. This file knows no
//! applications and no money; it says only whether the door is open, and what opening and publishing mean.

use crate::canonical::sha256_hex;
use crate::program::RoundTerms;
use crate::{AppropriationId, Date, OrganizationId, ProgramId, ProgramVersionId, RoundId, Timestamp, Zone};

/// One call for applications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Its id.
    pub id: RoundId,
    /// The program it belongs to.
    pub program: ProgramId,
    /// The agency that runs the program.
    pub agency: OrganizationId,
    /// The version of the program file it is made from.
    pub program_version: ProgramVersionId,
    /// The appropriation that pays.
    pub appropriation: AppropriationId,
    /// The name in addresses.
    pub slug: String,
    /// The name people read.
    pub name: String,
    /// The zone of the deadline.
    pub zone: Zone,
    /// From when applications are taken, once the round was opened.
    pub opens_at: Timestamp,
    /// The last second at which an application is in time.
    pub closes_at: Timestamp,
    /// Until when questions are answered, if a time is set.
    pub questions_until: Option<Timestamp>,
    /// The day awards are to be announced, if one is set.
    pub award_on: Option<Date>,
    /// The seed of the lots: the program file's, or the one drawn when the round opened; empty before that. Pages show [`Round::lots`].
    pub seed: String,
    /// The act of opening, which locks the program file.
    pub opened: Option<Opened>,
    /// From when the results are public: the act of publishing may name a second to come.
    pub published_at: Option<Timestamp>,
    /// The last application number given out.
    pub last_number: i64,
    /// Counts the changes of the row: whoever changes it names the version they saw.
    pub version: i64,
}

/// The act of opening a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// When.
    pub at: Timestamp,
    /// SHA-256 of the canonical form of the program file in force: locked, until an amendment brings the next version.
    pub sha256: String,
    /// Which version of the round's rules that is, from 1.
    pub version: u32,
}

impl Opened {
    /// Which rules: `version 2 of the rules`.
    #[must_use]
    pub fn rules(&self) -> String {
        format!("version {} of the rules", self.version)
    }
}

/// Where a round stands by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nobody can apply yet: it was not opened, or its first day is still to come.
    NotOpened,
    /// Applications are taken.
    Open,
    /// The deadline has passed.
    Closed,
}

impl Phase {
    /// The phase in a word or two.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotOpened => "Not open yet",
            Self::Open => "Open",
            Self::Closed => "Closed",
        }
    }
}

/// What may be known of a round's lots now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lots<'a> {
    /// The program file publishes the seed.
    Published(&'a str),
    /// The seed is drawn when the round opens.
    ToBeDrawn,
    /// The seed was drawn and is kept until the close; its SHA-256 is public, so that it can't be exchanged.
    Committed {
        /// SHA-256 of the seed, lower-case hexadecimal.
        sha256: String,
    },
    /// The round has closed, so the seed is public.
    Revealed {
        /// The seed.
        seed: &'a str,
        /// Its SHA-256, which was public before.
        sha256: String,
    },
}

impl Lots<'_> {
    /// What a preview of the ranking draws its lots from: the seed when it may be known, else its hash, which says nothing of it.
    #[must_use]
    pub fn for_ranking(&self) -> &str {
        match self {
            Self::Published(seed) | Self::Revealed { seed, .. } => seed,
            Self::Committed { sha256 } => sha256,
            Self::ToBeDrawn => "",
        }
    }
}

/// Why a round can't be opened or published.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoundError {
    /// It was opened before.
    #[error("This round was opened on {0}; its program file is locked.")]
    AlreadyOpened(String),
    /// Its deadline has passed.
    #[error("This round's deadline, {0}, has passed. Import the file again with a later deadline, then open it.")]
    DeadlinePassed(String),
    /// The round takes applications still.
    #[error("Results can be published once the round is closed. It closes {0}.")]
    StillOpen(String),
    /// It was never opened.
    #[error("This round was never opened, so it has no results.")]
    NeverOpened,
    /// Its results are public already, or will be at a second that is set.
    #[error("The results’ publication is set already: {0}.")]
    AlreadyPublished(String),
    /// The second named for the publication has passed.
    #[error("{0} has passed. Name a time to come, or none to publish at once.")]
    EmbargoPassed(String),
    /// It was not opened yet.
    #[error("This round is not opened yet, so there is nothing to amend: import the changed file instead.")]
    NotOpenedYet,
    /// There is no publication to come.
    #[error("No publication is waiting for its time, so there is nothing to hold back.")]
    NothingHeld,
}

impl Round {
    /// Where the round stands. At the deadline's second itself the door is still open; one second later it is shut.
    #[must_use]
    pub fn phase(&self, now: Timestamp) -> Phase {
        if self.opened.is_none() || now < self.opens_at {
            Phase::NotOpened
        } else if now <= self.closes_at {
            Phase::Open
        } else {
            Phase::Closed
        }
    }

    /// Which version of its rules is in force, from 1; 1 before the opening as well.
    #[must_use]
    pub fn rules_version(&self) -> u32 {
        self.opened.as_ref().map_or(1, |opened| opened.version)
    }

    /// Seconds until the door shuts; zero once it is shut.
    #[must_use]
    pub fn seconds_left(&self, now: Timestamp) -> i64 {
        (self.closes_at.seconds_since(now) + 1).max(0)
    }

    /// The deadline in words, with its zone.
    #[must_use]
    pub fn deadline(&self) -> String {
        self.closes_at.say_in(self.zone)
    }

    /// What may be known of the lots. `published`: the program file holds the seed.
    #[must_use]
    pub fn lots(&self, published: bool, now: Timestamp) -> Lots<'_> {
        let sha256 = || sha256_hex(self.seed.as_bytes());
        match (published, self.seed.as_str()) {
            (true, seed) => Lots::Published(seed),
            (false, "") => Lots::ToBeDrawn,
            (false, seed) if self.phase(now) == Phase::Closed => Lots::Revealed { seed, sha256: sha256() },
            (false, _) => Lots::Committed { sha256: sha256() },
        }
    }

    /// Takes the seed that was drawn for the lots, unless the program file publishes one.
    #[must_use]
    pub fn with_seed(self, drawn: &str) -> Self {
        if self.seed.is_empty() { Self { seed: drawn.to_owned(), ..self } } else { self }
    }

    /// Opens the round and locks its program file by the SHA-256 of the canonical form. Before its first day it may be opened; it then
    /// takes applications from that day on.
    ///
    /// # Errors
    /// [`RoundError::AlreadyOpened`] or [`RoundError::DeadlinePassed`].
    pub fn open(self, now: Timestamp, sha256: &str) -> Result<Self, RoundError> {
        if let Some(opened) = &self.opened {
            return Err(RoundError::AlreadyOpened(opened.at.say_in(self.zone)));
        }
        if now > self.closes_at {
            return Err(RoundError::DeadlinePassed(self.deadline()));
        }
        Ok(Self { opened: Some(Opened { at: now, sha256: sha256.to_owned(), version: 1 }), ..self })
    }

    /// Puts the next version of the rules in force, by an amendment that was approved. The seed of the lots stays.
    ///
    /// # Errors
    /// [`RoundError::NotOpenedYet`].
    pub fn amend(self, terms: &RoundTerms, file: ProgramVersionId, sha256: &str) -> Result<Self, RoundError> {
        let Some(opened) = &self.opened else { return Err(RoundError::NotOpenedYet) };
        let opened = Opened { at: opened.at, sha256: sha256.to_owned(), version: opened.version.saturating_add(1) };
        Ok(Self {
            program_version: file,
            name: terms.name.clone(),
            zone: terms.zone,
            opens_at: terms.opens,
            closes_at: terms.closes,
            questions_until: terms.questions_until,
            award_on: terms.award_on,
            opened: Some(opened),
            ..self
        })
    }

    /// Since when the results are public; none before their second has come.
    #[must_use]
    pub fn published(&self, now: Timestamp) -> Option<Timestamp> {
        self.published_at.filter(|at| *at <= now)
    }

    /// The second at which the results will be public, while it is still to come.
    #[must_use]
    pub fn embargoed_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.published_at.filter(|at| *at > now)
    }

    /// Releases the results to the public: at once, or at a second to come.
    ///
    /// # Errors
    /// [`RoundError::NeverOpened`], [`RoundError::StillOpen`], [`RoundError::AlreadyPublished`] or [`RoundError::EmbargoPassed`].
    pub fn publish(self, now: Timestamp, at: Option<Timestamp>) -> Result<Self, RoundError> {
        if self.opened.is_none() {
            return Err(RoundError::NeverOpened);
        }
        if let Some(at) = self.published_at {
            return Err(RoundError::AlreadyPublished(at.say_in(self.zone)));
        }
        if self.phase(now) != Phase::Closed {
            return Err(RoundError::StillOpen(self.deadline()));
        }
        if let Some(passed) = at.filter(|at| *at < now) {
            return Err(RoundError::EmbargoPassed(passed.say_in(self.zone)));
        }
        Ok(Self { published_at: Some(at.unwrap_or(now)), ..self })
    }

    /// Holds back a publication whose second has not come.
    ///
    /// # Errors
    /// [`RoundError::NothingHeld`] when none is to come.
    pub fn hold_back(self, now: Timestamp) -> Result<Self, RoundError> {
        self.embargoed_until(now).ok_or(RoundError::NothingHeld)?;
        Ok(Self { published_at: None, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn round() -> Round {
        let id = Uuid::from_u128(1);
        Round {
            id: id.into(),
            program: id.into(),
            agency: id.into(),
            program_version: id.into(),
            appropriation: id.into(),
            slug: "2023-24".to_owned(),
            name: "School year 2023-24".to_owned(),
            zone: Zone::CENTRAL,
            opens_at: at("2023-04-01T13:00:00Z"),
            closes_at: at("2023-05-06T04:59:00Z"),
            questions_until: None,
            award_on: None,
            seed: "seed".to_owned(),
            opened: None,
            published_at: None,
            last_number: 0,
            version: 1,
        }
    }

    fn at(text: &str) -> Timestamp {
        text.to_owned().try_into().unwrap()
    }

    fn opened() -> Round {
        let round = round();
        let first = round.opens_at;
        round.open(first, "00").unwrap()
    }

    #[test]
    fn a_drawn_seed_is_public_by_its_hash_until_the_close_and_itself_after_it() {
        let unseeded = Round { seed: String::new(), ..round() };
        assert_eq!(unseeded.lots(false, unseeded.opens_at), Lots::ToBeDrawn);
        let first = unseeded.opens_at;
        let round = unseeded.with_seed("drawn").with_seed("drawn again").open(first, "00").unwrap();
        let sha256 = sha256_hex(b"drawn");
        for at in [first, round.closes_at] {
            assert_eq!(round.lots(false, at), Lots::Committed { sha256: sha256.clone() });
            assert_eq!(round.lots(false, at).for_ranking(), sha256, "a preview tells nothing of the seed");
        }
        let after = round.closes_at.plus_seconds(1);
        assert_eq!(round.lots(false, after), Lots::Revealed { seed: "drawn", sha256 });
        assert_eq!(round.lots(false, after).for_ranking(), "drawn");
        assert_eq!(opened().with_seed("drawn").lots(true, after), Lots::Published("seed"));
    }

    #[test]
    fn at_the_deadlines_second_the_door_is_open_and_one_second_later_it_is_shut() {
        let round = opened();
        assert_eq!(round.phase(round.closes_at.plus_seconds(-1)), Phase::Open);
        assert_eq!(round.phase(round.closes_at), Phase::Open);
        assert_eq!(round.seconds_left(round.closes_at), 1);
        assert_eq!(round.phase(round.closes_at.plus_seconds(1)), Phase::Closed);
        assert_eq!(round.seconds_left(round.closes_at.plus_seconds(1)), 0);
        assert_eq!(round.deadline(), "May 5, 2023, 11:59 p.m. CDT");
    }

    #[test]
    fn before_its_first_second_an_opened_round_takes_nothing() {
        let round = opened();
        assert_eq!(round.phase(round.opens_at.plus_seconds(-1)), Phase::NotOpened);
        assert_eq!(round.phase(round.opens_at), Phase::Open);
    }

    #[test]
    fn a_round_that_nobody_opened_stays_shut() {
        let round = round();
        assert_eq!(round.phase(round.opens_at.plus_seconds(60)), Phase::NotOpened);
        assert_eq!(round.phase(round.closes_at.plus_seconds(60)), Phase::NotOpened);
    }

    #[test]
    fn a_round_opens_once_and_not_after_its_deadline() {
        let (once, now) = (opened(), round().opens_at);
        assert!(matches!(once.open(now, "11"), Err(RoundError::AlreadyOpened(_))));
        let late = round().closes_at.plus_seconds(1);
        assert!(matches!(round().open(late, "00"), Err(RoundError::DeadlinePassed(_))));
    }

    #[test]
    fn an_amendment_is_the_next_version_and_keeps_the_opening_and_the_lots() {
        let file = crate::program::ProgramFile::parse(include_str!("program/tests/small.toml")).unwrap();
        let next = ProgramVersionId(Uuid::from_u128(2));
        assert_eq!(round().amend(&file.round, next, "11"), Err(RoundError::NotOpenedYet));
        let second = opened().amend(&file.round, next, "11").unwrap();
        assert_eq!(second.opened, Some(Opened { at: round().opens_at, sha256: "11".to_owned(), version: 2 }));
        assert_eq!((second.program_version, second.seed.as_str(), second.closes_at), (next, "seed", file.round.closes));
        assert_eq!(second.amend(&file.round, next, "22").unwrap().opened.map(|opened| opened.version), Some(3));
    }

    #[test]
    fn results_are_published_once_and_only_after_the_deadline() {
        let late = round().closes_at.plus_seconds(1);
        assert_eq!(round().publish(late, None), Err(RoundError::NeverOpened));
        let in_time = round().closes_at;
        assert!(matches!(opened().publish(in_time, None), Err(RoundError::StillOpen(_))));
        let published = opened().publish(late, None).unwrap();
        assert_eq!(published.published_at, Some(late));
        assert!(matches!(published.publish(late, None), Err(RoundError::AlreadyPublished(_))));
    }

    #[test]
    fn an_embargo_ends_at_its_second_and_can_be_held_back_before() {
        let late = round().closes_at.plus_seconds(1);
        let second = late.plus_seconds(3_600);
        let waiting = opened().publish(late, Some(second)).unwrap();
        assert_eq!((waiting.published(second.plus_seconds(-1)), waiting.published(second)), (None, Some(second)));
        assert_eq!((waiting.embargoed_until(late), waiting.embargoed_until(second)), (Some(second), None));
        assert_eq!(waiting.clone().hold_back(second), Err(RoundError::NothingHeld));
        assert_eq!(waiting.hold_back(late), Ok(opened()));
        assert!(matches!(opened().publish(second, Some(late)), Err(RoundError::EmbargoPassed(_))));
    }
}
