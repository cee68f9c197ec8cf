//! The working of one application's points: each criterion with its input, where that comes from, its points, its weight and their product,
//! the sum, the place, the line, and how a tie was broken. The same table for staff, for the applicant and for the public.

use crate::ui::table::Table;
use domain::exact::Exact;
use domain::facts::Input;
use domain::ranking::{Part, Place, Separation, TieNote};
use leptos::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Points as people read them: two decimals at most, so that columns line up. The exact fraction is in the document.
#[must_use]
pub fn points(points: &Exact) -> String {
    points.rounded(2)
}

/// Points of a stored fraction; the text itself when it is none.
#[must_use]
pub fn stored_points(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |exact| points(&exact))
}

/// A part's weight as a percentage; a bonus has none and is added as it is.
#[must_use]
pub fn weight(part: &Part) -> String {
    if part.weight == 0 { "added".to_owned() } else { format!("{}%", Decimal::new(part.weight.into(), 2).normalize()) }
}

/// An input's number with its unit.
#[must_use]
pub fn number(input: &Input, unit: Option<&String>) -> String {
    amount(input.value, unit.map_or("", String::as_str))
}

/// A number with its unit.
#[must_use]
pub fn amount(value: Decimal, unit: &str) -> String {
    let value = value.normalize();
    match unit {
        "" => value.to_string(),
        "%" => format!("{value}%"),
        unit if value == Decimal::ONE => format!("1 {}", one(unit)),
        unit => format!("{value} {unit}"),
    }
}

/// A unit's name for one of it: `coach` of `coaches`, `letter` of `letters`; `km` stays.
fn one(unit: &str) -> &str {
    let plural = if unit.ends_with("ches") { "es" } else { "s" };
    unit.strip_suffix(plural).unwrap_or(unit)
}

/// Where an input comes from, with a tag when it was invented.
pub fn source(input: &Input) -> impl IntoView + use<> {
    // A reviewer's reason is a sentence with its full stop; the year and the place follow it.
    let mut words = input.source.trim_end_matches('.').to_owned();
    for more in [input.year.map(|year| year.to_string()), (!input.place.is_empty()).then(|| input.place.clone())].into_iter().flatten() {
        words.push_str(", ");
        words.push_str(&more);
    }
    let tag = input.synthetic.then(|| view! { " " <span class="al-synthetic">"synthetic"</span> });
    view! { {words} {tag} }
}

/// The place and what it brings, in a sentence.
#[must_use]
pub fn sentence(place: &Place, of: i64, line: Option<i64>) -> String {
    let own = i64::from(place.place);
    let sum = points(&place.points);
    let stands = format!("{sum} of 100 points: place {own} of {of}.");
    match line {
        None => stands,
        // Whether a place as far as that got money hangs on the rule: some pass over what does not fit.
        Some(line) if own <= line => format!("{stands} Money reached as far as place {line}."),
        Some(line) => format!("{stands} Money reached as far as place {line} and not as far as this one."),
    }
}

/// The line of a list in words; with the first and the last place of the equal points that it runs through, if it does.
#[must_use]
pub fn line_sentence(line: String, equal: Option<(u32, u32)>) -> String {
    match equal {
        None => line,
        Some((from, to)) => {
            format!("{line} It runs through a tie: places {from} to {to} have equal points, and the published tie-breaks decided.")
        }
    }
}

/// How a tie was broken, in sentences.
#[must_use]
pub fn tie_sentences(tie: &TieNote) -> Vec<String> {
    let others = if tie.others == 1 { "One other has".to_owned() } else { format!("{} others have", tie.others) };
    let mut sentences = vec![format!("{others} exactly the same points, so the published chain of tie-breaks decides.")];
    let say = |separation: &Separation, ahead: &str| {
        let lot = separation.own.len() == 64 && separation.other.len() == 64;
        let short = |text: &str| if lot { format!("{}…", text.chars().take(8).collect::<String>()) } else { text.to_owned() };
        format!(
            "{ahead} {}: step {}, {} (here {}, there {}).",
            separation.number,
            separation.step,
            separation.how,
            short(&separation.own),
            short(&separation.other)
        )
    };
    sentences.extend(tie.after.as_ref().map(|above| say(above, "It stands behind")));
    sentences.extend(tie.before.as_ref().map(|below| say(below, "It stands ahead of")));
    sentences
}

fn row(part: Part, unit: Option<String>) -> impl IntoView + use<> {
    let capped = (part.counted != part.input.value).then(|| format!(" (counted: {})", part.counted.normalize()));
    let number = number(&part.input, unit.as_ref());
    // A formula's own line names the computation; what it drew on follows with its sources.
    let drawn = part.drawn.iter().map(|(key, input)| view! { <br/> {format!("{key} = {}: ", input.value.normalize())} {source(input)} });
    let drawn = drawn.collect_view();
    view! {
        <tr>
            <th scope="row">{part.name.clone()}</th>
            <td data-label="Input">{number}{capped}</td>
            <td data-label="Where it comes from"><span class="al-source">{source(&part.input)}{drawn}</span></td>
            <td class="num" data-label="Points">{points(&part.points)}</td>
            <td class="num" data-label="Weight">{weight(&part)}</td>
            <td class="num" data-label="Points × weight">{points(&part.product)}</td>
        </tr>
    }
}

/// The table with its sentence and its tie-break.
#[component]
pub fn Working(
    /// The place with its parts, as in the ranking document.
    place: Place,
    /// Units of the inputs, by criterion.
    units: BTreeMap<String, String>,
    /// How many were ranked.
    of: i64,
    /// The lowest place that got money, once awards are approved.
    line: Option<i64>,
) -> impl IntoView {
    let sum = points(&place.points);
    let said = sentence(&place, of, line);
    let tie = place.tie.as_ref().map(|tie| {
        let items = tie_sentences(tie).into_iter().map(|text| view! { <p>{text}</p> }).collect_view();
        view! { <div class="usa-alert usa-alert--info usa-alert--slim"><div class="usa-alert__body"><div class="usa-alert__text">{items}</div></div></div> }
    });
    let notes = notes(&place).into_iter().map(|note| view! { <p>{note}</p> }).collect_view();
    let rounded = place.parts.iter().any(|part| part.product.rounded(2) != part.product.rounded(9));
    let caption = format!("How the points of {} were reached", place.number);
    let rows = place
        .parts
        .into_iter()
        .map(|part| {
            let unit = units.get(&part.criterion).cloned();
            row(part, unit)
        })
        .collect_view();
    view! {
        <p class="al-lede">{said}</p>
        <Table caption>
            <thead>
                <tr>
                    <th scope="col">"Criterion"</th>
                    <th scope="col">"Input"</th>
                    <th scope="col">"Where it comes from"</th>
                    <th scope="col" class="num">"Points"</th>
                    <th scope="col" class="num">"Weight"</th>
                    <th scope="col" class="num">"Points × weight"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
            <tfoot>
                <tr><th scope="row" colspan="5">"Sum"</th><td class="num" data-label="Sum">{sum}</td></tr>
            </tfoot>
        </Table>
        {rounded.then(|| view! { <p class="al-source">"Points are computed as exact fractions and shown here with two decimals, so the column may differ from its sum in the last one."</p> })}
        {notes}
        {tie}
    }
}

/// What the table's sum does not show: criteria left out, and groups cut to their cap.
#[must_use]
pub fn notes(place: &Place) -> Vec<String> {
    let left_out = place
        .left_out
        .iter()
        .map(|left| format!("“{}” is left out, since there is no figure for it; the other criteria weigh more in proportion.", left.name));
    let capped = place.capped.iter().map(|capped| {
        format!("“{}” came to {} points together; by the rules {} of them count.", capped.name, points(&capped.sum), points(&capped.cap))
    });
    left_out.chain(capped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::why::equal_at_line;

    fn place(place: u32) -> Place {
        Place {
            place,
            candidate: "c".to_owned(),
            number: "A-1".to_owned(),
            points: "200/3".parse().unwrap(),
            parts: Vec::new(),
            left_out: Vec::new(),
            capped: Vec::new(),
            tie: None,
            lot: String::new(),
        }
    }

    #[test]
    fn the_sentence_names_the_line_once_there_is_one() {
        assert_eq!(sentence(&place(2), 9, None), "66.67 of 100 points: place 2 of 9.");
        assert!(sentence(&place(2), 9, Some(2)).ends_with("Money reached as far as place 2."));
        assert!(sentence(&place(3), 9, Some(2)).ends_with("not as far as this one."));
    }

    #[test]
    fn a_line_through_equal_points_says_so() {
        let points: Vec<Exact> = ["9", "7", "7", "7", "1"].iter().map(|text| text.parse().unwrap()).collect();
        let at = |line| equal_at_line(&points, line).map(|equal| line_sentence(String::new(), Some(equal)).trim_start().to_owned());
        assert_eq!(at(2).as_deref(), Some("It runs through a tie: places 2 to 4 have equal points, and the published tie-breaks decided."));
        assert_eq!((at(1), at(4), at(5)), (None, None, None));
    }

    #[test]
    fn a_weight_is_a_percentage() {
        let of = |weight| Part {
            criterion: "c".to_owned(),
            name: "C".to_owned(),
            input: Input { value: Decimal::ONE, source: String::new(), year: None, place: String::new(), synthetic: false },
            counted: Decimal::ONE,
            points: Exact::ONE,
            weight,
            product: Exact::ONE,
            exact: None,
            drawn: BTreeMap::new(),
        };
        assert_eq!([1_250, 3_000, 0].map(|weigh| weight(&of(weigh))), ["12.5%", "30%", "added"]);
    }

    #[test]
    fn one_of_a_thing_is_singular() {
        let input = |value: i64| Input { value: value.into(), source: String::new(), year: None, place: String::new(), synthetic: false };
        for (value, unit, said) in [(1, "letters", "1 letter"), (1, "coaches", "1 coach"), (1, "km", "1 km"), (2, "coaches", "2 coaches")] {
            assert_eq!(number(&input(value), Some(&unit.to_owned())), said);
        }
    }

    #[test]
    fn a_long_lot_is_shortened() {
        let lot = |digit: &str| digit.repeat(64);
        let below = Separation { number: "A-2".to_owned(), step: 4, how: "the lot decides".to_owned(), own: lot("1"), other: lot("2") };
        let said = tie_sentences(&TieNote { others: 1, after: None, before: Some(below) });
        assert_eq!(said[1], "It stands ahead of A-2: step 4, the lot decides (here 11111111…, there 22222222…).");
    }
}
