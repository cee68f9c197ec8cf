//! A reviewer's own scores on one sheet: what is on their desk, and bringing a sheet's changes in, all or none. Each review is saved by the
//! same use case as on its own page: as a draft, to be handed in there.

use super::desk::{declared, write_in};
use super::{SheetInput, rubrics};
use crate::call::Call;
use crate::error::AppError;
use crate::review::work::{Board, Sheet, must_stand};
use domain::access::Action;
use domain::panel::{self, Part, conflicts};
use domain::score_sheet::{Change, Record, Row, Wanted};
use domain::{ReviewId, RoundId};
use std::collections::BTreeMap;
use store::panels::{self, Application, Review, Written};
use store::rankings;
use store::{Tx, events};

/// What stands in the place of a name in a blind review.
const MASKED: &str = "Masked";

/// A reviewer's own reviews of a round: those on the desk or handed in, and neither practice nor any with a conflict. Eight statements.
///
/// # Errors
/// [`AppError::NotFound`] for whoever is not on the round's panel; [`AppError::Forbidden`] before ties are declared; the store's failure.
pub async fn sheet(tx: &mut Tx<'_>, call: &Call, round: RoundId) -> Result<Sheet, AppError> {
    let board = Board::load(tx, round).await?;
    Ok(load(tx, call, board).await?.0)
}

async fn load(tx: &mut Tx<'_>, call: &Call, board: Board) -> Result<(Sheet, Vec<Review>), AppError> {
    call.must(Action::ReviewForPanel, board.subject())?;
    let (person, round) = (call.person()?, board.of.round.id);
    let blind = board.file.review.as_ref().ok_or(AppError::NotFound)?.blind;
    let members = panels::members(tx, round).await?;
    if !members.iter().any(|member| member.person == person.0 && member.ended_at.is_none()) {
        return Err(AppError::NotFound);
    }
    declared(&members, person)?;
    let applications = panels::applications(tx, round).await?;
    let parts: Vec<Part> = panels::parts_of(tx, round, person).await?.into_iter().map(|part| part.part).collect();
    let nces: BTreeMap<_, _> = rankings::entrants(tx, round).await?.into_iter().map(|entrant| (entrant.id, entrant.nces_id)).collect();
    let of = |review: &Review| applications.iter().find(|application| application.id == review.application);
    let mut reviews = panels::desk_of(tx, person).await?;
    reviews.retain(|review| {
        let free = of(review).is_some_and(|application| conflicts(&application.ties, &parts).is_empty());
        review.round == round && !review.practice && review.stage.is_live() && free
    });
    let mut rows = Vec::with_capacity(reviews.len());
    for (review, application) in reviews.iter().filter_map(|review| Some((review, of(review)?))) {
        let mut row = row(&board, review, application);
        if blind {
            MASKED.clone_into(&mut row.applicant);
        } else {
            row.nces_id = nces.get(&application.id.0).cloned().flatten().unwrap_or_default();
        }
        rows.push(row);
    }
    let criteria = rubrics(&board).into_iter().cloned().collect();
    Ok((Sheet { record: Record { criteria, rows }, board }, reviews))
}

fn row(board: &Board, review: &Review, application: &Application) -> Row {
    let written = |one: &Written| panel::Written { points: one.points, reason: one.reason.clone() };
    Row {
        id: review.id.0,
        version: review.version.to_string(),
        number: review.number.clone(),
        applicant: review.applicant_name.clone(),
        nces_id: String::new(),
        state: review.stage.name().to_owned(),
        closed: super::desk::writing_is_over(board, review, application).map(|refusal| refusal.say().1),
        scores: review.written.iter().map(|(key, one)| (key.clone(), written(one))).collect(),
    }
}

/// Brings a sheet's scores in, as drafts: all of them, or none. What is on record already stays as it is, so that a form sent twice is taken
/// once. The event says how many, and nothing of what they are: a draft is nobody's business until it is in.
///
/// # Errors
/// As `must_stand`, [`sheet`] and [`super::save`].
pub async fn apply_sheet(call: &Call, round: RoundId, wanted: &[Wanted]) -> Result<(), AppError> {
    let (own, wanted) = (call.clone(), wanted.to_vec());
    call.write(move |tx| {
        let (call, wanted) = (own.clone(), wanted.clone());
        Box::pin(async move {
            let board = Board::load(tx, round).await?;
            let (found, reviews) = load(tx, &call, board).await?;
            let judged = found.record.judge(&wanted);
            must_stand(&judged)?;
            let mut changed: BTreeMap<ReviewId, Vec<Change>> = BTreeMap::new();
            let count = judged.changes.len();
            for change in judged.changes {
                changed.entry(ReviewId(change.wanted.row)).or_default().push(change);
            }
            for review in &reviews {
                let Some(changes) = changed.get(&review.id) else { continue };
                let mut input = SheetInput { written: review.written.clone(), seen: review.version };
                for Change { wanted, .. } in changes {
                    let written = Written { points: wanted.points, reason: wanted.reason.clone() };
                    input.written.insert(wanted.criterion.clone(), written);
                }
                write_in(tx, &call, review.id, &input).await?;
            }
            if count > 0 {
                let mut event = call.event(found.board.subject(), "round", round.0, "brought draft scores in from a sheet");
                event.facts = serde_json::json!({ "reviews": changed.len(), "scores": count });
                events::add(tx, &event).await?;
            }
            Ok(())
        })
    })
    .await
}
