//! Puts other dates into a program file's `[round]` without touching anything else, comments included: for a round run again, and for the
//! demonstration, whose open round closes two weeks after it starts.

use chrono::NaiveDateTime;
use toml_edit::{DocumentMut, Item, Value};

use crate::time::Date;

/// The dates of a round, wall clock in the round's own zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundDates {
    /// From when applications are taken.
    pub opens: NaiveDateTime,
    /// The last second at which an application is in time.
    pub closes: NaiveDateTime,
    /// Until when questions are answered, if a time is set.
    pub questions_until: Option<NaiveDateTime>,
    /// The day awards are to be announced, if one is set.
    pub award_on: Option<Date>,
}

/// The text of a program file with other round dates. The result is to be parsed like any file; nothing is checked here but that it is TOML
/// with a `[round]`.
///
/// # Errors
/// A sentence saying why the text can't be redated.
pub fn redate(text: &str, dates: RoundDates) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|cause: toml_edit::TomlError| format!("This is not TOML: {}", cause.message()))?;
    let round = document.get_mut("round").and_then(Item::as_table_mut).ok_or("The file has no [round].")?;
    let wall = |at: NaiveDateTime| at.format("%Y-%m-%dT%H:%M:%S").to_string();
    let written = [
        ("opens", Some(wall(dates.opens))),
        ("closes", Some(wall(dates.closes))),
        ("questions_until", dates.questions_until.map(wall)),
        ("award_on", dates.award_on.map(|day| day.to_string())),
    ];
    for (key, text) in written {
        let Some(text) = text else {
            round.remove(key);
            continue;
        };
        let mut value: Value = text.parse().map_err(|_| format!("{text} can't be written as a date in TOML."))?;
        if let Some(old) = round.get(key).and_then(Item::as_value) {
            *value.decor_mut() = old.decor().clone();
        }
        round.insert(key, Item::Value(value));
    }
    Ok(document.to_string())
}
