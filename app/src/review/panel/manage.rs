//! `/review/{round}/panel`: who is on the panel, how far each has come, who reads what, and what the official run still waits for.

use super::super::parts::{alert, count, crumbs, figures, under_applications};
use super::scores::stage_tag;
use super::work::{self, Panel, is_masked, may_lead};
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::review::work::Board;
use crate::ui::field::{ErrorSummary, Select};
use crate::ui::layout::{Head, go, page};
use crate::ui::table::{OnPhone, Table};
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use domain::access::Action;
use domain::panel::{Chair, Stage};
use domain::{PersonId, RoundId};
use leptos::prelude::*;
use store::panels::{self, Member};
use uuid::Uuid;

struct Shown {
    board: Board,
    panel: Panel,
    people: Vec<(Uuid, String)>,
}

async fn load(call: &Call, round: RoundId) -> Result<Shown, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let board = Board::load(&mut tx, round).await?;
    call.must(Action::ReadPanel, board.subject())?;
    let panel = Panel::need(&mut tx, call, &board).await?;
    may_lead(call, &board, &panel, true)?;
    let people = panels::eligible_people(&mut tx, board.of.round.agency).await?;
    Ok(Shown { board, panel, people })
}

/// The page.
///
/// # Errors
/// [`AppError::NotFound`] for a round without a panel; [`AppError::Forbidden`] for a reviewer who does not lead it.
pub async fn get(call: Call, Path(round): Path<String>, Query(query): Query<Vec<(String, String)>>) -> Result<Response, AppError> {
    let shown = load(&call, id(&round)?).await?;
    let told = Fields(query);
    Ok(show(&call, shown, Attempt::default(), &told))
}

async fn after(call: &Call, round: RoundId, fields: Fields, done: Result<String, AppError>) -> Result<Response, AppError> {
    match done {
        Ok(told) => Ok(go(format!("/review/{round}/panel{told}"))),
        Err(error) => {
            let conflict = matches!(error, AppError::Conflict(_));
            let attempt = Attempt::of(fields, error)?;
            let mut response = show(call, load(call, round).await?, attempt, &Fields::default());
            if conflict {
                *response.status_mut() = http::StatusCode::CONFLICT;
            }
            Ok(response.into_response())
        }
    }
}

/// Puts somebody on the panel, takes them off it, or makes them its chair.
///
/// # Errors
/// As [`work::add_member`], [`work::remove_member`] and [`work::appoint`].
pub async fn post_members(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let round: RoundId = id(&round)?;
    let Ok(person) = fields.text("person").parse::<Uuid>().map(PersonId::from) else {
        let missing = Err(AppError::field("person", "Choose a reviewer."));
        return after(&call, round, fields, missing).await;
    };
    let done = match fields.text("act") {
        "add" => work::add_member(&call, round, person).await,
        "remove" => work::remove_member(&call, round, person).await,
        "chair" => work::appoint(&call, round, person).await,
        _ => Err(AppError::Bad("The form was incomplete. Go back, reload the page and try again.".to_owned())),
    };
    after(&call, round, fields, done.map(|()| "#members".to_owned())).await
}

/// Fills every empty place.
///
/// # Errors
/// As [`work::assign_balanced`].
pub async fn post_balance(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let round: RoundId = id(&round)?;
    let done = work::assign_balanced(&call, round).await.map(|plan| format!("?assigned={}", plan.pairs.len()));
    after(&call, round, fields, done).await
}

/// Reminds everybody who has something left to do.
///
/// # Errors
/// As [`work::remind`].
pub async fn post_remind(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let round: RoundId = id(&round)?;
    let done = work::remind(&call, round).await.map(|people| format!("?reminded={people}"));
    after(&call, round, fields, done).await
}

fn told(fields: &Fields) -> Option<AnyView> {
    let number = |name: &str| fields.text(name).parse::<i64>().ok();
    if let Some(assigned) = number("assigned") {
        let words = if assigned == 0 {
            "No place was empty that could be filled.".to_owned()
        } else {
            format!("{} made. Each reviewer is told by mail.", count(assigned, "assignment", "assignments"))
        };
        return Some(alert("success", "Assigned", view! { {words} }));
    }
    number("reminded").map(|people| {
        let words = if people == 0 {
            "Nobody has anything left to do.".to_owned()
        } else {
            format!("{} reminded by mail.", count(people, "reviewer is", "reviewers are"))
        };
        alert("success", "Reminded", view! { {words} })
    })
}

fn show(call: &Call, shown: Shown, attempt: Attempt, query: &Fields) -> Response {
    let Shown { board, panel, people } = shown;
    let round = &board.of.round;
    let base = format!("/review/{}", round.id);
    let title = format!("Panel, {}", round.name);
    let head = Head::new(title.clone()).after(&attempt);
    let above = under_applications(&board);
    let runs = call.actor.may(Action::RunPanel, board.subject()) && board.progress.ranking.is_none();
    let terms = panel.terms.plain();
    let how = board.file.ranking.panel.map(|how| format!("The panel’s scores become one number by {}.", how.plain()));
    let due = panel.terms.due.map(|due| format!("Reviews are due {}.", due.say_in(round.zone)));
    let synthetic = panel.terms.synthetic.then(|| view! { " " <span class="al-synthetic">"synthetic"</span> });
    let citation = panel.terms.citation.clone();
    let lines = terms.into_iter().chain(how).chain(due).map(|line| view! { <li>{line}</li> }).collect_view();
    let eligible: Vec<_> = panel.applications.iter().filter(|application| application.eligible == Some(true)).collect();
    let needed: usize = eligible.iter().map(|application| panel.quorum(application)).sum();
    let live: usize = eligible.iter().map(|application| panel.live(application).count()).sum();
    let handed: usize =
        eligible.iter().map(|application| panel.live(application).filter(|review| review.stage == Stage::HandedIn).count()).sum();
    let complete = eligible.iter().filter(|application| panel.missing(application).is_empty()).count();
    let numbers = figures(vec![
        (eligible.len().to_string(), "eligible applications".to_owned()),
        (needed.to_string(), "reviews needed".to_owned()),
        (live.to_string(), "assigned".to_owned()),
        (handed.to_string(), "handed in".to_owned()),
        (complete.to_string(), "applications complete".to_owned()),
    ]);
    let members = members(&base, &panel, runs);
    let add = runs.then(|| add(&base, &panel, people, &attempt));
    let assign = runs.then(|| {
        view! {
            <div class="al-actions">
                <form method="post" action=format!("{base}/panel/balance")><button class="usa-button" type="submit">"Assign what is missing, evenly"</button></form>
                <form method="post" action=format!("{base}/panel/remind")><button class="usa-button usa-button--outline" type="submit">"Remind who is not done"</button></form>
            </div>
            <p class="al-source">"Evenly: the least on the desk first, nobody above the file’s limit, nobody in an own region or with a conflict. No chance is in it. One application at a time is assigned on its own page below."</p>
        }
    });
    let masked = is_masked(call, &board, &panel);
    let applications = applications(&panel, masked);
    // A tie names who applies.
    let conflicts = if masked { view! { <p>"Masked: the manager sees them."</p> }.into_any() } else { conflicts(&panel) };
    let told = told(query);
    let spread = match panel.sealed {
        Some(until) => view! { <p>{work::seal(until, round.zone)}</p> }.into_any(),
        None => view! { <p><a href=format!("{base}/panel/spread")>"How far the reviewers are apart, application by application"</a></p> }
            .into_any(),
    };
    page(call, head, move || {
        view! {
            {crumbs(above, "Panel".to_owned())}
            <ErrorSummary attempt/>
            <h1>{title}</h1>
            {told}
            {numbers}
            {spread}
            {assign}
            <h2 id="members">"Who is on it"</h2>
            {members}
            {add}
            <h2>"Applications and their reviewers"</h2>
            {applications}
            <h2>"Conflicts of interest"</h2>
            {conflicts}
            <h2>"What the program file says"</h2>
            <ul>{lines}</ul>
            <p class="al-source">{citation}{synthetic}</p>
        }
    })
}

fn members(base: &str, panel: &Panel, runs: bool) -> AnyView {
    let sitting: Vec<&Member> = panel.sitting().collect();
    if sitting.is_empty() {
        return view! { <p class="al-empty">"Nobody is on the panel yet."</p> }.into_any();
    }
    let rows = sitting
        .into_iter()
        .map(|member| {
            let own = || panel.reviews.iter().filter(|review| review.person.0 == member.person && !review.practice && review.stage.is_live());
            let handed = own().filter(|review| review.stage == Stage::HandedIn).count();
            let barred = panel.applications.iter().filter(|one| !panel.conflicts(member.person.into(), one).is_empty()).count();
            let declared = if member.declared_at.is_some() { "Yes" } else { "Not yet" };
            let chair = member.chair.then(|| view! { " " <span class="al-tag al-tag--info">"Chair"</span> });
            let act = |act: &'static str, words: &'static str| {
                view! {
                    <form method="post" action=format!("{base}/panel/members")>
                        <input type="hidden" name="person" value=member.person.to_string()/>
                        <button class="usa-button usa-button--unstyled" type="submit" name="act" value=act aria-label=format!("{words}: {}", member.name)>{words}</button>
                    </form>
                }
            };
            let appoint = (runs && panel.terms.chair == Chair::Appointed && !member.chair).then(|| act("chair", "Make chair"));
            let remove = runs.then(|| act("remove", "Take off"));
            view! {
                <tr>
                    <th scope="row">{member.name.clone()}{chair}</th>
                    <td data-label="Declared conflicts">{declared}</td>
                    <td class="num" data-label="Barred from">{barred}</td>
                    <td class="num" data-label="Assigned">{own().count()}</td>
                    <td class="num" data-label="Handed in">{handed}</td>
                    <td data-label="Change">{appoint}{remove}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Members of the panel" unseen=true>
            <thead><tr>
                <th scope="col">"Reviewer"</th><th scope="col">"Declared conflicts"</th><th scope="col" class="num">"Barred from"</th>
                <th scope="col" class="num">"Assigned"</th><th scope="col" class="num">"Handed in"</th><th scope="col">"Change"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </Table>
    }
    .into_any()
}

fn add(base: &str, panel: &Panel, people: Vec<(Uuid, String)>, attempt: &Attempt) -> AnyView {
    let others: Vec<(String, String)> = people
        .into_iter()
        .filter(|(person, _)| panel.sitting().all(|member| member.person != *person))
        .map(|(person, name)| (person.to_string(), name))
        .collect();
    if others.is_empty() {
        return view! { <p>"Every reviewer of the agency is on the panel. Under "<a href="/people">"People"</a>" more can be invited."</p> }.into_any();
    }
    let options = std::iter::once((String::new(), "Choose a reviewer".to_owned())).chain(others).collect();
    view! {
        <form method="post" action=format!("{base}/panel/members")>
            <Select name="person" label="Put a reviewer on the panel" attempt=attempt.clone() options/>
            <button class="usa-button usa-button--outline" type="submit" name="act" value="add">"Put on the panel"</button>
        </form>
    }
    .into_any()
}

fn applications(panel: &Panel, masked: bool) -> AnyView {
    let rows = panel
        .applications
        .iter()
        .filter(|application| application.eligible == Some(true))
        .map(|application| {
            let names = panel
                .live(application)
                .map(|review| view! { <li>{review.person_name.clone()}" "{stage_tag(review.stage)}</li> })
                .collect_view();
            let missing = panel
                .missing(application)
                .iter()
                .filter(|missing| missing.who.is_none())
                .map(|missing| missing.what.clone())
                .collect::<Vec<_>>();
            let quorum = panel.quorum(application);
            let lowered = (quorum < panel.terms.reviewers as usize).then(|| format!("{} because of conflicts", quorum));
            view! {
                <tr>
                    <th scope="row"><a href=format!("/review/panel/{}", application.id)>{application.number.clone()}</a></th>
                    <td data-label="Applicant" class="al-plain">{if masked { "Masked".to_owned() } else { application.applicant_name.clone() }}</td>
                    <td data-label="Needs">{lowered.unwrap_or_else(|| quorum.to_string())}</td>
                    <td data-label="Reviewers"><ul class="al-plain-list">{names}</ul></td>
                    <td data-label="Missing">{missing.join(" ")}</td>
                </tr>
            }
        })
        .collect::<Vec<_>>();
    if rows.is_empty() {
        return view! { <p class="al-empty">"No application is found eligible yet."</p> }.into_any();
    }
    view! {
        <Table caption="Applications and their reviewers" unseen=true on_phone=OnPhone::Cards>
            <thead><tr>
                <th scope="col">"Application"</th><th scope="col">"Applicant"</th><th scope="col">"Needs"</th>
                <th scope="col">"Reviewers"</th><th scope="col">"Missing"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </Table>
    }
    .into_any()
}

fn conflicts(panel: &Panel) -> AnyView {
    let rows: Vec<_> = panel
        .sitting()
        .flat_map(|member| {
            panel.applications.iter().filter_map(move |application| {
                let conflict = panel.conflicts(member.person.into(), application).into_iter().next()?;
                let said = conflict.say();
                Some(view! {
                    <tr>
                        <th scope="row">{member.name.clone()}</th>
                        <td data-label="Application"><a href=format!("/review/panel/{}", application.id)>{application.number.clone()}</a>" "{application.applicant_name.clone()}</td>
                        <td data-label="Why">{said}</td>
                    </tr>
                })
            })
        })
        .collect();
    if rows.is_empty() {
        return view! { <p>"None is declared, and none follows from memberships."</p> }.into_any();
    }
    view! {
        <Table caption="Conflicts of interest" unseen=true>
            <thead><tr><th scope="col">"Reviewer"</th><th scope="col">"Application"</th><th scope="col">"Why"</th></tr></thead>
            <tbody>{rows}</tbody>
        </Table>
    }
    .into_any()
}
