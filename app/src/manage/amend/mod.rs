//! Amending the rules of an opened round: propose, look, approve or return. The public reads what came of it in [`crate::open`].

mod effects;
pub(super) mod form;
pub(super) mod page;
pub mod work;

use crate::review::work::Board;

/// The way to what stands under a round's set-up.
fn under_round(board: &Board) -> Vec<(String, String)> {
    let of = &board.of;
    vec![
        ("/manage".to_owned(), "Programs and rounds".to_owned()),
        (format!("/manage/rounds/{}", of.round.id), format!("{}, {}", of.program.name, of.round.name)),
    ]
}
