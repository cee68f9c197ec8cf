//! `/review/panel/{application}`: one application's reviews side by side, the discussion, asking for another look, and assigning by hand.

use super::super::parts::{alert, crumbs};
use super::discussion;
use super::scores::{self, stage_tag};
use super::work::{self, AssignInput, Panel, may_lead};
use crate::call::{Call, mint};
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::review::work::Board;
use crate::ui::field::{ErrorSummary, Select, Tick};
use crate::ui::layout::{Head, go, page};
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use domain::access::Action;
use domain::panel::Stage;
use domain::{ApplicationId, ReviewId};
use leptos::prelude::*;
use store::panels::{self, Application, Handed, Note, Review};
use uuid::Uuid;

struct Shown {
    board: Board,
    panel: Panel,
    application: Application,
    history: Vec<Handed>,
    notes: Vec<Note>,
}

async fn load(call: &Call, application: ApplicationId) -> Result<Shown, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let found = store::reviews::find(&mut tx, application).await?.ok_or(AppError::NotFound)?;
    call.must(Action::ReadPanel, found.subject())?;
    let board = Board::load(&mut tx, found.round).await?;
    let panel = Panel::need(&mut tx, call, &board).await?;
    may_lead(call, &board, &panel, true)?;
    let application = panel.application(application).cloned().ok_or(AppError::NotFound)?;
    if let Some(conflict) = panel.conflicts(call.person()?, &application).first() {
        return Err(work::refused(&conflict.say()));
    }
    // Under a seal who reads it is arranged here still; what they wrote is left out.
    let (history, notes) = if panel.sealed.is_some() {
        (Vec::new(), Vec::new())
    } else {
        work::may_see_scores(call, &panel, Some(&application))?;
        (panels::history(&mut tx, application.id).await?, panels::notes(&mut tx, application.id).await?)
    };
    Ok(Shown { board, panel, application, history, notes })
}

/// The page.
///
/// # Errors
/// [`AppError::NotFound`] for an application without a panel; [`AppError::Forbidden`] for a reviewer who does not lead it, and for whoever has a
/// conflict.
pub async fn get(call: Call, Path(application): Path<String>) -> Result<Response, AppError> {
    let shown = load(&call, id(&application)?).await?;
    Ok(show(&call, shown, Attempt::default()))
}

async fn after(
    call: &Call,
    application: ApplicationId,
    fields: Fields,
    done: Result<(), AppError>,
    to: &str,
) -> Result<Response, AppError> {
    match done {
        Ok(()) => Ok(go(format!("/review/panel/{application}{to}"))),
        Err(error) => {
            let conflict = matches!(error, AppError::Conflict(_));
            let attempt = Attempt::of(fields, error)?;
            let mut response = show(call, load(call, application).await?, attempt);
            if conflict {
                *response.status_mut() = http::StatusCode::CONFLICT;
            }
            Ok(response.into_response())
        }
    }
}

/// Gives the application to a member of the panel.
///
/// # Errors
/// As [`work::assign`].
pub async fn post_assign(call: Call, Path(application): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let application: ApplicationId = id(&application)?;
    let round = load(&call, application).await?.board.of.round.id;
    let done = match fields.text("person").parse::<Uuid>() {
        Err(_) => Err(AppError::field("person", "Choose a reviewer.")),
        Ok(person) => {
            let id = ReviewId(fields.hidden("id")?);
            work::assign(&call, round, AssignInput { application, person: person.into(), practice: fields.ticked("practice"), id }).await
        }
    };
    after(&call, application, fields, done, "").await
}

/// Takes a review from its reviewer.
///
/// # Errors
/// As [`work::take_away`].
pub async fn post_take(call: Call, Path(application): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let application: ApplicationId = id(&application)?;
    let round = load(&call, application).await?.board.of.round.id;
    let done = work::take_away(&call, round, ReviewId(fields.hidden("review")?), fields.text("why"), fields.hidden("version")?).await;
    after(&call, application, fields, done, "").await
}

/// Asks for another look.
///
/// # Errors
/// As [`work::ask_again`].
pub async fn post_again(call: Call, Path(application): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let application: ApplicationId = id(&application)?;
    let panel = load(&call, application).await?.panel;
    let review = ReviewId(fields.hidden("review")?);
    let done = work::ask_again(&call, application, review, fields.text("why"), fields.hidden("version")?).await;
    // Who asks themselves is shown nothing here before it is in again: the sheet is where they go on.
    let own = panel.reviews.iter().any(|found| found.id == review && Some(found.person) == call.actor.person);
    if own && done.is_ok() {
        return Ok(go(format!("/review/desk/{review}")));
    }
    after(&call, application, fields, done, "").await
}

/// Adds a note.
///
/// # Errors
/// As [`work::note`].
pub async fn post_note(call: Call, Path(application): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let application: ApplicationId = id(&application)?;
    let done = work::note(&call, application, fields.hidden("id")?, fields.text("note")).await;
    after(&call, application, fields, done, "#discussion").await
}

fn show(call: &Call, shown: Shown, attempt: Attempt) -> Response {
    let Shown { board, panel, application, history, mut notes } = shown;
    let round = &board.of.round;
    let masked = work::is_masked(call, &board, &panel);
    if masked {
        discussion::hide_names(&mut notes, &application);
    }
    if panel.terms.blind {
        // Members know each other by these numbers.
        for note in &mut notes {
            note.by =
                work::alias_among(&panel.members, note.person.into()).map_or(note.by.clone(), |alias| format!("{} ({alias})", note.by));
        }
    }
    let title = if masked { application.number.clone() } else { format!("{} {}", application.number, application.applicant_name) };
    let head = Head::new(format!("Reviews of {title}")).after(&attempt);
    let above =
        vec![("/review".to_owned(), "Review".to_owned()), (format!("/review/{}/panel", round.id), format!("Panel, {}", round.name))];
    let open = board.progress.ranking.is_none();
    let leads = open && panel.sealed.is_none() && may_lead(call, &board, &panel, false).is_ok();
    let runs = open && call.actor.may(Action::RunPanel, board.subject());
    let address = format!("/review/panel/{}", application.id);
    let own: Vec<&Review> = panel.reviews.iter().filter(|review| review.application == application.id).collect();
    let counting: Vec<&Review> = panel.live(&application).filter(|review| review.stage == Stage::HandedIn).collect();
    let sum = match panel.sealed {
        Some(until) => view! { <p>{work::seal(until, round.zone)}</p> }.into_any(),
        None => {
            let averages = scores::averages(&board, &panel.averages(&board), &application.number);
            let table = (!counting.is_empty()).then(|| scores::side_by_side(&board, &counting));
            view! { {averages} {table} }.into_any()
        }
    };
    let waits: Vec<_> = panel
        .missing(&application)
        .iter()
        .map(|missing| missing.who.as_ref().map_or_else(|| missing.what.clone(), |who| format!("{who}: {}", missing.what)))
        .collect();
    let waits = (!waits.is_empty() && application.eligible == Some(true)).then(|| {
        let items = waits.into_iter().map(|text| view! { <li>{text}</li> }).collect_view();
        alert("warning", "Not complete", view! { <ul>{items}</ul> })
    });
    let cards = own.iter().map(|review| card(&board, review, &history, &address, leads, runs, &attempt)).collect_view();
    let assign = (runs && application.eligible == Some(true)).then(|| assign(call, &panel, &application, &address, &attempt));
    let talk = panel.sealed.is_none().then(|| {
        let said = discussion::list(&notes, round.zone);
        let say = (leads || !open).then(|| discussion::form(call, &format!("{address}/note"), open, &attempt));
        view! { <h2 id="discussion">"Discussion"</h2> {said} {say} }
    });
    let whole = call.actor.may(Action::ReadApplication, board.subject()).then(|| format!("/review/applications/{}", application.id));
    let only_chairs = work::staff_pages(call, &board).is_err();
    page(call, head, move || {
        view! {
            {crumbs(above, application.number.clone())}
            <ErrorSummary attempt/>
            <h1>{title}</h1>
            {waits}
            {whole.filter(|_| !only_chairs).map(|address| view! { <p><a href=address>"The application itself"</a></p> })}
            <h2>"What the scores come to"</h2>
            {sum}
            <h2>"Each review"</h2>
            {cards}
            {assign}
            {talk}
        }
    })
}

fn card(
    board: &Board,
    review: &Review,
    history: &[Handed],
    address: &str,
    leads: bool,
    runs: bool,
    attempt: &Attempt,
) -> impl IntoView + use<> {
    let zone = board.of.round.zone;
    let practice = review.practice.then(|| view! { " " <span class="al-tag al-tag--plain">"Practice, does not count"</span> });
    let synthetic = review.synthetic.then(|| view! { " " <span class="al-synthetic">"synthetic"</span> });
    let at = review
        .handed_in_at
        .map_or_else(|| format!("Given {}.", review.assigned_at.say_in(zone)), |at| format!("Handed in {}.", at.say_in(zone)));
    // A draft is its writer's alone.
    let said = (!review.said.is_empty()).then(|| view! { <p>{review.said.clone()}</p> });
    let own: Vec<&Handed> = history.iter().filter(|handed| handed.review == review.id).collect();
    let last = own.last().map(|handed| scores::written(board, &handed.written));
    let earlier = own.split_last().map(|(_, earlier)| earlier).unwrap_or_default();
    let earlier = earlier
        .iter()
        .map(|handed| view! { <details><summary>{format!("As handed in {}", handed.at.say_in(zone))}</summary>{scores::written(board, &handed.written)}</details> })
        .collect_view();
    let form = |path: &'static str, summary: &'static str, button: &'static str, field: String| {
        let action = format!("{address}/{path}");
        let typed =
            if attempt.fields.text("review") == review.id.to_string() { attempt.fields.text("why").to_owned() } else { String::new() };
        view! {
            <details>
                <summary>{summary}</summary>
                <form method="post" action=action>
                    <input type="hidden" name="review" value=review.id.to_string()/>
                    <input type="hidden" name="version" value=review.version.to_string()/>
                    <label class="usa-label" for=field.clone()>{format!("Why ({})", review.person_name)}</label>
                    <textarea class="usa-textarea" id=field name="why" rows="2">{typed}</textarea>
                    <button class="usa-button usa-button--outline" type="submit">{button}</button>
                </form>
            </details>
        }
    };
    let again = (leads && review.stage == Stage::HandedIn && !review.practice)
        .then(|| form("again", "Ask for another look", "Ask", format!("again-{}", review.id)));
    let take =
        (runs && review.stage.waits()).then(|| form("take", "Give it to somebody else", "Take it away", format!("take-{}", review.id)));
    view! {
        <section class="al-card">
            <h3>{review.person_name.clone()}" "{stage_tag(review.stage)}{practice}{synthetic}</h3>
            <p class="al-source">{at}</p>
            {said}
            {last}
            {earlier}
            {again}
            {take}
        </section>
    }
}

fn assign(call: &Call, panel: &Panel, application: &Application, address: &str, attempt: &Attempt) -> impl IntoView + use<> {
    let mut barred = Vec::new();
    let mut options = vec![(String::new(), "Choose a reviewer".to_owned())];
    for member in panel.sitting() {
        match panel.conflicts(member.person.into(), application).first() {
            Some(conflict) => barred.push(view! { <li>{format!("{}: {}", member.name, conflict.say())}</li> }),
            None => {
                let desk = panel
                    .reviews
                    .iter()
                    .filter(|review| review.person.0 == member.person && !review.practice && review.stage.is_live())
                    .count();
                options.push((member.person.to_string(), format!("{} ({desk} on the desk)", member.name)));
            }
        }
    }
    let new: Uuid = mint(call.now);
    let shut_out = (!barred.is_empty()).then(|| view! { <p>"Not offered, for a conflict of interest:"</p> <ul>{barred}</ul> });
    let practice = panel
        .terms
        .practice
        .then(|| view! { <Tick name="practice" label="For practice: the scores never count" attempt=attempt.clone()/> });
    view! {
        <h2>"Assign by hand"</h2>
        {shut_out}
        <form method="post" action=format!("{address}/assign")>
            <input type="hidden" name="id" value=new.to_string()/>
            <Select name="person" label="Reviewer" attempt=attempt.clone() options/>
            {practice}
            <button class="usa-button usa-button--outline" type="submit">"Assign"</button>
        </form>
    }
}
