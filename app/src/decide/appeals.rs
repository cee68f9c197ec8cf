//! `/decide/{round}/appeals` and `/appeals/{appeal}`: the appeals as staff see them, and the ruling by somebody without a hand in the decision.

use super::work::{self, RulingInput, appellant, right_field};
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields, id};
use crate::review::panel::work::{free_to_read, staff_board};
use crate::review::parts::{alert, crumbs, tag, under_awards};
use crate::review::work::Board;
use crate::ui::download::document;
use crate::ui::field::{ErrorSummary, Radios, TextArea, TextField};
use crate::ui::layout::{Head, go, page};
use crate::ui::table::Table;
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use domain::appeal::{Again, Status, may_rule};
use domain::approval::Hands;
use domain::facts::Input;
use domain::ruleset::{Anchor, RuleSet, Source};
use domain::{AppealId, RoundId};
use leptos::prelude::*;
use std::collections::BTreeMap;
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
    /// While it waits for a ruling: the rules, and the appellant's numbers by them.
    numbers: Option<(RuleSet, BTreeMap<String, Input>)>,
}

async fn load(call: &Call, appeal: AppealId) -> Result<One, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let appeal = appeals::find(&mut tx, appeal).await?.ok_or(AppError::NotFound)?;
    let board = staff_board(&mut tx, call, appeal.round).await?;
    free_to_read(&mut tx, call, &board, appeal.application).await?;
    let hands = super::work::hands(&mut tx, &board, call.person()?).await?;
    let waits = appeal.status == Status::Submitted && board.file.named.is_none();
    let numbers = if waits { appellant(&mut tx, &board, &appeal, call.now).await? } else { None };
    let numbers = numbers.map(|(ranking, candidate)| (ranking.rules, candidate.inputs));
    Ok(One { appeal, board, hands, numbers })
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
    document(&format!("appeal-{}", appeal.number), appeal.frozen)
}

/// The ranking with the numbers that the ruling put right: a document that replays as the frozen one does.
///
/// # Errors
/// [`AppError::NotFound`] for another agency's appeal, or one that put no number right.
pub async fn get_ranking(call: Call, Path(appeal): Path<String>) -> Result<Response, AppError> {
    let (number, again) = again(&call, &appeal).await?;
    Ok(document(&format!("ranking-{number}"), again.ranking.bytes().map_err(AppError::internal)?))
}

/// The same money laid out over that ranking.
///
/// # Errors
/// As [`get_ranking`].
pub async fn get_allocation(call: Call, Path(appeal): Path<String>) -> Result<Response, AppError> {
    let (number, again) = again(&call, &appeal).await?;
    Ok(document(&format!("allocation-{number}"), again.allocation.bytes().map_err(AppError::internal)?))
}

async fn again(call: &Call, appeal: &str) -> Result<(String, Again), AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let appeal = appeals::find(&mut tx, id(appeal)?).await?.ok_or(AppError::NotFound)?;
    let board = staff_board(&mut tx, call, appeal.round).await?;
    free_to_read(&mut tx, call, &board, appeal.application).await?;
    let again = work::documents(&mut tx, &board, &appeal, call.now).await?;
    Ok((appeal.number, again))
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
    let right =
        fields.0.iter().filter_map(|(name, typed)| Some((name.strip_prefix(&right_field(""))?.to_owned(), typed.clone()))).collect();
    let input = RulingInput { upheld, reason: fields.text("reason").to_owned(), right, seen: fields.hidden("version")? };
    let Err(error) = work::rule(&call, appeal, &input).await else { return Ok(go(format!("/appeals/{appeal}"))) };
    let status = error.status();
    let attempt = Attempt::of(fields, error)?;
    let mut response = show(&call, &load(&call, appeal).await?, attempt);
    *response.status_mut() = status;
    Ok(response)
}

fn show(call: &Call, one: &One, attempt: Attempt) -> Response {
    let One { appeal, board, hands, numbers } = one;
    let (round, zone) = (&board.of.round, board.of.round.zone);
    let title = format!("Appeal {}", appeal.number);
    let above =
        vec![(format!("/decide/{}", round.id), round.name.clone()), (format!("/decide/{}/appeals", round.id), "Appeals".to_owned())];
    let head = Head::new(title.clone()).after(&attempt);
    let ruled = appeal.ruling.clone().map(|ruling| {
        let who = appeal.ruled_by_name.clone().unwrap_or_default();
        let when = appeal.ruled_at.map(|at| at.say_in(zone)).unwrap_or_default();
        let again = appeal.put_right.is_some().then(|| documents(appeal));
        view! {
            <h2>"The ruling"</h2>
            <p>{ruling}</p>
            <p class="al-source">{format!("{who}, {when}")}</p>
            {effect(board, appeal)}
            {again}
        }
    });
    let form =
        (appeal.status == Status::Submitted && call.actor.may(Action::RuleAppeal, appeal.subject())).then(|| match may_rule(*hands) {
            Err(refusal) => alert("info", "Somebody else must rule", view! { {refusal.to_string()} }),
            Ok(()) => rule_form(appeal, numbers.as_ref(), &attempt),
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

/// What a ruling put right and what it brought; the same for the appellant.
pub(super) fn effect(board: &Board, appeal: &Appeal) -> impl IntoView + use<> {
    let corrections = appeal.put_right.iter().flat_map(|put_right| &put_right.corrections);
    let items: Vec<_> = corrections
        .map(|one| {
            let from = one.from.map_or_else(|| "nothing on record".to_owned(), |from| from.to_string());
            view! { <li>{format!("{}: {} instead of {from}", input_name(&board.file.ranking, &one.input), one.to)}</li> }
        })
        .collect();
    let list = (!items.is_empty()).then(|| view! { <p>"Put right:"</p> <ul>{items}</ul> });
    view! { {list} {appeal.effect.clone().map(|effect| view! { <p>{effect}</p> })} }
}

fn documents(appeal: &Appeal) -> impl IntoView + use<> {
    let base = format!("/appeals/{}", appeal.id);
    view! {
        <p>
            "Computed again with these numbers, for anybody to replay: "
            <a href=format!("{base}/ranking.json")>"the ranking"</a>" and "
            <a href=format!("{base}/allocation.json")>"the same money laid out over it"</a>"."
        </p>
    }
}

/// What an input is called: the fact, or the criterion that it is for.
fn input_name(rules: &RuleSet, key: &str) -> String {
    let criterion = || rules.criteria.iter().find(|criterion| criterion.input_key() == key).map(|criterion| criterion.name.clone());
    domain::facts::fact(key).map(|fact| fact.name.to_owned()).or_else(criterion).unwrap_or_else(|| key.to_owned())
}

/// The written levels of a rubric, for whoever gives a score; nothing for another number.
fn levels(rules: &RuleSet, key: &str) -> String {
    let rubric = rules.criteria.iter().find_map(|criterion| match &criterion.source {
        Source::Rubric { anchors } if criterion.key == key => Some(anchors),
        _ => None,
    });
    let written = |anchors: &Vec<Anchor>| anchors.iter().map(|anchor| format!("{}: {}", anchor.points, anchor.text)).collect::<Vec<_>>();
    rubric.map_or_else(String::new, |anchors| format!(" The written levels: {}", written(anchors).join(" ")))
}

/// The numbers that the ranking drew on, each with a field for the right one.
fn right_fields((rules, own): &(RuleSet, BTreeMap<String, Input>), attempt: &Attempt) -> impl IntoView + use<> {
    let fields: Vec<_> = rules
        .inputs()
        .into_iter()
        .map(|key| {
            let stands = own
                .get(key)
                .map_or_else(|| "Nothing is on record.".to_owned(), |input| format!("Now {}: {}.", input.value.normalize(), input.source));
            let stands = format!("{stands}{}", levels(rules, key));
            view! { <TextField name=right_field(key) label=input_name(rules, key) hint=stands short=true attempt=attempt.clone()/> }
        })
        .collect();
    let open = attempt.problems.iter().any(|problem| problem.field.starts_with(&right_field("")));
    view! {
        <details open=open>
            <summary>"Numbers to put right"</summary>
            <p>
                "The ranking and the allocation are computed again with them, all else as it was, and the difference is proposed. Leave empty what stands. With no number put right the place stands, too: what was not granted is proposed, as for a fault of procedure."
            </p>
            {fields}
        </details>
    }
}

fn rule_form(appeal: &Appeal, numbers: Option<&(RuleSet, BTreeMap<String, Input>)>, attempt: &Attempt) -> AnyView {
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
            {numbers.map(|numbers| right_fields(numbers, attempt))}
            <TextArea name="reason" label="Reason" hint="The appellant reads it." rows=4 attempt=attempt.clone()/>
            <button class="usa-button" type="submit">"Rule"</button>
        </form>
    }
    .into_any()
}
