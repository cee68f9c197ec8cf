//! Small parts of the review and award rooms: crumbs, figures, tags.

use super::work::Board;
use crate::call::Call;
use domain::award::Outcome;
use domain::ranking::RankingProblem;
use domain::round::Phase;
use leptos::prelude::*;

/// The way back: address and words of each page above, then this page's words.
pub fn crumbs(above: Vec<(String, String)>, here: String) -> impl IntoView + use<> {
    let items = above
        .into_iter()
        .map(|(address, words)| view! { <li class="usa-breadcrumb__list-item"><a class="usa-breadcrumb__link" href=address>{words}</a></li> })
        .collect_view();
    view! {
        <nav class="usa-breadcrumb" aria-label="Breadcrumbs">
            <ol class="usa-breadcrumb__list">
                {items}
                <li class="usa-breadcrumb__list-item" aria-current="page">{here}</li>
            </ol>
        </nav>
    }
}

/// The way to what stands under a round's list of applications.
#[must_use]
pub fn under_applications(board: &Board) -> Vec<(String, String)> {
    let round = &board.of.round;
    vec![("/review".to_owned(), "Review".to_owned()), (format!("/review/{}", round.id), format!("Applications, {}", round.name))]
}

/// The way to what stands under a round's awards.
#[must_use]
pub fn under_awards(board: &Board) -> Vec<(String, String)> {
    let round = &board.of.round;
    vec![("/decide".to_owned(), "Awards".to_owned()), (format!("/decide/{}", round.id), round.name.clone())]
}

/// What a ranking waits for: the criterion's name, where it is one criterion's, and what is missing or wrong.
pub fn lacking(problem: &RankingProblem) -> (String, String) {
    match problem {
        RankingProblem::Missing { criterion, input, .. } if domain::facts::fact(input).is_some() => {
            (criterion.clone(), "No figure on record".to_owned())
        }
        RankingProblem::Missing { criterion, .. } => (criterion.clone(), "Not scored".to_owned()),
        RankingProblem::Contested { criterion, .. } => {
            (criterion.clone(), "No figure; the applicant may bring one with evidence".to_owned())
        }
        RankingProblem::Gate { gate, .. } => (gate.clone(), "This condition is not met: find the application ineligible".to_owned()),
        other => (String::new(), other.to_string()),
    }
}

/// A row of figures: the number as text, and what it counts.
pub fn figures(items: Vec<(String, String)>) -> impl IntoView + use<> {
    let items =
        items.into_iter().map(|(number, words)| view! { <li class="al-figure"><strong>{number}</strong>" "{words}</li> }).collect_view();
    view! { <ul class="al-figures">{items}</ul> }
}

/// A message on the page: `info`, `success`, `warning`, `error`.
pub fn alert(kind: &'static str, heading: &str, body: impl IntoView + 'static) -> AnyView {
    let heading = heading.to_owned();
    view! {
        <div class=format!("usa-alert usa-alert--{kind}")>
            <div class="usa-alert__body">
                <h2 class="usa-alert__heading">{heading}</h2>
                <div class="usa-alert__text">{body}</div>
            </div>
        </div>
    }
    .into_any()
}

/// A tag of a kind (`good`, `warn`, `bad`, `info`, `plain`).
pub fn tag(kind: &'static str, words: &'static str) -> impl IntoView {
    view! { <span class=format!("al-tag al-tag--{kind}")>{words}</span> }
}

/// The state of a decision on eligibility in words.
#[must_use]
pub const fn eligibility_words(eligible: Option<bool>) -> &'static str {
    match eligible {
        Some(true) => "Eligible",
        Some(false) => "Not eligible",
        None => "To decide",
    }
}

/// The state of a decision on eligibility as a tag.
pub fn eligibility_tag(eligible: Option<bool>) -> impl IntoView {
    let kind = match eligible {
        Some(true) => "good",
        Some(false) => "bad",
        None => "warn",
    };
    tag(kind, eligibility_words(eligible))
}

/// What became of a claim as a tag.
pub fn outcome_tag(outcome: Outcome) -> impl IntoView {
    let kind = match outcome {
        Outcome::Funded => "good",
        Outcome::PartlyFunded => "info",
        Outcome::Waitlisted => "warn",
        Outcome::NotFunded => "plain",
        Outcome::Ineligible => "bad",
    };
    tag(kind, outcome.name())
}

/// Where a round stands, in a word or two.
#[must_use]
pub fn stage(board: &Board, call: &Call) -> &'static str {
    let progress = &board.progress;
    match (board.of.round.published(call.now), progress.allocation, &progress.ranking) {
        (Some(_), ..) => "Results published",
        (None, Some(live), _) if live.approved => "Awards approved",
        (None, Some(_), _) => "Allocation proposed",
        (None, None, Some(_)) => "Ranking frozen",
        (None, None, None) if board.of.round.phase(call.now) == Phase::Closed => "Closed, being screened",
        (None, None, None) => board.of.round.phase(call.now).name(),
    }
}

/// A whole number with its word, in the singular or the plural.
#[must_use]
pub fn count(number: i64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {many}", domain::answers::with_commas(number)) }
}
