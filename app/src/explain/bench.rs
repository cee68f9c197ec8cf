//! `/bench/{round}`: trying other weights, pots, costs and policies on a round. It reads and never writes to the decision; a scenario
//! is kept by name, with who and when on the round's record.

use super::scenarios;
use crate::call::{Call, mint};
use crate::error::AppError;
use crate::form::{Fields, id};
use crate::islands::bench::BenchDesk;
use crate::review::panel::work::staff_pages;
use crate::review::parts::{alert, crumbs};
use crate::review::work::{Board, gather, last_awards, region_of};
use crate::ui::layout::{Head, go, page, waiting};
use axum::extract::{Path, RawQuery};
use axum::response::{IntoResponse, Response};
use domain::access::Action;
use domain::allocation::AllocationRule;
use domain::bench::{Bench, Entrant, Ready, Refused, Region, Setting, Slow};
use domain::ranking::RankingDocument;
use domain::{Money, RoundId};
use http::header::CONTENT_TYPE;
use leptos::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::scenarios::Scenario;
use store::{Tx, rankings};
use tokio::sync::Semaphore;
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
    staff_pages(call, &board)?;
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
            let gathered = gather(tx, &board, call.actor.person, call.now).await?;
            let whole = gathered.is_complete();
            (gathered.document.ok().filter(|_| whole), gathered.entrants)
        }
    };
    let saved = store::scenarios::list(tx, round).await?;
    let last = last_awards(tx, &board).await?;
    let rule = board.rule(tx).await?;
    let bench = document.map(|document| bench_of(&board, rule, document, &entrants, &last));
    Ok(Ground { board, bench, saved })
}

/// The bench of a ranking and of those it ranks, with their awards of the time before. Of the regions, those where somebody applies.
pub(super) fn bench_of(
    board: &Board,
    allocation: AllocationRule,
    document: RankingDocument,
    entrants: &[rankings::Entrant],
    last: &BTreeMap<Uuid, Money>,
) -> Bench {
    let known: BTreeMap<String, &rankings::Entrant> = entrants.iter().map(|entrant| (entrant.id.to_string(), entrant)).collect();
    let keys: Vec<String> = document.rules.inputs().into_iter().map(str::to_owned).collect();
    let served: BTreeMap<&str, String> =
        known.iter().filter_map(|(id, entrant)| Some((id.as_str(), region_of(&board.file, entrant)?))).collect();
    let applied: BTreeSet<&str> = served.values().map(String::as_str).collect();
    let regions: Vec<Region> = board
        .file
        .regions
        .iter()
        .filter(|region| applied.contains(region.key.as_str()))
        .map(|region| Region { key: region.key.clone(), name: region.name.clone() })
        .collect();
    let entrants = document.candidates.iter().filter_map(|candidate| {
        let rankings::Entrant { name, units, applicant, .. } = known.get(&candidate.id)?;
        let values = keys.iter().map(|key| candidate.inputs.get(key).map(|input| input.value.normalize())).collect();
        let region = served.get(candidate.id.as_str()).and_then(|key| regions.iter().position(|region| region.key == *key));
        let (number, name, last) = (candidate.number.clone(), name.clone(), last.get(applicant).copied());
        Some(Entrant { number, name, units: *units, region, last, values })
    });
    Bench {
        entrants: entrants.collect(),
        regions,
        rules: document.rules,
        seed: document.seed,
        allocation,
        unit_cost: board.file.award.unit_cost,
        pot: board.pot(),
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
    let (fields, ground) = asked(&call, &round, query.as_deref()).await?;
    show(&call, ground, fields, None).await
}

/// The setting's fields of an address, and what the bench stands on.
async fn asked(call: &Call, round: &str, query: Option<&str>) -> Result<(Fields, Ground), AppError> {
    let fields = Fields::of_query(query.unwrap_or_default())?;
    let mut reader = call.reader().await?;
    let ground = load(&mut reader.tx(), call, id(round)?, Action::ReadBench).await?;
    Ok((fields, ground))
}

/// `/bench/{round}/slow`: what takes long of a setting, as JSON for the island; `null` where the setting can't be read or done.
///
/// # Errors
/// As [`get`]; [`AppError::Conflict`] where the bench stands on nothing yet.
pub async fn get_slow(call: Call, Path(round): Path<String>, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let (fields, ground) = asked(&call, &round, query.as_deref()).await?;
    let bench = ground.bench.ok_or_else(|| AppError::Conflict("The bench needs every figure and every score.".to_owned()))?;
    let read = setting(&bench, &fields);
    let slow = in_turn(Arc::new(Ready::new(bench)), read).await?;
    let body = serde_json::to_string(&slow.ok().flatten()).map_err(AppError::internal)?;
    Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
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
            show(&call, ground, fields, Some(name)).await
        }
        Err(error) => Err(error),
    }
}

/// `refused` is there when a scenario was: with what is wrong with its name, if that is what it is.
async fn show(call: &Call, ground: Ground, fields: Fields, refused: Option<Option<String>>) -> Result<Response, AppError> {
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
    let Some(bench) = ground.bench else {
        return Ok(page(call, Head::new(title.clone()), move || {
            view! {
                {crumbs(above, "Bench".to_owned())}
                <h1>{format!("{program}: {title}")}</h1>
                {alert("info", "Not yet", view! {
                    "The bench needs every figure and every score that the rules ask for. "<a href=format!("/review/{round}/ranking")>"What is missing"</a>
                })}
            }
        }));
    };
    let ready = Arc::new(Ready::new(bench.clone()));
    let read = setting(&bench, &fields);
    let tried = in_turn(Arc::clone(&ready), read).await?;
    if tried.is_err() || refused.is_some() {
        head.status = http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    let (slow, problems) = match tried {
        Ok(slow) => (slow, None),
        Err(problems) => (None, Some(problems)),
    };
    let save = if may_save { format!("/bench/{round}/scenarios/{}", mint::<Uuid>(call.now)) } else { String::new() };
    let kept = scenarios::table(round, &ready, &ground.saved, board.of.round.zone);
    Ok(page(call, head, move || {
        let wrong = problems.map(|problems| {
            let items = problems
                .into_iter()
                .map(|problem| view! { <li><a href=format!("#{}", problem.field)>{problem.problem}</a></li> })
                .collect_view();
            view! { <div class="al-error-summary" role="alert" tabindex="-1"><h2>"There is a problem"</h2><ul>{items}</ul></div> }
        });
        view! {
            {crumbs(above, "Bench".to_owned())}
            {wrong}
            <h1>{format!("{program}: {title}")}</h1>
            <p class="al-lede">"What other weights, another pot, another cost, other floors and caps or another method would do. It is computed by the code that decides, and decides nothing."</p>
            <BenchDesk bench=bench typed=fields.0 slow=slow address=format!("/bench/{round}") save=save name_problem=refused.flatten()/>
            {kept}
            {waiting("Fetching the code that ranks, 0.4 MB, once; what you move counts as soon as it is here…")}
        }
    }))
}

/// What takes long of a setting. Where many apply it is seconds on all processors: not on a thread that others wait for, and one at a time;
/// whoever moves on while waiting is not computed for.
async fn in_turn(ready: Arc<Ready>, read: Result<Setting, Vec<Refused>>) -> Result<Result<Option<Slow>, Vec<Refused>>, AppError> {
    static TURN: Semaphore = Semaphore::const_new(1);
    let turn = TURN.acquire().await.map_err(AppError::internal)?;
    let tried = tokio::task::spawn_blocking(move || {
        let tried = read.and_then(|setting| try_out(&ready, &setting));
        drop(turn);
        tried
    });
    tried.await.map_err(AppError::internal)
}

/// What takes long of a setting. What can't be done, as floors beyond the pot, is told beside the way the money is laid out.
fn try_out(ready: &Ready, setting: &Setting) -> Result<Option<Slow>, Vec<Refused>> {
    let undone = |sentence: String| Refused { field: "method".to_owned(), problem: sentence };
    let tried = ready.run(setting).map_err(|sentences| sentences.into_iter().map(undone).collect::<Vec<_>>())?;
    Ok(ready.slow(setting, &tried).ok())
}
