//! `/review/{round}`: the applications handed in, filtered, sorted and counted, sixty a page. Drafts are not on it: they are their
//! applicants' alone.

use super::parts::{count, crumbs, eligibility_tag, figures, stage, tag};
use super::work::Board;
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Fields, id};
use crate::ui::layout::{Head, page, percent};
use crate::ui::table::{OnPhone, Table};
use crate::ui::working::stored_points;
use axum::extract::{Path, Query};
use axum::response::Response;
use domain::Money;
use domain::access::Action;
use domain::review::anchors_of;
use leptos::prelude::*;
use std::collections::BTreeMap;
use store::panels::{self, Counted};
use store::reviews::{self, ListFilter, ListRow, PAGE, Sort, Totals};
use uuid::Uuid;

/// A page's rows and, where a panel scores, how far its reviews have come.
type Listed = (Vec<ListRow>, Option<Vec<Counted>>);

/// What the address asks for.
#[derive(Clone, Debug, Default)]
struct Asked {
    filter: ListFilter,
    sort: Sort,
    descending: bool,
    page: i64,
}

impl Asked {
    fn read(fields: &Fields) -> Self {
        let one_of = |name: &str, known: &[&str]| known.iter().find(|word| **word == fields.text(name)).map_or("", |word| *word).to_owned();
        let (sort, descending) = match fields.text("sort").strip_prefix('-') {
            Some(word) => (Sort::named(word), true),
            None => (Sort::named(fields.text("sort")), false),
        };
        Self {
            filter: ListFilter {
                status: one_of("status", &["submitted", "withdrawn"]),
                eligibility: one_of("eligibility", &["eligible", "ineligible", "undecided"]),
                region: fields.text("region").chars().take(80).collect(),
                text: fields.text("text").chars().take(80).collect(),
            },
            sort: sort.unwrap_or_default(),
            descending: descending && sort.is_some(),
            page: fields.text("page").parse::<i64>().unwrap_or(1).clamp(1, 100_000),
        }
    }

    /// The address of the same list with another sort or page.
    fn address(&self, base: &str, sort: Sort, descending: bool, page: i64) -> String {
        let mut address = format!("{base}?sort={}{}", if descending { "-" } else { "" }, sort.as_str());
        let filter = &self.filter;
        for (name, value) in
            [("status", &filter.status), ("eligibility", &filter.eligibility), ("region", &filter.region), ("text", &filter.text)]
        {
            if !value.is_empty() {
                address.push('&');
                address.push_str(name);
                address.push('=');
                address.push_str(&percent(value));
            }
        }
        if page > 1 {
            address.push_str(&format!("&page={page}"));
        }
        address
    }
}

/// The page.
///
/// # Errors
/// [`AppError::NotFound`] for another agency's round; the store's failure.
pub async fn get(call: Call, Path(round): Path<String>, Query(query): Query<Vec<(String, String)>>) -> Result<Response, AppError> {
    let asked = Asked::read(&Fields(query));
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let board = super::panel::work::staff_board(&mut tx, &call, id(&round)?).await?;
    let round = board.of.round.id;
    let totals = reviews::totals(&mut tx, round, &asked.filter).await?;
    let rows = reviews::list(&mut tx, round, &asked.filter, asked.sort, asked.descending, (asked.page - 1) * PAGE).await?;
    // Where a panel scores, its reviews are counted instead of staff's scores.
    let reviews = if board.file.review.is_some() { Some(panels::counted(&mut tx, round).await?) } else { None };
    drop(reader);
    show(&call, board, asked, &totals, (rows, reviews))
}

fn show(call: &Call, board: Board, asked: Asked, totals: &Totals, listed: Listed) -> Result<Response, AppError> {
    let round = &board.of.round;
    let base = format!("/review/{}", round.id);
    let dollars = |units: i64| board.file.award.unit_cost.times(units).map_err(AppError::internal);
    let (asked_for, left): (Money, Money) = (dollars(totals.units)?, board.available().sum().map_err(AppError::internal)?);
    let rubrics = board.file.ranking.criteria.iter().filter(|criterion| anchors_of(criterion).is_some()).count();
    let units = board.file.award.units.clone();
    let heading = format!("Applications, {}", round.name);
    let where_it_stands = stage(&board, call);
    let closed = call.now > round.closes_at;
    let frozen = board.progress.ranking.is_some();
    let deadline = format!("{} {}", if closed { "Closed" } else { "Closes" }, round.deadline());
    let numbers = figures(vec![
        (totals.submitted.to_string(), "handed in".to_owned()),
        (totals.undecided.to_string(), "eligibility to decide".to_owned()),
        (totals.eligible.to_string(), "eligible".to_owned()),
        (totals.ineligible.to_string(), "not eligible".to_owned()),
        (totals.withdrawn.to_string(), "withdrawn".to_owned()),
        (domain::answers::with_commas(totals.units), format!("{units} asked for")),
        (asked_for.to_string(), format!("asked for; {left} is there to award")),
    ]);
    let matched = matched_words(&asked, totals, dollars(totals.matched_units)?, &units);
    let regions = board.file.regions.iter().map(|region| (region.key.clone(), region.name.clone())).collect();
    let filter = filter_form(&base, &asked, regions);
    let table = table(&base, &asked, listed, rubrics, &board);
    let pages = pages(&base, &asked, totals.matched);
    let program = board.of.program.name.clone();
    let (ranking, contests) = (format!("{base}/ranking"), format!("{base}/contests"));
    let panel = board.file.review.is_some().then(|| format!("{base}/panel"));
    let scores = (closed && rubrics > 0 && panel.is_none() && call.actor.may(Action::ScoreApplications, board.subject()))
        .then(|| format!("{base}/scores"));
    let decide = format!("/decide/{}", round.id);
    Ok(page(call, Head::new(heading.clone()), move || {
        view! {
            {crumbs(vec![("/review".to_owned(), "Review".to_owned())], heading.clone())}
            <h1>{program}": "{heading}</h1>
            <p class="al-lede">{where_it_stands}". "{deadline}"."</p>
            {numbers}
            <div class="al-actions">
                {closed.then(|| view! { <a class="usa-button" href=ranking>{if frozen { "The ranking" } else { "Rank" }}</a> })}
                {panel.map(|address| view! { <a class="usa-button usa-button--outline" href=address>"The panel"</a> })}
                {frozen.then(|| view! { <a class="usa-button usa-button--outline" href=decide>"Awards"</a> })}
                {scores.map(|address| view! { <a class="usa-button usa-button--outline" href=address>"Scores on a spreadsheet"</a> })}
                <a class="usa-button usa-button--outline" href=contests>"Contested figures"</a>
            </div>
            {filter}
            <p>{matched}</p>
            {table}
            {pages}
        }
    }))
}

fn matched_words(asked: &Asked, totals: &Totals, dollars: Money, units: &str) -> String {
    let counted = count(totals.matched, "application", "applications");
    let sum = format!("{} {units}, {dollars}", domain::answers::with_commas(totals.matched_units));
    if asked.filter.is_empty() { format!("{counted} in all: {sum}.") } else { format!("{counted} match: {sum}.") }
}

fn filter_form(base: &str, asked: &Asked, regions: Vec<(String, String)>) -> impl IntoView + use<> {
    let chosen = asked.filter.clone();
    let sort = format!("{}{}", if asked.descending { "-" } else { "" }, asked.sort.as_str());
    let choice = |name: &'static str, label: &'static str, now: String, options: Vec<(String, String)>| {
        let options = options
            .into_iter()
            .map(|(value, words)| {
                let selected = value == now;
                view! { <option value=value selected=selected>{words}</option> }
            })
            .collect_view();
        view! {
            <div class="usa-form-group">
                <label class="usa-label" for=name>{label}</label>
                <select class="usa-select" id=name name=name>{options}</select>
            </div>
        }
    };
    let words = |pairs: &[(&str, &str)]| pairs.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect::<Vec<_>>();
    let mut all_regions = words(&[("", "All regions")]);
    all_regions.extend(regions);
    let clear = (!chosen.is_empty()).then(|| view! { <a href=base.to_owned()>"Clear"</a> });
    view! {
        <form class="al-filter" method="get" action=base.to_owned() role="search" aria-label="Filter the applications">
            <div class="usa-form-group">
                <label class="usa-label" for="text">"Applicant, county or number"</label>
                <input class="usa-input" id="text" name="text" type="search" value=chosen.text/>
            </div>
            {choice("status", "Status", chosen.status, words(&[("", "All"), ("submitted", "Handed in"), ("withdrawn", "Withdrawn")]))}
            {choice(
                "eligibility",
                "Eligibility",
                chosen.eligibility,
                words(&[("", "All"), ("undecided", "To decide"), ("eligible", "Eligible"), ("ineligible", "Not eligible")]),
            )}
            {choice("region", "Region", chosen.region, all_regions)}
            <input type="hidden" name="sort" value=sort/>
            <button class="usa-button" type="submit">"Show"</button>
            {clear}
        </form>
    }
}

fn heading(base: &str, asked: &Asked, sort: Sort, words: &'static str, numeric: bool) -> impl IntoView + use<> {
    let current = asked.sort == sort;
    let state = current.then_some(if asked.descending { "descending" } else { "ascending" });
    let mark = match (current, asked.descending) {
        (true, false) => " ↑",
        (true, true) => " ↓",
        (false, _) => "",
    };
    let address = asked.address(base, sort, current && !asked.descending, 1);
    view! {
        <th scope="col" class=if numeric { "num" } else { "" } aria-sort=state>
            <a href=address>{words}</a><span aria-hidden="true">{mark}</span>
        </th>
    }
}

fn table(base: &str, asked: &Asked, (rows, reviews): Listed, rubrics: usize, board: &Board) -> impl IntoView + use<> {
    if rows.is_empty() {
        return view! { <p class="al-empty">"No application matches. Clear the filter to see all that were handed in."</p> }.into_any();
    }
    let region_names: BTreeMap<&str, &str> = board.file.regions.iter().map(|region| (region.key.as_str(), region.name.as_str())).collect();
    let ranked = board.progress.ranking.is_some();
    let is_panel = reviews.is_some();
    let reviews: Option<BTreeMap<Uuid, Counted>> = reviews.map(|counted| counted.into_iter().map(|one| (one.application, one)).collect());
    let scored = |row: &ListRow| match &reviews {
        None => format!("{} of {rubrics}", row.scored),
        Some(reviews) => reviews.get(&row.id).map_or_else(|| "–".to_owned(), |one| format!("{} of {}", one.handed_in, one.given)),
    };
    let lines =
        rows.into_iter().map(|row| (scored(&row), row)).map(|(scored, row)| line(row, scored, ranked, &region_names)).collect_view();
    let columns = [
        (Sort::Number, "Number", false),
        (Sort::Applicant, "Applicant", false),
        (Sort::County, "County", false),
        (Sort::Units, "Asked for", true),
        (Sort::Eligibility, "Eligibility", false),
    ];
    let heads = columns.into_iter().map(|(sort, words, numeric)| heading(base, asked, sort, words, numeric)).collect_view();
    let scores = if is_panel {
        view! { <th scope="col" class="num">"Reviews in"</th> }.into_any()
    } else {
        heading(base, asked, Sort::Scores, "Scored", true).into_any()
    };
    let place = ranked.then(|| view! { {heading(base, asked, Sort::Place, "Place", true)} <th scope="col" class="num">"Points"</th> });
    view! {
        <Table caption="Applications handed in; headings sort" unseen=true on_phone=OnPhone::Lines>
            <thead><tr>{heads}{scores}{place}</tr></thead>
            <tbody>{lines}</tbody>
        </Table>
    }
    .into_any()
}

fn line(row: ListRow, scored: String, ranked: bool, regions: &BTreeMap<&str, &str>) -> impl IntoView + use<> {
    let region = row.region.as_deref().map(|key| (*regions.get(key).unwrap_or(&key)).to_owned());
    let withdrawn = row.status == "withdrawn";
    let state = if withdrawn { tag("plain", "Withdrawn").into_any() } else { eligibility_tag(row.eligible).into_any() };
    let place = ranked.then(|| {
        view! {
            <td class="num" data-label="Place">{row.place.map_or_else(|| "–".to_owned(), |place| place.to_string())}</td>
            <td class="num" data-label="Points">{row.points.as_deref().map_or_else(|| "–".to_owned(), stored_points)}</td>
        }
    });
    view! {
        <tr>
            <th scope="row"><a href=format!("/review/applications/{}", row.id)>{row.number}</a></th>
            <td class="al-plain" data-label="Applicant"><span>{row.applicant}{region.map(|name| view! { <span class="al-source">{name}</span> })}</span></td>
            <td data-label="County">{row.county.unwrap_or_else(|| "–".to_owned())}</td>
            <td class="num" data-label="Asked for">{row.units}</td>
            <td class="al-plain" data-label="Eligibility">{state}</td>
            <td class="num" data-label="Scored">{scored}</td>
            {place}
        </tr>
    }
}

fn pages(base: &str, asked: &Asked, matched: i64) -> impl IntoView + use<> {
    let last = (matched + PAGE - 1) / PAGE;
    (last > 1).then(|| {
        let to = |page: i64| asked.address(base, asked.sort, asked.descending, page);
        let before = (asked.page > 1).then(|| {
            view! { <li class="usa-pagination__item usa-pagination__arrow"><a class="usa-pagination__link usa-pagination__previous-page" href=to(asked.page - 1) rel="prev">"‹ Previous"</a></li> }
        });
        let after = (asked.page < last).then(|| {
            view! { <li class="usa-pagination__item usa-pagination__arrow"><a class="usa-pagination__link usa-pagination__next-page" href=to(asked.page + 1) rel="next">"Next ›"</a></li> }
        });
        let numbers = (1..=last)
            .filter(|page| *page == 1 || *page == last || (page - asked.page).abs() <= 2)
            .map(|page| {
                let current = page == asked.page;
                let class = if current { "usa-pagination__button usa-current" } else { "usa-pagination__button" };
                view! {
                    <li class="usa-pagination__item usa-pagination__page-no">
                        <a class=class href=to(page) aria-label=format!("Page {page}") aria-current=current.then_some("page")>{page}</a>
                    </li>
                }
            })
            .collect_view();
        view! { <nav class="usa-pagination" aria-label="Pages"><ul class="usa-pagination__list">{before}{numbers}{after}</ul></nav> }
    })
}
