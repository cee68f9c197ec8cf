//! The frozen decision as one file: the ranking's document and the allocation's, in canonical bytes. The public gets it with the results,
//! staff as soon as the ranking is frozen.

use crate::call::Call;
use crate::error::AppError;
use crate::form::id;
use crate::open::round::{PublicRound, find};
use crate::review::panel::work::staff_board;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use domain::Timestamp;
use domain::decision::DecisionDocument;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use store::programs::RoundOf;
use store::{Tx, allocations, open_data, rankings};

/// A published round's decision, byte for byte.
///
/// # Errors
/// [`AppError::NotFound`] before the results are out.
pub(super) async fn published(tx: &mut Tx<'_>, round: &PublicRound, now: Timestamp) -> Result<String, AppError> {
    if round.of.round.published(now).is_none() {
        return Err(AppError::NotFound);
    }
    let ranking = open_data::ranking_document(tx, round.id()).await?.ok_or(AppError::NotFound)?;
    let allocation = open_data::allocation_document(tx, round.id()).await?;
    Ok(DecisionDocument::join(&ranking, allocation.as_deref()))
}

fn file(of: &RoundOf, document: String) -> Response {
    let name = format!("attachment; filename=\"decision-{}-{}.json\"", of.program.slug, of.round.slug);
    ([(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, name)], document).into_response()
}

/// `/programs/{program}/{round}/decision.json`
pub async fn get_public(call: Call, Path((program, round)): Path<(String, String)>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let round = find(tx, &program, &round).await?;
    let document = published(tx, &round, call.now).await?;
    Ok(file(&round.of, document))
}

/// `/decide/{round}/decision.json`: with the live allocation, proposed or approved, where there is one.
pub async fn get_of_staff(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let board = staff_board(tx, &call, id(&round)?).await?;
    let frozen = rankings::of_round(tx, board.of.round.id).await?.ok_or(AppError::NotFound)?;
    let allocation = match board.progress.allocation {
        Some(live) => Some(allocations::find(tx, live.id).await?.ok_or(AppError::NotFound)?.document),
        None => None,
    };
    Ok(file(&board.of, DecisionDocument::join(&frozen.document, allocation.as_deref())))
}
