//! `/review/{round}/ranking`: what the ranking would be now and what is missing for it; once frozen, the list with its line, each place's
//! working, and a replay that computes the same bytes again.

mod in_law;
mod parts;
mod waits;

use super::parts::{alert, crumbs, figures, under_applications};
use super::work::{self, Board, Gathered};
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::review::panel::work::{free_to_read, staff_board};
use crate::ui::changes::by_rules;
use crate::ui::download::document;
use crate::ui::field::ErrorSummary;
use crate::ui::layout::{Head, go, page};
use crate::ui::table::{OnPhone, Table};
use crate::ui::working::{Working, line_sentence, points};
use axum::extract::Path;
use axum::response::Response;
use domain::allocation::{AllocationRule, Claim, lay};
use domain::ranking::RankingDocument;
use domain::why::equal_at_line;
use domain::{Money, RankingId, RoundId};
use leptos::prelude::*;
use parts::{freeze_form, hashes, not_yet};
use std::collections::BTreeMap;
use store::acceptances::{self, Accepted};
use store::rankings::{self, Entrant, Frozen};
use uuid::Uuid;
use waits::waits_for;

/// What the page shows: the ranking as it would be now, or as it is frozen.
#[derive(Debug)]
enum Shown {
    Open(Box<Gathered>),
    Frozen { frozen: Box<Frozen>, document: Box<RankingDocument>, entrants: Vec<Entrant> },
}

/// What stands beside it: who accepted terms, what each applicant got the time before, and how the money is laid out.
struct Beside {
    accepted: Vec<Accepted>,
    last: BTreeMap<Uuid, Money>,
    /// The rule for the money.
    rule: AllocationRule,
}

async fn load(call: &Call, round: RoundId) -> Result<(Board, Shown, Beside), AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let board = staff_board(&mut tx, call, round).await?;
    let shown = match rankings::of_round(&mut tx, round).await? {
        None => Shown::Open(Box::new(work::gather(&mut tx, &board, call.actor.person, call.now).await?)),
        Some(frozen) => {
            let document = serde_json::from_str(&frozen.document).map_err(AppError::internal)?;
            Shown::Frozen { frozen: Box::new(frozen), document: Box::new(document), entrants: rankings::entrants(&mut tx, round).await? }
        }
    };
    let accepted = if board.file.named.is_some() { acceptances::list_of_round(&mut tx, round).await? } else { Vec::new() };
    let last = work::last_awards(&mut tx, &board).await?;
    let rule = board.rule(&mut tx).await?;
    Ok((board, shown, Beside { accepted, last, rule }))
}

/// The page.
///
/// # Errors
/// [`AppError::NotFound`] for another agency's round; the store's failure.
pub async fn get(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    let (board, shown, beside) = load(&call, id(&round)?).await?;
    Ok(show(&call, board, shown, &beside, Attempt::default()))
}

/// Freezes the ranking.
///
/// # Errors
/// As [`work::freeze`]; what is missing is shown on the page again.
pub async fn post_freeze(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let round: RoundId = id(&round)?;
    let ranking = RankingId(fields.hidden("id")?);
    let frozen = if fields.ticked("sure") {
        work::freeze(&call, round, ranking).await
    } else {
        Err(AppError::field("sure", "Tick the box: a frozen ranking does not change."))
    };
    match frozen {
        Ok(()) => Ok(go(format!("/review/{round}/ranking"))),
        Err(AppError::Conflict(text)) => Err(AppError::Conflict(text)),
        Err(error) => {
            let attempt = Attempt::of(fields, error)?;
            let (board, shown, beside) = load(&call, round).await?;
            Ok(show(&call, board, shown, &beside, attempt))
        }
    }
}

/// The frozen document, byte for byte.
///
/// # Errors
/// [`AppError::NotFound`] while nothing is frozen.
pub async fn get_document(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let board = staff_board(&mut tx, &call, id(&round)?).await?;
    let frozen = rankings::of_round(&mut tx, board.of.round.id).await?.ok_or(AppError::NotFound)?;
    Ok(document(&format!("ranking-{}-{}", board.of.program.slug, board.of.round.slug), frozen.document))
}

/// Computes the frozen ranking again and says whether the same bytes came out.
///
/// # Errors
/// [`AppError::NotFound`] while nothing is frozen.
pub async fn get_replay(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let board = staff_board(&mut tx, &call, id(&round)?).await?;
    let frozen = rankings::of_round(&mut tx, board.of.round.id).await?.ok_or(AppError::NotFound)?;
    drop(reader);
    let replayed = work::replay_frozen(&frozen.document)?;
    let again = replayed.again.bytes().map_err(AppError::internal)?;
    let (stored_hash, again_hash) = (domain::canonical::sha256_hex(frozen.document.as_bytes()), domain::canonical::sha256_hex(&again));
    let file_same = replayed.again.file_sha256 == board.of.file_sha256;
    let title = format!("Replay of the ranking, {}", board.of.round.name);
    let above = under_applications(&board);
    let sizes = (frozen.document.len(), again.len());
    Ok(page(&call, Head::new(title.clone()), move || {
        let verdict = if replayed.same {
            alert(
                "success",
                "The same bytes",
                view! { "Computed again from the stored rules, seed and inputs, the ranking comes out the same, byte for byte." },
            )
        } else {
            let items = replayed.differences.into_iter().map(|text| view! { <li>{text}</li> }).collect_view();
            alert("error", "Other bytes", view! { <ul>{items}</ul> })
        };
        let file = if file_same {
            "The rules’ file is the one that the round is locked to."
        } else {
            "The rules’ file is not the one that the round is locked to."
        };
        view! {
            {crumbs(above, "Replay".to_owned())}
            <h1>{title}</h1>
            {verdict}
            <dl class="al-facts">
                <div><dt>"Stored document"</dt><dd>{sizes.0}" bytes, SHA-256 "<span class="al-hash">{stored_hash}</span></dd></div>
                <div><dt>"Computed again"</dt><dd>{sizes.1}" bytes, SHA-256 "<span class="al-hash">{again_hash}</span></dd></div>
                <div><dt>"Program file"</dt><dd>{file}" "<span class="al-hash">{replayed.again.file_sha256}</span></dd></div>
            </dl>
        }
    }))
}

/// One place's working on a page of its own.
///
/// # Errors
/// [`AppError::NotFound`] when the number was not ranked.
pub async fn get_working(call: Call, Path((round, number)): Path<(String, String)>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let board = staff_board(&mut tx, &call, id(&round)?).await?;
    let working = match &board.progress.ranking {
        Some(_) => rankings::working_of_number(&mut tx, board.of.round.id, &number).await?.ok_or(AppError::NotFound)?,
        None => preview_working(&work::gather(&mut tx, &board, call.actor.person, call.now).await?, &board, &number, &call)?,
    };
    free_to_read(&mut tx, &call, &board, working.application).await?;
    drop(reader);
    if board.file.named.is_some() {
        // Nothing was ranked, so there is no working: the application's page says what the law names for it.
        return Ok(go(format!("/review/applications/{}", working.application)));
    }
    let frozen = board.progress.ranking.is_some();
    let mut above = under_applications(&board);
    above.push((format!("/review/{}/ranking", board.of.round.id), "Ranking".to_owned()));
    let title = format!("{} {}", number, working.applicant_name);
    let application = format!("/review/applications/{}", working.application);
    let why = format!("/review/{}/why/{number}", board.of.round.id);
    let rules = by_rules(&board.of);
    Ok(page(&call, Head::new(title), move || {
        let draft = (!frozen).then(|| view! { <p>"The ranking is not frozen: this is how it stands now."</p> });
        view! {
            {crumbs(above, number.clone())}
            <h1>{working.applicant_name}</h1>
            {draft}
            {rules}
            <Working place=working.place.clone() units=working.units.clone() of=working.of line=working.line/>
            <p class="al-source">"Lot: "<span class="al-hash">{working.place.lot.clone()}</span></p>
            {frozen.then(|| view! { <p><a href=why>"Why, beside the pool and the line"</a></p> })}
            <p><a href=application>"The whole application"</a></p>
        }
    }))
}

/// The working of a ranking that is complete but not frozen.
fn preview_working(gathered: &Gathered, board: &Board, number: &str, call: &Call) -> Result<rankings::Working, AppError> {
    let document = gathered.document.as_ref().map_err(|_| AppError::NotFound)?;
    let place = document.result.places.iter().find(|place| place.number == number).ok_or(AppError::NotFound)?;
    let entrant = gathered.entrants.iter().find(|entrant| entrant.number == number).ok_or(AppError::NotFound)?;
    Ok(rankings::Working {
        application: entrant.id.into(),
        applicant: entrant.applicant.into(),
        applicant_name: entrant.name.clone(),
        place: place.clone(),
        units: work::units_of(&board.file),
        of: i64::try_from(document.result.places.len()).unwrap_or(i64::MAX),
        line: None,
        frozen_at: call.now,
    })
}

/// One line of the list as shown.
struct Line {
    place: u32,
    number: String,
    applicant: String,
    county: String,
    units: i64,
    points: String,
    tie: Option<String>,
    funded: i64,
}

/// The list with what the money would do by the rule: place by place, and the line.
struct Listed {
    lines: Vec<Line>,
    line: Option<u32>,
    rest: Money,
    /// The first and the last place of the equal points that the line runs through.
    equal: Option<(u32, u32)>,
    /// Why the money can't be laid out.
    problems: Vec<String>,
}

fn lines(board: &Board, document: &RankingDocument, entrants: &[Entrant], Beside { last, rule, .. }: &Beside) -> Listed {
    let down = rule.walks_once();
    let by_id: BTreeMap<String, &Entrant> = entrants.iter().map(|entrant| (entrant.id.to_string(), entrant)).collect();
    let claims: Vec<Claim> = document
        .result
        .places
        .iter()
        .filter_map(|place| {
            let entrant = by_id.get(&place.candidate)?;
            // Down the list regions decide who receives, not how far the money reaches.
            let region = if down { None } else { work::region_of(&board.file, entrant) };
            Some(work::claim_of(place, entrant, region.unwrap_or_default(), last))
        })
        .collect();
    // Down the list the places suffice; other methods weigh the points.
    let weighed = document.result.places.iter().filter(|_| rule.weighs());
    let points_of = weighed.map(|place| (place.candidate.clone(), place.points.clone())).collect();
    let laid = lay(rule, board.file.award.unit_cost, board.pot(), &claims, &points_of);
    let steps = laid.as_ref().map(|laid| laid.steps.as_slice()).unwrap_or_default();
    let granted: BTreeMap<&str, i64> = steps.iter().map(|step| (step.id.as_str(), step.units_granted)).collect();
    let lines = document
        .result
        .places
        .iter()
        .map(|place| {
            let entrant = by_id.get(&place.candidate);
            Line {
                place: place.place,
                number: place.number.clone(),
                applicant: entrant.map_or_else(String::new, |entrant| entrant.name.clone()),
                county: entrant.and_then(|entrant| entrant.county.clone()).unwrap_or_else(|| "–".to_owned()),
                units: entrant.map_or(0, |entrant| entrant.units),
                points: points(&place.points),
                tie: place.tie.as_ref().map(|tie| {
                    let how = tie.after.as_ref().or(tie.before.as_ref());
                    how.map_or_else(|| "Tie".to_owned(), |separation| format!("Tie, step {}: {}", separation.step, separation.how))
                }),
                funded: granted.get(place.candidate.as_str()).copied().unwrap_or(0),
            }
        })
        .collect();
    match laid {
        // By other methods the money does not end at a line.
        Ok(laid) => {
            let line = laid.line.filter(|_| down);
            let equal = line.and_then(|line| equal_at_line(document.result.places.iter().map(|place| &place.points), line));
            Listed { lines, line, rest: laid.rest, equal, problems: Vec::new() }
        }
        Err(problems) => {
            Listed { lines, line: None, rest: Money::ZERO, equal: None, problems: problems.iter().map(ToString::to_string).collect() }
        }
    }
}

fn table(base: &str, listed: Listed, certain: bool) -> impl IntoView + use<> {
    let Listed { lines, line, rest, equal, problems } = listed;
    let refused = (!problems.is_empty()).then(|| alert("warning", "The money can’t be laid out", view! { {problems.join(" ")} }));
    let mut rows = Vec::with_capacity(lines.len() + 1);
    for one in lines {
        let after = line == Some(one.place);
        rows.push(row(base, &one).into_any());
        if after {
            let words = if certain { "The line" } else { "The line as it would be" };
            let said = line_sentence(format!("{words}: the money reaches place {}; {rest} is left.", one.place), equal);
            rows.push(view! { <tr class="al-line-row"><th scope="row" colspan="7">{said}</th></tr> }.into_any());
        }
    }
    view! {
        {refused}
        <Table caption="The ranked list, first place first" unseen=true on_phone=OnPhone::Lines>
            <thead>
                <tr>
                    <th scope="col" class="num">"Place"</th><th scope="col">"Number"</th><th scope="col">"Applicant"</th>
                    <th scope="col">"County"</th><th scope="col" class="num">"Points"</th>
                    <th scope="col" class="num">"Asked for"</th><th scope="col" class="num">"Within the money"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

fn row(base: &str, line: &Line) -> impl IntoView + use<> {
    let address = format!("{base}/ranking/{}", line.number);
    let tie = line.tie.clone().map(|tie| view! { <span class="al-source">{tie}</span> });
    view! {
        <tr>
            <td class="num al-order" data-label="Place">{line.place}</td>
            <th scope="row"><a href=address aria-label=format!("{}: working", line.number)>{line.number.clone()}</a></th>
            <td class="al-plain" data-label="Applicant"><span>{line.applicant.clone()}{tie}</span></td>
            <td data-label="County">{line.county.clone()}</td>
            <td class="num" data-label="Points">{line.points.clone()}</td>
            <td class="num" data-label="Asked for">{line.units}</td>
            <td class="num" data-label="Within the money">{line.funded}</td>
        </tr>
    }
}

fn show(call: &Call, board: Board, shown: Shown, beside: &Beside, attempt: Attempt) -> Response {
    let accepted = &beside.accepted;
    let what = if board.file.named.is_some() { "Named in law" } else { "Ranking" };
    let title = format!("{what}, {}", board.of.round.name);
    let head = Head::new(title.clone()).after(&attempt);
    let above = under_applications(&board);
    let base = format!("/review/{}", board.of.round.id);
    let program = board.of.program.name.clone();
    let body = match shown {
        shown if board.file.named.is_some() => in_law::body(call, &board, &base, &shown, accepted, &attempt),
        Shown::Open(gathered) => open(call, &board, &base, (*gathered, beside), &attempt),
        Shown::Frozen { frozen, document, entrants } => frozen_view(&board, &base, &frozen, &document, (&entrants, beside)),
    };
    page(call, head, move || {
        view! {
            {crumbs(above, what.to_owned())}
            <ErrorSummary attempt/>
            <h1>{program}": "{title}</h1>
            {body}
        }
    })
}

fn frozen_view(
    board: &Board,
    base: &str,
    frozen: &Frozen,
    document: &RankingDocument,
    (entrants, beside): (&[Entrant], &Beside),
) -> AnyView {
    let zone = board.of.round.zone;
    let approved = board.progress.allocation.filter(|live| live.approved);
    let listed = lines(board, document, entrants, beside);
    let when = domain::Timestamp::new(frozen.frozen_at).say_in(zone);
    let by = frozen.frozen_by_name.clone();
    let hashes = hashes(board, frozen, document);
    let decide = format!("/decide/{}", board.of.round.id);
    let ties = board.file.ranking.plain_ties().into_iter().map(|text| view! { <li>{text}</li> }).collect_view();
    let table = table(base, listed, approved.is_some());
    let bench_at = format!("/bench/{}", board.of.round.id);
    let (document_at, replay_at) = (format!("{base}/ranking.json"), format!("{base}/ranking/replay"));
    view! {
        <p class="al-lede">{format!("Frozen by {by}, {when}. It does not change any more.")}</p>
        <div class="al-actions">
            <a class="usa-button" href=decide.clone()>"Awards"</a>
            <a class="usa-button usa-button--outline" href=replay_at>"Replay"</a>
            <a href=bench_at>"Bench"</a>
            <a href=document_at>"Download the document (JSON)"</a>
            <a href=format!("{decide}/decision.json")>"Download the decision (JSON)"</a>
        </div>
        {table}
        <h2>"How ties are broken"</h2>
        <ol>{ties}</ol>
        {hashes}
    }
    .into_any()
}

fn open(call: &Call, board: &Board, base: &str, (gathered, beside): (Gathered, &Beside), attempt: &Attempt) -> AnyView {
    let numbers = figures(vec![
        (gathered.entrants.len().to_string(), "handed in".to_owned()),
        (gathered.candidates.len().to_string(), "eligible".to_owned()),
        (gathered.ineligible.to_string(), "not eligible".to_owned()),
        (gathered.undecided.len().to_string(), "to decide".to_owned()),
    ]);
    let waits = waits_for(board, base, &gathered);
    let list = match &gathered.document {
        Ok(document) if !document.result.places.is_empty() => {
            let listed = lines(board, document, &gathered.entrants, beside);
            view! {
                <h2>"The list as it would be"</h2>
                <p>{format!("By the rules, with {} to award. {}", board.pot(), board.file.plain_allocation())}</p>
                {table(base, listed, false)}
            }
            .into_any()
        }
        _ => ().into_any(),
    };
    let form = freeze_form(call, board, &gathered, base, "ranking", attempt);
    let wait = not_yet(call, board);
    view! {
        <p class="al-lede">"Every figure that the rules ask for, taken from the record. What is missing is listed and never counted as zero."</p>
        {numbers}
        {wait}
        {waits}
        {list}
        {form}
    }
    .into_any()
}
