//! The page of reasons, as read and as printed: one or two sheets of paper.

use super::reasons::{Explained, Reader, Said};
use crate::open::parts::crumbs;
use crate::open::results::outcome;
use crate::ui::changes::by_rules;
use crate::ui::table::Table;
use crate::ui::working::{number, points, sentence, source, tie_sentences, weight};
use domain::Date;
use domain::exact::Exact;
use domain::facts::fact;
use domain::ranking::{Part, Separation};
use domain::time::say_date;
use domain::why::{Beside, Change, MOST_BY_POINTS, Of, TieAtLine, is_smallest, same_anyway, turns_are_told};
use leptos::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// How a reader came here, and whether the public files are there to check with.
pub(super) struct Way {
    /// The pages above.
    pub above: Vec<(String, String)>,
    /// Whether the results are published.
    pub published: bool,
}

/// Before anything is told.
pub(super) fn undecided(way: Way, award_on: Option<Date>) -> impl IntoView {
    let when = award_on.map(|day| format!("Awards are to be announced on {}. You are told by mail.", say_date(day)));
    view! {
        {crumbs(way.above, "Why")}
        <h1>"Why"</h1>
        <div class="al-empty">
            <p><strong>"Not decided yet."</strong></p>
            <p>"Once you were told, this page says how your points were reached, where the line was, and what would have crossed it."</p>
            <p>{when}</p>
        </div>
    }
}

/// For an application that was decided but not ranked.
pub(super) fn not_ranked(way: Way, name: &str, reason: &str) -> impl IntoView + use<> {
    let (name, reason) = (name.to_owned(), reason.to_owned());
    view! {
        {crumbs(way.above, "Why")}
        <h1>{format!("Why: {name}")}</h1>
        <p class="al-lede">"This application was not ranked, so it has no points and no place."</p>
        <p>{reason}</p>
    }
}

/// The page.
pub(super) fn body(explained: Explained, way: Way, reader: Reader) -> impl IntoView {
    let place = explained.working.place.clone();
    let (class, words) = outcome(explained.came.outcome.as_deref());
    let units = &explained.file.award.units;
    let given = format!("{} of {} {units} asked for. ", explained.came.units, explained.came.units_requested);
    let reason = explained.came.reason.clone();
    let said = sentence(&place, explained.working.of, explained.line.map(i64::from));
    let proposed = explained.proposed.then(|| view! { <p>"The line is the proposed allocation’s; nobody has approved it yet."</p> });
    let round = format!("{}, {}", explained.of.program.name, explained.of.round.name);
    view! {
        {crumbs(way.above, "Why")}
        <div class="al-why">
        <h1>{format!("Why: {}", explained.working.applicant_name)}</h1>
        <p class="al-source">{format!("Application {}, {round}", place.number)}</p>
        <p class="al-lede">{said}</p>
        <p>
            {explained.came.outcome.is_some().then(|| view! { <span class=class>{words}</span>" "{given}{reason} })}
        </p>
        {proposed}
        {beside_table(&explained)}
        {ties(&explained)}
        {changes(&explained)}
        {reviewers(&explained.said, &explained, reader)}
        {check(&explained, way.published)}
        </div>
    }
}

/// Ahead of or behind the line, with its sign; nothing at the line itself or without one.
fn against(own: Option<&Exact>, line: Option<&Exact>) -> String {
    let Some((own, line)) = own.zip(line) else { return "–".to_owned() };
    let difference = own - line;
    let sign = if difference > Exact::ZERO { "+" } else { "" };
    format!("{sign}{}", points(&difference))
}

fn shown(value: Option<&Exact>) -> String {
    value.map_or_else(|| "–".to_owned(), points)
}

fn beside_table(explained: &Explained) -> impl IntoView + use<> {
    let place = &explained.working.place;
    let computed = &explained.computed;
    // Where no line is drawn nobody stands at it.
    let drawn = explained.line.is_some();
    let rows = computed.beside.iter().map(|row| {
        let part = place.parts.iter().find(|part| part.criterion == row.criterion);
        beside_row(row, part, &explained.working.units, drawn)
    });
    let rows = rows.collect_view();
    let sums = &computed.sums;
    let at = explained.line.map_or_else(|| "At the line".to_owned(), |line| format!("At the line (place {line})"));
    let notes = crate::ui::working::notes(place).into_iter().map(|note| view! { <p>{note}</p> }).collect_view();
    let caption = format!("Points of {}, beside the {} applications ranked", place.number, explained.working.of);
    let (own, line) = (points(&place.points), shown(sums.line.as_ref()));
    let difference = against(Some(&place.points), sums.line.as_ref());
    let (median, best) = (points(&sums.median), points(&sums.best));
    let head = at.clone();
    let heads = drawn.then(|| view! { <th scope="col" class="num">{head}</th> <th scope="col" class="num">"Against the line"</th> });
    view! {
        <h2>"Point by point, beside the pool"</h2>
        <Table caption=caption unseen=true>
            <thead>
                <tr>
                    <th scope="col">"Criterion"</th><th scope="col">"Figure used"</th><th scope="col" class="num">"Weight"</th>
                    <th scope="col" class="num">"Points"</th>
                    {heads}
                    <th scope="col" class="num">"Median"</th><th scope="col" class="num">"Best"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
            <tfoot>
                <tr>
                    <th scope="row" colspan="3">"Sum"</th>
                    <td class="num" data-label="Points">{own}</td>
                    {drawn.then(|| view! { <td class="num" data-label=at>{line}</td> <td class="num" data-label="Against the line">{difference}</td> })}
                    <td class="num" data-label="Median">{median}</td>
                    <td class="num" data-label="Best">{best}</td>
                </tr>
            </tfoot>
        </Table>
        <p class="al-source">
            "All points are weighed: what each criterion adds to the sum. The median and the best are of each column by itself, so they do not add up. Points are computed as exact fractions and shown with two decimals."
        </p>
        {notes}
    }
}

fn beside_row(row: &Beside, part: Option<&Part>, units: &BTreeMap<String, String>, drawn: bool) -> impl IntoView + use<> {
    let (figure, from, weighs) = match part {
        Some(part) => {
            let capped = if part.counted == part.input.value { String::new() } else { format!(" (counted: {})", part.counted.normalize()) };
            let figure = format!("{}{capped}", number(&part.input, units.get(&part.criterion)));
            (figure, view! { <span class="al-source">{source(&part.input)}</span> }.into_any(), weight(part))
        }
        None => ("left out".to_owned(), ().into_any(), "–".to_owned()),
    };
    let at_line = drawn.then(|| {
        view! {
            <td class="num" data-label="At the line">{shown(row.line.as_ref())}</td>
            <td class="num" data-label="Against the line">{against(row.own.as_ref(), row.line.as_ref())}</td>
        }
    });
    view! {
        <tr>
            <th scope="row">{row.name.clone()}</th>
            <td data-label="Figure used"><span>{figure}" "{from}</span></td>
            <td class="num" data-label="Weight">{weighs}</td>
            <td class="num" data-label="Points">{shown(row.own.as_ref())}</td>
            {at_line}
            <td class="num" data-label="Median">{points(&row.median)}</td>
            <td class="num" data-label="Best">{points(&row.best)}</td>
        </tr>
    }
}

fn ties(explained: &Explained) -> Option<impl IntoView + use<>> {
    let place = &explained.working.place;
    let mut sentences: Vec<String> = place.tie.as_ref().map(tie_sentences).unwrap_or_default();
    sentences.extend(explained.computed.tie_at_line.as_ref().map(|tie| tie_at_line(tie, explained.line, &place.points)));
    (!sentences.is_empty()).then(|| {
        let items = sentences.into_iter().map(|text| view! { <p>{text}</p> }).collect_view();
        view! { <h2>"Equal points"</h2> {items} }
    })
}

fn tie_at_line(tie: &TieAtLine, line: Option<u32>, own: &Exact) -> String {
    let how = |by: &Separation| format!(": step {}, {}", by.step, by.how);
    let how = tie.by.as_ref().map(how).unwrap_or_default();
    let whose = if *own == tie.points { "These are this application’s points." } else { "This application is not among them." };
    format!(
        "The line runs through a tie: places {} to {} all have {} points, and money reached place {}. Between equals the published chain of tie-breaks decided{how}. {whose}",
        tie.from,
        tie.to,
        points(&tie.points),
        line.unwrap_or_default()
    )
}

fn percent(basis_points: Decimal) -> String {
    format!("{}%", (basis_points / Decimal::ONE_HUNDRED).normalize())
}

fn change_sentence(change: &Change, units: &BTreeMap<String, String>) -> String {
    match &change.of {
        Of::Input { key, within } => {
            let its_own = units.get(&change.criterion).filter(|_| within.is_empty()).map(String::as_str);
            let unit = fact(key).map(|fact| fact.unit).or(its_own).unwrap_or_default();
            let unit = if unit.is_empty() || unit == "%" { unit.to_owned() } else { format!(" {unit}") };
            // One letter, but four letters: the word stands where it fits.
            let (to_unit, from_unit) = if change.to == Decimal::ONE && unit != "%" { ("", unit.as_str()) } else { (unit.as_str(), "") };
            let drawn = change.of.drawn_on_by().map(|drawn| format!(", {drawn}")).unwrap_or_default();
            format!("“{}”{drawn}: {}{to_unit} instead of {}{from_unit} → place {}", change.name, change.to, change.from, change.place)
        }
        Of::Weight => format!(
            "The weight of “{}”: {} instead of {}, the other weights as they are → place {}",
            change.name,
            percent(change.to),
            percent(change.from),
            change.place
        ),
    }
}

fn changes(explained: &Explained) -> Option<AnyView> {
    let Some(line) = explained.line else {
        return (!explained.file.allocation.has_line()).then(|| turn(explained));
    };
    let above = explained.working.place.place <= line;
    let lead = if above {
        "Any one of these, everything else as it was, would have put it below the line:"
    } else {
        "Any one of these, everything else as it was, would have put it above the line:"
    };
    let none = "No change of a single figure, score or weight that was tried would have crossed the line.";
    Some(view! {
        <h2>"The smallest change that would have crossed the line"</h2>
        {changes_told(explained, lead, none)}
        <p class="al-source">
            "Each was tried: the whole pool was ranked again with that one change. It says where the line lay, not what to aim at. "{HOW_CHANGED}" Where no such change is listed, none crosses the line, or a formula turns so often that the search was broken off."
        </p>
    }
    .into_any())
}

/// How figures, scores and weights are changed.
const HOW_CHANGED: &str = "A figure is changed in its last decimal place and wherever it is drawn on: in formulas, in groups with a cap, and on scales that compare applicants, where others move with it. A score is changed to another of its written levels. Weights are left out where a group has a cap or a criterion does not count for somebody.";

/// What is not changed there.
const WHERE_POINTS_WEIGH: &str = " Here figures on scales that compare applicants are left out, and weights too where money is shared out or several appropriations pay.";

/// Why those told need not be the smallest.
const PERHAPS_SMALLER: &str = " A smaller change may do so too: here more points can also bring less, where an appropriation that pays first pays less, or where the share of another becomes too small to be of use.";

/// Where the money does not end at one place: where the award turns, and what would have turned it.
fn turn(explained: &Explained) -> AnyView {
    let file = &explained.file;
    let no_line = format!("The money of this round does not end at one place, so there is no line to cross. {}", file.plain_allocation());
    let smallest = is_smallest(&file.allocation);
    let heading =
        if smallest { "The smallest change that would have altered the award" } else { "Changes that would have altered the award" };
    if !turns_are_told(&file.allocation, usize::try_from(explained.working.of).unwrap_or(usize::MAX)) {
        let why = format!("With more than {MOST_BY_POINTS} applicants, laying the money out again and again takes too long for this page.");
        return view! { <h2>{heading}</h2> <p>{no_line}</p> <p>{why}</p> }.into_any();
    }
    let Some(turn) = &explained.computed.turn else {
        let same = same_anyway(&file.allocation);
        return view! { <h2>{heading}</h2> <p>{no_line}</p> <p>{same}</p> }.into_any();
    };
    let units = if turn.then == 1 { &file.award.unit } else { &file.award.units };
    let there = turn.plain(&format!(" {units}"));
    let lead = "Any one of these, everything else as it was, would have brought it there:";
    let none = "No change of a single figure, score or weight that was tried would have brought it there.";
    view! {
        <h2>{heading}</h2>
        <p>{no_line}</p>
        <p>{there}</p>
        {changes_told(explained, lead, none)}
        <p class="al-source">
            "Each was tried: the whole pool was ranked and the money laid out again with that one change. "{HOW_CHANGED}
            {(!file.allocation.goes_down()).then_some(WHERE_POINTS_WEIGH)}
            {(!smallest).then_some(PERHAPS_SMALLER)}
        </p>
    }
    .into_any()
}

/// The changes, those of figures and scores first; `none` where there are none.
fn changes_told(explained: &Explained, lead: &'static str, none: &'static str) -> AnyView {
    let (of_inputs, of_weights): (Vec<&Change>, Vec<&Change>) =
        explained.computed.changes.iter().partition(|change| change.of != Of::Weight);
    if of_inputs.is_empty() && of_weights.is_empty() {
        return view! { <p>{none}</p> }.into_any();
    }
    let units = &explained.working.units;
    let items =
        |changes: Vec<&Change>| changes.into_iter().map(|change| view! { <li>{change_sentence(change, units)}</li> }).collect_view();
    let inputs = (!of_inputs.is_empty()).then(|| view! { <h3>"A figure or a score"</h3> <ul>{items(of_inputs)}</ul> });
    let weights = (!of_weights.is_empty()).then(|| view! { <h3>"A weight of the rules"</h3> <ul>{items(of_weights)}</ul> });
    view! { <p>{lead}</p> {inputs} {weights} }.into_any()
}

fn reviewers(said: &[Said], explained: &Explained, reader: Reader) -> impl IntoView + use<> {
    let (rule, panel) = (explained.file.round.reasons.plain(), explained.file.review.is_some());
    let items = said
        .iter()
        .map(|one| {
            view! {
                <li>
                    <p><strong>{one.criterion.clone()}</strong>{format!(": {} of 100, “{}”", one.points, one.level)}</p>
                    <p>{one.reason.clone()}</p>
                </li>
            }
        })
        .collect_view();
    let list = (!said.is_empty()).then(|| view! { <ul class="al-why__said">{items}</ul> });
    let kept = (said.is_empty() && reader == Reader::Public).then(|| view! { <p>"Not shown here."</p> });
    view! {
        <h2>{if panel { "What the reviewers said of the scores" } else { "What staff said of the scores" }}</h2>
        {list}
        {kept}
        <p class="al-source">{rule}</p>
    }
}

fn check(explained: &Explained, published: bool) -> impl IntoView + use<> {
    let address = format!("/programs/{}/{}", explained.of.program.slug, explained.of.round.slug);
    let frozen = explained.working.frozen_at.say_in(explained.of.round.zone);
    let links = published.then(|| {
        view! {
            <p>
                <a href=format!("{address}#ranking")>"The rules and weights"</a>" · "
                <a href=format!("{address}/results#ranked")>"The whole list"</a>
            </p>
        }
    });
    view! {
        <h2>"Check it"</h2>
        <p>{format!("The ranking was frozen {frozen}, with its rules and every figure, in one document that anybody can compute again. Its SHA-256:")}</p>
        <p class="al-hash">{explained.computed.document_sha256.clone()}</p>
        {by_rules(&explained.of)}
        {links}
    }
}
