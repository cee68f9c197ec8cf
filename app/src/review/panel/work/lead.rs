//! Leading a panel: asking a reviewer for another look.

use super::super::super::work::Board;
use super::{Panel, may_lead, may_see_scores};
use crate::call::Call;
use crate::error::AppError;
use domain::access::Action;
use domain::{ApplicationId, ReviewId};
use store::panels::{self, Application};
use store::{Tx, events, messages};

/// What an act of whoever leads the panel begins with.
pub(super) async fn begin(tx: &mut Tx<'_>, call: &Call, application: ApplicationId) -> Result<(Board, Panel, Application), AppError> {
    let found = store::reviews::find(tx, application).await?.ok_or(AppError::NotFound)?;
    call.must(Action::ChairPanel, found.subject())?;
    let board = Board::load(tx, found.round).await?;
    let panel = Panel::need(tx, call, &board).await?;
    may_lead(call, &board, &panel, false)?;
    let application = panel.application(application).cloned().ok_or(AppError::NotFound)?;
    if let Some(conflict) = panel.conflicts(call.person()?, &application).first() {
        return Err(super::gate::refused(&conflict.say()));
    }
    may_see_scores(call, &panel, Some(&application))?;
    Ok((board, panel, application))
}

/// Asks a reviewer for another look, with a reason. What was handed in is kept; until it is handed in again it does not count.
///
/// # Errors
/// [`AppError::Invalid`] without a reason; [`AppError::Conflict`] for a review that is not handed in, after the ranking is frozen, or changed
/// meanwhile; [`AppError::Forbidden`] for whoever does not lead the panel or has a conflict.
pub async fn ask_again(call: &Call, application: ApplicationId, review: ReviewId, why: &str, seen: i64) -> Result<(), AppError> {
    let (own, why) = (call.clone(), why.trim().to_owned());
    if why.is_empty() || why.chars().count() > 2_000 {
        return Err(AppError::field("why", "Say what to look at again; the reviewer will read it."));
    }
    call.write(move |tx| {
        let (call, why) = (own.clone(), why.clone());
        Box::pin(async move {
            let (board, panel, application) = begin(tx, &call, application).await?;
            if board.progress.ranking.is_some() {
                return Err(AppError::Conflict("The ranking is frozen, so scores can no longer change.".to_owned()));
            }
            let found = panel.reviews.iter().find(|found| found.id == review && found.application == application.id);
            let found = found.ok_or(AppError::NotFound)?;
            let asked = domain::panel::Review { stage: found.stage }.ask_again().map_err(|refusal| AppError::Conflict(refusal.to_string()))?;
            panels::record_stage(tx, review, asked.stage, &why, None, seen).await?;
            let mut event = call.event(board.subject(), "application", application.id.0, "asked for another look");
            event.from = Some(found.stage.as_str().to_owned());
            event.to = Some(asked.stage.as_str().to_owned());
            event.why = Some(why.clone());
            event.facts = serde_json::json!({ "number": found.number, "review": review, "name": found.person_name });
            events::add(tx, &event).await?;
            let base = &call.desk.house.base_url;
            let text = format!(
                "Hello {},\n\nthe panel’s chair asks you to look at your review of {} again:\n\n{why}\n\nYour scores and reasons are there as you handed them in. Change them or leave them, and hand them in again:\n{base}/review/desk/{review}\n",
                found.person_name, found.number
            );
            let mail = call.message(&found.person_email, format!("Another look: {}", found.number), text, "application", application.id.0);
            Ok(messages::add(tx, &mail).await?)
        })
    })
    .await
}
