//! `/bench/{round}`: trying other weights, pots, costs and policies on a round. It reads and never writes to the decision; a scenario
//! is kept by name, with who and when on the round's record.

use super::scenarios;
use crate::call::{Call, mint};
use crate::error::AppError;
use crate::form::{Fields, id};
use crate::islands::bench::BenchDesk;
use crate::review::parts::{alert, crumbs};
use crate::review::work::{Board, gather};
use crate::ui::layout::{Head, go, page};
use axum::extract::{Path, RawQuery};
use axum::response::Response;
use domain::RoundId;
use domain::access::Action;
use domain::bench::{Bench, Entrant, Ready, Refused, Setting};
use domain::ranking::RankingDocument;
use leptos::prelude::*;
use std::collections::BTreeMap;
use store::scenarios::Scenario;
use store::{Tx, rankings};
use uuid::Uuid;

/// What the bench stands on, or why there is none yet.
pub(super) struct Ground {
    /// The round.
    pub board: Board,
    /// The bench; none while figures or scores are missing.
    pub bench: Option<Bench>,
    /// What was saved, the first first.
    pub saved: Vec<Scenario>,
}

/// Loads a round's bench for whoever may see it: of the frozen ranking, or of the ranking as it would be now.
pub(super) async fn load(tx: &mut Tx<'_>, call: &Call, round: RoundId, action: Action) -> Result<Ground, AppError> {
    let board = Board::load(tx, round).await?;
    call.must(action, board.subject())?;
    if board.file.named.is_some() {
        let text = "The law names the recipients and the amounts of this round, so there are no weights or limits to try.";
        return Err(AppError::Conflict(text.to_owned()));
    }
    let (document, entrants) = match rankings::of_round(tx, round).await? {
        Some(frozen) => {
            let document: RankingDocument = serde_json::from_str(&frozen.document).map_err(AppError::internal)?;
            (Some(document), rankings::entrants(tx, round).await?)
        }
        None => {
            let gathered = gather(tx, &board, call.now).await?;
            let whole = gathered.is_complete();
            (gathered.document.ok().filter(|_| whole), gathered.entrants)
        }
    };
    let saved = store::scenarios::list(tx, round).await?;
    let bench = document.map(|document| bench_of(&board, document, &entrants));
    Ok(Ground { board, bench, saved })
}

/// The bench of a ranking and of those it ranks.
pub(super) fn bench_of(board: &Board, document: RankingDocument, entrants: &[rankings::Entrant]) -> Bench {
    let known: BTreeMap<String, &rankings::Entrant> = entrants.iter().map(|entrant| (entrant.id.to_string(), entrant)).collect();
    let keys: Vec<String> = document.rules.inputs().into_iter().map(str::to_owned).collect();
    let entrants = document.candidates.iter().filter_map(|candidate| {
        let rankings::Entrant { name, units, .. } = known.get(&candidate.id)?;
        let values = keys.iter().map(|key| candidate.inputs.get(key).map(|input| input.value.normalize())).collect();
        Some(Entrant { number: candidate.number.clone(), name: name.clone(), units: *units, values })
    });
    Bench {
        entrants: entrants.collect(),
        rules: document.rules,
        seed: document.seed,
        allocation: board.file.allocation.clone(),
        unit_cost: board.file.award.unit_cost,
        // The money that the awards had, once there are awards: the ledger's pot is spent then.
        pot: board.progress.allocation.map_or(board.progress.available, |live| live.pot),
        keys,
    }
}

/// The setting that a form holds.
pub(super) fn setting(bench: &Bench, fields: &Fields) -> Result<Setting, Vec<Refused>> {
    Setting::read(bench, |name| fields.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()))
}

/// The page.
///
/// # Errors
/// [`AppError::NotFound`] for another agency's round; the store's failure.
pub async fn get(call: Call, Path(round): Path<String>, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let fields = Fields::of_query(query.as_deref().unwrap_or_default())?;
    let mut reader = call.reader().await?;
    let ground = load(&mut reader.tx(), &call, id(&round)?, Action::ReadBench).await?;
    drop(reader);
    Ok(show(&call, ground, fields, None))
}

/// Saves what is tried as a scenario, under the id minted with the form.
///
/// # Errors
/// As [`scenarios::save`]; what is refused is shown again with what was typed.
pub async fn post_scenario(call: Call, Path((round, scenario)): Path<(String, String)>, fields: Fields) -> Result<Response, AppError> {
    let (round, scenario): (RoundId, Uuid) = (id(&round)?, id(&scenario)?);
    match scenarios::save(&call, round, scenario, &fields).await {
        Ok(()) => Ok(go(format!("/bench/{round}#scenarios"))),
        Err(AppError::Invalid(problems)) => {
            let mut reader = call.reader().await?;
            let ground = load(&mut reader.tx(), &call, round, Action::SaveScenario).await?;
            drop(reader);
            let name = problems.into_iter().find(|problem| problem.field == "name").map(|problem| problem.text);
            Ok(show(&call, ground, fields, Some(name)))
        }
        Err(error) => Err(error),
    }
}

/// `refused` is there when a scenario was: with what is wrong with its name, if that is what it is.
fn show(call: &Call, ground: Ground, fields: Fields, refused: Option<Option<String>>) -> Response {
    let board = &ground.board;
    let round = board.of.round.id;
    let title = format!("Bench, {}", board.of.round.name);
    let program = board.of.program.name.clone();
    let above = vec![
        ("/review".to_owned(), "Review".to_owned()),
        (format!("/review/{round}/ranking"), format!("Ranking, {}", board.of.round.name)),
    ];
    let may_save = call.actor.may(Action::SaveScenario, board.subject());
    let mut head = Head::new(title.clone()).with_reckoning();
    let other = board.file.allocation.misfit.is_none();
    let Some(bench) = ground.bench else {
        return page(call, Head::new(title.clone()), move || {
            view! {
                {crumbs(above, "Bench".to_owned())}
                <h1>{format!("{program}: {title}")}</h1>
                {alert("info", "Not yet", view! {
                    "The bench needs every figure and every score that the rules ask for. "<a href=format!("/review/{round}/ranking")>"What is missing"</a>
                })}
            }
        });
    };
    let read = setting(&bench, &fields);
    if read.is_err() || refused.is_some() {
        head.status = http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    let problems = read.as_ref().err().cloned().unwrap_or_default();
    let ready = Ready::new(bench.clone());
    let tried = read.ok().and_then(|setting| ready.run(&setting).ok().map(|tried| (setting, tried)));
    let slow = tried.as_ref().and_then(|(setting, tried)| ready.slow(setting, tried).ok());
    let save = if may_save { format!("/bench/{round}/scenarios/{}", mint::<Uuid>(call.now)) } else { String::new() };
    let kept = scenarios::table(round, &ready, &ground.saved, board.of.round.zone);
    page(call, head, move || {
        let items = problems
            .into_iter()
            .map(|problem| view! { <li><a href=format!("#{}", problem.field)>{problem.problem}</a></li> })
            .collect_view();
        let wrong = tried.is_none().then(|| {
            view! { <div class="al-error-summary" role="alert" tabindex="-1"><h2>"There is a problem"</h2><ul>{items}</ul></div> }
        });
        let other = other.then(|| {
            alert(
                "info",
                "Down the list",
                view! { "This round’s money does not go down the list by its file; the bench lays it down the list all the same." },
            )
        });
        view! {
            {crumbs(above, "Bench".to_owned())}
            {wrong}
            <h1>{format!("{program}: {title}")}</h1>
            <p class="al-lede">"What other weights, another pot, another cost or another policy would do. It is computed by the code that decides, and decides nothing."</p>
            {other}
            <BenchDesk bench=bench typed=fields.0 slow=slow address=format!("/bench/{round}") save=save name_problem=refused.flatten()/>
            {kept}
        }
    })
}
