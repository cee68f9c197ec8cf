//! Small parts of the public pages.

use domain::round::{Phase, Round};
use domain::{Timestamp, time::say_date};
use leptos::prelude::*;

/// The way back: address and words, the last one being this page.
pub fn crumbs(way: Vec<(String, String)>, here: impl Into<String>) -> impl IntoView {
    let items =
        way.into_iter().map(|(href, words)| view! { <li class="usa-breadcrumb__list-item"><a href=href>{words}</a></li> }).collect_view();
    view! {
        <nav class="usa-breadcrumb" aria-label="Breadcrumb">
            <ol class="usa-breadcrumb__list">
                {items}
                <li class="usa-breadcrumb__list-item" aria-current="page">{here.into()}</li>
            </ol>
        </nav>
    }
}

/// A row of a list of facts.
pub fn fact(term: &'static str, value: impl IntoView) -> impl IntoView {
    view! { <div><dt>{term}</dt><dd>{value}</dd></div> }
}

/// A round's phase as a tag; a published round says so.
pub fn phase_tag(round: &Round, now: Timestamp) -> impl IntoView + use<> {
    let (class, words) = match (round.phase(now), round.published(now)) {
        (_, Some(_)) => ("al-tag al-tag--info", "Results published"),
        (Phase::Open, None) => ("al-tag al-tag--good", "Open"),
        (Phase::Closed, None) => ("al-tag al-tag--plain", "Closed, under review"),
        (Phase::NotOpened, None) => ("al-tag al-tag--plain", "Not open yet"),
    };
    view! { <span class=class>{words}</span> }
}

/// A number with its noun: `1 seat`, `185 seats`.
#[must_use]
pub fn count(number: i64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The deadline and award day in one line, for lists.
#[must_use]
pub fn when(round: &Round, now: Timestamp) -> String {
    match round.phase(now) {
        Phase::NotOpened => format!("Opens {}", round.opens_at.say_in(round.zone)),
        Phase::Open => format!("Closes {}", round.deadline()),
        Phase::Closed => match (round.published(now), round.award_on) {
            (Some(at), _) => format!("Closed {}; results published {}", round.deadline(), say_date(at.date_in(round.zone))),
            (None, Some(day)) => format!("Closed {}; awards expected {}", round.deadline(), say_date(day)),
            (None, None) => format!("Closed {}", round.deadline()),
        },
    }
}
