//! `/review/desk/{review}`: the proposal beside the rubric. Every level is written out, every score has its reason; a draft saves itself and
//! a button does the same. Next, previous and handing in have keys; a reviewer needs no mouse.

use super::super::parts::{alert, crumbs};
use super::scores;
use super::work::{self, SheetInput, Then, rubrics};
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::islands::Autosave;
use crate::review::work::{level_field, reason_field};
use crate::ui::field::ErrorSummary;
use crate::ui::layout::{Head, go, page};
use crate::ui::working::{self, points};
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use domain::ReviewId;
use domain::answers::{Answers, SECTIONS};
use domain::facts::fact;
use domain::panel::{Mask, PanelTerms, Stage, total};
use domain::review::anchors_of;
use domain::ruleset::Criterion;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use leptos::prelude::*;
use std::collections::BTreeMap;
use store::facts::{self, Fact};
use store::panels::{self, Review, Written};
use store::reviews::{self, Application, Letter};

/// Everything on the page, in twelve statements with the session's.
struct Whole {
    then: Then,
    terms: PanelTerms,
    declared: bool,
    application: Application,
    letters: Vec<Letter>,
    facts: Vec<Fact>,
    others: Vec<Review>,
}

async fn load(call: &Call, review: ReviewId) -> Result<Whole, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let then = Then::load(&mut tx, call, review).await?;
    let terms = then.board.file.review.clone().ok_or(AppError::NotFound)?;
    let members = panels::members(&mut tx, then.review.round).await?;
    let declared = members.iter().any(|member| member.person == then.review.person.0 && member.declared_at.is_some());
    let application = reviews::find(&mut tx, then.review.application).await?.ok_or(AppError::NotFound)?;
    let letters = reviews::letters(&mut tx, application.id).await?;
    let facts = facts::of_organization(&mut tx, application.applicant, application.round).await?;
    let own_in = then.review.stage == Stage::HandedIn;
    let mut others = if terms.shows_others(own_in, call.now) { panels::of_application(&mut tx, application.id).await? } else { Vec::new() };
    for other in &mut others {
        other.person_name = work::called(&members, terms.blind, other.person, &other.person_name);
    }
    Ok(Whole { then, terms, declared, application, letters, facts, others })
}

/// The page. Who has not declared their ties is asked to, first.
///
/// # Errors
/// As [`Then::load`].
pub async fn get(call: Call, Path(review): Path<String>) -> Result<Response, AppError> {
    let whole = load(&call, id(&review)?).await?;
    if !whole.declared {
        return Ok(go(format!("/review/{}/conflicts", whole.then.review.round)));
    }
    Ok(show(&call, whole, Attempt::default()))
}

fn read(fields: &Fields) -> Result<SheetInput, AppError> {
    let mut input = SheetInput { written: BTreeMap::new(), seen: fields.hidden("version")? };
    for (name, value) in &fields.0 {
        if let Some(criterion) = name.strip_suffix("-points") {
            input.written.entry(criterion.to_owned()).or_default().points = work::typed(value);
        } else if let Some(criterion) = name.strip_suffix("-reason") {
            input.written.entry(criterion.to_owned()).or_default().reason = value.trim().to_owned();
        }
    }
    Ok(input)
}

/// Saves a draft, or hands it in and goes on to the next.
///
/// # Errors
/// As [`work::save`] and [`work::hand_in`]; what a form can mend is shown on the page again.
pub async fn post(call: Call, Path(review): Path<String>, headers: HeaderMap, fields: Fields) -> Result<Response, AppError> {
    let review: ReviewId = id(&review)?;
    let input = read(&fields)?;
    if headers.get(ACCEPT).is_some_and(|accept| accept == "application/json") {
        return tell(work::save(&call, review, &input).await);
    }
    let done = if fields.text("then") == "hand_in" {
        work::hand_in(&call, review, &input).await.map(|next| match next {
            Some(next) => format!("/review/desk/{next}"),
            None => "/review/desk".to_owned(),
        })
    } else {
        work::save(&call, review, &input).await.map(|_| format!("/review/desk/{review}"))
    };
    match done {
        Ok(to) => Ok(go(to)),
        Err(error) => again(&call, review, fields, error).await,
    }
}

async fn again(call: &Call, review: ReviewId, fields: Fields, error: AppError) -> Result<Response, AppError> {
    let conflict = matches!(error, AppError::Conflict(_));
    let attempt = Attempt::of(fields, error)?;
    let mut response = show(call, load(call, review).await?, attempt);
    if conflict {
        *response.status_mut() = StatusCode::CONFLICT;
    }
    Ok(response)
}

/// Declares a tie to this applicant; the sheet is closed to the reviewer from then on.
///
/// # Errors
/// As [`work::declare_on_sheet`]; what a form can mend is shown on the page again.
pub async fn post_conflict(call: Call, Path(review): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let review: ReviewId = id(&review)?;
    match work::declare_on_sheet(&call, review, fields.text("why")).await {
        Ok(round) => Ok(go(format!("/review/{round}/desk"))),
        Err(error) => again(&call, review, fields, error).await,
    }
}

/// The answer to the browser's own saving.
fn tell(saved: Result<work::Saved, AppError>) -> Result<Response, AppError> {
    let (status, body) = match saved {
        Ok(saved) => (StatusCode::OK, serde_json::json!({ "saved_at": saved.at, "version": saved.version })),
        Err(error @ (AppError::Conflict(_) | AppError::Invalid(_))) => (error.status(), serde_json::json!({ "problem": error.say().1 })),
        Err(other) => return Err(other),
    };
    Ok((status, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response())
}

fn show(call: &Call, whole: Whole, attempt: Attempt) -> Response {
    let review = &whole.then.review;
    let name = if whole.terms.blind { "Applicant masked".to_owned() } else { whole.application.applicant_name.clone() };
    let title = format!("{} {name}", review.number);
    let head = Head::new(title.clone()).after(&attempt).with_islands();
    let round = whole.then.board.of.round.id;
    let above = vec![
        ("/review/desk".to_owned(), "Your reviews".to_owned()),
        (format!("/review/{round}/desk"), whole.then.board.of.round.name.clone()),
    ];
    let number = review.number.clone();
    let practice =
        review.practice.then(|| alert("info", "Practice", view! { "These scores never count. Try the form and the written levels here." }));
    let said = (review.stage == Stage::AskedAgain).then(|| {
        let why = review.said.clone();
        alert("warning", "The chair asks for another look", view! { {why} })
    });
    let steps = steps(&whole);
    let proposal = proposal(&whole);
    let rubric = rubric(call, &whole, &attempt);
    let others = others(call, &whole);
    let conflict = whole.then.may_write().is_ok().then(|| conflict(&whole, &attempt));
    page(call, head, move || {
        view! {
            {crumbs(above, number)}
            <ErrorSummary attempt/>
            <h1>{title}</h1>
            {practice}
            {said}
            {steps}
            <div class="al-columns al-desk">
                <div>{proposal}</div>
                <div>
                    {rubric}
                    {others}
                    {conflict}
                </div>
            </div>
        }
    })
}

/// How far the desk has come, and the way to the sheets beside this one.
fn steps(whole: &Whole) -> impl IntoView + use<> {
    let desk: Vec<&Review> = whole.then.desk.iter().filter(|review| review.stage.is_live()).collect();
    let at = desk.iter().position(|review| review.id == whole.then.review.id).unwrap_or(0);
    let counting = || desk.iter().filter(|review| !review.practice);
    let (all, done) = (counting().count(), counting().filter(|review| review.stage == Stage::HandedIn).count());
    let link = |review: Option<&&Review>, words: &'static str, key: &'static str, rel: &'static str| {
        review.map(|review| {
            let practice = if review.practice { " (practice)" } else { "" };
            let label = format!("{words}, {}{practice}", review.number);
            view! { <li><a href=format!("/review/desk/{}", review.id) accesskey=key rel=rel>{label}</a></li> }
        })
    };
    let previous = at.checked_sub(1).and_then(|before| desk.get(before));
    let back = format!("/review/{}/desk", whole.then.review.round);
    view! {
        <nav class="al-steps" aria-label="Your reviews">
            <p>{format!("{done} of {all} handed in")}</p>
            <progress max=all.to_string() value=done.to_string() aria-label="Reviews handed in"></progress>
            <ul>
                {link(previous, "Previous", "p", "prev")}
                {link(desk.get(at + 1), "Next", "n", "next")}
                <li><a href=back accesskey="l">"The whole list"</a></li>
            </ul>
        </nav>
    }
}

fn proposal(whole: &Whole) -> impl IntoView + use<> {
    let application = &whole.application;
    let blind = whole.terms.blind;
    let names = [Some(application.applicant_name.as_str()), application.county.as_deref(), application.nces_id.as_deref()];
    let mask = if blind { Mask::of(names.into_iter().flatten()) } else { Mask::default() };
    let document: serde_json::Value = serde_json::from_str(&application.document).unwrap_or_default();
    let given: Answers = document.get("answers").and_then(|answers| serde_json::from_value(answers.clone()).ok()).unwrap_or_default();
    let sections = SECTIONS
        .iter()
        .map(|section| {
            let own = given.get(section.key);
            let items = section
                .questions
                .iter()
                .filter_map(|question| {
                    let answer = own.and_then(|answers| answers.get(question.key)).filter(|answer| !answer.is_empty())?;
                    let hidden = blind && whole.terms.identifying.contains(&format!("{}.{}", section.key, question.key));
                    let said = if hidden {
                        view! { <em>"Masked: it would tell who applies."</em> }.into_any()
                    } else {
                        mask.hide(&question.say(answer)).into_any()
                    };
                    Some(view! { <div><dt>{question.label}</dt><dd>{said}</dd></div> })
                })
                .collect::<Vec<_>>();
            (!items.is_empty()).then(|| view! { <h3>{section.title}</h3> <dl class="al-check-answers">{items}</dl> })
        })
        .collect_view();
    let unit = if application.units == 1 { &whole.then.board.file.award.unit } else { &whole.then.board.file.award.units };
    let asks = format!("Asks for {} {unit}.", application.units);
    let letters = letters(&whole.letters, blind);
    let facts = whole
        .facts
        .iter()
        .map(|found| {
            let known = fact(&found.key);
            let name = known.map_or_else(|| found.key.clone(), |known| known.name.to_owned());
            let number = working::number(&found.input(), known.map(|known| known.unit.to_owned()).as_ref());
            // A figure's source names the place it speaks of.
            let source = (!blind).then(|| view! { <span class="al-source">{working::source(&found.input())}</span> });
            view! { <div><dt>{name}</dt><dd>{number}{source}</dd></div> }
        })
        .collect_view();
    view! {
        <h2>"The proposal"</h2>
        <p>{asks}</p>
        {sections}
        <h3>"Letters and agreements"</h3>
        {letters}
        <details><summary>"Facts on record"</summary><dl class="al-facts">{facts}</dl></details>
    }
}

fn letters(letters: &[Letter], blind: bool) -> AnyView {
    if letters.is_empty() {
        return view! { <p>"None was handed in."</p> }.into_any();
    }
    let of = |kind: &str| letters.iter().filter(|letter| letter.kind == kind).count();
    if blind {
        let said = format!(
            "{} letters of support and {} agreements, masked: their heads would tell who applies.",
            of("support_letter"),
            of("college_agreement")
        );
        return view! { <p>{said}</p> }.into_any();
    }
    let items = letters
        .iter()
        .map(|letter| {
            let kind = if letter.kind == "college_agreement" { "College agreement" } else { "Letter of support" };
            view! { <li><a href=format!("/files/{}", letter.id)>{letter.name.clone()}</a>{format!(" ({kind})")}</li> }
        })
        .collect_view();
    view! { <ul>{items}</ul> }.into_any()
}

/// The rubric: a form while there is something to write, else what is handed in.
fn rubric(call: &Call, whole: &Whole, attempt: &Attempt) -> AnyView {
    let board = &whole.then.board;
    let review = &whole.then.review;
    let own = total(work::scored(&board.file.ranking.criteria, &review.written));
    let so_far = own.map_or_else(
        || "Nothing scored yet.".to_owned(),
        |own| format!("{} of 100, by the criteria’s weights, of what is scored.", points(&own)),
    );
    let so_far = view! { <p class="al-total"><strong>"Your total: "</strong>{so_far}</p> };
    if let Err(refusal) = whole.then.may_write() {
        let (_, why) = refusal.say();
        let at = review.handed_in_at.map(|at| format!("Handed in {}.", at.say_in(board.of.round.zone)));
        return view! { <h2>"Your scores"</h2> <p>{at}" "{why}</p> {so_far} {scores::written(board, &review.written)} }.into_any();
    }
    let cards = rubrics(board).into_iter().map(|criterion| card(criterion, &review.written, attempt)).collect_view();
    let action = format!("/review/desk/{}", review.id);
    let version = if attempt.problems.is_empty() { review.version.to_string() } else { version_after(attempt, review) };
    let said = work::last_saved(review, board.of.round.zone);
    let waits = whole.then.desk.iter().filter(|other| other.stage.waits() && other.id != review.id).count();
    let button = if waits > 0 { "Hand in and go to the next" } else { "Hand in" };
    let due = whole
        .terms
        .due
        .filter(|due| call.now > *due)
        .map(|due| alert("warning", "Overdue", view! { {format!("Reviews were due {}.", due.say_in(board.of.round.zone))} }));
    view! {
        <h2>"Your scores"</h2>
        {due}
        <form method="post" action=action data-autosave="" novalidate="">
            <input type="hidden" name="version" value=version autocomplete="off"/>
            {cards}
            {so_far}
            <Autosave said/>
            <div class="al-actions">
                <button class="usa-button" type="submit" name="then" value="hand_in" accesskey="h">{button}</button>
                <button class="usa-button usa-button--outline" type="submit" name="then" value="save" accesskey="s">"Save the draft"</button>
            </div>
            <p class="al-source">"Once handed in, a review stays as it is unless the chair asks for another look. Keys, with your browser’s access-key modifier: n next, p previous, l list, s save, h hand in."</p>
        </form>
    }
    .into_any()
}

/// Handing in saves first: where that went through and only something is missing, the form goes on from the new version. Where somebody
/// else saved, it keeps naming the version that it knew, so that nothing is overwritten unseen.
fn version_after(attempt: &Attempt, review: &Review) -> String {
    let typed = read(&attempt.fields).map(|input| input.written).unwrap_or_default();
    let typed: BTreeMap<String, Written> = typed.into_iter().filter(|(_, one)| one.points.is_some() || !one.reason.is_empty()).collect();
    if typed == review.written { review.version.to_string() } else { attempt.fields.text("version").to_owned() }
}

fn card(criterion: &Criterion, saved: &BTreeMap<String, Written>, attempt: &Attempt) -> impl IntoView + use<> {
    let (level, reason) = (level_field(&criterion.key), reason_field(&criterion.key));
    let written = saved.get(&criterion.key).cloned().unwrap_or_default();
    let (chosen, text) = if attempt.problems.is_empty() {
        (written.points, written.reason)
    } else {
        (work::typed(attempt.fields.text(&level)), attempt.fields.text(&reason).to_owned())
    };
    let levels = anchors_of(criterion)
        .unwrap_or_default()
        .iter()
        .enumerate()
        .map(|(index, anchor)| {
            let id = if index == 0 { level.clone() } else { format!("{level}-{index}") };
            let points = anchor.points.normalize().to_string();
            view! {
                <div class="usa-radio">
                    <input class="usa-radio__input" id=id.clone() type="radio" name=level.clone() value=points.clone() checked=chosen == Some(anchor.points)/>
                    <label class="usa-radio__label" for=id>
                        {format!("{points} points")}<span class="usa-radio__label-description">{anchor.text.clone()}</span>
                    </label>
                </div>
            }
        })
        .collect_view();
    let problem = |field: &str| {
        attempt.problem(field).map(|text| view! { <span class="usa-error-message" id=format!("{field}-problem")>{text}</span> })
    };
    let (level_problem, reason_problem) = (problem(&level), problem(&reason));
    let wrong = attempt.problem(&reason).is_some();
    let described = wrong.then(|| format!("{reason}-problem"));
    let weight = criterion.weight_percent();
    view! {
        <section class="al-card">
            <fieldset class="usa-fieldset">
                <legend class="usa-legend">{criterion.name.clone()}" "<span class="al-source">{format!("weight {weight}")}</span></legend>
                <p>{criterion.plain.clone()}</p>
                {level_problem}
                {levels}
            </fieldset>
            <div class="usa-form-group">
                <label class="usa-label" for=reason.clone()>{format!("Reason: {}", criterion.name)}</label>
                {reason_problem}
                <textarea class="usa-textarea" id=reason.clone() name=reason rows="3" aria-describedby=described aria-invalid=wrong.then_some("true")>{text}</textarea>
            </div>
        </section>
    }
}

fn others(call: &Call, whole: &Whole) -> Option<AnyView> {
    let review = &whole.then.review;
    if review.practice || review.stage != Stage::HandedIn {
        return None;
    }
    if whole.terms.is_sealed(call.now) {
        return Some(view! { <h2>"The others’ scores"</h2> <p>"They stay sealed until the reviews are due."</p> }.into_any());
    }
    let talk = format!("/review/desk/{}/discussion", review.id);
    let talk = view! { <p><a href=talk>"Discussion of this application"</a></p> };
    let live: Vec<&Review> =
        whole.others.iter().filter(|other| !other.practice && other.id != review.id && other.stage == Stage::HandedIn).collect();
    if live.is_empty() {
        let why = "No other review of this application is handed in yet.";
        return Some(view! { <h2>"The others’ scores"</h2> <p>{why}</p> {talk} }.into_any());
    }
    let items = live
        .iter()
        .map(|other| view! { <details><summary>{other.person_name.clone()}</summary>{scores::written(&whole.then.board, &other.written)}</details> })
        .collect_view();
    let table = scores::side_by_side(&whole.then.board, &live);
    Some(view! { <h2>"The others’ scores"</h2> {table} {items} {talk} }.into_any())
}

fn conflict(whole: &Whole, attempt: &Attempt) -> impl IntoView + use<> {
    let action = format!("/review/desk/{}/conflict", whole.then.review.id);
    let open = attempt.problem("why").is_some();
    let words = if whole.terms.blind {
        "I recognize this applicant and have a tie to it"
    } else {
        "I have a conflict of interest with this applicant"
    };
    view! {
        <details open=open>
            <summary>{words}</summary>
            <form method="post" action=action>
                <p>"The application leaves your desk at once, what you wrote does not count, and the manager finds somebody else."</p>
                <crate::ui::field::TextArea name="why" label="What the tie is" rows=2 attempt=attempt.clone()/>
                <button class="usa-button usa-button--outline" type="submit">"Declare the conflict"</button>
            </form>
        </details>
    }
}
