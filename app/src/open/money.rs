//! The rows behind each figure of the money line, and behind each part of one in the tables under it. The total under the rows is the figure: both come from the same query's rows, and a
//! difference from the figure shown on the results page is an error, not a footnote.

pub(super) mod part;

use self::part::Part;
use super::parts::crumbs;
use super::results::left;
use super::round::{PublicRound, find};
use crate::call::Call;
use crate::error::AppError;
use crate::ui::layout::{Head, page};
use crate::ui::table::Table;
use axum::extract::{Path, Query};
use axum::response::Response;
use domain::program::Appropriation;
use domain::time::say_date;
use domain::{Money, RoundId};
use leptos::prelude::*;
use store::Tx;
use store::open_data::{self, LaterOf};

/// A figure's table: words and an amount in each row.
#[derive(Debug)]
struct Rows {
    title: &'static str,
    /// Of what, when it is a part.
    about: Option<String>,
    explained: &'static str,
    heads: Vec<&'static str>,
    rows: Vec<(Vec<String>, Money)>,
    figure: Money,
}

impl Rows {
    /// `Drawn`, or of a part `Drawn, Delta Region, AW-2024-01`.
    fn name(&self) -> String {
        self.about.as_ref().map_or_else(|| self.title.to_owned(), |about| format!("{}, {about}", self.title))
    }
}

/// `/programs/{slug}/{round}/money/{what}`
pub async fn show(
    call: Call,
    Path((program, round, what)): Path<(String, String, String)>,
    Query(part): Query<Part>,
) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let round = find(&mut tx, &program, &round).await?;
    if round.of.round.published(call.now).is_none() {
        return Err(AppError::NotFound);
    }
    let rows = match part::load(&mut tx, &round, &what, &part).await? {
        Some(rows) => rows,
        None => load(&mut tx, &round, &what).await?,
    };
    drop(reader);
    let total = Money::sum(rows.rows.iter().map(|(_, amount)| *amount)).map_err(AppError::internal)?;
    if total != rows.figure {
        return Err(AppError::internal(format!("the rows of “{what}” sum to {total}, not to {}", rows.figure)));
    }
    let as_of = call.now.say_in(round.of.round.zone);
    let title = format!("{}: {}", rows.name(), round.of.round.name);
    Ok(page(&call, Head::new(title), move || body(&round, rows, &as_of)))
}

async fn load(tx: &mut Tx<'_>, round: &PublicRound, what: &str) -> Result<Rows, AppError> {
    let id = round.id();
    let line = open_data::money_line(tx, id).await?;
    Ok(match what {
        "appropriated" => appropriated(round, open_data::later(tx, id).await?, line.appropriated),
        "awarded" => awarded(tx, id, line.awarded).await?,
        "drawn" => drawn(tx, id, line.drawn).await?,
        "reported" => reported(tx, round, line.reported).await?,
        "left" => not_paid(tx, id, &line).await?,
        _ => return Err(AppError::NotFound),
    })
}

fn appropriated(round: &PublicRound, later: Vec<LaterOf>, figure: Money) -> Rows {
    let row = |terms: &Appropriation| {
        let fund = terms.fund_source.clone();
        (vec![terms.bill.clone(), terms.section.clone(), fund, terms.fiscal_year.to_string(), terms.citation.clone()], terms.amount)
    };
    let continued = |later: LaterOf| {
        let year = format!("{}, for awards that go on", later.fiscal_year);
        (vec![later.bill, later.section, later.fund_source, year, later.citation], Money::cents(later.amount_cents))
    };
    Rows {
        title: "Appropriated",
        about: None,
        explained: "What the legislature set aside for this round, and what later years pay for its awards.",
        heads: vec!["Bill", "Section", "Fund", "Fiscal year", "Source"],
        rows: round.file.paying().map(row).chain(later.into_iter().map(continued)).collect(),
        figure,
    }
}

async fn awarded(tx: &mut Tx<'_>, id: RoundId, figure: Money) -> Result<Rows, AppError> {
    let awards = open_data::awards(tx, id).await?;
    let row =
        |award: open_data::AwardOf| (vec![award.region, award.number, award.units.to_string(), award.districts.to_string()], award.amount);
    Ok(Rows {
        title: "Awarded",
        about: None,
        explained: "An award to each regional organization, of each appropriation that pays; the file awards.csv has every district’s part.",
        heads: vec!["Organization", "Award", "Units", "Districts"],
        rows: awards.into_iter().map(row).collect(),
        figure,
    })
}

async fn drawn(tx: &mut Tx<'_>, id: RoundId, figure: Money) -> Result<Rows, AppError> {
    let draws = open_data::paid_draws(tx, id).await?;
    let row = |draw: open_data::DrawOf| {
        let day = draw.paid_on.map(say_date).unwrap_or_default();
        (vec![draw.region, draw.award, draw.number.to_string(), day], draw.amount)
    };
    Ok(Rows {
        title: "Drawn",
        about: None,
        explained: "Every draw that was paid.",
        heads: vec!["Organization", "Award", "Draw", "Paid on"],
        rows: draws.into_iter().map(row).collect(),
        figure,
    })
}

async fn reported(tx: &mut Tx<'_>, round: &PublicRound, figure: Money) -> Result<Rows, AppError> {
    let lines = open_data::reported_lines(tx, round.id()).await?;
    let categories = &round.file.reporting.categories;
    let row = |line: open_data::SpentOf| {
        let quarter = format!("{} to {}", say_date(line.quarter_begins), say_date(line.quarter_ends));
        let category = categories.iter().find(|category| category.key == line.category).map_or(line.category, |known| known.name.clone());
        let status = if line.status == "accepted" { "accepted" } else { "submitted, not accepted yet" };
        (vec![line.region, line.award, quarter, category, status.to_owned()], line.amount)
    };
    Ok(Rows {
        title: "Reported",
        about: None,
        explained: "Spending by category, from every report that was submitted or accepted.",
        heads: vec!["Organization", "Award", "Quarter", "Category", "Report"],
        rows: lines.into_iter().map(row).collect(),
        figure,
    })
}

async fn not_paid(tx: &mut Tx<'_>, id: RoundId, line: &open_data::MoneyLine) -> Result<Rows, AppError> {
    let unawarded =
        line.appropriated.minus(line.awarded_elsewhere).and_then(|rest| rest.minus(line.awarded)).map_err(AppError::internal)?;
    let mut rows = vec![(vec!["Not awarded".to_owned(), String::new(), "still with the agency".to_owned()], unawarded)];
    for award in open_data::awards(tx, id).await? {
        let rest = award.amount.minus(award.drawn).map_err(AppError::internal)?;
        rows.push((vec![award.region, award.number, "awarded, not drawn yet".to_owned()], rest));
    }
    Ok(Rows {
        title: "Left",
        about: None,
        explained: "What has not been paid out: money not awarded, and the rest of each award.",
        heads: vec!["Where", "Award", "State"],
        rows,
        figure: left(line)?,
    })
}

fn body(round: &PublicRound, rows: Rows, as_of: &str) -> impl IntoView + use<> {
    let title = rows.name();
    let Rows { explained, heads, rows, figure, .. } = rows;
    let mut way = round.way();
    way.push((format!("{}/results", round.address()), "Results".to_owned()));
    let head = heads.iter().map(|words| view! { <th scope="col">{*words}</th> }).collect_view();
    let span = heads.len().to_string();
    let empty = rows.is_empty().then(|| view! { <p class="al-empty">"Nothing yet."</p> });
    let lines = rows
        .into_iter()
        .map(|(words, amount)| {
            let cells = heads.iter().zip(words).enumerate().map(|(index, (label, words))| {
                if index == 0 {
                    view! { <th scope="row" data-label=*label>{words}</th> }.into_any()
                } else {
                    view! { <td data-label=*label>{words}</td> }.into_any()
                }
            });
            view! { <tr>{cells.collect_view()}<td class="num" data-label="Amount">{amount.in_column()}</td></tr> }
        })
        .collect_view();
    let caption = format!("{title}, as of {as_of}");
    view! {
        {crumbs(way, title.clone())}
        <h1>{title}": "{figure.to_string()}</h1>
        <p class="al-lede">{explained}</p>
        {empty}
        <Table caption>
            <thead><tr>{head}<th scope="col" class="num">"Amount"</th></tr></thead>
            <tbody>{lines}</tbody>
            <tfoot><tr><th scope="row" colspan=span>"Sum"</th><td class="num" data-label="Sum">{figure.in_column()}</td></tr></tfoot>
        </Table>
        <p><a href=format!("{}/results#money", round.address())>"Back to the money line"</a></p>
    }
}
