//! Figures brought up to date while rounds are under way: whose points change by it, told beforehand and kept in the round's history.

use super::Board;
use super::rank::still_in;
use crate::call::Call;
use crate::error::AppError;
use domain::ranking::{Candidate, Shift, shifts};
use domain::round::Phase;
use store::{Tx, events, programs};

/// The rounds that are open or closed and not ranked yet, with the inputs they would be ranked by.
#[derive(Clone, Debug)]
pub struct UnderWay(Vec<(Board, Vec<Candidate>)>);

/// A round in which somebody's points change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refreshed {
    /// The program's and the round's name.
    pub round: String,
    /// Whose points change, by application number.
    pub shifts: Vec<Shift>,
}

impl UnderWay {
    /// What the rounds under way would be ranked by before figures change.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn look(tx: &mut Tx<'_>, call: &Call) -> Result<Self, AppError> {
        let mut rounds = Vec::new();
        for of in programs::list_rounds(tx).await? {
            if of.round.phase(call.now) == Phase::NotOpened {
                continue;
            }
            let board = Board::load(tx, of.round.id).await?;
            if board.progress.ranking.is_none() {
                let candidates = still_in(tx, &board, call.now).await?;
                rounds.push((board, candidates));
            }
        }
        Ok(Self(rounds))
    }

    /// What changed since, in the same transaction; an event in each round's history says so.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn record_shifts(self, tx: &mut Tx<'_>, call: &Call) -> Result<Vec<Refreshed>, AppError> {
        let mut refreshed = Vec::new();
        for (board, before) in self.0 {
            let after = still_in(tx, &board, call.now).await?;
            let shifts = shifts(&board.file.ranking, board.lots(call.now).for_ranking(), &before, &after);
            if shifts.is_empty() {
                continue;
            }
            let mut event = call.event(board.subject(), "round", board.of.round.id.0, "figures brought up to date");
            event.facts = serde_json::json!({ "points_changed": shifts.iter().map(Shift::to_string).collect::<Vec<_>>() });
            events::add(tx, &event).await?;
            refreshed.push(Refreshed { round: format!("{}, {}", board.of.program.name, board.of.round.name), shifts });
        }
        Ok(refreshed)
    }
}
