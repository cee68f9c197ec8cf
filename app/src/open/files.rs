//! The published files of a round: the program file, the ranking and allocation that anybody can replay, and the awards for a spreadsheet.

use super::round::{PublicRound, find};
use crate::call::Call;
use crate::error::AppError;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use domain::Timestamp;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use store::{open_data, programs};

type Address = Path<(String, String)>;

/// A published file.
pub(super) fn answer(body: String, media_type: &'static str, disposition: &str) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(value) = HeaderValue::from_str(disposition) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response
}

/// `/programs/{slug}/{round}/file`: the program file as it was imported.
pub async fn source(call: Call, Path((program, round)): Address) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let round = find(&mut reader.tx(), &program, &round).await?;
    let (source, _) = programs::source_of_round(&mut reader.tx(), round.id()).await?;
    Ok(answer(source, "text/plain; charset=utf-8", "inline; filename=\"program.toml\""))
}

/// `/programs/{slug}/{round}/file.json`: the program file in canonical form; the SHA-256 of these bytes is the lock.
pub async fn canonical(call: Call, Path((program, round)): Address) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let round = find(&mut reader.tx(), &program, &round).await?;
    let (_, canonical) = programs::source_of_round(&mut reader.tx(), round.id()).await?;
    Ok(answer(canonical, "application/json", "inline; filename=\"file.json\""))
}

/// `/programs/{slug}/{round}/ranking.json`
pub async fn ranking(call: Call, Path((program, round)): Address) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let round = published(find(&mut reader.tx(), &program, &round).await?, call.now)?;
    let document = open_data::ranking_document(&mut reader.tx(), round.id()).await?.ok_or(AppError::NotFound)?;
    Ok(answer(document, "application/json", "inline; filename=\"ranking.json\""))
}

/// `/programs/{slug}/{round}/allocation.json`
pub async fn allocation(call: Call, Path((program, round)): Address) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let round = published(find(&mut reader.tx(), &program, &round).await?, call.now)?;
    let document = open_data::allocation_document(&mut reader.tx(), round.id()).await?.ok_or(AppError::NotFound)?;
    Ok(answer(document, "application/json", "inline; filename=\"allocation.json\""))
}

/// `/programs/{slug}/{round}/awards.csv`
pub async fn awards(call: Call, Path((program, round)): Address) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let round = published(find(&mut reader.tx(), &program, &round).await?, call.now)?;
    let lines = open_data::award_lines(&mut reader.tx(), round.id()).await?;
    let mut csv =
        row(&["award", "organization", "application", "beneficiary", "planning_district", "units", "amount_usd"].map(str::to_owned));
    for line in lines {
        let place = line.planning_district.unwrap_or_default();
        csv.push_str(&row(&[
            line.award,
            line.region,
            line.application,
            line.beneficiary,
            place,
            line.units.to_string(),
            line.amount.plain(),
        ]));
    }
    let name = format!("attachment; filename=\"{}-{}-awards.csv\"", round.of.program.slug, round.of.round.slug);
    Ok(answer(csv, "text/csv; charset=utf-8; header=present", &name))
}

fn published(round: PublicRound, now: Timestamp) -> Result<PublicRound, AppError> {
    if round.of.round.published(now).is_some() { Ok(round) } else { Err(AppError::NotFound) }
}

/// One line of a CSV file (RFC 4180). A cell that a spreadsheet would take for a formula is led by an apostrophe.
fn row(cells: &[String]) -> String {
    let cell = |text: &String| {
        let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
    };
    let cells: Vec<String> = cells.iter().map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

#[cfg(test)]
mod tests {
    use super::row;

    #[test]
    fn a_cell_that_looks_like_a_formula_is_text() {
        assert_eq!(row(&["=1+1".to_owned(), "a \"b\"".to_owned()]), "\"'=1+1\",\"a \"\"b\"\"\"\r\n");
    }
}
