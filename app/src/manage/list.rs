//! The agency's programs from the inside: every round, opened or not, and where it stands.

use crate::call::Call;
use crate::error::AppError;
use crate::ui::layout::{Head, page};
use crate::ui::table::Table;
use axum::extract::Path;
use axum::response::Response;
use domain::access::{Action, Subject};
use domain::round::{Phase, Round};
use domain::time::say_date;
use domain::{OrganizationId, Timestamp};
use leptos::prelude::*;
use store::amendments::{self, Amendment};
use store::programs::{self, Appropriated, Program, RoundOf};

/// Whose programs they are.
pub fn of(agency: OrganizationId) -> Subject {
    Subject { agency: Some(agency), owner: None }
}

/// A round's phase as its agency sees it.
pub fn phase_tag(round: &Round, now: Timestamp) -> impl IntoView + use<> {
    let (class, words) = match (round.opened.is_some(), round.phase(now)) {
        (false, _) => ("al-tag al-tag--warn", "Imported, not opened"),
        (true, Phase::NotOpened) => ("al-tag al-tag--info", "Opened, first day to come"),
        (true, Phase::Open) => ("al-tag al-tag--good", "Open"),
        (true, Phase::Closed) if round.published(now).is_some() => ("al-tag al-tag--plain", "Results published"),
        (true, Phase::Closed) => ("al-tag al-tag--info", "Closed"),
    };
    view! { <span class=class>{words}</span> }
}

/// `/manage`
pub async fn show(call: Call) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let mut programs = programs::list_programs(&mut tx).await?;
    let rounds = programs::list_rounds(&mut tx).await?;
    let waiting = amendments::waiting(&mut tx).await?;
    drop(reader);
    programs.retain(|program| call.must(Action::ReadPrograms, of(program.agency)).is_ok());
    let (now, runs) = (call.now, call.actor.must_somewhere(Action::RunPrograms).is_ok());
    Ok(page(&call, Head::new("Set-up"), move || {
        let import =
            runs.then(|| view! { <p class="al-actions"><a class="usa-button" href="/manage/import">"Import a program file"</a></p> });
        let list = if programs.is_empty() {
            view! { <p class="al-empty">"No program yet. Import a program file to make the first."</p> }.into_any()
        } else {
            programs.iter().map(|program| of_program(program, &rounds, now)).collect_view().into_any()
        };
        view! {
            <h1>"Programs and rounds"</h1>
            <p class="al-lede">"A program file says everything a round is. Import it, look at what it makes, then open the round: from then on its rules are locked, and change only by an amendment that somebody else approves."</p>
            {import}
            {waiting_list(&waiting, &rounds, &programs)}
            {list}
        }
    }))
}

/// The amendments that wait for approval, in the programs that one may read.
fn waiting_list(waiting: &[Amendment], rounds: &[RoundOf], programs: &[Program]) -> Option<impl IntoView + use<>> {
    let own = |amendment: &&Amendment| {
        let of = rounds.iter().find(|of| of.round.id == amendment.round)?;
        programs.iter().any(|program| program.id == of.program.id).then_some(of)
    };
    let items: Vec<_> = waiting
        .iter()
        .filter_map(|amendment| {
            let of = own(&amendment)?;
            let words = format!("{}, {}", of.program.name, of.round.name);
            let when = format!(", proposed by {}, {}", amendment.proposed_by_name, amendment.proposed_at.say_in(of.round.zone));
            Some(view! { <li><a href=format!("/manage/amendments/{}", amendment.id)>{words}</a>{when}</li> })
        })
        .collect();
    (!items.is_empty()).then(|| view! { <section><h2>"Amendments that wait for approval"</h2><ul>{items}</ul></section> })
}

fn of_program(program: &Program, rounds: &[RoundOf], now: Timestamp) -> impl IntoView + use<> {
    let rounds: Vec<&RoundOf> = rounds.iter().filter(|of| of.program.id == program.id).collect();
    view! {
        <section>
            <h2><a href=format!("/manage/{}", program.slug)>{program.name.clone()}</a></h2>
            {rounds_table(&rounds, now)}
        </section>
    }
}

fn rounds_table(rounds: &[&RoundOf], now: Timestamp) -> impl IntoView + use<> {
    let rows = rounds
        .iter()
        .map(|of| {
            view! {
                <tr>
                    <th scope="row" data-label="Round"><a href=format!("/manage/rounds/{}", of.round.id)>{of.round.name.clone()}</a></th>
                    <td data-label="Where it stands">{phase_tag(&of.round, now)}</td>
                    <td data-label="Closes">{of.round.deadline()}</td>
                    <td class="num" data-label="Amount">{of.amount.to_string()}</td>
                    <td class="num" data-label="File">{format!("version {}", of.file_version)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Rounds, the latest deadline first">
            <thead>
                <tr>
                    <th scope="col">"Round"</th><th scope="col">"Where it stands"</th><th scope="col">"Closes"</th>
                    <th scope="col" class="num">"Amount"</th><th scope="col" class="num">"File"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

/// `/manage/{program}`
pub async fn program(call: Call, Path(slug): Path<String>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let program = programs::find_program(&mut tx, &slug).await?.ok_or(AppError::NotFound)?;
    call.must(Action::ReadPrograms, of(program.agency))?;
    let rounds = programs::rounds_of(&mut tx, program.id).await?;
    let money = programs::appropriations_of(&mut tx, program.id).await?;
    drop(reader);
    let (now, runs) = (call.now, call.must(Action::RunPrograms, of(program.agency)).is_ok());
    Ok(page(&call, Head::new(program.name.clone()), move || {
        let rounds: Vec<&RoundOf> = rounds.iter().collect();
        view! {
            <p><a href="/manage">"Programs and rounds"</a></p>
            <h1>{program.name.clone()}</h1>
            <p class="al-lede">{program.summary.clone()}</p>
            <p class="al-actions">
                {runs.then(|| view! { <a class="usa-button" href="/manage/import">"Import a program file"</a> })}
                <a class="usa-button usa-button--outline" href=format!("/programs/{}", program.slug)>"The public page"</a>
            </p>
            <h2>"Rounds"</h2>
            {rounds_table(&rounds, now)}
            <h2>"Appropriations"</h2>
            {money.iter().map(appropriation).collect_view()}
        }
    }))
}

fn appropriation(money: &Appropriated) -> impl IntoView + use<> {
    let days = format!("{} to {}", say_date(money.begins_on), say_date(money.lapses_on));
    view! {
        <dl class="al-facts">
            <div><dt>"Bill and section"</dt><dd>{money.bill.clone()}", "{money.section.clone()}</dd></div>
            <div><dt>"Amount"</dt><dd>{money.amount.to_string()}</dd></div>
            <div><dt>"Fund and fiscal year"</dt><dd>{money.fund_source.clone()}", "{money.fiscal_year}</dd></div>
            <div><dt>"To be spent"</dt><dd>{days}</dd></div>
        </dl>
        <p class="al-source">{format!("Source: {}", money.citation)}</p>
    }
}
