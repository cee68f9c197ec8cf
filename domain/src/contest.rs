//! Contesting a figure: an applicant says that a fact about them is wrong, what it should be, and where that can be checked; the agency
//! rules on it with a reason before the ranking is frozen. An upheld figure takes the place of the one on record, for that round.

use crate::facts::Fact;
use rust_decimal::Decimal;

/// The longest reason and ruling kept, in characters.
pub const REASON_MAX: usize = 2_000;
/// The longest source kept, in characters.
pub const SOURCE_MAX: usize = 300;

/// Where a contest stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has ruled on it.
    Open,
    /// The claimed figure counts.
    Upheld,
    /// The figure on record counts.
    Dismissed,
    /// The applicant took it back.
    Withdrawn,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Open, Self::Upheld, Self::Dismissed, Self::Withdrawn];

    /// As the store writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Upheld => "upheld",
            Self::Dismissed => "dismissed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of a stored name.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// A ruling.
    ///
    /// # Errors
    /// [`NotNow::Over`] when it is not open; [`NotNow::Frozen`].
    pub fn rule(self, upheld: bool, frozen: bool) -> Result<Self, NotNow> {
        self.still_open(frozen)?;
        Ok(if upheld { Self::Upheld } else { Self::Dismissed })
    }

    /// The applicant takes it back.
    ///
    /// # Errors
    /// As [`State::rule`].
    pub fn withdraw(self, frozen: bool) -> Result<Self, NotNow> {
        self.still_open(frozen)?;
        Ok(Self::Withdrawn)
    }

    const fn still_open(self, frozen: bool) -> Result<(), NotNow> {
        match self {
            Self::Open if frozen => Err(NotNow::Frozen),
            Self::Open => Ok(()),
            _ => Err(NotNow::Over),
        }
    }
}

/// Why nothing can be contested or ruled on now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// The ranking rests on the figures as they were.
    #[error("The ranking is frozen, so its figures can no longer change.")]
    Frozen,
    /// It was ruled on, or taken back.
    #[error("This contest is over: it was ruled on or taken back meanwhile.")]
    Over,
    /// There is an open one.
    #[error("This figure is contested already. Take that back first, or wait for the ruling.")]
    Contested,
    /// The application was taken back.
    #[error("This application is withdrawn, so its figures count nowhere.")]
    Withdrawn,
}

/// What an applicant says a figure should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The figure, in the fact's unit.
    pub value: Decimal,
    /// Why the one on record is wrong.
    pub reason: String,
    /// Where the claimed figure can be checked.
    pub source: String,
}

/// Why a claim or a ruling can't be taken as written; each belongs to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// No figure, or none that can be read.
    #[error("Write the figure as a number, for example 12 or 7.5.")]
    NoFigure,
    /// Below zero, above a hundred percent, or longer than any figure is.
    #[error("This can’t be the figure: it must be 0 or more, at most 100 for a percentage, with at most six decimals.")]
    OutOfRange,
    /// What is on record.
    #[error("This is the figure on record. Write what it should be.")]
    Same,
    /// No reason.
    #[error("Say in a sentence why the figure on record is wrong.")]
    NoReason,
    /// Too long a reason.
    #[error("Say it in at most {REASON_MAX} characters.")]
    LongReason,
    /// No source.
    #[error("Say where the figure can be checked: a report, a data set with its year, an address.")]
    NoSource,
    /// Too long a source.
    #[error("Say it in at most {SOURCE_MAX} characters.")]
    LongSource,
    /// Neither upheld nor dismissed.
    #[error("Choose whether the contest is upheld.")]
    NoChoice,
    /// No reason for the ruling.
    #[error("Give the reason in a sentence. The applicant will read it.")]
    NoRuling,
}

impl Wrong {
    /// The field of the form that it belongs to.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::NoFigure | Self::OutOfRange | Self::Same => "value",
            Self::NoReason | Self::LongReason | Self::NoRuling => "reason",
            Self::NoSource | Self::LongSource => "source",
            Self::NoChoice => "upheld",
        }
    }
}

impl Claim {
    /// A claim about a fact; `stands` is the figure on record, if there is one. A figure may be written with commas and a percent sign.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn new(fact: &Fact, stands: Option<Decimal>, value: &str, reason: &str, source: &str) -> Result<Self, Vec<Wrong>> {
        let number = figure(fact, stands, value);
        let reason = said(reason, REASON_MAX, Wrong::NoReason, Wrong::LongReason);
        let source = said(source, SOURCE_MAX, Wrong::NoSource, Wrong::LongSource);
        match (number, reason, source) {
            (Ok(value), Ok(reason), Ok(source)) => Ok(Self { value, reason, source }),
            (number, reason, source) => Err([number.err(), reason.err(), source.err()].into_iter().flatten().collect()),
        }
    }
}

fn figure(fact: &Fact, stands: Option<Decimal>, text: &str) -> Result<Decimal, Wrong> {
    let plain: String = text.trim().trim_end_matches('%').trim_end().chars().filter(|letter| *letter != ',').collect();
    let value = Decimal::from_str_exact(&plain).map_err(|_| Wrong::NoFigure)?.normalize();
    let most = if fact.unit == "%" { Decimal::ONE_HUNDRED } else { Decimal::from(1_000_000_000) };
    if value.is_sign_negative() && !value.is_zero() || value > most || value.scale() > 6 {
        return Err(Wrong::OutOfRange);
    }
    if stands.is_some_and(|stands| stands == value) { Err(Wrong::Same) } else { Ok(value) }
}

fn said(text: &str, most: usize, none: Wrong, long: Wrong) -> Result<String, Wrong> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(none),
        count if count > most => Err(long),
        _ => Ok(text.to_owned()),
    }
}

/// What was decided on a contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// Whether the claimed figure counts.
    pub upheld: bool,
    /// Why.
    pub reason: String,
}

impl Ruling {
    /// A ruling; both halves are required.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn new(upheld: Option<bool>, reason: &str) -> Result<Self, Vec<Wrong>> {
        match (upheld.ok_or(Wrong::NoChoice), said(reason, REASON_MAX, Wrong::NoRuling, Wrong::LongReason)) {
            (Ok(upheld), Ok(reason)) => Ok(Self { upheld, reason }),
            (upheld, reason) => Err([upheld.err(), reason.err()].into_iter().flatten().collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fact;

    fn claim(key: &str, stands: Option<&str>, value: &str) -> Result<Decimal, Vec<Wrong>> {
        let stands = stands.map(|text| text.parse().unwrap());
        Claim::new(&fact(key).unwrap(), stands, value, "It is wrong.", "Report of 2023").map(|claim| claim.value)
    }

    #[test]
    fn a_figure_is_read_as_people_write_it() {
        assert_eq!(claim("enrollment", Some("900"), " 1,250 "), Ok(Decimal::from(1250)));
        assert_eq!(claim("child_poverty_rate", None, "31.5 %"), Ok("31.5".parse().unwrap()));
        assert_eq!(claim("coaches_in_place", Some("1"), "0"), Ok(Decimal::ZERO));
    }

    #[test]
    fn what_can_not_be_a_figure_is_refused() {
        for (key, value, wrong) in [
            ("enrollment", "", Wrong::NoFigure),
            ("enrollment", "many", Wrong::NoFigure),
            ("enrollment", "1e9", Wrong::NoFigure),
            ("enrollment", "-1", Wrong::OutOfRange),
            ("enrollment", "1000000000.5", Wrong::OutOfRange),
            ("child_poverty_rate", "100.1", Wrong::OutOfRange),
            ("child_poverty_rate", "1.1234567", Wrong::OutOfRange),
            ("enrollment", "900.0", Wrong::Same),
        ] {
            assert_eq!(claim(key, Some("900"), value), Err(vec![wrong]), "{key} {value}");
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let told = Claim::new(&fact("enrollment").unwrap(), None, "x", " ", &"s".repeat(301)).unwrap_err();
        assert_eq!(told, [Wrong::NoFigure, Wrong::NoReason, Wrong::LongSource]);
        assert_eq!(Ruling::new(None, "").unwrap_err(), [Wrong::NoChoice, Wrong::NoRuling]);
    }

    #[test]
    fn only_an_open_contest_is_ruled_on_and_only_before_the_freeze() {
        assert_eq!(State::Open.rule(true, false), Ok(State::Upheld));
        assert_eq!(State::Open.rule(false, false), Ok(State::Dismissed));
        assert_eq!(State::Open.withdraw(false), Ok(State::Withdrawn));
        assert_eq!(State::Open.rule(true, true), Err(NotNow::Frozen));
        for over in [State::Upheld, State::Dismissed, State::Withdrawn] {
            assert_eq!(over.rule(true, false), Err(NotNow::Over));
            assert_eq!(over.withdraw(true), Err(NotNow::Over));
        }
    }

    #[test]
    fn the_diagram_is_the_machine() {
        let name = |after: Result<State, NotNow>| after.map_or("-", State::as_str);
        let all = State::ALL.into_iter().flat_map(|state| {
            let rulings = [true, false].map(|upheld| (state.as_str(), "rule", name(state.rule(upheld, false))));
            rulings.into_iter().chain([(state.as_str(), "take back", name(state.withdraw(false)))])
        });
        let mut drawn = crate::diagrams::arrows("contested figure");
        assert!(drawn.remove(&("[*]".to_owned(), "contest".to_owned(), State::Open.as_str().to_owned())));
        assert_eq!(crate::diagrams::found(all), drawn);
    }

    #[test]
    fn stored_states_come_back() {
        for state in State::ALL {
            assert_eq!(State::from_stored(state.as_str()), Some(state));
        }
    }
}
