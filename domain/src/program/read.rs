//! Reads TOML fields one by one and remembers where each stands. A reader that finds a problem notes it and gives a stand-in value, so that
//! the rest is read too; a file with any problem is thrown away whole, so no stand-in ever leaves the parser.

use super::FileProblem;
use crate::money::Money;
use crate::time::Date;
use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use toml_edit::{ArrayOfTables, Item, Table, TableLike, Value};

/// The text being read and the problems found so far.
pub(super) struct Reader<'t> {
    text: &'t str,
    problems: RefCell<Vec<FileProblem>>,
}

impl<'t> Reader<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self { text, problems: RefCell::new(Vec::new()) }
    }

    /// Notes a problem at a byte offset.
    pub(super) fn note(&self, at: usize, field: &str, problem: impl Into<String>) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        self.problems.borrow_mut().push(FileProblem {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).map_or(0, |head| head.chars().count()) + 1,
            field: field.to_owned(),
            problem: problem.into(),
        });
    }

    /// How many problems there are so far.
    pub(super) fn count(&self) -> usize {
        self.problems.borrow().len()
    }

    pub(super) fn into_problems(self) -> Vec<FileProblem> {
        self.problems.into_inner()
    }
}

/// What stands at a spot.
#[derive(Clone, Copy)]
enum What<'a> {
    Value(&'a Value),
    Table(&'a Table),
    Tables(&'a ArrayOfTables),
}

/// One value, with its place in the file and its field name.
#[derive(Clone)]
pub(super) struct Spot<'a> {
    reader: &'a Reader<'a>,
    what: What<'a>,
    at: usize,
    pub(super) field: String,
}

impl<'a> Spot<'a> {
    pub(super) fn note(&self, problem: impl Into<String>) {
        self.reader.note(self.at, &self.field, problem);
    }

    /// Notes a problem inside text, at a character counted from 0. Text with escapes is pointed at as a whole.
    pub(super) fn note_inside(&self, character: usize, problem: impl Into<String>) {
        let written = self.written().unwrap_or_default();
        let quotes = [r#"""""#, r#"""#, "'''", "'"].into_iter().find(|quotes| written.starts_with(quotes)).map_or(0, str::len);
        let inner = written.get(quotes..).unwrap_or_default();
        let text = inner.trim_start();
        let inside = inner.len() - text.len() + text.chars().take(character).map(char::len_utf8).sum::<usize>();
        let at = if written.contains('\\') { self.at } else { self.at + quotes + inside };
        self.reader.note(at, &self.field, problem);
    }

    fn value(&self) -> Option<&'a Value> {
        match self.what {
            What::Value(value) => Some(value),
            What::Table(_) | What::Tables(_) => None,
        }
    }

    /// The value as it is written in the file.
    fn written(&self) -> Option<&'a str> {
        self.value().and_then(Value::span).and_then(|span| self.reader.text.get(span))
    }

    /// Text that is not blank.
    pub(super) fn text(&self) -> String {
        match self.value().and_then(Value::as_str) {
            Some(text) if !text.trim().is_empty() => return text.trim().to_owned(),
            Some(_) => self.note("This text is empty. Write it, or say plainly that it is not known."),
            None => self.note("This must be text in quotation marks."),
        }
        String::new()
    }

    /// A key or slug: lower-case letters, digits, hyphens and underscores, not at the ends.
    pub(super) fn key(&self) -> String {
        let before = self.reader.count();
        let key = self.text();
        let fine = key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
            && key.starts_with(|c: char| c.is_ascii_alphanumeric())
            && key.ends_with(|c: char| c.is_ascii_alphanumeric())
            && key.len() <= 80;
        if !fine && self.reader.count() == before {
            self.note(format!("“{key}” can't be a key: use lower-case letters, digits and hyphens, at most 80."));
        }
        key
    }

    pub(super) fn flag(&self) -> bool {
        self.value().and_then(Value::as_bool).unwrap_or_else(|| {
            self.note("This must be true or false.");
            false
        })
    }

    /// A whole number in a range.
    pub(super) fn integer(&self, range: RangeInclusive<i64>) -> i64 {
        match self.value().and_then(Value::as_integer) {
            Some(number) if range.contains(&number) => number,
            Some(number) => {
                self.note(format!("{number} is out of range: write a whole number from {} to {}.", range.start(), range.end()));
                *range.start()
            }
            None => {
                self.note(format!("This must be a whole number from {} to {}.", range.start(), range.end()));
                *range.start()
            }
        }
    }

    /// A decimal number, kept exactly as it is written.
    pub(super) fn decimal(&self) -> Decimal {
        let read = match self.value() {
            Some(Value::Integer(number)) => Some(Decimal::from(*number.value())),
            Some(Value::Float(_)) => self.written().and_then(|text| text.replace('_', "").parse().ok()),
            Some(Value::String(text)) => text.value().trim().parse().ok(),
            _ => None,
        };
        read.unwrap_or_else(|| {
            self.note("This must be a number written plainly, such as 12 or 6.5.");
            Decimal::ZERO
        })
    }

    /// Points between two ends.
    pub(super) fn points(&self, (least, most): (i64, i64)) -> Decimal {
        let points = self.decimal();
        if points < Decimal::from(least) || points > Decimal::from(most) {
            self.note(format!("Points go from {least} to {most} here; {points} is outside."));
        }
        points
    }

    /// Dollars above zero, in whole cents.
    pub(super) fn money(&self) -> Money {
        let text = match self.value() {
            Some(Value::Integer(number)) => number.value().to_string(),
            Some(Value::Float(_)) => self.written().unwrap_or_default().replace('_', ""),
            Some(Value::String(text)) => text.value().clone(),
            _ => String::new(),
        };
        match Money::parse(&text) {
            Ok(amount) if amount.is_positive() => return amount,
            Ok(amount) => self.note(format!("The amount must be above zero; this is {amount}.")),
            Err(problem) => self.note(problem.to_string()),
        }
        Money::ZERO
    }

    /// A calendar day.
    pub(super) fn date(&self) -> Option<Date> {
        let day = self.value().filter(|value| value.is_datetime()).and_then(|_| self.written()).and_then(|text| text.parse().ok());
        if day.is_none() {
            self.note("This must be a day such as 2023-07-01, without quotation marks.");
        }
        day
    }

    /// A wall-clock time, without zone, in whole seconds.
    pub(super) fn wall(&self) -> Option<NaiveDateTime> {
        let written = self.value().filter(|value| value.is_datetime()).and_then(|_| self.written());
        let wall = written.and_then(|text| {
            let text = text.replace([' ', 't'], "T");
            NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S")
                .or_else(|_| NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M"))
                .ok()
        });
        if wall.is_none() {
            self.note("This must be a local time such as 2023-05-05T23:59:00, without quotation marks or offset; the zone has a field of its own.");
        }
        wall
    }

    /// The elements of an array.
    pub(super) fn list(&self) -> Vec<Self> {
        let Some(array) = self.value().and_then(Value::as_array) else {
            self.note("This must be a list in square brackets.");
            return Vec::new();
        };
        let spot = |(index, value): (usize, &'a Value)| Self {
            reader: self.reader,
            what: What::Value(value),
            at: value.span().map_or(self.at, |span| span.start),
            field: format!("{}[{}]", self.field, index + 1),
        };
        array.iter().enumerate().map(spot).collect()
    }

    /// The fields of a table.
    pub(super) fn fields(&self) -> Option<Fields<'a>> {
        let table: &'a dyn TableLike = match self.what {
            What::Table(table) => table,
            What::Value(Value::InlineTable(table)) => table,
            What::Value(_) | What::Tables(_) => {
                self.note("This must be a table of fields.");
                return None;
            }
        };
        Some(Fields { reader: self.reader, table, at: self.at, field: self.field.clone(), known: RefCell::default() })
    }
}

/// The fields of one table. Fields that nobody asked for are reported by [`Fields::end`].
pub(super) struct Fields<'a> {
    reader: &'a Reader<'a>,
    table: &'a dyn TableLike,
    at: usize,
    field: String,
    known: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Fields<'a> {
    /// The fields of the whole file.
    pub(super) fn root(reader: &'a Reader<'a>, table: &'a Table) -> Self {
        Self { reader, table, at: 0, field: String::new(), known: RefCell::default() }
    }

    fn name(&self, key: &str) -> String {
        if self.field.is_empty() { key.to_owned() } else { format!("{}.{key}", self.field) }
    }

    pub(super) fn note(&self, problem: impl Into<String>) {
        self.reader.note(self.at, &self.field, problem);
    }

    /// The spot of a field, if the file has it.
    pub(super) fn optional(&self, key: &'static str) -> Option<Spot<'a>> {
        self.known.borrow_mut().insert(key);
        let (name, item) = self.table.get_key_value(key)?;
        let what = match item {
            Item::None => return None,
            Item::Value(value) => What::Value(value),
            Item::Table(table) => What::Table(table),
            Item::ArrayOfTables(tables) => What::Tables(tables),
        };
        let at = item.span().or_else(|| name.span()).map_or(self.at, |span| span.start);
        Some(Spot { reader: self.reader, what, at, field: self.name(key) })
    }

    /// The spot of a field; noted when it is missing.
    pub(super) fn required(&self, key: &'static str) -> Option<Spot<'a>> {
        let spot = self.optional(key);
        if spot.is_none() {
            let problem = match key {
                "citation" => "The citation is missing. Say which law, rule or document this rests on.",
                _ => "This is missing.",
            };
            self.reader.note(self.at, &self.name(key), problem);
        }
        spot
    }

    pub(super) fn text(&self, key: &'static str) -> String {
        self.required(key).map(|spot| spot.text()).unwrap_or_default()
    }

    pub(super) fn key(&self, key: &'static str) -> String {
        self.required(key).map(|spot| spot.key()).unwrap_or_default()
    }

    /// A flag; false when the file is silent.
    pub(super) fn flag(&self, key: &'static str) -> bool {
        self.optional(key).is_some_and(|spot| spot.flag())
    }

    pub(super) fn integer(&self, key: &'static str, range: RangeInclusive<i64>) -> i64 {
        let least = *range.start();
        self.required(key).map_or(least, |spot| spot.integer(range))
    }

    pub(super) fn decimal(&self, key: &'static str) -> Decimal {
        self.required(key).map(|spot| spot.decimal()).unwrap_or_default()
    }

    pub(super) fn points(&self, key: &'static str, ends: (i64, i64)) -> Decimal {
        self.required(key).map(|spot| spot.points(ends)).unwrap_or_default()
    }

    pub(super) fn money(&self, key: &'static str) -> Money {
        self.required(key).map(|spot| spot.money()).unwrap_or_default()
    }

    pub(super) fn date(&self, key: &'static str) -> Option<Date> {
        self.required(key).and_then(|spot| spot.date())
    }

    /// The fields of a table inside this one.
    pub(super) fn table(&self, key: &'static str) -> Option<Self> {
        self.required(key)?.fields()
    }

    /// The elements of a list that may not be empty.
    pub(super) fn list(&self, key: &'static str) -> Vec<Spot<'a>> {
        let Some(spot) = self.required(key) else { return Vec::new() };
        let before = self.reader.count();
        let list = spot.list();
        if list.is_empty() && self.reader.count() == before {
            spot.note("This list is empty.");
        }
        list
    }

    /// As [`Fields::tables`], but none when the file is silent.
    pub(super) fn tables_if_any(&self, key: &'static str) -> Vec<Self> {
        if self.optional(key).is_some() { self.tables(key) } else { Vec::new() }
    }

    /// The tables of a list: `[[key]]` sections, or inline tables in brackets. At least one.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Self> {
        let Some(spot) = self.required(key) else { return Vec::new() };
        let What::Tables(tables) = spot.what else {
            return spot.list().iter().filter_map(Spot::fields).collect();
        };
        let one = |(index, table): (usize, &'a Table)| Fields {
            reader: self.reader,
            table,
            at: table.span().map_or(spot.at, |span| span.start),
            field: format!("{}[{}]", spot.field, index + 1),
            known: RefCell::default(),
        };
        tables.iter().enumerate().map(one).collect()
    }

    /// Reports every field that nobody asked for. Call it when all have been read.
    pub(super) fn end(self) {
        let known = self.known.borrow();
        for (key, item) in self.table.iter() {
            if !known.contains(key) {
                let span = self.table.key(key).and_then(toml_edit::Key::span).or_else(|| item.span());
                let at = span.map_or(self.at, |span| span.start);
                let names: Vec<&str> = known.iter().copied().collect();
                self.reader.note(at, &self.name(key), format!("There is no such field here. The fields are: {}.", names.join(", ")));
            }
        }
    }
}
