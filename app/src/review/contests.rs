//! `/review/{round}/contests`: the figures that applicants contest, and the rulings. The ranking waits for them.

use super::panel::work::{free_to_read, staff_board, staff_pages};
use super::parts::{crumbs, under_applications};
use super::work::Board;
use crate::apply::contest;
use crate::apply::figures::{name_of, said, state_tag};
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::ui::field::{ErrorSummary, Radios, TextArea};
use crate::ui::layout::{Head, go, page};
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use domain::contest::State;
use domain::{ContestId, RoundId, Zone};
use leptos::prelude::*;
use store::contests::{self, Contest};

async fn load(call: &Call, round: RoundId) -> Result<(Board, Vec<Contest>), AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let board = staff_board(&mut tx, call, round).await?;
    let list = contests::list_of_round(&mut tx, round).await?;
    Ok((board, list))
}

/// The page.
///
/// # Errors
/// [`AppError::NotFound`] for another agency's round; the store's failure.
pub async fn get(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    let (board, list) = load(&call, id(&round)?).await?;
    Ok(show(&call, &board, list))
}

/// `/review/contests/{contest}`: one, with the form to rule on it.
///
/// # Errors
/// [`AppError::NotFound`] for another agency's; the store's failure.
pub async fn get_one(call: Call, Path(contest): Path<String>) -> Result<Response, AppError> {
    show_one(&call, id(&contest)?, Attempt::default()).await
}

/// Takes a ruling.
///
/// # Errors
/// As [`contest::rule`]; what a form can mend is shown on the page again.
pub async fn post(call: Call, Path(key): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let key: ContestId = id(&key)?;
    let upheld = match fields.text("upheld") {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    match contest::rule(&call, key, upheld, fields.text("reason"), fields.hidden("version")?).await {
        Ok(round) => Ok(go(format!("/review/{round}/contests"))),
        Err(error) => {
            let status = error.status();
            let attempt = Attempt::of(fields, error)?;
            let mut response = show_one(&call, key, attempt).await?;
            *response.status_mut() = status;
            Ok(response)
        }
    }
}

fn show(call: &Call, board: &Board, list: Vec<Contest>) -> Response {
    let round = &board.of.round;
    let frozen = board.progress.ranking.is_some();
    let rules = call.actor.may(Action::DecideEligibility, board.subject()) && !frozen;
    let (above, zone) = (under_applications(board), round.zone);
    let open = list.iter().filter(|contest| contest.state == State::Open).count();
    let lede = match (frozen, open) {
        (true, _) => "The ranking is frozen: what was ruled before counted in it.",
        (false, 0) => "Nothing waits for a ruling.",
        (false, _) => "The ranking can’t be frozen while one waits for its ruling. An upheld figure counts in this round only.",
    };
    page(call, Head::new(format!("Contested figures, {}", round.name)), move || {
        let empty = list.is_empty().then(|| view! { <p class="al-empty">"No applicant has contested a figure."</p> });
        let cards = list.iter().map(|contest| card(contest, zone, rules)).collect_view();
        view! {
            {crumbs(above, "Contested figures".to_owned())}
            <h1>"Contested figures"</h1>
            <p class="al-lede">{lede}</p>
            {empty}
            <div class="al-narrow">{cards}</div>
        }
    })
}

fn who(contest: &Contest) -> AnyView {
    match &contest.number {
        Some(number) => {
            view! { <a href=format!("/review/applications/{}", contest.application)>{format!("{number} {}", contest.applicant_name)}</a> }
                .into_any()
        }
        None => view! { {format!("{}, not handed in yet", contest.applicant_name)} }.into_any(),
    }
}

fn card(contest: &Contest, zone: Zone, rules: bool) -> impl IntoView + use<> {
    let name = name_of(contest);
    let rule = (rules && contest.state == State::Open).then(|| {
        let label = format!("Rule on it: {name}, {}", contest.applicant_name);
        view! { <p><a class="usa-button usa-button--outline" href=format!("/review/contests/{}", contest.id) aria-label=label>"Rule on it"</a></p> }
    });
    view! {
        <section class="al-card">
            <h2>{name}" "{state_tag(contest.state)}</h2>
            <p>{who(contest)}</p>
            {said(contest, zone)}
            {rule}
        </section>
    }
}

async fn show_one(call: &Call, key: ContestId, attempt: Attempt) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let contest = contests::find(&mut tx, key).await?.ok_or(AppError::NotFound)?;
    call.must(Action::ReadReviews, contest.subject())?;
    let board = Board::load(&mut tx, contest.round).await?;
    staff_pages(call, &board)?;
    free_to_read(&mut tx, call, &board, contest.application).await?;
    drop(reader);
    let rules = call.actor.may(Action::DecideEligibility, board.subject());
    let frozen = board.progress.ranking.is_some();
    let mut above = under_applications(&board);
    above.push((format!("/review/{}/contests", contest.round), "Contested figures".to_owned()));
    let zone = board.of.round.zone;
    let name = name_of(&contest);
    let head = Head::new(format!("{name}, {}", contest.applicant_name)).after(&attempt);
    Ok(page(call, head, move || {
        let form = match (contest.state, rules, frozen) {
            (State::Open, true, false) => form(&contest, attempt.clone()).into_any(),
            (State::Open, false, false) => view! { <p>"A program manager rules."</p> }.into_any(),
            (State::Open, _, true) => view! { <p>"The ranking is frozen, so its figures can no longer change."</p> }.into_any(),
            _ => ().into_any(),
        };
        view! {
            {crumbs(above, name.clone())}
            <div class="al-narrow">
                <ErrorSummary attempt/>
                <h1>{name}" "{state_tag(contest.state)}</h1>
                <p>{who(&contest)}</p>
                {said(&contest, zone)}
                {form}
            </div>
        }
    }))
}

fn form(contest: &Contest, attempt: Attempt) -> impl IntoView + use<> {
    let options = [("yes", "Upheld", "The claimed figure counts in this round."), ("no", "Dismissed", "The figure on record stays.")]
        .map(|(value, words, help)| (value.to_owned(), words.to_owned(), help.to_owned()));
    view! {
        <form method="post" action=format!("/review/contests/{}", contest.id) novalidate="">
            <input type="hidden" name="version" value=contest.version.to_string()/>
            <Radios name="upheld" legend="Your ruling" attempt=attempt.clone() options=options.to_vec()/>
            <TextArea name="reason" label="Reason" hint="The applicant will read it." rows=3 attempt/>
            <button class="usa-button" type="submit">"Rule"</button>
        </form>
    }
}
