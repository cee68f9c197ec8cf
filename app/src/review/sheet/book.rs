//! A sheet of scores as an XLSX workbook. What we write is inert: every text is typed as text, so that nothing in it is taken for a formula
//! and no id loses its zeros. What we read is a stranger's: it is unpacked within a limit first, cells are counted as they come, and whatever
//! is no value says what it is.

use calamine::{DataRef, Reader, Xlsx};
use domain::Timestamp;
use domain::review::anchors_of;
use domain::score_sheet::{COLUMNS_MAX, Cell, FIXED, ROWS_MAX, Record, letters};
use domain::sniff::sniff_workbook;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, ProtectionOptions, Workbook, Worksheet, XlsxError,
};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// The sheets' names.
const SCORES: &str = "Scores";
const LEVELS: &str = "Levels";
const ABOUT: &str = "About";

/// The most that a workbook may hold once unpacked, in bytes.
const UNPACKED_MAX: u64 = 24 * 1024 * 1024;
/// The most files that it may be packed of. Ours has a dozen.
const PARTS_MAX: usize = 200;

const WIDTHS: [f64; FIXED.len()] = [12.0, 9.0, 15.0, 32.0, 11.0, 22.0];

/// A workbook that came back.
#[derive(Debug)]
pub struct Book {
    /// The sheet of scores.
    pub scores: Vec<Vec<Cell>>,
    /// What the workbook says of itself.
    pub about: BTreeMap<String, String>,
}

struct Looks {
    heading: Format,
    locked: Format,
    points: Format,
    reason: Format,
}

impl Looks {
    fn new() -> Self {
        // “@” is the format of text: what is typed over such a cell stays text as well.
        let text = || Format::new().set_num_format("@").set_align(FormatAlign::Top).set_text_wrap();
        let grey = Color::RGB(0x00ED_EDED);
        Self {
            heading: text().set_bold().set_background_color(Color::RGB(0x00D9_E8F6)),
            locked: text().set_background_color(grey).set_quote_prefix(),
            points: Format::new().set_align(FormatAlign::Top).set_unlocked(),
            reason: text().set_unlocked().set_quote_prefix(),
        }
    }
}

/// Writes a workbook: the scores, the written levels, and what it is.
///
/// # Errors
/// The writer's: a text or a table too large for a spreadsheet.
pub fn write(record: &Record, about: &[(&str, String)], now: Timestamp) -> Result<Vec<u8>, XlsxError> {
    let looks = Looks::new();
    let mut book = Workbook::new();
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_timestamp(now.unix())?));
    scores(book.add_worksheet().set_name(SCORES)?, record, &looks)?;
    levels(book.add_worksheet().set_name(LEVELS)?, record, &looks)?;
    let sheet = book.add_worksheet().set_name(ABOUT)?;
    sheet.set_column_width(0, 18)?.set_column_width(1, 70)?.protect();
    for (row, (name, value)) in (0..).zip(about) {
        put(sheet, row, 0, &Cell::Text((*name).to_owned()), &looks.heading)?;
        put(sheet, row, 1, &Cell::Text(value.clone()), &looks.locked)?;
    }
    book.save_to_buffer()
}

fn put(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell, look: &Format) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty | Cell::Odd(_) => sheet.write_blank(row, column, look)?,
        Cell::Text(text) => sheet.write_string_with_format(row, column, text, look)?,
        Cell::Number(number) => match number.to_f64() {
            Some(number) => sheet.write_number_with_format(row, column, number, look)?,
            None => sheet.write_string_with_format(row, column, number.to_string(), look)?,
        },
    };
    Ok(())
}

fn scores(sheet: &mut Worksheet, record: &Record, looks: &Looks) -> Result<(), XlsxError> {
    let cells = record.sheet();
    let fixed = FIXED.len();
    for (row, line) in (0_u32..).zip(&cells) {
        let closed = row.checked_sub(1).and_then(|at| record.rows.get(at as usize)).is_some_and(|row| row.closed.is_some());
        for (column, cell) in (0_u16..).zip(line) {
            let score = usize::from(column).checked_sub(fixed);
            let look = match score {
                _ if row == 0 => &looks.heading,
                Some(_) if closed => &looks.locked,
                Some(score) if score % 2 == 0 => &looks.points,
                Some(_) => &looks.reason,
                None => &looks.locked,
            };
            put(sheet, row, column, cell, look)?;
        }
    }
    for (column, width) in (0_u16..).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    let last = u32::try_from(record.rows.len()).unwrap_or(u32::MAX);
    for (points, criterion) in (0_u16..).map(|nth| 6 + 2 * nth).zip(&record.criteria) {
        sheet.set_column_width(points, 12)?.set_column_width(points + 1, 60)?;
        let anchors = anchors_of(criterion).unwrap_or_default().iter().map(|anchor| anchor.points.normalize().to_string());
        // Too long a list is left out: what is typed is judged on the way back anyway.
        if let Ok(list) = DataValidation::new().allow_list_strings(&anchors.collect::<Vec<_>>())
            && last > 0
        {
            let say = "The points of one of the written levels; see the sheet Levels.";
            sheet.add_data_validation(1, points, last, points, &list.set_error_message(say)?)?;
        }
    }
    sheet.set_freeze_panes(1, 3)?.set_landscape().set_repeat_rows(0, 0)?;
    let options = ProtectionOptions { format_columns: true, format_rows: true, ..ProtectionOptions::new() };
    sheet.protect_with_options(&options);
    Ok(())
}

fn levels(sheet: &mut Worksheet, record: &Record, looks: &Looks) -> Result<(), XlsxError> {
    sheet.set_column_width(0, 32)?.set_column_width(1, 10)?.set_column_width(2, 90)?;
    let text = |text: &str| Cell::Text(domain::score_sheet::plain(text));
    let levels =
        record.criteria.iter().flat_map(|criterion| anchors_of(criterion).unwrap_or_default().iter().map(move |one| (criterion, one)));
    let lines = levels.map(|(criterion, anchor)| [text(&criterion.name), Cell::Number(anchor.points.normalize()), text(&anchor.text)]);
    let heading = std::iter::once(["Criterion", "Points", "Written level"].map(text));
    for (row, line) in (0_u32..).zip(heading.chain(lines)) {
        for (column, cell) in (0_u16..).zip(&line) {
            put(sheet, row, column, cell, if row == 0 { &looks.heading } else { &looks.locked })?;
        }
    }
    sheet.set_freeze_panes(1, 0)?.protect();
    Ok(())
}

/// Reads a workbook.
///
/// # Errors
/// Why it is not taken, in a sentence for whoever sent it.
pub fn read(bytes: &[u8]) -> Result<Book, String> {
    sniff_workbook(bytes).map_err(|problem| problem.to_string())?;
    unpacks(bytes)?;
    let broken = |_| "This workbook can’t be read. Open it in a spreadsheet program, save it as .xlsx and send that.".to_owned();
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let about = cells(&mut book, ABOUT)?;
    let about = about.iter().filter_map(|row| match row.as_slice() {
        [Cell::Text(name), Cell::Text(value), ..] => Some((name.clone(), value.clone())),
        _ => None,
    });
    Ok(Book { about: about.collect(), scores: cells(&mut book, SCORES)? })
}

/// Unpacks everything once into nothing: what a file says of its own size is not to be believed.
fn unpacks(bytes: &[u8]) -> Result<(), String> {
    let broken = || "This workbook is damaged: it can’t be unpacked. Save it again and send that.".to_owned();
    let large = || "Unpacked, this workbook is far larger than a sheet of scores. Export the sheet again and fill that one in.".to_owned();
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    if archive.len() > PARTS_MAX {
        return Err(large());
    }
    let mut left = UNPACKED_MAX;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|_| broken())?;
        let size = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|_| broken())?;
        left = left.checked_sub(size).ok_or_else(large)?;
    }
    Ok(())
}

fn cells(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Vec<Vec<Cell>>, String> {
    if !book.sheet_names().iter().any(|found| found == name) {
        return Err(format!("The workbook has no sheet named “{name}”. Export it again and fill that one in."));
    }
    let broken = |_| format!("The sheet “{name}” can’t be read. Open it in a spreadsheet program, save it as .xlsx and send that.");
    let mut reader = book.worksheet_cells_reader(name).map_err(broken)?;
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    while let Some(found) = reader.next_cell_with_formula_metadata().map_err(broken)? {
        let cell = if found.formula.is_some() { Cell::Odd("a formula") } else { value(&found.value) };
        if cell == Cell::Empty {
            continue;
        }
        let (row, column) = (found.pos.0 as usize, found.pos.1 as usize);
        if row >= ROWS_MAX || column >= COLUMNS_MAX {
            let reach = format!("{}{}", letters(column), row + 1);
            return Err(format!(
                "The sheet “{name}” reaches to cell {reach}; {ROWS_MAX} rows and {COLUMNS_MAX} columns are taken at most."
            ));
        }
        if rows.len() <= row {
            rows.resize_with(row + 1, Vec::new);
        }
        if let Some(line) = rows.get_mut(row) {
            if line.len() <= column {
                line.resize_with(column + 1, Cell::default);
            }
            line[column] = cell;
        }
    }
    Ok(rows)
}

fn value(found: &DataRef<'_>) -> Cell {
    // The shortest text that gives the same number again is what was typed.
    let number = |text: String| text.parse::<Decimal>().map_or(Cell::Text(text), Cell::Number);
    match found {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(int) => number(int.to_string()),
        DataRef::Float(float) => number(float.to_string()),
        DataRef::String(text) => Cell::Text(text.clone()),
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        DataRef::Bool(_) => Cell::Odd("TRUE or FALSE"),
        DataRef::Error(_) => Cell::Odd("an error"),
        _ => Cell::Odd("a date or a time"),
    }
}
