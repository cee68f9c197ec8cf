//! Instants and days. A [`Timestamp`] is UTC in whole seconds with one constructor; a wall-clock time becomes an instant only through a
//! named zone, daylight saving included. This file reads no clock.

use chrono::{DateTime, Datelike, LocalResult, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A calendar day.
pub type Date = NaiveDate;

/// An instant in UTC, whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Timestamp(DateTime<Utc>);

/// Why a wall-clock time names no instant, or two.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// The clocks skip this time.
    #[error("{0} does not exist in {1}: the clocks skip it when daylight saving starts.")]
    Skipped(NaiveDateTime, Zone),
    /// The clocks show this time twice.
    #[error("{0} happens twice in {1}: the clocks go back when daylight saving ends. Choose another time.")]
    Twice(NaiveDateTime, Zone),
    /// The text is not a zone of the tz database.
    #[error("“{0}” is not a time zone. Use a name such as America/Chicago.")]
    NoSuchZone(String),
    /// The text is not an instant.
    #[error("“{0}” is not a time.")]
    NotATime(String),
}

impl Timestamp {
    /// The instant, cut to whole seconds.
    #[must_use]
    pub fn new(at: DateTime<Utc>) -> Self {
        Self(at.with_nanosecond(0).unwrap_or(at))
    }

    /// The instant `seconds` after 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn from_unix(seconds: i64) -> Self {
        Self::new(DateTime::from_timestamp(seconds, 0).unwrap_or_default())
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix(self) -> i64 {
        self.0.timestamp()
    }

    /// The instant as chrono has it, for the store.
    #[must_use]
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// The instant `seconds` later (or earlier, when negative).
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.checked_add_signed(TimeDelta::seconds(seconds)).unwrap_or(self.0))
    }

    /// Whole seconds from `earlier` to this.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> i64 {
        self.unix() - earlier.unix()
    }

    /// The calendar day in a zone.
    #[must_use]
    pub fn date_in(self, zone: Zone) -> Date {
        self.0.with_timezone(&zone.0).date_naive()
    }

    /// `May 5, 2023, 11:59 p.m. Central Daylight Time (CDT)`, shortened to the zone's abbreviation: `May 5, 2023, 11:59 p.m. CDT`.
    #[must_use]
    pub fn say_in(self, zone: Zone) -> String {
        let local = self.0.with_timezone(&zone.0);
        let (pm, hour) = local.hour12();
        let half = if pm { "p.m." } else { "a.m." };
        let seconds = if local.second() == 0 { String::new() } else { format!(":{:02}", local.second()) };
        format!("{}, {hour}:{:02}{seconds} {half} {}", say_date(local.date_naive()), local.minute(), local.format("%Z"))
    }

    /// `2023-05-06T04:59:00Z`.
    #[must_use]
    pub fn iso(self) -> String {
        self.0.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso())
    }
}

impl From<Timestamp> for String {
    fn from(at: Timestamp) -> Self {
        at.iso()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimeError;
    fn try_from(text: String) -> Result<Self, TimeError> {
        DateTime::parse_from_rfc3339(&text).map(|at| Self::new(at.to_utc())).map_err(|_| TimeError::NotATime(text))
    }
}

/// `May 5, 2023`.
#[must_use]
pub fn say_date(date: Date) -> String {
    format!("{} {}, {}", date.format("%B"), date.day(), date.year())
}

/// A zone of the tz database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Zone(Tz);

impl Zone {
    /// US Central.
    pub const CENTRAL: Self = Self(Tz::America__Chicago);

    /// The zone of a tz database name.
    ///
    /// # Errors
    /// [`TimeError::NoSuchZone`].
    pub fn named(name: &str) -> Result<Self, TimeError> {
        name.parse().map(Self).map_err(|_| TimeError::NoSuchZone(name.to_owned()))
    }

    /// The tz database name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The instant of a wall-clock time in this zone.
    ///
    /// # Errors
    /// [`TimeError::Skipped`] or [`TimeError::Twice`] at a change of daylight saving.
    pub fn at(self, wall: NaiveDateTime) -> Result<Timestamp, TimeError> {
        match self.0.from_local_datetime(&wall) {
            LocalResult::Single(at) => Ok(Timestamp::new(at.to_utc())),
            LocalResult::None => Err(TimeError::Skipped(wall, self)),
            LocalResult::Ambiguous(..) => Err(TimeError::Twice(wall, self)),
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().to_owned()
    }
}

impl TryFrom<String> for Zone {
    type Error = TimeError;
    fn try_from(name: String) -> Result<Self, TimeError> {
        Self::named(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn the_deadline_of_may_5_is_04_59_utc_on_may_6() {
        let at = Zone::CENTRAL.at(wall("2023-05-05T23:59:00")).unwrap();
        assert_eq!(at.iso(), "2023-05-06T04:59:00Z");
        assert_eq!(at.say_in(Zone::CENTRAL), "May 5, 2023, 11:59 p.m. CDT");
    }

    #[test]
    fn a_time_the_clocks_skip_is_refused() {
        assert!(matches!(Zone::CENTRAL.at(wall("2024-03-10T02:30:00")), Err(TimeError::Skipped(..))));
    }

    #[test]
    fn a_time_the_clocks_show_twice_is_refused() {
        assert!(matches!(Zone::CENTRAL.at(wall("2024-11-03T01:30:00")), Err(TimeError::Twice(..))));
    }

    #[test]
    fn fractions_of_a_second_are_cut() {
        let at = Timestamp::try_from("2024-01-01T00:00:05.9Z".to_owned()).unwrap();
        assert_eq!(at.iso(), "2024-01-01T00:00:05Z");
    }
}
