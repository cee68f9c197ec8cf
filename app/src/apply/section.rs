//! One section of the form on one page. Whatever is typed is saved, right or wrong; only a page that somebody else saved meanwhile, or one
//! sent after the close, is shown again with what was typed and nothing overwritten.

use super::{crumbs, id, is_open, work};
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields};
use crate::islands::Autosave;
use crate::ui::field::{ErrorSummary, Radios, Select, TextArea, TextField};
use crate::ui::layout::{Head, go, page};
use crate::ui::table::Table;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use domain::access::{Action, OrganizationKind};
use domain::answers::{self, Kind, Question, Section, SectionAnswers};
use domain::facts::fact;
use domain::program::AwardTerms;
use domain::{ApplicationId, Zone};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use leptos::prelude::*;
use store::applications::{self, Found, SavedSection};
use store::facts::Fact;
use store::{facts, organizations, programs};

/// What the page shows.
struct Shown {
    found: Found,
    section: &'static Section,
    saved: Option<SavedSection>,
    facts: Vec<Fact>,
    colleges: Vec<String>,
    award: AwardTerms,
}

async fn load(call: &Call, application: &str, section: &str) -> Result<Shown, AppError> {
    let section = answers::section(section).ok_or(AppError::NotFound)?;
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let found = work::opened(tx, call, id(application)?, Action::EditApplication).await?;
    let file = programs::file_of(tx, &found.of).await?;
    let saved = applications::section(tx, found.application.id, section.key).await?;
    let facts = if section.key == "district" {
        facts::of_organization(tx, found.application.applicant, found.of.round.id).await?
    } else {
        Vec::new()
    };
    let colleges = if section.questions.iter().any(|question| question.kind == Kind::College) {
        organizations::list_of_kind(tx, OrganizationKind::College).await?.into_iter().map(|college| college.name).collect()
    } else {
        Vec::new()
    };
    Ok(Shown { found, section, saved, facts, colleges, award: file.award.clone() })
}

/// `/apply/{application}/sections/{section}`.
pub async fn get_section(call: Call, Path((application, section)): Path<(String, String)>) -> Result<Response, AppError> {
    let shown = load(&call, &application, &section).await?;
    if !is_open(&shown.found, call.now) {
        return Ok(go(format!("/apply/{}/check", shown.found.application.id)));
    }
    let attempt = fill(&shown);
    Ok(show(&call, shown, attempt, StatusCode::OK, false))
}

fn fill(shown: &Shown) -> Attempt {
    let mut fields = Vec::new();
    for question in shown.section.questions {
        let answer = shown.saved.as_ref().and_then(|saved| saved.answers.get(question.key)).cloned().unwrap_or_default();
        // Shown as people write it; the words of a choice are on its buttons.
        let text = if matches!(question.kind, Kind::Month | Kind::Whole(_)) { question.say(&answer) } else { answer };
        fields.push((question.key, text));
    }
    Attempt::fresh(fields)
}

/// Saves; goes on, or back to the list, or tells the browser's own saving how it went.
pub async fn post_section(
    call: Call,
    Path((application, section)): Path<(String, String)>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, AppError> {
    let key: ApplicationId = id(&application)?;
    let section = answers::section(&section).ok_or(AppError::NotFound)?;
    let seen: i64 = fields.hidden("version")?;
    let typed: SectionAnswers =
        section.questions.iter().map(|question| (question.key.to_owned(), fields.text(question.key).to_owned())).collect();
    let saved = work::save_section(&call, key, section.key, &typed, seen).await;
    if headers.get(ACCEPT).is_some_and(|accept| accept == "application/json") {
        return tell(saved);
    }
    match saved {
        Ok(saved) if saved.problems.is_empty() || fields.text("then") == "later" => {
            let next = section.next().map_or_else(|| "letters".to_owned(), |next| format!("sections/{}", next.key));
            Ok(go(if fields.text("then") == "later" { format!("/apply/{key}") } else { format!("/apply/{key}/{next}") }))
        }
        Ok(saved) => {
            let shown = load(&call, &application, section.key).await?;
            let attempt = Attempt { fields, problems: saved.problems };
            Ok(show(&call, shown, attempt, StatusCode::UNPROCESSABLE_ENTITY, false))
        }
        Err(AppError::Conflict(text)) => {
            let shown = load(&call, &application, section.key).await?;
            let stale = is_open(&shown.found, call.now);
            let text = if stale {
                "Somebody else saved this page while you had it open. Your text is below and not saved yet.".to_owned()
            } else {
                text
            };
            let attempt = Attempt::of(fields, AppError::Conflict(text))?;
            Ok(show(&call, shown, attempt, StatusCode::CONFLICT, stale))
        }
        Err(other) => Err(other),
    }
}

/// The answer to the browser's own saving.
fn tell(saved: Result<work::Saved, AppError>) -> Result<Response, AppError> {
    let (status, body) = match saved {
        Ok(saved) => (StatusCode::OK, serde_json::json!({ "saved_at": saved.at, "version": saved.version })),
        Err(AppError::Conflict(text)) => (StatusCode::CONFLICT, serde_json::json!({ "problem": text })),
        Err(other) => return Err(other),
    };
    Ok((status, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response())
}

fn show(call: &Call, shown: Shown, attempt: Attempt, status: StatusCode, stale: bool) -> Response {
    let mut head = Head::new(format!("{}: {}", shown.section.title, shown.found.applicant_name)).after(&attempt).with_islands();
    head.status = status;
    let open = is_open(&shown.found, call.now);
    page(call, head, move || {
        let Shown { found, section, saved, facts, colleges, award } = shown;
        let zone = found.of.round.zone;
        let version = saved.as_ref().map_or(0, |saved| saved.version);
        let said = saved.as_ref().map_or_else(
            || "Not saved yet.".to_owned(),
            |saved| format!("Last saved {} by {}.", saved.saved_at.say_in(zone), saved.saved_by_name),
        );
        let theirs = saved.as_ref().filter(|_| stale).map(|saved| difference(section, saved, &attempt, zone));
        let kept = (status == StatusCode::UNPROCESSABLE_ENTITY)
            .then(|| view! { <p class="al-source">"What you typed is saved. You can mend it now, or later from the list."</p> });
        let copy =
            (!open).then(|| view! { <p><strong>"This was not saved. You can still copy what you typed from this page."</strong></p> });
        let questions = section.questions.iter().map(|question| ask(question, &attempt, &colleges, &award)).collect_view();
        let number = answers::SECTIONS.iter().position(|other| other.key == section.key).map_or(0, |index| index + 1);
        let buttons = open.then(|| {
            view! {
                <Autosave said=said/>
                <div class="al-actions">
                    <button class="usa-button" type="submit" name="then" value="next">"Save and continue"</button>
                    <button class="usa-button usa-button--outline" type="submit" name="then" value="later">"Save and come back later"</button>
                </div>
            }
        });
        view! {
            {crumbs(&found)}
            <div class="al-narrow">
                <ErrorSummary attempt=attempt.clone()/>
                {kept}
                {copy}
                {theirs}
                <p class="al-source">"Section " {number} " of " {answers::SECTIONS.len()}</p>
                <h1>{section.title}</h1>
                <p class="al-lede">{section.lede}</p>
                {(section.key == "district").then(|| {
                    view! {
                        {facts_table(facts)}
                        <p><a href=format!("/apply/{}/figures", found.application.id)>"Is one of these figures wrong?"</a></p>
                    }
                })}
                <form method="post" action=format!("/apply/{}/sections/{}", found.application.id, section.key) data-autosave="" novalidate="">
                    <input type="hidden" name="version" value=version.to_string() autocomplete="off"/>
                    {questions}
                    {buttons}
                </form>
                <p><a href=format!("/apply/{}", found.application.id)>"Back to the list without saving"</a></p>
            </div>
        }
    })
}

/// What the other person's page says where it differs.
fn difference(section: &'static Section, saved: &SavedSection, attempt: &Attempt, zone: Zone) -> impl IntoView + use<> {
    let rows = section
        .questions
        .iter()
        .filter_map(|question| {
            let theirs = saved.answers.get(question.key).cloned().unwrap_or_default();
            (theirs != attempt.fields.text(question.key)).then(|| {
                let said = if theirs.is_empty() { "(empty)".to_owned() } else { question.say(&theirs) };
                view! { <div><dt>{question.label}</dt><dd>{said}</dd></div> }
            })
        })
        .collect_view();
    view! {
        <section class="usa-alert usa-alert--warning" aria-label="What is saved now">
            <div class="usa-alert__body">
                <h2 class="usa-alert__heading">"Saved by " {saved.saved_by_name.clone()} ", " {saved.saved_at.say_in(zone)}</h2>
                <p class="usa-alert__text">"Where it differs from yours, the saved page says the following. Take over what you want to keep, then save: your page then replaces it."</p>
                <dl class="al-check-answers">{rows}</dl>
            </div>
        </section>
    }
}

fn facts_table(facts: Vec<Fact>) -> impl IntoView {
    if facts.is_empty() {
        return view! { <p class="al-empty">"No public facts about your organization are on record yet. The agency adds them before it ranks."</p> }.into_any();
    }
    let rows = facts
        .into_iter()
        .map(|one| {
            let known = fact(&one.key);
            let name = known.map_or_else(|| one.key.clone(), |known| known.name.to_owned());
            let number = one.value.normalize().to_string();
            let figure = match known.map(|known| known.unit) {
                Some("%") => format!("{number}%"),
                Some("students") => format!("{} students", number.parse().map_or(number.clone(), answers::with_commas)),
                Some(unit) => format!("{number} {unit}"),
                None => number,
            };
            let year = one.year.map(|year| format!(", {year}")).unwrap_or_default();
            let synthetic = one.synthetic.then(|| view! { " " <span class="al-synthetic">"synthetic"</span> });
            view! {
                <tr>
                    <th scope="row">{name}</th>
                    <td class="num" data-label="Figure">{figure}</td>
                    <td data-label="Where it comes from"><span class="al-source">{one.source} ", " {one.place} {year} {synthetic}</span></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Public facts about your district">
            <thead><tr><th scope="col">"Fact"</th><th scope="col" class="num">"Figure"</th><th scope="col">"Where it comes from"</th></tr></thead>
            <tbody>{rows}</tbody>
        </Table>
    }
    .into_any()
}

fn ask(question: &Question, attempt: &Attempt, colleges: &[String], award: &AwardTerms) -> AnyView {
    let (name, label, attempt) = (question.key, question.label, attempt.clone());
    let hint = match question.kind {
        Kind::Units => {
            format!("A whole number from 1 to {}. Each {} is awarded at {}.", award.max_units, award.unit, award.unit_cost)
        }
        _ => question.hint.to_owned(),
    };
    match question.kind {
        Kind::Line(_) => view! { <TextField name label attempt hint/> }.into_any(),
        Kind::Phone => view! { <TextField name label attempt hint kind="tel" autocomplete="tel"/> }.into_any(),
        Kind::Whole(_) | Kind::Units => view! { <TextField name label attempt hint mode="numeric" short=true/> }.into_any(),
        Kind::Month => view! { <TextField name label attempt hint short=true/> }.into_any(),
        Kind::Text(most) => {
            let rows = if most > 2_000 { 10 } else { 4 };
            view! { <TextArea name label attempt hint rows/> }.into_any()
        }
        Kind::Choice(choices) => {
            let options = choices.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned(), String::new())).collect();
            view! { <Radios name legend=label attempt hint options/> }.into_any()
        }
        Kind::College if colleges.is_empty() => view! { <TextField name label attempt hint/> }.into_any(),
        Kind::College => {
            let blank = (String::new(), "Choose a college".to_owned());
            let options = std::iter::once(blank).chain(colleges.iter().map(|college| (college.clone(), college.clone()))).collect();
            view! { <Select name label attempt hint options/> }.into_any()
        }
    }
}
