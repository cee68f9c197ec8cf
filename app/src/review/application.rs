//! `/review/applications/{application}`: one application whole, with what staff decide on it and what is still missing.

use super::forms;
use super::parts::{alert, crumbs, eligibility_tag, lacking, tag, under_applications};
use super::work::{self, Board, DecisionInput, ScoreInput, besides_rubrics};
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::review::panel::work::{Panel, free_to_read, hidden_scores, staff_pages};
use crate::ui::layout::{Head, go, page};
use crate::ui::named::{self, Standing};
use crate::ui::table::Table;
use crate::ui::working::{self, Working};
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use domain::answers::{Answers, SECTIONS};
use domain::facts::fact;
use domain::named::NamedTerms;
use domain::ranking::{Part, RankingProblem, rank};
use domain::review::anchors_of;
use domain::{ApplicationId, Money, Timestamp};
use leptos::prelude::*;
use store::acceptances::{self, Accepted};
use store::facts::{self, Fact};
use store::rankings::{self, EvidenceCount};
use store::reviews::{self, Application, Letter, Neighbours, Score};

/// Everything on the page, in eight statements with the session's, and eleven where a panel reviews.
#[derive(Debug)]
pub(super) struct Whole {
    pub board: Board,
    pub application: Application,
    facts: Vec<Fact>,
    letters: Vec<Letter>,
    pub scores: Vec<Score>,
    neighbours: Neighbours,
    working: Option<rankings::Working>,
    /// The round's panel, while nothing is frozen.
    pub panel: Option<Panel>,
    /// Why its scores are hidden from whoever looks, if they are.
    pub hidden: Option<String>,
    /// The terms of what the law names, as accepted.
    accepted: Option<Accepted>,
}

async fn load(call: &Call, application: ApplicationId) -> Result<Whole, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let application = reviews::find(&mut tx, application).await?.ok_or(AppError::NotFound)?;
    call.must(Action::ReadReviews, application.subject())?;
    let board = Board::load(&mut tx, application.round).await?;
    staff_pages(call, &board)?;
    let frozen = board.progress.ranking.is_some();
    // Where a panel reviews, it is loaded in place of the staff's scores; once it is frozen, only who may read is asked.
    let panel = if frozen { None } else { Panel::load(&mut tx, &board, call.actor.person, call.now).await? };
    match &panel {
        Some(panel) => panel.must_be_free(call, application.id)?,
        None => free_to_read(&mut tx, call, &board, application.id).await?,
    }
    let hidden = panel.as_ref().and_then(|panel| hidden_scores(panel, call.actor.person, application.id, board.of.round.zone));
    let facts = facts::of_organization(&mut tx, application.applicant, application.round).await?;
    let letters = reviews::letters(&mut tx, application.id).await?;
    let scores = if board.file.review.is_some() { Vec::new() } else { reviews::scores(&mut tx, application.id).await? };
    let neighbours = reviews::neighbours(&mut tx, application.round, &application.number, !frozen).await?;
    let working = if frozen { rankings::working_of(&mut tx, application.id).await? } else { None };
    let accepted = if board.file.named.is_some() { acceptances::find_of(&mut tx, application.id).await? } else { None };
    Ok(Whole { board, application, facts, letters, scores, neighbours, working, panel, hidden, accepted })
}

/// The page.
///
/// # Errors
/// [`AppError::NotFound`] for a draft and for another agency's application; the store's failure.
pub async fn get(call: Call, Path(application): Path<String>) -> Result<Response, AppError> {
    let whole = load(&call, id(&application)?).await?;
    show(&call, whole, Attempt::default(), "")
}

/// The version that the page showed; none when there was nothing yet.
fn seen(fields: &Fields) -> Result<Option<i64>, AppError> {
    if fields.text("version").is_empty() { Ok(None) } else { fields.hidden("version").map(Some) }
}

/// Takes a decision on eligibility.
///
/// # Errors
/// As [`work::decide_eligibility`]; what a form can mend is shown on the page again.
pub async fn post_eligibility(call: Call, Path(application): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let application = id(&application)?;
    let eligible = match fields.text("eligible") {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let input = DecisionInput { eligible, reason: fields.text("eligible_reason").to_owned(), seen: seen(&fields)? };
    match work::decide_eligibility(&call, application, &input).await {
        Ok(()) => Ok(go(format!("/review/applications/{application}#eligibility"))),
        Err(error) => refused(&call, application, fields, error, "eligibility").await,
    }
}

/// Takes a score.
///
/// # Errors
/// As [`work::score`]; what a form can mend is shown on the page again.
pub async fn post_score(call: Call, Path(application): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let application = id(&application)?;
    let criterion = fields.text("criterion").to_owned();
    let points = fields.text("points").parse().ok();
    let input = ScoreInput { criterion: criterion.clone(), points, reason: fields.text("reason").to_owned(), seen: seen(&fields)? };
    match work::score(&call, application, &input).await {
        Ok(()) => Ok(go(format!("/review/applications/{application}#score-{criterion}"))),
        Err(error) => refused(&call, application, fields, error, &criterion).await,
    }
}

async fn refused(call: &Call, application: ApplicationId, fields: Fields, error: AppError, form: &str) -> Result<Response, AppError> {
    let conflict = matches!(error, AppError::Conflict(_));
    let attempt = Attempt::of(fields, error)?;
    let whole = load(call, application).await?;
    let mut response = show(call, whole, attempt, form)?;
    if conflict {
        *response.status_mut() = http::StatusCode::CONFLICT;
    }
    Ok(response)
}

/// The parts that can be computed now, and what is missing for the rest.
fn computed(whole: &Whole, now: Timestamp) -> (Vec<Part>, Vec<RankingProblem>) {
    let application = &whole.application;
    let count = |kind: &str| EvidenceCount {
        application: application.id.0,
        kind: kind.to_owned(),
        files: i64::try_from(whole.letters.iter().filter(|letter| letter.kind == kind).count()).unwrap_or(i64::MAX),
        any_synthetic: whole.letters.iter().any(|letter| letter.kind == kind && letter.synthetic),
    };
    let evidence = [count("support_letter"), count("college_agreement")];
    let mut candidate = work::candidate(
        &whole.board.file,
        application.id.0,
        &application.number,
        &application.applicant_name,
        &whole.facts,
        evidence.iter(),
        whole.scores.iter(),
    );
    if let Some(panel) = &whole.panel {
        let averages = panel.averages(&whole.board);
        candidate.inputs.extend(panel.inputs(&whole.board, &averages, &application.number, &application.applicant_name));
    }
    match rank(&whole.board.file.ranking, &[candidate], whole.board.lots(now).for_ranking()) {
        // Without the panel's scores they would pass for the whole.
        Ok(_) if whole.hidden.is_some() => (Vec::new(), Vec::new()),
        Ok(ranking) => (ranking.places.into_iter().next().map(|place| place.parts).unwrap_or_default(), Vec::new()),
        Err(problems) if whole.hidden.is_some() => (Vec::new(), besides_rubrics(&whole.board.file.ranking, problems)),
        Err(problems) => (Vec::new(), problems),
    }
}

fn show(call: &Call, whole: Whole, attempt: Attempt, form: &str) -> Result<Response, AppError> {
    let application = &whole.application;
    let title = format!("{} {}", application.number, application.applicant_name);
    let asked_for = whole.board.file.award.unit_cost.times(application.units).map_err(AppError::internal)?;
    let head = Head::new(title.clone()).after(&attempt);
    let round = &whole.board.of.round;
    let crumbs = crumbs(under_applications(&whole.board), application.number.clone());
    let summary = crate::ui::field::ErrorSummary(crate::ui::field::ErrorSummaryProps { attempt: attempt.clone() });
    let name = application.applicant_name.clone();
    let about = about(&whole, asked_for);
    let answers = answers(application);
    let facts = fact_table(&whole.facts);
    let contested = format!("/review/{}/contests", round.id);
    let letters = letters(&whole.letters);
    let points = points(&whole, call.now);
    let decision = forms::eligibility(call, &whole, if form == "eligibility" { attempt.clone() } else { Attempt::default() });
    let scores = forms::scores(call, &whole, &attempt, form);
    let tie = forms::tie(call, &whole);
    let go_on = go_on(&whole.neighbours);
    let history = call.actor.may(Action::ReadHistory, application.subject()).then(|| format!("/audit/application/{}", application.id));
    Ok(page(call, head, move || {
        view! {
            {crumbs}
            {summary}
            <h1>{name}</h1>
            {about}
            <div class="al-columns">
                <div>
                    {points}
                    <h2>"What the applicant says"</h2>
                    {answers}
                    <h2>"Letters and agreements"</h2>
                    {letters}
                    <h2>"Facts on record"</h2>
                    {facts}
                    <p><a href=contested>"Contested figures of this round"</a></p>
                    {history.map(|address| view! { <p><a href=address>"History of this application: who did what, when and why"</a></p> })}
                </div>
                <div>
                    {decision}
                    {scores}
                    {tie}
                    {go_on}
                </div>
            </div>
        }
    }))
}

fn about(whole: &Whole, asked_for: Money) -> impl IntoView + use<> {
    let application = &whole.application;
    let zone = whole.board.of.round.zone;
    let unit = if application.units == 1 { &whole.board.file.award.unit } else { &whole.board.file.award.units };
    let kind = if application.applicant_kind == "community" { "Community organization" } else { "School district" };
    let place = [application.county.clone(), application.nces_id.as_ref().map(|nces| format!("NCES {nces}"))];
    let place = place.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let state = if application.submitted {
        eligibility_tag(application.decision.as_ref().map(|d| d.eligible)).into_any()
    } else {
        tag("plain", "Withdrawn").into_any()
    };
    view! {
        <dl class="al-facts">
            <div><dt>"Application"</dt><dd>{application.number.clone()}" "{state}</dd></div>
            <div><dt>"Applicant"</dt><dd>{kind}", "{place}</dd></div>
            <div><dt>"Served by"</dt><dd>{application.region.clone().unwrap_or_else(|| "No regional organization on record".to_owned())}</dd></div>
            <div><dt>"Asks for"</dt><dd>{application.units}" "{unit.clone()}", "{asked_for.to_string()}</dd></div>
            <div><dt>"Handed in"</dt><dd>{application.submitted_at.say_in(zone)}" by "{application.submitted_by.clone()}</dd></div>
            <div><dt>"Digest of what was handed in"</dt><dd class="al-hash">{application.digest.clone()}</dd></div>
        </dl>
    }
}

fn answers(application: &Application) -> impl IntoView + use<> {
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
                    Some(view! { <div><dt>{question.label}</dt><dd>{question.say(answer)}</dd></div> })
                })
                .collect_view();
            let empty = own
                .is_none_or(|answers| answers.values().all(String::is_empty))
                .then(|| view! { <p>"Nothing was asked or answered here."</p> });
            view! { <h3>{section.title}</h3> {empty} <dl class="al-check-answers">{items}</dl> }
        })
        .collect_view();
    view! { {sections} }
}

fn letters(letters: &[Letter]) -> impl IntoView + use<> {
    if letters.is_empty() {
        return view! { <p>"None was handed in."</p> }.into_any();
    }
    let items = letters
        .iter()
        .map(|letter| {
            let kind = if letter.kind == "college_agreement" { "College agreement" } else { "Letter of support" };
            let synthetic = letter.synthetic.then(|| view! { " " <span class="al-synthetic">"synthetic"</span> });
            let size = (letter.bytes + 1023) / 1024;
            view! { <li><a href=format!("/files/{}", letter.id)>{letter.name.clone()}</a>{format!(" ({kind}, {size} kB)")}{synthetic}</li> }
        })
        .collect_view();
    view! { <ul>{items}</ul> }.into_any()
}

fn fact_table(facts: &[Fact]) -> impl IntoView + use<> {
    if facts.is_empty() {
        return view! { <p class="al-empty">"No fact is on record for this applicant."</p> }.into_any();
    }
    let rows = facts
        .iter()
        .map(|found| {
            let known = fact(&found.key);
            let name = known.map_or_else(|| found.key.clone(), |known| known.name.to_owned());
            let input = found.input();
            let number = working::number(&input, known.map(|known| known.unit.to_owned()).as_ref());
            view! {
                <tr>
                    <th scope="row">{name}</th>
                    <td class="num" data-label="Figure">{number}</td>
                    <td data-label="Where it comes from"><span class="al-source">{working::source(&input)}</span></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Facts on record, with their sources" unseen=true>
            <thead><tr><th scope="col">"Fact"</th><th scope="col" class="num">"Figure"</th><th scope="col">"Where it comes from"</th></tr></thead>
            <tbody>{rows}</tbody>
        </Table>
    }
    .into_any()
}

/// What the law names for the applicant, in place of points.
fn in_law(whole: &Whole, named: &NamedTerms) -> AnyView {
    let Some((_, recipient)) = named.recipient_of(&whole.application.applicant_name) else {
        let text = "No recipient of the program file has this applicant’s name. Find it ineligible, with that reason.";
        return alert("warning", "Not named in law", view! { {text} });
    };
    let standing = Standing { recipient, accepted: whole.accepted.as_ref().map(Accepted::at), zone: whole.board.of.round.zone };
    view! { <h2>"Named in law"</h2> {named::facts(&standing)} }.into_any()
}

/// The frozen working; before that the points as they would be now, or what is missing for them.
fn points(whole: &Whole, now: Timestamp) -> impl IntoView + use<> {
    if let Some(named) = &whole.board.file.named {
        return in_law(whole, named);
    }
    if let Some(working) = &whole.working {
        let (place, units, of, line) = (working.place.clone(), working.units.clone(), working.of, working.line);
        return view! { <h2>"Points, as frozen"</h2> <Working place units of line/> }.into_any();
    }
    let (parts, missing) = computed(whole, now);
    if parts.is_empty() {
        let say = |problem| match lacking(problem) {
            (criterion, what) if criterion.is_empty() => what,
            (criterion, what) => format!("{criterion}: {what}."),
        };
        let items = missing.iter().map(say).chain(whole.hidden.clone()).map(|text| view! { <li>{text}</li> }).collect_view();
        let body = view! { <ul>{items}</ul> };
        return alert("warning", "Not scored in full yet", body);
    }
    let units = work::units_of(&whole.board.file);
    let sum = working::points(&parts.iter().map(|part| &part.product).sum());
    let rows = parts
        .iter()
        .map(|part| {
            view! {
                <tr>
                    <th scope="row">{part.name.clone()}</th>
                    <td data-label="Input">{working::number(&part.input, units.get(&part.criterion))}</td>
                    <td class="num" data-label="Points">{working::points(&part.points)}</td>
                    <td class="num" data-label="Weight">{working::weight(part)}</td>
                    <td class="num" data-label="Points × weight">{working::points(&part.product)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <h2>"Points as they stand"</h2>
        <Table caption="Points by criterion as they stand; the ranking is not frozen" unseen=true>
            <thead>
                <tr>
                    <th scope="col">"Criterion"</th><th scope="col">"Input"</th><th scope="col" class="num">"Points"</th>
                    <th scope="col" class="num">"Weight"</th><th scope="col" class="num">"Points × weight"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
            <tfoot><tr><th scope="row" colspan="4">"Sum"</th><td class="num" data-label="Sum">{sum}</td></tr></tfoot>
        </Table>
    }
    .into_any()
}

fn go_on(neighbours: &Neighbours) -> impl IntoView + use<> {
    let link = |to: Option<uuid::Uuid>, words: &'static str, rel: &'static str| {
        to.map(|to| view! { <li><a href=format!("/review/applications/{to}") rel=rel>{words}</a></li> })
    };
    view! {
        <nav aria-label="Other applications">
            <h2>"Go on"</h2>
            <ul>
                {link(neighbours.undecided, "Next to decide", "")}
                {link(neighbours.next, "Next by number", "next")}
                {link(neighbours.previous, "Previous by number", "prev")}
            </ul>
        </nav>
    }
}

impl Whole {
    /// The rubric criteria with their scores, in the rules' order.
    pub(super) fn rubrics(&self) -> Vec<(domain::ruleset::Criterion, Option<Score>)> {
        let scored = |key: &str| self.scores.iter().find(|score| score.criterion == key).cloned();
        self.board
            .file
            .ranking
            .criteria
            .iter()
            .filter(|criterion| anchors_of(criterion).is_some())
            .map(|criterion| (criterion.clone(), scored(&criterion.key)))
            .collect()
    }
}
