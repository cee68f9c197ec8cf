//! Reading a sheet that came back. Columns are found by their headings, so they may stand in another order; rows by their ids, so they may be
//! sorted or left out.

use super::{Cell, FIXED, Found, Place, Record, Wanted, letters, plain};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What a sheet asks for.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub wanted: Vec<Wanted>,
    pub problems: Vec<Found>,
}

/// Where each column stands.
struct Columns {
    id: usize,
    version: usize,
    number: usize,
    scores: Vec<(usize, usize)>,
}

static EMPTY: Cell = Cell::Empty;

fn cell(row: &[Cell], column: usize) -> &Cell {
    row.get(column).unwrap_or(&EMPTY)
}

fn text(cell: &Cell) -> Result<String, &'static str> {
    match cell {
        Cell::Empty => Ok(String::new()),
        Cell::Text(text) => Ok(plain(text)),
        Cell::Number(number) => Ok(number.normalize().to_string()),
        Cell::Odd(what) => Err(what),
    }
}

fn is_blank(cell: &Cell) -> bool {
    text(cell).is_ok_and(|text| text.is_empty())
}

/// Row 2 before row 10.
pub(super) fn order(place: &str) -> (usize, String) {
    let digits: String = place.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    (digits.parse().unwrap_or(0), place.to_owned())
}

/// Reads a sheet. A problem of one row keeps no other from being read.
pub(super) fn read(record: &Record, sheet: &[Vec<Cell>]) -> Read {
    let mut read = Read::default();
    let columns = match columns(record, sheet.first().map_or(&[], Vec::as_slice)) {
        Ok(columns) => columns,
        Err(problems) => return Read { problems, ..read },
    };
    let mut seen: BTreeMap<Uuid, usize> = BTreeMap::new();
    for (at, row) in sheet.iter().enumerate().skip(1).filter(|(_, row)| !row.iter().all(is_blank)) {
        match line(record, &columns, at, row) {
            Err(problems) => read.problems.extend(problems),
            Ok((id, wanted)) => match seen.insert(id, at) {
                Some(first) => {
                    let text = format!("This id stands in row {} already. Each may stand once.", first + 1);
                    read.problems.push(Found::wrong(place(at, columns.id), text));
                }
                None => read.wanted.extend(wanted),
            },
        }
    }
    if seen.is_empty() && read.problems.is_empty() {
        read.problems.push(Found::wrong(String::new(), "The sheet has a heading and no rows."));
    }
    read
}

fn columns(record: &Record, heading: &[Cell]) -> Result<Columns, Vec<Found>> {
    let names: Vec<String> = heading.iter().map(|cell| text(cell).unwrap_or_default()).collect();
    let mut problems = Vec::new();
    let mut find = |name: &str| {
        let mut at = names.iter().enumerate().filter(|(_, found)| *found == name).map(|(at, _)| at);
        let (first, second) = (at.next(), at.next());
        let problem = match (first, second) {
            (Some(_), None) => None,
            (Some(_), Some(second)) => Some((place(0, second), format!("The column “{name}” stands twice."))),
            (None, _) => {
                Some(("Row 1".to_owned(), format!("The column “{name}” is missing. Export the sheet again and fill that one in.")))
            }
        };
        problems.extend(problem.map(|(place, text)| Found::wrong(place, text)));
        first.unwrap_or_default()
    };
    let [id, version, number, ..] = FIXED;
    let (id, version, number) = (find(id), find(version), find(number));
    let scores = record.headings().iter().map(|(points, reason)| (find(points), find(reason))).collect();
    if problems.is_empty() { Ok(Columns { id, version, number, scores }) } else { Err(problems) }
}

fn place(row: usize, column: usize) -> String {
    format!("Row {}, column {}", row + 1, letters(column))
}

/// One row: its id and the score of each criterion.
fn line(record: &Record, columns: &Columns, at: usize, row: &[Cell]) -> Result<(Uuid, Vec<Wanted>), Vec<Found>> {
    let mut problems = Vec::new();
    let mut get = |column: usize| {
        text(cell(row, column)).unwrap_or_else(|what| {
            problems.push(Found::wrong(place(at, column), format!("This cell holds {what}. Type its value instead.")));
            String::new()
        })
    };
    let (id, version, number) = (get(columns.id), get(columns.version), get(columns.number));
    let typed: Vec<(String, String)> = columns.scores.iter().map(|(points, reason)| (get(*points), get(*reason))).collect();
    let known = id.parse::<Uuid>();
    if id.is_empty() {
        let text = "There is no id. Only rows that were exported can come back.";
        problems.push(Found::wrong(place(at, columns.id), text));
    } else if known.is_err() {
        problems.push(Found::wrong(place(at, columns.id), "This is no id. Ids must stay as they were exported."));
    }
    let whose = known.as_ref().ok().and_then(|id| record.rows.iter().find(|row| row.id == *id));
    if let Some(whose) = whose.filter(|whose| plain(&whose.number) != number) {
        let text =
            format!("The id is that of {}, and this row says “{number}”. Was a part of the sheet sorted without the rest?", whose.number);
        problems.push(Found::wrong(place(at, columns.number), text));
    }
    let mut wanted = Vec::with_capacity(typed.len());
    for ((criterion, (points, reason)), columns) in record.criteria.iter().zip(typed).zip(&columns.scores) {
        let number = if points.is_empty() { Ok(None) } else { points.parse::<Decimal>().map(Some) };
        let at = Place { row: at, points: columns.0, reason: columns.1 };
        match number {
            Err(_) => problems.push(Found::wrong(place(at.row, at.points), format!("“{}” is no number of points.", short(&points)))),
            Ok(points) => {
                let (version, criterion) = (version.clone(), criterion.key.clone());
                let row = known.clone().unwrap_or_default();
                wanted.push(Wanted { row, version, criterion, points, reason, at: Some(at) });
            }
        }
    }
    match known {
        Ok(id) if problems.is_empty() => Ok((id, wanted)),
        _ => Err(problems),
    }
}

/// A text cut to what fits into a sentence.
fn short(text: &str) -> String {
    let start: String = text.chars().take(30).collect();
    if start.len() < text.len() { format!("{start}…") } else { start }
}
