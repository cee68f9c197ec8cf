//! A table from a file: tab-separated when its first line holds a tab, else comma-separated with double quotes as in RFC 4180. The first
//! line names the columns, in any order.

use app::error::{AppError, Problem};

/// One row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its first line in the file, counted from 1.
    pub line: usize,
    cells: Vec<(&'static str, String)>,
}

impl Row {
    /// A cell, without spaces around it; empty when the column is not there.
    pub fn get(&self, column: &str) -> &str {
        self.cells.iter().find(|(name, _)| *name == column).map_or("", |(_, cell)| cell.as_str())
    }

    /// A cell, none when it is empty.
    pub fn optional(&self, column: &str) -> Option<String> {
        Some(self.get(column).to_owned()).filter(|cell| !cell.is_empty())
    }

    /// A problem with a cell.
    pub fn problem(&self, column: &str, text: impl Into<String>) -> Problem {
        Problem::new(format!("line {}, {column}", self.line), text)
    }
}

/// Reads a table whose columns are among `columns` and include `needed`.
///
/// # Errors
/// [`AppError::Invalid`] for a column that is missing, unknown or doubled, a row of another length, a quote that does not end.
pub fn read(text: &str, columns: &'static [&'static str], needed: &[&str]) -> Result<Vec<Row>, AppError> {
    let cells = cells_of(text).map_err(|(line, problem)| AppError::Invalid(vec![Problem::new(format!("line {line}"), problem)]))?;
    let mut lines = cells.into_iter();
    let Some((_, heads)) = lines.next() else {
        return Err(AppError::Invalid(vec![Problem::new("line 1", "The file is empty.")]));
    };
    let names = read_heads(&heads, columns, needed)?;
    let mut problems = Vec::new();
    let mut rows = Vec::new();
    for (line, cells) in lines.filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty())) {
        if cells.len() == names.len() {
            rows.push(Row { line, cells: names.iter().copied().zip(cells).collect() });
        } else {
            let text = format!("The row has {} cells; the first line names {} columns.", cells.len(), names.len());
            problems.push(Problem::new(format!("line {line}"), text));
        }
    }
    if problems.is_empty() { Ok(rows) } else { Err(AppError::Invalid(problems)) }
}

fn read_heads(heads: &[String], columns: &'static [&'static str], needed: &[&str]) -> Result<Vec<&'static str>, AppError> {
    let mut problems = Vec::new();
    let mut names: Vec<&'static str> = Vec::new();
    for head in heads {
        match columns.iter().find(|column| **column == head.to_lowercase()) {
            Some(known) if names.contains(known) => problems.push(format!("The column “{known}” stands there twice.")),
            Some(known) => names.push(known),
            None => problems.push(format!("There is no column “{head}”. The columns are: {}.", columns.join(", "))),
        }
    }
    problems.extend(needed.iter().filter(|name| !names.contains(name)).map(|name| format!("The column “{name}” is missing.")));
    let problems: Vec<Problem> = problems.into_iter().map(|text| Problem::new("line 1", text)).collect();
    if problems.is_empty() { Ok(names) } else { Err(AppError::Invalid(problems)) }
}

/// A row's first line, counted from 1, and its cells without spaces around them.
pub type Cells = (usize, Vec<String>);

/// The rows of a table, its first line among them.
///
/// # Errors
/// The line of a quote that does not end, and a sentence.
pub fn cells_of(text: &str) -> Result<Vec<Cells>, (usize, &'static str)> {
    let text = text.trim_start_matches('\u{feff}');
    let tabs = text.lines().next().is_some_and(|first| first.contains('\t'));
    if tabs { Ok(by_tabs(text)) } else { by_commas(text) }
}

fn by_tabs(text: &str) -> Vec<Cells> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line.split('\t').map(|cell| cell.trim().to_owned()).collect())).collect()
}

fn by_commas(text: &str) -> Result<Vec<Cells>, (usize, &'static str)> {
    let (mut rows, mut cells, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut line, mut began, mut quoted) = (1, 1, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.trim().is_empty() => {
                cell.clear();
                quoted = true;
            }
            ',' if !quoted => cells.push(std::mem::take(&mut cell).trim().to_owned()),
            '\n' if !quoted => {
                cells.push(std::mem::take(&mut cell).trim().to_owned());
                rows.push((began, std::mem::take(&mut cells)));
                line += 1;
                began = line;
            }
            other => {
                line += usize::from(other == '\n');
                cell.push(other);
            }
        }
    }
    if quoted {
        return Err((began, "A quoted cell begins here and does not end."));
    }
    if !cell.is_empty() || !cells.is_empty() {
        cells.push(cell.trim().to_owned());
        rows.push((began, cells));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[&str] = &["name", "place", "note"];

    fn told(text: &str) -> Vec<String> {
        let problems = read(text, COLUMNS, &["name"]).unwrap_err().problems().unwrap();
        problems.into_iter().map(|problem| format!("{}: {}", problem.field, problem.text)).collect()
    }

    #[test]
    fn quotes_commas_and_line_ends_inside_a_cell_are_kept() {
        let rows = read("\u{feff}Place,name\r\n\"Yazoo, City\",\"The \"\"Y\"\"\nDistrict\"\r\n\r\nB , C", COLUMNS, &["name"]).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].line, rows[0].get("place"), rows[0].get("name")), (2, "Yazoo, City", "The \"Y\"\nDistrict"));
        assert_eq!((rows[1].line, rows[1].get("place"), rows[1].get("name"), rows[1].optional("note")), (5, "B", "C", None));
    }

    #[test]
    fn tabs_need_no_quotes() {
        let rows = read("name\tplace\n\"A\", b\tX\n", COLUMNS, &["name"]).unwrap();
        assert_eq!((rows[0].get("name"), rows[0].get("place")), ("\"A\", b", "X"));
    }

    #[test]
    fn what_is_wrong_is_named_by_line() {
        assert_eq!(told(""), ["line 1: The file is empty."]);
        assert_eq!(
            told("nam,place,place"),
            [
                "line 1: There is no column “nam”. The columns are: name, place, note.",
                "line 1: The column “place” stands there twice.",
                "line 1: The column “name” is missing."
            ]
        );
        assert_eq!(told("name,place\na,b\nc"), ["line 3: The row has 1 cells; the first line names 2 columns."]);
        assert_eq!(told("name\na\n\"b\nc"), ["line 3: A quoted cell begins here and does not end."]);
    }
}
