//! Parts of the ranking's page that a list in the order of the law has as well: what is frozen, the form that freezes, and why not yet.

use crate::call::{Call, mint};
use crate::form::Attempt;
use crate::review::parts::alert;
use crate::review::work::{Board, Gathered};
use crate::ui::changes::by_rules;
use domain::access::Action;
use domain::ranking::RankingDocument;
use leptos::prelude::*;
use store::rankings::Frozen;
use uuid::Uuid;

/// SHA-256 of each part of the frozen document.
pub(super) fn hashes(board: &Board, frozen: &Frozen, document: &RankingDocument) -> impl IntoView + use<> {
    let hashes = [
        ("Program file", document.file_sha256.clone()),
        ("Rules", frozen.rules_sha256.clone()),
        ("Inputs", frozen.inputs_sha256.clone()),
        ("Result", frozen.result_sha256.clone()),
    ]
    .map(|(what, hash)| view! { <div><dt>{what}</dt><dd class="al-hash">{hash}</dd></div> })
    .collect_view();
    view! {
        <h2>"What it rests on"</h2>
        {by_rules(&board.of)}
        <p>"SHA-256 of each part. Anybody with the document can compute them again."</p>
        <dl class="al-facts">{hashes}</dl>
    }
}

/// The form that freezes, for whoever may, once nothing stands against it: `what` is the list's name.
pub(super) fn freeze_form(
    call: &Call,
    board: &Board,
    gathered: &Gathered,
    base: &str,
    what: &'static str,
    attempt: &Attempt,
) -> Option<impl IntoView + use<>> {
    let closed = call.now > board.of.round.closes_at;
    let complete = gathered.is_complete() && !board.progress.amending;
    if !(closed && complete && call.actor.may(Action::RankRound, board.subject())) {
        return None;
    }
    let new: Uuid = mint(call.now);
    let action = format!("{base}/ranking/freeze");
    let heading = format!("Freeze the {what}");
    Some(view! {
        <form method="post" action=action class="al-card">
            <h2>{heading.clone()}</h2>
            <p>"Freezing writes the rules, every input and the result into one document with its hashes. Decisions and scores can’t change afterwards."</p>
            <input type="hidden" name="id" value=new.to_string()/>
            <crate::ui::field::Tick name="sure" label="I have looked through the list, and freeze it." attempt=attempt.clone()/>
            <button class="usa-button" type="submit">{heading}</button>
        </form>
    })
}

/// That the round is still open.
pub(super) fn not_yet(call: &Call, board: &Board) -> Option<AnyView> {
    let round = &board.of.round;
    (call.now <= round.closes_at).then(|| {
        let text = format!("The round is open until {}. Decide, score and rank after it closes.", round.deadline());
        alert("info", "Not yet", view! { {text} })
    })
}
