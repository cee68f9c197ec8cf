//! A table whose columns the rules name.

use super::Wrong;
use crate::import::table::cells_of;
use domain::exact::Exact;
use domain::money::Money;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::path::Path;

/// A table in memory.
pub struct Sheet {
    name: String,
    columns: BTreeMap<String, usize>,
    rows: Vec<(usize, Vec<String>)>,
}

/// One row of it.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    sheet: &'a Sheet,
    line: usize,
    cells: &'a [String],
}

impl Sheet {
    /// Reads a table with a column for each of `needed`.
    pub fn read(path: &Path, text: &str, needed: &[&str]) -> Result<Self, Wrong> {
        let name = path.display().to_string();
        let lines = cells_of(text).map_err(|(line, problem)| vec![format!("{name}: line {line}: {problem}")])?;
        let mut lines = lines.into_iter();
        let Some((_, heads)) = lines.next().filter(|(_, heads)| heads.iter().any(|head| !head.is_empty())) else {
            return Err(vec![format!("{name}: line 1: The file is empty; its first line names the columns.")]);
        };
        let mut problems = Vec::new();
        let mut columns = BTreeMap::new();
        for (index, head) in heads.iter().enumerate() {
            if columns.insert(head.clone(), index).is_some() {
                problems.push(format!("{name}: line 1: The column “{head}” stands there twice."));
            }
        }
        let missing = needed.iter().filter(|column| !columns.contains_key(**column));
        problems.extend(missing.map(|column| format!("{name}: line 1: The column “{column}” is missing.")));
        let mut rows = Vec::new();
        for (line, cells) in lines.filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty())) {
            if cells.len() != heads.len() {
                problems.push(format!("{name}: line {line}: The row has {} cells; the first line names {}.", cells.len(), heads.len()));
            }
            rows.push((line, cells));
        }
        if problems.is_empty() { Ok(Self { name, columns, rows }) } else { Err(problems) }
    }

    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, cells)| Row { sheet: self, line: *line, cells })
    }

    pub fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// A problem with a row, counted from 0.
    pub fn problem(&self, row: usize, column: &str, problem: &str) -> String {
        match self.rows.get(row) {
            Some((line, _)) => format!("{}: line {line}, {column}: {problem}", self.name),
            None => format!("{}: {problem}", self.name),
        }
    }
}

impl Row<'_> {
    /// The table's line that it begins on, from 1.
    pub const fn line(&self) -> usize {
        self.line
    }

    /// A cell; empty when the table has no such column.
    pub fn get(&self, column: &str) -> &str {
        self.sheet.columns.get(column).and_then(|index| self.cells.get(*index)).map_or("", String::as_str)
    }

    pub fn problem(&self, column: &str, problem: impl std::fmt::Display) -> String {
        format!("{}: line {}, {column}: {problem}", self.sheet.name, self.line)
    }

    /// A decimal number; `None` for an empty cell.
    pub fn decimal(&self, column: &str) -> Result<Option<Decimal>, String> {
        let text = self.get(column);
        if text.is_empty() {
            return Ok(None);
        }
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
        let read = Decimal::from_str_exact(text).ok().filter(|_| plain);
        read.map(Some).ok_or_else(|| self.problem(column, format!("“{}” is not a number such as 12 or 6.5.", short(text))))
    }

    /// A decimal number or a fraction such as 109/3.
    pub fn exact(&self, column: &str) -> Result<Option<Exact>, String> {
        let text = self.get(column);
        if text.contains('/') {
            return text.parse().map(Some).map_err(|problem| self.problem(column, problem));
        }
        Ok(self.decimal(column)?.map(Exact::from))
    }

    /// An amount of money; `None` for an empty cell.
    pub fn money(&self, column: &str) -> Result<Option<Money>, String> {
        let text = self.get(column);
        if text.is_empty() {
            return Ok(None);
        }
        Money::parse(text).map(Some).map_err(|problem| self.problem(column, problem))
    }
}

fn short(text: &str) -> String {
    if text.chars().count() > 40 { text.chars().take(40).chain(['…']).collect() } else { text.to_owned() }
}
