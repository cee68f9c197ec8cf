//! A finished round's results: figures, awards by region, a map, the money line and the ranked list. Each figure opens the rows it sums.

use super::in_law;
use super::money::part;
use super::parts::{count, crumbs};
use super::round::{PublicRound, find};
use crate::call::Call;
use crate::error::AppError;
use crate::ui::capital;
use crate::ui::changes::by_rules;
use crate::ui::layout::{Head, page};
use crate::ui::map::count_map;
use crate::ui::money_line::{Station, money_line};
use crate::ui::table::{OnPhone, Table};
use crate::ui::working::line_sentence;
use axum::extract::Path;
use axum::response::Response;
use domain::allocation::AllocationDocument;
use domain::time::say_date;
use domain::why::equal_at_line;
use domain::{Money, Timestamp};
use leptos::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use store::open_data::{self, AwardOf, FrozenOf, LineOf, MoneyLine, PlaceOf};

/// What has not been paid out: of the appropriation, less what other rounds were awarded.
///
/// # Errors
/// An internal error when a sum does not fit.
pub fn left(line: &MoneyLine) -> Result<Money, AppError> {
    line.appropriated.minus(line.awarded_elsewhere).and_then(|rest| rest.minus(line.drawn)).map_err(AppError::internal)
}

/// Everything the page shows.
#[derive(Debug)]
struct Results {
    round: PublicRound,
    line: MoneyLine,
    left: Money,
    awards: Vec<AwardOf>,
    lines: Vec<LineOf>,
    places: Vec<PlaceOf>,
    frozen: Option<FrozenOf>,
    /// Of what a law names: the approved allocation.
    in_law: Option<AllocationDocument>,
}

/// `/programs/{slug}/{round}/results`
pub async fn show(call: Call, Path((program, round)): Path<(String, String)>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let round = find(&mut tx, &program, &round).await?;
    let now = call.now;
    let title = format!("Results: {}, {}", round.of.program.name, round.of.round.name);
    if round.of.round.published(now).is_none() {
        return Ok(page(&call, Head::new(title), move || not_yet(&round)));
    }
    let id = round.id();
    let line = open_data::money_line(&mut tx, id).await?;
    let in_law = if round.file.named.is_some() { in_law::approved(&mut tx, id).await? } else { None };
    let results = Results {
        left: left(&line)?,
        line,
        awards: open_data::awards(&mut tx, id).await?,
        lines: open_data::award_lines(&mut tx, id).await?,
        places: open_data::places(&mut tx, id).await?,
        frozen: open_data::frozen(&mut tx, id).await?,
        in_law,
        round,
    };
    drop(reader);
    Ok(page(&call, Head::new(title), move || body(&results, now)))
}

fn not_yet(round: &PublicRound) -> impl IntoView + use<> {
    let expected = round.of.round.award_on.map(|day| format!("Awards are expected on {}.", say_date(day)));
    view! {
        {crumbs(round.way(), "Results")}
        <div class="al-narrow">
            <h1>"The results are not out yet"</h1>
            <p class="al-lede">{expected.unwrap_or_else(|| "No day is set for them yet.".to_owned())}</p>
            <p><a href=round.address()>"Back to the round"</a></p>
        </div>
    }
}

fn body(results: &Results, now: Timestamp) -> impl IntoView + use<> {
    let round = &results.round;
    let address = round.address();
    let zone = round.of.round.zone;
    let published = round.of.round.published(now).map(|at| at.say_in(zone)).unwrap_or_default();
    view! {
        {crumbs(round.way(), "Results")}
        <h1>"Results: "{round.of.program.name.clone()}", "{round.of.round.name.clone()}</h1>
        <p class="al-lede">{format!("Published {published}. Money figures as of {}.", now.say_in(zone))}</p>
        {limits(round)}
        {figures(results)}
        <section aria-labelledby="money">
            <h2 id="money">"Where the money is"</h2>
            {money_line(stations(results, &address))}
            <p class="al-source">
                "Awarded, drawn and reported are parts of the amount before them; “left” is what has not been paid out. Drawn counts draws that were paid; reported counts reports that were submitted or accepted. Each figure opens its rows."
            </p>
        </section>
        {by_region(results)}
        {by_planning_district(results)}
        {match (&round.file.named, &results.in_law) {
            (Some(named), Some(document)) => in_law::results(named, document, &results.places, &address).into_any(),
            _ => ranked(results).into_any(),
        }}
        {files(results, &address)}
    }
}

fn limits(round: &PublicRound) -> Option<impl IntoView + use<>> {
    let sentences = round.file.round.synthetic.clone();
    (!sentences.is_empty()).then(|| {
        let items = sentences.into_iter().map(|sentence| view! { <li>{sentence}</li> }).collect_view();
        view! {
            <div class="usa-alert usa-alert--info">
                <div class="usa-alert__body">
                    <p class="usa-alert__text">
                        <span class="al-tag al-synthetic">"synthetic"</span>
                        " This is a demonstration: the districts and public figures are real; applications, awards, draws and reports are not."
                    </p>
                    <details><summary>"What exactly is invented"</summary><ul>{items}</ul></details>
                </div>
            </div>
        }
    })
}

fn figures(results: &Results) -> impl IntoView + use<> {
    let award = &results.round.file.award;
    let units: i64 = results.awards.iter().filter(|award| !award.later).map(|award| award.units).sum();
    let funded = results.places.iter().filter(|place| place.units > 0).count();
    let figure = |number: String, words: String, rows: &str| {
        let rows = rows.to_owned();
        view! { <li class="al-figure"><strong><a href=rows>{number}</a></strong>{words}</li> }
    };
    let awarded = format!("{}/money/awarded", results.round.address());
    // One may have an award of each appropriation that pays.
    let recipients: BTreeSet<&str> = results.awards.iter().map(|award| award.region.as_str()).collect();
    let recipients = count(i64::try_from(recipients.len()).unwrap_or_default(), "regional organization", "regional organizations");
    view! {
        <ul class="al-figures">
            {match &results.round.file.named {
                Some(named) => figure(named.recipients.len().to_string(), "named in law".to_owned(), "#ranked"),
                None => figure(results.places.len().to_string(), "applications ranked".to_owned(), "#ranked"),
            }}
            {figure(funded.to_string(), "applicants funded".to_owned(), "#ranked")}
            {figure(units.to_string(), format!("{} awarded", award.units), "#regions")}
            {figure(results.line.awarded.to_string(), format!("awarded to {recipients}"), &awarded)}
        </ul>
    }
}

fn stations(results: &Results, address: &str) -> Vec<Station> {
    let station = |key: &'static str, name, help, amount| Station { key, name, help, amount, href: Some(format!("{address}/money/{key}")) };
    let line = &results.line;
    vec![
        station("appropriated", "appropriated", "set aside by the legislature", line.appropriated),
        station("awarded", "awarded", "to regional organizations", line.awarded),
        station("drawn", "drawn", "paid out to them", line.drawn),
        station("reported", "reported", "accounted for in reports", line.reported),
        station("left", "left", "not paid out yet", results.left),
    ]
}

fn by_region(results: &Results) -> impl IntoView + use<> {
    let of_year = |later: bool| results.awards.iter().filter(|award| award.later == later).collect::<Vec<_>>();
    let (own, later) = (of_year(false), of_year(true));
    // A sum opens its rows where it is the whole round's.
    let whole = later.is_empty();
    let own = awards_table(results, &own, "Awards to regional organizations; “left” is awarded but not drawn", whole);
    let caption = "Awards that go on in a later fiscal year, for the same units";
    let later = (!whole).then(|| view! { <h3>"Later fiscal years"</h3> {awards_table(results, &later, caption, false)} });
    view! {
        <section aria-labelledby="regions">
            <h2 id="regions">"Awards by region"</h2>
            {own}
            {later}
        </section>
    }
}

fn awards_table(results: &Results, awards: &[&AwardOf], caption: &'static str, whole: bool) -> impl IntoView + use<> {
    let units = capital(&results.round.file.award.units);
    let sum = |part: fn(&AwardOf) -> Money| Money::sum(awards.iter().map(|award| part(award))).unwrap_or_default();
    let (amount, drawn, reported) = (sum(|award| award.amount), sum(|award| award.drawn), sum(|award| award.reported));
    let (seats, districts): (i64, i64) = awards.iter().fold((0, 0), |(s, d), award| (s + award.units, d + award.districts));
    let rest = |amount: Money, drawn: Money| amount.minus(drawn).unwrap_or_default().in_column();
    let address = results.round.address();
    let rows = awards
        .iter()
        .map(|award| {
            let opens = |what: &str, figure: String| view! { <a href=part::of_award(&address, what, &award.number)>{figure}</a> };
            view! {
                <tr>
                    <th scope="row" data-label="Organization">{award.region.clone()}<span class="al-source">{award.number.clone()}</span></th>
                    <td class="num" data-label=units.clone()>{opens("awarded", award.units.to_string())}</td>
                    <td class="num" data-label="Districts">{opens("awarded", award.districts.to_string())}</td>
                    <td class="num" data-label="Awarded">{opens("awarded", award.amount.in_column())}</td>
                    <td class="num" data-label="Drawn">{opens("drawn", award.drawn.in_column())}</td>
                    <td class="num" data-label="Reported">{opens("reported", award.reported.in_column())}</td>
                    <td class="num" data-label="Left">{opens("left", rest(award.amount, award.drawn))}</td>
                </tr>
            }
        })
        .collect_view();
    let opens = move |what: &str, sum: Money| {
        if whole {
            view! { <a href=format!("{address}/money/{what}")>{sum.in_column()}</a> }.into_any()
        } else {
            sum.in_column().into_any()
        }
    };
    view! {
        <Table caption>
            <thead>
                <tr>
                    <th scope="col">"Organization"</th><th scope="col" class="num">{units.clone()}</th>
                    <th scope="col" class="num">"Districts"</th><th scope="col" class="num">"Awarded"</th>
                    <th scope="col" class="num">"Drawn"</th><th scope="col" class="num">"Reported"</th><th scope="col" class="num">"Left"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
            <tfoot>
                <tr>
                    <th scope="row">"Sum"</th>
                    <td class="num" data-label=units>{seats}</td>
                    <td class="num" data-label="Districts">{districts}</td>
                    <td class="num" data-label="Awarded">{opens("awarded", amount)}</td>
                    <td class="num" data-label="Drawn">{opens("drawn", drawn)}</td>
                    <td class="num" data-label="Reported">{opens("reported", reported)}</td>
                    <td class="num" data-label="Left">{rest(amount, drawn)}</td>
                </tr>
            </tfoot>
        </Table>
    }
}

/// Units by planning district of the beneficiary, the most first.
fn by_planning_district(results: &Results) -> Option<impl IntoView + use<>> {
    let mut counts: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for line in results.lines.iter().filter(|line| !line.later) {
        let (units, districts) = counts.entry(part::place_of(line).to_owned()).or_default();
        *units += line.units;
        *districts += 1;
    }
    let units = results.round.file.award.units.clone();
    let map = count_map(&counts.iter().map(|(name, (units, _))| (name.clone(), *units)).collect(), &units)?;
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_by(|a, b| b.1.0.cmp(&a.1.0).then_with(|| a.0.cmp(&b.0)));
    let head = capital(&units);
    let address = results.round.address();
    let rows = sorted
        .into_iter()
        .map(|(name, (units, districts))| {
            let rows = part::of_place(&address, &name);
            view! {
                <tr>
                    <th scope="row">{name}</th>
                    <td class="num"><a href=rows.clone()>{units}</a></td>
                    <td class="num"><a href=rows>{districts}</a></td>
                </tr>
            }
        })
        .collect_view();
    Some(view! {
        <section aria-labelledby="map">
            <h2 id="map">"Across the state"</h2>
            <div class="al-columns">
                <div>
                    <table class="al-table">
                        <caption>{format!("{head} by planning district; the darker an area on the map, the more")}</caption>
                        <thead><tr><th scope="col">"Planning district"</th><th scope="col" class="num">{head.clone()}</th><th scope="col" class="num">"Districts"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                    <p class="al-source">"Outlines: US Census Bureau, counties of 2017, joined by planning and development district."</p>
                </div>
                <div>{map}</div>
            </div>
        </section>
    })
}

/// The words and tag of an outcome.
#[must_use]
pub fn outcome(stored: Option<&str>) -> (&'static str, &'static str) {
    match stored {
        Some("funded") => ("al-tag al-tag--good", "Funded"),
        Some("partly_funded") => ("al-tag al-tag--good", "Partly funded"),
        Some("waitlisted") => ("al-tag al-tag--warn", "Waiting list"),
        Some("ineligible") => ("al-tag al-tag--plain", "Not eligible"),
        Some("not_funded") => ("al-tag al-tag--plain", "Not funded"),
        _ => ("al-tag al-tag--plain", "Not decided"),
    }
}

fn ranked(results: &Results) -> impl IntoView + use<> {
    let address = results.round.address();
    let drawn = results.round.file.allocation.has_line();
    let line = results.frozen.as_ref().and_then(|frozen| frozen.line).filter(|_| drawn);
    let rows = results
        .places
        .iter()
        .map(|place| {
            let (class, words) = outcome(place.outcome.as_deref());
            let here = line.filter(|line| *line == place.place).map(|line| {
                let equal = u32::try_from(line).ok().and_then(|line| equal_at_line(results.places.iter().map(|place| &place.points), line));
                let words = line_sentence("The line: money reached as far as here.".to_owned(), equal);
                view! { <tr class="al-line-row"><td colspan="6">{words}</td></tr> }
            });
            view! {
                <tr>
                    <td class="num al-order" data-label="Place">{place.place}</td>
                    <th scope="row" data-label="Applicant">
                        <a href=format!("{address}/results/{}", place.number)>{place.applicant.clone()}</a>
                        <span class="al-source">{place.number.clone()}</span>
                    </th>
                    <td class="num" data-label="Points">{place.points.rounded(2)}</td>
                    <td class="num" data-label="Asked for">{place.units_requested}</td>
                    <td class="num" data-label="Given">{place.units}</td>
                    <td class="al-plain" data-label="Outcome"><span class=class>{words}</span></td>
                </tr>
                {here}
            }
        })
        .collect_view();
    let frozen = results.frozen.as_ref().map(|frozen| {
        let at = frozen.at.say_in(results.round.of.round.zone);
        view! {
            <p class="al-source">
                {format!("Ranked and frozen {at}. Fingerprint of the inputs ")}<code class="al-hash">{frozen.inputs_sha256.clone()}</code>
                ", of the result "<code class="al-hash">{frozen.result_sha256.clone()}</code>"."
            </p>
        }
    });
    view! {
        <section aria-labelledby="ranked">
            <h2 id="ranked">"The ranked list"</h2>
            <p>"Each name opens its working: every figure with its source, its points and weights, and how ties were broken."</p>
            <Table caption="All ranked applications, first place first" on_phone=OnPhone::Lines>
                <thead>
                    <tr>
                        <th scope="col" class="num">"Place"</th><th scope="col">"Applicant"</th><th scope="col" class="num">"Points"</th>
                        <th scope="col" class="num">"Asked for"</th><th scope="col" class="num">"Given"</th><th scope="col">"Outcome"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            {frozen}
            {by_rules(&results.round.of)}
        </section>
    }
}

fn files(results: &Results, address: &str) -> impl IntoView + use<> {
    let ranking = results.frozen.is_some().then(|| {
        view! { <li><a href=format!("{address}/ranking.json")>"ranking.json"</a>": the rules, every input and the result; anybody can replay it to the same bytes"</li> }
    });
    view! {
        <section aria-labelledby="files">
            <h2 id="files">"The files"</h2>
            <ul>
                <li><a href=format!("{address}/file")>"The program file"</a>": the rules as people read them (TOML)"</li>
                <li><a href=format!("{address}/file.json")>"file.json"</a>": the same in canonical form; its SHA-256 is the locked fingerprint"</li>
                {ranking}
                <li><a href=format!("{address}/allocation.json")>"allocation.json"</a>": each step down the list, with its reason"</li>
                <li>
                    <a href=format!("{address}/decision.json")>"decision.json"</a>": both in one file; "
                    <a href=format!("{address}/replay")>"compute it again in your browser"</a>
                </li>
                <li><a href=format!("{address}/awards.csv")>"awards.csv"</a>": every award by district, for a spreadsheet"</li>
            </ul>
            <p><a href="/open">"What is published, and on what terms"</a></p>
        </section>
    }
}
