//! Scenarios: saving one, the list of those saved, and up to four side by side. The list is part of the round's record: each scenario has an
//! event with its setting, who and when, and none can be changed or taken back.

use super::bench::{load, setting};
use crate::call::Call;
use crate::error::{AppError, Problem};
use crate::form::{Fields, id};
use crate::review::parts::crumbs;
use crate::ui::layout::{Head, page};
use crate::ui::table::Table;
use axum::extract::{Path, RawQuery};
use axum::response::Response;
use domain::access::Action;
use domain::allocation::Method;
use domain::bench::{Bench, Ready, Setting, Tried, misfit_word, percent};
use domain::{RoundId, Zone};
use leptos::prelude::*;
use store::scenarios::Scenario;
use store::{Tx, events};
use uuid::Uuid;

/// So many stand side by side.
const MOST: usize = 4;
/// A name's most characters.
const NAME_MAX: usize = 80;

/// Saves a scenario; the same id again is the same scenario.
///
/// # Errors
/// [`AppError::Invalid`] without a name or with a setting that can't be tried; [`AppError::Conflict`] while there is no bench.
pub async fn save(call: &Call, round: RoundId, scenario: Uuid, fields: &Fields) -> Result<(), AppError> {
    let (call, fields) = (call.clone(), fields.clone());
    let writer = call.clone();
    writer
        .write(move |tx| {
            let (call, fields) = (call.clone(), fields.clone());
            Box::pin(async move { save_in(tx, &call, round, scenario, &fields).await })
        })
        .await
}

async fn save_in(tx: &mut Tx<'_>, call: &Call, round: RoundId, scenario: Uuid, fields: &Fields) -> Result<(), AppError> {
    let ground = load(tx, call, round, Action::SaveScenario).await?;
    let person = call.person()?;
    if ground.saved.iter().any(|saved| saved.id == scenario) {
        return Ok(());
    }
    let bench = ground.bench.ok_or_else(|| AppError::Conflict("Figures or scores are missing, so nothing can be tried yet.".to_owned()))?;
    let mut problems = Vec::new();
    let name = fields.text("name").to_owned();
    if name.is_empty() {
        problems.push(Problem::new("name", "Give the scenario a name."));
    } else if name.chars().count() > NAME_MAX {
        problems.push(Problem::new("name", format!("The name is longer than {NAME_MAX} characters. Shorten it.")));
    }
    let read = setting(&bench, fields).map_err(|refused| refused.into_iter().map(|one| Problem::new(one.field, one.problem)));
    let setting = match read {
        Ok(setting) if problems.is_empty() => setting,
        Ok(_) => return Err(AppError::Invalid(problems)),
        Err(refused) => return Err(AppError::Invalid(problems.into_iter().chain(refused).collect())),
    };
    let ready = Ready::new(bench);
    let tried = ready.run(&setting).map_err(|problems| AppError::Invalid(problems.into_iter().map(Problem::whole).collect()))?;
    store::scenarios::add(tx, scenario, round, &name, &setting, person, call.now).await?;
    let flips = ready.run(&ready.declared()).map(|declared| tried.flips(&declared).len()).unwrap_or_default();
    let mut event = call.event(ground.board.subject(), "round", round.0, "saved a scenario");
    event.facts = serde_json::json!({
        "scenario": name,
        "tried": changes(&ready.bench, &setting).join("; "),
        "awards_flipped": flips,
        "granted_cents": tried.granted,
        "line": tried.line,
    });
    events::add(tx, &event).await?;
    Ok(())
}

const fn laid_out(method: Method) -> &'static str {
    match method {
        Method::DownTheList => "down the list",
        Method::Shares => "in shares",
        Method::Optimal => "the set with the most points",
        Method::Named => "as the law names",
    }
}

/// What a setting changes, a few words each.
fn changes(bench: &Bench, setting: &Setting) -> Vec<String> {
    let declared = Setting::declared(bench);
    let mut words = Vec::new();
    for (criterion, (now, was)) in bench.rules.criteria.iter().zip(setting.weights.iter().zip(&declared.weights)) {
        if now != was {
            words.push(format!("{}: {}% instead of {}%", criterion.name, percent(*now), percent(*was)));
        }
    }
    let moved = setting.moved_numbers(bench).into_iter();
    words.extend(
        moved.map(|(criterion, number)| format!("{}, {}: {}", criterion.name, number.plain.to_lowercase(), number.value.normalize())),
    );
    if setting.pot != declared.pot {
        words.push(format!("pot {} instead of {}", setting.pot, declared.pot));
    }
    if setting.unit_cost != declared.unit_cost {
        words.push(format!("a unit costs {} instead of {}", setting.unit_cost, declared.unit_cost));
    }
    if setting.misfit != declared.misfit {
        words.push(format!("what does not fit: {} instead of {}", misfit_word(setting.misfit), misfit_word(declared.misfit)));
    }
    if setting.method != declared.method {
        words.push(format!("{} instead of {}", laid_out(setting.method), laid_out(declared.method)));
    }
    words.extend(setting.choices.plain());
    words.extend(setting.changed_bounds(bench).into_iter().map(|(region, word, now)| match now {
        Some(amount) => format!("{word} of {amount} for {}", region.name),
        None => format!("no {word} for {}", region.name),
    }));
    if words.is_empty() { vec!["as declared".to_owned()] } else { words }
}

/// The address of the bench with a setting on it.
fn address(round: RoundId, bench: &Bench, setting: &Setting) -> String {
    let escape = |text: &str| crate::ui::layout::percent(text).replace('/', "%2F");
    let pairs: Vec<String> = setting.fields(bench).iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    format!("/bench/{round}?{}", pairs.join("&"))
}

/// The scenarios saved, as the packet lists them.
pub(super) fn log(bench: &Bench, saved: &[Scenario], zone: Zone) -> AnyView {
    if saved.is_empty() {
        return view! { <p class="al-empty">"None."</p> }.into_any();
    }
    let item = |one: &Scenario| {
        let by = format!("{}, {}", one.saved_by, one.saved_at.say_in(zone));
        view! { <li><p><strong>{one.name.clone()}</strong>": "{changes(bench, &one.setting).join("; ")}</p><p class="al-source">{by}</p></li> }
    };
    let items = saved.iter().map(item).collect_view();
    view! { <ol class="al-history">{items}</ol> }.into_any()
}

/// The scenarios saved, with a form that sets some side by side.
pub(super) fn table(round: RoundId, ready: &Ready, saved: &[Scenario], zone: Zone) -> impl IntoView + use<> {
    let rows = saved
        .iter()
        .map(|one| {
            let field = format!("s-{}", one.id);
            let label = format!("Compare {}", one.name);
            view! {
                <tr>
                    <td data-label="Compare"><input type="checkbox" id=field name="s" value=one.id.to_string() aria-label=label/></td>
                    <th scope="row"><a href=address(round, &ready.bench, &one.setting)>{one.name.clone()}</a></th>
                    <td data-label="What is tried">{changes(&ready.bench, &one.setting).join("; ")}</td>
                    <td data-label="Saved">{format!("{}, {}", one.saved_by, one.saved_at.say_in(zone))}</td>
                </tr>
            }
        })
        .collect_view();
    let body = if saved.is_empty() {
        view! { <p class="al-empty">"None yet."</p> }.into_any()
    } else {
        view! {
            <form method="get" action=format!("/bench/{round}/compare")>
                <Table caption="Scenarios saved, the first first" unseen=true>
                    <thead>
                        <tr><th scope="col">"Compare"</th><th scope="col">"Scenario"</th><th scope="col">"What is tried"</th><th scope="col">"Saved"</th></tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </Table>
                <button class="usa-button usa-button--outline" type="submit">"Set up to four side by side"</button>
            </form>
        }
        .into_any()
    };
    view! {
        <h2 id="scenarios">"Scenarios saved"</h2>
        <p>"They are part of the round’s record: auditors and approvers see them, and they can’t be taken back."</p>
        {body}
    }
}

/// One column of the comparison.
struct Column {
    name: String,
    changes: Vec<String>,
    tried: Tried,
}

/// `/bench/{round}/compare?s=…`: up to four scenarios beside what is declared.
///
/// # Errors
/// [`AppError::NotFound`] for another agency's round, or while there is no bench.
pub async fn get_compare(call: Call, Path(round): Path<String>, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let fields = Fields::of_query(query.as_deref().unwrap_or_default())?;
    let mut reader = call.reader().await?;
    let ground = load(&mut reader.tx(), &call, id(&round)?, Action::ReadBench).await?;
    drop(reader);
    let board = &ground.board;
    let round = board.of.round.id;
    let above = vec![
        (format!("/review/{round}/ranking"), format!("Ranking, {}", board.of.round.name)),
        (format!("/bench/{round}"), "Bench".to_owned()),
    ];
    let title = format!("Scenarios side by side, {}", board.of.round.name);
    let asked: Vec<&str> = fields.0.iter().filter(|(name, _)| name == "s").map(|(_, value)| value.as_str()).collect();
    let chosen: Vec<&Scenario> =
        ground.saved.iter().filter(|one| asked.is_empty() || asked.contains(&one.id.to_string().as_str())).collect();
    let more = chosen.len() > MOST;
    let Some(bench) = ground.bench else {
        return Ok(page(&call, Head::new(title.clone()), move || {
            view! { {crumbs(above, "Side by side".to_owned())} <h1>{title}</h1> <p class="al-empty">"Figures or scores are missing, so nothing can be tried yet."</p> }
        }));
    };
    let ready = Ready::new(bench);
    let run = |name: &str, setting: &Setting| {
        let tried = ready.run(setting).ok()?;
        Some(Column { name: name.to_owned(), changes: changes(&ready.bench, setting), tried })
    };
    let mut columns: Vec<Column> = run("As declared", &ready.declared()).into_iter().collect();
    columns.extend(chosen.iter().take(MOST).filter_map(|one| run(&one.name, &one.setting)));
    Ok(page(&call, Head::new(title.clone()), move || {
        let only = more.then(|| view! { <p>"The first four of those chosen are shown."</p> });
        view! {
            {crumbs(above, "Side by side".to_owned())}
            <h1>{title}</h1>
            {only}
            {comparison(&ready.bench, &columns)}
        }
    }))
}

fn comparison(bench: &Bench, columns: &[Column]) -> AnyView {
    let heads = columns.iter().map(|column| view! { <th scope="col">{column.name.clone()}</th> }).collect_view();
    let row = |head: &'static str, cell: fn(&Column) -> String| {
        let cells = columns.iter().map(|column| view! { <td data-label=column.name.clone()>{cell(column)}</td> }).collect_view();
        view! { <tr><th scope="row">{head}</th>{cells}</tr> }
    };
    let rows = [
        row("What is tried", |column| column.changes.join("; ")),
        row("Lowest place funded", |column| column.tried.line.map_or_else(|| "–".to_owned(), |line| line.to_string())),
        row("Applicants funded", |column| column.tried.units.iter().filter(|units| **units > 0).count().to_string()),
        row("Units", |column| column.tried.units.iter().sum::<i64>().to_string()),
        row("Granted", |column| column.tried.granted.to_string()),
        row("Left", |column| column.tried.rest.to_string()),
    ];
    let first = columns.first().map(|column| column.tried.order.clone()).unwrap_or_default();
    let units = |column: &Column, entrant: usize| column.tried.units.get(entrant).copied().unwrap_or(0);
    let differing: Vec<usize> =
        first.into_iter().filter(|entrant| columns.windows(2).any(|pair| units(&pair[0], *entrant) != units(&pair[1], *entrant))).collect();
    let awards = differing
        .iter()
        .filter_map(|entrant| {
            let one = bench.entrants.get(*entrant)?;
            let cells = columns
                .iter()
                .map(|column| {
                    let place = column.tried.places.get(*entrant).copied().flatten().unwrap_or_default();
                    let words = format!("{} (place {place})", units(column, *entrant));
                    view! { <td data-label=column.name.clone()>{words}</td> }
                })
                .collect_view();
            Some(view! { <tr><th scope="row">{one.number.clone()}" "<span class="al-source">{one.name.clone()}</span></th>{cells}</tr> })
        })
        .collect_view();
    let again = heads.clone();
    let awards = if differing.is_empty() {
        view! { <p>"Every award is the same in all of them."</p> }.into_any()
    } else {
        view! {
            <Table caption="Units awarded, where they are not the same in all" unseen=true>
                <thead><tr><th scope="col">"Applicant"</th>{again}</tr></thead>
                <tbody>{awards}</tbody>
            </Table>
        }
        .into_any()
    };
    view! {
        <Table caption="Scenarios side by side" unseen=true>
            <thead><tr><td></td>{heads}</tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </Table>
        <h2>"Awards that are not the same in all"</h2>
        {awards}
    }
    .into_any()
}
