//! Scores on a spreadsheet: what a sheet holds when it leaves, and what it would change when it comes back. A sheet is rows of cells here;
//! how they lie in a file is the edge's. What a sheet may change is judged by the same rules twice: for the preview, and again when it is
//! applied.

mod read;
#[cfg(test)]
mod tests;

use crate::RoundId;
use crate::panel::Written;
use crate::review::{RubricScore, Unreasoned, anchors_of};
use crate::ruleset::Criterion;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The most changes that one sheet brings at once: they are one transaction.
pub const CHANGES_MAX: usize = 1_000;
/// The most rows that a sheet may have, its heading included.
pub const ROWS_MAX: usize = 5_000;
/// The most columns that a sheet may have.
pub const COLUMNS_MAX: usize = 200;

/// The columns before the scores. The first two say which record a row is, and which state of it; the others are there to be read.
pub const FIXED: [&str; 6] = ["Id", "Version", "Application", "Applicant", "NCES id", "State"];

/// A cell. Text stays text, whatever it begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text.
    Text(String),
    /// A number.
    Number(Decimal),
    /// Something that is no value, in words: “a formula”.
    Odd(&'static str),
}

/// An application's row as the record has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The review on a reviewer's sheet; the application on the staff's.
    pub id: Uuid,
    /// The version of what is scored: another text whenever any of it was saved.
    pub version: String,
    /// The application's number.
    pub number: String,
    /// The applicant's name, or a word in its place.
    pub applicant: String,
    /// The applicant's federal id; empty where there is none, or it is masked.
    pub nces_id: String,
    /// Where it stands.
    pub state: String,
    /// Why nothing on it can change now, if that is so.
    pub closed: Option<String>,
    /// What is scored, by criterion.
    pub scores: BTreeMap<String, Written>,
}

/// What is on record for everything that one sheet is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The rubric criteria, in the rules' order.
    pub criteria: Vec<Criterion>,
    /// The rows, by number.
    pub rows: Vec<Row>,
}

/// Where a score stands on a sheet: row and columns, counted from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The row.
    pub row: usize,
    /// The column of its points.
    pub points: usize,
    /// The column of its reason.
    pub reason: usize,
}

/// A score that a sheet asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Which row.
    pub row: Uuid,
    /// The version that the sheet was made of.
    pub version: String,
    /// The criterion's key.
    pub criterion: String,
    /// The points of the level, if any.
    pub points: Option<Decimal>,
    /// The reason.
    pub reason: String,
    /// Where it stands on the sheet; not known when it is applied.
    #[serde(skip)]
    pub at: Option<Place>,
}

/// A score that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What is asked for.
    pub wanted: Wanted,
    /// The application's number.
    pub number: String,
    /// The criterion's name.
    pub name: String,
    /// What is on record.
    pub before: Written,
}

/// Whose scores a sheet holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// One reviewer's own, in a round with a panel.
    Reviewer,
    /// The staff's, in a round without one.
    Staff,
}

/// What a sheet was exported from. It travels with the sheet, so that no other round's is brought in by mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Whose scores it holds.
    pub whose: Whose,
    /// The round.
    pub round: RoundId,
    /// The SHA-256 of the program file that the round is locked to.
    pub file: String,
}

impl Identity {
    const KIND: &str = "Kind of sheet";
    const ROUND: &str = "Round id";
    const FILE: &str = "Program file’s SHA-256";

    /// As names and values.
    #[must_use]
    pub fn lines(&self) -> [(&'static str, String); 3] {
        let kind = match self.whose {
            Whose::Reviewer => "A reviewer’s own scores, version 1",
            Whose::Staff => "Staff scores, version 1",
        };
        [(Self::KIND, kind.to_owned()), (Self::ROUND, self.round.to_string()), (Self::FILE, self.file.clone())]
    }

    /// Holds what a sheet says of itself against this.
    ///
    /// # Errors
    /// Which of them differs, in a sentence.
    pub fn must_be(&self, said: &BTreeMap<String, String>) -> Result<(), String> {
        for (name, value) in self.lines() {
            let found = said.get(name).map_or("", |found| found.trim());
            if found == value {
                continue;
            }
            let what = if found.is_empty() { "nothing".to_owned() } else { format!("“{found}”") };
            let why = match name {
                Self::ROUND => "It was exported from another round.",
                Self::FILE => "It was exported under other rules.",
                _ => "It is no sheet of this kind.",
            };
            return Err(format!("{why} Its sheet About says {what} for “{name}”. Export the sheet here and fill that one in."));
        }
        Ok(())
    }
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Row and column as a spreadsheet names them, or the application and the criterion; empty when it is about the whole.
    pub place: String,
    /// What, in a sentence.
    pub text: String,
    /// Whether the record moved since the sheet was made; else the sheet is wrong.
    pub moved: bool,
}

/// What a sheet would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// What would change.
    pub changes: Vec<Change>,
    /// How many scores would stay.
    pub unchanged: usize,
    /// Everything that stands against it. While there is anything, nothing is applied.
    pub problems: Vec<Found>,
}

impl Judged {
    /// Whether the record moved since the sheet was made.
    #[must_use]
    pub fn has_moved(&self) -> bool {
        self.problems.iter().any(|found| found.moved)
    }
}

impl Found {
    /// A fault of the sheet.
    #[must_use]
    pub fn wrong(place: String, text: impl Into<String>) -> Self {
        Self { place, text: text.into(), moved: false }
    }

    /// In one line.
    #[must_use]
    pub fn say(&self) -> String {
        if self.place.is_empty() { self.text.clone() } else { format!("{}: {}", self.place, self.text) }
    }
}

/// A column as a spreadsheet names it: A, Z, AA.
#[must_use]
pub fn letters(column: usize) -> String {
    let letter = char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[column % 26]);
    if column < 26 { letter.to_string() } else { format!("{}{letter}", letters(column / 26 - 1)) }
}

/// A text as a spreadsheet keeps it: one kind of line break, no control characters, nothing blank round it.
#[must_use]
pub fn plain(text: &str) -> String {
    let kept = |c: &char| matches!(c, '\n' | '\t') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'));
    text.replace("\r\n", "\n").replace('\r', "\n").chars().filter(kept).collect::<String>().trim().to_owned()
}

/// A score in a few words.
#[must_use]
pub fn say(written: &Written) -> String {
    match (written.points, written.reason.is_empty()) {
        (Some(points), _) => format!("{} points", points.normalize()),
        (None, true) => "not scored".to_owned(),
        (None, false) => "no level".to_owned(),
    }
}

impl Record {
    /// The headings of each criterion: of its points and of its reason.
    #[must_use]
    pub fn headings(&self) -> Vec<(String, String)> {
        let twice = |name: &str| self.criteria.iter().filter(|criterion| criterion.name == name).count() > 1;
        let name = |c: &Criterion| if twice(&c.name) { format!("{} ({})", plain(&c.name), c.key) } else { plain(&c.name) };
        self.criteria.iter().map(|criterion| (format!("{}: points", name(criterion)), format!("{}: reason", name(criterion)))).collect()
    }

    /// The sheet, its heading first.
    #[must_use]
    pub fn sheet(&self) -> Vec<Vec<Cell>> {
        let headings = self.headings().into_iter().flat_map(|(points, reason)| [points, reason]);
        let first = FIXED.into_iter().map(str::to_owned).chain(headings).map(Cell::Text).collect();
        std::iter::once(first).chain(self.rows.iter().map(|row| self.cells(row))).collect()
    }

    fn cells(&self, row: &Row) -> Vec<Cell> {
        let text = |text: &str| if text.is_empty() { Cell::Empty } else { Cell::Text(plain(text)) };
        let id = row.id.to_string();
        let mut cells: Vec<Cell> =
            [&id, &row.version, &row.number, &row.applicant, &row.nces_id, &row.state].into_iter().map(|one| text(one)).collect();
        for criterion in &self.criteria {
            let written = row.scores.get(&criterion.key).cloned().unwrap_or_default();
            cells.push(written.points.map_or(Cell::Empty, |points| Cell::Number(points.normalize())));
            cells.push(text(&written.reason));
        }
        cells
    }

    /// What a sheet that came back would change, with everything that stands against it.
    #[must_use]
    pub fn compare(&self, sheet: &[Vec<Cell>]) -> Judged {
        let read = read::read(self, sheet);
        let mut judged = self.judge(&read.wanted);
        judged.problems.extend(read.problems);
        judged.problems.sort_by_key(|found| read::order(&found.place));
        judged
    }

    /// What the scores asked for would change, with everything that stands against it. What is on record as asked for already stays.
    #[must_use]
    pub fn judge(&self, wanted: &[Wanted]) -> Judged {
        let mut judged = Judged::default();
        let mut said = BTreeSet::new();
        for one in wanted {
            match self.judge_one(one) {
                Ok(None) => judged.unchanged += 1,
                Ok(Some(change)) => judged.changes.push(change),
                // What stands against a whole row is said once.
                Err(found) => judged.problems.extend(found.into_iter().filter(|found| said.insert(found.clone()))),
            }
        }
        if judged.changes.len() > CHANGES_MAX {
            let text =
                format!("{} scores would change; at most {CHANGES_MAX} can at once. Bring them in two sheets.", judged.changes.len());
            judged.problems.push(Found::wrong(String::new(), text));
        }
        judged
    }

    fn judge_one(&self, wanted: &Wanted) -> Result<Option<Change>, Vec<Found>> {
        let refuse = |place: String, text: String| vec![Found::wrong(place, text)];
        let Some(row) = self.rows.iter().find(|row| row.id == wanted.row) else {
            let place = wanted.at.map_or_else(String::new, |at| format!("Row {}", at.row + 1));
            return Err(refuse(place, "Its id names nothing that you can score in this round.".to_owned()));
        };
        let of_row = || wanted.at.map_or_else(|| row.number.clone(), |at| format!("Row {}, {}", at.row + 1, row.number));
        let Some(criterion) = self.criteria.iter().find(|criterion| criterion.key == wanted.criterion) else {
            return Err(refuse(of_row(), "There is no such criterion in this round.".to_owned()));
        };
        let before = row.scores.get(&criterion.key).cloned().unwrap_or_default();
        if before.points == wanted.points && plain(&before.reason) == plain(&wanted.reason) {
            return Ok(None);
        }
        if let Some(why) = &row.closed {
            return Err(refuse(of_row(), why.clone()));
        }
        if row.version != wanted.version {
            let now = say(&before);
            let text = format!("This was saved after the sheet was made. “{}” is on record with {now}.", criterion.name);
            return Err(vec![Found { moved: true, ..Found::wrong(of_row(), text) }]);
        }
        let cell = |column: fn(Place) -> usize| match wanted.at {
            Some(at) => format!("Row {}, column {}", at.row + 1, letters(column(at))),
            None => format!("{}, {}", row.number, criterion.name),
        };
        if wanted.points.is_none() && wanted.reason.is_empty() {
            let text = format!("“{}” is empty here and on record with {}. A sheet can’t take a score away.", criterion.name, say(&before));
            return Err(refuse(cell(|at| at.points), text));
        }
        match RubricScore::new(criterion, wanted.points, &wanted.reason) {
            Ok(score) => {
                let wanted = Wanted { points: Some(score.points), reason: score.reason, ..wanted.clone() };
                Ok(Some(Change { wanted, number: row.number.clone(), name: criterion.name.clone(), before }))
            }
            Err(found) => Err(found.into_iter().map(|found| unreasoned(criterion, found, &cell)).collect()),
        }
    }
}

fn unreasoned(criterion: &Criterion, found: Unreasoned, cell: &impl Fn(fn(Place) -> usize) -> String) -> Found {
    let levels = || {
        let points: Vec<String> =
            anchors_of(criterion).unwrap_or_default().iter().map(|anchor| anchor.points.normalize().to_string()).collect();
        points.join(", ")
    };
    match found {
        Unreasoned::NoReason => Found::wrong(cell(|at| at.reason), format!("Give the reason for “{}” in a sentence.", criterion.name)),
        Unreasoned::TooLong => Found::wrong(cell(|at| at.reason), found.to_string()),
        Unreasoned::NoLevel => {
            Found::wrong(cell(|at| at.points), format!("Give the points of a level of “{}”: {}.", criterion.name, levels()))
        }
        Unreasoned::OffAnchor | Unreasoned::NoChoice | Unreasoned::NotARubric => {
            Found::wrong(cell(|at| at.points), format!("This is no level of “{}”. Its levels are {}.", criterion.name, levels()))
        }
    }
}
