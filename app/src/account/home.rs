//! “My work”: for each organization one acts for, what waits there, and where to go.

use crate::call::Call;
use crate::error::AppError;
use crate::ui::layout::{Head, page};
use axum::response::Response;
use domain::OrganizationId;
use domain::access::{Membership, Role};
use leptos::prelude::*;
use store::memberships::{self, Waiting};

/// One organization with one's roles in it and what waits.
struct Desk {
    name: String,
    roles: Vec<Role>,
    waiting: Waiting,
}

/// `/home`.
pub async fn get_page(call: Call) -> Result<Response, AppError> {
    let person = call.person()?;
    let mut desks: Vec<Desk> = Vec::new();
    let mut seen: Vec<OrganizationId> = Vec::new();
    let mut reader = call.reader().await?;
    for Membership { organization, organization_name, .. } in &call.actor.memberships {
        if seen.contains(organization) {
            continue;
        }
        seen.push(*organization);
        let roles = call.actor.memberships.iter().filter(|held| held.organization == *organization).map(|held| held.role).collect();
        let waiting = memberships::waiting(&mut reader.tx(), *organization, person, call.now).await?;
        desks.push(Desk { name: organization_name.clone(), roles, waiting });
    }
    drop(reader);
    let name = call.actor.name.clone();
    Ok(page(&call, Head::new("My work"), move || {
        let none = desks.is_empty();
        let desks = desks.into_iter().map(show).collect_view();
        view! {
            <div class="al-narrow">
                <h1>"My work"</h1>
                <p class="al-lede">"Hello, " {name} "."</p>
                {none.then(no_role)}
                {desks}
            </div>
        }
    }))
}

fn no_role() -> impl IntoView {
    view! {
        <div class="al-empty">
            <h2>"You have no role yet"</h2>
            <p>"You are signed in, but nobody has given you a role, or your role has ended. Ask the program’s manager at the agency to invite
                this address. The invitation takes effect at once."</p>
            <p><a href="/">"See the programs"</a> " meanwhile; they are public."</p>
        </div>
    }
}

/// A line of work: how many, where, and what it is for one and for several.
type Line = (i64, &'static str, &'static str, &'static str);

fn lines(role: Role, waiting: &Waiting) -> Vec<Line> {
    let screen = (waiting.to_screen, "/review", "application waits to be screened", "applications wait to be screened");
    let appeals = (waiting.appeals_to_rule, "/decide", "appeal waits for a ruling", "appeals wait for a ruling");
    // A preparer who asked for a signature still has a draft.
    let to_sign = if role == Role::Certifier { waiting.to_sign } else { 0 };
    match role {
        Role::ProgramManager => {
            vec![
                screen,
                appeals,
                (waiting.reports_to_decide, "/report", "report waits for your decision", "reports wait for your decision"),
            ]
        }
        Role::Reviewer => {
            vec![
                (
                    waiting.undeclared,
                    "/review/desk",
                    "panel waits for you to say what ties you have",
                    "panels wait for you to say what ties you have",
                ),
                (waiting.reviews, "/review/desk", "review to hand in", "reviews to hand in"),
                screen,
                (waiting.to_score, "/review", "eligible application has no score yet", "eligible applications have no score yet"),
            ]
        }
        Role::Approver => {
            let amendments = (
                waiting.amendments_to_approve,
                "/manage",
                "amendment of a round’s rules waits for approval",
                "amendments of rounds’ rules wait for approval",
            );
            let offers = (waiting.offers_to_approve, "/decide", "offer waits for approval", "offers wait for approval");
            vec![
                (waiting.to_approve, "/decide", "proposed allocation waits for approval", "proposed allocations wait for approval"),
                amendments,
                offers,
                appeals,
            ]
        }
        Role::FiscalAgent => vec![
            (
                waiting.in_steps,
                "/decide",
                "allocation waits for its next step of approval",
                "allocations wait for their next step of approval",
            ),
            (waiting.draws_to_decide, "/fund", "draw waits for your decision", "draws wait for your decision"),
            (waiting.draws_to_pay, "/fund", "approved draw waits to be paid", "approved draws wait to be paid"),
        ],
        Role::Auditor => Vec::new(),
        Role::Preparer | Role::Certifier => vec![
            (waiting.open_rounds, "/apply", "round is open, and you have not started", "rounds are open, and you have not started"),
            (to_sign, "/apply", "application waits for your signature", "applications wait for your signature"),
            (waiting.drafts - to_sign, "/apply", "draft waits to be finished", "drafts wait to be finished"),
            (waiting.withdrawn, "/apply", "withdrawn application can be submitted again", "withdrawn applications can be submitted again"),
            (waiting.amended, "/apply", "round you apply in has amended rules", "rounds you apply in have amended rules"),
            (waiting.submitted, "/apply", "application is with the agency", "applications are with the agency"),
        ],
        Role::RegionalPreparer | Role::RegionalCertifier => vec![
            (waiting.questions, "/fund", "draw came back with a question", "draws came back with a question"),
            (waiting.reports_due, "/report", "report is due", "reports are due"),
            (waiting.awards, "/fund", "award to draw on", "awards to draw on"),
        ],
    }
}

fn doors_of(role: Role) -> &'static [(&'static str, &'static str)] {
    match role {
        Role::ProgramManager => &[
            ("/review", "Screen and rank"),
            ("/decide", "Awards"),
            ("/manage", "Set up programs and rounds"),
            ("/people", "People and roles"),
        ],
        Role::Reviewer => &[("/review", "Review applications")],
        Role::Approver => &[("/decide", "Approve awards"), ("/manage", "Programs, rounds and their rules")],
        Role::FiscalAgent => &[("/fund", "Draws and payments")],
        Role::Auditor => &[("/audit", "Records and ledger"), ("/review", "Applications"), ("/fund", "Awards and draws")],
        Role::Preparer | Role::Certifier => &[("/apply", "Applications")],
        Role::RegionalPreparer | Role::RegionalCertifier => &[("/fund", "Awards and draws"), ("/report", "Reports")],
    }
}

fn show(desk: Desk) -> impl IntoView {
    let mut work: Vec<Line> = Vec::new();
    let mut links: Vec<(&str, &str)> = Vec::new();
    for role in &desk.roles {
        for line in lines(*role, &desk.waiting) {
            if line.0 > 0 && !work.contains(&line) {
                work.push(line);
            }
        }
        for link in doors_of(*role) {
            if !links.iter().any(|(address, _)| address == &link.0) {
                links.push(*link);
            }
        }
    }
    let roles = desk.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ");
    let nothing = work.is_empty();
    let work = work
        .into_iter()
        .map(|(count, address, one, many)| {
            let words = if count == 1 { format!("1 {one}") } else { format!("{count} {many}") };
            view! { <li><a href=address>{words}</a></li> }
        })
        .collect_view();
    let links = links.into_iter().map(|(address, words)| view! { <li><a href=address>{words}</a></li> }).collect_view();
    view! {
        <section>
            <h2>{desk.name}</h2>
            <p>"Your role: " {roles} "."</p>
            {if nothing {
                view! { <p class="al-empty">"Nothing waits for you here. That is a good place to be."</p> }.into_any()
            } else {
                view! { <ul class="al-task-list">{work}</ul> }.into_any()
            }}
            <h3>"Go to"</h3>
            <ul>{links}</ul>
        </section>
    }
}
