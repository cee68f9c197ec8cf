//! The three doors to one page: the applicant's own, staff's, and the public's once the results are out. The text is the same; only what
//! staff said of the scores depends on who reads.

use super::reasons::{self, Explained, Reader};
use super::why_view::{Way, body, not_ranked, undecided};
use crate::apply::work::find as find_application;
use crate::call::Call;
use crate::error::AppError;
use crate::form::id;
use crate::open::round::find as find_public;
use crate::review::panel::work::{free_to_read, staff_pages};
use crate::review::work::Board;
use crate::ui::layout::{Head, go, page};
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use store::{applications, programs};

fn show(call: &Call, explained: Explained, way: Way, reader: Reader) -> Response {
    let title = format!("Why: {} {}", explained.working.place.number, explained.working.applicant_name);
    page(call, Head::new(title), move || body(explained, way, reader))
}

/// `/apply/{application}/why`: the applicant's own, once it was told.
pub async fn get_own(call: Call, Path(application): Path<String>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let found = find_application(tx, &call, id(&application)?, Action::ReadApplication).await?;
    let key = found.application.id;
    let way = Way {
        above: vec![
            ("/apply".to_owned(), "Applications".to_owned()),
            (format!("/apply/{key}"), found.number.clone().unwrap_or_else(|| "Your application".to_owned())),
            (format!("/apply/{key}/outcome"), "Outcome".to_owned()),
        ],
        published: found.of.round.published(call.now).is_some(),
    };
    let Some(told) = applications::told(tx, key, call.now).await? else {
        drop(reader);
        let award_on = found.of.round.award_on;
        return Ok(page(&call, Head::new("Why"), move || undecided(way, award_on)));
    };
    let file = programs::file_of(tx, &found.of).await?;
    if file.named.is_some() {
        // There is no pool and no line: the outcome says by which clause.
        return Ok(go(format!("/apply/{key}/outcome")));
    }
    let number = found.number.clone().unwrap_or_default();
    let name = found.applicant_name.clone();
    let explained = reasons::load(tx, found.of, file, &number, Reader::Applicant).await?;
    drop(reader);
    Ok(match explained {
        Some(explained) => show(&call, explained, way, Reader::Applicant),
        None => page(&call, Head::new(format!("Why: {number} {name}")), move || not_ranked(way, &name, &told.reason)),
    })
}

/// `/review/{round}/why/{number}`: staff's, as soon as the ranking is frozen.
pub async fn get_of_staff(call: Call, Path((round, number)): Path<(String, String)>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let board = Board::load(tx, id(&round)?).await?;
    call.must(Action::ReadReviews, board.subject())?;
    let of = board.of.round.id;
    staff_pages(&call, &board)?;
    if board.file.named.is_some() {
        return Ok(go(format!("/review/{of}/ranking/{number}")));
    }
    let way = Way {
        above: vec![
            ("/review".to_owned(), "Review".to_owned()),
            (format!("/review/{of}/ranking"), format!("Ranking, {}", board.of.round.name)),
            (format!("/review/{of}/ranking/{number}"), number.clone()),
        ],
        published: board.of.round.published(call.now).is_some(),
    };
    let explained = reasons::load(tx, board.of.clone(), board.file.clone(), &number, Reader::Staff).await?.ok_or(AppError::NotFound)?;
    free_to_read(tx, &call, &board, explained.working.application).await?;
    drop(reader);
    Ok(show(&call, explained, way, Reader::Staff))
}

/// `/programs/{program}/{round}/results/{number}/why`: the public's.
pub async fn get_public(call: Call, Path((program, round, number)): Path<(String, String, String)>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let round = find_public(tx, &program, &round).await?;
    if round.of.round.published(call.now).is_none() {
        return Err(AppError::NotFound);
    }
    if round.file.named.is_some() {
        return Ok(go(format!("{}/results/{number}", round.address())));
    }
    let mut above = round.way();
    above.push((format!("{}/results", round.address()), "Results".to_owned()));
    above.push((format!("{}/results/{number}", round.address()), number.clone()));
    let explained = reasons::load(tx, round.of, round.file, &number, Reader::Public).await?.ok_or(AppError::NotFound)?;
    drop(reader);
    Ok(show(&call, explained, Way { above, published: true }, Reader::Public))
}
