//! `/decide/{round}/appeals` and `/appeals/{appeal}`: the appeals as staff see them, and the ruling by somebody without a hand in the decision.

use super::work::{self, RulingInput};
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::review::panel::work::{free_to_read, staff_board};
use crate::review::parts::{alert, crumbs, tag, under_awards};
use crate::review::work::Board;
use crate::ui::field::{ErrorSummary, Radios, TextArea};
use crate::ui::layout::{Head, go, page};
use crate::ui::table::Table;
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use domain::appeal::{Status, may_rule};
use domain::approval::Hands;
use domain::{AppealId, RoundId};
use leptos::prelude::*;
use store::appeals::{self, Appeal};

/// An appeal's status as a tag.
pub(super) fn status_tag(status: Status) -> impl IntoView {
    let kind = match status {
        Status::Submitted => "warn",
        Status::Upheld => "good",
        Status::Dismissed | Status::Withdrawn => "plain",
    };
    tag(kind, status.name())
}

/// The ground's name out of the program file.
pub(super) fn ground_name(board: &Board, key: &str) -> String {
    let grounds = board.file.appeals.as_ref().map(|terms| terms.grounds.as_slice()).unwrap_or_default();
    grounds
        .iter()
        .find(|ground| ground.key == key)
        .map_or_else(|| key.to_owned(), |ground| format!("{} ({})", ground.name, ground.citation))
}

/// A round's appeals.
///
/// # Errors
/// [`AppError::NotFound`] for another agency's round; the store's failure.
pub async fn get_all(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    let round: RoundId = id(&round)?;
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let board = staff_board(&mut tx, &call, round).await?;
    let all = appeals::list_of(&mut tx, round).await?;
    drop(reader);
    let title = format!("Appeals, {}", board.of.round.name);
    let above = under_awards(&board);
    let lede = match &board.file.appeals {
        None => "This program’s rules know no appeal.".to_owned(),
        Some(terms) => {
            let reserve = terms.reserve.map(|reserve| format!(" {reserve} are set aside for appeals that are upheld.")).unwrap_or_default();
            format!("Whoever is not funded whole can appeal within {} days of being told. {}{reserve}", terms.days, terms.citation)
        }
    };
    let zone = board.of.round.zone;
    let none = all.is_empty().then(|| view! { <p class="al-empty">"No appeal has been submitted."</p> });
    let rows = all
        .iter()
        .map(|appeal| {
            view! {
                <tr>
                    <th scope="row"><a href=format!("/appeals/{}", appeal.id)>{appeal.number.clone()}</a>" "<span class="al-source">{appeal.applicant_name.clone()}</span></th>
                    <td data-label="Ground">{ground_name(&board, &appeal.ground)}</td>
                    <td data-label="Submitted">{appeal.submitted_at.say_in(zone)}</td>
                    <td data-label="Ruling">{status_tag(appeal.status)}</td>
                </tr>
            }
        })
        .collect_view();
    let table = (!all.is_empty()).then(|| {
        view! {
            <Table caption="The round’s appeals, the oldest first" unseen=true>
                <thead><tr><th scope="col">"Appeal"</th><th scope="col">"Ground"</th><th scope="col">"Submitted"</th><th scope="col">"Ruling"</th></tr></thead>
                <tbody>{rows}</tbody>
            </Table>
        }
    });
    Ok(page(&call, Head::new(title.clone()), move || {
        view! {
            {crumbs(above, "Appeals".to_owned())}
            <h1>{title}</h1>
            <p class="al-lede">{lede}</p>
            {none}
            {table}
        }
    }))
}

struct One {
    appeal: Appeal,
    board: Board,
    hands: Hands,
}

async fn load(call: &Call, appeal: AppealId) -> Result<One, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let appeal = appeals::find(&mut tx, appeal).await?.ok_or(AppError::NotFound)?;
    let board = staff_board(&mut tx, call, appeal.round).await?;
    free_to_read(&mut tx, call, &board, appeal.application).await?;
    let hands = super::work::hands(&mut tx, &board, call.person()?).await?;
    Ok(One { appeal, board, hands })
}

/// One appeal.
///
/// # Errors
/// [`AppError::NotFound`] for another agency's.
pub async fn get(call: Call, Path(appeal): Path<String>) -> Result<Response, AppError> {
    let one = load(&call, id(&appeal)?).await?;
    Ok(show(&call, &one, Attempt::default()))
}

/// The record as it stood when the appeal was made, byte for byte.
///
/// # Errors
/// [`AppError::NotFound`] for another agency's.
pub async fn get_record(call: Call, Path(appeal): Path<String>) -> Result<Response, AppError> {
    Ok(record(load(&call, id(&appeal)?).await?.appeal))
}

/// The record of an appeal as a file.
pub(super) fn record(appeal: Appeal) -> Response {
    use axum::response::IntoResponse;
    let name = format!("attachment; filename=\"appeal-{}.json\"", appeal.number);
    let headers = [(http::header::CONTENT_TYPE, "application/json".to_owned()), (http::header::CONTENT_DISPOSITION, name)];
    (headers, appeal.frozen).into_response()
}

/// Rules.
///
/// # Errors
/// As [`work::rule`].
pub async fn post_rule(call: Call, Path(appeal): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let appeal: AppealId = id(&appeal)?;
    let upheld = match fields.text("ruling") {
        "upheld" => Some(true),
        "dismissed" => Some(false),
        _ => None,
    };
    let input = RulingInput { upheld, reason: fields.text("reason").to_owned(), seen: fields.hidden("version")? };
    let Err(error) = work::rule(&call, appeal, &input).await else { return Ok(go(format!("/appeals/{appeal}"))) };
    let status = error.status();
    let attempt = Attempt::of(fields, error)?;
    let mut response = show(&call, &load(&call, appeal).await?, attempt);
    *response.status_mut() = status;
    Ok(response)
}

fn show(call: &Call, one: &One, attempt: Attempt) -> Response {
    let One { appeal, board, hands } = one;
    let (round, zone) = (&board.of.round, board.of.round.zone);
    let title = format!("Appeal {}", appeal.number);
    let above =
        vec![(format!("/decide/{}", round.id), round.name.clone()), (format!("/decide/{}/appeals", round.id), "Appeals".to_owned())];
    let head = Head::new(title.clone()).after(&attempt);
    let ruled = appeal.ruling.clone().map(|ruling| {
        let who = appeal.ruled_by_name.clone().unwrap_or_default();
        let when = appeal.ruled_at.map(|at| at.say_in(zone)).unwrap_or_default();
        view! { <h2>"The ruling"</h2> <p>{ruling}</p> <p class="al-source">{format!("{who}, {when}")}</p> }
    });
    let form =
        (appeal.status == Status::Submitted && call.actor.may(Action::RuleAppeal, appeal.subject())).then(|| match may_rule(*hands) {
            Err(refusal) => alert("info", "Somebody else must rule", view! { {refusal.to_string()} }),
            Ok(()) => rule_form(appeal, &attempt),
        });
    let ground = ground_name(board, &appeal.ground);
    let statement = appeal.statement.clone();
    let facts = view! {
        <dl class="al-facts">
            <div><dt>"Appellant"</dt><dd>{appeal.applicant_name.clone()}</dd></div>
            <div><dt>"Application"</dt><dd><a href=format!("/review/applications/{}", appeal.application)>{appeal.application_number.clone()}</a></dd></div>
            <div><dt>"Ground"</dt><dd>{ground}</dd></div>
            <div><dt>"Submitted"</dt><dd>{appeal.submitted_at.say_in(zone)}" by "{appeal.submitted_by_name.clone()}</dd></div>
            <div><dt>"The record as it stood"</dt><dd><a href=format!("/appeals/{}/record.json", appeal.id)>"record.json"</a>", SHA-256 "<code class="al-hash">{appeal.sha256.clone()}</code></dd></div>
        </dl>
    };
    let status = appeal.status;
    page(call, head, move || {
        view! {
            {crumbs(above, title.clone())}
            <ErrorSummary attempt/>
            <h1>{title.clone()}</h1>
            <p>{status_tag(status)}</p>
            {facts}
            <h2>"The statement"</h2>
            <p class="al-letter">{statement}</p>
            {ruled}
            {form}
        }
    })
}

fn rule_form(appeal: &Appeal, attempt: &Attempt) -> AnyView {
    let options = vec![
        (
            "upheld".to_owned(),
            "Upheld".to_owned(),
            "What the rules bring it is proposed from the money set aside, and approved like any award.".to_owned(),
        ),
        ("dismissed".to_owned(), "Dismissed".to_owned(), "The decision stands.".to_owned()),
    ];
    view! {
        <form method="post" action=format!("/appeals/{}/rule", appeal.id) class="al-card">
            <h2>"Rule on it"</h2>
            <input type="hidden" name="version" value=appeal.version.to_string()/>
            <Radios name="ruling" legend="The appeal is" options=options attempt=attempt.clone()/>
            <TextArea name="reason" label="Reason" hint="The appellant reads it." rows=4 attempt=attempt.clone()/>
            <button class="usa-button" type="submit">"Rule"</button>
        </form>
    }
    .into_any()
}
