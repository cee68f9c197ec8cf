use super::*;
use crate::ruleset::{Anchor, Missing, Scale, Source};
use proptest::prelude::*;

fn rubric(key: &str, name: &str) -> Criterion {
    let anchors = [0, 50, 100].map(|points| Anchor { points: Decimal::from(points), text: format!("Level {points}") });
    Criterion {
        key: key.to_owned(),
        name: name.to_owned(),
        plain: String::new(),
        weight: 5_000,
        citation: String::new(),
        synthetic: true,
        source: Source::Rubric { anchors: anchors.to_vec() },
        scale: Scale::AsScored,
        bonus: false,
        missing: Missing::Error,
    }
}

fn written(points: i64, reason: &str) -> Written {
    Written { points: Some(Decimal::from(points)), reason: reason.to_owned() }
}

fn row(nth: u128, scores: &[(&str, Written)]) -> Row {
    Row {
        id: Uuid::from_u128(nth),
        version: format!("{nth}"),
        number: format!("A-2024-{nth:04}"),
        applicant: "=cmd|' /C calc'!A0".to_owned(),
        nces_id: "0100005".to_owned(),
        state: "To review".to_owned(),
        closed: None,
        scores: scores.iter().map(|(key, written)| ((*key).to_owned(), written.clone())).collect(),
    }
}

fn record() -> Record {
    let rows = vec![row(1, &[("ties", written(50, "Signed.\r\nTwice."))]), row(2, &[])];
    Record { criteria: vec![rubric("ties", "Ties"), rubric("plan", "Plan")], rows }
}

/// The sheet of [`record`] with one cell changed, and what comes of it.
fn with(at: usize, column: usize, cell: Cell) -> Judged {
    let mut sheet = record().sheet();
    sheet[at][column] = cell;
    record().compare(&sheet)
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

/// The one problem, in a line.
fn only(judged: &Judged) -> String {
    assert_eq!(judged.problems.len(), 1, "{:?}", judged.problems);
    judged.problems[0].say()
}

#[test]
fn columns_are_named_as_spreadsheets_do() {
    assert_eq!([0, 25, 26, 51, 52, 701, 702].map(letters), ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
}

#[test]
fn a_sheet_of_another_round_or_kind_says_so() {
    let own = Identity { whose: Whose::Staff, round: RoundId(Uuid::from_u128(1)), file: "ab".to_owned() };
    let said = |other: &Identity| other.lines().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    assert_eq!(own.must_be(&said(&own)), Ok(()));
    let why = |other: Identity| own.must_be(&said(&other)).unwrap_err();
    assert!(why(Identity { round: RoundId(Uuid::from_u128(2)), ..own.clone() }).starts_with("It was exported from another round."));
    assert!(why(Identity { whose: Whose::Reviewer, ..own.clone() }).starts_with("It is no sheet of this kind."));
    assert!(why(Identity { file: "cd".to_owned(), ..own.clone() }).starts_with("It was exported under other rules."));
    assert!(own.must_be(&BTreeMap::new()).unwrap_err().contains("says nothing for “Kind of sheet”"));
}

#[test]
fn a_change_names_what_was_and_what_would_be() {
    let mut sheet = record().sheet();
    (sheet[1][6], sheet[1][7]) = (Cell::Number(Decimal::from(100)), text("All signed."));
    let judged = record().compare(&sheet);
    assert_eq!((judged.changes.len(), judged.unchanged, judged.problems.len()), (1, 3, 0));
    let change = &judged.changes[0];
    assert_eq!((change.number.as_str(), change.name.as_str()), ("A-2024-0001", "Ties"));
    assert_eq!((say(&change.before), change.wanted.points), ("50 points".to_owned(), Some(Decimal::from(100))));
}

#[test]
fn points_typed_as_text_are_points() {
    assert_eq!(with(1, 6, text(" 100 ")).changes[0].wanted.points, Some(Decimal::from(100)));
    assert_eq!(with(1, 6, text("50.00")).changes, [], "the same number");
}

#[test]
fn sorted_rows_and_moved_columns_change_nothing() {
    let mut sheet = record().sheet();
    sheet[1..].reverse();
    for row in &mut sheet {
        row.reverse();
    }
    sheet.push(vec![Cell::Empty, text("  ")]);
    assert_eq!(record().compare(&sheet), Judged { unchanged: 4, ..Judged::default() });
}

#[test]
fn every_fault_names_its_cell() {
    assert_eq!(only(&with(1, 6, text("51"))), "Row 2, column G: This is no level of “Ties”. Its levels are 0, 50, 100.");
    assert_eq!(only(&with(1, 6, text("many"))), "Row 2, column G: “many” is no number of points.");
    assert!(only(&with(1, 7, Cell::Empty)).starts_with("Row 2, column H: Give the reason"));
    assert!(only(&with(2, 9, text("Because."))).starts_with("Row 3, column I: Give the points of a level of “Plan”"));
    assert!(only(&with(1, 7, text(&"x".repeat(2_001)))).starts_with("Row 2, column H: The reason is longer"));
    assert!(only(&with(1, 6, Cell::Odd("a formula"))).starts_with("Row 2, column G: This cell holds a formula."));
    assert!(only(&with(1, 0, text("x"))).starts_with("Row 2, column A: This is no id."));
    assert!(only(&with(1, 0, Cell::Empty)).starts_with("Row 2, column A: There is no id."));
    assert!(only(&with(2, 2, text("A-2024-0001"))).contains("column C: The id is that of A-2024-0002"));
    assert!(only(&with(0, 6, text("Knots: points"))).starts_with("Row 1: The column “Ties: points” is missing."));
    assert!(only(&with(0, 3, text("Ties: points"))).starts_with("Row 1, column G: The column “Ties: points” stands twice."));
}

#[test]
fn a_row_stands_once_and_is_one_of_the_record() {
    let mut sheet = record().sheet();
    sheet.push(sheet[1].clone());
    assert!(only(&record().compare(&sheet)).starts_with("Row 4, column A: This id stands in row 2 already."));
    let foreign = with(2, 0, text(&Uuid::from_u128(9).to_string()));
    assert_eq!(only(&foreign), "Row 3: Its id names nothing that you can score in this round.");
    assert_eq!(record().compare(&[]).problems.len(), 7, "three columns, and two for each criterion");
    assert_eq!(only(&record().compare(&record().sheet()[..1])), "The sheet has a heading and no rows.");
}

#[test]
fn a_score_is_not_taken_away() {
    let mut sheet = record().sheet();
    (sheet[1][6], sheet[1][7]) = (Cell::Empty, Cell::Empty);
    assert!(only(&record().compare(&sheet)).contains("A sheet can’t take a score away."));
}

#[test]
fn what_moved_stands_against_a_change_and_not_against_the_same() {
    let sheet = record().sheet();
    let mut later = record();
    later.rows[0].version = "9".to_owned();
    assert_eq!(later.compare(&sheet).problems, [], "the scores are the same");
    later.rows[0].scores.insert("ties".to_owned(), written(0, "None."));
    let judged = later.compare(&sheet);
    assert!(judged.has_moved() && only(&judged).contains("is on record with 0 points"));
}

#[test]
fn a_closed_row_is_refused_once_with_its_reason() {
    let mut closed = record();
    closed.rows[1].closed = Some("This review is handed in.".to_owned());
    let mut sheet = closed.sheet();
    for column in [6, 8] {
        sheet[2][column] = text("50");
    }
    assert_eq!(only(&closed.compare(&sheet)), "Row 3, A-2024-0002: This review is handed in.");
}

#[test]
fn what_is_applied_is_judged_again_and_twice_is_once() {
    let mut sheet = record().sheet();
    (sheet[2][6], sheet[2][7]) = (text("100"), text("Why."));
    let wanted: Vec<Wanted> = record().compare(&sheet).changes.into_iter().map(|change| change.wanted).collect();
    let posted: Vec<Wanted> = serde_json::from_str(&serde_json::to_string(&wanted).unwrap()).unwrap();
    assert_eq!(record().judge(&posted).changes.len(), 1);
    let mut after = record();
    after.rows[1].scores.insert("ties".to_owned(), written(100, "Why."));
    after.rows[1].version = "3".to_owned();
    assert_eq!(after.judge(&posted), Judged { unchanged: 1, ..Judged::default() });
}

#[test]
fn more_changes_than_one_transaction_takes_are_refused() {
    let rows = (1..=1_001).map(|nth| row(nth, &[])).collect();
    let record = Record { criteria: vec![rubric("ties", "Ties")], rows };
    let mut sheet = record.sheet();
    for row in &mut sheet[1..] {
        (row[6], row[7]) = (text("50"), text("Why."));
    }
    assert!(only(&record.compare(&sheet)).starts_with("1001 scores would change"));
}

proptest! {
    #[test]
    fn a_sheet_that_comes_back_as_it_left_changes_nothing(
        scores in prop::collection::vec((prop::option::of(any::<i32>()), any::<String>(), any::<bool>()), 0..12),
    ) {
        let of = |(points, reason, _): &(Option<i32>, String, bool)| {
            Written { points: points.map(|points| Decimal::new(i64::from(points), 3)), reason: reason.clone() }
        };
        let rows: Vec<Row> = scores
            .iter()
            .enumerate()
            .map(|(nth, score)| Row {
                closed: score.2.then(|| "Closed.".to_owned()),
                ..row(nth as u128 + 1, &[("ties", of(score))])
            })
            .collect();
        let record = Record { criteria: vec![rubric("plan", "Plan"), rubric("ties", "Ties")], rows };
        let judged = record.compare(&record.sheet());
        prop_assert!(judged.changes.is_empty());
        prop_assert!(judged.problems.is_empty() || record.rows.is_empty());
    }
}
