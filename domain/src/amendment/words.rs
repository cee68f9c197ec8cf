//! Plain words for the fields of a program file and for what stands in them.

use crate::money::Money;
use crate::ruleset::{Scale, Source};
use crate::time::{Date, Timestamp, Zone, say_date};
use rust_decimal::Decimal;
use serde_json::Value;

/// Fields that hold cents.
const CENTS: [&str; 7] = ["amount", "unit_cost", "over", "reserve", "floor", "cap", "most"];

/// A section of the file.
pub(super) fn section(key: &str) -> &str {
    match key {
        "agency" => "The agency",
        "program" => "The program",
        "appropriations" => "Appropriations",
        "round" => "The round",
        "regions" => "Regions",
        "eligibility" => "Who may apply",
        "ranking" => "How applications are ranked",
        "review" => "The panel",
        "award" => "What is awarded",
        "allocation" => "How the money goes down the list",
        "reporting" => "Reports",
        "draws" => "Draws",
        "approvals" => "Steps of approval",
        "letters" => "Letters",
        "appeals" => "Appeals",
        other => other,
    }
}

/// A field by its key, in a word or a few.
pub(super) fn field(key: &str) -> String {
    let words = match key {
        "plain" => "in plain words",
        "closes" => "deadline",
        "opens" => "opening",
        "award_on" => "day awards are announced",
        "contact" => "where questions go",
        "questions_until" => "questions until",
        "ties" => "how ties are broken",
        "source" => "where its number comes from",
        "scale" => "how the number becomes points",
        "anchors" => "written levels",
        "missing" => "when the number is missing",
        "must" => "condition",
        "max_units" => "most units for one applicant",
        "unit_cost" => "cost of one unit",
        "misfit" => "the first request that does not fit",
        "reasons" => "who reads the reasons of staff scores",
        "synthetic" => "invented for a demonstration",
        "applicants" => "kinds of applicant",
        "panel" => "how a panel’s scores become one number",
        "due" => "reviews due",
        "due_days" => "days until a report is due",
        "over" => "only above",
        other => return other.replace('_', " "),
    };
    words.to_owned()
}

/// One of a list's things by what it is called: `criterion “Child poverty”`.
pub(super) fn one_of(list: &str, name: &str) -> String {
    let noun = match list {
        "criteria" => "criterion ",
        "gates" => "condition ",
        "groups" => "group ",
        "categories" => "category ",
        "outcomes" => "outcome ",
        "approvals" => "step ",
        "grounds" => "ground ",
        "anchors" => "level ",
        _ => "",
    };
    format!("{noun}“{name}”")
}

/// What a field holds, as people read it.
pub(super) fn say(key: &str, value: &Value, zone: Zone) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => match number.as_i64() {
            Some(points) if key == "weight" => format!("{}%", Decimal::new(points, 2).normalize()),
            Some(cents) if CENTS.contains(&key) => Money::cents(cents).to_string(),
            _ => number.to_string(),
        },
        Value::String(text) => say_text(key, text, zone),
        Value::Array(items) => items.iter().map(|item| say(key, item, zone)).collect::<Vec<_>>().join("; "),
        Value::Object(_) => whole(key, value).unwrap_or_else(|| flat(value, zone)),
    }
}

/// What has a sentence of its own.
pub(super) fn whole(key: &str, value: &Value) -> Option<String> {
    match key {
        "scale" => serde_json::from_value::<Scale>(value.clone()).ok().map(|scale| scale.plain()),
        "source" => serde_json::from_value::<Source>(value.clone()).ok().map(|source| source_words(&source)),
        _ => None,
    }
}

fn source_words(source: &Source) -> String {
    match source {
        Source::Fact { key } => format!("the public figure “{}”", crate::facts::fact(key).map_or(key.as_str(), |fact| fact.name)),
        Source::Evidence { key, cap } => format!("{key} handed in, at most {cap} counted"),
        Source::Formula { formula } => format!("the formula {}", formula.text()),
        Source::Rubric { anchors } => {
            let levels: Vec<String> = anchors.iter().map(|anchor| format!("{}: {}", anchor.points.normalize(), anchor.text)).collect();
            format!("a reviewer’s score: {}", levels.join(" / "))
        }
    }
}

fn say_text(key: &str, text: &str, zone: Zone) -> String {
    let instant = || Timestamp::try_from(text.to_owned()).ok().filter(|_| text.ends_with('Z')).map(|at| at.say_in(zone));
    let day = || text.parse::<Date>().ok().map(say_date);
    let word = matches!(
        key,
        "method" | "misfit" | "basis" | "missing" | "reasons" | "rounding" | "objective" | "chair" | "role" | "applicants" | "panel"
    );
    match (text, word) {
        ("", _) => "nothing".to_owned(),
        (_, true) => text.replace('_', " "),
        _ => instant().or_else(day).unwrap_or_else(|| text.to_owned()),
    }
}

/// An object's fields in a row.
fn flat(value: &Value, zone: Zone) -> String {
    let Value::Object(fields) = value else { return String::new() };
    let shown = fields.iter().filter(|(key, value)| !matches!(key.as_str(), "key" | "citation") && **value != Value::Bool(false));
    shown.map(|(key, value)| format!("{}: {}", field(key), say(key, value, zone))).collect::<Vec<_>>().join("; ")
}
