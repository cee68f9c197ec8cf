//! The rows behind a figure of the tables under the money line: one award's, or one planning district's. They are the rows of the whole
//! figure that belong to it; of what is awarded, the districts' parts.

use super::{Rows, drawn, reported};
use crate::error::AppError;
use crate::open::round::PublicRound;
use crate::ui::layout::percent;
use domain::Money;
use serde::Deserialize;
use store::Tx;
use store::open_data::{self, AwardOf, LineOf};

/// Where a beneficiary has no planning district.
pub const NOWHERE: &str = "Not in a planning district";

/// Which part of a figure is asked for; the whole when neither is named.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Part {
    /// An award's number.
    award: Option<String>,
    /// A planning district, or [`NOWHERE`].
    place: Option<String>,
}

/// The page with the rows of an award's figure.
#[must_use]
pub fn of_award(address: &str, what: &str, award: &str) -> String {
    format!("{address}/money/{what}?award={}", percent(award))
}

/// The page with the parts of awards that go to a planning district.
#[must_use]
pub fn of_place(address: &str, place: &str) -> String {
    format!("{address}/money/awarded?place={}", percent(place))
}

/// The planning district that a line counts for.
#[must_use]
pub fn place_of(line: &LineOf) -> &str {
    line.planning_district.as_deref().unwrap_or(NOWHERE)
}

/// The rows of the part, when one is asked for.
pub(super) async fn load(tx: &mut Tx<'_>, round: &PublicRound, what: &str, part: &Part) -> Result<Option<Rows>, AppError> {
    if let Some(place) = &part.place {
        return if what == "awarded" { Ok(Some(in_place(tx, round, place).await?)) } else { Err(AppError::NotFound) };
    }
    let Some(number) = &part.award else { return Ok(None) };
    let awards = open_data::awards(tx, round.id()).await?;
    let award = awards.into_iter().find(|award| award.number == *number).ok_or(AppError::NotFound)?;
    let about = format!("{}, {}", award.region, award.number);
    let rows = match what {
        "awarded" => {
            let mut lines = open_data::award_lines(tx, round.id()).await?;
            lines.retain(|line| line.award == award.number);
            Rows { figure: award.amount, ..lines_of("Awarded", &round.file.award.units, lines) }
        }
        "drawn" => of(drawn(tx, round.id(), Money::ZERO).await?, &award, award.drawn),
        "reported" => of(reported(tx, round, Money::ZERO).await?, &award, award.reported),
        "left" => left(tx, round, &award).await?,
        _ => return Err(AppError::NotFound),
    };
    Ok(Some(Rows { about: Some(about), ..rows }))
}

/// The rows that name the award, which stands in their second column.
fn of(mut rows: Rows, award: &AwardOf, figure: Money) -> Rows {
    rows.rows.retain(|(words, _)| words.get(1) == Some(&award.number));
    Rows { figure, ..rows }
}

fn lines_of(title: &'static str, units: &str, lines: Vec<LineOf>) -> Rows {
    let row = |line: LineOf| {
        let place = place_of(&line).to_owned();
        (vec![line.beneficiary, line.award, line.application, place, format!("{} {units}", line.units)], line.amount)
    };
    Rows {
        title,
        about: None,
        explained: "Every district’s part.",
        heads: vec!["District", "Award", "Application", "Planning district", "Of them"],
        rows: lines.into_iter().map(row).collect(),
        figure: Money::ZERO,
    }
}

async fn in_place(tx: &mut Tx<'_>, round: &PublicRound, place: &str) -> Result<Rows, AppError> {
    let mut lines = open_data::award_lines(tx, round.id()).await?;
    lines.retain(|line| place_of(line) == place && !line.later);
    if lines.is_empty() {
        return Err(AppError::NotFound);
    }
    let figure = Money::sum(lines.iter().map(|line| line.amount)).map_err(AppError::internal)?;
    Ok(Rows { about: Some(place.to_owned()), figure, ..lines_of("Awarded", &round.file.award.units, lines) })
}

async fn left(tx: &mut Tx<'_>, round: &PublicRound, award: &AwardOf) -> Result<Rows, AppError> {
    let paid = of(drawn(tx, round.id(), Money::ZERO).await?, award, award.drawn);
    let mut rows = vec![(vec!["Awarded".to_owned(), award.number.clone(), String::new()], award.amount)];
    for (words, amount) in paid.rows {
        let [_, number, draw, day] = words.try_into().map_err(|_| AppError::internal("a paid draw’s row has four words"))?;
        rows.push((vec![format!("Draw {draw}, paid"), number, day], Money::ZERO.minus(amount).map_err(AppError::internal)?));
    }
    Ok(Rows {
        title: "Left",
        about: None,
        explained: "The award, less what was paid out of it.",
        heads: vec!["What", "Award", "Paid on"],
        rows,
        figure: award.amount.minus(award.drawn).map_err(AppError::internal)?,
    })
}
