//! The workbook of scores: what is written comes back the same and runs nothing; what a stranger sends is refused with a sentence.

use ::app::review::sheet::book::{self, Book};
use domain::Timestamp;
use domain::panel::Written;
use domain::program::ProgramFile;
use domain::review::anchors_of;
use domain::ruleset::Criterion;
use domain::score_sheet::{Cell, Record, Row};
use proptest::prelude::*;
use rust_decimal::Decimal;
use rust_xlsxwriter::{Formula, Workbook};
use std::io::{Cursor, Read, Write};
use uuid::Uuid;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const FILE: &str = include_str!("../../../domain/src/program/tests/small.toml");
/// A formula of old fame, and its cousins.
pub const FORMULAS: [&str; 5] = ["=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", "=HYPERLINK(\"http://example.org\")"];

fn rubrics() -> Vec<Criterion> {
    let file = ProgramFile::parse(FILE).unwrap();
    file.ranking.criteria.into_iter().filter(|criterion| anchors_of(criterion).is_some()).collect()
}

fn record(scores: &[(Option<Decimal>, String)]) -> Record {
    let criteria = rubrics();
    let key = criteria[0].key.clone();
    let row = |(nth, (points, reason)): (usize, &(Option<Decimal>, String))| Row {
        id: Uuid::from_u128(nth as u128 + 1),
        version: "1".to_owned(),
        number: format!("A-2024-{nth:04}"),
        applicant: FORMULAS[nth % FORMULAS.len()].to_owned(),
        nces_id: "0100005".to_owned(),
        state: "To review".to_owned(),
        closed: None,
        scores: [(key.clone(), Written { points: *points, reason: reason.clone() })].into(),
    };
    Record { rows: scores.iter().enumerate().map(row).collect(), criteria }
}

fn written(record: &Record) -> Vec<u8> {
    book::write(record, &[("Round id", "x".to_owned())], Timestamp::from_unix(1_711_990_800)).unwrap()
}

/// A workbook as somebody's program would write it.
pub fn pack(book: &Book) -> Vec<u8> {
    let mut made = Workbook::new();
    let sheet = made.add_worksheet().set_name("Scores").unwrap();
    for (row, line) in (0_u32..).zip(&book.scores) {
        for (column, cell) in (0_u16..).zip(line) {
            match cell {
                Cell::Empty => {}
                Cell::Text(text) => drop(sheet.write_string(row, column, text).unwrap()),
                Cell::Number(number) => drop(sheet.write_number(row, column, number.to_string().parse::<f64>().unwrap()).unwrap()),
                Cell::Odd(_) => drop(sheet.write_formula(row, column, Formula::new("=1+1").set_result("2")).unwrap()),
            }
        }
    }
    let about = made.add_worksheet().set_name("About").unwrap();
    for (row, (name, value)) in (0_u32..).zip(&book.about) {
        about.write_string(row, 0, name).unwrap().write_string(row, 1, value).unwrap();
    }
    made.save_to_buffer().unwrap()
}

/// One part of a packed workbook, as text.
pub fn part(bytes: &[u8], name: &str) -> String {
    let mut text = String::new();
    ZipArchive::new(Cursor::new(bytes)).unwrap().by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// A workbook with one part replaced.
fn with_part(bytes: &[u8], name: &str, content: &[u8]) -> Vec<u8> {
    let mut old = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut new = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..old.len() {
        let mut part = old.by_index(at).unwrap();
        let (own, mut kept) = (part.name().unwrap().to_string(), Vec::new());
        part.read_to_end(&mut kept).unwrap();
        new.start_file(own.as_str(), SimpleFileOptions::default()).unwrap();
        new.write_all(if own == name { content } else { &kept }).unwrap();
    }
    new.finish().unwrap().into_inner()
}

const SHEET: &str = "xl/worksheets/sheet1.xml";

fn sheet_xml(cells: &str) -> Vec<u8> {
    let space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    format!("<?xml version=\"1.0\"?><worksheet xmlns=\"{space}\"><sheetData>{cells}</sheetData></worksheet>").into_bytes()
}

#[test]
fn nothing_in_a_workbook_is_a_formula_and_codes_keep_their_zeros() {
    let reasons: Vec<_> = FORMULAS.iter().map(|text| (Some(Decimal::from(100)), (*text).to_owned())).collect();
    let bytes = written(&record(&reasons));
    let sheet = part(&bytes, SHEET);
    assert!(!sheet.contains("<f>") && !sheet.contains("<f "), "no cell is a formula");
    assert!(sheet.contains("<pane") && sheet.contains("<sheetProtection") && sheet.contains("<dataValidation "));
    let back = book::read(&bytes).unwrap();
    for (row, formula) in back.scores[1..].iter().zip(FORMULAS) {
        assert_eq!((&row[3], &row[7]), (&Cell::Text(formula.to_owned()), &Cell::Text(formula.to_owned())));
        assert_eq!(row[4], Cell::Text("0100005".to_owned()), "text, with its zero");
        assert_eq!(row[6], Cell::Number(Decimal::from(100)));
    }
    assert!(part(&bytes, "xl/sharedStrings.xml").contains("A signed agreement."), "the written levels stand in it");
    assert_eq!(back.about["Round id"], "x");
    assert_eq!(bytes, written(&record(&reasons)), "the same record at the same second is the same file");
}

#[test]
fn a_formula_typed_by_somebody_is_named() {
    let mut book = book::read(&written(&record(&[(None, String::new())]))).unwrap();
    book.scores[1].resize(7, Cell::Odd(""));
    let back = book::read(&pack(&book)).unwrap();
    assert_eq!(back.scores[1][6], Cell::Odd("a formula"));
}

#[test]
fn what_is_no_workbook_of_ours_is_refused_with_a_sentence() {
    let good = written(&record(&[(None, String::new())]));
    let why = |bytes: &[u8]| book::read(bytes).unwrap_err();
    assert!(why(b"").starts_with("The file is empty."));
    assert!(why(b"Id,Version\n1,2\n").starts_with("This is no Excel workbook."));
    assert!(why(&good[..good.len() / 2]).starts_with("This is no Excel workbook.") || why(&good[..good.len() / 2]).contains("damaged"));
    assert!(why(&good[..good.len() - 30]).contains("damaged"));
    assert!(why(&with_part(&good, SHEET, b"<worksheet")).contains("can’t be read"));
    let mut other = Workbook::new();
    other.add_worksheet();
    assert!(why(&other.save_to_buffer().unwrap()).contains("no sheet named “About”"));
    let mut flipped = good.clone();
    flipped[200] ^= 0x55;
    assert!(book::read(&flipped).is_err());
}

#[test]
fn a_bomb_and_a_sheet_without_end_are_refused_before_they_cost_anything() {
    let good = written(&record(&[(None, String::new())]));
    let bomb = with_part(&good, "xl/sharedStrings.xml", &vec![b' '; 200 << 20]);
    assert!(bomb.len() < 1 << 20, "it is small while it is packed");
    assert!(book::read(&bomb).unwrap_err().starts_with("Unpacked, this workbook is far larger"));
    let corner = sheet_xml("<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>");
    assert!(book::read(&with_part(&good, SHEET, &corner)).unwrap_err().contains("reaches to cell XFD1048576"));
    let declared = sheet_xml("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>");
    let declared = String::from_utf8(declared).unwrap().replace("<sheetData>", "<dimension ref=\"A1:XFD1048576\"/><sheetData>");
    assert_eq!(book::read(&with_part(&good, SHEET, declared.as_bytes())).unwrap().scores.len(), 1, "what it claims is not believed");
    let blank = sheet_xml("<row r=\"9000\"><c r=\"A9000\" s=\"1\"/></row>");
    assert!(book::read(&with_part(&good, SHEET, &blank)).unwrap().scores.is_empty(), "a cell that is only coloured holds nothing");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_workbook_that_comes_back_as_it_left_changes_nothing(
        scores in prop::collection::vec((prop::option::of((any::<i32>(), 0_u32..6)), prop_oneof![any::<String>(), "[ =+@_x0-9A-F\r\n\t-]{0,30}"]), 1..8),
    ) {
        let scores: Vec<_> = scores.into_iter().map(|(points, reason)| (points.map(|(n, scale)| Decimal::new(i64::from(n), scale)), reason)).collect();
        let record = record(&scores);
        let back = book::read(&written(&record)).unwrap();
        let judged = record.compare(&back.scores);
        prop_assert!(judged.changes.is_empty() && judged.problems.is_empty(), "{:?}", judged);
        prop_assert_eq!(judged.unchanged, scores.len());
    }
}
