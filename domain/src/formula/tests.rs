use super::*;
use proptest::prelude::*;

fn given(name: &str) -> Option<Value> {
    match name {
        "poverty" => Some(Value::Number("257/10".parse().unwrap())),
        "coaches" => Some(Value::Number(Exact::ZERO)),
        "letters" => Some(Value::Number(Exact::whole(7))),
        "kind" => Some(Value::Text("district".to_owned())),
        "signed" => Some(Value::Truth(true)),
        _ => None,
    }
}

fn kind_of(name: &str) -> Option<Kind> {
    match name {
        "distance" => Some(Kind::Number),
        other => given(other).map(|value| match value {
            Value::Number(_) => Kind::Number,
            Value::Text(_) => Kind::Text,
            Value::Truth(_) => Kind::Truth,
        }),
    }
}

fn number(text: &str) -> String {
    String::from(Formula::parse(text).unwrap().number(&given).unwrap())
}

fn truth(text: &str) -> bool {
    Formula::parse(text).unwrap().truth(&given).unwrap()
}

fn refused(text: &str) -> (usize, String) {
    let problem = Formula::parse(text).and_then(|formula| formula.kind(&kind_of)).unwrap_err();
    (problem.at, problem.problem)
}

#[test]
fn arithmetic_is_exact_and_binds_as_at_school() {
    assert_eq!(number("1 + 2 * 3"), "7");
    assert_eq!(number("(1 + 2) * 3"), "9");
    assert_eq!(number("1 / 3 + 1 / 3 + 1 / 3"), "1");
    assert_eq!(number("10 - 2 - 3"), "5");
    assert_eq!(number("-2 * -3"), "6");
    assert_eq!(number("0.1 + 0.2"), "3/10");
    assert_eq!(number("1_000.5 * 2"), "2001");
}

#[test]
fn functions_do_what_their_names_say() {
    assert_eq!(number("min(letters, 5)"), "5");
    assert_eq!(number("max(1, 2, letters)"), "7");
    assert_eq!(number("abs(0 - 4.5)"), "9/2");
    assert_eq!(number("round(2 / 3, 2)"), "67/100");
    assert_eq!(number("clamp(poverty, 0, 20)"), "20");
    assert_eq!(number("if(coaches = 0, 100, 0)"), "100");
}

#[test]
fn conditions_join_and_deny() {
    assert!(truth("coaches = 0 and poverty >= 25"));
    assert!(truth("not coaches > 0"));
    assert!(truth("kind = \"district\" and signed"));
    assert!(truth("kind != \"community\""));
    assert!(!truth("no or coaches > 0 and signed"));
}

#[test]
fn a_missing_name_makes_the_whole_missing_unless_it_is_asked_about_or_not_needed() {
    let value = |text: &str| Formula::parse(text).unwrap().value(&given);
    assert_eq!(value("poverty + distance"), Err(Unsolved::Missing("distance".to_owned())));
    assert_eq!(value("given(distance)"), Ok(Value::Truth(false)));
    assert_eq!(value("given(distance) and distance < 10"), Ok(Value::Truth(false)));
    assert_eq!(value("if(given(distance), distance, 60)"), Ok(Value::Number(Exact::whole(60))));
    assert_eq!(value("poverty / coaches"), Err(Unsolved::Number(ExactError::DivisionByZero)));
}

#[test]
fn slips_are_named_with_their_place() {
    assert_eq!(refused("1 + "), (4, "The formula ends too early.".to_owned()));
    assert_eq!(refused("(1 + 2"), (6, "A closing parenthesis “)” is missing here.".to_owned()));
    assert_eq!(refused("povert + 1"), (0, "“povert” is not known here.".to_owned()));
    assert_eq!(refused("poverty + kind"), (10, "This must be a number; it is text.".to_owned()));
    assert_eq!(refused("1 < 2 < 3").1, "Comparisons can't be chained; join two with “and”.");
    assert_eq!(refused("sum(1)"), (0, "There is no function “sum”. There are: min, max, abs, round, clamp, if, given.".to_owned()));
    assert_eq!(refused("round(1)"), (0, "round(…) takes 2 parts; here are 1.".to_owned()));
    assert_eq!(refused("1.2.3").1, "“1.2.3” is not a number such as 12 or 6.5.");
    assert_eq!(refused("2 $ 3"), (2, "“$” was not expected here.".to_owned()));
    assert_eq!(refused("\"open"), (0, "The closing quotation mark of this text is missing.".to_owned()));
    assert_eq!(refused("if(signed, 1, \"a\")"), (14, "This must be a number; it is text.".to_owned()));
    assert_eq!(refused("given(1)"), (0, "given(…) asks about one name.".to_owned()));
}

#[test]
fn neither_depth_nor_length_exhausts_the_reader() {
    assert_eq!(Formula::parse(&"(".repeat(1_000)).unwrap_err().problem, "The formula nests too deeply.");
    assert_eq!(Formula::parse(&"not ".repeat(400)).unwrap_err().problem, "The formula nests too deeply.");
    assert!(Formula::parse(&"1+".repeat(2_000)).unwrap_err().problem.contains("at most"));
    assert_eq!(Formula::parse(&format!("1{}", "+1".repeat(900))).unwrap_err().problem, "A formula has at most 100 operators.");
    assert_eq!(number(&format!("1{}", "+1".repeat(100))), "101");
}

#[test]
fn a_formula_is_kept_as_its_text() {
    let formula = Formula::parse("min(letters, 5) * 2").unwrap();
    let json = serde_json::to_string(&formula).unwrap();
    assert_eq!(json, "\"min(letters, 5) * 2\"");
    assert_eq!(serde_json::from_str::<Formula>(&json).unwrap(), formula);
    assert_eq!(formula.names(), ["letters"]);
}

proptest! {
    #[test]
    fn no_text_brings_the_reader_down(text in "[a-z0-9 ()+*/<>=!\",._-]{0,80}") {
        if let Ok(formula) = Formula::parse(&text) {
            let _ = formula.kind(&kind_of);
            let _ = formula.value(&given);
        }
    }

    #[test]
    fn a_kind_that_was_checked_is_the_kind_that_comes(text in "(if\\(signed, |min\\()?(poverty|letters|1|2\\.5)( [+*/<=-] (coaches|3|letters))?(, 4\\))?") {
        let Ok(formula) = Formula::parse(&text) else { return Ok(()) };
        if let (Ok(kind), Ok(value)) = (formula.kind(&kind_of), formula.value(&given)) {
            let came = match value { Value::Number(_) => Kind::Number, Value::Text(_) => Kind::Text, Value::Truth(_) => Kind::Truth };
            prop_assert_eq!(kind, came);
        }
    }
}
